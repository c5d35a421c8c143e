"""Mandarin readings of characters, for glosses that name a character by its pinyin.

Table: `data/pinyin.tsv` (see its head for the source).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from zhfix.packaged import read

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

_BMP = 0x10000


#: Readings that are remembered: with and without tones there are some 1,800.
REMEMBERED = 1 << 12


class Readings(NamedTuple):
    """The table in both directions; readings carry tone marks, `toneless` ones don't."""

    first: Mapping[str, str]
    """Character to its first reading."""
    characters: Mapping[str, str]
    """Reading to its characters, those first read so in front."""
    toneless: Mapping[str, str]
    """Reading without its tone mark to its characters."""


@cache
def load() -> Readings:
    """Load the table once.

    >>> load().first["學"], "行" in load().characters["háng"]
    ('xué', True)
    """
    text = read("pinyin.tsv").decode("utf-8")
    mainly_read: list[str] = []
    characters: dict[str, str] = {}
    toneless: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        reading, mainly, also = line.split("\t")
        characters[reading] = mainly + also
        mainly_read.append(mainly)
        plain = without_tone(reading)
        toneless[plain] = toneless.get(plain, "") + mainly + also
    return Readings(_First(tuple(characters), mainly_read), characters, toneless)


class _First(Mapping[str, str]):
    """First readings by character: a dictionary of 20,000 would take 2 MB."""

    def __init__(self, readings: tuple[str, ...], chars: list[str]) -> None:
        """Take the readings, and for each its characters, all of them in the basic plane."""
        self._readings = ("", *readings)
        numbers = np.zeros(_BMP, np.uint16)
        self._chars = "".join(chars)
        points = np.frombuffer(self._chars.encode("utf-16-le"), np.uint16)
        numbers[points] = np.arange(1, len(readings) + 1).repeat(list(map(len, chars)))
        self._numbers = memoryview(numbers.data)

    def get(self, char: str, default: T = None) -> str | T:  # type: ignore[assignment]
        point = ord(char) if len(char) == 1 else 0
        return self._readings[self._numbers[point]] or default if point < _BMP else default

    def __getitem__(self, char: str) -> str:
        reading = self.get(char)
        if reading is None:
            raise KeyError(char)
        return reading

    def __iter__(self) -> Iterator[str]:
        return iter(self._chars)

    def __len__(self) -> int:
        return len(self._chars)


@cache
def without_tone(reading: str) -> str:
    """Take the tone mark off: `lǜ` is typed `lv`, `lu` or `lü`; this keeps the `ü`.

    >>> without_tone("wǎng"), without_tone("lǜ")
    ('wang', 'lü')
    """
    letters = unicodedata.normalize("NFD", reading)
    kept = (c for c in letters if not unicodedata.combining(c) or c == "\N{COMBINING DIAERESIS}")
    return unicodedata.normalize("NFC", "".join(kept))


@cache
def characters_read(reading: str) -> tuple[str, ...]:
    """All characters with that reading; a reading without tone marks stands for all tones.

    >>> "規" in characters_read("guī"), "規" in characters_read("gui")
    (True, True)
    """
    known, name = load(), normal(reading)
    return tuple(dict.fromkeys(known.characters.get(name) or known.toneless.get(name, "")))


def reads(char: str, reading: str) -> bool:
    """Whether a character can be read so, with or without tone marks.

    >>> reads("網", "wǎng"), reads("網", "wang"), reads("網", "luò")
    (True, True, False)
    """
    known, name = load(), normal(reading)
    return char != "" and (
        char in known.characters.get(name, "") or char in known.toneless.get(name, "")
    )


@lru_cache(maxsize=REMEMBERED)
def normal(reading: str) -> str:
    """Write a reading with the letters of the table: GBK has an ɑ and an ɡ of its own."""
    return unicodedata.normalize("NFC", reading).replace("ɑ", "a").replace("ɡ", "g")
