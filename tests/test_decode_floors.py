"""A small part of what tools/measure_decode.py measures, on text that is in the repository."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from zhfix import convert
from zhfix.decoding import decode, decode_many, encode

ROOT = Path(__file__).parent.parent
FLOORS = json.loads((ROOT / "tools/floors/decode.json").read_text(encoding="utf-8"))
#: What one wrong string more or less means in a sample this small, in per cent.
SLACK = 1.0


@pytest.fixture(scope="module")
def runs():
    path = ROOT / "tests/fixtures/repair/mirror-documents.txt"
    traditional = path.read_text(encoding="utf-8")
    return {
        script: re.findall("[\u4e00-\u9fff]{8,}", text)
        for script, text in (("hant", traditional), ("hans", convert(traditional, to="zh-Hans")))
    }


@pytest.mark.parametrize(
    ("name", "script", "encoding"),
    [
        ("Simplified, GBK", "hans", "gb18030"),
        ("Traditional, Big5", "hant", "big5"),
        ("Simplified, UTF-16LE", "hans", "utf-16le"),
        ("Traditional, GBK", "hant", "gb18030"),
        ("Simplified, UTF-8", "hans", "utf-8"),
    ],
)
@pytest.mark.parametrize("length", [4, 8])
def test_short_strings(runs, name, script, encoding, length):
    random_ = random.Random(length)
    texts = [run[:length] for run in random_.sample(runs[script], 150)]
    texts = [text for text in texts if not encode(text, encoding).findings]
    cells = [encode(text, encoding).data for text in texts]
    alone = [decode(cell).text == text for cell, text in zip(cells, texts, strict=True)]
    column = [a.text == b for a, b in zip(decode_many(cells), texts, strict=True)]
    assert 100 * sum(alone) / len(texts) >= FLOORS[f"short/{name}/{length}"] - SLACK
    assert 100 * sum(column) / len(texts) >= FLOORS[f"column/{name}/{length}"] - SLACK


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16le"])
def test_the_first_byte_is_lost(runs, encoding):
    text = "，".join(runs["hant"][:6])
    decoded = decode(encode(text, encoding).data[1:])
    assert decoded.encoding == encoding
    assert decoded.text.endswith(text[2:])


@pytest.mark.parametrize("python", ["cp1252", "iso8859-2", "cp932", "cp949", "cp1251"])
def test_a_column_in_another_language_is_not_chinese(python):
    words = {
        "cp1252": "café élève garçon hôtel naïve être forêt déjà français mémoire",
        "iso8859-2": "příští žena město český úřad štěstí večeře náměstí řeka žádost",
        "cp932": "ありがとう 日本語です カタカナ 東京タワー さようなら ひらがな おはよう すみません",
        "cp949": "안녕하세요 대한민국 감사합니다 서울특별시 컴퓨터 한국어 도서관 사람들",
        "cp1251": "привет город книга человек работа письмо дорога солнце вечер хорошо",
    }[python].split()
    found = decode_many([word.encode(python) for word in words])
    assert [cell.text for cell in found] == words
