"""HTML to the text of its article: decode, extract, and fix.

>>> extract("<nav><a>首頁</a></nav><p>踐行全球安全倡議。</p>")
'踐行全球安全倡議。'
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from zhfix.errors import BackendError, UnknownNameError

if TYPE_CHECKING:
    from zhfix.document import Decoded
    from zhfix.html.article import Article
    from zhfix.html.blocks import Page
    from zhfix.stripping.facts import Metadata

__all__ = [
    "EXTRACTORS",
    "Extractor",
    "decode_html",
    "extract",
    "fix_html",
    "fix_html_bytes",
    "metadata",
]

Extractor = Callable[[str], str]
"""Takes HTML and returns the text of its article."""

NEAR = 8
"""Lines over and under an article among which its by-line and editor are."""
PRESCAN = 1024
"""Bytes in which a page must name its encoding, as the HTML standard has it."""
_META = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)


class UnknownExtractorError(UnknownNameError):
    """No extractor has that name."""

    kind = "extractor"


def fix_html(
    html: str,
    to: str | None = None,
    *,
    extractor: str | Extractor = "zhfix",
    preset: str = "news",
    headline: bool = False,
) -> str:
    """Take the article out of a page, repair its damage, and convert it if a locale is given.

    >>> fix_html("<nav><a>首頁</a></nav><p>網(wǎng)絡(luò)與網(wǎng)絡(luò)的安全。</p>")
    '網絡與網絡的安全。'

    `extractor` is a name of `EXTRACTORS` or a function from HTML to text, `preset` that of
    `zhfix.stripping.stage`. `headline` puts the page's headline before the text; without it the
    headline is a field of `metadata`, as other extractors have it.
    Raises `BackendError` when the extractor's package is absent, `LookupError` for an unknown
    extractor, and `ConfigError` for an unknown `to` or `preset`.
    """
    from zhfix.pipeline import default

    text = extract(html, extractor=extractor, preset=preset, headline=headline)
    return default(to, strip={"preset": preset, "whole_pages": False}).fix(text)


def fix_html_bytes(  # noqa: PLR0913  (all but two are options)
    data: bytes,
    to: str | None = None,
    *,
    charset: str | None = None,
    extractor: str | Extractor = "zhfix",
    preset: str = "news",
    headline: bool = False,
) -> str:
    """Decode a page as a browser would, then do as `fix_html`.

    >>> page = '<meta charset="gbk"><p>' + "网络的安全，是大家共同的事业。"
    >>> fix_html_bytes(page.encode("gbk"))
    '网络的安全，是大家共同的事业。'

    `charset` is what the HTTP header says, if the caller knows it.
    """
    html = decode_html(data, charset=charset).text
    return fix_html(html, to, extractor=extractor, preset=preset, headline=headline)


def decode_html(data: bytes, *, charset: str | None = None) -> Decoded:
    """Decode a page: byte order mark, then `charset` (the header's), then `<meta>`, then evidence.

    >>> decode_html('<meta charset="big5"><p>網路'.encode("big5")).encoding
    'big5'

    What is declared is overruled where the bytes contradict it; `declared_was_wrong` says so.
    """
    from zhfix.decoding import decode
    from zhfix.decoding.labels import normalized

    named = _META.search(data[:PRESCAN])
    found = [charset, named[1].decode("ascii", "replace") if named else None]
    declared = next((label for label in found if label and normalized(label)), None)
    return decode(data, declared=declared)


def extract(
    html: str,
    *,
    extractor: str | Extractor = "zhfix",
    preset: str = "news",
    headline: bool = False,
) -> str:
    """Return the text of a page's article, a paragraph a line, without the site's lines.

    >>> extract("<p>甲</p>", extractor=lambda html: "首页 > 新闻 > 国内\\n标题\\n正文。")
    '标题\\n正文。'

    Options and errors as those of `fix_html`.
    """
    from zhfix.document import Document
    from zhfix.stripping import stage

    if isinstance(extractor, str):
        if extractor not in EXTRACTORS:
            raise UnknownExtractorError(extractor, EXTRACTORS)
        extractor = EXTRACTORS[extractor]
    document = Document(extractor(html) or "")
    strip = stage(preset, whole_pages=False)
    text = document.revise("strip", strip(document)).text
    title = _article(html, preset=preset).headline if headline else ""
    return f"{title}\n{text}" if title and not text.lstrip().startswith(title) else text


def metadata(html: str) -> Metadata:
    """Return what a page says about its article: title, date, source, author, editor, licence.

    >>> head = "<title>题-站</title><h1>题目在此</h1><div>来源：新华网 作者：张三</div>"
    >>> metadata(head + "<p>" + "有句号。" * 15).as_dict()
    {'title': '题目在此', 'source': '新华网', 'author': '张三'}
    """
    from zhfix.html.blocks import read
    from zhfix.stripping.facts import facts
    from zhfix.stripping.rules import rule_set
    from zhfix.stripping.shadow import shadow

    page = read(html)
    found = _article(html)
    rules = rule_set()
    near = (*found.head[-NEAR:], *found.lines, *_after(page, found)[:NEAR])
    matched = [(rule.id, line) for line in near if (rule := rules.matching(shadow(line)))]
    return replace(facts(matched), title=found.headline or page.title or None)


def _after(page: Page, found: Article) -> list[str]:
    """Return the lines of a page that follow its article."""
    texts = [block.text for block in page.blocks]
    last = found.lines[-1] if found.lines else None
    return texts[texts.index(last) + 1 :] if last in texts else []


def _article(html: str, *, preset: str = "news") -> Article:
    from zhfix.html.article import article

    return article(html, preset=preset)


def _own(html: str) -> str:
    return "\n".join(_article(html).lines)


def _trafilatura(html: str) -> str:
    try:
        import trafilatura  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise _missing("trafilatura", "html") from error
    text: str | None = trafilatura.extract(html, favor_recall=True)
    return text or ""


def _resiliparse(html: str) -> str:
    try:
        from resiliparse.extract.html2text import (  # type: ignore[import-not-found,unused-ignore]
            extract_plain_text,
        )
    except ImportError as error:
        raise _missing("resiliparse", "html-fast") from error
    text: str = extract_plain_text(html, main_content=True, alt_texts=False, links=False)
    return text


def _missing(distribution: str, extra: str) -> BackendError:
    return BackendError(
        f"the extractor {distribution!r} is not installed: pip install 'zhfix[{extra}]'",
        distribution=distribution,
    )


EXTRACTORS: dict[str, Extractor] = {
    "zhfix": _own,
    "trafilatura": _trafilatura,
    "resiliparse": _resiliparse,
}
"""Extractors by name; the first needs no other package."""
