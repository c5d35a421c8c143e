"""Other languages' letters: which follows which, to tell single-byte encodings apart.

Only pairs with a character beyond ASCII count: every encoding reads the rest alike.
`tools/build_letters.py` builds the table from Django's translations and the Unicode CLDR.
"""

from __future__ import annotations

import json
import re
import zlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.errors import DataError
from zhfix.repair.model import code_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ENCODINGS", "score"]

_TABLE = "letters.bin"
_TAG = re.compile(r"<[^<>]{0,400}>")
_BEYOND = re.compile(r"[^\x00-\x7f]")
_ASCII = re.compile(r"[A-Za-z]")
_WESTERN = "fr de es pt it nl da sv nb fi is ca ga"
_CENTRAL = "pl cs sk hu hr sl ro sq"
_BALTIC = "lt lv et"
_CYRILLIC = "ru uk bg sr mk be"

#: The languages that an encoding is for, and how rare it is, in nats.
ENCODINGS: dict[str, tuple[tuple[str, ...], float]] = {
    name: (tuple(languages.split()), prior)
    for name, languages, prior in (
        ("windows-1252", _WESTERN, -3.0),
        ("macintosh", _WESTERN, -9.0),
        ("windows-1250", _CENTRAL, -5.0),
        ("iso-8859-2", _CENTRAL, -5.2),
        ("windows-1257", _BALTIC, -6.0),
        ("iso-8859-13", _BALTIC, -6.5),
        ("iso-8859-4", _BALTIC, -7.0),
        ("windows-1254", "tr az", -5.0),
        ("iso-8859-3", "tr", -9.0),
        ("windows-1253", "el", -5.0),
        ("iso-8859-7", "el", -5.2),
        ("windows-1251", _CYRILLIC, -4.0),
        ("koi8-r", _CYRILLIC, -5.0),
        ("koi8-u", _CYRILLIC, -6.0),
        ("iso-8859-5", _CYRILLIC, -6.0),
        ("ibm866", _CYRILLIC, -6.0),
        ("cp855", _CYRILLIC, -8.0),
        ("x-mac-cyrillic", _CYRILLIC, -7.0),
        ("windows-1255", "he", -5.0),
        ("iso-8859-8", "he", -6.0),
        ("windows-1256", "ar fa", -5.0),
        ("iso-8859-6", "ar", -6.0),
        ("windows-874", "th", -5.0),
        ("windows-1258", "vi", -6.0),
    )
}
#: Encodings whose languages are written in Latin letters, most of them ASCII.
LATIN = frozenset(
    name for name, (languages, _) in ENCODINGS.items() if set(languages) & set("fr pl lt tr vi".split())
)
#: A text with under this share of letters beyond ASCII is Latin, …
FEW = 0.1
#: … and with over that, it is not; what either is worth, in nats a letter and at most.
MANY = 0.6
SHARE = 2.0
SHARE_AT_MOST = 40.0
#: A capital after a small letter inside a word: seldom true, common in wrong readings.
CAPITAL = 4.0
#: A C1 control is as good as a fault.
CONTROL = 14.0


class _Language(NamedTuple):
    symbol: NDArray[np.uint8]
    """The letter's number by code point below U+3000; 0 for every other character."""
    cost: NDArray[np.float32]
    """-log P(second | first), shape (letters + 1, letters + 1)."""


@cache
def _languages() -> dict[str, _Language]:
    try:
        packed = resources.files("zhfix.decode").joinpath(_TABLE).read_bytes()
        data = json.loads(zlib.decompress(packed))
        return {
            name: _unpack(row["letters"], row["steps"], data["step"])
            for name, row in data["languages"].items()
        }
    except (OSError, zlib.error, ValueError, KeyError) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=_TABLE) from error


def _unpack(letters: str, steps: str, step: float) -> _Language:
    size = len(letters) + 1
    symbol = np.zeros(0x3000, np.uint8)
    space = letters.index(" ") + 1
    symbol[:0x80] = space
    if "a" not in letters:
        # Latin letters do not touch the letters of another script.
        symbol[[*range(0x41, 0x5B), *range(0x61, 0x7B)]] = 0
    for number, char in enumerate(letters, 1):
        symbol[ord(char)] = number
    points = np.arange(0x3000)
    capital = [ord(chr(p).lower()) if len(chr(p).lower()) == 1 else p for p in points.tolist()]
    lowered = np.array(capital)
    symbol = symbol[np.where(lowered < 0x3000, lowered, points)]
    cost = np.frombuffer(bytes.fromhex(steps), np.uint8).reshape(size, size) * np.float32(step)
    return _Language(symbol, cost)


@cache
def _cases() -> NDArray[np.int8]:
    """1 for small letters, -1 for capitals, by code point below U+3000."""
    chars = map(chr, range(0x3000))
    return np.array([c.islower() - c.isupper() for c in chars], np.int8)


def score(text: str, encoding: str) -> float:
    """Return log P of what is not ASCII in a text, in the encoding's likeliest language.

    >>> score("Привет, мир", "windows-1251") > score("оПХБЕР, ЛХП", "windows-1251")
    True

    The encoding's own prior is part of it.
    """
    languages, prior = ENCODINGS[encoding]
    points = np.concatenate([[32], np.minimum(code_points(text), 0x2FFF), [32]])
    first, second = points[:-1], points[1:]
    high = (first >= 0x80) | (second >= 0x80)
    first, second = first[high], second[high]
    cases = _cases()
    extra = CAPITAL * np.count_nonzero((cases[first] > 0) & (cases[second] < 0))
    extra += CONTROL * np.count_nonzero((second >= 0x80) & (second < 0xA0))
    costs = []
    for name in languages:
        language = _languages()[name]
        costs.append(language.cost[language.symbol[first], language.symbol[second]].sum())
    return prior - float(min(costs)) - float(extra) - _unusual_share(text, encoding)


def _unusual_share(text: str, encoding: str) -> float:
    """Return what it costs that letters beyond ASCII are too many or too few."""
    plain = _TAG.sub("", text)
    beyond = sum(map(str.isalpha, _BEYOND.findall(plain)))
    share = beyond / max(1, beyond + len(_ASCII.findall(plain)))
    unusual = share > MANY if encoding in LATIN else share < FEW
    return min(SHARE * beyond + 4.0, SHARE_AT_MOST) if unusual else 0.0
