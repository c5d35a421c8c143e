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
    alone: NDArray[np.bool_]
    """By folded unit: whether it is a trigger by itself."""
    firsts: NDArray[np.uint16]
    """The first units, in order; `starts` and `counts` tell of the triggers that begin so."""
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]
    units: NDArray[np.uint16]
    """The triggers in the order of their first units, a row for each, with their `lengths`."""
    lengths: NDArray[np.intp]
    numbers: NDArray[np.intp]
    """Which trigger each row is."""
    words: dict[int, tuple[bytes, ...]]
    """The triggers by their first unit."""


@lru_cache(maxsize=64)
def _tables(triggers: tuple[str, ...]) -> _Tables:
    begins = np.zeros(0x10000, dtype=np.bool_)
    pairs = np.zeros(1 << _PAIR_BITS, dtype=np.bool_)
    # Blanks may be doubled in the text, so only what stands before the second is compared.
    heads = ["".join(trigger.partition(" ")[:2])[: LONGEST // 2] for trigger in triggers]
    words = [np.frombuffer(head.encode("utf-16-le"), np.uint16) for head in heads]
    alone = np.zeros(0x10000, dtype=np.bool_)
    by_first: dict[int, tuple[bytes, ...]] = {}
    for word in words:
        begins[word[0]] = True
        by_first[int(word[0])] = (*by_first.get(int(word[0]), ()), word.tobytes())
        if len(word) > 1:
            pairs[_hash(word[:1], word[1:2])] = True
        else:
            alone[word[0]] = True
    numbers = np.array(sorted(range(len(words)), key=lambda n: int(words[n][0])), np.intp)
    units = np.zeros((len(words), LONGEST), np.uint16)
    for row, number in enumerate(numbers.tolist()):
        units[row, : len(words[number])] = words[number]
    firsts, starts, counts = np.unique(units[:, 0], return_index=True, return_counts=True)
    lengths = np.array([len(words[number]) for number in numbers.tolist()], np.intp)
    return _Tables(
        begins[fold_table()],
        pairs,
        alone,
        firsts,
        starts,
        counts,
        units,
        lengths,
        numbers,
        by_first,
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
    return np.unique(_compared(units, places, first, tables)[0])


def named_hits(
    units: NDArray[np.uint16], triggers: tuple[str, ...]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where triggers stand, and the number of the trigger for each place.

    >>> from zhfix.stripping.shadow import code_units
    >>> places, numbers = named_hits(code_units("他說：責任編輯"), ("责任编辑", "责任"))
    >>> sorted(zip(places.tolist(), numbers.tolist()))
    [(3, 0), (3, 1)]
    """
    tables = _tables(triggers)
    places, rows = _compared(units, *_likely(units, tables), tables)
    return places, tables.numbers[rows]


def _likely(
    units: NDArray[np.uint16], tables: _Tables
) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
    """Return the places where two units may begin a trigger, and the folded first units there."""
    places = np.flatnonzero(tables.begins.take(units))
    fold = fold_table()
    first = fold.take(units.take(places))
    second = fold.take(units.take(places + 1, mode="clip"))
    likely = tables.pairs.take(_hash(first, second)) | tables.alone.take(first)
    return places[likely], first[likely]


def _compared(
    units: NDArray[np.uint16],
    places: NDArray[np.intp],
    first: NDArray[np.uint16],
    tables: _Tables,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places where triggers stand whole, and which rows of the table they are."""
    fold = fold_table()
    group = np.searchsorted(tables.firsts, first)
    counts = tables.counts[group]
    places = np.repeat(places, counts)
    rows = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows += np.repeat(tables.starts[group], counts)
    ends = [(places[:0], rows[:0])]
    for offset in range(1, LONGEST + 1):
        ended = tables.lengths[rows] == offset
        ends.append((places[ended], rows[ended]))
        goes_on = ~ended & (places + offset < len(units))
        places, rows = places[goes_on], rows[goes_on]
        same = (
            fold.take(units.take(places + offset)) == tables.units[rows, min(offset, LONGEST - 1)]
        )
        places, rows = places[same], rows[same]
        if not len(places):
            break
    return np.concatenate([end[0] for end in ends]), np.concatenate([end[1] for end in ends])


def _begins(units: NDArray[np.uint16], tables: _Tables) -> bool:
    """Tell whether one of the triggers begins here."""
    return units.tobytes().startswith(tables.words[int(units[0])])


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
