"""Where the work is on the dump of a whole web page: navigation, article, comments, footer.

Every line counts for or against the work: running text by its length for it, what rules match
and bare short lines against it. The stretch with the greatest sum is the work (maximum
subsequence segmentation, after Pasternack and Roth, WWW 2009), where a stretch that follows the
page's own headline or by-line is preferred: articles stand under their headlines.
Only a page with several independent signs of being one is treated so.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from zhfix.stripping.lines import ends_like_sentence, is_code, is_prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from zhfix.stripping.lines import Lines
    from zhfix.stripping.rules import Rule

MANY_SIGNS = 3
"""So many different kinds of boilerplate make a document a page dump ..."""
FEW_SIGNS = 2
"""... or so many, if the page's title comes again as its headline or most lines are bare."""
BARE_LINES = 12
"""A dump has at least so many short lines without a sentence: its links and buttons ..."""
BARE_SHARE = 0.35
"""... and they are at least this share of its lines."""
MANY_BARE_LINES = 25
MOST_BARE_SHARE = 0.5
"""Most lines are bare: so many, and this share of all."""

PROSE_CAP = 400
"""One endless line is not to outweigh the rest of the page."""
SENTENCE_SCORE = 2
"""A short line that ends like a sentence: a subheading or a line of dialogue, for the work."""
CLAUSE_SCORE = -2
LEAST_CLAUSE = 12
"""A short line with a comma: a step, a caption, but also many a headline of another article."""
BARE_SCORE = -10
"""A short line that doesn't: a link or a button, or a heading among prose."""
SURE_SCORE = -40
HINT_SCORE = -15
END_SCORES = {"": SURE_SCORE, "often": -300, "always": -1000}
"""Lines after which works rarely or never go on."""
HEADLINE_BONUS = 500
"""Worth some fifty links between the headline and its article."""
BYLINE_BONUS = 250
LEAST_WORK = 40
"""With less running text than this the work is not found, and the page is left alone."""

GAP_SCORE = -5
"""What a line between a headline and its article counts, whatever it is."""
RECORD_RULES = frozenset(
    f"boilerplate/{name}"
    for name in ("byline", "dateline", "tags", "tag-list", "editor", "original-title", "counts")
)
"""Fields that a list of records has as well as a page: together they are one sign."""
BYLINES = frozenset({"boilerplate/byline", "boilerplate/dateline"})
"""The rules whose lines articles stand under."""
LEAST_HEADLINE = 6
"""A shorter line over a by-line is a button or a channel."""

_TITLE_PARTS = re.compile(r"[_|–—-]|\s-\s")
#: The beginning of another article, cut off: lists of links show them.
_TEASER = re.compile(r"(?:\.\.\.|(?<!…)…)(?: ?\[?(?:详细|全文|更多|查看全文|阅读全文)\]?)?$")
_BLANKS = re.compile(r"\s+")


class Core(NamedTuple):
    """The lines of the work: `headline` (or -1), and from `start` to before `end`."""

    headline: int
    start: int
    end: int


def count_signs(rules: AbstractSet[str]) -> int:
    """Count the independent signs of a web page among the rules that matched.

    >>> count_signs({"boilerplate/byline", "boilerplate/tags", "boilerplate/share"})
    2
    """
    return len(rules - RECORD_RULES) + bool(rules & RECORD_RULES)


def is_dump(lines: Lines, signs: int, headlines: Sequence[int]) -> bool:
    """Tell whether a document is the visible text of a web page, from its independent signs."""
    if signs < FEW_SIGNS:
        return False
    bare = total = 0
    for index in range(len(lines)):
        if line := lines.shadow(index):
            total += 1
            bare += not is_prose(line) and not ends_like_sentence(line) and not is_code(line)
    if bare < BARE_LINES or bare < BARE_SHARE * total:
        return False
    mostly_bare = bare >= MANY_BARE_LINES and bare >= MOST_BARE_SHARE * total
    return signs >= (FEW_SIGNS if headlines or mostly_bare else MANY_SIGNS)


def headlines(lines: Lines) -> list[int]:
    """Return the lines that say the page's title again; the title is its first line.

    >>> from zhfix.stripping.lines import Lines
    >>> headlines(Lines("罢工再次影响交通-新华网\\n首页\\n罢工再次影响交通\\n正文"))
    [2]
    """
    first = next((i for i in range(len(lines)) if lines.shadow(i)), len(lines))
    if first == len(lines):
        return []
    title = _condensed(lines.shadow(first))
    parts = [_condensed(part) for part in _TITLE_PARTS.split(lines.shadow(first))]
    least = max(4, len(title) // 3)
    names = {part for n, part in enumerate(parts) if n == 0 or len(part) >= least}
    found = []
    for index in range(first + 1, len(lines)):
        line = lines.shadow(index)
        if not least <= len(line) <= 2 * len(title) + 8:
            continue
        condensed = _condensed(line)
        if (
            condensed in names
            or (len(condensed) >= least and title.startswith(condensed))
            or (len(title) >= 8 and condensed.endswith(title))
        ):
            found.append(index)
    return found


def _condensed(line: str) -> str:
    return _BLANKS.sub("", line)


def line_score(line: str, rule: Rule | None) -> int:
    """Return how much a shadow speaks for (or against) the work.

    >>> line_score("首页", None), line_score("", None)
    (-10, 0)
    """
    if rule is not None:
        return END_SCORES[rule.ends] if rule.strength == "sure" else HINT_SCORE
    if not line or _TEASER.search(line):
        return 0
    if is_prose(line):
        return min(len(line), PROSE_CAP)
    if is_code(line):
        return min(len(line), PROSE_CAP) // 2
    return _short_score(line)


def _short_score(line: str) -> int:
    if ends_like_sentence(line):
        return SENTENCE_SCORE
    return CLAUSE_SCORE if "," in line and len(line) >= LEAST_CLAUSE else BARE_SCORE


def find_core(
    scores: Sequence[int], titles: Iterable[int] = (), bylines: Iterable[int] = ()
) -> Core | None:
    """Return the lines of the work, or None when there is too little of it.

    >>> find_core([-10, -10, 90, -10, 80, -300, 60], titles=[1])
    Core(headline=1, start=2, end=5)
    """
    sums = [0, *accumulate(scores)]
    ends = _best_ends(sums)
    gains = [sums[ends[at]] - sums[at] for at in range(len(scores))]
    nearest = _nearest_best(gains)
    found = []
    if gains:
        best = max(range(len(gains)), key=lambda at: (gains[at], at))
        found.append((gains[best], best, -1))
    for anchors, bonus in ((titles, HEADLINE_BONUS), (bylines, BYLINE_BONUS)):
        for anchor in anchors:
            if anchor + 1 < len(gains):
                start = nearest[anchor + 1]
                gap = (start - anchor - 1) * GAP_SCORE
                found.append((gains[start] + gap + bonus, start, anchor))
    found = [one for one in found if gains[one[1]] >= LEAST_WORK]
    if not found:
        return None
    _, start, anchor = max(found)
    return Core(anchor, start, ends[start])


def _nearest_best(gains: Sequence[int]) -> list[int]:
    """Return for each line the best start of a stretch at or after it, the gap to it discounted."""
    starts = list(range(len(gains)))
    for at in range(len(gains) - 2, -1, -1):
        later = starts[at + 1]
        if gains[later] + (later - at) * GAP_SCORE > gains[at]:
            starts[at] = later
    return starts


def headline_over(lines: Lines, byline: int, rules: Sequence[Rule | None]) -> int:
    """Return the line right over a by-line if it can be a headline, or -1."""
    over = next((i for i in range(byline - 1, -1, -1) if lines.shadow(i)), -1)
    if over < 0 or rules[over] is not None or is_prose(lines.shadow(over)):
        return -1
    return over if len(lines.shadow(over)) >= LEAST_HEADLINE else -1


def _best_ends(sums: Sequence[int]) -> list[int]:
    """Return for each start the end that makes the greatest sum; the nearest of equal ones."""
    ends = list(range(len(sums)))
    for index in range(len(sums) - 2, -1, -1):
        later = ends[index + 1]
        if sums[later] > sums[index]:
            ends[index] = later
    return ends
