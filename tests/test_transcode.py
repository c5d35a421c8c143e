"""Wrong decodes: undone, proven, found in the right place, and never seen where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zhfix
from zhfix.document import Document, Proof
from zhfix.edits import apply
from zhfix.repairing.channels.lost import LostText
from zhfix.repairing.channels.transcode import Transcode
from zhfix.repairing.codecs import READINGS, reading
from zhfix.repairing.screen import suspicious
from zhfix.repairing.search import PAIRS, Pair

CASES = json.loads((Path(__file__).parent / "fixtures/repair/transcode.json").read_text("utf-8"))
SENTENCES = {
    "utf-8": ("我们明天上午去学校图书馆看书", "這個問題其實沒有那麼簡單"),
    "gbk": ("我们明天上午去学校图书馆看书", "中国人民银行公布了最新的数据"),
    "big5": ("這個問題其實沒有那麼簡單", "我們明天上午去學校圖書館看書"),
}
CLEAN = (
    "これは日本語の文章です。漢字とかなが混ざっています。",
    "한국어 문장은 바뀌지 않아야 합니다. 서울에서 만나요.",
    "Обычный русский текст не должен меняться, это важно.",
    "Tiếng Việt có nhiều dấu và không được thay đổi.",
    "Déjà vu : l'été à Besançon, où Noël était fêté. Größe, Übermut, señor, façade.",
    "https://example.org/a?b=%E4%B8%AD&c=d#e 和 aGVsbG8gd29ybGQgaGVsbG8=",
    'if (x < 0 && y > "a") { return `${z}`; } // 注释在这里',
    '{"名称": "测试", "值": [1, 2.5, null], "e": "\\u4e2d"}',
    "气温31°C至40°C，误差±2，尺寸3×4，价格€15、£20。",
    "┌──┬──┐\n│甲│乙│\n├──┼──┤\n└──┴──┘",
    "😀🎉👨‍👩‍👧 好耶！①②③ ㄅㄆㄇ ㄓㄨˋ ㄧㄣ",
    "詻詻之下。欸欸欸，洸洸、赳赳，忑忑忐忐。",
    "唔该，我想要呢个嘅，佢哋喺边度啲嘢咁贵？",
    "关关雎鸠，在河之洲。窈窕淑女，君子好逑。参差荇菜，左右流之。",
    "龟兹(qiū cí)和尴尬(gān gà)。",
)


def repaired(text: str) -> str:
    channel = Transcode()
    for _ in range(4):
        edits = sorted(channel.repair(text, list(channel.detect(text))), key=lambda e: e.span)
        if not edits:
            break
        text = apply(text, edits)
    return text


@pytest.mark.parametrize("case", CASES, ids=[case["label"] for case in CASES])
def test_fixture(case: dict[str, str]) -> None:
    assert repaired(case["input"]) == case["expect"]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_every_pair_is_undone_and_proven(pair: Pair) -> None:
    tried = 0
    for good in SENTENCES[pair.true]:
        # Double-byte decoders refuse some bytes; then a shorter text must do.
        bad = next((b for n in range(len(good), 3, -1) if (b := pair.forwards(good[:n]))), None)
        if bad is None:
            continue
        tried += 1
        truth = good[: next(n for n in range(len(good), 3, -1) if pair.forwards(good[:n]) == bad)]
        edits = list(Transcode().repair(bad, list(Transcode().detect(bad))))
        assert repaired(bad) == truth
        for edit in edits:
            assert edit.proof is Proof.PROVEN
            assert edit.rule in Transcode().rules
    assert tried or pair.wrong in ("big5", "euc-kr", "shift-jis")


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_damage_inside_clean_text_leaves_the_rest_alone(pair: Pair) -> None:
    good = SENTENCES[pair.true][0][:6]
    bad = pair.forwards(good)
    if bad is None:
        pytest.skip("these bytes are not valid there")
    text = f"编号12: {bad} (abc)\n下一行是干净的。"
    assert repaired(text) == f"编号12: {good} (abc)\n下一行是干净的。"


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_is_not_touched(text: str) -> None:
    assert list(Transcode().detect(text)) == []
    assert list(LostText().detect(text)) == []


@given(st.text(st.characters(), max_size=60))
@settings(deadline=None, max_examples=60)
def test_any_text_gives_edits_that_apply(text: str) -> None:
    channel = Transcode()
    edits = list(channel.repair(text, list(channel.detect(text))))
    document = Document(text).revise("repair", edits)
    assert document.original == text


@pytest.mark.parametrize("name", READINGS)
def test_tables_read_their_own_bytes_back(name: str) -> None:
    table = reading(name)
    for code in range(0x81, 0x10000, 37):
        data = bytes([code >> 8, code & 255] if code > 0xFF else [code])
        text = table.decode(data)
        if text is None or len(text) != 1:
            continue
        codes = {int(table.encode(text)[0]), *table.others.get(ord(text), ())}
        assert code in codes


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("文件锟斤拷锟斤拷目录", "damage/replacement-read-as-gbk"),
        ("锟侥硷拷", "damage/replacement-read-as-gbk"),
        ("标题\ufffd", "damage/replacement"),
        ("һ\ufffdԵ\ufffd\ufffd\ufffd֮\ufffd\ufffd", "damage/gbk-read-as-utf-8"),
        ("烫烫烫烫烫烫", "damage/uninitialised-memory"),
        ("??，????", "damage/question-marks"),
    ],
)
def test_lost_text_is_found_and_kept(text: str, rule: str) -> None:
    found = list(LostText().detect(text))
    assert rule in {finding.rule for finding in found}
    assert list(LostText().repair(text, found)) == []
    assert list(Transcode().detect(text)) == []
    marked = apply(text, sorted(LostText("mark").repair(text, found), key=lambda e: e.span))
    dropped = apply(text, sorted(LostText("drop").repair(text, found), key=lambda e: e.span))
    assert len(dropped) <= len(marked) <= len(text)
    assert dropped != text


def test_work_on_a_long_line_is_bounded() -> None:
    bad = Pair("utf-8", "gbk").forwards("文件存储系统") or ""
    regions = suspicious(bad * 5000)
    assert max(r.end - r.start for r in regions) <= 8192
    assert repaired(bad * 300) == "文件存储系统" * 300


def test_a_long_text_is_searched_for_another_layer_only_where_it_was_damaged():
    """One twice damaged line far down in a long text comes back whole, and nothing else moves."""
    good = "系统找不到指定的文件"
    once = Pair("utf-8", "gbk").forwards(good)
    twice = Pair("utf-8", "gbk").forwards(once)
    clean = "今天的天气很好，我们去公园散步。\n" * 2000
    assert zhfix.repair(f"{clean}{twice}\n{clean}") == f"{clean}{good}\n{clean}"
    assert zhfix.repair(clean.replace("\n", "") + twice) == clean.replace("\n", "") + good


def test_a_foreign_text_is_given_up_and_a_chinese_one_is_not():
    """Of Russian, words may be Chinese read as Windows-1251; after some in vain the rest is left."""
    russian = "Съешь же ещё этих мягких французских булок, да выпей чаю.\n" * 200
    damaged = Pair("utf-8", "gbk").forwards("系统找不到指定的文件")
    assert zhfix.repair(russian) is russian
    assert zhfix.repair(f"{damaged}\n{russian}") == f"系统找不到指定的文件\n{russian}"
    chinese = "今天的天气很好，我们去公园散步。Съешь же ещё этих.\n" * 200
    assert zhfix.repair(f"{chinese}{damaged}") == f"{chinese}系统找不到指定的文件"
