"""The values that flow through a pipeline: plain, frozen, and counted in code points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from zhfix import edits as _edits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zhfix.edits import ManyRemarks
    from zhfix.many import ManyEdits
    from zhfix.many_findings import ManyFindings

__all__ = [
    "WHOLE",
    "Decoded",
    "Document",
    "Edit",
    "Finding",
    "Place",
    "Proof",
    "Revision",
    "Span",
]


class Span(NamedTuple):
    """A half-open stretch of text, counted in code points.

    >>> "中国文字"[slice(*Span(1, 3))]
    '国文'
    """

    start: int
    end: int


class Place(NamedTuple):
    """Which block of a stream a document is: rules about heads and tails need to know.

    >>> Place()
    Place(offset=0, first=True, last=True)

    `offset` is where the block begins in the stream, in code points.
    """

    offset: int = 0
    first: bool = True
    last: bool = True


WHOLE = Place()
"""The place of a document that is not part of a stream."""


class Proof(StrEnum):
    """How a repair is known to be right."""

    PROVEN = "proven"
    """Running the damage forwards on the repair gives exactly the damaged text."""
    CONSISTENT = "consistent"
    """The same, but the damage lost something, so other texts would fit as well."""
    GUESS = "guess"
    """The language model prefers it; nothing proves it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something seen in the text; changes nothing.

    >>> Finding(Span(0, 3), "damage/replacement", 0.99, "锟斤拷: the bytes are gone").rule
    'damage/replacement'

    `span` is in code points of the text the stage received, `confidence` a probability.
    """

    span: Span
    rule: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change that a stage proposes: where, what, which rule, how sure, and why.

    >>> Edit(Span(1, 6), "(luò)", "", "spam-mirror/gloss", 1.0, "pinyin gloss").after
    ''

    `before` must equal the text at `span`. `proof` is set by repairs only.
    """

    span: Span
    before: str
    after: str
    rule: str
    confidence: float
    reason: str
    proof: Proof | None = None

    def refine(self) -> Iterator[Edit]:
        """Yield the same change as minimal runs, for display and exact origins.

        >>> edit = Edit(Span(0, 4), "一體漢字", "一体汉字", "convert/t2s", 1.0, "")
        >>> [(e.span.start, e.before, e.after) for e in edit.refine()]
        [(1, '體漢', '体汉')]
        """
        for start, end, after in _edits.minimal_runs(self.before, self.after):
            yield replace(
                self,
                span=Span(self.span.start + start, self.span.start + end),
                before=self.before[start:end],
                after=after,
            )


@dataclass(frozen=True, slots=True)
class Revision:
    """What one stage did to a document; `declined` edits were below the threshold.

    >>> Document("中").revise("x", [Edit(Span(0, 1), "中", "文", "r", 0.4, "")], min_confidence=0.5)
    ... # doctest: +ELLIPSIS
    Document(text='中', ..., revisions=(Revision(stage='x', edits=(), declined=(Edit(...),)),))
    """

    stage: str
    edits: Sequence[Edit]
    declined: Sequence[Edit] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text that came from bytes, and how sure the decoder is of it.

    >>> Decoded("中文", "gb18030", 0.99).text
    '中文'

    `encoding` is a WHATWG label in lower case. `runner_up` is the next best encoding and
    `margin` the log-likelihood by which it lost. `declared` is what the caller or the
    markup said, and `declared_was_wrong` whether the bytes contradicted it.
    Findings count in code points of `text`; their reasons name byte offsets.
    """

    text: str
    encoding: str
    confidence: float
    findings: tuple[Finding, ...] = ()
    runner_up: str | None = None
    margin: float = 0.0
    declared: str | None = None
    declared_was_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A text together with all that was seen in it and done to it.

    >>> doc = Document("網(wǎng)路")
    >>> edit = Edit(Span(1, 7), "(wǎng)", "", "spam-mirror/gloss", 1.0, "pinyin gloss")
    >>> fixed = doc.revise("repair", [edit])
    >>> fixed.text, fixed.original
    ('網路', '網(wǎng)路')

    `findings` are those still open, in coordinates of `text`. They are a tuple, or many that are
    made only when someone looks; so are the edits of a revision.
    """

    text: str
    encoding: str | None = None
    place: Place = WHOLE
    findings: Sequence[Finding] = ()
    revisions: tuple[Revision, ...] = ()

    @property
    def original(self) -> str:
        """The text before any revision: every edit undone, last first.

        >>> Document("中文").original
        '中文'
        """
        return reduce(_edits.undo, (r.edits for r in reversed(self.revisions)), self.text)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """All edits of all revisions, in the order in which they were applied.

        >>> Document("中文").edits
        ()
        """
        return tuple(edit for revision in self.revisions for edit in revision.edits)

    def origin(self, span: Span) -> Span:
        """Trace a span of `text` back to `original`.

        Exact for untouched characters and for edits of equal length; elsewhere it widens
        to the whole edit and never shrinks.

        >>> doc = Document("啊網(wǎng)路").revise("x", [Edit(Span(2, 8), "(wǎng)", "", "r", 1, "")])
        >>> doc.origin(Span(2, 3))
        Span(start=8, end=9)
        """
        back = (r.edits for r in reversed(self.revisions))
        return Span(*reduce(_edits.trace_back, back, (span.start, span.end)))

    def revise(
        self, stage: str, remarks: Iterable[Finding | Edit], *, min_confidence: float = 0.0
    ) -> Document:
        """Record findings and apply edits: the one place where text changes.

        Returns this very document when there are no remarks. An edit closes the findings
        that it touches. Raises `StageError` when edits overlap or a `before` is not there.

        >>> doc = Document("中文")
        >>> doc.revise("detect", []) is doc
        True
        """
        if isinstance(remarks, _edits.ManyRemarks):
            return _revised(self, stage, remarks, min_confidence)
        accepted: list[Edit] = []
        declined: list[Edit] = []
        found: list[Finding] = []
        for remark in remarks:
            if isinstance(remark, Finding):
                _edits.check_finding(self.text, remark, stage)
                found.append(remark)
            elif remark.confidence >= min_confidence:
                accepted.append(remark)
            else:
                declined.append(remark)
        if not (accepted or declined or found):
            return self
        text = self.text
        findings = self.findings
        revisions = self.revisions
        if found:
            findings = tuple(dict.fromkeys((*findings, *found)))
        if accepted or declined:
            accepted = _edits.check(text, accepted, stage)
            text = _edits.apply(text, accepted)
            findings = tuple(_edits.carry_forward(findings, accepted)) if findings else ()
            revisions = (*revisions, Revision(stage, tuple(accepted), tuple(declined)))
        # Not `replace`, which takes three times as long: tables have millions of rows.
        return Document(text, self.encoding, self.place, findings, revisions)


def _revised(
    document: Document, stage: str, remarks: ManyRemarks[Any], min_confidence: float
) -> Document:
    # Imported here: it brings numpy, which a document does not need.
    from zhfix.many_findings import revised

    many = cast("ManyEdits | ManyFindings", remarks)
    return revised(document, stage, many, min_confidence) if len(many) else document
