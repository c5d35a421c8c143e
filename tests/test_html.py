"""HTML: decoded as browsers do, reduced to its article, fixed."""

from __future__ import annotations

import sys

import pytest

from zhfix.errors import BackendError
from zhfix.html import decode_html, extract, fix_html, fix_html_bytes, metadata
from zhfix.html.blocks import read

PROSE = "这座图书馆由旧仓库改建，藏书三千多册，孩子们昨天第一次走进来，谁也不肯先回家。"
PAGE = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>山区小学的图书馆-晨光网</title>
<script>var a = "<p>不是正文。</p>";</script><style>p {{ color: red }}</style></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/n">新闻</a></li></ul></div>
<h1>山区小学的图书馆</h1>
<div class="info">2021-05-06 08:12 来源：晨光日报 作者：李小山</div>
<div class="content"><p>{PROSE}</p><h2>一砖一瓦</h2><p>{PROSE}<br>{PROSE}</p>
<p style="display:none">{PROSE}看不见</p><pre>a = 1
  b = 2</pre><p>完。</p></div>
<div>（责任编辑：王一）</div>
<div class="related"><h3>相关阅读</h3><ul><li><a href="/1">{PROSE}</a></li></ul></div>
<div class="comments"><p>评论者说：{PROSE}</p></div>
<footer>Copyright © 2021 晨光网 版权所有</footer></body></html>"""
WORK = [PROSE, "一砖一瓦", PROSE, PROSE, "a = 1", "  b = 2", "完。"]


def test_the_article_and_nothing_else():
    assert extract(PAGE).split("\n") == WORK


def test_headline_on_demand():
    assert extract(PAGE, headline=True).split("\n") == ["山区小学的图书馆", *WORK]


def test_facts_of_the_page():
    assert metadata(PAGE).as_dict() == {
        "title": "山区小学的图书馆",
        "date": "2021-05-06T08:12",
        "source": "晨光日报",
        "author": "李小山",
        "editor": "王一",
        "licence": "Copyright © 2021 晨光网 版权所有",
    }


def test_article_in_a_container_with_a_name_of_the_sites_parts():
    page = f'<title>题</title><div class="comment links"><p>{PROSE}</p><p>{PROSE}</p></div>'
    assert extract(page).split("\n") == [PROSE, PROSE]


def test_a_page_without_an_article_keeps_its_text():
    assert extract("<nav>首页</nav><p>短句</p>") == "短句"


@pytest.mark.parametrize(
    "html", ["", "没有标记", "<p", "<p>甲<p>乙</div></p>", "<head><p>甲", "&#x110000;&bogus;"]
)
def test_broken_markup_never_raises(html):
    assert isinstance(fix_html(html), str)


def test_damage_is_repaired_and_the_script_converted():
    page = f"<p>{PROSE}</p><p>網(wǎng)絡(luò)與網(wǎng)絡(luò)的安全，是大家共同的事業，各國都要參與，誰也不能例外。</p>"
    assert fix_html(page, to="zh-Hans").endswith(
        "网络与网络的安全，是大家共同的事业，各国都要参与，谁也不能例外。"
    )


@pytest.mark.parametrize("encoding", ["gbk", "big5", "utf-8", "utf-16"])
def test_encoding_of_the_meta_element_or_the_mark(encoding):
    text = "這是一個網頁的內容" if encoding == "big5" else "这是一个网页的内容"
    page = f'<meta charset="{encoding}"><p>{text}，有句號。</p>'.encode(encoding)
    assert fix_html_bytes(page).startswith(text)


def test_header_goes_before_meta():
    page = '<meta charset="big5"><p>这是网页的内容，有句号。</p>'.encode("gbk")
    decoded = decode_html(page, charset="gbk")
    assert decoded.declared == "gbk"
    assert "网页" in decoded.text


def test_undeclared_encoding_is_found():
    page = f"<p>{PROSE}</p>".encode("gb18030")
    assert fix_html_bytes(page) == PROSE


def test_extractor_can_be_a_function_and_its_text_is_stripped():
    assert extract("<p>甲", extractor=lambda _: f"{PROSE}\n责任编辑：张三") == f"{PROSE}\n"


def test_unknown_extractor_names_the_nearest():
    with pytest.raises(LookupError, match="'trafilatura'"):
        extract(PAGE, extractor="trafilatur")


@pytest.mark.parametrize("name", ["trafilatura", "resiliparse"])
def test_optional_extractors_find_the_article(name):
    pytest.importorskip(name)
    assert PROSE in extract(PAGE, extractor=name)


@pytest.mark.parametrize("name", ["trafilatura", "resiliparse"])
def test_absent_extractors_say_what_to_install(name, monkeypatch):
    for module in (name, f"{name}.extract.html2text"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BackendError, match=r"pip install 'zhfix\[html"):
        extract(PAGE, extractor=name)


def test_blocks_know_links_headings_and_parts():
    page = read("<title> 题 目 </title><nav><a>首页</a></nav><h2>节</h2><p>甲<a>乙</a></p>")
    assert page.title == "题 目"
    assert [(b.text, b.linked, b.heading, b.paragraph, b.site) for b in page.blocks] == [
        ("首页", 1.0, 0, False, True),
        ("节", 0.0, 2, False, False),
        ("甲乙", 0.5, 0, True, False),
    ]
