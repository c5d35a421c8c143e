"""Short strings and columns where the bytes themselves mislead."""

from __future__ import annotations

import pytest

from zhfix.decoding import decode, decode_many
from zhfix.decoding.well_formed import PLAIN_ENOUGH, evidence


@pytest.mark.parametrize(
    "text",
    [
        "網(wǎng)絡(luò)與網(wǎng)絡(luò)",
        "(責(zé)編:陳濛濛)",
        "數(shù)據(jù)",
        "產(chǎn)業(yè)",
        "李白(Lǐ Bái)",
    ],
)
def test_pinyin_in_its_own_codes_speaks_for_gbk(text):
    decoded = decode(text.encode("gbk"))
    assert (decoded.text, decoded.encoding) == (text, "gb18030")


@pytest.mark.parametrize("times", [1, 2, 4, 8])
def test_replaced_characters_read_again_speak_for_no_other_encoding(times):
    for text in (
        f"{'锟斤拷' * times}游山",
        f"广州{'锟斤拷' * times}军区",
        f"{'锟斤拷' * times}锟斤?,",
    ):
        assert decode(text.encode("gbk")).text == text
    korean = f"안녕하세요 {'占쏙옙' * times} 대한민국"
    assert decode(korean.encode("cp949")).text == korean


@pytest.mark.parametrize("text", ["什么", "系统", "目前", "产品"])
def test_gbk_that_is_valid_utf_8_by_accident(text):
    assert decode(text.encode("gbk")).text == text


@pytest.mark.parametrize(
    "text",
    [
        "été",
        "Lǐ",
        "ˈbɛtər",
        "ɪɪ",
        "װיקיפּעדיע",
        "œuf",
        "Привет",
        "Ἑλλάς",
        "Қазақ",
        "ŋ",
        "مرحبا",
        "ñ",
    ],
)
def test_short_utf_8_of_other_languages_stays(text):
    assert decode(text.encode()).text == text


@pytest.mark.parametrize("text", ["年收入分别是多少", "山市國內生產總值", "格式化并显示数据"])
def test_utf_16_whose_halves_are_all_ascii(text):
    decoded = decode(text.encode("utf-16-le"))
    assert (decoded.text, decoded.encoding) == (text, "utf-16le")


@pytest.mark.parametrize("text", ["《GTA5》已至最后调试阶段 明", "它 导致 一次 断行, 并且 开"])
def test_utf_16_with_empty_bytes_on_both_sides(text):
    assert decode(text.encode("utf-16-le")).text == text
    assert decode(text.encode("utf-16-be")).text == text


def test_rare_names_in_utf_16_are_not_damage():
    text = "一个金色的榅桲果。榅桲性耐寒，即使在"
    decoded = decode(text.encode("utf-16-le"))
    assert (decoded.text, decoded.findings) == (text, ())


@pytest.mark.parametrize("python", ["utf-16-le", "utf-16-be"])
def test_a_column_of_utf_16_lends_its_order_to_every_cell(python):
    words = ["天雅", "一", "北京", "ok", "上海", "飞天", "重庆市", "说明"]
    assert [cell.text for cell in decode_many([word.encode(python) for word in words])] == words


def test_a_column_of_utf_8_is_utf_8_in_any_language():
    words = ["missão", "não", "myös", "už", "ebből", "עברית", "วยาส", "привет", "œufs", "中文"]
    assert [cell.text for cell in decode_many([word.encode() for word in words])] == words


def test_a_word_of_gbk_that_is_valid_utf_8_follows_its_column():
    words = ["谢谢", "北京", "上海", "什么", "广州", "深圳", "成都"]
    assert [cell.text for cell in decode_many([word.encode("gbk") for word in words])] == words


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("euc_jp", ["東京", "大阪", "名古屋", "会社", "カラー"]),
        ("cp949", ["만들", "바로", "것보다야", "툴이"]),
    ],
)
def test_small_columns_of_neighbours_are_not_chinese(python, words):
    assert [cell.text for cell in decode_many([word.encode(python) for word in words])] == words


@pytest.mark.parametrize(
    "text",
    ["Ελληνικά γράμματα είναι αυτά, και πολλά.", "זה טקסט בעברית, והוא ארוך מספיק.",
     "Это русский текст, в котором не хватает байта.", "Olá, não há razão para tanta preocupação."],
)  # fmt: skip
def test_one_byte_lost_from_utf_8_of_another_language(text):
    data = text.encode()
    at = next(at for at in range(len(data) // 2, len(data)) if data[at] >= 0x80)
    decoded = decode(data[:at] + data[at + 1 :])
    assert decoded.encoding == "utf-8"
    assert sum(a == b for a, b in zip(decoded.text, text, strict=False)) > len(text) // 3
    assert decoded.text[-3:] == text[-3:]


def test_form_tells_utf_8_from_what_is_not():
    for python in ("gbk", "utf-16-le"):
        assert evidence("我们需要把这些文件转换成正确的编码".encode(python)) < 0
    for text in ("我们需要", "Γειά σου Κόσμε", "přílišně žluťoučký"):
        assert evidence(text.encode()[1:]) > PLAIN_ENOUGH


def test_clean_text_of_middle_size_is_read_in_one_pass(monkeypatch):
    from zhfix.decoding import mixed

    def never(*_):
        raise AssertionError("clean text was walked over")

    monkeypatch.setattr(mixed, "mend", never)
    text = "我们需要把这些文件转换成正确的编码，然后再继续处理。\n" * 1000
    assert decode(text.encode("gbk")).text == text
