"""A small part of what tools/measure_convert.py measures, on text that is in the repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zhfix.converting import stage
from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.engine import engine

ROOT = Path(__file__).parent.parent
LIMITS = json.loads((ROOT / "tools/floors/convert.json").read_text(encoding="utf-8"))
FIXTURES = ROOT / "tests/fixtures"
#: Editions differ in these, and in quotation marks.
SAME = str.maketrans("為裡著眾麵纔掛“”‘’", "爲裏着衆麪才挂「」『』")


@pytest.fixture(scope="module")
def verses():
    lines = (FIXTURES / "convert/verses.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def good():
    text = (FIXTURES / "repair/mirror-documents.txt").read_text("utf-8")
    return [document for document in text.split("\n\n") if document.strip()]


def per_10_000(made, gold):
    made, gold = made.translate(SAME), gold.translate(SAME)
    assert len(made) == len(gold)
    return 1e4 * sum(a != b for a, b in zip(made, gold, strict=True)) / len(gold)


@pytest.mark.parametrize(
    ("to", "source", "gold"), [("Hant", "hans", "hant"), ("Hans", "hant", "hans")]
)
def test_verses(verses, to, source, gold):
    made = stage(to=f"zh-{to}").convert("\n".join(verse[source] for verse in verses))
    wrong = per_10_000(made, "\n".join(verse[gold] for verse in verses))
    assert wrong <= LIMITS[f"sample/verses to zh-{to}"]


def test_good_text_stays(good):
    run = stage()
    assert (
        sum(run.convert(document) is not document for document in good)
        <= LIMITS["sample/good text"]
    )


def left(char, forms):
    return char if char in forms else forms[0]


def always(char, forms):
    return next((form for form in forms if form != char), char)


@pytest.mark.parametrize(
    ("channel", "naive"), [("left simplified", left), ("always changed", always)]
)
def test_naive_text_is_put_right(verses, channel, naive):
    table = parse_dictionary(data_text("STCharacters.txt"), "STCharacters")
    source = "\n".join(verse["hans"] for verse in verses)
    gold = engine("t2tw").convert("\n".join(verse["hant"] for verse in verses))
    hurt = "".join(naive(char, table[char]) if char in table else char for char in source)
    made = engine("t2tw").convert(stage().convert(hurt))
    assert per_10_000(hurt, gold) > 10 * LIMITS[f"sample/{channel}"]
    assert per_10_000(made, gold) <= LIMITS[f"sample/{channel}"]


@pytest.mark.parametrize("char", "范准征云斗系伙干复")
def test_the_weak_characters_are_told_apart(char):
    pairs = {
        "范": ("范先生防范小偷", "范先生防範小偷"),
        "准": ("不准进去，标准很高", "不准進去，標準很高"),
        "征": ("出征以后征求意见", "出征以後徵求意見"),
        "云": ("子云：白云在天", "子云：白雲在天"),
        "斗": ("北斗星下斗争不断", "北斗星下鬥爭不斷"),
        "系": ("系统的关系很系念", "系統的關係很繫念"),
        "伙": ("伙伴们的伙食很好", "夥伴們的伙食很好"),
        "干": ("干净的干部若干", "乾淨的幹部若干"),
        "复": ("恢复重复的工作", "恢復重複的工作"),
    }
    text, expected = pairs[char]
    assert stage(to="zh-Hant").convert(text) == expected
