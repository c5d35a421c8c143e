"""HTML as lines with what markup says about them: links, headings, parts of the site.

A forgiving reader over the standard library's tokenizer: no tree is built, since the work is
found on the sequence of lines (see `zhfix.stripping.page`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
#: Elements whose text nobody sees, or that are controls.
_UNSEEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "svg",
        "head",
        "select",
        "button",
        "textarea",
        "object",
        "canvas",
        "audio",
        "video",
        "datalist",
        "map",
        "math",
    ]
)
_BLOCK = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_CELL = frozenset({"td", "th"})
_SITE_TAGS = frozenset({"nav", "footer", "aside", "menu"})
#: Names that designers give to what is not the work; whole words of class and id.
_SITE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|foot|sidebar|side|comments?|pinglun|reply|"
    r"replies|related|relate|recommend\w*|tuijian|share|bdshare\w*|fenxiang|breadcrumbs?|crumbs?|copyright|"
    r"hot|rank\w*|paihang|ads?|advert\w*|banner|toolbar|login|pager|pagination|prenext|tags?|"
    r"popup|modal|dialog|qrcode|links?|friendlinks?|widget|social|topbar|top-bar|"
    r"disclaimer|declare|statement)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A line of a page; `linked` is the share of its characters inside links."""

    text: str
    linked: float = 0.0
    heading: int = 0
    paragraph: bool = False
    preformatted: bool = False
    site: bool = False


class Page:
    """The visible lines of a page, and its title."""

    __slots__ = ("blocks", "title")

    def __init__(self, title: str, blocks: Sequence[Block]) -> None:
        self.title = title
        self.blocks = tuple(blocks)


def read(html: str) -> Page:
    """Read HTML into lines.

    >>> page = read("<title>题</title><nav><a>首页</a></nav><p>正文<b>粗</b></p>")
    >>> page.title, [(block.text, block.linked, block.site) for block in page.blocks]
    ('题', [('首页', 1.0, True), ('正文粗', 0.0, False)])

    Never raises for any text. Comments, scripts, forms' controls and hidden parts are left out.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.flush()
    return Page(" ".join("".join(reader.title).split()), reader.blocks)


class _Open:
    """An element that is open, and what it means for the text in it."""

    __slots__ = ("site", "tag", "unseen")

    def __init__(self, tag: str, *, unseen: bool, site: bool) -> None:
        self.tag = tag
        self.unseen = unseen
        self.site = site


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.title: list[str] = []
        self._stack: list[_Open] = []
        self._parts: list[str] = []
        self._linked = 0
        self._unseen = 0
        self._site = 0
        self._links = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self.title:
            self._in_title = True
        if tag == "body":
            self._leave_head()
        if tag in _BLOCK:
            self.flush()
        elif tag in _CELL:
            self._parts.append(" ")
        if tag in _VOID:
            return
        if tag in {"p", "li", "tr", "dt", "dd", "option"}:
            self._close_implied(tag)
        names = dict(attrs)
        unseen = tag in _UNSEEN or "hidden" in names or _hides(names.get("style"))
        called = f"{names.get('class') or ''} {names.get('id') or ''}"
        site = tag in _SITE_TAGS or (
            tag not in {"body", "html"} and _SITE_NAMES.search(called) is not None
        )
        self._push(_Open(tag, unseen=unseen, site=site))

    def _push(self, element: _Open) -> None:
        self._stack.append(element)
        self._unseen += element.unseen
        self._site += element.site
        self._links += element.tag == "a"

    def _pop(self) -> None:
        element = self._stack.pop()
        self._unseen -= element.unseen
        self._site -= element.site
        self._links -= element.tag == "a"

    def _leave_head(self) -> None:
        """An unclosed head must not hide the body."""
        while any(element.tag == "head" for element in self._stack):
            self._pop()

    def _close_implied(self, tag: str) -> None:
        """Close a paragraph or list item that its successor ends."""
        if self._stack and self._stack[-1].tag == tag:
            self._pop()

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag in _BLOCK:
            self.flush()
        # Close up to the nearest such element; a stray end tag closes nothing.
        for depth in range(len(self._stack) - 1, max(-1, len(self._stack) - 60), -1):
            if self._stack[depth].tag == tag:
                while len(self._stack) > depth:
                    self._pop()
                return

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._unseen:
            if self._is_pre():
                *lines, data = data.split("\n")
                for line in lines:
                    self._parts.append(line)
                    self.flush()
            self._parts.append(data)
            if self._links:
                self._linked += len("".join(data.split()))

    def _is_pre(self) -> bool:
        return any(element.tag == "pre" for element in self._stack[-8:])

    def flush(self) -> None:
        """End the line."""
        text, self._parts = "".join(self._parts), []
        linked, self._linked = self._linked, 0
        pre = self._is_pre()
        shown = text.rstrip() if pre else _BLANKS.sub(" ", text.replace("\n", " ")).strip()
        letters = len("".join(shown.split()))
        if not letters:
            return
        tags = [element.tag for element in self._stack[-6:]]
        heading = next(
            (int(t[1]) for t in reversed(tags) if len(t) == 2 and t[0] == "h" and t[1] in "123456"),
            0,
        )
        self.blocks.append(
            Block(
                shown,
                min(1.0, linked / letters),
                heading,
                paragraph="p" in tags or "blockquote" in tags,
                preformatted=pre,
                site=self._site > 0,
            )
        )


def _hides(style: str | None) -> bool:
    return style is not None and _HIDDEN.search(style) is not None
