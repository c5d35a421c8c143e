"""Walks over damaged bytes: the cheapest way to read a stretch in which bytes may be hurt.

At each byte a character begins, or the byte is skipped as damage, or a stray byte inside a
character is passed over. The language model's cost of each character given the one before, and a
price for each damaged byte, decide; the cheapest walk is found by dynamic programming.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from zhfix.decoding.candidates import costs
from zhfix.decoding.faults import MARK
from zhfix.decoding.labels import codec
from zhfix.repairing.model import LanguageModel, code_points

__all__ = [
    "EDGE",
    "GAIN",
    "GAIN_AGAIN",
    "GAIN_EACH",
    "SHAPES",
    "SKIP",
    "STRAY",
    "WHITE",
    "Option",
    "Shape",
    "character",
    "cost",
    "walk",
]

#: What a skipped byte costs, in nats: about one and a half wrong characters.
SKIP = 11.0
#: A stray byte inside a character; an empty byte is the commonest kind.
STRAY = 16.0
STRAY_NUL = 8.0
#: Where a Chinese character meets a letter or sign of ASCII that may be half of another one; but
#: d is a word of Cantonese.
EDGE = 1.5
#: Control characters of clean text.
WHITE = b"\t\n\r\f\x1b"
#: By how many nats a walk must be better than a reading without faults, at all and each.
GAIN = 4.0
GAIN_EACH = 0.15
#: … and for each hurt place after the first: two so close together are rarer than a rare word.
GAIN_AGAIN = 12.0

_PAIRS = rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x00-\xff]"
_EUC = rb"\x8f[\xa1-\xfe]{2}|[\x8e\xa1-\xfe][\xa1-\xfe]|[\x00-\xff]"


class Shape(NamedTuple):
    """How long the characters of an encoding are."""

    token: re.Pattern[bytes]
    lengths: tuple[int, ...]


SHAPES = {
    "gb18030": Shape(
        re.compile(rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|" + _PAIRS), (1, 2, 4)
    ),
    "big5": Shape(re.compile(_PAIRS), (1, 2)),
    "euc-kr": Shape(re.compile(_PAIRS), (1, 2)),
    "shift_jis": Shape(
        re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\x00-\xff]"), (1, 2)
    ),
    "euc-jp": Shape(re.compile(_EUC), (1, 2, 3)),
    "euc-tw": Shape(
        re.compile(rb"\x8e[\xa1-\xb0][\xa1-\xfe]{2}|[\xa1-\xfe]{2}|[\x00-\xff]"), (1, 2, 4)
    ),
    "utf-8": Shape(
        re.compile(
            rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
            rb"|[\x00-\xff]"
        ),
        (1, 2, 3, 4),
    ),
    "utf-16le": Shape(
        re.compile(rb"[\x00-\xff][\xd8-\xdb][\x00-\xff][\xdc-\xdf]|[\x00-\xff]{1,2}"), (2, 4)
    ),
    "utf-16be": Shape(
        re.compile(rb"[\xd8-\xdb][\x00-\xff][\xdc-\xdf][\x00-\xff]|[\x00-\xff]{1,2}"), (2, 4)
    ),
}


class Option(NamedTuple):
    """A way to read the bytes from `start` to `end`, and what it costs beside the model."""

    start: int
    end: int
    text: str
    price: float


#: How many codes' characters are remembered.
_REMEMBERED = 1 << 16


@lru_cache(maxsize=_REMEMBERED)
def character(encoding: str, code: bytes) -> str:
    r"""Return the character of a code, or `MARK` where there is none.

    >>> character("gb18030", "中".encode("gbk")), character("gb18030", b"\xd6") == MARK
    ('中', True)
    """
    if not SHAPES[encoding].token.fullmatch(code):
        return MARK
    raw = codec(encoding).decode(code)
    return MARK if raw.faults else raw.text


def walk(data: bytes, stretch: tuple[int, int], before: str, encoding: str) -> list[Option]:
    """Return the cheapest way to read a stretch of bytes, or a little beyond its end.

    >>> [option.text for option in walk("中文".encode("gbk"), (0, 4), "，", "gb18030")]
    ['中', '文']

    `before` is the character before it.
    """
    low, high = stretch
    options = [Option(low, low, before, 0.0)]
    starting: list[range] = []
    ending: list[list[int]] = [[] for _ in range(high - low)]
    ending[0].append(0)
    for start in range(low, high):
        first = len(options)
        options += _options(data, start, encoding)
        starting.append(range(first, len(options)))
        for number in starting[-1]:
            if options[number].end < high:
                ending[options[number].end - low].append(number)
    # Whatever ends at a byte comes before whatever begins there.
    pairs = [(one, two) for at, ones in enumerate(ending) for one in ones for two in starting[at]]
    prices = _steps([(options[one], options[two]) for one, two in pairs])
    best = [math.inf] * len(options)
    best[0] = 0.0
    came = [-1] * len(options)
    for (one, two), price in zip(pairs, prices, strict=True):
        total = best[one] + price
        if total < best[two]:
            best[two] = total
            came[two] = one
    here = min(
        (number for number, option in enumerate(options) if option.end >= high),
        key=best.__getitem__,
    )
    walked = []
    while here > 0:
        walked.append(options[here])
        here = came[here]
    return walked[::-1]


def _options(data: bytes, start: int, encoding: str) -> list[Option]:
    """Return the characters that may begin here, and the damage that may be here."""
    found = []
    lengths = SHAPES[encoding].lengths
    for length in lengths:
        code = data[start : start + length]
        if len(code) == length and (text := character(encoding, code)) != MARK:
            found.append(Option(start, start + length, text, 0.0))
        # One byte more, of which one inside is stray.
        for gap in range(1, length):
            longer = data[start : start + length + 1]
            whole = longer[:gap] + longer[gap + 1 :]
            if len(whole) == length and (text := character(encoding, whole)) != MARK:
                price = STRAY_NUL if longer[gap] == 0 else STRAY
                found.append(Option(start, start + length + 1, text, price))
    pair = data[start : start + 2]
    if lengths != (2, 4) and len(pair) == 2 and 0 in pair and max(pair) >= 0x80:
        # An empty byte in the place of half a character.
        found.append(Option(start, start + 2, MARK, SKIP))
    byte = data[start]
    if byte >= 0x80 or (byte < 0x20 and byte not in WHITE) or 1 not in lengths:
        found.append(Option(start, start + 1, MARK, SKIP))
    return found


def _steps(pairs: list[tuple[Option, Option]]) -> list[float]:
    """Return what each option costs after another; after damage nothing is known."""
    if not pairs:
        return []
    model = LanguageModel.load()
    chars = "".join([one.text[-1] + two.text[0] for one, two in pairs])
    points = code_points(chars)
    known = costs(points)[::2]
    alone = -model.singles[model.symbols[points[1::2]]]
    half = (points >= 0x40) & (points < 0x7F) & (points | 0x20 != ord("d"))
    han = points >= 0x2E80
    edge = (half[::2] & han[1::2]) | (han[::2] & half[1::2])
    price = (np.where(points[::2] == ord(MARK), alone, known) + EDGE * edge).tolist()
    return [
        two.price if two.text == MARK else two.price + step
        for (_, two), step in zip(pairs, price, strict=True)
    ]


def cost(options: list[Option], before: str) -> float:
    """Return what a walk costs after this character."""
    chain = [Option(0, 0, before, 0.0), *options]
    return sum(_steps(list(pairwise(chain))))
