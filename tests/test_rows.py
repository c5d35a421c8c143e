"""Many rows as one block: exactly what each row gives by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zhfix
from strategies import texts
from zhfix import Document, Pipeline
from zhfix.repairing.channels import channels
from zhfix.rows import Rows
from zhfix.rules import catalogue

FIXTURES = Path(__file__).parent / "fixtures"
PIPELINE = zhfix.default()


def damaged_and_clean() -> list[str]:
    found: list[str] = []
    for path in sorted((FIXTURES / "repair").glob("*.json")):
        found += (value for value in _strings(json.loads(path.read_text("utf-8"))))
    found += (rule.example_before for rule in catalogue().values())
    for folder in ("seed", "strip/untouched", "strip/pages"):
        for path in sorted((FIXTURES / folder).rglob("*.txt")):
            page = path.read_text("utf-8")
            found += [page[:3000], *page.splitlines()[:60]]
    return found


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


ROWS = damaged_and_clean()


def test_rows_of_the_fixtures_give_what_each_gives_alone():
    assert len(ROWS) > 500
    together = PIPELINE.run_many(ROWS)
    for text, document in zip(ROWS, together, strict=True):
        assert document == PIPELINE.run(text)
    assert any(document.edits for document in together)


@settings(max_examples=60)
@given(rows=st.lists(texts, max_size=12), more=st.lists(st.sampled_from(ROWS), max_size=4))
def test_rows_give_what_each_gives_alone(rows, more):
    mixed = [*rows, *more, *rows[:1]]
    assert PIPELINE.fix_many(mixed) == [PIPELINE.fix(row) for row in mixed]


@pytest.mark.parametrize("channel", channels(), ids=lambda channel: channel.name)
def test_a_channel_suspects_whatever_it_detects(channel):
    marked = channel.suspects(Rows(ROWS))
    seen = [bool(list(channel.detect(row))) for row in ROWS]
    assert any(seen)
    assert not [row for row, m, s in zip(ROWS, marked, seen, strict=True) if s and not m]


def test_only_what_says_something_is_noted():
    noted = PIPELINE.noted(
        [
            "干净的文字",
            "網(wǎng)絡(luò)與網(wǎng)絡(luò)",
            "文件锟斤拷锟斤拷目录",
            "網(wǎng)絡(luò)與網(wǎng)絡(luò)",
        ]
    )
    assert sorted(noted) == [1, 2, 3]
    assert noted[1] is noted[3]
    assert noted[2].findings


def test_untouched_rows_are_the_same_objects():
    rows = ["干净的文字", "網(wǎng)絡(luò)與網(wǎng)絡(luò)"]
    out = PIPELINE.fix_many(rows)
    assert out[0] is rows[0]
    assert out[1] == "網絡與網絡"


def test_a_stage_that_cannot_screen_is_asked_about_every_row():
    asked = []

    def spy(document: Document):
        asked.append(document.text)
        return ()

    Pipeline.of(detect="detect", spy=spy).fix_many(["一", "二", "一"])
    assert asked == ["一", "二"]


def test_cells_keep_their_encoding_and_what_the_decoder_found():
    cells = [word.encode("gbk") for word in ("北京", "上海", "广州", "中国人民的新闻")]
    cells[-1] += b"\xff"
    documents = PIPELINE.run_bytes_many(cells)
    assert [document.text[:2] for document in documents] == ["北京", "上海", "广州", "中国"]
    assert {document.encoding for document in documents} == {"gb18030"}
    assert [bool(document.findings) for document in documents] == [False, False, False, True]


def test_no_rows():
    assert PIPELINE.fix_many([]) == []
    assert PIPELINE.noted([]) == {}
    assert PIPELINE.run_bytes_many([]) == []
