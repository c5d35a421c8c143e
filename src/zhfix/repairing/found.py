"""Repairs of wrong decodes that were found, and which of them can stand side by side."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from zhfix.document import Proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhfix.repairing.alignment import Repair
    from zhfix.repairing.search import Pair

__all__ = ["BORROWED_MARGIN", "ESTABLISHED", "MARGIN", "Found", "apart"]

#: Rise in log-likelihood, in nats, that a repair must show: calibrated on 342,025 clean lines,
#: of which none then changes (largest gain of a wrong repair there: 14.8).
MARGIN = 16.0
#: The same where the document has already shown that it was damaged in this way.
BORROWED_MARGIN = 8.0
#: Total gain of a pair's sure repairs that makes it the document's history.
ESTABLISHED = 60.0


class Found(NamedTuple):
    """A repair in coordinates of the whole text, and the pair that it undoes.

    `sure` is how likely a guess is, among all that fits.
    """

    repair: Repair
    pair: Pair
    proof: Proof = Proof.PROVEN
    sure: float = 1.0


def apart(candidates: Sequence[Found]) -> list[Found]:
    """Keep of overlapping repairs the one that gains most.

    >>> from zhfix.repairing.alignment import Repair
    >>> from zhfix.repairing.search import Pair
    >>> pair = Pair("utf-8", "gbk")
    >>> two = [Found(Repair(0, 3, "文件", 20), pair), Found(Repair(2, 4, "夹", 9), pair)]
    >>> [one.repair.after for one in apart(two)]
    ['文件']
    """
    kept: list[tuple[int, int, Found]] = []
    for one in sorted(candidates, key=lambda one: -one.repair.gain):
        start, end = one.repair.start, one.repair.end
        after = bisect_right(kept, start, key=lambda item: item[0])
        clear_left = after == 0 or kept[after - 1][1] <= start
        clear_right = after == len(kept) or kept[after][0] >= end
        if clear_left and clear_right:
            kept.insert(after, (start, end, one))
    return [item[2] for item in kept]
