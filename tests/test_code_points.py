from __future__ import annotations

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
