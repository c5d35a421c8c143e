"""What was seen where many edits are proposed; like those, made only when someone looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zhfix.document import Document, Finding, Revision, Span
from zhfix.edits import ManyRemarks, check_finding, moved
from zhfix.many import ManyEdits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from zhfix.document import Edit

__all__ = ["ManyFindings", "carried", "revised"]


class ManyFindings(ManyRemarks[Finding]):
    """What was seen where many edits are proposed, and what others saw before and behind that.

    >>> from zhfix.document import Edit
    >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "why")])
    >>> ManyFindings(edits)[0].reason
    'why'
    """

    __slots__ = ("edits", "head", "tail")

    def __init__(
        self, edits: ManyEdits, tail: Sequence[Finding] = (), head: Sequence[Finding] = ()
    ) -> None:
        super().__init__()
        self.edits = edits
        self.head = head
        self.tail = tail

    def _rows(self) -> Iterator[Finding]:
        yield from self.head
        for start, end, change in self.edits.rows():
            yield Finding(Span(start, end), change.rule, change.confidence, change.reason)
        yield from self.tail

    def __len__(self) -> int:
        return len(self.head) + len(self.edits) + len(self.tail)

    def of_rules(self, wanted: Callable[[str], bool]) -> ManyFindings:
        """Return those of rules that are wanted; all of them if all are.

        >>> findings = ManyFindings(ManyEdits.of("", ()))
        >>> findings.of_rules("r".startswith) is findings
        True
        """
        known = {rule: wanted(rule) for rule in {change.rule for change in self.edits.changes}}
        others = {finding.rule for finding in (*self.head, *self.tail)}
        if all(known.values()) and all(map(wanted, others)):
            return self
        return ManyFindings(
            self.edits.those(lambda change: known[change.rule]),
            tail=[finding for finding in self.tail if wanted(finding.rule)],
            head=[finding for finding in self.head if wanted(finding.rule)],
        )

    def beside(self, *, head: Sequence[Finding] = (), tail: Sequence[Finding] = ()) -> ManyFindings:
        """Put others before and behind them.

        >>> edits = ManyEdits.of("", ())
        >>> len(ManyFindings(edits).beside(tail=[Finding(Span(0, 0), "r", 1.0, "")]))
        1
        """
        return ManyFindings(self.edits, [*self.tail, *tail], [*head, *self.head])

    def untouched(self, edits: ManyEdits) -> list[Finding]:
        """Return those that edits of the same text neither change nor remove.

        >>> from zhfix.document import Edit
        >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "why")])
        >>> ManyFindings(edits).untouched(edits)
        []
        """
        if edits is self.edits:
            return [*self.head, *self.tail]
        own = self.edits
        following = np.append(edits.starts, len(own.text) + 1)
        left = following.take(edits.ends.searchsorted(own.starts, "right")) >= own.ends
        return [*self.head, *ManyFindings(own.taken(left), self.tail)]


def carried(findings: Sequence[Finding], edits: ManyEdits) -> Iterator[Finding]:
    """Move findings to the text after edits; drop those that an edit touches.

    >>> from zhfix.document import Edit
    >>> edits = ManyEdits.of("中文", [Edit(Span(0, 1), "中", "", "r", 1.0, "")])
    >>> [finding.span for finding in carried([Finding(Span(1, 2), "r", 1.0, "")], edits)]
    [Span(start=0, end=1)]

    As `zhfix.edits.carry_forward` does.
    """
    left = findings.untouched(edits) if isinstance(findings, ManyFindings) else findings
    found = sorted(left, key=lambda finding: finding.span)
    if not found:
        return
    before = edits.ends.searchsorted([finding.span.start for finding in found], "right")
    following = np.append(edits.starts, len(edits.text) + 1).take(before).tolist()
    shifts = edits.shifts().take(before).tolist()
    for finding, shift, limit in zip(found, shifts, following, strict=True):
        if limit >= finding.span.end:
            yield replace(finding, span=moved(finding.span, shift))


def revised(
    document: Document, stage: str, remarks: ManyEdits | ManyFindings, min_confidence: float
) -> Document:
    """Do as `Document.revise`.

    >>> revised(Document("中"), "repair", ManyEdits.of("中", ()), 0.5).revisions
    (Revision(stage='repair', edits=(), declined=()),)
    """
    text, revisions = document.text, document.revisions
    held = document.findings
    if isinstance(remarks, ManyFindings):
        remarks.edits.check(text, stage)
        for finding in (*remarks.head, *remarks.tail):
            check_finding(text, finding, stage)
        findings = tuple(dict.fromkeys((*held, *remarks))) if held else remarks
    else:
        accepted = remarks.those(lambda change: change.confidence >= min_confidence)
        declined: Sequence[Edit] = ()
        if accepted is not remarks:
            declined = remarks.those(lambda change: change.confidence < min_confidence)
        accepted.check(text, stage)
        findings = tuple(carried(held, accepted))
        revisions = (*revisions, Revision(stage, accepted, declined))
        text = accepted.applied
    return Document(text, document.encoding, document.place, findings, revisions)
