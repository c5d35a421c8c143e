"""The oracle: OpenCC's algorithm written for reading, and the engine tested against it.

It is slow and plain on purpose: every rule of OpenCC stands here once, in words that can be
compared with OpenCC's own documentation.
"""

from __future__ import annotations

import json
import random
from functools import cache, lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhfix.converting.dictionaries import Group, load_config
from zhfix.converting.engine import engine
from zhfix.converting.ids import description_spans
from zhfix.locales import MODES

FIXTURES = Path(__file__).parent / "fixtures" / "convert"


class Reference:
    """One mode, walked one character at a time."""

    def __init__(self, mode: str, *, tofu: bool = True) -> None:
        config = load_config(mode, tofu=tofu)
        self.normalization = [self.tables(one) for one in config.normalization]
        self.segmentation = self.tables(config.segmentation) if config.segmentation else None
        self.chain = [self.tables(one) for one in config.chain]

    def tables(self, dictionary):
        if isinstance(dictionary, Group):
            return dictionary.policy, [self.tables(member) for member in dictionary.members]
        pairs = dictionary.pairs()
        return pairs, max(map(len, pairs))

    def match(self, tables, text, at):
        """The longest key that begins here, and its value; None when there is none."""
        if isinstance(tables[0], dict):
            pairs, longest = tables
            for size in range(min(longest, len(text) - at), 0, -1):
                if (key := text[at : at + size]) in pairs:
                    return key, pairs[key]
            return None
        policy, members = tables
        best = None
        for member in members:
            found = self.match(member, text, at)
            if found and (best is None or len(found[0]) > len(best[0])):
                best = found
            if best and policy == "short_circuit":
                break
        return best

    def apply(self, tables, text):
        """Walk from left to right; what matches is replaced, all else is stepped over."""
        out, at = [], 0
        described = dict(description_spans(text))
        while at < len(text):
            if found := self.match(tables, text, at):
                out.append(found[1])
                at += len(found[0])
            else:
                end = described.get(at, at + 1)
                out.append(text[at:end])
                at = end
        return "".join(out)

    def segments(self, text):
        """Each match is a segment, and so is each stretch between matches."""
        at = start = 0
        described = dict(description_spans(text))
        while at < len(text):
            if found := self.match(self.segmentation, text, at):
                if start < at:
                    yield text[start:at]
                yield found[0]
                at = start = at + len(found[0])
            else:
                at = described.get(at, at + 1)
        if start < len(text):
            yield text[start:]

    def convert(self, text):
        for tables in self.normalization:
            text = self.apply(tables, text)
        parts = []
        for part in self.segments(text) if self.segmentation else [text]:
            for tables in self.chain:
                part = self.apply(tables, part)  # noqa: PLW2901
            parts.append(part)
        return "".join(parts)


@cache
def reference(mode, tofu=True):
    return Reference(mode, tofu=tofu)


def official_cases():
    from zhfix.converting.dictionaries import _strip_comments, data_text

    source = data_text("../test_data/testcases.json")
    for case in json.loads(_strip_comments(source))["cases"]:
        for mode, expected in case["expected"].items():
            yield pytest.param(mode, case["input"], expected, id=f"{case['id']}-{mode}")


OFFICIAL = list(official_cases())


def test_there_are_556_official_cases():
    assert len(OFFICIAL) == 556


@pytest.mark.parametrize(("mode", "text", "expected"), OFFICIAL)
def test_official_cases(mode, text, expected):
    assert engine(mode).convert(text) == expected
    assert reference(mode).convert(text) == expected


@lru_cache(maxsize=1)
def pieces():
    """Keys of all dictionaries, their halves, and what else may stand in a text."""
    rng = random.Random(5)
    keys = []
    for mode in MODES:
        config = load_config(mode)
        for dictionary in (*config.normalization, *config.chain):
            stack = [dictionary]
            while stack:
                one = stack.pop()
                if isinstance(one, Group):
                    stack += one.members
                else:
                    pairs = one.pairs()
                    keys += rng.sample(sorted(pairs), min(300, len(pairs)))
                    keys += [pairs[key] for key in rng.sample(sorted(pairs), min(100, len(pairs)))]
    halves = [key[: len(key) // 2 + 1] for key in keys if len(key) > 2]
    others = [
        *"，。！ab 1\n\t“”",
        "⿰",
        "⿱",
        "⿲",
        "\u2ffe",
        "豈",
        "𠮷",
        "𫝀",
        "﨑",
        "😀",
        "\uffff",
    ]
    return keys + halves + others * 30


@st.composite
def chinese(draw):
    return "".join(draw(st.lists(st.sampled_from(pieces()), max_size=30)))


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=40, deadline=None)
@given(text=chinese())
def test_engine_equals_reference(mode, text):
    assert engine(mode).convert(text) == reference(mode).convert(text)


@pytest.mark.parametrize("mode", ["t2s", "tw2sp"])
@settings(max_examples=20, deadline=None)
@given(text=chinese())
def test_engine_equals_reference_without_tofu(mode, text):
    assert engine(mode, tofu=False).convert(text) == reference(mode, tofu=False).convert(text)


@pytest.mark.parametrize("mode", MODES)
def test_long_texts_and_short_texts_agree(mode):
    rng = random.Random(mode)
    lines = ["".join(rng.choices(pieces(), k=8)).replace("\n", "") for _ in range(3000)]
    whole = engine(mode).convert("\n".join(lines))
    if "⿰" not in whole and "⿱" not in whole and "⿲" not in whole and "\u2ffe" not in whole:
        assert whole.split("\n") == [engine(mode).convert(line) for line in lines]
    plain = [line for line in lines if not any("\u2ff0" <= char <= "\u2fff" for char in line)]
    assert engine(mode).convert("\n".join(plain)).split("\n") == [
        engine(mode).convert(line) for line in plain
    ]


CPP = json.loads((FIXTURES / "opencc-cpp.json").read_text("utf-8"))


@pytest.mark.parametrize("mode", MODES)
def test_engine_equals_what_the_cpp_library_wrote(mode):
    assert [engine(mode).convert(text) for text in CPP["texts"]] == CPP["expected"][mode]


@pytest.mark.parametrize("mode", ["s2t", "s2tw", "s2twp", "s2hk"])
def test_a_word_that_returns_in_the_next_clause_is_found_again(mode):
    text = "有没有联系，联系得紧不紧，周一、周五，面粉，面粉色泽，鼠标，鼠标里的信息"
    assert engine(mode).convert(text) == reference(mode).convert(text)
    assert engine(mode).convert(text * 50) == reference(mode).convert(text * 50)


def test_text_without_a_place_to_cut_is_converted_whole():
    text = "发展头发" * 50_000
    assert engine("s2twp").convert(text) == "發展頭髮" * 50_000


def test_lone_surrogates_stay():
    assert engine("s2t").convert("头\ud800发和头发\udc00") == "頭\ud800發和頭髮\udc00"


def test_unchanged_text_is_the_same_object():
    for text in ("", "abc", "中文", "。" * 1000):
        for mode in MODES:
            assert engine(mode).convert(text) is text
