"""One look at a text for all channels: which kinds of characters it has, and what is suspicious.

A few vector passes, cheap when the text is clean. The language model walks over it: three steps in
a row that are all improbable are asked a second question (`zhfix.repairing.questions`). The same
look-up tells the kinds of the characters, by which most channels see that they have nothing to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.memo import cache_last
from zhfix.repairing.kinds import Kind, tags
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.questions import WINDOW, Hits, answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Look", "ascii_part", "look"]

#: Three steps that cost this together are worth a second question. Measured per text: 0.04 % of
#: positions in documentation, 2-3 % in news and wiki, 8 % in verse and headlines; 90 % and more
#: of strings of two damaged characters have one, and all longer ones.
HOT = 26.0
#: Characters around a hot place that the second question sees.
AROUND = 2
#: Where these are marked, counted from the first of the three steps.
_AROUND = np.arange(1, 2 * AROUND + 2)
#: Code points that are looked at at once, and what blocks share.
BLOCK = 1 << 19
#: Where so many of the places of so long a block are hot, it is damaged throughout: lines of it may
#: be recognised by less, and the second question, which is then dear, waits until it is asked.
MOSTLY, LATE = 0.25, 64
OVERLAP = 2 * WINDOW


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one look at a text shows.

    `each` has the kinds of each character, `all` those of all of them together; `hits` are the
    places that may have been read wrongly.
    """

    text: str
    each: NDArray[np.uint8]
    all: Kind
    _found: tuple[Hits, ...]
    _late: tuple[int, ...]  # where blocks begin that were not asked yet

    def where(self, kind: Kind) -> NDArray[np.intp]:
        """Return the places of the characters of a kind.

        >>> look("文件锟斤拷").where(Kind.LOST).tolist()
        [2]
        """
        places: NDArray[np.intp] = ((self.each & np.uint8(kind)) != 0).nonzero()[0]
        return places

    @property
    def mostly_hot(self) -> bool:
        """Whether so much of the beginning is improbable that it is damaged throughout."""
        return self._late[:1] == (0,)

    @property
    def is_late(self) -> bool:
        """Whether some of it is damaged throughout, and `hits` are still to be found there."""
        return bool(self._late)

    @property
    def is_suspicious(self) -> bool:
        """Whether there are any `hits`; that costs nothing."""
        return bool(self._found or self._late)

    @property
    def hits(self) -> tuple[Hits, ...]:
        """The places that may have been read wrongly, by kind and block."""
        return (*self._found, *_late_hits(self.text)) if self._late else self._found

    @property
    def late(self) -> Iterator[Hits]:
        """Those of blocks that were not asked yet."""
        for start in self._late:
            low, points = _block(self.text, start)
            costs = LanguageModel.load().walk(points)
            yield from _answered(low, points, costs, _hot(costs))


@cache_last
def look(text: str) -> Look:
    """Look at every character of a text once.

    >>> Kind.LOST in look("文件锟斤拷").all, Kind.LOST in look("文件").all
    (True, False)
    >>> len(look("打开鏂囦欢失败").hits), len(look("干净的文字").hits)
    (1, 0)
    """
    each = np.empty(len(text), np.uint8)
    found: list[Hits] = []
    late: list[int] = []
    for start in range(0, len(text), BLOCK):
        low, points = _block(text, start)
        costs, kinds = LanguageModel.load().walk_tagged(points, _places())
        each[start : start + BLOCK] = kinds[start - low + 1 :][: min(BLOCK, len(text) - start)]
        hot = _hot(costs)
        if len(hot) >= LATE and np.count_nonzero(hot) >= MOSTLY * len(hot):
            late.append(start)
        else:
            found += _answered(low, points, costs, hot)
    every = Kind(int(np.bitwise_or.reduce(each, initial=0)))
    return Look(text, each, every, tuple(found), tuple(late))


@cache_last
def _late_hits(text: str) -> tuple[Hits, ...]:
    return tuple(look(text).late)


def _block(text: str, start: int) -> tuple[int, NDArray[np.uint32]]:
    """Return where a block begins with what it shares, and its code points between two ends."""
    low = max(start - OVERLAP, 0)
    return low, code_points(f"\n{text[low : start + BLOCK + OVERLAP]}\n")


def _hot(costs: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark the first of three steps that are improbable together."""
    three = costs[:-2] + costs[1:-1]
    three += costs[2:]
    hot: NDArray[np.bool_] = three >= HOT
    return hot


def _answered(
    low: int, points: NDArray[np.uint32], costs: NDArray[np.float32], hot: NDArray[np.bool_]
) -> Iterator[Hits]:
    """Yield what is suspicious of a block that begins at `low`.

    Position i of `costs` is the step into character i, and the last one the step out.
    """
    size = len(costs) - 1
    marked = np.zeros(size + 2 * AROUND + 1, np.bool_)
    places = hot.nonzero()[0]
    if not len(places):
        return
    if len(places) >= MOSTLY * size:
        for shift in _AROUND:
            marked[shift : shift + len(hot)] |= hot
    else:
        marked[(places[:, None] + _AROUND).ravel()] = True  # a hot one is the middle of three
    chosen = marked[AROUND : AROUND + size].nonzero()[0]
    for found, strong, pair in answers(points[1:-1], costs, chosen):
        yield Hits(found + low, strong + low, pair)


@cache
def _places() -> NDArray[np.intp]:
    return LanguageModel.load().tagged(tags())


@cache_last
def ascii_part(text: str) -> bytes:
    """Return the ASCII characters of a text, in order: of Chinese a tenth, and searched at once.

    >>> ascii_part("中&#20013;国")
    b'&#20013;'

    What stands together in the text stands together here; the converse need not hold.
    """
    return text.encode("ascii", "ignore")
