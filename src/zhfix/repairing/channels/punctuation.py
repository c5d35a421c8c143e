"""Full-width punctuation flattened to ASCII (M36): `倡議，推進` became `倡議,推進`.

Spam mirrors do it, and so do cleaning tools made for Latin text (ftfy's `fix_text`). Both
leave 。 、 《》 alone, which have no ASCII twin of their own in the full-width block. So the
sign is a document with many ASCII marks right between Chinese characters, no full-width one
at all, and yet 。 or 、. People who type ASCII marks show no such split and are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.document import Proof
from zhfix.many import Change, ManyEdits
from zhfix.patterns import lazy
from zhfix.repairing.channels import as_findings, for_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.document import Edit, Finding
    from zhfix.rows import Rows

RULE = "punctuation/flattened"
BRACKET_RULE = "punctuation/flattened-bracket"

RULES = {
    RULE: (
        "A full-width mark that was made ASCII, as in 倡議,推進. Restored between Chinese "
        "characters only, and only when the document has no full-width mark of that kind "
        "left while 。 and 、 survive; never in numbers, times, code, URLs or Latin phrases."
    ),
    BRACKET_RULE: (
        "A pair of full-width brackets that was made ASCII. Restored in pairs around Chinese "
        "text, under the same condition."
    ),
}

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
OPENING = "“‘「『《〈【〔（"
CLOSING = "”’」』》〉】〕）…。、"

#: ASCII mark to the full-width one it was.
FULL_WIDTH = {",": "，", ":": "：", ";": "；", "!": "！", "?": "？", "(": "（", ")": "）"}

BRACKET_MARKS = "()"

#: Between Chinese on both sides: what even a document without other damage may restore.
# The marks come first and look back from there: a search for a few characters is fast.
BETWEEN = lazy(rf"[,:;!?](?<=[{HAN}{CLOSING})].)(?=[{HAN}{OPENING}(]|$)", re.MULTILINE)

#: Chinese on one side and a word or number on the other: restored in a proven mirror only.
BESIDE = lazy(
    rf"[,:;!?](?:(?<=[{HAN}{CLOSING})].)(?=[{HAN}{OPENING}(0-9A-Za-z]|$)"
    rf"|(?<=[0-9A-Za-z%][,;!?])(?=[{HAN}{OPENING}]))",
    re.MULTILINE,
)
BRACKETS = lazy(rf"\((?=[^()\n]*[{HAN}])[^()\n]*\)")
BESIDE_BRACKETS = lazy(rf"[{HAN}{OPENING}{CLOSING}，：；]")

KEPT = lazy("[，：；！？]")
SURVIVING = lazy("[。、]")


class Threshold(NamedTuple):
    """How many flattened marks, and marks that survive flattening, make a habit."""

    flattened: int
    surviving: int


#: Calibrated on clean lines: people who type ASCII marks seldom write so many and also 。.
ALONE = Threshold(flattened=12, surviving=5)

#: A page that is proven to come from a mirror needs no more than the pattern itself.
IN_MIRROR = Threshold(flattened=1, surviving=0)


@dataclass(frozen=True, slots=True)
class FlattenedPunctuation:
    """The channel in both directions.

    >>> FlattenedPunctuation().damage("倡議，推進（一）")
    '倡議,推進(一)'
    """

    name = "punctuation"
    rules = RULES

    def damage(self, text: str) -> str:
        """Flatten as the sites do."""
        return text.translate(FLATTEN)

    def detect(self, text: str) -> Iterator[Finding]:
        """Report every mark that was flattened."""
        return as_findings(restored(text, ALONE))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold enough marks of ASCII between Chinese characters."""
        between = [match.start() for match in BETWEEN.finditer(rows.text)]
        return rows.mask(between, ALONE.flattened)

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        return for_findings(restored(text, ALONE), findings)


FLATTEN = {ord(full): ascii_ for ascii_, full in FULL_WIDTH.items()}


def restored(text: str, threshold: Threshold) -> ManyEdits:
    """Return the edits that restore the marks, if the text shows the habit."""
    if not shows_habit(text, threshold):
        return ManyEdits.of(text, ())
    pattern = BESIDE if threshold is IN_MIRROR else BETWEEN
    spots = [(match.start(), RULE) for match in pattern.finditer(text)]
    for match in BRACKETS.finditer(text):
        around = (
            text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
        )
        if not around.strip() or BESIDE_BRACKETS.search(around):
            spots += [(match.start(), BRACKET_RULE), (match.end() - 1, BRACKET_RULE)]
    spots.sort()
    changes = list(map(_restoring, FULL_WIDTH))
    marks = list(FULL_WIDTH)
    starts = np.array([position for position, _ in spots], np.intp)
    which = np.array([marks.index(text[position]) for position, _ in spots], np.intp)
    return ManyEdits(text, starts, starts + 1, which, changes)


def _restoring(mark: str) -> Change:
    full = FULL_WIDTH[mark]
    reason = f"the document has {mark} between Chinese characters and no {full}"
    rule = BRACKET_RULE if mark in BRACKET_MARKS else RULE
    return Change(full, rule, 0.95, reason, Proof.CONSISTENT)


def shows_habit(text: str, threshold: Threshold) -> bool:
    """Whether full-width marks were flattened in this text.

    >>> shows_habit("倡議,推進", IN_MIRROR), shows_habit("倡議,推進", ALONE)
    (True, False)
    """
    in_mirror = threshold is IN_MIRROR
    if not in_mirror and KEPT.search(text):
        return False
    flattened = len(BETWEEN.findall(text))
    if in_mirror:
        # Titles and footers that the mirror added may hold full-width marks of their own.
        return flattened >= threshold.flattened and len(KEPT.findall(text)) * 4 <= flattened
    if flattened < threshold.flattened:
        return False
    return len(SURVIVING.findall(text)) >= threshold.surviving
