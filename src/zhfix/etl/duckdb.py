"""DuckDB: functions of SQL over whole vectors.

>>> import duckdb, zhfix.etl.duckdb
>>> with duckdb.connect() as connection:
...     zhfix.etl.duckdb.register(connection)
...     connection.execute("SELECT zh_fix('網(wǎng)與網(wǎng)', 'zh-Hans')").fetchone()
('网与网',)

=============================  ==============================================================
`zh_fix(text [, to])`          repair, strip, and convert if a target is given
`zh_repair(text)`              repair damage only
`zh_strip(text)`               strip boilerplate only
`zh_convert(text, to)`         convert only
`zh_detect(text)`              the damage, as a list of structs
`zh_report(text [, to])`       all that `zh_fix` saw and did, as a list of structs
`zh_fix_bytes(blob [, to])`    decode, then as `zh_fix`; the cells of a vector lend one another
                               their encoding
=============================  ==============================================================
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from zhfix.etl.arrow import REPORT, fix_array
from zhfix.etl.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["register"]

_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "double": "DOUBLE"}
_REPORT = ", ".join(f'"{f.name}" {_TYPES[str(f.type)]}' for f in REPORT.value_type)
_REPORT = f"STRUCT({_REPORT})[]"

#: Name in SQL, type of the argument, stages (all when empty), with a target, result.
_FUNCTIONS = (
    ("zh_fix", "VARCHAR", (), True, "VARCHAR"),
    ("zh_repair", "VARCHAR", ("detect", "repair"), False, "VARCHAR"),
    ("zh_strip", "VARCHAR", ("strip",), False, "VARCHAR"),
    ("zh_convert", "VARCHAR", ("convert",), True, "VARCHAR"),
    ("zh_detect", "VARCHAR", ("detect",), False, _REPORT),
    ("zh_report", "VARCHAR", (), True, _REPORT),
    ("zh_fix_bytes", "BLOB", (), True, "VARCHAR"),
)


def register(connection: Any, **slots: Any) -> None:
    """Give a connection the functions of this module; `slots` are options as of `Spec.of`.

    >>> import duckdb
    >>> with duckdb.connect() as connection:
    ...     register(connection, strip={"preset": "light"})
    ...     connection.execute("SELECT zh_convert('漢字', 'zh-Hans')").fetchone()
    ('汉字',)

    The functions last as long as the connection; nothing is written to its database.
    """
    for name, kind, stages, targeted, result in _FUNCTIONS:
        of: dict[str, Any] = {"stages": stages} if stages else {}
        used = {slot: held for slot, held in slots.items() if not stages or slot in stages}
        make = partial(Spec.of, **of, **used)
        function = _with_target(make, result) if targeted else _without_target(make, result)
        connection.create_function(
            f"__{name}" if targeted else name,
            function,
            [kind, "VARCHAR"] if targeted else [kind],
            result,
            type="arrow",
            null_handling="special",
        )
        if targeted:
            # A function of Python has one number of arguments; a macro may have several.
            connection.execute(
                f"CREATE OR REPLACE TEMP MACRO {name}"
                f"(text) AS __{name}(text, NULL), (text, target) AS __{name}(text, target)"
            )


def _without_target(make: Callable[..., Spec], result: str) -> Callable[[Any], Any]:
    def run(column: Any) -> Any:
        return _run(column, make(), result)

    return run


def _with_target(make: Callable[..., Spec], result: str) -> Callable[[Any, Any], Any]:
    def run(column: Any, targets: Any) -> Any:
        different = targets.unique().to_pylist()
        if len(different) == 1:
            return _run(column, make(different[0]), result)
        parts, places = [], []
        for target in different:
            here = pc.is_null(targets) if target is None else pc.equal(targets, target)
            at = pc.indices_nonzero(pc.fill_null(here, fill_value=False))
            parts += _run(column.take(at), make(target), result).chunks
            places.append(at)
        order = pc.sort_indices(pa.concat_arrays(places))
        return pa.chunked_array(parts).take(order)

    return run


def _run(column: Any, spec: Spec, result: str) -> Any:
    if result == _REPORT:
        return fix_array(column, spec, report=True)[1]
    return fix_array(column, spec)
