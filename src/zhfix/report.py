"""A document as text for people, or as JSON for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.document import Document, Edit, Finding

__all__ = ["as_json", "as_records", "line_and_column", "rendered"]

#: Longest stretch of text shown for one edit; the middle is left out.
SHOWN = 60


def as_records(document: Document) -> dict[str, Any]:
    """Return a document as plain values: text, original, findings, and edits by stage.

    >>> from zhfix.document import Document
    >>> as_records(Document("中文"))["text"]
    '中文'
    """
    return {
        "text": document.text,
        "original": document.original,
        "encoding": document.encoding,
        "findings": [_record(finding) for finding in document.findings],
        "revisions": [
            {
                "stage": revision.stage,
                "edits": [_record(edit) for edit in revision.edits],
                "declined": [_record(edit) for edit in revision.declined],
            }
            for revision in document.revisions
        ],
    }


def as_json(document: Document) -> str:
    """Return a document as one line of JSON; lone surrogates are escaped.

    >>> from zhfix.document import Document
    >>> as_json(Document("中"))[:16]
    '{"text": "中", "o'
    """
    line = json.dumps(as_records(document), ensure_ascii=False)
    if any("\ud800" <= char <= "\udfff" for char in line):
        return json.dumps(as_records(document))
    return line


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset, both counted from one in code points.

    >>> line_and_column("一\\n二三", 3)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def rendered(document: Document, *, color: bool = False) -> str:
    """Return the edits by stage, then what was declined, then what stays open.

    >>> from zhfix.document import Document
    >>> rendered(Document("中文"))
    'nothing found, nothing changed\\n'
    """
    # Imported here: rich takes longer to import than most texts take to fix.
    from rich.console import Console
    from rich.text import Text

    output = StringIO()
    console = Console(
        file=output,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        soft_wrap=True,
        emoji=False,
        markup=False,
    )
    if document.encoding:
        console.print(Text(f"decoded as {document.encoding}", style="dim"))
    if not document.revisions and not document.findings:
        console.print("nothing found, nothing changed")
    for revision in document.revisions:
        count = sum(1 for edit in revision.edits for _ in _shown(edit))
        console.print(Text(f"{revision.stage}: {_plural(count, 'edit')}", style="bold"))
        for edit in revision.edits:
            for shown in _shown(edit):
                console.print(_edit_line(shown))
        for edit in revision.declined:
            console.print(Text("  not done, too unsure:", style="yellow"), _edit_line(edit))
    if document.findings:
        heading = f"still open: {_plural(len(document.findings), 'finding')}"
        console.print(Text(heading, style="bold yellow"))
        for finding in document.findings:
            console.print(_finding_line(document.text, finding))
    return output.getvalue()


def _shown(edit: Edit) -> Iterator[Edit]:
    """Fine runs for an edit that covers much and changes little; others as they are."""
    return edit.refine() if len(edit.before) > SHOWN and edit.after else iter((edit,))


def _edit_line(edit: Edit) -> Any:
    from rich.text import Text

    proof = f", {edit.proof}" if edit.proof else ""
    return Text.assemble(
        f"  {edit.span.start:>7}  ",
        (_clip(edit.before), "red"),
        " → ",
        (_clip(edit.after) or "(nothing)", "green"),
        (f"  {edit.rule} {edit.confidence:.0%}{proof}: {edit.reason}", "dim"),
    )


def _finding_line(text: str, finding: Finding) -> Any:
    from rich.text import Text

    line, column = line_and_column(text, finding.span.start)
    return Text.assemble(
        f"  {line}:{column}  ",
        (_clip(text[slice(*finding.span)]), "yellow"),
        (f"  {finding.rule} {finding.confidence:.0%}: {finding.reason}", "dim"),
    )


def _clip(text: str) -> str:
    """Shorten, and show what a terminal must not interpret."""
    if len(text) > SHOWN:
        text = f"{text[: SHOWN // 2]}…{text[-SHOWN // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _record(remark: Finding | Edit) -> dict[str, Any]:
    record = asdict(remark)
    record["start"], record["end"] = record.pop("span")
    return record
