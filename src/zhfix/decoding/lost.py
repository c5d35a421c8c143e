"""Whether a lost or added byte could explain a strange place: a bound, instead of the walk.

`damage.mend` walks over strange places at a price of milliseconds, and in clean text, which has
one in 170 characters, always in vain. What the best walk can gain there is bounded by a few
vectors for all places of a text: wherever it leaves the plain reading, it pays for a byte, and
then reads the second byte of each character with the first one of the next, until an ASCII byte
or the end of the walk brings it back. So the price of each character out of step is known, and
the best stretch of them is found as the best sum of a row.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding.candidates import cheapest
from zhfix.decoding.faults import REPLACEMENT, text_only
from zhfix.decoding.labels import codec
from zhfix.decoding.strange import WIDEST
from zhfix.decoding.walks import EDGE, GAIN, SKIP, STRAY, WHITE
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.decoding.strange import Laid

__all__ = ["AROUND", "BOUNDED", "may_be_lost"]

#: Encodings whose characters beyond ASCII are pairs of bytes, nearly all.
BOUNDED = ("gb18030", "big5")
#: Characters to either side of a suspect place that a walk covers as well.
AROUND = 6
#: What a walk must gain that is hurt at one place, beside what a skipped byte costs. At two, it
#: must gain 38: no stretch that gains less than this has characters at its ends that dear.
ENOUGH = SKIP + GAIN
#: What it must gain at least where a stray byte is passed over instead: that costs more, but a
#: character of 10.8 nats, the most in prose, may go with it.
STRAYED = 9.0
#: No stretch that is out of step for longer than this gains nothing in all that.
LONG = 40
#: What bytes cost that no character has, and those that have to be looked at closely.
NEVER = 1000.0
CLOSELY = -1000.0


class _Codes(NamedTuple):
    """An encoding of pairs as tables."""

    of: NDArray[np.uint16]
    """The bytes of each code point: ASCII, or both of a pair; 0 for all others."""
    symbols: NDArray[np.uint16]
    """The symbol of each code, of an ASCII byte or of a pair."""
    alone: NDArray[np.float32]
    """The least that a code costs that makes no pair with the one before that the model knows."""
    first: NDArray[np.uint8]
    """The first byte of each code point."""
    second: NDArray[np.uint16]
    """The second byte, as the first one of a code: 0 for ASCII, FF00 for what is no pair."""
    simply: NDArray[np.float32]
    """`alone`, but `CLOSELY` for codes that may lead back into step."""


def may_be_lost(
    text: Laid, places: list[tuple[int, NDArray[np.intp]]], encoding: str
) -> NDArray[np.intp]:
    """Return the characters around these places where a walk may find a byte lost.

    `places` are those of `strange.places`; `encoding` is one of `BOUNDED`.
    """
    near = _near(places, len(text.price))
    if not near.size:
        return near
    codes = _codes(encoding)
    if encoding != "big5":
        # In Big5 every third character leads back into step.
        likely = _likely(text, near, codes)
        if not likely.size:
            return likely
        near = near[max(0, likely[0] - LONG) : likely[-1] + LONG]
    return _closely(text, near, codes)


def _near(places: list[tuple[int, NDArray[np.intp]]], size: int) -> NDArray[np.intp]:
    """Return the characters that walks over these places touch, and some more."""
    starts = np.concatenate([found for _, found in places])
    if not starts.size:
        return starts
    marked = np.zeros(size + WIDEST + 4 * AROUND, bool)
    marked[starts[:, None] + np.arange(WIDEST + 2 * AROUND + 2)] = True
    near: NDArray[np.intp] = marked[AROUND + 1 : AROUND + 1 + size].nonzero()[0]
    return near


def _likely(text: Laid, near: NDArray[np.intp], codes: _Codes) -> NDArray[np.intp]:
    """Return which of these characters end what is likely out of step, or lead back into it."""
    off = codes.second.take(text.points.take(near + 1))
    off |= codes.first.take(text.points.take(near + 2))
    symbols = codes.symbols.take(off)
    least = codes.simply.take(off)
    leads_back = least == CLOSELY
    known = LanguageModel.load().pairs(symbols[:-1], symbols[1:])
    np.minimum(least[1:], known, out=least[1:], where=least[1:] < NEVER)
    np.copyto(least, NEVER, where=leads_back)
    gained = np.zeros(len(near) + 1)
    np.cumsum(text.price.take(near) - least, out=gained[1:])
    best = gained[1:] - np.minimum.accumulate(gained[:-1])
    return np.flatnonzero(leads_back | (best >= STRAYED))


def _closely(text: Laid, near: NDArray[np.intp], codes: _Codes) -> NDArray[np.intp]:
    """Return those of these characters at which a walk out of step may have gained enough."""
    model, size = LanguageModel.load(), len(near)
    at = near + np.arange(4)[:, None]
    points = text.points.take(at, mode="clip")
    known = model.symbols.take(points)
    cost, one, two = text.price.take(at[:3], mode="clip")
    here, after = codes.of.take(points[1:3])
    pair = here >= 0x8000
    # The second byte is in step by itself, or the first half of a character out of step.
    second = here & 0xFF
    ends = second < 0x81
    first_after = codes.first.take(points[2])
    # After a skipped byte, and after a stray one inside a character, which takes two more.
    off = np.where(ends, second, second << 8 | first_after)
    read = np.concatenate([off, (here & 0xFF00) | first_after])
    symbols, least = codes.symbols.take(read), codes.alone.take(read)
    # Where the reading is in step again: after the second byte, or after what it swallowed.
    back = np.where(ends, known[2], known[3])
    out = symbols[:size]
    steps = model.pairs(
        np.concatenate([out[:1], out[:-1], known[0], out, symbols[size:]]),
        np.concatenate([symbols, back, known[3]]),
    )
    np.minimum(least, steps[: 2 * size], out=least, where=least < NEVER)
    gain = cost - least[:size]
    strayed = cost - least[size:] - (STRAY - SKIP)
    gain += _carried(gain, pair & ~ends, strayed, pair & (after >= 0x8000))
    apart = cheapest(points[2:])
    again = np.minimum(steps[2 * size : 3 * size], np.where(ends, apart[0], apart[1]))
    returned = gain + one - again + np.where(ends, np.float32(0), two + np.float32(2 * EDGE))
    swallows = after < 0x80
    hopeful = (gain >= ENOUGH) & ~ends
    hopeful |= (returned >= ENOUGH) & (ends | swallows)
    again = np.minimum(steps[3 * size :], apart[1])
    hopeful |= swallows & (strayed + one + two - again + np.float32(2 * EDGE) >= ENOUGH)
    hopeful &= pair
    hopeful |= here == 0
    found: NDArray[np.intp] = near[hopeful]
    return found


def _carried(
    gain: NDArray[np.float32],
    on: NDArray[np.bool_],
    strayed: NDArray[np.float32],
    starts: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return the best that a stretch out of step has gained before it reads each character.

    It goes on after a character that is marked in `on`. It began with a skipped byte, which is
    0 here, or with a stray one in the character before, if that is marked in `starts`.
    """
    begun = np.zeros(len(gain), np.float32)
    np.maximum(strayed[:-1], 0, out=begun[1:], where=starts[:-1])
    gained = np.where(on, gain, np.float32(-NEVER))
    before = np.cumsum(gained, dtype=np.float64) - gained
    return (before - np.minimum.accumulate(before - begun)).astype(np.float32)


@cache
def _codes(encoding: str) -> _Codes:
    trails = bytes((*range(0x40, 0x7F), *range(0x80, 0xFF)))
    pairs = [bytes((lead, trail)) for lead in range(0x81, 0xFF) for trail in trails]
    alike = [*WHITE, *range(0x20, 0x7F)]
    read = text_only(codec(encoding).decode, b"\n".join(pairs)).split("\n")
    chars = np.zeros(0x10000, np.uint32)
    chars[alike] = alike
    for pair, char in zip(pairs, read, strict=True):
        # Faults have two where the second byte is ASCII; there are codes of two characters.
        if len(char) == 1 and char != REPLACEMENT:
            chars[int.from_bytes(pair, "big")] = ord(char)
    known = chars.nonzero()[0]
    alone = np.full(0x10000, NEVER, np.float32)
    alone[known] = cheapest(chars[known])
    of = np.zeros(0x110000, np.uint16)
    # Of two codes one is used: that among the common characters of Big5, or else the first one
    # that the standard writes.
    early, common = known < 0xA140, (known >= 0xA440) & (known <= 0xC67E)
    for codes in (known[early], known[~early][::-1], known[common]):
        of[chars[codes]] = codes
    if encoding == "gb18030":
        # The rest has four bytes, two of them digits, which go with nothing: like a tab.
        of[0x80:][of[0x80:] == 0] = ord("\t")
        # Faults; and what a byte by itself is as well, which damage may have made.
        of[[ord(REPLACEMENT), ord("€")]] = 0
    first = np.where(of < 0x80, of, of >> 8).astype(np.uint8)
    second = np.where(of < 0x80, np.uint16(0), of << 8)
    second[of == 0] = 0xFF00
    simply = alone.copy()
    simply[:0x100] = NEVER
    # A second byte that is ASCII, what is no pair, or a letter that goes with a second byte.
    simply[0x100:0x8100] = simply[0xFF00:] = CLOSELY
    swallowed = known[(known >= 0x8100) & (known & 0xFF < 0x81)]
    simply[swallowed] = CLOSELY
    return _Codes(of, LanguageModel.load().symbols[chars], alone, first, second, simply)
