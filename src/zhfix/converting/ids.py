"""Ideographic description sequences: ⿰木目 describes one character and is not text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["description_spans"]

#: How many parts each operator takes; the rest of U+2FF0 to U+2FFF take two.
_PARTS = {"⿲": 3, "⿳": 3, "\u2ffe": 1, "\u2fff": 1}
_OPERATOR = re.compile("[\u2ff0-\u2fff]")
#: OpenCC's limits: deeper or longer sequences are ordinary text.
_DEEPEST, _LONGEST = 16, 64


def description_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end, in code points, of each complete sequence, from left to right.

    >>> list(description_spans("查⿰木目字，⿱"))
    [(1, 4)]
    """
    position = 0
    while match := _OPERATOR.search(text, position):
        end = _end(text, match.start())
        if end:
            yield match.start(), end
        position = end or match.end()


def _end(text: str, start: int) -> int:
    """Return where the sequence that begins here ends; 0 when it is none."""
    # Parts still open at each depth, instead of a recursion.
    open_parts: list[int] = []
    for position in range(start, min(len(text), start + _LONGEST)):
        if len(open_parts) >= _DEEPEST:
            return 0
        char = text[position]
        if _OPERATOR.match(char):
            open_parts.append(_PARTS.get(char, 2))
            continue
        while open_parts:
            open_parts[-1] -= 1
            if open_parts[-1]:
                break
            open_parts.pop()
        if not open_parts:
            return position + 1
    return 0
