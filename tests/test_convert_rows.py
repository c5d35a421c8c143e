"""Many texts as one block convert exactly as each does by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zhfix
from strategies import texts
from zhfix.converting import stage
from zhfix.converting.engine import CHUNK, engine
from zhfix.document import Document
from zhfix.rows import Rows

SEED = Path(__file__).parent / "fixtures" / "seed"

NAIVE = "兩國防范恐怖活動，反恐斗爭不斷，致力于和平，與伙伴期待并肩。"
OVER = "皇後走了三公裡，隻得回家，後來麵對麵坐著。"
SAMPLES = (
    *(
        "汉字",
        "漢字",
        "中文",
        "后面",
        "里",
        "",
        "abc",
        "\n",
        "台灣的床",
        "𠮷野家的头发",
        "⿰氵汉字",
    ),
    *("头发\n頭髮\n中文", "這是漢字，这", "这是汉字，這", "\ud800头发", "头发\udfff", "顯著\n著作"),
    *(
        "打著人權的旗號",
        "他說“你好”，汉",
        "佢哋嘅關係好好，係咪呀？",
        "显著",
        "著",
        "鼠标里面",
        "滑鼠裡面",
    ),
    *(NAIVE, OVER, NAIVE * 3 + "\n" + NAIVE, NAIVE + "\n", f"{OVER}\n{NAIVE}", "范先生防范小偷"),
    *("埃里克·兰德", "`头发`\n汉", "```\n头发", "```\n头髮", "\x00汉", "\ufdd0汉字", "范", "干"),
)
OPTIONS = (
    {"to": None},
    {"to": "zh-Hant"},
    {"to": "zh-Hant-TW"},
    {"to": "zh-Hans"},
    {"to": "auto"},
    {"to": "s2twp"},
    {"to": "t2s", "context": True},
    {"to": "zh-Hant", "context": False},
    {"to": "zh-Hans", "context": False, "quotes": True},
    {"to": "auto", "naive": False, "full_width": True},
    {"to": "zh-Hant-TW", "quotes": True, "full_width": True},
    {"to": "zh-Hant-HK", "source": "zh-Hant-TW"},
    {"to": "auto", "source": "zh-Hant-TW"},
    {"to": "zh-Hans", "regional_words": True},
    {"to": "zh-Hant-TW", "regional_words": True},
    {"to": "zh-Hant-TW", "words": {"汉": "漢\n"}, "protect": ("code",), "keep": ("头",)},
)


def one_by_one(run, rows):
    found = []
    for text in rows:
        document = Document(text)
        found.append(document.revise("convert", run(document)))
    return found


def together(run, rows):
    said = dict(run.many(Rows(rows)))
    documents = [Document(text) for text in rows]
    return [
        document.revise("convert", said.get(number, ()))
        for number, document in enumerate(documents)
    ]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_real_and_odd_rows_give_what_each_gives_alone(options):
    pages = [path.read_text("utf-8") for path in sorted(SEED.rglob("*.txt"))]
    rows = [*SAMPLES, *pages, *(line for page in pages for line in page.split("\n")), *SAMPLES]
    run = stage(**options)
    expected = one_by_one(run, rows)
    assert together(run, rows) == expected
    assert any(document.edits for document in expected)


ROW = st.one_of(
    texts,
    st.sampled_from(SAMPLES),
    st.lists(st.sampled_from(SAMPLES), max_size=4).map("".join),
    st.text("发里后干范云征复斗系伙准裡後發髮隻著着“”，。\n a", max_size=30),
)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(ROW, max_size=12), options=st.sampled_from(OPTIONS))
def test_any_rows_give_what_each_gives_alone(rows, options):
    run = stage(**options)
    assert together(run, rows) == one_by_one(run, rows)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(ROW.filter(lambda row: "\n" not in row), min_size=1, max_size=8))
@pytest.mark.parametrize("script", ["Hant", "Hans"])
def test_no_line_looks_at_another(lines, script):
    convert = engine("s2t" if script == "Hant" else "t2s").convert
    whole = convert("\n".join(lines), context=script)
    assert whole == "\n".join(convert(line, context=script) for line in lines)


@pytest.mark.parametrize("before", [0, 1, 7, CHUNK // 2])
def test_where_a_long_line_is_cut_depends_on_that_line_alone(before):
    line = "范先生的头发里，" * (CHUNK // 5)
    convert = engine("s2t").convert
    others = "里\n" * before
    assert convert(others + line, context="Hant") == convert(others, context="Hant") + convert(
        line, context="Hant"
    )


def test_the_pipeline_converts_rows_as_it_converts_each():
    rows = [*SAMPLES, *(row + "云" for row in SAMPLES)]
    for to in (None, "zh-Hant-TW", "zh-Hans"):
        pipeline = zhfix.default(to=to)
        assert pipeline.run_many(rows) == [pipeline.run(row) for row in rows]


def test_rows_that_stay_are_not_mentioned():
    said = dict(stage(to="zh-Hant").many(Rows(["漢字", "汉字", "abc"])))
    assert list(said) == [1]
    assert list(dict(stage().many(Rows(["漢字", "汉字", NAIVE])))) == [2]
