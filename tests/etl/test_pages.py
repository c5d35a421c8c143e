"""The examples of the pages about rows run, and give what they say."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

import pyarrow.parquet as pq  # noqa: E402

from etl.engines import start_ray, start_spark  # noqa: E402

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.filterwarnings("error:::zhfix")]

ROOT = Path(__file__).parents[2]
ENGINES = ("duckdb", "polars", "pandas", "datasets", "dask", "datatrove", "pyspark", "ray")
CLAIM = re.compile(r"^(.+?)  # → (.+)$", re.MULTILINE)


def blocks(page):
    text = (ROOT / page).read_text("utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


EXAMPLES = [
    pytest.param(block, id=f"{Path(page).stem}-{number}")
    for page in ("README.md", "docs/etl.md", "docs/tutorials/rows.md")
    for number, block in enumerate(blocks(page))
    if "zhfix.etl" in block and ">>>" not in block
]


def compare(found, said):
    assert found == said


def run(code, names):
    exec(compile(CLAIM.sub(r"compare(\1, \2)", code), "example", "exec"), names)  # noqa: S102


def test_there_are_examples_for_each_engine():
    whole = "\n".join(blocks("docs/etl.md"))
    assert all(f"import {engine}" in whole or f"from {engine}" in whole for engine in ENGINES)
    assert len(CLAIM.findall(whole)) >= len(ENGINES)


@pytest.mark.parametrize("code", EXAMPLES)
def test_examples_give_what_they_say(code, tmp_path):
    names = {"compare": compare}
    for engine in ENGINES:
        if re.search(rf"^(import|from) {engine}\b", code, re.MULTILINE):
            if importlib.util.find_spec(engine) is None:
                pytest.skip(f"{engine} is not installed")
            if engine == "pyspark":
                names["spark"] = start_spark()
            if engine == "ray":
                start_ray()
    pages = tmp_path / "pages.parquet"
    pq.write_table(pa.table({"text": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)", None, "中文"]}), pages)
    # Workers of Spark and Ray run in other folders.
    run(code.replace("pages.parquet", str(pages)), names)


def test_the_function_for_orchestrators_fixes_a_file(tmp_path):
    first, *others = blocks("docs/etl/orchestrators.md")
    names = {}
    run(first, names)
    table = pa.table({"id": range(3), "text": ["漢字", None, "中文"]})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=1)
    done = names["fix_file"](str(tmp_path / "in.parquet"), str(tmp_path / "out.parquet"))
    assert done["changed"] == 1
    fixed = pq.read_table(tmp_path / "out.parquet")
    assert fixed["text"].to_pylist() == ["汉字", None, "中文"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]
    for block in others:
        ast.parse(block)
        assert "fix_file(" in block or "(fix_file)" in block
