"""Other languages' letters: which follows which, to tell single-byte encodings apart.

Only pairs with a character beyond ASCII count: every encoding reads the rest alike.
`tools/build_letters.py` builds the table from Django's translations and the Unicode CLDR.
"""

from __future__ import annotations

import json
import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zhfix.decoding.faults import REPLACEMENT
from zhfix.decoding.labels import codec
from zhfix.errors import DataError
from zhfix.packaged import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ENCODINGS", "alphabets", "scores"]

_TABLE = "letters.bin"
#: Two U+FFFD of UTF-8 say nothing of the encoding that they stand in.
_REPLACED = REPLACEMENT.encode() * 2
_TAG = re.compile(rb"<[^<>]{0,400}>")
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
        ("iso-8859-15", _WESTERN + " et", -9.0),
        ("windows-1250", _CENTRAL, -5.0),
        ("iso-8859-2", _CENTRAL, -5.2),
        ("iso-8859-16", "pl hu hr sl sq", -9.0),
        ("cp852", _CENTRAL, -8.0),
        ("mac-latin2", _CENTRAL, -9.0),
        ("windows-1257", _BALTIC, -6.0),
        ("iso-8859-13", _BALTIC, -6.5),
        ("iso-8859-4", _BALTIC, -7.0),
        ("iso-8859-10", _BALTIC + " is", -10.0),
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
    name
    for name, (languages, _) in ENCODINGS.items()
    if set(languages) & {"fr", "pl", "lt", "tr", "vi"}
)
#: A text with under this share of letters beyond ASCII is Latin, …
FEW = 0.1
#: … and with over that, it is not; what either is worth, in nats a letter and at most.
MANY = 0.6
SHARE = 2.0
SHARE_AT_MOST = 40.0
#: A capital after a small letter inside a word: seldom true, common in wrong readings.
CAPITAL = 4.0
#: A digit beside a letter beyond ASCII: seldom in other languages, common in Chinese.
DIGIT = 2.0
#: … and at most, for tables of measures.
DIGITS_AT_MOST = 16.0
#: A C1 control is as good as a fault.
CONTROL = 14.0
FAULT = 14.0


class _Tables(NamedTuple):
    """Everything by byte: rows are (encoding, language) pairs, then encodings."""

    encodings: tuple[str, ...]
    owner: NDArray[np.intp]
    """The encoding of each row."""
    language: NDArray[np.intp]
    """The language of each row, as an index of `costs`."""
    symbols: NDArray[np.uint8]
    """The letter of each byte, by row; shape (rows, 256)."""
    costs: NDArray[np.float32]
    """-log P(second | first); shape (languages, letters, letters)."""
    case: NDArray[np.int8]
    """1 for small letters, -1 for capitals; shape (encodings, 256)."""
    price: NDArray[np.float32]
    """What a byte costs as a fault or control; shape (encodings, 256)."""
    letter: NDArray[np.bool_]
    """Whether a byte is a letter beyond ASCII; shape (encodings, 256)."""


@cache
def alphabets() -> frozenset[str]:
    """Return the letters, small ones and beyond ASCII, of the languages in the table.

    >>> "é" in alphabets(), "ж" in alphabets(), "ʲ" in alphabets()
    (True, True, False)
    """
    rows = _data()["languages"].values()
    return frozenset(char for row in rows for char in row["letters"] if char >= "\x80")


@cache
def _tables() -> _Tables:
    return _build(_data())


def _data() -> dict[str, Any]:
    try:
        packed = read(_TABLE, "zhfix.decoding")
        text = zlib.decompress(packed)
    except (OSError, zlib.error) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=_TABLE) from error
    data: dict[str, Any] = json.loads(text)
    return data


def _build(data: dict[str, Any]) -> _Tables:
    languages = list(data["languages"])
    size = 1 + max(len(row["letters"]) for row in data["languages"].values())
    costs = np.zeros((len(languages), size, size), np.float32)
    for number, row in enumerate(data["languages"].values()):
        own = len(row["letters"]) + 1
        steps = np.frombuffer(bytes.fromhex(row["steps"]), np.uint8).reshape(own, own)
        costs[number, :own, :own] = steps * np.float32(data["step"])
    owner, language, symbols, case, price, letter = [], [], [], [], [], []
    for place, (name, (spoken, _)) in enumerate(ENCODINGS.items()):
        chars = [codec(name).decode(bytes((byte,))).text[:1] for byte in range(256)]
        case.append([char.islower() - char.isupper() for char in chars])
        price.append([_price(char) for char in chars])
        letter.append([char >= "\x80" and char.isalpha() for char in chars])
        for tongue in spoken:
            owner.append(place)
            language.append(languages.index(tongue))
            symbols.append(_symbols(chars, data["languages"][tongue]["letters"]))
    return _Tables(
        tuple(ENCODINGS),
        np.array(owner),
        np.array(language),
        np.array(symbols, np.uint8),
        costs,
        np.array(case, np.int8),
        np.array(price, np.float32),
        np.array(letter),
    )


def _price(char: str) -> float:
    if char == REPLACEMENT:
        return FAULT
    return CONTROL if "\x80" <= char < "\xa0" else 0.0


def _symbols(chars: list[str], letters: str) -> list[int]:
    """Number the letter of each byte; 0 is any other character."""
    numbers = {char: number for number, char in enumerate(letters, 1)}
    # Latin letters do not touch the letters of another script; all else in ASCII is a space.
    plain = 0 if "a" not in letters else numbers[" "]
    return [
        numbers.get(char.lower(), plain if char.isalpha() else numbers[" "])
        if char < "\x80"
        else numbers.get(char.lower(), 0)
        for char in chars
    ]


def scores(data: bytes) -> dict[str, float]:
    """Return log P of what is not ASCII in a text, by encoding, in its likeliest language.

    >>> found = scores("Привет, мир".encode("cp1251"))
    >>> max(found, key=found.get)
    'windows-1251'

    The encodings' priors and the prices of faults are part of it.
    """
    tables = _tables()
    data = data.replace(_REPLACED, b" ")
    read = np.frombuffer(b" " + data + b" ", np.uint8)
    first, second = read[:-1], read[1:]
    high = (first >= 0x80) | (second >= 0x80)
    first, second = first[high], second[high]
    left, right = tables.symbols[:, first], tables.symbols[:, second]
    rows = tables.costs[tables.language[:, None], left, right].sum(axis=1, dtype=np.float64)
    cost = np.full(len(tables.encodings), np.inf)
    np.minimum.at(cost, tables.owner, rows)
    capital = (tables.case[:, first] > 0) & (tables.case[:, second] < 0)
    cost += CAPITAL * capital.sum(axis=1) + tables.price[:, second].sum(axis=1)
    digit = (read >= 0x30) & (read <= 0x39)
    beside = digit[:-1][high] | digit[1:][high]
    cost += min(DIGIT * np.count_nonzero(beside), DIGITS_AT_MOST)
    plain = np.frombuffer(_TAG.sub(b"", data), np.uint8)
    folded = plain | 0x20
    ascii_letters = np.count_nonzero((folded >= 0x61) & (folded <= 0x7A))
    beyond = tables.letter[:, plain[plain >= 0x80]].sum(axis=1)
    share = beyond / np.maximum(1, beyond + ascii_letters)
    return {
        name: ENCODINGS[name][1]
        - float(cost[at])
        - _unusual(name, float(share[at]), int(beyond[at]))
        for at, name in enumerate(tables.encodings)
    }


def _unusual(encoding: str, share: float, beyond: int) -> float:
    """Return what it costs that letters beyond ASCII are too many or too few."""
    unusual = share > MANY if encoding in LATIN else share < FEW
    return min(SHARE * beyond + 4.0, SHARE_AT_MOST) if unusual else 0.0
