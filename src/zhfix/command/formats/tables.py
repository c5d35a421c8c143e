"""CSV and TSV: the named columns are worked on, everything else stays byte for byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from zhfix.command.exits import InputError
from zhfix.command.formats import Seen
from zhfix.command.text import lines, open_text, too_long
from zhfix.errors import did_you_mean

if TYPE_CHECKING:
    from zhfix.command.formats import Work

__all__ = ["comma_separated", "tab_separated"]

BATCH_ROWS = 4096
BATCH_SIZE = 1 << 18

#: A field that needs no quotes, or one in quotes, in which quotes are doubled. Only what ends the
#: record is no part of one: a lone "\r" is text.
FIELD = re.compile(r'"(?:[^"]++|"")*+"(?=,|\Z)|[^",][^,]*+|(?=,|\Z)')


Parse = Callable[[Iterable[str], int], Iterator["Row"]]


class Row(NamedTuple):
    """A record: its fields as they are written, its line end, and the number of its line."""

    fields: list[str]
    end: str
    number: int


def comma_separated(work: Work) -> Iterator[Seen]:
    """Work on the named columns of a CSV file, as RFC 4180 and Excel write it."""
    return _table(work, ",", _csv_rows)


def tab_separated(work: Work) -> Iterator[Seen]:
    """Work on the named columns of a TSV file: a record is a line, and quotes are text."""
    return _table(work, "\t", _tsv_rows)


def _table(work: Work, separator: str, parse: Parse) -> Iterator[Seen]:
    reading = work.task.reading
    if not reading.columns:
        raise InputError("name the columns to work on with --column")
    source = open_text(work.stream, work.pipeline.decoder, reading.encoding)
    work.out.begin(source.origin)
    found = parse(lines(source.pieces, reading.max_record), reading.max_record)
    first = next(found, None)
    if first is None:
        return
    places = _places(first, reading.columns, header=reading.header)
    if reading.header:
        head = _joined(first, separator)
        work.out.put(head, head)
    else:
        found = _with_first(first, found)
    for batch in _batches(found):
        values = [
            [unquoted(row.fields[at]) if at < len(row.fields) else "" for at, _ in places]
            for row in batch
        ]
        documents = work.pipeline.run_many([value for row in values for value in row])
        for number, (row, old) in enumerate(zip(batch, values, strict=True)):
            before = _joined(row, separator)
            mine = documents[number * len(places) : (number + 1) * len(places)]
            for (at, name), value, document in zip(places, old, mine, strict=True):
                if document.text != value:
                    row.fields[at] = quoted(document.text, row.fields[at], separator)
                if document.findings or document.revisions:
                    yield Seen(document, row.number, name)
            work.out.put(before, _joined(row, separator))
    work.out.end(source.late())


def _with_first(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _places(first: Row, columns: tuple[str, ...], *, header: bool) -> list[tuple[int, str]]:
    """Find the columns, by the names in the first row or by numbers from one on."""
    names = [unquoted(field) for field in first.fields] if header else []
    places = []
    for column in columns:
        if column in names:
            places.append((names.index(column), column))
        elif column.isdecimal() and 1 <= int(column) <= len(first.fields):
            places.append((int(column) - 1, column))
        else:
            numbers = [str(at + 1) for at in range(len(first.fields))]
            raise InputError(f"no column {column!r}{did_you_mean(column, names or numbers)}")
    return places


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(map(len, row.fields))
        if size >= BATCH_SIZE or len(batch) >= BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _joined(row: Row, separator: str) -> str:
    return separator.join(row.fields) + row.end


def unquoted(field: str) -> str:
    """Return the value of a field.

    >>> unquoted('"a ""b"" c"'), unquoted('5" disk')
    ('a "b" c', '5" disk')
    """
    if len(field) > 1 and field.startswith('"') and field.endswith('"'):
        return field[1:-1].replace('""', '"')
    return field


def quoted(value: str, like: str, separator: str) -> str:
    """Write a value as a field, in quotes if the old field had them or the value needs them.

    >>> quoted("a", '"x"', ","), quoted("a,b", "x", ",")
    ('"a"', '"a,b"')
    """
    had = len(like) > 1 and like.startswith('"') and like.endswith('"')
    if separator == "\t" and not had:
        # Quotes are text here; what would end the field or the record is a space instead.
        return re.sub(r"[\t\r\n]", " ", value)
    if had or value.startswith('"') or any(char in value for char in (separator, "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value


def _tsv_rows(found: Iterable[str], most: int) -> Iterator[Row]:  # noqa: ARG001 -- lines are short
    for number, line in enumerate(found, 1):
        body, end = _without_end(line)
        yield Row(body.split("\t"), end, number)


def _csv_rows(found: Iterable[str], most: int) -> Iterator[Row]:
    """Join lines until no quote is open; a record longer than the limit is refused."""
    held: list[str] = []
    size = 0
    start = 1
    is_open = False
    for number, line in enumerate(found, 1):
        if not held:
            start = number
            if '"' not in line:
                body, end = _without_end(line)
                yield Row(body.split(","), end, number)
                continue
        held.append(line)
        size += len(line)
        if size > most:
            too_long(start, most)
        # Inside quotes, an odd number of quotes is what closes; parsing at every line would
        # take quadratic time.
        if is_open and line.count('"') % 2 == 0:
            continue
        row = _parsed("".join(held), start)
        is_open = row is None
        if row is not None:
            yield row
            held, size = [], 0
    if held:
        raise InputError(f"line {start}: a quote is opened and never closed")


def _parsed(record: str, number: int) -> Row | None:
    """Split a record into fields; None while a quote is open."""
    body, ending = _without_end(record)
    fields: list[str] = []
    at = 0
    while at <= len(body):
        match = FIELD.match(body, at)
        if match is None:
            # A quoted field goes on, or text follows its closing quote: the latter is literal.
            if body.count('"', at) % 2:
                return None
            end = _after_stray_quote(body, at)
        else:
            end = match.end()
        fields.append(body[at:end])
        at = end + 1
    return Row(fields, ending, number)


def _after_stray_quote(record: str, at: int) -> int:
    inside = False
    for place in range(at, len(record)):
        char = record[place]
        if char == '"':
            inside = not inside
        elif char == "," and not inside:
            return place
    return len(record)


def _without_end(line: str) -> tuple[str, str]:
    body = line.removesuffix("\n").rstrip("\r")
    return body, line[len(body) :]
