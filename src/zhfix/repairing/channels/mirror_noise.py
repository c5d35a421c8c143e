"""What spam mirrors put into a text beside glosses: noise, empty tags, question marks for spaces.

Each is undone only where the whole document shows the habit; a single occurrence is text.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing.channels import as_findings, for_findings
from zhfix.repairing.kinds import MARKS, RARE_COST, Kind
from zhfix.repairing.look import ascii_part, look
from zhfix.repairing.model import LanguageModel
from zhfix.stripping.shadow import simplified
from zhfix.stripping.spam import empty_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.rows import Rows

__all__ = ["RULES", "MirrorNoise"]

TAGS_RULE = "spam-mirror/empty-tags"
NOISE_RULE = "spam-mirror/noise"
SPACE_RULE = "spam-mirror/lost-space"

RULES = {
    TAGS_RULE: (
        "Empty tags with random ids, written into the words of a page so that each copy differs: "
        '正<b id="0qk2s"></b>文. Removed when they are all the markup that the text has.'
    ),
    NOISE_RULE: (
        "One to three rare characters without sense before a mark, as in 乱码后忿偷，: a site "
        "writes them so that its copies differ. Removed only when many marks of the document "
        "have such noise before them and its other text reads well."
    ),
    SPACE_RULE: (
        "Question marks at the beginnings of lines, the same number in each: non-breaking spaces "
        "of the indentation, written into an encoding without them. Restored when most "
        "paragraphs of the document begin so."
    ),
}

HAN = "\u3400-\u9fff"
BEFORE_MARK = lazy(f"(?<=[{HAN}])[{MARKS}]")
#: Noise is so long at most.
LONGEST_NOISE = 3
#: Nats per character of text that reads well without the noise.
PROSE_COST = 8.0
#: So many marks with noise, and this share of all, make a habit; clean prose has 1 in 100, and no
#: clean text that is not one of those below has more than 6.
FEWEST_NOISY = 8
NOISY_SHARE = 0.3
#: Nats that a character of noise costs more than one of the text does.
MARGIN = 3.5
#: Of the first so many pieces of noise this share is different. A list of stores (第二廒，第三廒，)
#: says the same rare word again and again.
LOOKED_AT, DIFFERENT = 30, 0.8
#: Characters of a clause with noise behind it, on average. Where rare words are explained, as in
#: 广平曰原，下湿曰隰，, clauses have two to four, in prose five to ten.
LEAST_CLAUSE = 4
FAR = 200
#: Sites take characters of GB 2312; of those that a book explains more than this share are rarer.
BEYOND = 0.1

INDENT = lazy(rf"^(\?{{2,8}})(?=[{HAN}“「『《（0-9A-Za-z])", re.MULTILINE)
PARAGRAPH = lazy(rf"^.*[{HAN}].*$", re.MULTILINE)
FEWEST_INDENTED = 3
INDENTED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class MirrorNoise:
    """The channel in both directions; `seed` chooses the noise that `damage` writes.

    >>> MirrorNoise(1).damage("我走了，他来了。") != "我走了，他来了。"
    True
    """

    seed: int = 0
    name = "mirror-noise"
    rules = RULES

    def damage(self, text: str) -> str:
        """Write one to three rare characters before each mark."""
        import random

        chance = random.Random(self.seed)  # noqa: S311  (no secret)

        def noisy(match: re.Match[str]) -> str:
            count = chance.randint(1, LONGEST_NOISE)
            return "".join(chance.choices(RARE, k=count)) + match[0]

        return BEFORE_MARK.sub(noisy, text)

    def detect(self, text: str) -> Iterator[Finding]:
        """Report what the habits of the document show."""
        return as_findings(analyse(text))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold empty tags, question marks, or rare characters before marks."""
        rare = rows.count(_rare_before_marks(rows.text))
        noisy: NDArray[np.bool_] = rare >= FEWEST_NOISY
        marks = look(rows.text).each & np.uint8(Kind.MARK)
        for row in noisy.nonzero()[0].tolist():
            own = marks[rows.starts[row] :][: rows.lengths[row]]
            noisy[row] = rare[row] >= NOISY_SHARE * np.count_nonzero(own)
        return noisy | rows.containing("></", "??")

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        return for_findings(analyse(text), findings)


#: What sites take: characters of GB 2312's second level, in the order of their radicals.
RARE = "忿偷亟鼐孛啬嗳孬夼奁匏鬲靥魇餍瓿甓攴旰昀炱爝戾钣铊稹雉鹚窆裉襞耔颟虔虮蚴笊筻箅羝敉"


@cache_last
def analyse(text: str) -> tuple[Edit, ...]:
    """Find everything in one text."""
    edits = [*_tags(text), *_spaces(text)]
    return tuple(sorted(edits or _noise(text), key=lambda edit: edit.span))


def _tags(text: str) -> Iterator[Edit]:
    for start, end in empty_tags(text) if b"></" in ascii_part(text) else ():
        reason = "empty tags with random ids, and no other markup in the text"
        yield Edit(Span(start, end), text[start:end], "", TAGS_RULE, 0.96, reason, Proof.CONSISTENT)


def _spaces(text: str) -> Iterator[Edit]:
    inside = b"\n??" in ascii_part(text) and "\n??" in text
    if not (inside or text.startswith("??")):
        return
    indents = list(INDENT.finditer(text))
    if len(indents) < FEWEST_INDENTED:
        return
    usual, count = Counter(match[1] for match in indents).most_common(1)[0]
    paragraphs = sum(1 for _ in PARAGRAPH.finditer(text))
    if count < FEWEST_INDENTED or count < INDENTED_SHARE * paragraphs:
        return
    for match in indents:
        if match[1] == usual:
            reason = f"{count} of {paragraphs} paragraphs begin with {usual}"
            spaces = "\u00a0" * len(usual)
            yield Edit(
                Span(*match.span(1)), usual, spaces, SPACE_RULE, 0.85, reason, Proof.CONSISTENT
            )


def _noise(text: str) -> Iterator[Edit]:
    """Yield the noise before marks, when the document has much of it."""
    rare = _rare_before_marks(text)
    if len(rare) < FEWEST_NOISY:
        return
    total = np.count_nonzero(look(text).each & np.uint8(Kind.MARK))
    if len(rare) < NOISY_SHARE * total:
        return
    marks = np.fromiter((match.start() for match in BEFORE_MARK.finditer(text)), np.intp)
    marks = marks[marks > LONGEST_NOISE]
    model = LanguageModel.load()
    ids = model.encode(text)
    steps = np.zeros(len(ids))
    steps[1:] = -model.steps(ids[:-1], ids[1:])
    lengths = _lengths(model, ids, steps, marks)
    noisy = np.flatnonzero(lengths)
    if len(noisy) < max(FEWEST_NOISY, NOISY_SHARE * len(marks)):
        return
    spans = [(int(marks[i] - lengths[i]), int(marks[i])) for i in noisy]
    spans = [(start, end) for start, end in spans if HAN_ONLY.fullmatch(text, start, end)]
    if _are_words(text, spans):
        return
    rest = _without(text, spans)
    if -model.score(rest) > PROSE_COST * max(1, len(rest)):
        return
    for start, end in spans:
        reason = f"{len(spans)} of {len(marks)} marks have senseless characters before them"
        yield Edit(Span(start, end), text[start:end], "", NOISE_RULE, 0.8, reason, Proof.GUESS)


def _are_words(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether rare characters before marks are what the text speaks of: they repeat, or explain."""
    some = spans[:LOOKED_AT]
    different = {text[start:end] for start, end in some}
    clauses = sum(len(re.split(f"[{MARKS}\n]", text[max(0, at - FAR) : at])[-1]) for at, _ in some)
    noise = "".join(text[start:end] for start, end in some)
    known = simplified(noise).encode("gb2312", "ignore")
    return (
        len(different) < DIFFERENT * len(some)
        or clauses < LEAST_CLAUSE * len(some)
        or len(known) // 2 < (1 - BEYOND) * len(noise)
    )


def _rare_before_marks(text: str) -> NDArray[np.intp]:
    """Where rare characters stand before marks."""
    each = look(text).each
    # The bit of a mark lies one above that of what is rare.
    both = each[1:] >> np.uint8(1)
    both &= each[:-1]
    both &= np.uint8(Kind.RARE)
    return both.view(np.bool_).nonzero()[0] + 1


HAN_ONLY = lazy(f"[{HAN}]+")


def _lengths(
    model: LanguageModel,
    ids: NDArray[np.uint16],
    steps: NDArray[np.float64],
    marks: NDArray[np.intp],
) -> NDArray[np.intp]:
    """How many characters of noise stand before each mark; 0 for none. Costs are in nats."""
    best = np.zeros(len(marks))
    lengths = np.zeros(len(marks), np.intp)
    for count in range(1, LONGEST_NOISE + 1):
        inside = sum(steps[marks - back] for back in range(count + 1))
        bridged = -model.steps(ids[marks - count - 1], ids[marks]).astype(np.float64)
        gain = inside - bridged - (PROSE_COST + MARGIN) * count
        rare = (-model.unigram(ids[marks - 1]) > RARE_COST) & (gain > best)
        best = np.where(rare, gain, best)
        lengths = np.where(rare, count, lengths)
    return lengths


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts.append(text[done:start])
        done = end
    return "".join((*parts, text[done:]))
