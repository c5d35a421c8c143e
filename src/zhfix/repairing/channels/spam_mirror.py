"""The spam mirror (M22, M23): pinyin glosses written by a replace on bytes, and cut pairs.

Such a site makes an article Traditional character by character, holds it as GBK bytes, and
replaces the bytes of each character of its table by the same bytes and `(pinyin)`, at any
byte offset. So `網` becomes `網(wǎng)`, and `家師` (BCD2 8E9F), which contains the bytes D28E
of `規`, becomes `家?guī)熧`. It cuts the text at full-width marks in the same blind way.

What tells this from a teacher's gloss (尴尬(gān gà), 龟兹(qiū cí)), which is content: a site
glosses every occurrence of a character, common ones first of all, and by a fixed reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import groupby, permutations
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.edits import moved
from zhfix.many import Change, ManyEdits
from zhfix.many_findings import ManyFindings
from zhfix.memo import cache_last
from zhfix.repairing import cp936
from zhfix.repairing.channels import for_findings, punctuation
from zhfix.repairing.glosses import CANDIDATE, LETTER_CANDIDATE, REMEMBERED, glosses_in
from zhfix.repairing.habit import cuts
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.sections import sections
from zhfix.repairing.tokens import (
    FULL_WIDTH_MARKS,
    LOST,
    MOST_LOST_IN_A_ROW,
    SPLIT_MARKS,
    Token,
    is_cut,
    token_at,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.repairing.glosses import Gloss
    from zhfix.repairing.realign import Realigned
    from zhfix.rows import Rows

GLOSS_RULE = "spam-mirror/gloss"
FALSE_MATCH_RULE = "spam-mirror/false-match"
SPLIT_RULE = "spam-mirror/punctuation-split"
FLATTENED_RULE = "spam-mirror/flattened-punctuation"
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
    FLATTENED_RULE: (
        "Full-width punctuation that the mirror made ASCII. In a page that is proven to come "
        "from one, a mark is restored next to Chinese text, but not in numbers, times or URLs."
    ),
    RESIDUE_RULE: (
        "A character was cut here, and no repair is sure enough. The text is left as it is."
    ),
}

#: Characters and their readings, as one page glosses them.
Glosses: TypeAlias = Mapping[str, str]

#: All orders of so many characters or marks are tried when a repair is run forwards.
MOST_PERMUTED = 3

#: A character, two brackets, two spaces and the longest reading.
LONGEST_GLOSSED = 12

#: Log-likelihood a split repair must gain, in a page that shows the habit and elsewhere.
GAIN_IN_MIRROR = 3.0
GAIN_ALONE = 24.0

#: Hypotheses that a text may cost, and per code point more: dense pages need one for each. Without
#: a gloss in sight far fewer: text full of question marks is no mirror's.
HYPOTHESES = 20_000
HYPOTHESES_PER_CHARACTER = 4.0
HYPOTHESES_ALONE = 5_000
HYPOTHESES_PER_CHARACTER_ALONE = 0.2

#: Characters after a lone cut that are read, and what three steps of them cost together where
#: they may be out of step. Good text has such a place once in some fifty characters.
READ_ON = 12
BAD_READING = 24.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """All edits for one text, and the cuts that stay open."""

    edits: ManyEdits
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
        known = cp936.tables().encode
        runs = groupby(text, key=known.__contains__)
        parts = ((is_known, "".join(run)) for is_known, run in runs)
        return "".join(self._damage(part) if is_known else part for is_known, part in parts)

    def _damage(self, text: str) -> str:
        return forwards(cp936.encode(text) or b"", self.glosses, self.marks)

    def detect(self, text: str) -> Sequence[Finding]:
        """Report every artifact; nothing but a search for `(` and `?` when there is none."""
        analysis = analyse(text)
        return ManyFindings(analysis.edits, analysis.open) if analysis.edits else analysis.open

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold a reading in brackets, or a cut."""
        patterns = (CANDIDATE, LETTER_CANDIDATE)
        found = [match.start() for pattern in patterns for match in pattern.finditer(rows.text)]
        return rows.mask([*found, *(match.start() for match in cuts(rows.text))])

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterable[Edit]:
        """Propose the edits for those findings."""
        edits = analyse(text).edits
        if isinstance(findings, ManyFindings) and findings.edits is edits:
            return edits
        return for_findings(edits, findings)


def forwards(data: bytes, glosses: Glosses, marks: str) -> str:
    """Gloss and cut the bytes of a text as a site does, and read what it serves.

    >>> forwards("家師".encode("gbk"), {"規": "guī"}, "")
    '家?guī)?'
    """
    pairs = cp936.tables().encode
    for char, reading in glosses.items():
        pair = pairs[char]
        data = data.replace(pair, pair + b"(" + (cp936.encode(reading) or b"") + b")")
    pieces = [data]
    for mark in marks:
        pair = pairs[mark]
        pieces = [
            piece
            for whole in pieces
            for index, part in enumerate(whole.split(pair))
            for piece in ((pair, part) if index else (part,))
        ]
    return "".join(map(cp936.decode, pieces))


@cache_last
def analyse(text: str) -> Analysis:
    """Find and solve everything in one text."""
    if "(" not in text and not any(mark in text for mark in LOST):
        return Analysis(ManyEdits.of(text, ()))
    parts = sections(text)
    if len(parts) == 1:
        return _analysed(text, parts[0].glosses)
    edits: list[tuple[int, ManyEdits]] = []
    unsolved: list[Finding] = []
    for start, page, glosses in parts:
        found = _analysed(page, glosses)
        edits.append((start, found.edits))
        unsolved += (replace(one, span=moved(one.span, start)) for one in found.open)
    return Analysis(ManyEdits.joined(text, edits), tuple(unsolved))


def _analysed(text: str, glosses: Glosses) -> Analysis:
    """Solve a text of one site, with the glosses of its habit."""
    cut = cuts(text)
    if not glosses and not cut:
        return Analysis(ManyEdits.of(text, ()))
    starts = [match.start() for match in cut]
    solved, unsolved = _realign_all(text, glosses, starts) if starts else ([], [])
    edits = ManyEdits.of(text, solved)
    if glosses:
        edits = _gloss_edits(text, glosses, edits).merged(edits)
    if edits:
        flat = punctuation.restored(edits.applied, punctuation.IN_MIRROR)
        edits = edits.then(flat.changed(lambda change: change._replace(rule=FLATTENED_RULE)))
    return Analysis(edits, tuple(unsolved))


def _gloss_edits(text: str, glosses: Glosses, solved: ManyEdits) -> ManyEdits:
    """Remove the glosses outside the stretches that were realigned."""
    found = glosses_in(text)
    wanted = np.array([one.char in glosses for one in found.named], np.bool_).take(found.which)
    wanted &= solved.between(found.starts, found.ends)
    changes = [_gloss_change(one.char) for one in found.named]
    edits = ManyEdits(text, found.starts, found.ends, found.which, changes).taken(wanted)
    others = ManyEdits.of(text, map(partial(_letter_gloss, text), found.behind_letters))
    return edits.merged(others.taken(solved.between(others.starts, others.ends)))


@lru_cache(maxsize=REMEMBERED)
def _gloss_change(char: str) -> Change:
    reason = f"the page glosses every {char} with its reading"
    return Change("", GLOSS_RULE, 0.99, reason, Proof.PROVEN)


def _letter_gloss(text: str, gloss: Gloss) -> Edit:
    span = Span(gloss.start, gloss.end)
    return Edit(span, text[slice(*span)], *_gloss_change(gloss.char))


def _realign_all(
    text: str, glosses: Mapping[str, str], cuts: Iterable[int]
) -> tuple[list[Edit], list[Finding]]:
    """Put every cut stretch right that can be; report the others."""
    known = dict(glosses)
    solved: list[Edit] = []
    unsolved: list[Finding] = []
    done = 0
    in_mirror = bool(glosses)
    allowance = (
        HYPOTHESES + HYPOTHESES_PER_CHARACTER * len(text)
        if in_mirror
        else HYPOTHESES_ALONE + HYPOTHESES_PER_CHARACTER_ALONE * len(text)
    )
    # Imported here: it brings half a dozen modules, and most texts have no cut.
    from zhfix.repairing.realign import Realigner

    realigner = Realigner(text, known, allowance)
    enough = GAIN_IN_MIRROR if in_mirror else GAIN_ALONE
    for start in cuts:
        token = token_at(text, start)
        if start < done or not is_cut(token, text):
            continue
        if not (in_mirror or token.swallowed or _improbable(text, start)):
            continue
        context = _context(text, start, solved)
        found = realigner.realign(token, context=context)
        certain = in_mirror and token.swallowed
        if found is not None and (certain or realigner.gain(found, context) >= enough):
            known.update(found.named)
            rule = FALSE_MATCH_RULE if token.swallowed else SPLIT_RULE
            solved.append(_edit(text, rule, context, found, known))
            done = found.end
        elif (in_mirror and (token.swallowed or found is not None)) or _cuts_chinese(text, token):
            span = Span(token.start, token.end)
            unsolved.append(Finding(span, RESIDUE_RULE, 0.9, "a character was cut here"))
    return solved, unsolved


def _cuts_chinese(text: str, token: Token) -> bool:
    """Whether a gloss stands behind Chinese without its bracket; `(?i)` is a pattern's."""
    return token.swallowed and token.start > 0 and text[token.start - 1] > "\u2e7f"


def _improbable(text: str, start: int) -> bool:
    """Whether what follows a lone cut reads badly, and nothing else is lost there.

    Without a gloss in sight nothing else shows that it is one; where every second word is lost,
    nothing can be put together.
    """
    follows = text[start + 1 : start + 1 + READ_ON]
    if any(mark in follows[MOST_LOST_IN_A_ROW - 1 :] for mark in LOST):
        return False
    costs = LanguageModel.load().costs(follows)
    return bool((costs[:-2] + costs[1:-1] + costs[2:] >= BAD_READING).any())


def _context(text: str, start: int, solved: Sequence[Edit]) -> str:
    """The repaired character before a cut, looking through a gloss of its own."""
    if solved and solved[-1].span.end == start and solved[-1].after:
        return solved[-1].after[-1]
    if start and text[start - 1] == ")":
        for match in CANDIDATE.finditer(text, max(0, start - LONGEST_GLOSSED), start):
            if match.end() == start:
                return text[match.start() - 1]
    return text[start - 1] if start else "\n"


def _edit(text: str, rule: str, context: str, found: Realigned, known: Glosses) -> Edit:
    """Turn a realigned stretch into an edit, with the proof that running forwards gives."""
    before = text[found.start : found.end]
    if found.filled == 0:
        glossed = "、".join(f"{char}({reading})" for char, reading in found.named)
        reason = f"bytes of {glossed} matched across two characters; the gloss names the lost one"
        proof = Proof.PROVEN
    else:
        reason = f"{found.filled} lost bytes chosen by the language model"
        proof = Proof.CONSISTENT
    mark = text[found.end : found.end + 1]
    mark = mark if mark in SPLIT_MARKS else ""
    if not _gives_back(context + found.text + mark, before + mark, known):
        proof = Proof.GUESS
    return Edit(
        Span(found.start, found.end),
        before,
        found.text,
        rule,
        # Never quite sure: another hypothesis may not have been thought of.
        min(0.995, found.share),
        reason,
        proof,
    )


def _gives_back(repaired: str, damaged: str, known: Glosses) -> bool:
    """Whether the channel, run forwards on the repair, gives the damaged stretch again.

    The order in which the site replaced its characters and cut at its marks is unknown and
    decides where matches overlap, so a few orders are tried. Width is not compared: marks
    may have been flattened later.
    """
    data = cp936.encode(repaired)
    if data is None:
        return False
    pairs = cp936.tables().decode
    found = dict.fromkeys([pairs.get(data[at : at + 2], "") for at in range(len(data) - 1)])
    chars = [char for char in found if char in known]
    marks = [mark for mark in FULL_WIDTH_MARKS if mark in found]
    wanted = damaged.translate(punctuation.FLATTEN).replace("\N{REPLACEMENT CHARACTER}", "?")
    for ordered in permutations(chars) if len(chars) <= MOST_PERMUTED else (chars, chars[::-1]):
        glosses = {char: known[char] for char in ordered}
        for cut_at in {"", *marks, *map("".join, permutations(marks[:MOST_PERMUTED]))}:
            there = forwards(data, glosses, cut_at).translate(punctuation.FLATTEN)
            if there.endswith(wanted):
                return True
    return False
