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
