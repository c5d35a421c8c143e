"""Mandarin readings of characters, for glosses that name a character by its pinyin.

Table: `data/pinyin.tsv` (see its head for the source).
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    text = files("zhfix.data").joinpath("pinyin.tsv").read_text("utf-8")
    first: dict[str, str] = {}
    characters: dict[str, str] = {}
    toneless: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        reading, mainly, also = line.split("\t")
        characters[reading] = mainly + also
        first.update(dict.fromkeys(mainly, reading))
        plain = without_tone(reading)
        toneless[plain] = toneless.get(plain, "") + mainly + also
    return Readings(first, characters, toneless)


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
