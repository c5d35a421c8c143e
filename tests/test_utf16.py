"""UTF-16 read as bytes or with swapped ends comes back; nothing else is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhfix.edits import apply
from zhfix.repairing.channels.utf16 import Utf16

LINES = (
    "中国人民站起来了，这是今年5月的新闻。",
    "他說：「這本書很好看。」\n我們也想看 it。",
    "图书馆在学校旁边",
)


def repaired(text):
    channel = Utf16()
    return apply(text, list(channel.repair(text, list(channel.detect(text)))))


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("order", ["little", "big", "swapped"])
def test_damage_is_undone(line, order):
    damaged = Utf16(order).damage(line)
    assert damaged != line
    assert repaired(damaged) == line


def test_windows_1252_is_undone_as_well():
    line = LINES[0]
    data = line.encode("utf-16-le")
    damaged = "".join(bytes((b,)).decode("cp1252", "replace") for b in data)
    damaged = "".join(d if d != "\ufffd" else chr(b) for d, b in zip(damaged, data, strict=True))
    assert repaired(damaged) == line


@pytest.mark.parametrize(
    "text",
    [
        *LINES,
        "Bush hid the facts",
        "日本語の文章です。漢字も仮名もあります。",
        "한국어 문장입니다. 여러 낱말이 있습니다.",
        "Ça va? Où est l'école? Élève, être, naïf.",
        "ÖÐ¹úÈËÃñÕ¾ÆðÀ´ÁË",
        "-N",
        "\x00\x00\x00\x00",
        "⵿ⴰⵎⴰⵣⵉⵖⵜ ⵜⴰⵎⴰⵣⵉⵖⵜ",
    ],
)
def test_other_text_stays(text):
    assert repaired(text) is text or repaired(text) == text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_survived(text):
    repaired(text)
