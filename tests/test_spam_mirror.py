"""The spam mirror's channel: forwards on clean documents, then back."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zhfix
from strategies import TRADITIONAL
from zhfix.repairing import cp936, readings
from zhfix.repairing.channels.punctuation import FLATTEN
from zhfix.repairing.channels.spam_mirror import SpamMirror
from zhfix.repairing.glosses import CANDIDATE, glosses_in
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.readings import normal, reads

DOCUMENTS = (
    (Path(__file__).parent / "fixtures/repair/mirror-documents.txt")
    .read_text("utf-8")
    .split("\n\n")
)
FIRST = readings.load().first
CHANGED = sorted(
    char
    for char in set("".join(DOCUMENTS))
    if char in FIRST and LanguageModel.load().script(char)[1]
)


#: What a gloss may consist of, and what is none.
PIECES = (
    "網",
    "路",
    "(",
    ")",
    "wǎng",
    "lù",
    "wang",
    "ɡ",
    "guī",
    " ",
    "\u3000",
    "abcdefgh",
    "規(guī)",
    "，",
)


def damaged_documents(count):
    chance = random.Random(count)
    for text in DOCUMENTS:
        glosses = {char: FIRST[char] for char in chance.sample(CHANGED, min(count, len(CHANGED)))}
        yield text, SpamMirror(glosses).damage(text)


@pytest.mark.parametrize("count", [30, 100, 300, 2000])
def test_documents_come_back(count):
    exact = 0
    for text, damaged in damaged_documents(count):
        exact += zhfix.repair(damaged).translate(FLATTEN) == text.translate(FLATTEN)
    assert exact >= 0.85 * len(DOCUMENTS), f"{exact} of {len(DOCUMENTS)}"


def test_clean_documents_stay():
    for text in DOCUMENTS:
        assert zhfix.repair(text) is text


#: Sites gloss what they made Traditional; where all else is glossed as well, it is a textbook.
REPLACED = "".join(char for char in TRADITIONAL if zhfix.convert(char, to="zh-Hans") != char)


@given(st.text(st.sampled_from(REPLACED), min_size=8, max_size=40))
def test_glosses_alone_come_off_exactly(text):
    glosses = {char: FIRST[char] for char in set(text)}
    damaged = "".join(f"{char}({glosses[char]})" for char in text)
    assert zhfix.repair(damaged) == text


def test_channel_does_what_real_pages_show():
    channel = SpamMirror({"規": "guī"})
    assert channel.damage("國家師資") == "國家?guī)熧Y"
    assert SpamMirror({}, "？").damage("擴展。恐怖組織") == "擴展?？植澜M織"


def test_code_page_936_has_its_holes_and_private_areas():
    tables = cp936.tables()
    assert len(tables.unmapped) == 255
    assert sum("\ue000" <= char < "\uf900" for char in tables.decode.values()) == 1894
    assert cp936.decode(b"\x80") == "€"
    assert cp936.decode(b"\xd6(a") == "?a"
    for pair, char in tables.decode.items():
        assert tables.encode[char] == pair


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_glosses_are_those_of_the_pattern(text):
    wanted = [
        (*match.span(), text[match.start() - 1], normal(match["reading"]))
        for match in CANDIDATE.finditer(text)
        if reads(text[match.start() - 1], match["reading"])
    ]
    found = glosses_in(text)
    assert [tuple(gloss) for gloss in found] == wanted
    assert found.counts.sum() == len(wanted)
    assert found.times("網") == sum(char == "網" for _, _, char, _ in wanted)


@given(st.binary(max_size=12))
def test_a_bad_pair_is_read_as_one_question_mark(data):
    pairs, text, rest = cp936.tables().decode, "", data
    while rest:
        width = 1 if rest[0] <= cp936.EURO else 2
        text += (
            "€"
            if rest[0] == cp936.EURO
            else chr(rest[0])
            if width == 1
            else pairs.get(rest[:2], "?")
        )
        rest = rest[width:]
    assert cp936.decode(data) == text


def test_a_character_that_two_readings_may_name_is_the_likelier_one():
    glosses = {"行": "xíng", "情": "qíng", "性": "xìng", "姓": "xìng"}
    article = "我們都有一個行動計劃，大家的情況都不一樣，姓名和性別也要寫上。\n" * 2
    assert zhfix.repair(SpamMirror(glosses).damage(article)).translate(FLATTEN) == (
        article.translate(FLATTEN)
    )


def test_a_repair_that_loses_nothing_is_proven():
    document = (
        zhfix.default().only("detect", "repair").run("當(dāng)他們?cè)噲D設(shè)計(jì)前端頁(yè)面")
    )
    (edit,) = (edit for edit in document.edits if edit.rule == "spam-mirror/false-match")
    assert (edit.after, edit.proof) == ("試圖", zhfix.Proof.PROVEN)


def test_a_teachers_gloss_stays_even_in_the_page_of_a_mirror():
    text = "網(wǎng)絡(luò)上說，尴尬(gān gà)，網(wǎng)絡(luò)學(xué)習(xí)"
    assert zhfix.repair(text) == "網絡上說，尴尬(gān gà)，網絡學習"


def test_what_stands_above_the_article_does_not_keep_its_glosses():
    article = "恐怖分子在網絡上蔓延，大家要看清楚。\n各國正在發展合作，在應對挑戰時要看全局。\n"
    glosses = {char: FIRST[char] for char in "在看網絡發應戰"}
    page = "精品视频_亚洲一区在线观看\n" + SpamMirror(glosses).damage(article)
    assert zhfix.repair(page).endswith(article)


def test_patterns_and_flags_are_no_cut_glosses():
    assert not zhfix.detect("将 (?u) 和 (?i) 用作旗标，(?s)表示点号匹配换行符。")


def test_pages_of_several_sites_in_one_text_come_back():
    chance = random.Random(5)
    damaged = []
    for start in range(0, 24, 4):
        article = "\n".join(DOCUMENTS[start : start + 4])
        chosen = chance.sample([char for char in CHANGED if char in article], 60)
        damaged.append(SpamMirror({char: FIRST[char] for char in chosen}).damage(article))
    dump = "\n".join(damaged)
    repaired = zhfix.repair(dump)
    assert len(glosses_in(dump)) > 500
    assert len(glosses_in(repaired)) <= 0.02 * len(glosses_in(dump))
    flat = repaired.translate(FLATTEN)
    exact = sum(text.translate(FLATTEN) in flat for text in DOCUMENTS[:24])
    assert exact >= 12, f"{exact} of 24"


def test_a_book_that_glosses_many_new_words_once_stays():
    chapters = []
    for number, text in enumerate(DOCUMENTS):
        chapter = text
        for char in [char for char in CHANGED if char in text][number % 7 :: 7][:8]:
            chapter = chapter.replace(char, f"{char}({FIRST[char]})", 1)
        chapters.append(chapter)
    book = "\n".join(chapters)
    assert len(glosses_in(book)) > 100
    assert zhfix.repair(book) is book
