"""Readings of single bytes as GBK or Big5 that are left-overs of something else.

Any two high bytes are a character of GBK or Big5. Where UTF-8 was read as a Western page and lost
bytes, or where only a part of a run reads well, what remains must not be taken for Chinese.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zhfix.repairing.codecs import NONE, reading, to_bytes

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
    codes = reading(wrong).encode(text)
    data = np.frombuffer(to_bytes(codes[codes != NONE]), np.uint8)
    high = data[data > 0x7F]
    if len(high) < LEAST_BYTES:
        return False
    leads = (high >= 0xE2) & (high <= 0xEF)
    trails = (high >= 0x80) & (high <= 0xBF)
    others = len(high) - int(np.count_nonzero(leads | trails))
    enough = np.count_nonzero(leads) >= LEAST_LEADS * len(high)
    return bool(enough and trails.any()) and others <= MOST_OTHERS * len(high)


def without_fragments(region: str, offset: int, found: list[Found]) -> list[Found]:
    """Leave out double-byte readings of a part of what a code page of single bytes shows.

    A few that read well, amid more that do not, are what is left of UTF-8 that lost bytes.
    `region` begins at `offset` of the text that the repairs are counted in.
    """
    covered: dict[Pair, NDArray[np.bool_]] = {}
    for one in found:
        mask = covered.setdefault(one.pair, np.zeros(len(region) + 1, np.bool_))
        mask[one.repair.start - offset : one.repair.end - offset] = True
    return [one for one in found if not _is_fragment(region, offset, one, covered)]


def _is_fragment(
    region: str, offset: int, one: Found, covered: dict[Pair, NDArray[np.bool_]]
) -> bool:
    if one.pair.true == "utf-8":
        return False
    start, end = one.repair.start - offset, one.repair.end - offset
    if reading(one.pair.wrong).wide:
        return like_utf8(region[start:end], one.pair.wrong)
    low, high = _stretch(region, start, end)
    left = high - low - int(np.count_nonzero(covered[one.pair][low:high]))
    return left > FRAGMENTS + MOST_LEFT * (end - start)


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
