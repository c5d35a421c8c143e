"""HTML to the text of its article: decode, extract, and fix.

>>> page = "<title>新闻</title><p>踐行全球安全倡議，推進國際反恐合作，致力於和平與安全的共同事業，各國代表出席。</p>"
>>> extract(page)[:8]
'踐行全球安全倡議'
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from zhfix.errors import BackendError, UnknownNameError

if TYPE_CHECKING:
    from zhfix.document import Decoded

__all__ = ["EXTRACTORS", "Extractor", "decode_html", "extract", "fix_html", "fix_html_bytes"]

Extractor = Callable[[str], str]
"""Takes HTML and returns the text of its article."""

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
    html: str, to: str | None = None, *, extractor: str | Extractor = "zhfix", preset: str = "news"
) -> str:
    """Take the article out of a page, repair its damage, and convert it if a locale is given.

    >>> fix_html("<p>" + "網(wǎng)絡(luò)與網(wǎng)絡(luò)的安全，是大家共同的事業，各國都要參與。" * 2)[:6]
    '網絡與網絡的'

    `extractor` is a name of `EXTRACTORS` or a function from HTML to text, `preset` that of
    `zhfix.strip.stage`. Raises `BackendError` when the extractor's package is absent,
    `LookupError` for an unknown extractor, and `ConfigError` for an unknown `to` or `preset`.
    """
    from zhfix.pipeline import default  # noqa: PLC0415  (it imports all stages)

    text = extract(html, extractor=extractor, preset=preset)
    return default(to, strip={"preset": preset, "whole_pages": False}).fix(text)


def fix_html_bytes(
    data: bytes,
    to: str | None = None,
    *,
    charset: str | None = None,
    extractor: str | Extractor = "zhfix",
    preset: str = "news",
) -> str:
    """Decode a page as a browser would, then do as `fix_html`.

    >>> page = '<meta charset="gbk"><p>' + "网络的安全，是大家共同的事业，各国都要参与才行，谁也不能例外。" * 2
    >>> fix_html_bytes(page.encode("gbk"))[:5]
    '网络的安全'

    `charset` is what the HTTP header says, if the caller knows it.
    """
    html = decode_html(data, charset=charset).text
    return fix_html(html, to, extractor=extractor, preset=preset)


def decode_html(data: bytes, *, charset: str | None = None) -> Decoded:
    """Decode a page: byte order mark, then `charset` (the header's), then `<meta>`, then evidence.

    >>> decode_html('<meta charset="big5"><p>網路'.encode("big5")).encoding
    'big5'

    What is declared is overruled where the bytes contradict it; `declared_was_wrong` says so.
    """
    from zhfix.decode import decode  # noqa: PLC0415  (its tables load on use)
    from zhfix.decode.labels import normalized  # noqa: PLC0415

    named = _META.search(data[:PRESCAN])
    found = [charset, named[1].decode("ascii", "replace") if named else None]
    declared = next((label for label in found if label and normalized(label)), None)
    return decode(data, declared=declared)


def extract(html: str, *, extractor: str | Extractor = "zhfix", preset: str = "news") -> str:
    """Return the text of a page's article, a paragraph a line, without the site's lines.

    >>> extract("<p>甲</p>", extractor=lambda html: "首页 > 新闻 > 国内\\n标题\\n正文。")
    '标题\\n正文。'

    Raises as `fix_html`.
    """
    from zhfix.document import Document  # noqa: PLC0415
    from zhfix.strip import stage  # noqa: PLC0415

    if isinstance(extractor, str):
        if extractor not in EXTRACTORS:
            raise UnknownExtractorError(extractor, EXTRACTORS)
        extractor = EXTRACTORS[extractor]
    document = Document(extractor(html) or "")
    strip = stage(preset, whole_pages=False)
    return document.revise("strip", strip(document)).text


def _own(html: str) -> str:
    from zhfix.html.article import article  # noqa: PLC0415

    return article(html)


def _trafilatura(html: str) -> str:
    try:
        import trafilatura  # noqa: PLC0415  (optional, and slow to import)
    except ImportError as error:
        raise _missing("trafilatura", "html") from error
    text: str | None = trafilatura.extract(html, favor_recall=True)
    return text or ""


def _resiliparse(html: str) -> str:
    try:
        from resiliparse.extract.html2text import extract_plain_text  # noqa: PLC0415  (optional)
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
