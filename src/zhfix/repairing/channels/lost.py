"""Text whose bytes are gone: found and named, and left in place unless asked otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing.kinds import Kind
from zhfix.repairing.look import ascii_part, look

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.repairing.channels import Lost
    from zhfix.rows import Rows

__all__ = ["LostText"]

_HAN = "\u4e00-\u9fff"

#: EF BF BD, the UTF-8 of U+FFFD, read as GBK: 锟斤拷 over and over, with what survived between.
_KUN_JIN_KAO = lazy(f"(?:锟[{_HAN}]{{0,3}}拷)+(?:锟[斤{_HAN}]?)?")
#: U+FFFD, with the strays between that are two bytes of GBK making a character of UTF-8 by chance
#: (Latin, Cyrillic, Hebrew, Arabic: all below U+0800).
_REPLACEMENT = lazy("(?:[\u0080-\u07ff]{0,2}\ufffd)+[\u0080-\u07ff]{0,2}")
#: So many U+FFFD with strays between them are a whole text of GBK, read as UTF-8.
_WHOLE_TEXT = 3
#: Fill patterns of debug memory read as GBK: CC, CD, DD and FEEE.
_MEMORY = lazy("烫{3,}|屯{3,}|葺{3,}|铪{3,}")
#: Words that were written as question marks: groups of them, with the punctuation that was kept.
#: Possessive, and only from the first of a run: a page of question marks must take linear time.
_QUESTION_MARKS = lazy(
    r"\?(?<!\?\?)(?:"
    r"\?++(?:[ ,.:;!，。、：；！（）“”‘’《》\"'()]{1,3}\?{2,})+[，。“”《》]?"
    r"|\?*+[，。、：；“”《》]\?{2,})"
)
_BOXES = lazy("□□□+")
#: Half of a character; both halves together are joined by `code-point/surrogates`.
_SURROGATE = lazy("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]")
#: What is looked for where one of these characters stands, and how far before it that may begin.
_AT = {
    "锟": (_KUN_JIN_KAO, 0),
    "\ufffd": (_REPLACEMENT, 2),
    "□": (_BOXES, 0),
    **dict.fromkeys("烫屯葺铪", (_MEMORY, 0)),
}
#: Those that say something alone; of others three stand in a row.
_ALONE = "锟\ufffd"
#: A run of one fill character that no sentence explains.
_LONG_RUN = 5


@dataclass(frozen=True, slots=True)
class LostText:
    """The channel of damage that cannot be undone.

    >>> text = "文件锟斤拷锟斤拷目录"
    >>> [(f.rule, f.span) for f in LostText().detect(text)]
    [('damage/replacement-read-as-gbk', Span(start=2, end=8))]
    >>> list(LostText().repair(text, list(LostText().detect(text))))
    []

    `action` says what repair does with it: "keep" leaves it and its finding, "drop" removes it,
    "mark" puts one U+FFFD in its place.
    """

    action: Lost = "keep"
    name: str = field(default="damage", init=False)

    @property
    def rules(self) -> Mapping[str, str]:
        """Rule id to explanation."""
        return _RULES

    def detect(self, text: str) -> Iterable[Finding]:
        """Report what is lost."""
        return _all_lost(text)

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold what lost text looks like."""
        text = rows.text
        marked: NDArray[np.bool_] = rows.containing("??")
        marked |= rows.mask(look(text).where(Kind.SURROGATE))
        places = look(text).where(Kind.LOST).tolist()
        marked |= rows.mask(
            at for at in places if text[at] in _ALONE or text.startswith(text[at] * 3, at)
        )
        return marked

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterable[Edit]:
        """Propose nothing, or what `action` asks for."""
        if self.action == "keep":
            return
        after = "" if self.action == "drop" else "\ufffd"
        for finding in findings:
            before = text[slice(*finding.span)]
            if before != after and finding.rule in _RULES:
                reason = f"lost text: {self.action}, as configured"
                yield Edit(
                    finding.span, before, after, finding.rule, finding.confidence, reason,
                    Proof.GUESS,
                )  # fmt: skip


@cache_last
def _all_lost(text: str) -> tuple[Finding, ...]:
    return tuple(sorted((*_find(text), *_halves(text)), key=lambda finding: finding.span))


def _find(text: str) -> Iterator[Finding]:
    if b"??" in ascii_part(text):
        for marks in _QUESTION_MARKS.finditer(text):
            yield _finding(marks, "damage/question-marks", 0.9)
    if Kind.LOST not in look(text).all:
        return
    # Nearly all texts have none of these, and patterns look only where one stands.
    done: dict[re.Pattern[str], int] = {}
    for at in look(text).where(Kind.LOST).tolist():
        sign = text[at]
        pattern, before = _AT[sign]
        if at < done.get(pattern, 0):
            continue
        low = max(at - before, done.get(pattern, 0))
        match = pattern.search(text, low) if before else pattern.match(text, at)
        if match:
            done[pattern] = match.end()
            if found := _judged(text, match, sign):
                yield found


def _judged(text: str, match: re.Match[str], sign: str) -> Finding | None:
    """Say which damage a sign belongs to, if it is any."""
    if sign == "锟":
        return _finding(match, "damage/replacement-read-as-gbk", 0.99)
    if sign == "□":
        return _finding(match, "damage/boxes", 0.6)
    if sign == "\ufffd":
        strays = any(c != "\ufffd" for c in match[0])
        whole = match[0].count("\ufffd") >= _WHOLE_TEXT and strays
        return _finding(match, "damage/gbk-read-as-utf-8" if whole else "damage/replacement", 0.98)
    # 烫烫烫 inside a sentence is said by somebody who burnt his tongue.
    start, end = match.span()
    around = text[max(start - 1, 0) : start] + text[end : end + 1]
    if len(match[0]) >= _LONG_RUN or not re.search(f"[{_HAN}]", around):
        return _finding(match, "damage/uninitialised-memory", 0.9)
    return None


def _halves(text: str) -> Iterator[Finding]:
    """Yield what no encoding can write."""
    if Kind.SURROGATE in look(text).all:
        for match in _SURROGATE.finditer(text):
            yield _finding(match, "damage/lone-surrogate", 0.99)


def _finding(match: re.Match[str], rule: str, confidence: float) -> Finding:
    return Finding(Span(*match.span()), rule, confidence, _REASONS[rule])


_REASONS = {
    "damage/replacement-read-as-gbk": "U+FFFD as UTF-8, read as GBK: the bytes are gone",
    "damage/replacement": "U+FFFD stands for bytes that a decoder threw away",
    "damage/gbk-read-as-utf-8": "GBK that was read as UTF-8: nearly every byte was thrown away",
    "damage/uninitialised-memory": "a fill pattern of debug memory, printed as GBK",
    "damage/boxes": "boxes stand where characters could not be shown",
    "damage/lone-surrogate": "half of a character; the other half is gone",
    "damage/question-marks": "characters that the target encoding lacked were written as ?",
}
_RULES = {
    "damage/replacement-read-as-gbk": (
        "锟斤拷 is what two U+FFFD look like when their UTF-8 bytes EF BF BD EF BF BD are read as "
        "GBK. The U+FFFD had replaced bytes that could not be decoded, so the text was lost before "
        "this reading; the odd character between (锟侥硷拷) is a remnant that names nothing for "
        "sure. Fetch the source again; here it can only be kept, dropped or marked."
    ),
    "damage/replacement": (
        "A decoder writes U+FFFD where bytes do not fit its encoding. One alone is often the "
        "last character of a text that was cut; where the text around it shows which encoding was "
        "mistaken, the repair of that encoding fills it, and this finding disappears."
    ),
    "damage/gbk-read-as-utf-8": (
        "GBK or Big5 bytes are seldom valid UTF-8: a decoder that reads them so leaves runs of "
        "U+FFFD with a few strays (Cyrillic, Hebrew, Latin) where two bytes happened to fit. "
        "Nothing can be restored; decode the original bytes again with the right encoding."
    ),
    "damage/uninitialised-memory": (
        "Debug builds of C programs fill fresh memory with CC or CD; printed as GBK it reads "
        "烫烫烫 or 屯屯屯. There was never any text. Three or more, not inside a sentence."
    ),
    "damage/boxes": (
        "Three or more boxes in a row, where a font or a program had no such characters. Forms and "
        "editions of old books have them on purpose, so the confidence is low."
    ),
    "damage/lone-surrogate": (
        "A surrogate without the other one: half of the UTF-16 of a character beyond U+FFFF. No "
        "encoding can write it."
    ),
    "damage/question-marks": (
        "Writing Chinese into an encoding without it (Latin-1, ASCII, a wrongly set database) "
        "turns every character into `?` and keeps the punctuation. Nothing can be restored."
    ),
}  # fmt: skip
