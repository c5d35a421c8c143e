"""What only one engine has: cache, Connect, metrics, mixed columns, several targets."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from importlib import import_module

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

import zhfix  # noqa: E402
from etl.engines import java, spark_frame, start_ray  # noqa: E402
from zhfix.errors import ConfigError  # noqa: E402
from zhfix.etl import Counters, Spec, fix_rows  # noqa: E402

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.filterwarnings("error:::zhfix")]

MIRRORED = "恐怖網(wǎng)絡(luò)蔓延擴展??植澜M織利用新興技術(shù)"
ROWS = [MIRRORED, None, "漢字", "中文", ""]


def expected_counters(to=None):
    counters = Counters()
    for document in fix_rows(ROWS, Spec.of(to)):
        if document is not None:
            counters.add(document)
    assert counters.changed > 0
    return counters


@pytest.fixture
def polars():
    pytest.importorskip("polars", reason="the extra `polars` is not installed")
    import_module("zhfix.etl.polars")
    return import_module("polars")


@pytest.fixture
def pandas():
    pytest.importorskip("pandas", reason="the extra `pandas` is not installed")
    import_module("zhfix.etl.pandas")
    return import_module("pandas")


def test_polars_has_each_function(polars):
    frame = polars.DataFrame({"t": ROWS})
    zh = polars.col("t").zh
    found = frame.select(
        repair=zh.repair(), strip=zh.strip(preset="light"), convert=zh.convert("zh-Hans")
    ).to_dict(as_series=False)
    whole = [row or "" for row in ROWS]
    assert found["repair"] == [None if r is None else zhfix.repair(r) for r in ROWS]
    assert found["strip"] == [None if r is None else zhfix.strip(r) for r in ROWS]
    assert found["convert"] == [None if r is None else zhfix.convert(r) for r in ROWS]
    rules = frame.select(zh.detect()).to_series().to_list()
    assert [[f["rule"] for f in row or ()] for row in rules] == [
        [f.rule for f in zhfix.detect(row)] for row in whole
    ]


def test_polars_takes_bytes_and_categories(polars):
    frame = polars.DataFrame(
        {
            "bytes": ["漢字漢字".encode("gbk"), None],
            "category": polars.Series(["漢字", None], dtype=polars.Categorical),
            "enum": polars.Series(["漢字", None], dtype=polars.Enum(["漢字"])),
        }
    )
    fixed = frame.lazy().select(polars.all().zh.fix("zh-Hans"))
    assert fixed.collect().to_dict(as_series=False) == {
        "bytes": ["汉字汉字", None],
        "category": ["汉字", None],
        "enum": ["汉字", None],
    }
    assert set(fixed.collect().dtypes) == {polars.String}


def test_polars_gives_clean_series_back(polars):
    series = polars.Series("t", ["中文", None])
    assert series.zh.fix() is series


def test_polars_streams_from_a_file(polars, tmp_path):
    path = tmp_path / "rows.parquet"
    polars.DataFrame({"t": ROWS * 1000}).write_parquet(path)
    lazy = polars.scan_parquet(path).with_columns(polars.col("t").zh.fix("zh-Hans"))
    lazy.sink_parquet(tmp_path / "fixed.parquet")
    assert polars.read_parquet(tmp_path / "fixed.parquet")["t"].to_list() == [
        None if row is None else zhfix.fix(row, "zh-Hans") for row in ROWS * 1000
    ]


def test_duckdb_takes_a_target_from_each_row():
    duckdb = pytest.importorskip("duckdb", reason="the extra `duckdb` is not installed")
    from zhfix.etl.duckdb import register

    targets = ["zh-Hans", "zh-TW", None, "s2twp"]
    rows = [
        (n, text, targets[n % 4]) for n, text in enumerate(["漢字", "汉字", "鼠标", None] * 700)
    ]
    with duckdb.connect() as connection:
        register(connection)
        connection.execute("CREATE TABLE rows (id INTEGER, text VARCHAR, target VARCHAR)")
        table = pa.table(
            {
                "id": [r[0] for r in rows],
                "text": [r[1] for r in rows],
                "target": [r[2] for r in rows],
            }
        )
        connection.register("source", table)
        connection.execute("INSERT INTO rows SELECT * FROM source")
        found = connection.execute("SELECT zh_fix(text, target) FROM rows ORDER BY id").fetchall()
        fixed = {(t, to): None if t is None else zhfix.fix(t, to) for _, t, to in rows}
        assert [row[0] for row in found] == [fixed[text, to] for _, text, to in rows]


def test_duckdb_has_each_function():
    duckdb = pytest.importorskip("duckdb", reason="the extra `duckdb` is not installed")
    from zhfix.etl.duckdb import register

    with duckdb.connect() as connection:
        register(connection, strip={"preset": "light"})
        query = (
            "SELECT zh_fix($text), zh_repair($text), zh_strip($text), zh_convert($text, 'zh-Hans'),"
            " zh_detect($text)[1].rule, len(zh_report($text, 'zh-Hans')), zh_fix_bytes($data)"
        )
        data = "漢字漢字".encode("big5")
        found = connection.execute(query, {"text": MIRRORED, "data": data}).fetchone()
        assert found == (
            zhfix.fix(MIRRORED),
            zhfix.repair(MIRRORED),
            zhfix.strip(MIRRORED),
            zhfix.convert(MIRRORED),
            zhfix.detect(MIRRORED)[0].rule,
            len(zhfix.explain(MIRRORED, "zh-Hans").edits),
            "漢字漢字",
        )
        with pytest.raises(Exception, match="unknown locale"):
            connection.execute("SELECT zh_fix('a', 'zh-Hnt')").fetchall()


def test_pandas_leaves_other_objects_alone(pandas):
    thing = object()
    series = pandas.Series(
        ["漢字", 3, None, thing, "漢字漢字".encode("gbk"), "\ud800"], dtype=object
    )
    fixed = series.zh.fix("zh-Hans")
    assert fixed.tolist() == ["汉字", 3, None, thing, "汉字汉字", "\ud800"]
    report = series.zh.explain("zh-Hans")["report"]
    assert [len(r) if isinstance(r, list) else None for r in report.tolist()] == [
        1,
        None,
        None,
        None,
        2,
        1,  # A surrogate by itself is reported, and stays.
    ]


def test_pandas_gives_clean_series_back(pandas):
    for dtype in (object, "str", "string", "category"):
        series = pandas.Series(["中文", None], dtype=dtype)
        assert series.zh.fix() is series
    assert pandas.Series(["a", "b"], dtype="category").zh.detect().tolist() == [[], []]


def test_datasets_find_their_cache_again(tmp_path):
    pytest.importorskip("datasets", reason="the extra `datasets` is not installed")
    code = (
        "import sys; from datasets import Dataset; from zhfix.etl.datasets import fix_dataset\n"
        "rows = Dataset.from_dict({'text': ['漢字', None]})\n"
        "print(fix_dataset(rows, 'text', sys.argv[1])._fingerprint)"
    )
    environment = {**os.environ, "HF_HOME": str(tmp_path), "PYTHONHASHSEED": "random"}

    def fingerprint(to):
        command = [sys.executable, "-W", "ignore", "-c", code, to]
        done = subprocess.run(command, check=True, capture_output=True, env=environment)
        return done.stdout.split()[-1]

    assert fingerprint("zh-Hans") == fingerprint("zh-Hans") != fingerprint("zh-TW")


def test_datasets_keep_their_format():
    datasets = pytest.importorskip("datasets", reason="the extra `datasets` is not installed")
    from zhfix.etl.datasets import fix_dataset

    rows = datasets.Dataset.from_dict({"text": ROWS, "id": range(5)})
    both = datasets.DatasetDict(train=rows, test=rows)
    fixed = fix_dataset(both, "text", "zh-Hans")
    assert fixed["test"]["text"][2] == "汉字"
    assert fixed["train"].column_names == rows.column_names
    assert fix_dataset(rows.with_format("numpy"), "text").format["type"] == "numpy"


def test_datatrove_counts_and_pickles():
    pytest.importorskip("datatrove", reason="the extra `datatrove` is not installed")
    from datatrove.data import Document

    from zhfix.etl.datatrove import ZhFix

    step = pickle.loads(pickle.dumps(ZhFix("zh-Hans", batch_size=2)))
    rows = [row for row in ROWS if row is not None]
    fixed = list(step.run(Document(row, id=str(n)) for n, row in enumerate(rows)))
    assert [document.text for document in fixed] == [zhfix.fix(row, "zh-Hans") for row in rows]
    counted = expected_counters("zh-Hans")
    assert step.stats["rows"].total == counted.rows
    assert step.stats["changed"].total == counted.changed
    for rule, times in counted.rules.items():
        assert step.stats[f"rule:{rule}"].total == times


def test_data_juicer_knows_the_operator_by_name():
    pytest.importorskip("data_juicer", reason="the extra `data-juicer` is not installed")
    import_module("zhfix.etl.data_juicer")
    from data_juicer.ops import load_ops

    (operator,) = load_ops(
        [{"zh_fix_mapper": {"to": "zh-Hans", "slots": {"strip": {"preset": "light"}}}}]
    )
    assert operator.process({"text": ["漢字"]})["text"] == ["汉字"]


def test_spark_counts_over_all_workers():
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    from zhfix.etl.spark import count_reports, fix_frame

    table = pa.table({"id": range(len(ROWS)), "text": ROWS})
    fixed = fix_frame(spark_frame(table), "text", "zh-Hans", report_column="report")
    assert count_reports(fixed, "report") == expected_counters("zh-Hans")


def test_spark_decodes_binary_columns():
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    from pyspark.sql.functions import col

    from etl.engines import start_spark
    from zhfix.etl.spark import fix_column, fix_frame

    frame = start_spark().createDataFrame(pa.table({"t": ["漢字漢字".encode("gbk"), None]}))
    fixed = fix_frame(frame, "t", "zh-Hans")
    assert fixed.schema["t"].dataType.typeName() == "string"
    assert [row["t"] for row in fixed.collect()] == ["汉字汉字", None]
    assert [
        row["t"] for row in frame.select(fix_column(col("t"), "zh-Hans").alias("t")).collect()
    ] == ["汉字汉字", None]


SPARK_CONNECT = """
import sys, warnings
warnings.simplefilter("ignore")
from pyspark.sql import SparkSession
from pyspark.sql.functions import col
from zhfix.etl import Counters
from zhfix.etl.spark import count_reports, fix_column, fix_frame
spark = SparkSession.builder.remote("local[2]").getOrCreate()
assert "connect" in type(spark).__module__
frame = spark.createDataFrame([("漢字",), (None,), ("中文",)], "text string")
assert [r[0] for r in frame.select(fix_column(col("text"), "zh-Hans")).collect()] == ["汉字", None, "中文"]
fixed = fix_frame(frame, "text", "zh-Hans", report_column="report")
assert [len(r["report"] or "") for r in fixed.collect()] == [1, 0, 0]
assert count_reports(fixed, "report").changed == 1
print("connected")
"""


def test_spark_connect():
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    pytest.importorskip("grpc", reason="pyspark[connect] is not installed")
    java()
    environment = {**os.environ, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-c", SPARK_CONNECT]
    done = subprocess.run(command, check=False, capture_output=True, timeout=300, env=environment)
    assert done.stdout.split() == [b"connected"], done.stderr.decode()[-3000:]


def test_ray_counts_over_all_workers():
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    import ray.data

    from zhfix.etl.ray import count_reports, fix_dataset

    start_ray()
    rows = ray.data.from_items([{"text": row} for row in ROWS], override_num_blocks=2)
    fixed = fix_dataset(rows, "text", "zh-Hans", report_column="report")
    assert count_reports(fixed, "report") == expected_counters("zh-Hans")


def test_dask_keeps_partitions_and_index():
    pytest.importorskip("dask.dataframe", reason="the extra `dask` is not installed")
    import dask.dataframe as dd
    import pandas as pd

    from zhfix.etl.dask import fix_frame

    frame = pd.DataFrame({"t": ["漢字", None, "中文"]}, index=[5, 6, 9])
    fixed = fix_frame(dd.from_pandas(frame, npartitions=2), "t", "zh-Hans")
    assert fixed.npartitions == 2
    done = fixed.compute(scheduler="synchronous")
    assert done.index.tolist() == [5, 6, 9]
    assert done["t"].tolist()[::2] == ["汉字", "中文"]


def test_wrong_options_are_errors_before_any_row(polars):
    with pytest.raises(ConfigError, match="unknown locale"):
        polars.col("t").zh.fix("zh-Hnt")
