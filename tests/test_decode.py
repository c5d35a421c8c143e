"""Decoding of bytes whose encoding nobody told."""

from __future__ import annotations

import pytest

from zhfix.decoding import charset_normalizer, chinese_first, decode, decode_many, fixed, utf_8
from zhfix.errors import UnknownDecoderError

SIMPLIFIED = "我们需要把这些文件转换成正确的编码，然后再继续处理。"
TRADITIONAL = "我們需要把這些檔案轉換成正確的編碼，然後再繼續處理。"


@pytest.mark.parametrize(
    ("text", "python", "label"),
    [
        (SIMPLIFIED, "gbk", "gb18030"),
        (TRADITIONAL, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (SIMPLIFIED, "utf-16", "utf-16le"),
        (SIMPLIFIED, "utf-16-be", "utf-16be"),
        (SIMPLIFIED, "hz", "hz-gb-2312"),
        ("これは日本語の文章です。文字コードを調べます。", "shift_jis", "shift_jis"),
        ("これは日本語の文章です。文字コードを調べます。", "euc_jp", "euc-jp"),
        ("이것은 한국어 문장입니다. 문자 코드를 확인합니다.", "cp949", "euc-kr"),
        ("Это русский текст, и он не должен стать китайским.", "cp1251", "windows-1251"),
        ("plain ASCII", "ascii", "utf-8"),
        ("", "ascii", "utf-8"),
    ],
)
def test_encoding_is_found(text, python, label):
    decoded = decode(text.encode(python))
    assert (decoded.text, decoded.encoding) == (text, label)
    assert decoded.confidence > 0.9


def test_a_declaration_that_lies_is_told():
    decoded = decode(f'<meta charset="gb2312">{TRADITIONAL}'.encode("big5"))
    assert decoded.text.endswith(TRADITIONAL)
    assert decoded.encoding == "big5"
    assert decoded.declared == "gb2312"
    assert decoded.declared_was_wrong
    assert not decode(TRADITIONAL.encode("big5"), declared="cp950").declared_was_wrong


def test_an_order_is_obeyed_and_damage_is_found():
    decoded = decode(b"\xd6\xd0\xff\xce\xc4", encoding="gb2312")
    assert decoded.text == "中\ufffd文"
    assert decoded.findings[0].span == (1, 2)
    assert "byte 2" in decoded.findings[0].reason
    with pytest.raises(UnknownDecoderError):
        decode(b"", encoding="nonsense")


def test_factories():
    assert fixed("big5")(b"\xa4\xa4").text == "中"
    assert utf_8()(b"\xef\xbb\xbfabc\xff").text == "abc\ufffd"
    assert charset_normalizer()(SIMPLIFIED.encode()).text == SIMPLIFIED
    assert chinese_first(declared="gbk")("中文".encode("gbk")).text == "中文"


def test_cells():
    cells = ["北京".encode("gbk"), b"", "上海市".encode(), b"abc"]
    assert [cell.text for cell in decode_many(cells)] == ["北京", "", "上海市", "abc"]
