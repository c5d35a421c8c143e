"""Find the lines worth a look by vectors: clean text is never looked at line by line.

Each trigger is a first and a second character. Two tables give, for each code unit, the
buckets of triggers that it can begin and those it can continue; where both share a bucket, the
line is worth a look. A bucket may err, but only towards looking.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.strip.shadow import code_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUCKETS = 64


@lru_cache(maxsize=64)
def _tables(triggers: tuple[str, ...]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the buckets that a unit may begin, and may continue.

    Triggers with the same first character share a bucket, so a frequent character such as 发
    costs false alarms to its own triggers only.
    """
    begins = np.zeros(0x10000, dtype=np.uint64)
    continues = np.zeros(0x10000, dtype=np.uint64)
    firsts = {first: n for n, first in enumerate(dict.fromkeys(t[0] for t in triggers))}
    for trigger in triggers:
        bucket = np.uint64(1 << (firsts[trigger[0]] % _BUCKETS))
        begins[ord(trigger[0])] |= bucket
        if len(trigger) == 1:
            continues |= bucket
        else:
            continues[ord(trigger[1])] |= bucket
    return begins, continues


def hits(units: NDArray[np.uint16], triggers: tuple[str, ...]) -> NDArray[np.intp]:
    """Return the positions, in folded code units, where a trigger may begin.

    >>> hits(code_units("他說：責任編輯"), ("责任",)).tolist()
    [3]
    """
    if not triggers or not len(units):
        return np.zeros(0, dtype=np.intp)
    begins, continues = _tables(triggers)
    first = np.take(begins, units)
    places = np.flatnonzero(first)
    following = np.append(units, np.uint16(ord("\n")))[places + 1]
    return places[(first[places] & continues[following]) != 0]


__all__ = ["code_units", "hits"]
