"""The spam mirror (M22, M23): pinyin glosses written by a replace on bytes, and cut pairs.

Such a site makes an article Traditional character by character, holds it as GBK bytes, and
replaces the bytes of each character of its table by the same bytes and `(pinyin)`, at any
byte offset. So `網` becomes `網(wǎng)`, and `家師` (BCD2 8E9F), which contains the bytes D28E
of `規`, becomes `家?guī)熧`. It cuts the text at full-width marks in the same blind way.

What tells this from a teacher's gloss (尴尬(gān gà), 龟兹(qiū cí)), which is content: a site
glosses every occurrence of a character, common ones first of all, and by a fixed reading.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.edits import apply, compose
from zhfix.repair import cp936, readings
from zhfix.repair.channels import punctuation
from zhfix.repair.memo import cache_last
from zhfix.repair.model import LanguageModel
from zhfix.repair.realign import (
    LOST,
    PINYIN,
    SPLIT_MARKS,
    Realigned,
    Realigner,
    is_cut,
    normal,
    reads,
    token_at,
)

GLOSS_RULE = "spam-mirror/gloss"
FALSE_MATCH_RULE = "spam-mirror/false-match"
SPLIT_RULE = "spam-mirror/punctuation-split"
RESIDUE_RULE = "spam-mirror/unresolved"

RULES = {
    GLOSS_RULE: (
        "A pinyin reading in ASCII brackets that a spam mirror's byte replacement wrote after "
        "every occurrence of a character, as in 網(wǎng). Removed when the document shows the "
        "habit; a teacher's gloss of a rare or ambiguous character stays."
    ),
    FALSE_MATCH_RULE: (
        "The same replacement matched the second byte of one character and the first of the "
        "next, so the text after it was read out of step: 家師資 became 家?guī)熧Y. The gloss "
        "names the lost byte, so the repair is arithmetic."
    ),
    SPLIT_RULE: (
        "The text was cut at the bytes of a full-width mark that belonged to two characters: "
        "。恐怖組 became ??植澜M. One byte is lost; the language model chooses it."
    ),
    RESIDUE_RULE: (
        "A character was cut here, and no repair is sure enough. The text is left as it is."
    ),
}

CANDIDATE = re.compile(rf"(?P<char>[\u3400-\u9fff])\(\s?(?P<reading>{PINYIN})\s?\)")
CUT = re.compile(rf"[{LOST}]{PINYIN}\s?\)|[{LOST}](?=[{SPLIT_MARKS}][\u3400-\u9fffA-Za-z@])")

#: A character, two brackets, two spaces and the longest reading.
LONGEST_GLOSSED = 12

#: Unigram cost in nats of a character so rare that a teacher may gloss it as likely as a site.
TEACHABLE_COST = 9.5

#: Evidence in nats, summed over the glossed characters, against a prior of `PRIOR`.
PRIOR = -1.5
MOST_PER_CHARACTER = 4.0
LEAST_PER_CHARACTER = -2.0
UNUSUAL_READING = -3.0
TONELESS = -3.0
REPEATED = 1.0
MOST_FOR_REPEATS = 4.0
CUT_PAIR = 4.0
ENOUGH = 1.5

#: One bare occurrence in ten is still a habit: the spam title above may hold some.
BARE_SHARE = 0.1

#: Log-likelihood a split repair must gain, in a page that shows the habit and elsewhere.
GAIN_IN_MIRROR = 3.0
GAIN_ALONE = 24.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """All edits for one text, and the cuts that stay open."""

    edits: tuple[Edit, ...] = ()
    open: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class SpamMirror:
    """The channel in both directions; `glosses` and `marks` are used only to damage.

    >>> SpamMirror({"規": "guī"}).damage("國家師資")
    '國家?guī)熧Y'
    """

    glosses: Mapping[str, str] = field(default_factory=dict)
    marks: str = ""
    name = "spam-mirror"
    rules = RULES

    def damage(self, text: str) -> str:
        """Do what the site does; characters outside code page 936 are left alone."""
        return "".join(
            self._damage(part) if cp936.encode(part) is not None else part
            for part in re.split(r"([^\x00-\x7f\u2010-\u9fff\uff00-\uffef]+)", text)
        )

    def _damage(self, text: str) -> str:
        data = cp936.encode(text) or b""
        for char, reading in self.glosses.items():
            pair = cp936.tables().encode[char]
            data = data.replace(pair, pair + b"(" + (cp936.encode(reading) or b"") + b")")
        pieces = [data]
        for mark in self.marks:
            pair = cp936.tables().encode[mark]
            pieces = [
                piece
                for whole in pieces
                for index, part in enumerate(whole.split(pair))
                for piece in ((pair, part) if index else (part,))
            ]
        return "".join(map(cp936.decode, pieces))

    def detect(self, text: str) -> Iterator[Finding]:
        """Report every artifact; nothing but a search for `(` and `?` when there is none."""
        analysis = analyse(text)
        for edit in analysis.edits:
            yield Finding(edit.span, edit.rule, edit.confidence, edit.reason)
        yield from analysis.open

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        wanted = {finding.span for finding in findings}
        if wanted:
            yield from (edit for edit in analyse(text).edits if edit.span in wanted)


@cache_last
def analyse(text: str) -> Analysis:
    """Find and solve everything in one text."""
    if "(" not in text and not any(mark in text for mark in LOST):
        return Analysis()
    glosses = habit(text)
    cuts = list(CUT.finditer(text))
    if not glosses and not cuts:
        return Analysis()
    solved, unsolved = _realign_all(text, glosses, [match.start() for match in cuts])
    edits = sorted([*solved, *_gloss_edits(text, glosses, solved)], key=lambda edit: edit.span)
    if edits:
        flat = list(punctuation.restored(apply(text, edits), punctuation.IN_MIRROR))
        edits = compose(text, edits, flat)
    return Analysis(tuple(edits), tuple(unsolved))


def habit(text: str) -> dict[str, str]:
    """Return the characters that this text glosses as a site does, with their readings.

    Empty when the glosses may be a teacher's. Evidence is summed in nats over the distinct
    characters: common ones count for a site, rare ones and unusual readings for a teacher.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for match in CANDIDATE.finditer(text):
        reading = normal(match["reading"])
        if reads(match["char"], reading):
            counts[match["char"], reading] += 1
    glosses: dict[str, str] = {}
    evidence = PRIOR + CUT_PAIR * sum(1 for m in CUT.finditer(text) if m[0].endswith(")"))
    costs = -LanguageModel.load().unigram(LanguageModel.load().encode("".join(c for c, _ in counts)))
    for ((char, reading), count), cost in zip(counts.most_common(), costs, strict=False):
        if char in glosses:
            continue
        bare = text.count(char) - count
        if bare > BARE_SHARE * count:
            continue
        glosses[char] = reading
        evidence += _weight(char, reading, count, float(cost))
    return glosses if evidence > ENOUGH else {}


def _weight(char: str, reading: str, count: int, cost: float) -> float:
    """Evidence that a site and not a teacher glossed this character."""
    first = readings.load().first.get(char, "")
    if reading not in (first, readings.without_tone(first)):
        return UNUSUAL_READING
    toneless = TONELESS if reading.isascii() else 0.0
    common = toneless + min(max(TEACHABLE_COST - cost, LEAST_PER_CHARACTER), MOST_PER_CHARACTER)
    return common + min(REPEATED * (count - 1), MOST_FOR_REPEATS)


def _gloss_edits(
    text: str, glosses: Mapping[str, str], solved: Sequence[Edit]
) -> Iterator[Edit]:
    """Remove the glosses outside the stretches that were realigned."""
    taken = iter(solved)
    stretch = next(taken, None)
    for match in CANDIDATE.finditer(text):
        char, reading = match["char"], normal(match["reading"])
        start = match.start() + 1
        while stretch is not None and stretch.span.end <= start:
            stretch = next(taken, None)
        if stretch is not None and stretch.span.start < match.end():
            continue
        if char in glosses and reads(char, reading):
            yield Edit(
                Span(start, match.end()),
                text[start : match.end()],
                "",
                GLOSS_RULE,
                0.99,
                f"the page glosses every {char} with its reading",
                Proof.PROVEN,
            )


def _realign_all(
    text: str, glosses: Mapping[str, str], cuts: Iterable[int]
) -> tuple[list[Edit], list[Finding]]:
    """Put every cut stretch right that can be; report the others."""
    known = dict(glosses)
    realigner = Realigner(text, known)
    solved: list[Edit] = []
    unsolved: list[Finding] = []
    done = 0
    in_mirror = bool(glosses)
    for start in cuts:
        token = token_at(text, start)
        if start < done or not is_cut(token, text):
            continue
        found = realigner.realign(token, context=_context(text, start, solved))
        if found is not None and found.gain >= (GAIN_IN_MIRROR if in_mirror else GAIN_ALONE):
            solved.append(_edit(text, token.swallowed, found))
            done = found.end
            known.update(found.named)
        elif token.swallowed or (in_mirror and found is not None):
            span = Span(token.start, token.end)
            unsolved.append(Finding(span, RESIDUE_RULE, 0.9, "a character was cut here"))
    return solved, unsolved


def _context(text: str, start: int, solved: Sequence[Edit]) -> str:
    """The repaired character before a cut, looking through a gloss of its own."""
    if solved and solved[-1].span.end == start and solved[-1].after:
        return solved[-1].after[-1]
    if start and text[start - 1] == ")":
        for match in CANDIDATE.finditer(text, max(0, start - LONGEST_GLOSSED), start):
            if match.end() == start:
                return match["char"]
    return text[start - 1] if start else "\n"


def _edit(text: str, named: bool, found: Realigned) -> Edit:
    before = text[found.start : found.end]
    rule = FALSE_MATCH_RULE if named else SPLIT_RULE
    if found.filled == 0:
        glossed = "、".join(f"{char}({reading})" for char, reading in found.named)
        reason = f"bytes of {glossed} matched across two characters; the gloss names the lost one"
        proof = Proof.PROVEN
    else:
        reason = f"{found.filled} lost bytes chosen by the language model"
        proof = Proof.CONSISTENT
    confidence = _confidence(found)
    return Edit(
        Span(found.start, found.end), before, found.text, rule, confidence, reason, proof
    )


def _confidence(found: Realigned) -> float:
    """Turn the margin over the next best text into a probability."""
    return min(0.995, 1.0 / (1.0 + math.exp(-min(found.margin, 30.0))))
