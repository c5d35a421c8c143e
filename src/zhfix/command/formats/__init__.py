"""The formats of inputs: each takes text out, lets it be worked on, and puts it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, BinaryIO

from zhfix.command.exits import InputError
from zhfix.document import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zhfix.command.output import Output
    from zhfix.command.task import Input, Task
    from zhfix.pipeline import Pipeline

__all__ = ["KINDS", "Problems", "Seen", "Work", "handler", "kind_of"]

#: What `--as` takes, and who handles it.
KINDS = {
    "text": "zhfix.command.formats.plain:text",
    "jsonl": "zhfix.command.formats.jsonl:rows",
    "csv": "zhfix.command.formats.tables:comma_separated",
    "tsv": "zhfix.command.formats.tables:tab_separated",
    "parquet": "zhfix.command.formats.parquet:row_groups",
    "warc": "zhfix.command.formats.warc:records",
    "page": "zhfix.command.formats.plain:page",
    "epub": "zhfix.command.formats.files:epub",
    "srt": "zhfix.command.formats.files:structured",
    "ass": "zhfix.command.formats.files:structured",
    "lrc": "zhfix.command.formats.files:structured",
    "md": "zhfix.command.formats.files:structured",
    "html": "zhfix.command.formats.files:structured",
    "po": "zhfix.command.formats.files:structured",
    "json": "zhfix.command.formats.files:structured",
}
#: Kinds that a file name gives to rows when the columns are named.
ROWS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
MAGIC = {b"PAR1": "parquet", b"WARC/": "warc"}
PACKED = (".gz", ".zst", ".bz2", ".xz")


@dataclass(frozen=True, slots=True)
class Seen:
    """A document, where it begins in its file, and which field it is."""

    document: Document
    line: int = 1
    field: str = ""


@dataclass(slots=True)
class Problems:
    """What is wrong with single rows of an input; the other rows are worked on."""

    stop: bool = False
    count: int = 0
    told: list[str] = field(default_factory=list)

    def add(self, message: str) -> None:
        """Note a problem; raises `InputError` when the first one is to stop all work."""
        if self.stop:
            raise InputError(message)
        self.count += 1
        if self.count <= MOST_TOLD:
            self.told.append(message)


#: Rows with problems that are told one by one.
MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a handler needs for one input."""

    input: Input
    kind: str
    stream: BinaryIO
    out: Output
    pipeline: Pipeline
    task: Task
    problems: Problems


def handler(kind: str) -> Callable[[Work], Iterator[Seen]]:
    """Load the handler of a kind."""
    module, _, attribute = KINDS[kind].partition(":")
    made: Callable[[Work], Iterator[Seen]] = getattr(import_module(module), attribute)
    return made


def kind_of(name: str, head: bytes, task: Task) -> str:
    """Say what an input is: by order, by its first bytes, then by its name."""
    if task.reading.kind != "auto":
        return task.reading.kind
    for magic, kind in MAGIC.items():
        if head.startswith(magic):
            return kind
    plain = name.lower()
    for suffix in PACKED:
        plain = plain.removesuffix(suffix)
    if task.reading.columns:
        return next((kind for suffix, kind in ROWS.items() if plain.endswith(suffix)), "jsonl")
    if task.verb != "convert":
        return "text"
    # Imported here: only conversion knows these formats.
    from zhfix.converting.formats import format_of

    return "epub" if plain.endswith(".epub") else format_of(plain) or "text"
