"""Where to look for a wrong decode: the suspicious places of a text as stretches with context."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.memo import cache_last
from zhfix.repairing.look import look
from zhfix.repairing.model import code_points
from zhfix.repairing.questions import WIDE_PAIRS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.questions import Hits

__all__ = ["MANY_HITS", "Region", "strange_places", "stretches", "suspicious"]

#: So many suspicious characters make it worth a look whether whole lines are damaged.
MANY_HITS = 12
#: In so short a text there is no company to ask for.
CELL = 8
#: Suspicious places nearer than this are one region, and regions get this much context.
GAP = 24
CONTEXT = 40
#: Longer regions are cut, so that work stays linear: a short piece first, from which the rest
#: learns what the damage is.
FIRST = 512
LONGEST = 8192
_LINE_FEED = 0x0A


class Region(NamedTuple):
    """A stretch of text, in code points, and the suspicious positions in it.

    A `weak` one is worth a look only where the document was damaged elsewhere. `pairs` are the
    pairs of double-byte encodings (true, wrong) that can explain it; with `other`, any pair can
    that is not of two such encodings.
    """

    start: int
    end: int
    hits: NDArray[np.intp]
    weak: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    other: bool = True

    def may_be(self, true: str, wrong: str) -> bool:
        """Whether that pair can explain it.

        >>> suspicious("打开鏂囦欢失败")[0].may_be("utf-8", "gbk")
        True
        """
        if (true, wrong) in self.pairs:
            return True
        # A title of two characters has too few neighbours to tell.
        short = self.end - self.start <= CELL
        return self.other and (short or (true, wrong) not in WIDE_PAIRS)


def suspicious(text: str) -> list[Region]:
    """Return the stretches of text that may have been read wrongly.

    >>> suspicious("干净的文字"), [r[:2] for r in suspicious("打开鏂囦欢失败")]
    ([], [(0, 7)])
    """
    hits = look(text).hits
    return _regions(text, hits) if hits else []


@cache_last
def strange_places(text: str) -> NDArray[np.intp]:
    """Return the suspicious positions that are so by themselves, or in a line of few characters.

    >>> strange_places("打开鏂囦欢失败了吗？").tolist(), strange_places("干净的文字").tolist()
    ([2], [])

    In a line without any, all regions are weak ones.
    """
    places = [np.zeros(0, np.intp)]
    feeds: NDArray[np.intp] | None = None
    for found, strong, _ in look(text).hits:
        if feeds is None:
            feeds = np.concatenate(
                ([-1], (code_points(text) == _LINE_FEED).nonzero()[0], [len(text)])
            )
        line = feeds.searchsorted(found)
        short = feeds[line] - feeds[line - 1] <= CELL + 1
        places += (strong, found[short])
    return np.concatenate(places)


def _regions(text: str, hits: Sequence[Hits]) -> list[Region]:
    """Return the regions of strong positions, then those of what is left, each in order."""
    every = _sorted(text, [one.found for one in hits])
    strong = _sorted(text, [one.strong for one in hits])
    bounds = [(start, stop, False) for start, stop in stretches(text, strong)]
    left = np.ones(len(every), np.bool_)
    for start, stop in every.searchsorted([bound[:2] for bound in bounds]).reshape(-1, 2).tolist():
        left[start:stop] = False
    ends = [stop for _, stop, _ in bounds]
    for start, stop in stretches(text, every[left]):
        low, high = start, stop
        for other, until, _ in bounds[bisect_right(ends, start) : len(ends)]:
            if other >= high:
                break
            low, high = (until, high) if other <= low else (low, other)
        if low < high:
            bounds.append((low, high, stop - start > CELL))
    return _filled(every, bounds, hits)


def _filled(
    every: NDArray[np.intp], bounds: Sequence[tuple[int, int, bool]], hits: Sequence[Hits]
) -> list[Region]:
    """Make regions of stretches: their positions, and the pairs that can explain them."""
    edges = np.array([bound[:2] for bound in bounds], np.intp).reshape(-1, 2)
    named: list[list[tuple[str, str]]] = [[] for _ in bounds]
    other = [False] * len(bounds)
    for pair in dict.fromkeys(one.pair for one in hits):
        found = np.concatenate([one.found for one in hits if one.pair == pair])
        found.sort()
        within = found.searchsorted(edges)
        for number in (within[:, 0] < within[:, 1]).nonzero()[0].tolist():
            if pair:
                named[number].append(pair)
            else:
                other[number] = True
    # A long stretch is cut, and a piece of it may have no position.
    return [
        Region(start, stop, every[first:last] - start, weak, tuple(named[number]), other[number])
        for number, ((start, stop, weak), (first, last)) in enumerate(
            zip(bounds, every.searchsorted(edges).tolist(), strict=True)
        )
        if first < last
    ]


def _sorted(text: str, places: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Put places of a text in order, each once; marking them is faster than sorting."""
    marked = np.zeros(len(text), np.bool_)
    for some in places:
        marked[some] = True
    return marked.nonzero()[0]


def stretches(text: str, hits: NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """Join neighbouring positions, add context within the line, and cut what is long."""
    if not len(hits):
        return
    breaks = np.flatnonzero(np.diff(hits) > GAP)
    firsts = hits[np.concatenate(([0], breaks + 1))].tolist()
    lasts = hits[np.concatenate((breaks, [len(hits) - 1]))].tolist()
    done = 0
    for first, last in zip(firsts, lasts, strict=True):
        low, high = max(first - CONTEXT, done), min(last + CONTEXT + 1, len(text))
        low = max(low, text.rfind("\n", low, first) + 1)
        end = text.find("\n", last, high)
        done = high = end if end >= 0 else high
        size = FIRST
        while low < high:
            stop = min(low + size, high)
            yield low, stop
            low, size = stop, min(size * 2, LONGEST)
