"""Every two-byte entry against the standard's whole index, and the standard's decoder itself."""

from __future__ import annotations

import lzma
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhfix.decoding import big5, encode, euc_tw, gb18030, labels
from zhfix.decoding.labels import codec, normalized
from zhfix.errors import ConfigError, UnknownDecoderError

FIXTURES = Path(__file__).parent / "fixtures" / "decode"
HOLE = "\uffff"
COMPOSED = {1133: "Ê̄", 1135: "Ê̌", 1164: "ê̄", 1166: "ê̌"}


@pytest.fixture(scope="session")
def indexes():
    lines = lzma.decompress((FIXTURES / "indexes.txt.xz").read_bytes()).decode().split("\n")
    return {"gb18030": lines[2], "big5": lines[3]}


def gb_code(pointer):
    lead, trail = divmod(pointer, 190)
    return bytes((lead + 0x81, trail + (0x40 if trail < 0x3F else 0x41)))


def big5_code(pointer):
    lead, trail = divmod(pointer, 157)
    return bytes((lead + 0x81, trail + (0x40 if trail < 0x3F else 0x62)))


def test_gb18030_equals_the_whole_index(indexes):
    index = indexes["gb18030"]
    assert len(index) == 23940
    assert HOLE not in index
    wrong = [
        gb_code(p).hex() for p, char in enumerate(index) if gb18030.decode(gb_code(p)).text != char
    ]
    assert wrong == []


def test_big5_equals_the_whole_index(indexes):
    wrong = []
    for pointer, char in enumerate(indexes["big5"]):
        code = big5_code(pointer)
        raw = big5.decode(code)
        if pointer in COMPOSED:
            expected = COMPOSED[pointer]
        elif char == HOLE:
            expected = "\ufffd" + (chr(code[1]) if code[1] < 0x80 else "")
        else:
            expected = char
        if raw.text != expected:
            wrong.append((code.hex(), raw.text, expected))
    assert wrong == []


def standard_gb18030(data, index):  # noqa: C901, PLR0912  (the standard's own steps)
    """The Encoding Standard's decoder, step by step; four-byte ranges from Python's codec."""
    out = []
    position = 0
    while position < len(data):
        byte = data[position]
        if byte < 0x80:
            out.append(chr(byte))
        elif byte == 0x80:
            out.append("€")
        elif byte == 0xFF:
            out.append("\ufffd")
        else:
            second = data[position + 1] if position + 1 < len(data) else None
            if second is None:
                out.append("\ufffd")
            elif 0x30 <= second <= 0x39:
                rest = data[position : position + 4]
                if len(rest) > 2 and not 0x81 <= rest[2] <= 0xFE:
                    out.append("\ufffd")
                elif len(rest) < 4:
                    out.append("\ufffd")
                    break
                elif not 0x30 <= rest[3] <= 0x39:
                    out.append("\ufffd")
                else:
                    try:
                        out.append(
                            "\ue7c7" if rest == b"\x81\x35\xf4\x37" else rest.decode("gb18030")
                        )
                    except UnicodeDecodeError:
                        out.append("\ufffd")
                    position += 3
            elif 0x40 <= second <= 0x7E or 0x80 <= second <= 0xFE:
                offset = 0x40 if second < 0x7F else 0x41
                out.append(index[(byte - 0x81) * 190 + second - offset])
                position += 1
            else:
                out.append("\ufffd")
                position += second >= 0x80
        position += 1
    return "".join(out)


def standard_big5(data, index):
    out = []
    position = 0
    while position < len(data):
        byte = data[position]
        if byte < 0x80:
            out.append(chr(byte))
        elif not 0x81 <= byte <= 0xFE or position + 1 == len(data):
            out.append("\ufffd")
        else:
            second = data[position + 1]
            char = HOLE
            if 0x40 <= second <= 0x7E or 0xA1 <= second <= 0xFE:
                pointer = (byte - 0x81) * 157 + second - (0x40 if second < 0x7F else 0x62)
                char = COMPOSED.get(pointer, index[pointer])
            if char != HOLE:
                out.append(char)
                position += 1
            else:
                out.append("\ufffd")
                position += second >= 0x80
        position += 1
    return "".join(out)


@pytest.mark.parametrize(
    ("label", "standard"), [("gb18030", standard_gb18030), ("big5", standard_big5)]
)
def test_random_bytes_decode_as_the_standard_says(indexes, label, standard):
    random_ = random.Random(label)
    kinds = [
        range(0x81, 0xFF),
        range(0x30, 0x3A),
        range(0x40, 0x7F),
        range(256),
        (0x80, 0xFF, 0xC6),
    ]
    for _ in range(4000):
        data = bytes(random_.choice(random_.choice(kinds)) for _ in range(random_.randrange(14)))
        raw = codec(label).decode(data)
        assert raw.text == standard(data, indexes[label]), data.hex()
        assert all(raw.text[fault.at] == "\ufffd" for fault in raw.faults)
        assert len(raw.faults) <= raw.text.count("\ufffd")


def test_labels_of_the_gb_family_share_one_decoder():
    for label in ("gb2312", "GBK", "x-gbk", "gb18030", "cp936", "chinese", "GB_2312-80"):
        assert codec(label).decode(b"\x80\xa8\xbc\xaa\xa1").text == "€ḿ\ue000"
    for label in ("big5", "big5-hkscs", "cp950", "x-x-big5", "cn-big5"):
        assert codec(label).decode(b"\xfb\x48\xc6\xa1").text == "嘅①"
    assert normalized("utf8") == "utf-8"
    assert "gb2312" in labels()
    with pytest.raises(UnknownDecoderError):
        codec("gbkk")


def test_encoding_the_index_back(indexes):
    for label, code_of in (("gb18030", gb_code), ("big5", big5_code)):
        for pointer, char in enumerate(indexes[label]):
            if char == HOLE or (label == "big5" and pointer < (0xA1 - 0x81) * 157):
                continue
            encoded = encode(char, label)
            assert not encoded.findings
            assert codec(label).decode(encoded.data).text == char
            if indexes[label].count(char) == 1:
                assert encoded.data == code_of(pointer)


def test_encode_reports_what_does_not_fit():
    encoded = encode("😀字\N{GRINNING FACE}!", "big5")
    assert encoded.data == b"?\xa6r?!"
    assert [finding.span.start for finding in encoded.findings] == [0, 2]
    assert encode("€", "gbk").data == b"\x80"
    assert encode("€", "gb18030").data == b"\xa2\xe3"
    assert encode("\N{GRINNING FACE}", "cesu-8").data == bytes.fromhex("eda0bdedb880")
    assert encode("ж中", "windows-1251").data == b"\xe6?"


EUC_TW = bytes.fromhex("ddd5d1d2c4e3c5c6e0c1e6dca1a28ea2a1a18ea4a1a6a1a4")


def test_seven_bit_and_taiwanese_encodings():
    # The bytes are what glibc's iconv writes.
    assert euc_tw.decode(EUC_TW).text == "這是中文測試，乂丂。"
    assert encode("這是中文測試，乂丂。", "euc-tw").data == EUC_TW
    written = b'\x1b$)G\x0e]UQRDcEF`Af\\!"\x1b$*H\x1bN!!\x1b$+J\x1bO!&!$\x1b$)A<rLe\x0f'
    assert codec("iso-2022-cn").decode(written).text == "這是中文測試，乂丂。简体"
    hz = codec("hz-gb-2312").decode
    assert hz(b"a ~{VPND~} ~~ ~x ~{VP\nabc").text == "a 中文 ~ ~x 中\nabc"
    assert encode("a中~", "hz").data == b"a~{VP~}~~"


@pytest.mark.parametrize("label", ["hz-gb-2312", "iso-2022-cn", "euc-tw", "utf-7", "cesu-8"])
@given(st.text(st.sampled_from("中国文字漢語乂丂㐀~{}+a—·\n\r😀€"), max_size=20))
def test_what_fits_comes_back(label, text):
    dropped = encode(text, label, unfit="drop")
    lost = {finding.span.start for finding in dropped.findings}
    kept = "".join(char for at, char in enumerate(text) if at not in lost)
    assert codec(label).decode(dropped.data).text == kept
    entities = encode(text, label, unfit="entity").data
    expected = "".join(f"&#{ord(c)};" if at in lost else c for at, c in enumerate(text))
    assert codec(label).decode(entities).text == expected
    if label in ("hz-gb-2312", "iso-2022-cn"):
        assert dropped.data.isascii()


def test_seven_bit_writing_is_what_the_standards_say():
    # RFC 1922's way: designations begin anew on each line, plane 2 is shifted singly.
    assert encode("中\n乂丂", "iso-2022-cn").data == (
        b"\x1b$)A\x0eVP\x0f\n\x1b$*H\x1bN!!\x1b$+J\x1bO!&"
    )
    assert encode("—·漢", "hz").data == b"~{!*!$~}?"
    with pytest.raises(ConfigError):
        encode("中", "gbk", unfit="nonsense")


def test_unicode_in_odd_clothes():
    assert codec("cesu-8").decode(bytes.fromhex("e4b8adeda0bdedb880")).text == "中\N{GRINNING FACE}"
    assert codec("utf-7").decode(b"+Ti1lhw- ok").text == "中文 ok"
    assert codec("utf-16be").decode(b"\x4e\x2d\xd8\x00").text == "中\ufffd"
    assert codec("utf-32le").decode("中".encode("utf-32-le")).text == "中"


def test_faults_name_their_bytes():
    raw = codec("gbk").decode(b"\xd6\xd0\xff \x81")
    assert raw.text == "中\ufffd \ufffd"
    assert [tuple(fault) for fault in raw.faults] == [(1, 2, 3), (3, 4, 5)]
