"""Spark: a function of columns and one of frames, classic and over Spark Connect.

Both send Arrow batches to the workers, which need zhfix and pyarrow; only the spec travels.

>>> from pyspark.sql.functions import col
>>> from zhfix.etl.spark import fix_column
>>> # frame.select(fix_column(col("text"), to="zh-Hans"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from zhfix.etl.arrow import REPORT, FixTable, count_report, fix_array
from zhfix.etl.counters import Counters
from zhfix.etl.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["count_reports", "fix_column", "fix_frame"]


def fix_column(column: Any, to: str | None = None, **slots: Any) -> Any:
    """Fix a column of string or binary, as an `arrow_udf`; `slots` are those of `Spec.of`."""
    from pyspark.sql.functions import arrow_udf

    spec = Spec.of(to, **slots)

    def fix(values: pa.Array) -> pa.Array:
        return fix_array(values, spec)

    return arrow_udf(fix, "string")(column)


def fix_frame(
    frame: Any,
    column: str,
    to: str | None = None,
    *,
    report_column: str | None = None,
    **slots: Any,
) -> Any:
    """Fix a column of a frame by `mapInArrow`; with `report_column` add the report."""
    from pyspark.sql.types import StringType, StructField, StructType

    step = FixTable((column,), Spec.of(to, **slots), report_column)

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        return map(step, batches)

    fields = [
        StructField(field.name, StringType(), field.nullable, field.metadata)
        if field.name == column
        else field
        for field in frame.schema.fields
    ]
    schema = StructType(fields)
    if report_column is not None:
        schema = schema.add(report_column, _report_type())
    return frame.mapInArrow(run, schema)


def _report_type() -> Any:
    """Return the report column's type as Spark has it."""
    from pyspark.sql.types import (
        ArrayType,
        DoubleType,
        LongType,
        StringType,
        StructField,
        StructType,
    )

    types = {"string": StringType(), "int64": LongType(), "double": DoubleType()}
    fields = [StructField(field.name, types[str(field.type)]) for field in REPORT.value_type]
    return ArrayType(StructType(fields))


def count_reports(frame: Any, report_column: str) -> Counters:
    """Add up a report column over all workers; needs no accumulator, so Connect has it too."""

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        total = sum((count_report(batch.column(0)) for batch in batches), Counters())
        yield pa.RecordBatch.from_pydict({"counters": [total.to_json()]})

    rows = frame.select(report_column).mapInArrow(run, "counters string").collect()
    return sum((Counters.from_json(row["counters"]) for row in rows), Counters())
