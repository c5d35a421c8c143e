"""Places where a text makes no sense, found by passes over the whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding.candidates import costs
from zhfix.decoding.faults import REPLACEMENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["WIDEST", "Laid", "laid", "marks", "places", "strange"]

#: Windows of so many characters whose mean cost is over this are suspect: of clean text one
#: place in 170, where 7.8 for each would have one in 35, and mends no more.
STRANGE = {3: 9.5, 5: 8.5, 8: 7.9}
WIDEST = max(STRANGE)


class Laid(NamedTuple):
    """A text laid out: its code points between two borders, and -log P of each of them.

    `plain` marks the points that are ASCII; it is as long as `points`, `price` two shorter.
    """

    points: NDArray[np.uint32]
    price: NDArray[np.float32]
    plain: NDArray[np.bool_]


def laid(points: NDArray[np.uint32]) -> Laid:
    r"""Lay a text out, given with a character before and one after it.

    >>> laid(np.array([0x0A, ord("中"), ord("文"), 0x0A], np.uint32)).price.shape
    (2,)
    """
    return Laid(points, costs(points)[:-1], points < 0x80)


def places(text: Laid) -> list[tuple[int, NDArray[np.intp]]]:
    r"""Return where windows begin whose characters are dear together, by size of window.

    >>> points = np.array([ord(char) for char in "\n今天天气很好锟澶鏂\n"], np.uint32)
    >>> [(window, found.tolist()) for window, found in places(laid(points))]
    [(3, [6]), (5, [4]), (8, [])]
    """
    plain = text.plain
    # Words in ASCII are dear to the model; a single letter among Han is what damage leaves.
    words = plain[1:-1] & (plain[:-2] | plain[2:])
    one = np.where(words, np.float32(0), text.price)
    two = one[:-1] + one[1:]
    three = two[:-1] + one[2:]
    four = two[:-2] + two[2:]
    five = three[:-2] + two[3:]
    eight = four[:-4] + four[4:]
    sums = {3: three, 5: five, 8: eight}
    return [
        (window, (sums[window] > window * limit).nonzero()[0]) for window, limit in STRANGE.items()
    ]


def marks(found: list[tuple[int, NDArray[np.intp]]], size: int) -> NDArray[np.bool_]:
    """Mark the characters in these windows of a text of so many characters."""
    marked = np.zeros(size, bool)
    for window, starts in found:
        if starts.size:
            marked[starts[:, None] + np.arange(window)] = True
    return marked


def strange(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Mark the faults, and the characters in whose surroundings the text makes no sense.

    `points` has a character before and one after those that are marked.
    """
    marked = marks(places(laid(points)), len(points) - 2)
    marked |= points[1:-1] == ord(REPLACEMENT)
    return marked
