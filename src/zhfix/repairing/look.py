"""One look at a text for all channels: which kinds of characters it has, and what is suspicious.

A few vector passes, cheap when the text is clean. The language model walks over it: three steps in
a row that are all improbable are asked a second question (`zhfix.repairing.questions`). The same
look-up tells the kinds of the characters, by which most channels see that they have nothing to do.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.memo import cache_last
from zhfix.repairing.kinds import Kind, tags
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.questions import WINDOW, Hits, answers

if TYPE_CHECKING:
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
OVERLAP = 2 * WINDOW


class Look(NamedTuple):
    """What one look at a text shows.

    `each` has the kinds of each character, `all` those of all of them together; `hits` are the
    places that may have been read wrongly.
    """

    each: NDArray[np.uint8]
    all: Kind
    hits: tuple[Hits, ...]

    def where(self, kind: Kind) -> NDArray[np.intp]:
        """Return the places of the characters of a kind.

        >>> look("文件锟斤拷").where(Kind.LOST).tolist()
        [2]
        """
        places: NDArray[np.intp] = ((self.each & np.uint8(kind)) != 0).nonzero()[0]
        return places


@cache_last
def look(text: str) -> Look:
    """Look at every character of a text once.

    >>> Kind.LOST in look("文件锟斤拷").all, Kind.LOST in look("文件").all
    (True, False)
    >>> len(look("打开鏂囦欢失败").hits), len(look("干净的文字").hits)
    (1, 0)
    """
    each = np.empty(len(text), np.uint8)
    hits: list[Hits] = []
    for start in range(0, len(text), BLOCK):
        low = max(start - OVERLAP, 0)
        block = text[low : start + BLOCK + OVERLAP]
        # Position i of `costs` is the step into character i, and the last one the step out.
        points = code_points(f"\n{block}\n")
        costs, kinds = LanguageModel.load().walk_tagged(points, _places())
        each[start : start + BLOCK] = kinds[start - low + 1 :][: min(BLOCK, len(text) - start)]
        chosen = _near_hot(costs)
        if len(chosen):
            found = answers(points[1:-1], costs, chosen)
            hits += (Hits(some + low, strong + low, pair) for some, strong, pair in found)
    return Look(each, Kind(int(np.bitwise_or.reduce(each, initial=0))), tuple(hits))


def _near_hot(costs: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the places around steps that are improbable together."""
    three = costs[:-2] + costs[1:-1]
    three += costs[2:]
    hot = (three >= HOT).nonzero()[0]
    if not len(hot):
        return hot
    size = len(costs) - 1
    marked = np.zeros(size + 2 * AROUND + 1, np.bool_)
    marked[(hot[:, None] + _AROUND).ravel()] = True  # a hot position is the middle of three
    return marked[AROUND : AROUND + size].nonzero()[0]


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
