"""Readings of single bytes as GBK or Big5 that are left-overs of something else.

Any two high bytes are a character of GBK or Big5. Where UTF-8 was read as a Western page and lost
bytes, or where only a part of a run reads well, what remains must not be taken for Chinese.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import NONE, reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.repairing.found import Found
    from zhfix.repairing.search import Pair

__all__ = ["like_utf8", "without_fragments"]

#: Characters beside a double-byte reading of single bytes that may be left, and their share
#: of its length.
FRAGMENTS = 1
MOST_LEFT = 0.1
#: From here on lie the letters of East Asia.
_EAST = "\u2e80"
#: Bytes beyond ASCII that must be seen to tell UTF-8 from GBK and Big5, and the share of them that
#: may be none of Chinese UTF-8: more than a third of those of GBK and Big5 are none. Of UTF-8 one
#: in three leads a character, or more where the others are gone; of Big5 one in twelve might.
LEAST_BYTES = 6
MOST_OTHERS = 0.08
LEAST_LEADS = 0.25


def like_utf8(text: str, wrong: str) -> bool:
    """Whether the bytes behind a text are those of Chinese UTF-8, though some may be gone.

    >>> like_utf8("ä¸æ–‡ä»¶", "cp1252"), like_utf8("ÎÄ¼þÄ¿Â¼", "cp1252")
    (True, False)
    """
    return _Bytes.of(text, wrong).like_utf8(0, len(text))


class _Bytes(NamedTuple):
    """How many bytes beyond ASCII stand behind the characters of a text, up to each of them.

    And of those how many lead a character of Chinese UTF-8, and how many follow one.
    """

    high: NDArray[np.intp]
    leads: NDArray[np.intp]
    trails: NDArray[np.intp]

    @staticmethod
    def of(text: str, wrong: str) -> _Bytes:
        """Count them."""
        codes = reading(wrong).encode(text)
        codes[codes == NONE] = 0
        both = np.stack((codes >> 8, codes & 0xFF), axis=1)
        leads = (both >= 0xE2) & (both <= 0xEF)
        trails = (both >= 0x80) & (both <= 0xBF)
        return _Bytes(_sums(both > 0x7F), _sums(leads), _sums(trails))

    def like_utf8(self, start: int, end: int) -> bool:
        """Do as `like_utf8` does for a part of the text."""
        high, leads, trails = (int(sums[end] - sums[start]) for sums in self)
        enough = high >= LEAST_BYTES and leads >= LEAST_LEADS * high and trails > 0
        return enough and high - leads - trails <= MOST_OTHERS * high


def _sums(marked: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Count marked bytes up to each character."""
    return np.concatenate(([0], np.cumsum(marked.sum(axis=1))))


def without_fragments(region: str, offset: int, found: list[Found]) -> list[Found]:
    """Leave out double-byte readings of a part of what a code page of single bytes shows.

    A few that read well, amid more that do not, are what is left of UTF-8 that lost bytes.
    `region` begins at `offset` of the text that the repairs are counted in.
    """
    covered: dict[Pair, NDArray[np.bool_]] = {}
    wide = {one.pair.wrong for one in found if one.pair.true != "utf-8"}
    counted = {wrong: _Bytes.of(region, wrong) for wrong in wide if reading(wrong).wide}
    for one in found:
        mask = covered.setdefault(one.pair, np.zeros(len(region) + 1, np.bool_))
        mask[one.repair.start - offset : one.repair.end - offset] = True

    def is_fragment(one: Found) -> bool:
        start, end = one.repair.start - offset, one.repair.end - offset
        if one.pair.true == "utf-8":
            return False
        if one.pair.wrong in counted:
            return counted[one.pair.wrong].like_utf8(start, end)
        low, high = _stretch(region, start, end)
        left = high - low - int(np.count_nonzero(covered[one.pair][low:high]))
        return left > FRAGMENTS + MOST_LEFT * (end - start)

    return [one for one in found if not is_fragment(one)]


def _stretch(region: str, low: int, high: int) -> tuple[int, int]:
    """Widen bounds to all that a code page of single bytes shows around them."""
    while low and _is_western(region[low - 1]):
        low -= 1
    while high < len(region) and _is_western(region[high]):
        high += 1
    return low, high


def _is_western(character: str) -> bool:
    """Whether a code page of single bytes shows a byte beyond ASCII so."""
    return "\x80" <= character < _EAST
