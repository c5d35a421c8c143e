"""What a report tells, counted file by file: sums for all, documents only of the worst few."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhfix.etl.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhfix.document import Document
    from zhfix.pipeline import Pipeline

__all__ = ["FileLine", "Gathered", "gather"]

#: Characters of a document that a page keeps: enough to look at, whatever a file's size.
KEPT = 200_000


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file in a line of the report; `touched` counts code points of the text that changed."""

    name: str
    encoding: str
    characters: int
    edits: int
    findings: int
    touched: int
    error: str = ""

    @property
    def share(self) -> float:
        """The share of the text that was changed or is in question, 0 to 1."""
        return min(1.0, self.touched / self.characters) if self.characters else 0.0


@dataclass(slots=True)
class Gathered:
    """Counts over all files, and the documents of the worst ones, worst first."""

    counters: Counters = field(default_factory=Counters)
    encodings: Counter[str] = field(default_factory=Counter)
    files: list[FileLine] = field(default_factory=list)
    failed: list[FileLine] = field(default_factory=list)
    worst: list[tuple[FileLine, Document]] = field(default_factory=list)
    seen: int = 0
    characters: int = 0


def gather(
    inputs: Iterable[tuple[str, bytes | OSError]],
    pipeline: Pipeline,
    *,
    worst: int = 10,
    listed: int = 200,
) -> Gathered:
    """Run a pipeline over files and count; memory does not grow with their number.

    >>> import zhfix
    >>> found = gather([("a.txt", "網(wǎng)絡(luò)與網(wǎng)絡(luò)".encode())], zhfix.default())
    >>> found.counters.changed, found.files[0].edits
    (1, 4)

    An `OSError` in place of the bytes is a file that could not be read. `listed` files with the
    greatest shares of damage are kept in the list, and `worst` of these with their documents.
    """
    gathered = Gathered()
    best: list[tuple[float, int, int, FileLine, Document | None]] = []
    for number, (name, data) in enumerate(inputs):
        if isinstance(data, OSError):
            gathered.failed.append(FileLine(name, "", 0, 0, 0, 0, data.strerror or str(data)))
            continue
        document = pipeline.run_bytes(data)
        gathered.counters.add(document)
        gathered.seen += 1
        gathered.encodings[document.encoding or "unknown"] += 1
        line = _line(name, document)
        gathered.characters += line.characters
        kept = document if len(document.text) <= KEPT else None
        heapq.heappush(best, (line.share, line.touched, -number, line, kept))
        if len(best) > max(worst, listed):
            heapq.heappop(best)
    ranked = sorted(best, key=lambda item: item[:3], reverse=True)
    gathered.files = [item[3] for item in ranked[:listed]]
    damaged = [item for item in ranked if item[3].edits or item[3].findings]
    gathered.worst = [(item[3], item[4]) for item in damaged[:worst] if item[4] is not None]
    return gathered


def _line(name: str, document: Document) -> FileLine:
    touched = sum(
        max(len(small.before), len(small.after))
        for edit in document.edits
        for small in edit.refine()
    )
    touched += sum(finding.span.end - finding.span.start for finding in document.findings)
    return FileLine(
        name,
        document.encoding or "unknown",
        max(len(document.text), 1),
        len(document.edits),
        len(document.findings),
        touched,
    )
