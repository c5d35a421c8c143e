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
    triggers: tuple[tuple[int, tuple[NDArray[np.uint16], ...]], ...]
    """The triggers by their first unit."""
    words: dict[int, tuple[bytes, ...]]
    """The same as bytes."""


@lru_cache(maxsize=64)
def _tables(triggers: tuple[str, ...]) -> _Tables:
    begins = np.zeros(0x10000, dtype=np.bool_)
    pairs = np.zeros(1 << _PAIR_BITS, dtype=np.bool_)
    by_first: dict[int, list[NDArray[np.uint16]]] = {}
    for trigger in triggers:
        # Blanks may be doubled in the text, so only what stands before one is compared.
        units = np.frombuffer(
            trigger.partition(" ")[0][: LONGEST // 2].encode("utf-16-le"), np.uint16
        )
        begins[units[0]] = True
        by_first.setdefault(int(units[0]), []).append(units)
        if len(units) > 1:
            pairs[_hash(units[:1], units[1:2])] = True
        else:
            every = np.arange(0x10000, dtype=np.uint16)
            pairs[_hash(np.full_like(every, units[0]), every)] = True
    return _Tables(
        begins[fold_table()],
        pairs,
        tuple((one, tuple(units)) for one, units in by_first.items()),
        {one: tuple(word.tobytes() for word in units) for one, units in by_first.items()},
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
    places = np.flatnonzero(tables.begins.take(units))
    if not len(places):
        return places
    fold = fold_table()
    first = fold.take(units.take(places))
    second = fold.take(units.take(places + 1, mode="clip"))
    likely = tables.pairs.take(_hash(first, second))
    places, first = places[likely], first[likely]
    if len(places) < FEW:
        stands = [_begins(fold.take(units[at : at + LONGEST]), tables) for at in places.tolist()]
        return places[np.array(stands, np.bool_)]
    found = [places[:0]]
    for one, words in tables.triggers:
        here = places[first == one]
        if len(here):
            found += (here[_stands(units, here, word, fold)] for word in words)
    return np.unique(np.concatenate(found))


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
    """Return the lines, counted from 0, on which these places are; lines end at `ends`.

    >>> line_numbers(np.array([1, 4]), np.array([2, 3]))
    [1]
    """
    numbers: list[int] = np.unique(np.searchsorted(ends, places)).tolist()
    return numbers
