"""JSON Lines: the named fields are worked on, everything else stays byte for byte."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from zhfix.command.exits import InputError
from zhfix.command.formats import Seen
from zhfix.command.text import lines, open_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.command.formats import Problems, Work
    from zhfix.document import Document

__all__ = ["rows"]

#: Rows, and characters in them, that are worked on at a time.
BATCH_ROWS = 4096
BATCH_SIZE = 1 << 18

Path = tuple[str, ...]


class Row(NamedTuple):
    """A line, its number, and the strings of the named fields in the order of the line."""

    line: str
    number: int
    values: list[str]
    names: list[str]


def rows(work: Work) -> Iterator[Seen]:
    """Work on the strings of the named fields of every row."""
    paths = [split_path(name) for name in work.task.reading.columns]
    if not paths:
        raise InputError("JSON Lines: name the fields to work on with --field")
    source = open_text(work.stream, work.pipeline.decoder, work.task.reading.encoding)
    work.out.begin(source.origin)
    found: set[Path] = set()
    any_row = False
    for batch in _batches(lines(source.pieces, work.task.reading.max_record)):
        read = [_read(line, number, paths, found, work.problems) for line, number in batch]
        any_row = any_row or any(row.line.strip() for row in read)
        documents = work.pipeline.run_many([value for row in read for value in row.values])
        done = 0
        for row in read:
            mine = documents[done : done + len(row.values)]
            done += len(row.values)
            try:
                after = rewritten(row, paths, [each.text for each in mine])
            except ValueError as error:
                work.problems.add(f"line {row.number}: {error}; the row stays as it is")
                after = row.line
            work.out.put(row.line, after)
            yield from _seen(row, mine)
    if any_row:
        for name, path in zip(work.task.reading.columns, paths, strict=True):
            if path not in found:
                work.problems.add(f"no row has a string in the field {name!r}")
    work.out.end(source.late())


def _seen(row: Row, documents: list[Document]) -> Iterator[Seen]:
    for name, document in zip(row.names, documents, strict=True):
        if document.findings or document.revisions:
            yield Seen(document, row.number, name)


def _batches(found: Iterable[str]) -> Iterator[list[tuple[str, int]]]:
    batch: list[tuple[str, int]] = []
    size = 0
    for number, line in enumerate(found, 1):
        batch.append((line, number))
        size += len(line)
        if size >= BATCH_SIZE or len(batch) >= BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def split_path(name: str) -> Path:
    r"""Split a field's name at its dots; a dot that belongs to a key has a backslash.

    >>> split_path("a.b"), split_path(r"a\.b")
    (('a', 'b'), ('a.b',))
    """
    return tuple(part.replace("\0", ".") for part in name.replace("\\.", "\0").split("."))


def _read(line: str, number: int, paths: list[Path], found: set[Path], problems: Problems) -> Row:
    row = Row(line, number, [], [])
    if not line.strip():
        return row
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        problems.add(f"line {number}: not JSON: {why}")
        return row
    for path, text in _strings(value, (), paths):
        row.values.append(text)
        row.names.append(".".join(path))
        found.add(path)
    return row


def _strings(value: Any, path: Path, paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the strings at the paths, in the order of the line; lists are looked into."""
    if isinstance(value, str):
        if path in paths:
            yield path, value
    elif isinstance(value, list):
        if any(wanted[: len(path)] == path for wanted in paths):
            for item in value:
                yield from _strings(item, path, paths)
    elif isinstance(value, dict):
        for key, item in value.items():
            inner = (*path, key)
            if any(wanted[: len(inner)] == inner for wanted in paths):
                yield from _strings(item, inner, paths)


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]', re.DOTALL)


def rewritten(row: Row, paths: list[Path], texts: list[str]) -> str:
    """Put new strings where the old ones stand; numbers, spaces and key order stay.

    >>> row = Row('{"a": 1.50, "b": "x"}', 1, ["x"], ["b"])
    >>> rewritten(row, [("b",)], ["y"])
    '{"a": 1.50, "b": "y"}'

    Raises `ValueError` when it is not clear which string is meant: a key stands there twice.
    """
    if texts == row.values:
        return row.line
    line = row.line
    places = [(start, end) for path, start, end in _tokens(line) if path in paths]
    if [json.loads(line[start:end], strict=False) for start, end in places] != row.values:
        raise ValueError("an object has a key twice")
    parts: list[str] = []
    done = 0
    for (start, end), before, after in zip(places, row.values, texts, strict=True):
        if before == after:
            continue
        lone = any("\ud800" <= char <= "\udfff" for char in after)
        ascii_only = lone or (line[start:end].isascii() and not before.isascii())
        parts += (line[done:start], json.dumps(after, ensure_ascii=ascii_only))
        done = end
    parts.append(line[done:])
    return "".join(parts)


@dataclass(slots=True)
class _Frame:
    """An object or a list that is open, and in an object the key that was read last."""

    is_object: bool
    wants_key: bool
    key: str = ""


def _tokens(line: str) -> Iterator[tuple[Path, int, int]]:
    """Yield the place of every string that is a value, with its path of keys."""
    stack: list[_Frame] = []
    for match in TOKEN.finditer(line):
        piece = match[0]
        if piece in "{[":
            stack.append(_Frame(piece == "{", piece == "{"))
        elif piece in "}]":
            stack.pop()
        elif piece == ":":
            stack[-1].wants_key = False
        elif piece == ",":
            stack[-1].wants_key = stack[-1].is_object
        elif stack and stack[-1].wants_key:
            stack[-1].key = json.loads(piece, strict=False)
        else:
            yield tuple(frame.key for frame in stack if frame.is_object), *match.span()
