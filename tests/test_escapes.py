"""Escapes: every form both ways; what is meant as an escape stays, and stays valid."""

from __future__ import annotations

import ast
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zhfix
from zhfix.edits import apply
from zhfix.repairing.channels.escape_damage import WRITERS
from zhfix.repairing.channels.escapes import Escapes

CHANNEL = Escapes()


def repaired(text):
    for _ in range(3):
        text = apply(text, list(CHANNEL.repair(text, list(CHANNEL.detect(text)))))
    return text


LINE = "“中国人民站起来了”，这是今年5月的新闻。"
TRADITIONAL = "中國人民站起來了，這是今年5月的新聞。"


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_form_is_undone(form):
    line = TRADITIONAL if "big5" in form else LINE
    damaged = Escapes(form).damage(line)
    assert damaged != line
    assert repaired(damaged) == line
    assert all(edit.proof for edit in CHANNEL.repair(damaged, list(CHANNEL.detect(damaged))))


SENTENCES = (
    "我们明天去看电影，你来吗？",  # we go to the cinema tomorrow, will you come?
    "他說：「這本書很好看。」",
    "图书馆 library 在学校旁边（北门）",
    "价格：100元/斤；数量＜50",
)


@settings(max_examples=200, deadline=None)
@given(
    form=st.sampled_from(sorted(form for form in WRITERS if "named" not in form)),
    sentences=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4),
)
def test_whole_texts_are_undone(form, sentences):
    # A header holds no line breaks.
    text = (" " if form.startswith("rfc2047") else "\n").join(sentences)
    try:
        damaged = WRITERS[form](text)
    except UnicodeEncodeError:
        return
    assert repaired(damaged) == text


@pytest.mark.parametrize(
    ("damaged", "truth"),
    [
        ("第一章#xff1a;模型输出", "第一章：模型输出"),
        ("To: =?GB2312?B?s8LT8bey?= <a@example.org>", "To: 陈玉凡 <a@example.org>"),
        ('From: "=?gb2312?B?s8LT8bey?=" <a@example.org>', 'From: "陈玉凡" <a@example.org>'),
        ("他说&ldquo;我们明天再来&rdquo;就走了", "他说“我们明天再来”就走了"),
        ("我走了&hellip;", "我走了…"),
        ("\\ud842\\udfb7\\u4e2d\\u56fd\\u4eba\\u6c11", "𠮷中国人民"),
        ('\\u4ed6\\u8bf4"\\u6211\\u6765\\u4e86"\\u3002', '他说"我来了"。'),
        ("modified: \\344\\270\\255\\345\\233\\275.txt", "modified: 中国.txt"),
        ("&#20013&#22269" + "2005年的事，中国人民", "中国2005年的事，中国人民"),
        ("搜索+%E4%B8%AD%E5%9B%BD+的结果", "搜索 中国 的结果"),
        ("=E4=B8=AD=E5=9B=\n=BD=E4=BA=BA", "中国人"),
    ],
)
def test_other_accidents(damaged, truth):
    assert repaired(damaged) == truth


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/wiki/%E4%B8%AD%E5%9B%BD?q=%E4%B8%AD%E5%9B%BD",
        "见 https://example.org/?q=%u4E2D%u56FD 一页",
        "[链接](/wiki/%E4%B8%AD%E5%9B%BD)",
        '{"title": "\\u4e2d\\u56fd\\u4eba\\u6c11"}',
        '{"a": "他说\'\\u4e2d\\u56fd\'了"}',
        "re.compile('[\\u4e00-\\u9fff]+')",
        "/[\\u4e00-\\u9fa5]/.test(s)",
        "[\\u4e2d\\u56fd\\u4eba]+",
        "title=\\u4e2d\\u56fd\\u4eba\\u6c11\nname=\\u5317\\u4eac",
        'printf("\\344\\270\\255\\345\\233\\275");',
        "unicode-range: U+4E00-9FFF, U+3400-4DBF;",
        "汉字的码点是 U+4E2D U+56FD",
        "data = b'\\xe4\\xb8\\xad\\xe5\\x9b\\xbd'",
        "var s = '\\u4e2d' + \"\\u56fd\" + `\\u4eba\\u6c11`;",
        '.a::before { content: "\\4e2d\\56fd"; }',
        "<p>&#20013;&#22269;&nbsp;人民</p>",
        "HTML 实体 &nbsp; 表示空格，&lt; 表示小于号",
        "“中国”的 Unicode 转义是 \\u4e2d\\u56fd。",
        "MIME-Version: 1.0\nSubject: =?gb2312?B?1tC5+g==?=",
        "path = '%E4%B8%AD%E5%9B%BD'",
        "c = a+b; d = x+y-z; color: #333333; #fff;",
        "filename=setup.cfg pytrace=false -o foo=bar1 -o foo=bar2",
        "syn match contained contains=descInstallX,descInstallO nextgroup=descStage",
        "한국어 &#50504;&#45397;",
        "R&D 部门和 AT&T 公司",
        "iVBORw0KGgoAAAANSUhEUgAA+Ti1W/Q9AAAB+abcdefg==",
        'INSERT INTO t VALUES ("\\344\\270\\255\\345\\233\\275");',
    ],
)
def test_escapes_that_are_meant_stay(text):
    assert repaired(text) == text


_JSON = st.recursive(
    st.one_of(st.sampled_from(SENTENCES), st.text(max_size=8), st.integers(), st.none()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(value=_JSON)
def test_json_stays_json(value):
    text = json.dumps(value)
    assert repaired(text) == text
    lines = "\n".join([text] * 3)
    assert [json.loads(line) for line in repaired(lines).split("\n")] == [value] * 3


@settings(max_examples=100, deadline=None)
@given(values=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4))
def test_source_code_stays_the_same_code(values):
    code = "import re\n\n" + "\n".join(f"x{n} = {value!a}" for n, value in enumerate(values))
    code += f"\nnames = [{', '.join(map(ascii, values))}]\nprint(x0, {values[0]!a})\n"
    assert repaired(code) == code
    assert ast.dump(ast.parse(repaired(code))) == ast.dump(ast.parse(code))


def test_regular_expressions_match_the_same():
    for pattern in (
        r"[\u4e00-\u9fff]+",
        r"^[\u4e2d\u56fd]{2,4}$",
        r"[^\u4e00-\u9fa5\u3400-\u4dbf]",
    ):
        assert repaired(pattern) == pattern
        assert re.findall(repaired(pattern), "中国人") == re.findall(pattern, "中国人")


@pytest.mark.parametrize(
    "unit",
    [
        *("&#20013;", "u4e2d ", "u4e2du56fd ", "%E4", "%E4=", "a%E4 ", "=E4", "=\n", "+A", "~{"),
        *('"\\u4e2d', "=?gb2312?B?", "&amp;", "&Ti1W,Q-", "U+4E2D", "\\344", "{;", "[\\u4e2d-"),
    ],
)
def test_hostile_text_ends(unit):
    repaired(unit * 20_000)


def test_an_encoded_word_with_other_characters_is_none():
    for text in ("=?gb2312?B?1tC\ue0005+g==?= 中国", "=?utf-8?B?5Lit中5Zu9?="):
        assert zhfix.fix(text) == text
