"""Facts from the lines that go: who wants the by-line dropped may still want what it says."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

from zhfix.stripping.lines import ends_like_sentence
from zhfix.stripping.page import BYLINES
from zhfix.stripping.shadow import shadow, without_glosses

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhfix.document import Document, Edit

LONGEST_TITLE = 60
"""A longer first line is a paragraph."""

#: What may follow a name in a by-line: the end, white space, or the next field's label.
_END = (
    r"(?=\s*(?:[|/,，)）】\]]|\s|$|来源|來源|作者|编辑|編輯|责编|責編|记者|記者|浏览|瀏覽|阅读|閱讀|点击|點擊"
    r"|评论|評論|发布|發布|字号|字號|时间|時間|日期))"
)
_NAME = r"([^\s|,，:：()（）【】\[\]]{1,30}?)"
#: Each in both scripts, since facts are quoted from the text and not from its shadow.
_SOURCE = re.compile(rf"(?:来源|來源|稿源|出处|出處|转自|轉自)\s*[:：]\s*{_NAME}{_END}")
_AUTHOR = re.compile(rf"(?:作者|撰文|文|记者|記者|发布者|發布者)\s*[:：|/／]\s*{_NAME}{_END}")
_REPORTER = re.compile(r"(?:记者|記者)\s*([\w·]{2,4}?)\s*[/／]")
_EDITOR = re.compile(
    r"(?:责任编辑|責任編輯|责编|責編|编辑|編輯|主编|主編)\s*[:：|/／丨]\s*([^|:：()（）【】\[\]\n]{1,50})"
)
_DATE = re.compile(
    r"((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\s?[日号號]?"
    r"(?:\s*(?:[T ]|[(（]?(?:周|星期|週).[)）]?)?\s*(\d{1,2})[:：时時](\d{2})(?:[:：分](\d{2}))?)?"
)
_LICENCE_RULES = ("boilerplate/copyright-notice", "boilerplate/copyright-footer")
_MEDIA_AFTER_DATE = re.compile(
    r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?\s+(?!来源|來源)([\w·-]{2,16}?(?:网|網|报|報|社|台|臺|新闻|新聞|客户端|客戶端|周刊|杂志|雜誌|消息|财经|財經|科技))(?:\s|$)"
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the site said about the work; None where it said nothing.

    `date` is ISO 8601, with the time of day if the page has it; all else is quoted.
    """

    title: str | None = None
    date: str | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    licence: str | None = None

    def as_dict(self) -> dict[str, str]:
        """Return the fields that were found, ready for JSON.

        >>> Metadata(source="新华网").as_dict()
        {'source': '新华网'}
        """
        return {key: value for key, value in asdict(self).items() if value is not None}

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) is not None for field in fields(self))


def stripped_facts(document: Document) -> Metadata:
    """Return what the lines that were stripped from a document say about it.

    >>> import zhfix
    >>> stripped_facts(zhfix.explain("标题\\n来源：新华网 作者：张三\\n正文有句号。")).as_dict()
    {'title': '标题', 'source': '新华网', 'author': '张三'}
    """
    stripped = (r.edits for r in document.revisions if r.stage == "strip")
    return metadata_of((edit for edits in stripped for edit in edits), document.text)


def metadata_of(edits: Iterable[Edit], kept: str) -> Metadata:
    """Return the facts in the lines that a strip stage removed, and the title from what it kept."""
    removed = [(edit.rule, line) for edit in edits for line in _lines(edit.before)]
    return replace(facts(removed), title=_title(kept))


def facts(removed: Iterable[tuple[str, str]]) -> Metadata:
    """Return the facts in lines, each given with the id of the rule that it matches.

    >>> facts([("boilerplate/byline", "来源：新华网 作者：张三")]).author
    '张三'
    """
    removed = list(removed)
    bylines = [line for rule, line in removed if rule in BYLINES] or [
        line for _, line in removed if len(line) <= LONGEST_TITLE * 2
    ]
    return Metadata(
        date=next((date for line in bylines if (date := _date(line))), None),
        source=_first((_SOURCE, _MEDIA_AFTER_DATE), bylines),
        author=_first((_AUTHOR, _REPORTER), bylines),
        editor=_first((_EDITOR,), (line for _, line in removed)),
        licence=next((line for rule, line in removed if rule in _LICENCE_RULES), None),
    )


def _lines(before: str) -> list[str]:
    return [line.strip() for line in without_glosses(before).split("\n") if line.strip()]


def _title(kept: str) -> str | None:
    lines = _lines(kept)
    if (
        len(lines) < 2
        or len(lines[0]) > LONGEST_TITLE
        or shadow(lines[0]).endswith(("。", ",", ":"))
    ):
        return None
    long_enough = any(len(line) > len(lines[0]) or ends_like_sentence(line) for line in lines[1:9])
    return lines[0] if long_enough else None


def _date(line: str) -> str | None:
    match = _DATE.search(line)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return None
    date = f"{year}-{int(month):02}-{int(day):02}"
    if hour is None or int(hour) > 23:
        return date
    return f"{date}T{int(hour):02}:{minute}" + (f":{second}" if second else "")


def _first(patterns: Iterable[re.Pattern[str]], lines: Iterable[str]) -> str | None:
    lines = list(lines)
    for pattern in patterns:
        for line in lines:
            if (match := pattern.search(line)) and match[1].strip():
                return match[1].strip()
    return None
