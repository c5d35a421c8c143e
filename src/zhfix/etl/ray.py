"""Ray Data: a map over Arrow batches.

>>> from zhfix.etl.ray import fix_dataset
>>> # fix_dataset(ray.data.read_parquet("pages"), "text", to="zh-Hans")
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from zhfix.etl.arrow import count_report, fix_table
from zhfix.etl.counters import Counters
from zhfix.etl.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["count_reports", "fix_dataset"]


def fix_dataset(
    dataset: Any,
    column: str,
    to: str | None = None,
    *,
    report_column: str | None = None,
    map_options: Mapping[str, Any] | None = None,
    **slots: Any,
) -> Any:
    """Fix a column of a `ray.data.Dataset`; with `report_column` add the report.

    `slots` are those of `Spec.of`, `map_options` are for `Dataset.map_batches` (`batch_size`,
    `concurrency` and the like).
    """
    step = partial(
        fix_table, columns=column, spec=Spec.of(to, **slots), report_column=report_column
    )
    return dataset.map_batches(
        step, batch_format="pyarrow", zero_copy_batch=True, **(map_options or {})
    )


def count_reports(dataset: Any, report_column: str) -> Counters:
    """Add up a report column over all workers."""
    rows = dataset.select_columns([report_column]).map_batches(
        partial(_count, report_column), batch_format="pyarrow"
    )
    return sum((Counters.from_json(row["counters"]) for row in rows.take_all()), Counters())


def _count(report_column: str, table: Any) -> dict[str, list[str]]:
    return {"counters": [count_report(table.column(report_column)).to_json()]}
