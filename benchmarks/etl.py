# ruff: noqa: INP001, T201  (a script: it prints)
"""How much rows cost beside one long text, and what each engine adds by itself.

    python benchmarks/etl.py [--data DIR] [--script hans] [--rows 200000] [--engines arrow,polars,…]

Takes that many short lines of clean text, runs the default pipeline over all of them as one
string, and then over the rows through each adapter: once with the default pipeline, once with
a pipeline without stages, which is the adapter's and the engine's own time. Seconds are of the
wall clock, the best of `--repeat` runs, because Spark and Ray work in other processes;
`of one` is the speed of the row's pipeline as a share of the long string's.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import zhfix
from zhfix.etl import Spec

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 40
"""A row is short when it has at most so many characters: titles, reviews, lines of dialogue."""


def short_rows(data: Path, script: str, count: int) -> list[str]:
    """Return different short lines of clean text of one script, evenly from all its sources."""
    rows: dict[str, None] = {}
    for path in sorted(data.glob(f"*.{script}.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows.update((line, None) for raw in lines if 0 < len(line := raw.strip()) <= LONGEST)
    held = list(rows)
    count = min(count, len(held))
    step = len(held) / count
    return [held[int(place * step)] for place in range(count)]


def arrow(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run the kernel alone."""
    from zhfix.etl.arrow import fix_array

    return lambda: fix_array(table["text"], spec)


def polars(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run an expression of a lazy frame, streaming."""
    import polars as pl

    from zhfix.etl.polars import ZhExpr

    frame = pl.from_arrow(table).lazy().select(ZhExpr(pl.col("text"))._text(spec))  # noqa: SLF001
    return lambda: frame.collect(engine="streaming")


def duckdb(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run a function of SQL."""
    import duckdb as engine

    from zhfix.etl.arrow import fix_array

    connection = engine.connect()
    connection.register("rows", table)
    connection.create_function(
        "run",
        lambda column: fix_array(column, spec),
        ["VARCHAR"],
        "VARCHAR",
        type="arrow",
        null_handling="special",
    )
    return lambda: connection.sql("SELECT run(text) AS text FROM rows").to_arrow_table()


def pandas(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run the accessor over a column of the default string dtype."""
    from zhfix.etl.pandas import ZhAccessor

    series = table["text"].to_pandas()
    return lambda: ZhAccessor(series).run(spec, report=False)


def datasets(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run a map over Arrow batches, without the cache."""
    from datasets import Dataset, disable_progress_bars

    from zhfix.etl.arrow import FixTable

    disable_progress_bars()
    step = FixTable(("text",), spec)
    rows = Dataset(table).with_format("arrow")
    return lambda: rows.map(step, batched=True, load_from_cache_file=False)


def datatrove(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run the step over documents that are made for it."""
    from datatrove.data import Document

    from zhfix.etl.datatrove import ZhFix

    texts = table["text"].to_pylist()
    step = ZhFix()
    step.spec = spec
    return lambda: sum(1 for _ in step(Document(text, id=text) for text in texts))


def spark(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run `mapInArrow` with two workers on this machine."""
    from pyspark.sql import SparkSession

    from zhfix.etl.arrow import FixTable

    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    frame = session.createDataFrame(table).repartition(2).cache()
    frame.count()
    step = FixTable(("text",), spec)
    return lambda: frame.mapInArrow(lambda batches: map(step, batches), frame.schema).count()


def ray(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run `map_batches` with two workers on this machine."""
    from functools import partial

    import ray.data

    from zhfix.etl.arrow import fix_table

    if not ray.is_initialized():
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    half = len(table) // 2
    rows = ray.data.from_arrow([table.slice(0, half), table.slice(half)])
    step = partial(fix_table, columns="text", spec=spec)
    return lambda: rows.map_batches(step, batch_format="pyarrow", batch_size=None).materialize()


def dask(table: Any, spec: Spec) -> Callable[[], Any]:
    """Run `map_partitions` with two threads."""
    import dask.dataframe as dd

    from zhfix.etl.dask import fix_partition

    frame = dd.from_pandas(table.to_pandas(), npartitions=2)
    fixed = frame.map_partitions(fix_partition, "text", spec, None, meta=frame._meta)  # noqa: SLF001
    return lambda: fixed.compute(scheduler="threads")


ENGINES = (arrow, polars, duckdb, pandas, datasets, datatrove, spark, ray, dask)


def best(run: Callable[[], Any], repeat: int) -> float:
    """Return the seconds of the best run, after one that does not count."""
    run()
    found = []
    for _ in range(repeat):
        start = perf_counter()
        run()
        found.append(perf_counter() - start)
    return min(found)


def main() -> None:
    """Print the table."""
    import pyarrow as pa

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "clean")
    parser.add_argument("--script", choices=["hans", "hant"], default="hans")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--engines", default=",".join(engine.__name__ for engine in ENGINES))
    chosen = parser.parse_args()
    rows = short_rows(chosen.data, chosen.script, chosen.rows)
    one = "\n".join(rows)
    pipeline, spec, nothing = zhfix.default(), Spec.of(), Spec.of(stages=())
    single = best(lambda: pipeline.fix(one), chosen.repeat)
    print(f"{len(rows)} rows, {len(one)} characters; as one string {single:.2f} s, ", end="")
    print(f"{len(one) / single / 1e6:.2f} M characters/s")
    print(f"{'engine':10} {'rows/s':>9} {'of one':>7} {'fix s':>7} {'no-op s':>8} {'µs/row':>7}")
    table = pa.table({"text": rows})
    for engine in ENGINES:
        name = engine.__name__
        if name not in chosen.engines.split(","):
            continue
        if (
            importlib.util.find_spec("pyspark" if name == "spark" else name) is None
            and name != "arrow"
        ):
            print(f"{name:10} is not installed")
            continue
        fixed = best(engine(table, spec), chosen.repeat)
        empty = best(engine(table, nothing), chosen.repeat)
        print(
            f"{name:10} {len(rows) / fixed:9.0f} {single / fixed:7.0%} {fixed:7.2f} {empty:8.3f}"
            f" {empty / len(rows) * 1e6:7.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
