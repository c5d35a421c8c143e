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
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.edits import moved
from zhfix.many import Change, ManyEdits
from zhfix.many_findings import ManyFindings
from zhfix.memo import cache_last
from zhfix.repairing import cp936
from zhfix.repairing.channels import for_findings, punctuation
from zhfix.repairing.forwards import Glosses, forwards
from zhfix.repairing.glosses import CANDIDATE, LETTER_CANDIDATE, REMEMBERED, glosses_in
from zhfix.repairing.habit import cuts
from zhfix.repairing.sections import sections
from zhfix.repairing.tokens import LOST

if TYPE_CHECKING:
    import re

    from numpy.typing import NDArray

    from zhfix.repairing.glosses import Gloss
    from zhfix.repairing.mending import Mended
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
    edits, unsolved = _mended(text, glosses, cut) if cut else (ManyEdits.of(text, ()), [])
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


def _mended(
    text: str, glosses: Glosses, cut: Sequence[re.Match[str]]
) -> tuple[ManyEdits, list[Finding]]:
    """Put every cut stretch right that can be; report the others."""
    # Imported here: it brings half a dozen modules, and most texts have no cut.
    from zhfix.repairing.mending import mended

    found, left = mended(text, glosses, [match.start() for match in cut])
    edits = ManyEdits.of(text, map(partial(_edit, text), found))
    reason = "a character was cut here"
    return edits, [Finding(Span(*span), RESIDUE_RULE, 0.9, reason) for span in left]


def _edit(text: str, mended: Mended) -> Edit:
    """Turn a stretch that was put right into an edit."""
    found = mended.found
    if found.filled == 0:
        glossed = "、".join(f"{char}({reading})" for char, reading in found.named)
        reason = f"bytes of {glossed} matched across two characters; the gloss names the lost one"
    else:
        reason = f"{found.filled} lost bytes chosen by the language model"
    return Edit(
        Span(found.start, found.end),
        text[found.start : found.end],
        found.text,
        FALSE_MATCH_RULE if mended.swallowed else SPLIT_RULE,
        # Never quite sure: another hypothesis may not have been thought of.
        min(0.995, found.share),
        reason,
        mended.proof,
    )
