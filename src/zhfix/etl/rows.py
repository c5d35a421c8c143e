"""The core below the Arrow kernel: cells in, documents out, equal cells once, no cell fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, cast

from zhfix.document import Document, Finding, Span
from zhfix.pipeline import decoded_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhfix.etl.spec import Spec
    from zhfix.pipeline import Pipeline

__all__ = ["FAILED", "Cell", "Remark", "fix_rows", "noted_cells", "remarks", "undo"]

Cell = str | bytes
"""What a row may hold besides null: text, or bytes of unknown encoding."""

FAILED = "etl/failed"
"""The rule of the finding on a row that a stage could not work on; its text is as it came."""


class Remark(TypedDict):
    """One entry of a row's report; the fields of the Arrow struct, in this order.

    `kind` is "decoded", "edit", "declined" or "finding". `start` and `end` are code points:
    of the text that the stage received for edits, of the text that comes out for findings.
    """

    kind: str
    stage: str | None
    rule: str
    start: int
    end: int
    before: str | None
    after: str | None
    confidence: float | None
    proof: str | None
    reason: str


def fix_rows(cells: Sequence[Cell | None], spec: Spec) -> list[Document | None]:
    """Run a pipeline over rows: what every adapter computes, on a plain list.

    >>> from zhfix.etl import Spec
    >>> rows = fix_rows(["網(wǎng)絡(luò)與網(wǎng)絡(luò)", None, "中文"], Spec.of())
    >>> [row and row.text for row in rows]
    ['網絡與網絡', None, '中文']

    Null stays null. Bytes are decoded, and all bytes of one call lend one another their
    encoding. A row on which a stage fails keeps its text and has a finding `etl/failed`.
    """
    noted = noted_cells(cells, spec.pipeline())
    return [_document(cell, noted) for cell in cells]


def _document(cell: Cell | None, noted: Mapping[Cell, Document]) -> Document | None:
    if cell is None:
        return None
    return Document(cell) if isinstance(cell, str) and cell not in noted else noted[cell]


def noted_cells(cells: Sequence[Cell | None], pipeline: Pipeline) -> dict[Cell, Document]:
    """Return the documents of those cells that are not clean text: equal ones have one.

    >>> from zhfix.pipeline import default
    >>> noted = noted_cells([b"abc", None, "def", b"abc"], default())
    >>> {cell: document.text for cell, document in noted.items()}
    {b'abc': 'abc'}

    Text without damage, which nothing changed, has no document; bytes always have one.
    """
    noted = _note_texts([cell for cell in cells if isinstance(cell, str)], pipeline)
    if raw := list(dict.fromkeys(cell for cell in cells if isinstance(cell, bytes))):
        noted.update(zip(raw, _run_bytes(raw, pipeline), strict=True))
    return noted


def _note_texts(texts: list[str], pipeline: Pipeline) -> dict[Cell, Document]:
    """Run all at once; where that fails, halves: the good rows stay in blocks."""
    try:
        return {texts[row]: document for row, document in pipeline.noted(texts).items()}
    except Exception as error:  # noqa: BLE001 -- whatever a stage of anyone's raises
        if len(texts) == 1:
            return {texts[0]: _failed(texts[0], error)}
    middle = len(texts) // 2
    return _note_texts(texts[:middle], pipeline) | _note_texts(texts[middle:], pipeline)


def _run_bytes(cells: list[bytes], pipeline: Pipeline) -> list[Document]:
    try:
        return pipeline.run_bytes_many(cells)
    except Exception:  # noqa: BLE001
        return [_run_one_cell(cell, pipeline) for cell in cells]


def _run_one_cell(cell: bytes, pipeline: Pipeline) -> Document:
    """Decode by itself; what the decoder cannot do is read as UTF-8, with marks for the rest."""
    try:
        decoded = decoded_document(pipeline.decoder(cell))
    except Exception as error:  # noqa: BLE001
        return _failed(cell.decode("utf-8", "replace"), error)
    try:
        return pipeline.run_document(decoded)
    except Exception as error:  # noqa: BLE001
        return _failed(decoded.text, error)


def _failed(text: str, error: Exception) -> Document:
    reason = f"{type(error).__name__}: {error}"
    return Document(text, findings=(Finding(Span(0, len(text)), FAILED, 1.0, reason),))


def remarks(document: Document) -> list[Remark]:
    """Return all that was seen in a row and done to it, as plain values.

    >>> import zhfix
    >>> first = remarks(zhfix.explain("網(wǎng)與網(wǎng)"))[0]
    >>> first["kind"], first["rule"], first["before"]
    ('edit', 'spam-mirror/gloss', '(wǎng)')

    First how bytes were decoded, then the edits in the order in which they were made, each
    stage's declined ones after them, then the findings that stay open.
    """
    found: list[Remark] = []
    if document.encoding is not None:
        reason = f"the bytes are {document.encoding}"
        size = len(document.original) if document.revisions else len(document.text)
        found.append(
            Remark(
                kind="decoded",
                stage="decode",
                rule=f"decode/{document.encoding}",
                start=0,
                end=size,
                before=None,
                after=None,
                confidence=None,
                proof=None,
                reason=reason,
            )
        )
    for revision in document.revisions:
        for kind, edits in (("edit", revision.edits), ("declined", revision.declined)):
            found += (
                Remark(
                    kind=kind,
                    stage=revision.stage,
                    rule=edit.rule,
                    start=edit.span.start,
                    end=edit.span.end,
                    before=edit.before,
                    after=edit.after,
                    confidence=float(edit.confidence),
                    proof=None if edit.proof is None else str(edit.proof),
                    reason=edit.reason,
                )
                for edit in edits
            )
    found += (
        Remark(
            kind="finding",
            stage=None,
            rule=finding.rule,
            start=finding.span.start,
            end=finding.span.end,
            before=document.text[slice(*finding.span)],
            after=None,
            confidence=float(finding.confidence),
            proof=None,
            reason=finding.reason,
        )
        for finding in document.findings
    )
    return found


def undo(text: str, report: Iterable[Remark]) -> str:
    """Return the text as it came, from the text that came out and its report.

    >>> import zhfix
    >>> document = zhfix.explain("網(wǎng)絡(luò)與網(wǎng)絡(luò)", to="zh-Hans")
    >>> undo(document.text, remarks(document))
    '網(wǎng)絡(luò)與網(wǎng)絡(luò)'

    Of bytes it returns what they were decoded to.
    """
    from zhfix.document import Edit
    from zhfix.edits import undo as undo_edits

    stages: dict[str | None, list[Edit]] = {}
    for remark in report:
        if remark["kind"] == "edit":
            span = Span(remark["start"], remark["end"])
            before, after = cast("str", remark["before"]), cast("str", remark["after"])
            edit = Edit(span, before, after, remark["rule"], 1.0, remark["reason"])
            stages.setdefault(remark["stage"], []).append(edit)
    for edits in reversed(stages.values()):
        text = undo_edits(text, edits)
    return text
