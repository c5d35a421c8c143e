"""Strip rules: each removes its examples and leaves its counter-examples alone."""

from __future__ import annotations

import pytest

from zhfix.stripping.rules import PRESETS, built_in, page_signs, rule_set
from zhfix.stripping.shadow import shadow

RULES = built_in()
EXAMPLES = [(rule, line) for rule in RULES for line in rule.examples]
COUNTERS = [(rule, line) for rule in RULES for line in rule.counters]


def applies(rule, line):
    return rule.matches(line) if rule.scope == "line" else bool(rule.spans(line))


def test_every_rule_is_complete_and_has_its_own_id():
    assert len({rule.id for rule in RULES}) == len(RULES) > 20
    for rule in RULES:
        assert rule.examples, rule.id
        assert rule.counters, rule.id
        assert 0.9 <= rule.confidence < 1, rule.id
        assert set(rule.presets) <= set(PRESETS), rule.id


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=lambda value: getattr(value, "id", value))
def test_example_goes(rule, line):
    assert applies(rule, shadow(line))


@pytest.mark.parametrize(("rule", "line"), COUNTERS, ids=lambda value: getattr(value, "id", value))
def test_counter_example_stays_whatever_the_rule(rule, line):
    assert [other.id for other in RULES if applies(other, shadow(line))] == []


@pytest.mark.parametrize(("rule", "line"), EXAMPLES, ids=lambda value: getattr(value, "id", value))
def test_the_index_finds_what_the_rule_matches(rule, line):
    """A rule whose triggers do not cover its patterns would never be asked."""
    if rule.scope == "line":
        assert rule_set(rule.presets[0]).matching(shadow(line), rule.zone) is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_triggers_and_patterns_are_in_shadow_form(rule):
    for trigger in (*rule.triggers, *page_signs()):
        assert shadow(trigger) == trigger.strip()


@pytest.mark.parametrize(
    "line",
    [
        "当前位置： 首页 ＞ 要闻",
        "您的位置：網站首頁 → 新聞中心 → 正文",
        "文章来源：晨光网 发布时间：2020-01-01",
        "2020-01-01 10:00:00　来源：晨光网　作者：张三　点击：123",
        "發布時間：2021/5/6 10:20",
        "【字號：大 中 小】【列印】",
        "责任编辑/张三 校对/李四",
        "責任編輯：張三",
        "版权声明：本文为博主原创文章，转载请附上原文出处链接和本声明。",
        "本文来源于网络，如有侵权请联系删除。",
        "聲明：本網轉載文章僅供參考，不代表本站立場。",
        "未經許可，不得轉載本報內容",
        "Copyright (C) 2009-2020 晨光网 All Rights Reserved",
        "滬ICP備00000000號",
        "浙公网安备 33000000000000号",
        "上一則：甲新聞",
        "下一篇：没有了",
        "分享至 Facebook LINE Twitter",
        "您还没有登录，请登录后发表评论",
        "打开晨光新闻APP，阅读全文",
        "【延伸閱讀】",
        "共有 25 条评论",
        "标签： 教育 山区 图书馆",
        "关注晨光网微信公众号，获取更多资讯",
    ],
)
def test_further_lines_of_sites_are_known(line):
    assert rule_set().matching(shadow(line)) is not None
