"""The same line again and again: headers and footers of a site, across a file or a corpus."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from zhfix.stripping.shadow import shadow

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST_LENGTH = 4
"""Shorter lines, such as a speaker's name or 完 (the end), repeat in works as well."""


def repeated(shadows: Iterable[str], times: int) -> frozenset[str]:
    """Return the shadows that occur at least so many times; none when `times` is 0.

    >>> sorted(repeated(["每日新闻网", "甲", "每日新闻网", "甲"], 2))
    ['每日新闻网']
    """
    if times <= 0:
        return frozenset()
    counts = Counter(line for line in shadows if len(line) >= LEAST_LENGTH)
    return frozenset(line for line, count in counts.items() if count >= times)


def common_lines(texts: Iterable[str], *, share: float = 0.3, least: int = 3) -> frozenset[str]:
    """Return the lines that many texts of a corpus have in common, as shadows.

    >>> common_lines(["每日新闻网\\n甲甲甲甲", "每日新聞網\\n乙乙乙乙"], least=2)
    frozenset({'每日新闻网'})

    A line counts once a text. `share` is the part of the texts that must have it, and `least`
    their number. Pass the result to `zhfix.stripping.stage(known=...)`.
    """
    counts: Counter[str] = Counter()
    total = 0
    for text in texts:
        total += 1
        counts.update(
            {line for raw in text.split("\n") if len(line := shadow(raw)) >= LEAST_LENGTH}
        )
    enough = max(least, share * total)
    return frozenset(line for line, count in counts.items() if count >= enough)
