"""Spam: salads in new combinations go, articles about such things stay."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhfix import Document
from zhfix.stripping import stage, strip

BODY = (
    "物料編碼的十個要點\n\n管理的對象是產品的設計數據，所以設計一套符合企業需求的編碼系統是前提。\n"
)
REGIONS = ["亚洲", "欧美", "日韩", "国产", "日本", "欧洲", "亚洲欧美", "日韩欧美"]
KINDS = ["精品", "无码", "毛片", "成人", "自拍偷拍", "人妻", "少妇", "久久", "激情", "伦理", "av"]
ENDS = [
    "在线观看",
    "视频",
    "一区二区",
    "一区二区三区",
    "免费视频",
    "网站",
    "中文字幕",
    "在线",
    "影院",
    "免费看",
]
BETS = [
    "百家乐",
    "时时彩",
    "娱乐城",
    "葡京",
    "威尼斯人",
    "皇冠",
    "金沙",
    "bet365",
    "六合彩",
    "老虎机",
]
BET_ENDS = ["官网", "平台", "开户", "注册", "登录", "app下载", "网址", "投注", "手机版", "首页"]

_adult = st.tuples(st.sampled_from(REGIONS), st.sampled_from(KINDS), st.sampled_from(ENDS))
_bets = st.tuples(st.sampled_from(BETS), st.sampled_from(BET_ENDS))
_salads = st.builds(
    lambda pieces, separator: separator.join("".join(piece) for piece in pieces),
    st.one_of(st.lists(_adult, min_size=4, max_size=9), st.lists(_bets, min_size=4, max_size=9)),
    st.sampled_from(["_", "-", ",", "|", "，", "、"]),
)


@settings(max_examples=300, deadline=None)
@given(title=_salads)
def test_new_combinations_go_and_the_article_stays(title):
    assert strip(f"{title}\n{BODY}") == BODY


@settings(max_examples=100, deadline=None)
@given(title=_salads)
def test_salad_inside_and_at_the_end_goes(title):
    prose = "这一段是正文，讲的是编码系统的设计，有逗号也有句号，与别的事情无关。\n"
    assert strip(f"{prose * 9}{title}\n{prose * 9}{title}") == prose * 18


@pytest.mark.parametrize(
    "title",
    [
        "警方捣毁特大色情网站 涉案视频超过万部_晨光网",
        "色情网站泛滥_网络治理_晨光网",
        "国产电影崛起_电影频道_晨光娱乐",
        "欧美日韩股市全线上涨_财经_晨光网",
        "亚洲杯,世界杯,奥运会",
        "中文字幕组的兴衰",
        "福利彩票开奖公告_双色球_晨光彩票",
        "成人教育_自学考试_教育频道",
        "澳门_香港_台湾_旅游_晨光网",
        "赌场内外：澳门百年博彩史",
        "在线视频课程-高清-下载",
        "iPhone,iPad,Mac,Apple Watch",
    ],
)
def test_titles_about_such_things_stay(title):
    words = title.replace("_", "，").replace("-", "，")
    text = f"{title}\n{words}的消息，今天公布了有关情况，各方都表示关注。\n"
    assert strip(text) is text


def test_simplified_title_over_another_traditional_topic_goes():
    title = "天天射网_夜夜夜爽_狠狠色"
    assert strip(f"{title}\n{BODY * 3}") == BODY * 3


def test_hidden_link_lists_go():
    links = "国产精品\n亚洲无码\n\n久久久\n欧美毛片\n"
    assert strip(f"正文是一句话。\n{links}又是一句话。\n") == "正文是一句话。\n又是一句话。\n"
    words = list(islice((f"{a}{b}" for a in REGIONS for b in KINDS), 3))
    assert strip("正文。\n" + "\n".join(words)).startswith(f"正文。\n{words[0]}")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ('正文<tr id="yyy80"></tr>正文。', "正文正文。"),
        (
            '正<td id="0qk2s"><b id="a1b2c"></b></td>文。\n<rt id="8x9yy"></rt>\n完。',
            "正文。\n完。",
        ),
    ],
)
def test_random_empty_tags_go(text, clean):
    edits = list(stage()(Document(text)))
    assert {edit.rule for edit in edits} == {"spam/empty-tags"}
    assert strip(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        '在页面里写 <div id="root"></div>，再运行程序。',
        '<p>一段。</p>\n<div id="root1"></div>\n<div id="root2"></div>',
        "用 <b></b> 表示粗体。",
    ],
)
def test_markup_that_a_text_is_about_stays(text):
    assert strip(text) is text
