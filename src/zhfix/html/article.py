"""The article of a page: the lines of its markup, scored as on a text dump, and by markup."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from zhfix.html.blocks import Block, Page, read
from zhfix.stripping import page as dump
from zhfix.stripping.lines import Lines, is_prose
from zhfix.stripping.rules import Rule, rule_set

MOSTLY_LINKED = 0.6
"""A line of which so much is links leads elsewhere."""
LINK_SCORE = -25
SITE_SCORE = -40
"""A line in a part that the page itself calls navigation, footer, comments or the like."""
PARAGRAPH_SCORE = 12
"""A paragraph without a full stop still is one, if it is no link."""
HEADING_SCORE = 0
"""Headings stand between paragraphs of the work as well as over lists of links."""


class Article(NamedTuple):
    """The headline of a page ("" if it has none), the article's lines, and the lines before it."""

    headline: str
    lines: tuple[str, ...]
    head: tuple[str, ...]


def article(html: str, *, preset: str = "news") -> Article:
    """Return the article of a page, a paragraph a line.

    >>> head = "<title>题目很长的</title><nav>首页</nav><h1>题目很长的</h1>"
    >>> found = article(head + "<p>" + "正文，有句号。" * 9)
    >>> found.headline, len(found.lines)
    ('题目很长的', 1)

    A page with too little text for an article gives all that is not the site's.
    """
    page = read(html)
    blocks = (Block(page.title, site=True), *page.blocks)
    lines = Lines("\n".join(block.text.replace("\n", " ") for block in blocks))
    rules = rule_set(preset)
    matched = [
        rules.matching(line) if (line := lines.shadow(index)) else None
        for index in range(len(lines))
    ]
    titles = _headlines(page, lines)
    bylines = [n for n, rule in enumerate(matched) if rule is not None and rule.id in dump.BYLINES]
    core = None
    # Some designers call the article's own container by a name of the site's parts.
    for seen in (blocks, tuple(replace(block, site=False) for block in blocks)):
        scores = [_score(block, lines.shadow(n), matched[n]) for n, block in enumerate(seen)]
        if core := dump.find_core(scores, titles, bylines):
            break
    if core is None:
        return _everything(blocks, matched)
    headline = core.headline
    if headline in bylines and headline not in titles:
        headline = dump.headline_over(lines, headline, matched)
    kept = [
        seen[index].text
        for index in range(core.start, core.end)
        if index != headline and _belongs(seen[index], lines.shadow(index), matched[index])
    ]
    head = tuple(block.text for block in blocks[1 : core.start])
    return Article(blocks[headline].text if headline >= 0 else "", tuple(kept), head)


def _everything(blocks: tuple[Block, ...], matched: list[Rule | None]) -> Article:
    """Return what no markup and no rule calls the site's, on a page without an article."""
    kept = (
        block.text
        for block, rule in zip(blocks, matched, strict=True)
        if rule is None and not block.site and block.linked < MOSTLY_LINKED
    )
    return Article("", tuple(kept), tuple(block.text for block in blocks[1:]))


def _headlines(page: Page, lines: Lines) -> list[int]:
    """Return the lines that repeat the title, or the first-level headings if none does."""
    if found := dump.headlines(lines):
        return found
    return [
        index
        for index, block in enumerate(page.blocks, 1)
        if block.heading == 1 and not block.site and block.linked < MOSTLY_LINKED
    ]


def _score(block: Block, line: str, rule: Rule | None) -> int:
    score = dump.line_score(line, rule)
    if block.linked >= MOSTLY_LINKED:
        return min(score, LINK_SCORE)
    if block.site:
        return min(score, SITE_SCORE)
    if rule is not None:
        return score
    if block.preformatted:
        return max(score, len(line) // 2)
    if block.heading:
        return max(score, HEADING_SCORE)
    return max(score, PARAGRAPH_SCORE) if block.paragraph else score


def _belongs(block: Block, line: str, rule: Rule | None) -> bool:
    """Tell whether a line between the ends of the work is of the work."""
    if block.preformatted:
        return True
    if rule is not None:
        return False
    return is_prose(line) or not (block.linked >= MOSTLY_LINKED or block.site)
