"""Pages of Chinese text: decided without the search, to the same result as with it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from zhfix import convert
from zhfix.decoding import damage, decode
from zhfix.decoding.decoder import _searched
from zhfix.decoding.detect import detect
from zhfix.decoding.labels import codec
from zhfix.decoding.lost import may_be_lost
from zhfix.decoding.plain import EXACT, plainly_chinese
from zhfix.decoding.strange import laid, places
from zhfix.repairing.model import code_points

FIXTURE = Path(__file__).parent / "fixtures/repair/mirror-documents.txt"


@pytest.fixture(scope="module")
def pages():
    traditional = FIXTURE.read_text(encoding="utf-8").replace("\r", "")
    simplified = convert(traditional, to="zh-Hans")
    return {"gbk": simplified[:3000], "big5": traditional[:3000], "gb18030": traditional[3000:6000]}


def found_by_search(data):
    return _searched(data, detect(data), None)


@pytest.mark.parametrize("python", ["gbk", "big5", "gb18030"])
@pytest.mark.parametrize("size", [400, 1000, 3000])
def test_a_page_is_what_the_search_makes_of_it(pages, python, size):
    data = pages[python][:size].encode(python, "ignore")
    assert plainly_chinese(data, None)
    quick, slow = decode(data), found_by_search(data)
    assert (quick.text, quick.encoding, quick.findings) == (slow.text, slow.encoding, slow.findings)
    assert quick.runner_up == slow.runner_up
    assert quick.confidence == pytest.approx(slow.confidence)


def test_rare_characters_of_each_encoding_are_read(pages):
    emoji = pages["gbk"] + "😀，㐀。"
    assert decode(emoji.encode("gb18030")).text == emoji
    hong_kong = "佢哋喺嗰度食緊嘢，唔該俾我睇吓。" * 40
    decoded = decode(hong_kong.encode("big5hkscs"))
    assert (decoded.text, decoded.encoding) == (hong_kong, "big5")
    assert plainly_chinese(hong_kong.encode("big5hkscs"), None)
    euro = pages["gbk"] + "€5"
    assert decode(pages["gbk"].encode("gbk") + b"\x805").text == euro


def test_rare_characters_far_from_the_head_are_read(pages):
    text = pages["gbk"] * 12
    for rare in ("😀，", "，"):
        data = f"{text}{rare}{text}".encode("gb18030")
        assert plainly_chinese(data, None).raw.text == f"{text}{rare}{text}"
        # A head that ends inside a character.
        assert plainly_chinese(b"!" + data, None).raw.text == f"!{text}{rare}{text}"
    assert plainly_chinese(text.encode("gbk") + b"\xff" + text.encode("gbk"), None) is None


def test_what_is_not_beyond_doubt_is_left_to_the_search(pages):
    page = pages["gbk"].encode("gbk", "ignore")
    japanese = ("これは日本語の文章です。文字コードを調べます。" * 30).encode("euc_jp")
    korean = ("이것은 한국어 문장입니다. 문자 코드를 확인합니다. " * 30).encode("cp949")
    russian = ("Это русский текст, и он не должен стать китайским. " * 30).encode("cp1251")
    for data in (page[:500], page + b"\xff", page[1:] + b"\xd6", japanese, korean, russian):
        assert plainly_chinese(data, None) is None
    assert [decode(data).encoding for data in (japanese, korean, russian)] == [
        "euc-jp",
        "euc-kr",
        "windows-1251",
    ]


@pytest.mark.parametrize("size", [2000, EXACT + 2000])
def test_a_line_in_another_encoding_is_seen_in_a_plain_page(pages, size):
    text = (pages["gbk"] * 4)[:size]
    odd = "這一行是另外一種編碼，與其他各行都不相同。"
    data = b"\n".join([text.encode("gbk", "ignore"), odd.encode("big5"), "完。".encode("gbk")])
    assert plainly_chinese(data, None)
    decoded = decode(data)
    assert decoded.text.split("\n")[-2:] == [odd, "完。"]
    assert [finding.rule for finding in decoded.findings] == ["decode/other-encoding"]


def test_a_lost_byte_without_a_fault_is_found_in_a_plain_page(pages):
    text = "我们在学校的图书馆里讨论了这个问题，大家认为应当先把所有的资料整理好再决定"
    line = text.encode("gbk")
    # The line's last byte goes as well, so that all that remains is in pairs.
    data = pages["gbk"].encode("gbk", "ignore") + b"\n" + line[:21] + line[22:-1] + b"\n"
    assert plainly_chinese(data, None)
    assert "\ufffd".join((text[:10], text[11:-1])) in decode(data).text


def hurt(data, random_):
    at = random_.randrange(len(data))
    return random_.choice(
        [
            data,
            data[:at] + data[at + 1 :],
            # The last byte as well, so that all that remains is in pairs.
            data[:at] + data[at + 1 : -1],
            data[:at] + bytes((random_.randrange(0x20, 0x100),)) + data[at:],
            data[:at] + bytes((data[at] ^ 1 << random_.randrange(8),)) + data[at + 1 :],
            data[:at] + data[at + 2 :],
        ]
    )


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_where_no_byte_can_be_lost_no_walk_would_mend(pages, encoding, monkeypatch):
    # Every strange place is walked over.
    monkeypatch.setattr(
        damage, "may_be_lost", lambda _text, found, _: np.concatenate([at for _, at in found])
    )
    python = {"gb18030": "gbk", "big5": "big5"}[encoding]
    random_ = random.Random(encoding)
    mended = hopeless = 0
    for line in pages[python].split("\n"):
        for _ in range(8):
            data = hurt(line.encode(python, "ignore") or b" ", random_)
            raw = codec(encoding).decode(data)
            text = laid(code_points(f"\n{raw.text}\n"))
            found = places(text)
            if raw.faults or "\n" in raw.text or not any(starts.size for _, starts in found):
                continue
            changed = damage.mend(data, encoding).text != raw.text
            hopes = may_be_lost(text, found, encoding)
            mended += changed
            hopeless += not hopes.size
            assert hopes.size or not changed, raw.text
    assert mended > 20
    assert hopeless > 20


def test_what_is_far_from_lost_is_not_looked_at():
    text = laid(code_points("\n禤国维与亓官昉在鄄城会见了逄锦聚和仝晔，随后前往亳州市。\n"))
    found = places(text)
    assert sum(starts.size for _, starts in found)
    assert may_be_lost(text, found, "gb18030").size == 0


def test_prices_of_pairs_are_those_of_steps():
    from zhfix.repairing.model import LanguageModel

    model = LanguageModel.load()
    ids = model.encode("今天天气很好，锟斤拷鄄城abc中国")
    pairs, steps = model.pairs(ids[:-1], ids[1:]), -model.steps(ids[:-1], ids[1:])
    known = pairs < 13
    assert 5 < np.count_nonzero(known) < len(known)
    assert np.allclose(pairs[known], steps[known])
