"""Damaged text as tokens: characters, the glosses behind them, and places where one was cut."""

from __future__ import annotations

import re
from typing import NamedTuple

from zhfix.patterns import lazy

LETTERS = "abcdefghijklmnopqrstuvwxyzāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿêɑɡ"
"""What readings are written with, as code page 936 has it."""

LONGEST_READING = 7
PINYIN = f"[{LETTERS}]{{1,{LONGEST_READING}}}"

#: Marks at which such sites cut the text, in the width in which they survived.
FULL_WIDTH_MARKS = "，。！？；：、"
SPLIT_MARKS = FULL_WIDTH_MARKS + ",!?;:"

LOST = "?\N{REPLACEMENT CHARACTER}"
#: More lost characters in a row than this are no cut but text that was thrown away.
MOST_LOST_IN_A_ROW = 2

TOKEN = lazy(
    rf"(?P<lost>[{LOST}])(?P<named>{PINYIN})\s{{0,2}}\)"
    rf"|(?P<char>.)(?:\(\s{{0,2}}(?P<gloss>{PINYIN})\s{{0,2}}\))?",
    re.DOTALL,
)


class Token(NamedTuple):
    """One damaged character, with the gloss that stands behind it or swallowed it."""

    start: int
    end: int
    char: str
    gloss: str
    swallowed: bool


def token_at(text: str, position: int) -> Token:
    """Read the token that begins at a position.

    >>> token_at("網(wǎng)", 0)
    Token(start=0, end=7, char='網', gloss='wǎng', swallowed=False)
    """
    char = text[position]
    if char not in LOST and text[position + 1 : position + 2] != "(":
        return Token(position, position + 1, char, "", swallowed=False)
    match = TOKEN.match(text, position)
    assert match is not None  # noqa: S101  (the last alternative matches any character)
    if match["lost"]:
        return Token(match.start(), match.end(), match["lost"], match["named"], swallowed=True)
    return Token(match.start(), match.end(), match["char"], match["gloss"] or "", swallowed=False)


def is_cut(token: Token, text: str) -> bool:
    """Whether a character was cut here: a gloss without its bracket, or `?` before a mark."""
    if token.swallowed:
        return True
    return (
        token.char in LOST
        and not token.gloss
        and token.end < len(text)
        and text[token.end] in SPLIT_MARKS
    )
