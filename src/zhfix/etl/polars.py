"""Polars: the namespace `zh` of expressions and series, also lazy and streaming.

Importing this module registers it.

>>> import polars as pl
>>> import zhfix.etl.polars
>>> frame = pl.DataFrame({"t": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)", None]})
>>> frame.select(pl.col("t").zh.fix(to="zh-Hans"))["t"].to_list()
['网络与网络', None]

`.zh.fix()`, `.zh.repair()`, `.zh.strip()` and `.zh.convert()` return strings, `.zh.detect()` a
list of structs, `.zh.explain()` a struct of `text` and `report`. Columns of String, Binary,
Categorical and Enum are taken; text comes out as String.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa

from zhfix.etl.arrow import REPORT, fix_array
from zhfix.etl.namespace import Namespace
from zhfix.etl.spec import Spec

__all__ = ["ZhExpr", "ZhSeries"]

_REPORT = pl.Series(pl.from_arrow(pa.array([], REPORT))).dtype
_BOTH = pl.Struct({"text": pl.String, "report": _REPORT})


class ZhSeries(Namespace):
    """`series.zh`: the same series comes back when nothing changed."""

    def __init__(self, series: Any) -> None:
        self._series = series

    def _text(self, spec: Spec) -> Any:
        series, column = _column(self._series)
        fixed = fix_array(column, spec)
        return series if fixed is column else pl.Series(series.name, fixed)

    def _report(self, spec: Spec) -> Any:
        series, column = _column(self._series)
        return pl.Series(series.name, fix_array(column, spec, report=True)[1], _REPORT)

    def _both(self, spec: Spec) -> Any:
        series, column = _column(self._series)
        fixed, report = fix_array(column, spec, report=True)
        both = pl.DataFrame(
            {"text": fixed, "report": report}, {"text": pl.String, "report": _REPORT}
        )
        return both.to_struct(series.name)


class ZhExpr(Namespace):
    """`expression.zh`: row by row as far as Polars can tell, so it streams."""

    def __init__(self, expression: Any) -> None:
        self._expression = expression

    def _map(self, method: str, spec: Spec, kind: Any) -> Any:
        return self._expression.map_batches(
            partial(_call, method, spec), return_dtype=kind, is_elementwise=True
        )

    def _text(self, spec: Spec) -> Any:
        return self._map("_text", spec, pl.String)

    def _report(self, spec: Spec) -> Any:
        return self._map("_report", spec, _REPORT)

    def _both(self, spec: Spec) -> Any:
        return self._map("_both", spec, _BOTH)


def _call(method: str, spec: Spec, series: Any) -> Any:
    return getattr(ZhSeries(series), method)(spec)


def _column(series: Any) -> tuple[Any, Any]:
    """Return a series of text or bytes, and its Arrow array without a copy."""
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    return series, series.to_arrow(compat_level=pl.CompatLevel.newest())


pl.api.register_expr_namespace("zh")(ZhExpr)
pl.api.register_series_namespace("zh")(ZhSeries)
