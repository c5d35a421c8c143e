"""Mandarin readings of characters, for glosses that name a character by its pinyin.

Table: `data/pinyin.tsv` (see its head for the source).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Readings(NamedTuple):
    """Both directions of the table; readings carry tone marks, `toneless` ones don't."""

    first: Mapping[str, str]
    """Character to its first reading."""
    all: Mapping[str, frozenset[str]]
    """Character to all its readings."""
    toneless: Mapping[str, frozenset[str]]
    """Character to all its readings without tone marks."""
    characters: Mapping[str, str]
    """Reading to its characters, those first read so in front."""


@cache
def load() -> Readings:
    """Load the table once.

    >>> load().first["學"], "háng" in load().all["行"]
    ('xué', True)
    """
    text = files("zhfix.data").joinpath("pinyin.tsv").read_text("utf-8")
    first: dict[str, str] = {}
    everything: dict[str, set[str]] = {}
    characters: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        reading, mainly, also = line.split("\t")
        characters[reading] = mainly + also
        first.update(dict.fromkeys(mainly, reading))
        for char in mainly + also:
            everything.setdefault(char, set()).add(reading)
    return Readings(
        first,
        {char: frozenset(names) for char, names in everything.items()},
        {char: frozenset(map(without_tone, names)) for char, names in everything.items()},
        characters,
    )


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
    known = load()
    if chars := known.characters.get(normal(reading)):
        return tuple(chars)
    return tuple(char for char, names in known.toneless.items() if normal(reading) in names)


def reads(char: str, reading: str) -> bool:
    """Whether a character can be read so, with or without tone marks.

    >>> reads("網", "wǎng"), reads("網", "wang"), reads("網", "luò")
    (True, True, False)
    """
    known = load()
    name = normal(reading)
    return name in known.all.get(char, ()) or name in known.toneless.get(char, ())


def normal(reading: str) -> str:
    """Write a reading with the letters of the table: GBK has an ɑ and an ɡ of its own."""
    return unicodedata.normalize("NFC", reading).replace("ɑ", "a").replace("ɡ", "g")
