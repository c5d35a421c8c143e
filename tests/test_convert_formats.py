from __future__ import annotations

import io
import json
import zipfile

import pytest

from zhfix.converting import stage
from zhfix.converting.formats import FORMATS, convert_epub, convert_format, format_of
from zhfix.errors import ConfigError

CONVERT = stage(to="zh-Hant-TW").convert

CASES = {
    "srt": (
        (
            "1\n00:00:01,000 --> 00:00:02,500 头:0\n<i class='头'>头发</i>{\\an8}里\n\n2\n"
            "00:00:03,000 --> 00:00:04,000\n12\n"
        ),
        (
            "1\n00:00:01,000 --> 00:00:02,500 头:0\n<i class='头'>頭髮</i>{\\an8}裡\n\n2\n"
            "00:00:03,000 --> 00:00:04,000\n12\n"
        ),
    ),
    "ass": (
        "[Script Info]\nTitle: 头发\nDialogue: 0,0:00:01.00,0:00:02.00,默认发,,0,0,0,,{\\fn汉仪}头发\\N里，这\n",
        "[Script Info]\nTitle: 头发\nDialogue: 0,0:00:01.00,0:00:02.00,默认发,,0,0,0,,{\\fn汉仪}頭髮\\N裡，這\n",
    ),
    "lrc": (
        "[ti:头发]\n[by:头发]\n[00:12.00][00:15.3]头<00:13.00>发里\n",
        "[ti:頭髮]\n[by:头发]\n[00:12.00][00:15.3]頭<00:13.00>發裡\n",
    ),
    "md": (
        "---\ntitle: 头发\n---\n# 头发\n[头发](头发.md) `头发` <b title='头'>里</b>\n```\n头发\n```\n{头发}\n",
        "---\ntitle: 头发\n---\n# 頭髮\n[頭髮](头发.md) `头发` <b title='头'>裡</b>\n```\n头发\n```\n{头发}\n",
    ),
    "html": (
        "<!-- 头 --><p id='头'>头发&nbsp;里</p><script>let 头 = '<p>'</script><code>头发</code>",
        "<!-- 头 --><p id='头'>頭髮&nbsp;裡</p><script>let 头 = '<p>'</script><code>头发</code>",
    ),
    "po": (
        (
            '# 头发\nmsgid ""\nmsgstr ""\n"Language: zh 头\\n"\n\nmsgctxt "头发"\nmsgid "头发 %s"\n'
            'msgstr "头发 %s {头}\\n"\n"里 %(头)s"\n\nmsgid "a"\nmsgid_plural "头"\nmsgstr[0] "头"\n'
        ),
        (
            '# 头发\nmsgid ""\nmsgstr ""\n"Language: zh 头\\n"\n\nmsgctxt "头发"\nmsgid "头发 %s"\n'
            'msgstr "頭髮 %s {头}\\n"\n"裡 %(头)s"\n\nmsgid "a"\nmsgid_plural "头"\nmsgstr[0] "頭"\n'
        ),
    ),
    "json": (
        '{"头发": "头发 {头} \\n", "a": ["里", 1, null], "e": "\\u5934\\u53d1"}',
        '{"头发": "頭髮 {头} \\n", "a": ["裡", 1, null], "e": "\\u982d\\u9aee"}',
    ),
}


def test_every_format_has_a_case():
    assert set(CASES) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_text_changes_and_structure_does_not(name):
    before, after = CASES[name]
    assert convert_format(before, name, CONVERT) == after
    assert convert_format(after, name, CONVERT) == after
    windows = before.replace("\n", "\r\n")
    assert convert_format(windows, name, CONVERT) == after.replace("\n", "\r\n")


@pytest.mark.parametrize("name", FORMATS)
def test_a_conversion_that_does_nothing_changes_nothing(name):
    before, _ = CASES[name]
    assert convert_format(before, name, lambda text: text) == before


def test_json_stays_json():
    assert json.loads(convert_format(CASES["json"][0], "json", CONVERT))["e"] == "頭髮"


def test_formats_are_told_by_suffix():
    assert format_of("a/片.zh.SRT") == "srt"
    assert format_of("book.txt") is None
    with pytest.raises(ConfigError, match="did you mean 'html'"):
        convert_format("", "htmll", CONVERT)


def test_epub():
    source = io.BytesIO()
    with zipfile.ZipFile(source, "w") as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        page = "<html lang='zh-CN'><body><p>头发里</p></body></html>"
        book.writestr("OEBPS/1.xhtml", page, zipfile.ZIP_DEFLATED)
        book.writestr("OEBPS/content.opf", "<dc:language>zh</dc:language><dc:title>头</dc:title>")
        book.writestr("OEBPS/头.png", b"\xff\xd8")
    made = convert_epub(source.getvalue(), CONVERT, language="zh-Hant-TW")
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        page = book.read("OEBPS/1.xhtml").decode()
        assert page == "<html lang='zh-Hant-TW'><body><p>頭髮裡</p></body></html>"
        package = book.read("OEBPS/content.opf").decode()
        assert package == "<dc:language>zh-Hant-TW</dc:language><dc:title>頭</dc:title>"
        assert book.read("OEBPS/头.png") == b"\xff\xd8"
    with pytest.raises(ConfigError, match="no ZIP"):
        convert_epub(b"text", CONVERT)
