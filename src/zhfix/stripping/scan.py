"""Find the lines worth a look by vectors: clean text is never looked at line by line.

A table tells which code units begin a trigger; where one stands, it and the next unit are
looked up among the pairs that triggers begin with. Triggers of one character need no second.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Tables(NamedTuple):
    begins: NDArray[np.bool_]
    alone: NDArray[np.bool_]
    pairs: NDArray[np.uint32]


@lru_cache(maxsize=64)
def _tables(triggers: tuple[str, ...]) -> _Tables:
    begins = np.zeros(0x10000, dtype=np.bool_)
    alone = np.zeros(0x10000, dtype=np.bool_)
    pairs = {0}
    for trigger in triggers:
        begins[ord(trigger[0])] = True
        if len(trigger) == 1:
            alone[ord(trigger)] = True
        else:
            pairs.add(ord(trigger[0]) << 16 | ord(trigger[1]))
    return _Tables(begins, alone, np.array(sorted(pairs), dtype=np.uint32))


def hits(units: NDArray[np.uint16], triggers: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the positions, in folded code units, where a trigger's first two characters stand.

    >>> from zhfix.stripping.shadow import folded_units
    >>> hits(folded_units("他說：責任編輯"), ("责任",)).tolist()
    [3]
    """
    if not triggers or not len(units):
        return np.zeros(0, dtype=np.intp)
    tables = _tables(triggers)
    places = np.flatnonzero(np.take(tables.begins, units))
    first = units[places]
    second = units[np.minimum(places + 1, len(units) - 1)]
    keys = first.astype(np.uint32) << np.uint32(16) | second
    nearest = np.searchsorted(tables.pairs, keys).clip(max=len(tables.pairs) - 1)
    found: NDArray[np.intp] = places[(tables.pairs[nearest] == keys) | tables.alone[first]]
    return found


def line_numbers(units: NDArray[np.uint16], places: NDArray[np.intp]) -> list[int]:
    """Return the lines, counted from 0, on which these places are.

    >>> import numpy as np
    >>> from zhfix.stripping.shadow import folded_units
    >>> line_numbers(folded_units("甲\\n乙乙"), np.array([2, 3]))
    [1]
    """
    if not len(places):
        return []
    ends = np.flatnonzero(units == ord("\n"))
    numbers: list[int] = np.unique(np.searchsorted(ends, places)).tolist()
    return numbers
