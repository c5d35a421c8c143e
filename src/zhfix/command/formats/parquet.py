"""Parquet: the named columns are worked on, a row group at a time; schema and metadata stay."""

from __future__ import annotations

import io
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from zhfix.command.exits import InputError
from zhfix.command.formats import Seen
from zhfix.command.text import Origin
from zhfix.errors import BackendError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.command.formats import Work
    from zhfix.command.output import Output
    from zhfix.document import Document

__all__ = ["row_groups"]

#: Rows that are worked on at a time.
BATCH_ROWS = 8192


def row_groups(work: Work) -> Iterator[Seen]:
    """Work on the named columns, and write row groups of the same rows."""
    pa, pq = _pyarrow()
    work.out.begin(Origin("utf-8"))
    try:
        with _seekable(work) as stream, pq.ParquetFile(stream) as file:
            schema = file.schema_arrow
            places = [_place(pa, schema, name) for name in work.task.reading.columns]
            if not places:
                raise InputError("name the columns to work on with --column")
            sink = _Sink(work.out)
            with pq.ParquetWriter(sink, schema, compression=_compression(file)) as writer:
                row = 1
                for number in range(file.num_row_groups):
                    table = file.read_row_group(number)
                    for place in places:
                        column, noted = _worked(pa, work, table.column(place))
                        for at, document in noted:
                            yield Seen(document, row + at, schema.names[place])
                        if column is not None:
                            table = table.set_column(place, schema.field(place), column)
                            work.out.changed = True
                    writer.write_table(table, row_group_size=max(1, table.num_rows))
                    row += table.num_rows
    except pa.ArrowException as error:
        raise InputError(f"broken Parquet file: {str(error).splitlines()[0]}") from None


def _worked(pa: Any, work: Work, column: Any) -> tuple[Any, list[tuple[int, Document]]]:
    """Return the new column, or None when it stays, and the documents that say something."""
    plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    chunks: list[Any] = []
    noted: list[tuple[int, Document]] = []
    changed = False
    for start in range(0, len(plain), BATCH_ROWS):
        values = plain.slice(start, BATCH_ROWS).to_pylist()
        texts = ["" if value is None else value for value in values]
        found = work.pipeline.noted(texts)
        for at, document in sorted(found.items()):
            noted.append((start + at, document))
            if document.text != texts[at]:
                values[at] = document.text
                changed = True
        chunks.append(pa.array(values, type=plain.type))
    if not changed:
        return None, noted
    made = pa.chunked_array(chunks, type=plain.type)
    return (made.cast(column.type) if made.type != column.type else made), noted


def _place(pa: Any, schema: Any, name: str) -> int:
    """Find a column by its name and make sure that it holds text."""
    place: int = schema.get_field_index(name)
    if place < 0:
        raise InputError(f"no column {name!r}{did_you_mean(name, schema.names)}")
    kind = schema.field(place).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise InputError(f"the column {name!r} holds {kind}, not text")
    return place


def _compression(file: Any) -> Any:
    """Say how each column was compressed, so that it is again."""
    if not file.num_row_groups:
        return "snappy"
    group = file.metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    return {
        column.path_in_schema: "none"
        if column.compression == "UNCOMPRESSED"
        else column.compression.lower()
        for column in columns
    }


class _Sink(io.RawIOBase):
    """A file for Arrow to write into."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def writable(self) -> bool:
        """It can be written."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on."""
        self._out.raw(bytes(data), changed=False)
        return len(data)


@contextmanager
def _seekable(work: Work) -> Iterator[BinaryIO]:
    """Parquet is read from its end: what comes from a pipe is put into a file first."""
    if work.stream.seekable():
        yield work.stream
        return
    with tempfile.TemporaryFile() as file:
        shutil.copyfileobj(work.stream, file)
        file.seek(0)
        yield file


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise BackendError(
            "Parquet needs another package: pip install 'zhfix[arrow]'", distribution="pyarrow"
        ) from None
    return pa, pq
