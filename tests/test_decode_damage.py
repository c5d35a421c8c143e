"""Broken bytes, mixed files and columns."""

from __future__ import annotations

import random

import pytest

from zhfix.decoding import decode, decode_many

SIMPLIFIED = (
    "昨天下午，我们在学校的图书馆里讨论了这个问题。大家认为，应当先把所有的资料整理好，"
    "然后再决定下一步怎么办。老师说，时间还很充裕，不必着急。"
)
TRADITIONAL = (
    "昨天下午，我們在學校的圖書館裡討論了這個問題。大家認為，應當先把所有的資料整理好，"
    "然後再決定下一步怎麼辦。老師說，時間還很充裕，不必著急。"
)
CODED = [
    (SIMPLIFIED, "gbk"),
    (TRADITIONAL, "big5"),
    (SIMPLIFIED, "utf-8"),
    (SIMPLIFIED, "utf-16-le"),
]


def kept(true, found):
    """Count the characters at both ends that are right."""
    head = next((i for i, (a, b) in enumerate(zip(true, found, strict=False)) if a != b), len(true))
    rest = zip(true[: head - 1 : -1], found[::-1], strict=False)
    tail = next((i for i, (a, b) in enumerate(rest) if a != b), len(true) - head)
    return head + tail


@pytest.mark.parametrize(("text", "python"), CODED)
def test_a_lost_byte_costs_a_character_or_two(text, python):
    data = text.encode(python)
    random_ = random.Random(python)
    for _ in range(12):
        at = random_.randrange(len(data))
        decoded = decode(data[:at] + data[at + 1 :])
        assert kept(text, decoded.text) >= len(text) - 3, (at, decoded.text)


@pytest.mark.parametrize(("text", "python"), CODED)
def test_both_ends_may_be_cut(text, python):
    data = text.encode(python)
    assert decode(data[1:]).text.endswith(text[2:])
    assert decode(data[:-1]).text.startswith(text[:-1])


def test_a_stray_nul_goes_and_a_fault_names_its_byte():
    data = SIMPLIFIED.encode("gbk")
    assert decode(data[:41] + b"\0" + data[41:]).text == SIMPLIFIED
    decoded = decode(data[:40] + b"\xff" + data[40:])
    assert decoded.text == SIMPLIFIED[:20] + "\ufffd" + SIMPLIFIED[20:]
    assert [f.span for f in decoded.findings] == [(20, 21)]
    assert "byte 40" in decoded.findings[0].reason


def test_clean_text_is_left_alone():
    names = "陈翀、龚珣、郗鉴、逄锦聚、仝晔、佘祥林、亓官昉、禤国维、尉犁县、亳州市、歙县、黟县、鄄城、郫都。"
    for text, python in [*CODED, (names, "gbk"), (names, "utf-16-le")]:
        decoded = decode(text.encode(python))
        assert decoded.text == text
        assert decoded.findings == ()


@pytest.mark.parametrize(
    ("text", "first", "second", "main"),
    [(SIMPLIFIED, "gbk", "utf-8", "gb18030"), (TRADITIONAL, "big5", "utf-8", "big5"),
     (SIMPLIFIED, "utf-8", "gbk", "utf-8"), (TRADITIONAL, "big5", "gbk", "big5")],
)  # fmt: skip
def test_lines_in_different_encodings(text, first, second, main):
    lines = [f"{number} {text}" for number in range(30)]
    data = b"\n".join(line.encode(second if i % 5 == 3 else first) for i, line in enumerate(lines))
    decoded = decode(data)
    assert decoded.text == "\n".join(lines)
    assert decoded.encoding == main
    assert len(decoded.findings) == 6
    for finding in decoded.findings:
        assert finding.rule == "decode/other-encoding"
        assert decoded.text[slice(*finding.span)] in lines


def test_fields_in_different_encodings():
    rows = [(f"{i:03}", SIMPLIFIED[:20], SIMPLIFIED[20:40]) for i in range(20)]
    data = b"\n".join(
        b"|".join((number.encode(), one.encode("gbk"), other.encode("utf-8")))
        for number, one, other in rows
    )
    assert decode(data).text == "\n".join("|".join(row) for row in rows)


def test_a_column_lends_its_encoding_to_short_cells():
    words = ["北京", "上海", "广州", "深圳", "一", "二", "不", "成都", "重庆", "天津"] * 5
    found = decode_many([word.encode("gbk") for word in words])
    assert [cell.text for cell in found] == words
    assert {cell.encoding for cell in found} == {"gb18030"}
    mixed = [word.encode("gbk" if i % 2 else "utf-8") for i, word in enumerate(words)]
    assert [cell.text for cell in decode_many(mixed)] == words


def test_few_characters_are_less_sure():
    sure = decode(SIMPLIFIED.encode("gbk")).confidence
    assert decode("二".encode("gbk")).confidence < 0.99 < sure
