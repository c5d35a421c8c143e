"""The kernel of all adapters: Arrow columns in, Arrow columns out.

A column keeps its type, its nulls and its chunks; what did not change is the same object.
Binary columns are decoded and become string columns of the like layout.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from zhfix.document import Document, Finding, Span
from zhfix.errors import ConfigError, did_you_mean
from zhfix.etl.counters import Counters
from zhfix.etl.rows import FAILED, noted_cells, remarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zhfix.etl.rows import Cell, Remark
    from zhfix.etl.spec import Spec

__all__ = [
    "REPORT",
    "FixTable",
    "count_report",
    "fix_array",
    "fix_table",
    "report_array",
    "text_type",
]

Array: TypeAlias = "pa.Array | pa.ChunkedArray"

REPORT = pa.list_(
    pa.struct(
        [
            pa.field("kind", pa.string()),
            pa.field("stage", pa.string()),
            pa.field("rule", pa.string()),
            pa.field("start", pa.int64()),
            pa.field("end", pa.int64()),
            pa.field("before", pa.string()),
            pa.field("after", pa.string()),
            pa.field("confidence", pa.float64()),
            pa.field("proof", pa.string()),
            pa.field("reason", pa.string()),
        ]
    )
)
"""The type of a report column: `zhfix.etl.rows.Remark` as a list of structs; null for null."""


def fix_array(
    array: Array, spec: Spec, *, report: bool = False, counters: Counters | None = None
) -> Any:
    """Fix a column; with `report` return it and the report column.

    >>> from zhfix.etl import Spec
    >>> column = pa.array(["網(wǎng)絡(luò)與網(wǎng)絡(luò)", None, "中文"])
    >>> fix_array(column, Spec.of()).to_pylist()
    ['網絡與網絡', None, '中文']
    >>> clean = pa.array(["中文"])
    >>> fix_array(clean, Spec.of()) is clean
    True

    Takes arrays and chunked arrays, also sliced, of string, large_string, string_view, binary
    of any layout, dictionaries of these, and null. Equal values are worked on once. A row that
    fails stays as it is and has a finding `etl/failed` in the report. `counters` are added to.
    Raises `TypeError` for columns of another type, before any work.
    """
    column = _Column(array)
    noted = noted_cells(column.cells(), spec.pipeline())
    column.fill(noted)
    if counters is not None:
        counters.rows += len(array) - array.null_count
        for cell, times in Counter(cell for cell in column.rows() if cell in noted).items():
            counters.add_noted(noted[cell], times=times)
    return (column.result(), column.report(noted)) if report else column.result()


def fix_table(
    table: Any,
    columns: str | Sequence[str],
    spec: Spec,
    *,
    report_column: str | Mapping[str, str] | None = None,
    counters: Counters | None = None,
) -> Any:
    """Fix columns of a table or record batch; the same object when nothing changed.

    >>> from zhfix.etl import Spec
    >>> table = pa.table({"id": [1], "text": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)"]})
    >>> fixed = fix_table(table, "text", Spec.of(), report_column="edits")
    >>> fixed.column_names, fixed["text"].to_pylist(), len(fixed["edits"][0])
    (['id', 'text', 'edits'], ['網絡與網絡'], 4)

    `report_column` names the column to add, or for several columns maps each to its report's
    name. Raises `ConfigError` for a column that is not there.
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    reports = _report_names(names, report_column)
    for name in names:
        if name not in table.schema.names:
            hint = did_you_mean(name, table.schema.names)
            raise ConfigError(f"no column {name!r}{hint}", path="columns")
    for name in names:
        index = table.schema.get_field_index(name)
        before = table.column(index)
        if name in reports:
            after, report = fix_array(before, spec, report=True, counters=counters)
            table = _with_column(table, pa.field(reports[name], REPORT), report)
        else:
            after = fix_array(before, spec, counters=counters)
        if after is not before:
            table = table.set_column(index, table.schema.field(index).with_type(after.type), after)
    return table


@dataclass(frozen=True, slots=True)
class FixTable:
    """`fix_table` with its arguments held: a function of a table that can be pickled.

    >>> from zhfix.etl import Spec
    >>> FixTable(("text",), Spec.of())(pa.table({"text": ["中文"]})).num_rows
    1
    """

    columns: tuple[str, ...]
    spec: Spec
    report_column: str | None = None

    def __call__(self, table: Any) -> Any:
        """Fix the columns of one batch."""
        return fix_table(table, self.columns, self.spec, report_column=self.report_column)

    def schema(self, schema: Any) -> Any:
        """Return the schema of the result, without looking at a row.

        >>> from zhfix.etl import Spec
        >>> FixTable(("a",), Spec.of()).schema(pa.schema({"a": pa.binary()})).field("a").type
        DataType(string)
        """
        for name in self.columns:
            index = schema.get_field_index(name)
            field = schema.field(index)
            schema = schema.set(index, field.with_type(text_type(field.type)))
        if self.report_column is not None:
            schema = schema.append(pa.field(self.report_column, REPORT))
        return schema


def text_type(kind: Any) -> Any:
    """Return the type that a column of this type has after it was fixed.

    >>> text_type(pa.large_binary()), text_type(pa.string_view())
    (DataType(large_string), DataType(string_view))

    Raises `TypeError` for a type that holds neither text nor bytes.
    """
    if pa.types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, text_type(kind.value_type), kind.ordered)
    if _is_text(kind) or pa.types.is_null(kind):
        return kind
    if pa.types.is_large_binary(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.string_view()
    if pa.types.is_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.string()
    raise TypeError(f"expected a column of text or bytes, got one of {kind}")


def report_array(rows: Sequence[Sequence[Remark] | None]) -> Any:
    """Make a report column of the remarks of rows.

    >>> report_array([[], None]).null_count
    1

    A lone surrogate, which Arrow cannot hold, is written as `?`.
    """
    try:
        return pa.array(rows, REPORT)
    except UnicodeEncodeError:
        plain = [None if row is None else [_encodable(remark) for remark in row] for row in rows]
        return pa.array(plain, REPORT)


def count_report(column: Array) -> Counters:
    """Add up a report column.

    >>> count_report(report_array([[], None])).rows
    1
    """
    counters = Counters()
    for row in column.to_pylist():
        if row is not None:
            counters.add_remarks(row)
    return counters


def _encodable(remark: Remark) -> dict[str, object]:
    return {
        name: value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value
        for name, value in remark.items()
    }


@dataclass(slots=True)
class _Column:
    """A column as cells and back again, chunk by chunk."""

    source: Array
    type: Any = field(init=False)
    _chunks: list[Any] = field(init=False)
    _parts: list[list[Cell | None]] = field(init=False)
    _texts: dict[Cell, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.type = text_type(self.source.type)
        chunked = isinstance(self.source, pa.ChunkedArray)
        self._chunks = self.source.chunks if chunked else [self.source]
        read = _used if pa.types.is_dictionary(self.type) else _cells
        self._parts = [read(chunk) for chunk in self._chunks]

    def cells(self) -> list[Cell | None]:
        """Return every value; those of a dictionary once."""
        return list(chain.from_iterable(self._parts))

    def rows(self) -> Iterator[Cell | None]:
        """Return the cell of each row."""
        if pa.types.is_dictionary(self.type):
            return chain.from_iterable(map(_dictionary_cells, self._chunks))
        return chain.from_iterable(self._parts)

    def fill(self, noted: dict[Cell, Document]) -> None:
        """Hold what becomes of the cells that change; what Arrow cannot hold does not change."""
        for cell, document in noted.items():
            text = document.text
            if text is cell or text == cell:
                continue
            if not _storable(text):
                reason = "the text would hold half of a surrogate pair"
                text = cell if isinstance(cell, str) else text.encode("utf-8", "replace").decode()
                span = Span(0, len(text))
                noted[cell] = Document(text, findings=(Finding(span, FAILED, 1.0, reason),))
            self._texts[cell] = text

    def result(self) -> Array:
        """Return the fixed column, or the very same one."""
        if self.type == self.source.type and not self._texts:
            return self.source
        chunks = list(map(self._fixed, self._chunks, self._parts))
        if not isinstance(self.source, pa.ChunkedArray):
            return chunks[0]
        return pa.chunked_array(chunks, type=self.type)

    def _fixed(self, chunk: Any, cells: list[Cell | None]) -> Any:
        if pa.types.is_dictionary(chunk.type):
            return self._fixed_dictionary(chunk)
        if not _is_text(chunk.type):
            return pa.array(
                [None if c is None else self._texts.get(c, c) for c in cells], self.type
            )
        changed = [cell in self._texts for cell in cells]
        if not any(changed):
            return chunk
        wide = _wide(chunk)
        texts = [self._texts[cell] for cell in cells if cell is not None and cell in self._texts]
        fixed = pc.replace_with_mask(wide, pa.array(changed), pa.array(texts, wide.type))
        return fixed.cast(chunk.type)

    def _fixed_dictionary(self, chunk: Any) -> Any:
        """Fix the dictionary; values that become equal become one, as pandas needs it."""
        cells = _cells(chunk.dictionary)
        if chunk.type == self.type and not any(cell in self._texts for cell in cells):
            return chunk
        texts = [None if c is None else self._texts.get(c, c) for c in cells]
        # A binary value that no row uses was not decoded.
        texts = [t.decode("utf-8", "replace") if isinstance(t, bytes) else t for t in texts]
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        moved = pa.array([places[text] for text in texts], chunk.indices.type)
        indices = moved.take(chunk.indices)
        values = pa.array(list(places), self.type.value_type)
        return pa.DictionaryArray.from_arrays(indices, values, ordered=self.type.ordered)

    def report(self, noted: dict[Cell, Document]) -> Array:
        """Return the report column, chunked as the column is."""
        reports = {cell: remarks(document) for cell, document in noted.items()}
        rows = (None if cell is None else reports.get(cell, ()) for cell in self.rows())
        chunks = [report_array(list(islice(rows, len(chunk)))) for chunk in self._chunks]
        chunked = isinstance(self.source, pa.ChunkedArray)
        return pa.chunked_array(chunks, type=REPORT) if chunked else chunks[0]


def _cells(chunk: Any) -> list[Cell | None]:
    """Return the cells of a chunk; where text is not valid UTF-8 after all, its bytes."""
    try:
        cells: list[Cell | None] = chunk.to_pylist()
    except UnicodeDecodeError:
        raw = _wide(chunk).cast(pa.large_binary()).to_pylist()
        return [None if cell is None else _as_text(cell) for cell in raw]
    return cells


def _wide(array: Any) -> Any:
    """Return views as the layout that all functions of Arrow take; other arrays as they are."""
    if pa.types.is_string_view(array.type):
        return array.cast(pa.large_string())
    if pa.types.is_binary_view(array.type):
        return array.cast(pa.large_binary())
    return array


def _as_text(cell: bytes) -> Cell:
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:
        return cell


def _used(chunk: Any) -> list[Cell | None]:
    """Return the values of a dictionary that a row of the chunk uses."""
    return _cells(_wide(chunk.dictionary).take(pc.unique(chunk.indices).drop_null()))


def _dictionary_cells(chunk: Any) -> list[Cell | None]:
    values = _cells(chunk.dictionary)
    return [None if index is None else values[index] for index in chunk.indices.to_pylist()]


def _is_text(kind: Any) -> bool:
    is_string = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(is_string or pa.types.is_string_view(kind))


def _storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _report_names(
    columns: Sequence[str], report_column: str | Mapping[str, str] | None
) -> Mapping[str, str]:
    if report_column is None:
        return {}
    if not isinstance(report_column, str):
        return report_column
    if len(columns) != 1:
        raise ConfigError("with several columns, map each to its report", path="report_column")
    return {columns[0]: report_column}


def _with_column(table: Any, column: Any, values: Array) -> Any:
    index = table.schema.get_field_index(column.name)
    if index < 0:
        return table.append_column(column, values)
    return table.set_column(index, column, values)
