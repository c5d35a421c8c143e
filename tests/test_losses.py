"""Wrong decodes that lost bytes, and layers that say nothing by themselves."""

from __future__ import annotations

import pytest

import zhfix
from zhfix import Proof
from zhfix.repairing.search import Pair

STAGES = zhfix.default().only("detect", "repair")


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        (Pair("gbk", "latin-1"), Pair("utf-8", "gbk"), "政府工作报告"),  # 脮镁赂庐鹿陇脳梅卤篓赂忙
        (Pair("utf-8", "latin-1"), Pair("utf-8", "gbk"), "中文网页"),  # 盲赂颅忙聳聡莽陆聭茅隆碌
        (Pair("gbk", "cp1251"), Pair("utf-8", "gbk"), "中文网页"),  # 笑袪袨袛袧褕孝褨
        (Pair("big5", "cp1252"), Pair("utf-8", "gbk"), "政府工作報告"),  # with ASCII in between
        (Pair("big5", "cp1252"), Pair("utf-8", "cp1252"), "已經出現的問題"),
        (Pair("big5", "cp437"), Pair("utf-8", "gbk"), "今天我們去北京開會"),
    ],
    ids=str,
)
def test_a_layer_of_letters_is_peeled_for_what_lies_below(
    first: Pair, second: Pair, text: str
) -> None:
    middle = first.forwards(text)
    assert middle is not None
    damaged = second.forwards(middle)
    assert damaged is not None
    document = STAGES.run(damaged)
    assert document.text == text
    assert all(edit.proof is Proof.PROVEN for edit in document.edits)


@pytest.mark.parametrize(
    ("true", "codec", "text"),
    [
        ("big5", "gbk", "社交恐懼症人敢八卦板發文"),
        ("big5", "gbk", "35歲存款一千萬50歲時退休"),
        ("cp936", "cp950", "群发阿群发，大半夜的家里没电，手机也快电尽机忘了。"),
    ],
)
def test_a_question_mark_is_half_a_character(true: str, codec: str, text: str) -> None:
    damaged = text.encode(true).decode(codec, "replace").replace("\ufffd", "?")
    assert "?" in damaged
    document = STAGES.run(damaged)
    assert document.text == text
    assert Proof.GUESS in {edit.proof for edit in document.edits}


def test_one_unknown_character_does_not_hold_up_the_rest() -> None:
    text = "短期补习班人员经认定有本法第九条第六项各"
    damaged = text.encode("cp936").decode("cp950", "replace").replace("\ufffd", "?")
    fixed = STAGES.run(damaged).text
    assert fixed[:-1] == text[:-1]
    assert fixed[-1] in "各\ufffd"


def test_question_marks_of_people_stay_beside_damaged_lines() -> None:
    good = [
        "说起来,都写明?阿或波?这样一看,马上就懂了",
        "才是真理的孩子呢?真?善?美?嘿嘿,这是一点想法",
        "包?有?破?",
    ]
    text = "短期补习班人员经认定有本法第九条第六项各种情况之一"
    damaged = text.encode("cp936").decode("cp950", "replace").replace("\ufffd", "?")
    lines = STAGES.run("\n".join([damaged, *good, damaged])).text.split("\n")
    assert lines[1:-1] == good
    assert lines[0] != damaged
