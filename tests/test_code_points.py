from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from zhfix.edits import apply
from zhfix.repairing.channels.code_points import CodePoints

CHANNEL = CodePoints()


def repaired(text):
    return apply(text, list(CHANNEL.repair(text, list(CHANNEL.detect(text)))))


@pytest.mark.parametrize(
    ("damaged", "truth"),
    [
        ("打开⽂件失败，⼀个⼈来了", "打开文件失败，一个人来了"),
        ("打开⻚面", "打开页面"),
        ("中\u200b国\ufeff人\u00ad民", "中国人民"),
        ("姓名：张三\x00\x00\x00", "姓名：张三"),
        ("这个\ue81e字", "这个龴字"),
    ],
)
def test_damage_is_repaired(damaged, truth):
    assert repaired(damaged) == truth


def test_radicals_run_both_ways():
    assert repaired(CHANNEL.damage("今日的文件和人民")) == "今日的文件和人民"


@pytest.mark.parametrize(
    "text",
    [
        "部首⽂有四画",
        "⼀ ⼁ ⼂",
        "👩\u200d💻 在家",
        "می\u200cخواهم",
        "क्\u200dष",
        "葛\U000e0100城",
        "更多\uf8ff",
        "\x00\x01\x02",
        "co\u00adoperate",
    ],
)
def test_good_text_stays(text):
    assert repaired(text) == text


@pytest.mark.parametrize(
    ("rule", "text", "truth"),
    [
        ("code-point/compatibility", "\uf9dc的山", "隆的山"),
        ("code-point/width", "第１２页Ａ，Ｂ。", "第12页A，B。"),
        ("code-point/kana", "ｶﾞﾝﾀﾞﾑの絵", "ガンダムの絵"),
        ("code-point/variation-selector", "葛\U000e0100城", "葛城"),
    ],
)
def test_what_many_want_to_keep_must_be_asked_for(rule, text, truth):
    assert repaired(text) == text
    asked = CodePoints(extra=frozenset({rule}))
    assert apply(text, list(asked.repair(text, list(asked.detect(text))))) == truth


def test_halves_of_a_character_are_joined():
    assert repaired("\ud842\udfb7野家") == "𠮷野家"
    assert repaired("吉\ud842") == "吉\ud842"


def test_ideographic_descriptions_keep_their_radicals():
    text = "UTC-00105;U+2CC03;173.8;⿱⻗中"
    assert repaired(text) == text


def test_the_table_is_the_one_that_its_script_writes():
    script = Path(__file__).parent.parent / "tools/build_codepoints.py"
    subprocess.run([sys.executable, str(script), "--check"], check=True)
