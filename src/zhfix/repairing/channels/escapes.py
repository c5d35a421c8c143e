"""Escapes left in text (M25–M28): entities, `\\uXXXX`, `%XX`, RFC 2047, quoted-printable.

An escape is damage only where nobody will read it as one. So URLs, quoted strings, code spans,
markup documents and MIME sources keep theirs; elsewhere a run is undone when it spells Chinese
that the language model knows as such. A single escape (`&#12290;`) counts only in a document
that such a run, or its other escapes, show to be damaged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.repairing.channels import as_findings, for_findings
from zhfix.repairing.channels import escape_forms as forms
from zhfix.repairing.memo import cache_last
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.repairing.channels.escape_forms import Form
    from zhfix.rows import Rows

__all__ = ["RULES", "Escapes"]

RULES = {
    "escape/entity": (
        "Numeric character references for Chinese, or named ones beside Chinese, in text that "
        "is no markup: &#20013;&#22269; for 中国. A document with tags keeps them."
    ),
    "escape/entity-broken": (
        "A numeric character reference that lost its ampersand, as in 第一章#xff1a;."
    ),
    "escape/unicode": (
        "\\uXXXX that no parser undid, or uXXXX without the backslash: u4e2du56fd for 中国. "
        "Quoted strings, JSON and regular expressions keep theirs."
    ),
    "escape/percent": (
        "Percent-encoded UTF-8 or GBK, or %uXXXX, in prose. URLs and paths keep theirs."
    ),
    "escape/rfc2047": "An encoded word of a mail header: =?gb2312?B?1tC5+g==?= for 中国.",
    "escape/quoted-printable": (
        "Quoted-printable UTF-8 or GBK in prose: =D6=D0=B9=FA for 中国. A message that is shown "
        "with its MIME headers keeps it."
    ),
    "escape/utf-7": "UTF-7 read as ASCII: +Ti1W/Q- for 中国.",
    "escape/hz": "HZ read as ASCII: ~{VP9z~} for 中国.",
}

#: Nothing is looked at further when this finds nothing.
SCREEN = re.compile(
    r"&\#?[0-9A-Za-z]{2,8};?|\#x?[0-9a-fA-F]{4,5};|u[0-9a-fA-F]{4}|%u?[0-9a-fA-F]{2}"
    r"|=\?[\w-]+\?[bBqQ]\?|=[0-9A-F]{2}[!-~]|\+[A-Za-z0-9+/]{3}|~\{[!-~]{2}"
)
#: What only markup, or a message shown with its source, has.
MARKUP = re.compile(
    r"</[A-Za-z][\w:-]{0,30}>|<(?:!DOCTYPE|\?xml|html|[A-Za-z]{1,12} [\w:-]{1,30}=)"
)
MIME = re.compile(r"^(?:Content-Transfer-Encoding|MIME-Version):", re.MULTILINE | re.IGNORECASE)
#: A line that talks about escapes shows them on purpose.
ABOUT = re.compile(
    r"实体|實體|转义|轉義|跳脱|跳脫|标签|標籤|编码|編碼|entit|escap|encod|HTML|Unicode|UTF-|ASCII",
    re.IGNORECASE,
)

HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: What an escape in Chinese text may stand for when it stands alone.
CHINESE = re.compile(
    "[\u00a0\u00b7\u00d7\u2010-\u2027\u2030-\u205e\u3000-\u303f\u3400-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff65\U00020000-\U0003ffff\u2460-\u24ff\u2500-\u25ff]+"
)
#: Nats per character: Chinese text has 5 to 7, any other characters in a row 10 to 14.
MOST_COST = 9.0
#: A rarer word is Chinese all the same when the escape allows nothing else.
MOST_COST_STRICT = 11.0
#: Named references alone prove nothing below this number.
LEAST_NAMED = 3
QUOTES = "\"'`"
#: Code points before a run that are looked at for a URL or path.
LOOK_BACK = 400
URL_BEFORE = re.compile(r"(?://|www\.|[/=&\"'`\\]|\?\w)[^\s\u2e80-\U0003ffff]*\Z|\]\(\Z")
#: `%u` is never in a path, but `escape()` has put it into queries and strings.
QUERY_BEFORE = re.compile(r"(?://|www\.|[=&\"'`\\]|\?\w)[^\s\u2e80-\U0003ffff%]*\Z")
#: Code points in which a character class that holds a range begins.
LONGEST_CLASS = 60
BASE64 = re.compile(r"[A-Za-z0-9+/]")
URL_AFTER = re.compile(r"[/=&\"'`}>]|\?[\w%]", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Spot:
    """An escape and what it stands for."""

    start: int
    end: int
    after: str
    form: Form
    sure: bool


@dataclass(frozen=True, slots=True)
class Escapes:
    """The channel in both directions; `form` is used only to damage.

    >>> Escapes("decimal").damage("中国")
    '&#20013;&#22269;'
    """

    form: str = "decimal"
    name = "escape"
    rules = RULES

    def damage(self, text: str) -> str:
        """Write what is not ASCII as this form does; raises `KeyError` for an unknown one."""
        return forms.WRITERS[self.form](text)

    def detect(self, text: str) -> Iterator[Finding]:
        """Report every escape that is an accident."""
        return as_findings(analyse(text))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold what looks like an escape."""
        return rows.mask([match.start() for match in SCREEN.finditer(rows.text)])

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        return for_findings(analyse(text), findings)


@cache_last
def analyse(text: str) -> tuple[Edit, ...]:
    """Find everything in one text, and undo it."""
    if SCREEN.search(text) is None:
        return ()
    markup, mime = MARKUP.search(text) is not None, MIME.search(text) is not None
    edits: list[Edit] = []
    for form in forms.FORMS:
        if (form.markup and markup) or (form.mime and mime):
            continue
        spots = list(_spots(text, form))
        if any(spot.sure for spot in spots):
            edits += [_edit(text, spot) for spot in spots]
    edits.sort(key=lambda edit: edit.span)
    kept: list[Edit] = []
    for edit in edits:
        if not kept or kept[-1].span.end <= edit.span.start:
            kept.append(edit)
    return tuple(kept)


def _spots(text: str, form: Form) -> Iterator[_Spot]:
    """Yield the escapes of one form that are not protected, sure or not."""
    quotes = _Quotes(text)
    named: list[_Spot] = []
    for match in form.pattern.finditer(text):
        start, end = match.span()
        if quotes.around(start, end) or _protected(text, start, end, form):
            continue
        after = form.read(match[0])
        if not after or after == match[0]:
            continue
        if form.named:
            if _beside_chinese(text, start, end) and not _talks(text, start, end):
                named.append(_Spot(start, end, after, form, sure=False))
            continue
        han = len(HAN.findall(after))
        sure = han >= form.least and (
            _cost(after) <= (MOST_COST_STRICT if form.strict else MOST_COST)
        )
        # Base64 has no `-`, and a `+` of its own anywhere.
        if form.base64 and not match[0].endswith("-") and BASE64.match(text[start - 1 : start]):
            sure = False
        if form.broken and not sure:
            sure = CHINESE.fullmatch(after) is not None and _beside_chinese(text, start, end)
        if sure or _single(after, form):
            yield _Spot(start, end, after, form, sure and not _talks(text, start, end))
    enough = len(named) >= LEAST_NAMED or {"“", "”"} <= {spot.after for spot in named}
    for spot in named if enough else ():
        yield _Spot(spot.start, spot.end, spot.after, form, sure=True)


def _single(after: str, form: Form) -> bool:
    """Whether an escape can be undone once another one of its form shows the damage."""
    if form.loose:
        return CHINESE.fullmatch(after) is not None or (after > "\u2000" and after.isprintable())
    return (
        after == form.literal
        or (after.isprintable() and not after.isascii())
        or (CHINESE.fullmatch(after) is not None)
    )


class _Quotes:
    """Whether a place in a line stands between quotation marks; asked from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = self.position = -1
        self.open = [False] * len(QUOTES)
        self.last = [-1] * len(QUOTES)

    def around(self, start: int, end: int) -> bool:
        """Tell for one escape; marks inside escapes are none."""
        text = self.text
        if start > self.end:
            line = text.rfind("\n", max(0, self.position), start) + 1
            self.position = line or max(0, self.position)
            stop = text.find("\n", start)
            self.end = len(text) if stop < 0 else stop
            self.open = [False] * len(QUOTES)
            self.last = [text.rfind(quote, self.position, self.end) for quote in QUOTES]
        for index, quote in enumerate(QUOTES):
            if text.count(quote, self.position, start) % 2:
                self.open[index] = not self.open[index]
        self.position = end
        # Without a mark to close it, an open one is an apostrophe.
        return any(
            is_open and last >= end for is_open, last in zip(self.open, self.last, strict=True)
        )


def _protected(text: str, start: int, end: int, form: Form) -> bool:
    """Whether the escape stands where it is meant: a URL, a path, a string, a character class."""
    before = text[max(0, start - 1) : start]
    if before in {"\\", "`"}:
        return True
    if form.ranges and (
        text.startswith("-\\", end) or (before == "-" and text.startswith("]", end))
    ):
        head = text[max(0, start - LONGEST_CLASS) : start]
        if head.rfind("[") > head.rfind("]"):
            return True
    if not form.url:
        return False
    if URL_AFTER.match(text, end):
        return True
    pattern = QUERY_BEFORE if form.strict else URL_BEFORE
    return pattern.search(text[max(0, start - LOOK_BACK) : start]) is not None


def _talks(text: str, start: int, end: int) -> bool:
    """Whether the line is about escapes."""
    return ABOUT.search(text[max(0, start - 60) : start] + "\n" + text[end : end + 60]) is not None


def _beside_chinese(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return CHINESE.search(around) is not None


def _cost(text: str) -> float:
    """Nats per Chinese character of what an escape stands for."""
    chinese = "".join(CHINESE.findall(text))
    return -LanguageModel.load().score(chinese) / (len(chinese) + 1) if chinese else 99.0


def _edit(text: str, spot: _Spot) -> Edit:
    """Make the edit, without the ASCII that is the same on both sides."""
    start, end, after = spot.start, spot.end, spot.after
    before = text[start:end]
    proven = spot.form.write_like(after, before) == before
    return Edit(
        Span(start, end),
        before,
        after,
        spot.form.rule,
        0.99 if spot.sure and proven else 0.95,
        f"{spot.form.what} that spells Chinese where nothing will undo it",
        Proof.PROVEN if proven else Proof.CONSISTENT,
    )
