"""One contract for every adapter, run with the real engine: what a plain Python list gives."""

from __future__ import annotations

import json
from functools import cache
from itertools import chain, cycle, islice
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

import zhfix  # noqa: E402
from etl.engines import ENGINES, TO  # noqa: E402
from zhfix.etl.rows import remarks, undo  # noqa: E402

# The engines warn about one another; a warning of ours is an error.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.filterwarnings("error:::zhfix")]

FIXTURES = Path(__file__).parent.parent / "fixtures"

TYPES = {
    "string": pa.string(),
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
}


@cache
def texts():
    """Damaged, clean and odd cells, each once: nulls, empty text, characters beyond the BMP."""
    cases = chain.from_iterable(
        json.loads((FIXTURES / "repair" / name).read_text("utf-8"))
        for name in ("in-the-wild.json", "untouched.json")
    )
    inputs = [case["input"] for case in cases]
    clean = (FIXTURES / "strip" / "untouched" / "registers.txt").read_text("utf-8").split("\n")
    odd = ["", " ", "a", "\x00", "𠮷\U0001f600", "漢字", None, "锟斤拷锟斤拷", "\n", None]
    mixed = list(chain.from_iterable(zip(inputs[:60], clean[:60], cycle(odd), strict=False)))
    return [*mixed, *odd]


@cache
def expected_of(text):
    document = zhfix.explain(text, TO)
    return document.text, remarks(document)


def expected(cells):
    rows = [(None, None) if text is None else expected_of(text) for text in cells]
    return [text for text, _ in rows], [report for _, report in rows]


def table_of(cells, kind="string"):
    """A table whose column is in chunks and whose chunks are slices."""
    kind = TYPES[kind]
    around = pa.array(["网", *cells, "络"], kind).slice(1, len(cells))
    third = len(cells) // 3
    parts = [around.slice(0, third), pa.array([], kind), around.slice(third)]
    return pa.table({"id": range(len(cells)), "text": pa.chunked_array(parts, kind)})


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_adapter_gives_what_a_list_gives(engine, kind):
    cells = texts()
    found, reports = engine(table_of(cells, kind))
    wanted, wanted_reports = expected(cells)
    assert found == wanted
    assert reports == wanted_reports
    assert any(report for report in reports)
    assert found != cells


def many():
    """200,000 rows, most of them clean and short, as columns are."""
    clean = [text for text in texts() if text is None or (text and len(text) < 30)]
    assert len(clean) > 30
    return list(islice(cycle([*clean, "網(wǎng)絡(luò)與網(wǎng)絡(luò)", "漢字", ""]), 200_000))


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_many_rows(engine):
    cells = many()
    found, reports = engine(table_of(cells))
    wanted, wanted_reports = expected(cells)
    assert found == wanted
    assert reports == wanted_reports


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.parametrize("cells", [[None, None, None], ["", "", ""], ["中文"]], ids=str)
def test_nothing_to_do(engine, cells):
    found, reports = engine(table_of(cells))
    assert found == cells
    assert reports == [None if cell is None else [] for cell in cells]


def test_reports_undo_everything():
    wanted, reports = expected(texts())
    for cell, text, report in zip(texts(), wanted, reports, strict=True):
        if cell is not None:
            assert undo(text, report) == cell
