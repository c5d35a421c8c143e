"""Dask: a map over the partitions of a data frame.

>>> import pandas as pd, dask.dataframe as dd
>>> from zhfix.etl.dask import fix_frame
>>> rows = pd.DataFrame({"text": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)"]})
>>> frame = dd.from_pandas(rows, npartitions=1)
>>> fix_frame(frame, "text", to="zh-Hans").compute()["text"][0]
'网络与网络'
"""

from __future__ import annotations

from typing import Any

from zhfix.etl.pandas import ZhAccessor
from zhfix.etl.spec import Spec

__all__ = ["fix_frame"]


def fix_frame(
    frame: Any,
    column: str,
    to: str | None = None,
    *,
    report_column: str | None = None,
    **slots: Any,
) -> Any:
    """Fix a column of a `dask.dataframe`; with `report_column` add the report.

    Dtypes are kept as in `zhfix.etl.pandas`; `slots` are those of `Spec.of`.
    """
    spec = Spec.of(to, **slots)
    meta = fix_partition(frame._meta, column, spec, report_column)  # noqa: SLF001 -- as Dask's own extensions do
    return frame.map_partitions(fix_partition, column, spec, report_column, meta=meta)


def fix_partition(frame: Any, column: str, spec: Spec, report_column: str | None) -> Any:
    """Fix a column of one pandas frame.

    >>> import pandas as pd
    >>> fix_partition(pd.DataFrame({"t": ["中文"]}), "t", Spec.of(), None)["t"][0]
    '中文'
    """
    text, report = ZhAccessor(frame[column]).run(spec, report=report_column is not None)
    fixed = frame.assign(**{column: text})
    return fixed if report_column is None else fixed.assign(**{report_column: report})
