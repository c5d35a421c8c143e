"""Decoding a stream gives what decoding the whole gives."""

from __future__ import annotations

import random

import pytest

from zhfix.decoding import IncrementalDecoder

SENTENCES = [
    "我们需要把这些文件转换成正确的编码，然后再继续处理。",
    "今天天气很好，大家一起去公园散步吧！",
    "根据规定，申请人应当提交有关证明文件。",
    "The quick brown fox.",
]


def text_of(size):
    random_ = random.Random(size)
    return "\n".join(random_.choice(SENTENCES) for _ in range(size))


def in_pieces(decoder, data, seed):
    random_ = random.Random(seed)
    parts = []
    while data:
        size = random_.randrange(1, 40_000)
        parts.append(decoder.decode(data[:size]))
        data = data[size:]
    parts.append(decoder.decode(b"", final=True))
    return "".join(parts)


@pytest.mark.parametrize("python", ["gbk", "utf-8", "utf-8-sig", "utf-16"])
def test_pieces_of_any_size(python):
    text = text_of(6000)
    for seed in range(2):
        decoder = IncrementalDecoder()
        assert in_pieces(decoder, text.encode(python), seed) == text
        assert decoder.findings == []


def test_memory_is_bounded():
    decoder = IncrementalDecoder()
    data = text_of(4000).encode("gbk")
    for _ in range(5):
        decoder.decode(data)
        assert len(decoder._pending) < 300_000


def test_one_line_without_end_comes_out_in_time():
    text = "我们需要把这些文件转换成正确的编码 " * 20_000
    decoder = IncrementalDecoder()
    first = decoder.decode(text.encode("gbk"))
    assert len(first) > 100_000
    assert first + decoder.decode(b"", final=True) == text


def test_a_later_contradiction_is_told_and_read():
    first, second = text_of(4000), text_of(4001)
    decoder = IncrementalDecoder()
    out = in_pieces(decoder, first.encode("gbk") + b"\n" + second.encode("utf-8"), 1)
    assert out == f"{first}\n{second}"
    assert decoder.encoding == "gb18030"
    assert decoder.contradictions >= 1
    rules = {finding.rule for finding in decoder.findings}
    assert rules == {"decode/other-encoding"}


def test_ascii_leaves_the_choice_open():
    decoder = IncrementalDecoder()
    head = "x" * 79 + "\n"
    text = head * 2000 + text_of(100)
    assert in_pieces(decoder, text.encode("gbk"), 3) == text
    assert decoder.encoding == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5", "shift_jis", "euc-kr"])
@pytest.mark.parametrize("ahead", ["", "。", "Ａ"])
def test_a_long_line_without_ascii_is_cut_between_characters(encoding, ahead):
    unit = {"euc-kr": "한국어문장입니다", "shift_jis": "これは日本語の文章です"}.get(
        encoding, "一段文字"
    )
    rare = "\U00020000" if encoding == "gb18030" else ""
    text = ahead + (unit + rare) * 60_000
    data = text.encode("cp949" if encoding == "euc-kr" else encoding)
    decoder = IncrementalDecoder(encoding=encoding, fixed=True)
    made = "".join(decoder.decode(data[at : at + 50_001]) for at in range(0, len(data), 50_001))
    assert made + decoder.decode(b"", final=True) == text
    assert not decoder.findings
