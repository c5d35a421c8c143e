"""zhfix inside a job over many rows: one Arrow kernel, and a thin adapter for each engine.

>>> from zhfix.etl import Spec
>>> Spec.of(to="zh-Hans").pipeline().fix("漢字")
'汉字'

Each adapter is a module of its own, named after its engine and imported on use:
`arrow`, `polars`, `duckdb`, `pandas`, `datasets`, `datatrove`, `data_juicer`, `spark`, `ray`,
`dask`. What they need is in the extras of the same names. See docs/etl.md.
"""

from __future__ import annotations

from zhfix.etl.counters import Counters
from zhfix.etl.rows import fix_rows
from zhfix.etl.spec import Spec

__all__ = ["Counters", "Spec", "fix_rows"]
