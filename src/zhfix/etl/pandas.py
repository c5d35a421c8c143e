"""pandas: the accessor `zh` of series, whatever kind of strings they hold.

Importing this module registers it.

>>> import pandas as pd
>>> import zhfix.etl.pandas
>>> pd.Series(["網(wǎng)絡(luò)與網(wǎng)絡(luò)", None]).zh.fix(to="zh-Hans").tolist()[0]
'网络与网络'

Columns of object, string, str, category and Arrow strings keep their dtype, name and index; the
same series comes back when nothing changed. In a column of objects, bytes are decoded, and
whatever is neither text nor bytes stays as it is. Reports are columns of Arrow lists of structs.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from zhfix.etl.arrow import fix_array, report_array
from zhfix.etl.namespace import Namespace
from zhfix.etl.rows import fix_rows, remarks
from zhfix.etl.spec import Spec

__all__ = ["ZhAccessor"]


class ZhAccessor(Namespace):
    """`series.zh`: text comes back as a series, `explain` as a frame of `text` and `report`."""

    def __init__(self, series: Any) -> None:
        self._series = series

    def _text(self, spec: Spec) -> Any:
        return self.run(spec, report=False)[0]

    def _report(self, spec: Spec) -> Any:
        return self.run(spec, report=True)[1]

    def _both(self, spec: Spec) -> Any:
        text, report = self.run(spec, report=True)
        return pd.DataFrame({"text": text, "report": report})

    def run(self, spec: Spec, *, report: bool) -> tuple[Any, Any]:
        """Return the series that `spec` makes, and its report if it is wanted."""
        series = self._series
        if series.dtype == object:
            return self._run_objects(spec, report=report)
        # A column of missing values only has categories of no type.
        column = pa.Array.from_pandas(series) if series.notna().any() else pa.nulls(len(series))
        fixed, made = fix_array(column, spec, report=True) if report else (None, None)
        if not report:
            fixed = fix_array(column, spec)
        text = series if fixed is column else self._like(_values(fixed, series.dtype))
        return text, None if made is None else self._reports(made)

    def _run_objects(self, spec: Spec, *, report: bool) -> tuple[Any, Any]:
        cells = self._series.tolist()
        done = fix_rows([c if isinstance(c, (str, bytes)) else None for c in cells], spec)
        pairs = list(zip(cells, done, strict=True))
        texts = [cell if document is None else document.text for cell, document in pairs]
        same = all(a is b or a == b for a, b in zip(texts, cells, strict=True) if a is not None)
        text = self._series if same else self._like(texts, object)
        if not report:
            return text, None
        rows = [None if document is None else remarks(document) for document in done]
        return text, self._reports(report_array(rows))

    def _like(self, values: Any, dtype: Any = None) -> Any:
        return pd.Series(values, dtype=dtype, index=self._series.index, name=self._series.name)

    def _reports(self, report: Any) -> Any:
        return self._like(pd.arrays.ArrowExtensionArray(report))


def _values(fixed: Any, dtype: Any) -> Any:
    """Return an Arrow column as pandas holds one of this dtype."""
    if isinstance(dtype, pd.CategoricalDtype):
        return pd.Categorical(fixed.to_pandas())
    if isinstance(dtype, pd.ArrowDtype):
        return pd.arrays.ArrowExtensionArray(fixed)
    return dtype.__from_arrow__(fixed)


pd.api.extensions.register_series_accessor("zh")(ZhAccessor)
