"""Kinds of characters, by what they may be a sign of.

Most texts hold no sign of most kinds of damage, and the channels concerned have nothing to do.
"""

from __future__ import annotations

from enum import IntFlag
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INVISIBLE", "MARKS", "RARE_COST", "Kind", "tags"]

#: Nats: the last character of a mirror's noise alone costs 10 to 15,
#: one of prose 5 to 9, of Cantonese up to 10.
RARE_COST = 10.5
MARKS = "，。！？；：、"
_INVISIBLE = (
    *((0xAD, 0xAD), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x2060)),
    *((0x2066, 0x2069), (0xFEFF, 0xFEFF)),
)
INVISIBLE = "".join(f"{chr(first)}-{chr(last)}" for first, last in _INVISIBLE)
"""Zero-width and direction characters, as a class of a regular expression."""


#: Code points that are looked at at once: a long text needs no array of its code points.
_BLOCK = 1 << 15


class Kind(IntFlag):
    """What a character may be a sign of."""

    RARE = 1
    """Too dear to stand before a mark by chance."""
    MARK = 2
    """A mark of punctuation."""
    LOST = 4
    """U+FFFD, a box, or what fill bytes and U+FFFD become: 锟, 烫, 屯, 葺, 铪."""
    SURROGATE = 8
    """Half of a character."""
    MOVED = 16
    """A radical, a private-use or an invisible character, or a NUL."""
    FOREIGN = 32
    """NUL, Latin-1, and what is neither ASCII nor in a block that Chinese text uses: no °, ·, ×."""


#: Kinds of whole ranges of characters, both ends included.
_RANGES = (
    (Kind.SURROGATE, ((0xD800, 0xDFFF),)),
    (Kind.MOVED, ((0x00, 0x00), (0x2E80, 0x2FD5), (0xD800, 0xF8FF), *_INVISIBLE)),
    (
        Kind.FOREIGN,
        (
            *((0x00, 0x00), (0x80, 0xAF), (0xB1, 0xB6), (0xB8, 0xD6), (0xD8, 0x1FFF)),
            *((0x2C00, 0x2FFF), (0xA000, 0xFE2F)),
        ),
    ),
)


@cache
def tags() -> NDArray[np.uint8]:
    """The kinds of each code point as bits; what lies beyond is read at the end, and is rare.

    >>> Kind(int(tags()[ord("，")])) is Kind.MARK
    True
    """
    model = LanguageModel.load()
    table = np.zeros(0x10000, np.uint8)
    table[model.singles.take(model.symbols[:0x10000]) < -RARE_COST] = Kind.RARE
    for kind, signs in ((Kind.MARK, MARKS), (Kind.LOST, "\ufffd□锟烫屯葺铪")):
        for sign in signs:
            table[ord(sign)] |= np.uint8(kind)
    for kind, ranges in _RANGES:
        for first, last in ranges:
            table[first : last + 1] |= np.uint8(kind)
    table[0xFFFF] = Kind.RARE
    return table
