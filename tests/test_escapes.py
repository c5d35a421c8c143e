from __future__ import annotations

import pytest

from zhfix.edits import apply
from zhfix.repairing.channels.escape_forms import WRITERS
from zhfix.repairing.channels.escapes import Escapes

CHANNEL = Escapes()


def repaired(text):
    return apply(text, list(CHANNEL.repair(text, list(CHANNEL.detect(text)))))


LINE = "中国人民站起来了，这是今年5月的新闻。"


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_form_is_undone(form):
    damaged = Escapes(form).damage(LINE)
    assert damaged != LINE
    assert repaired(damaged) == LINE
    assert all(edit.proof for edit in CHANNEL.repair(damaged, list(CHANNEL.detect(damaged))))


@pytest.mark.parametrize(
    ("damaged", "truth"),
    [
        ("第一章#xff1a;模型输出", "第一章：模型输出"),
        ("To: =?GB2312?B?s8LT8bey?= <a@example.org>", "To: 陈玉凡 <a@example.org>"),
        ("他说&ldquo;我们明天再来&rdquo;就走了", "他说“我们明天再来”就走了"),
        ("\\ud842\\udfb7\\u4e2d\\u56fd\\u4eba\\u6c11", "𠮷中国人民"),
    ],
)
def test_other_accidents(damaged, truth):
    assert repaired(damaged) == truth


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/wiki/%E4%B8%AD%E5%9B%BD?q=%E4%B8%AD%E5%9B%BD",
        '{"title": "\\u4e2d\\u56fd\\u4eba\\u6c11"}',
        "re.compile('[\\u4e00-\\u9fff]+')",
        "/[\\u4e00-\\u9fa5]/.test(s)",
        "<p>&#20013;&#22269;&nbsp;人民</p>",
        "HTML 实体 &nbsp; 表示空格，&lt; 表示小于号",
        "MIME-Version: 1.0\nSubject: =?gb2312?B?1tC5+g==?=",
        "path = '%E4%B8%AD%E5%9B%BD'",
        "c = a+b; d = x+y-z; color: #333333; #fff;",
        "한국어 &#50504;&#45397;",
        "R&D 部门和 AT&T 公司",
    ],
)
def test_escapes_that_are_meant_stay(text):
    assert repaired(text) == text


@pytest.mark.parametrize(
    "unit", ["&#20013;", "u4e2d ", "%E4", "=E4", "+A", "~{", '"\\u4e2d', "=?gb2312?B?"]
)
def test_hostile_text_ends(unit):
    repaired(unit * 20_000)
