"""Find the lines worth a look by vectors: clean text is never looked at line by line.

A table tells which code units begin a trigger; where one stands, it and the next unit are
looked up among the pairs that triggers begin with, and then the whole trigger is compared.
Units are folded only where they are compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.stripping.shadow import fold_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Bits of the table that screens pairs, and an odd multiplier that spreads them.
_PAIR_BITS = 16
_SPREAD = 0x9E37
#: Fewer places are compared one by one, which is faster then.
FEW = 64
#: Units of the longest trigger that is compared.
LONGEST = 32


class _Tables(NamedTuple):
    begins: NDArray[np.bool_]
    """By code unit as it stands in the text: whether its folded form begins a trigger."""
    pairs: NDArray[np.bool_]
    """By hash of two folded units: whether a trigger may begin with them."""
    triggers: tuple[tuple[int, tuple[tuple[int, NDArray[np.uint16]], ...]], ...]
    """The triggers by their first unit, each with its number."""
    firsts: NDArray[np.uint16]
    """Those first units."""
    words: dict[int, tuple[bytes, ...]]
    """The same as bytes."""


@lru_cache(maxsize=64)
def _tables(triggers: tuple[str, ...]) -> _Tables:
    begins = np.zeros(0x10000, dtype=np.bool_)
    pairs = np.zeros(1 << _PAIR_BITS, dtype=np.bool_)
    by_first: dict[int, list[tuple[int, NDArray[np.uint16]]]] = {}
    for number, trigger in enumerate(triggers):
        # Blanks may be doubled in the text, so only what stands before one is compared.
        units = np.frombuffer(
            trigger.partition(" ")[0][: LONGEST // 2].encode("utf-16-le"), np.uint16
        )
        begins[units[0]] = True
        by_first.setdefault(int(units[0]), []).append((number, units))
        if len(units) > 1:
            pairs[_hash(units[:1], units[1:2])] = True
        else:
            every = np.arange(0x10000, dtype=np.uint16)
            pairs[_hash(np.full_like(every, units[0]), every)] = True
    return _Tables(
        begins[fold_table()],
        pairs,
        tuple((one, tuple(units)) for one, units in by_first.items()),
        np.array(list(by_first), np.uint16),
        {one: tuple(word.tobytes() for _, word in units) for one, units in by_first.items()},
    )


def _hash(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Mix two units into one, wrapping around."""
    return first * np.uint16(_SPREAD) ^ second


def hits(units: NDArray[np.uint16], triggers: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the positions, in code units, where a trigger stands in the folded text.

    >>> from zhfix.stripping.shadow import code_units
    >>> hits(code_units("他說：責任編輯，責任"), ("责任编辑",)).tolist()
    [3]
    """
    tables = _tables(triggers)
    places, first = _likely(units, tables)
    if len(places) < FEW:
        fold = fold_table()
        stands = [_begins(fold.take(units[at : at + LONGEST]), tables) for at in places.tolist()]
        return places[np.array(stands, np.bool_)]
    return np.unique(np.concatenate([here for _, here in _compared(units, places, first, tables)]))


def named_hits(
    units: NDArray[np.uint16], triggers: tuple[str, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where triggers stand, and the number of the trigger for each place.

    >>> from zhfix.stripping.shadow import code_units
    >>> places, numbers = named_hits(code_units("他說：責任編輯"), ("责任编辑", "责任"))
    >>> places.tolist(), numbers.tolist()
    ([3, 3], [0, 1])
    """
    tables = _tables(triggers)
    found = list(_compared(units, *_likely(units, tables), tables))
    numbers = np.repeat([number for number, _ in found], [len(here) for _, here in found])
    return np.concatenate([here for _, here in found]), numbers


def _likely(
    units: NDArray[np.uint16], tables: _Tables
) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
    """Return the places where two units may begin a trigger, and the folded first units there."""
    places = np.flatnonzero(tables.begins.take(units))
    fold = fold_table()
    first = fold.take(units.take(places))
    second = fold.take(units.take(places + 1, mode="clip"))
    likely = tables.pairs.take(_hash(first, second))
    return places[likely], first[likely]


def _compared(
    units: NDArray[np.uint16],
    places: NDArray[np.intp],
    first: NDArray[np.uint16],
    tables: _Tables,
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yield the triggers, by their numbers, with the places where they stand whole."""
    fold = fold_table()
    yield 0, places[:0]
    order = np.argsort(first, kind="stable")
    places, first = places[order], first[order]
    starts = np.searchsorted(first, tables.firsts, "left").tolist()
    stops = np.searchsorted(first, tables.firsts, "right").tolist()
    for (_, words), start, stop in zip(tables.triggers, starts, stops, strict=True):
        here = places[start:stop]
        if start < stop:
            for number, word in words:
                yield number, here[_stands(units, here, word, fold)]


def _begins(units: NDArray[np.uint16], tables: _Tables) -> bool:
    """Tell whether one of the triggers begins here."""
    return units.tobytes().startswith(tables.words[int(units[0])])


def _stands(
    units: NDArray[np.uint16],
    places: NDArray[np.intp],
    word: NDArray[np.uint16],
    fold: NDArray[np.uint16],
) -> NDArray[np.bool_]:
    """Tell for each place whether the word stands there."""
    same = places + len(word) <= len(units)
    for offset, unit in enumerate(word.tolist()):
        same &= fold.take(units.take(places + offset, mode="clip")) == unit
    return same


def line_numbers(ends: NDArray[np.intp], places: NDArray[np.intp]) -> list[int]:
    """Return the lines, counted from 0, on which places lie that are in order; ends at `ends`.

    >>> line_numbers(np.array([1, 4]), np.array([2, 3]))
    [1]
    """
    numbers = np.searchsorted(ends, places)
    # Places are in order; `np.unique` would import much of numpy for a first short text.
    first = np.ones(len(numbers), np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=first[1:])
    found: list[int] = numbers[first].tolist()
    return found
