"""Escapes left in text (M25–M28): entities, `\\uXXXX`, `%XX`, RFC 2047, quoted-printable.

An escape is damage only where nobody will read it as one. So URLs, strings, source code, markup
documents and MIME sources keep theirs; elsewhere a run is undone when it spells Chinese
that the language model knows as such. A single escape (`&#12290;`) counts only in a document
that such a run, or its other escapes, show to be damaged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing.channels import as_findings, for_findings
from zhfix.repairing.channels.escape_codecs import TYPOGRAPHIC
from zhfix.repairing.channels.escape_forms import FORMS, Meant
from zhfix.repairing.channels.escape_places import HAN, MARKUP, MIME, MIME_SIGN, Places, is_json
from zhfix.repairing.channels.escape_signs import has_sign, signs
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
        "A numeric character reference that lost its ampersand or its number sign, as in "
        "第一章#xff1a;."
    ),
    "escape/unicode": (
        "\\uXXXX that no parser undid, or uXXXX without the backslash: u4e2du56fd for 中国. "
        "Quoted strings, source code, JSON and regular expressions keep theirs."
    ),
    "escape/percent": (
        "Percent-encoded UTF-8, GBK or Big5, or %uXXXX, in prose. URLs and paths keep theirs."
    ),
    "escape/rfc2047": "An encoded word of a mail header: =?gb2312?B?1tC5+g==?= for 中国.",
    "escape/quoted-printable": (
        "Quoted-printable UTF-8, GBK or Big5 in prose: =D6=D0=B9=FA for 中国. A message that is "
        "shown with its MIME headers keeps it."
    ),
    "escape/bytes": (
        "Bytes written with backslashes, \\xe4\\xb8\\xad or \\344\\270\\255 for 中, outside "
        "strings and source code."
    ),
    "escape/code-point": (
        "Characters written by their numbers, <U+4E2D><U+56FD> for 中国, several in a row. Text "
        "that speaks of code points writes one, or with spaces between."
    ),
    "escape/utf-7": "UTF-7 read as ASCII: +Ti1W/Q- for 中国, or &Ti1W,Q- in names of mail folders.",
    "escape/hz": "HZ read as ASCII: ~{VP9z~} for 中国.",
}

#: A line that talks about escapes shows them on purpose, if it says so in Chinese ...
ABOUT = re.compile(
    "实体(?:引用|名|符|字符)|實體(?:引用|名|符)|转义|轉義|跳脱|跳脫|标签|標籤|编码|編碼|码点|碼點"
    "|entit|escap|encod"
    "|HTML|Unicode|UTF-|ASCII",
    re.IGNORECASE,
)
#: ... or in so many words of English.
ENGLISH = re.compile(r"(?:[A-Za-z]{2,}[ ,.]+){3}")
#: A longer passage is no example of an escape.
LONGEST_EXAMPLE = 12
#: Code points on each side of an escape in which a line may talk about it.
NEARBY = 60

#: A typographic mark stands beside Chinese, or so long a word or number away from it.
WORD = 8

#: What an escape in Chinese text may stand for when it stands alone.
CHINESE = lazy(
    "[\u00a0\u00b7\u00d7\u2010-\u2027\u2030-\u205e\u3000-\u303f\u3400-\u9fff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff01-\uff65\U00020000-\U0003ffff\u2460-\u24ff\u2500-\u25ff]+"
)
#: Nats per character: Chinese text has 5 to 7, any other characters in a row 10 to 14.
MOST_COST = 9.0
#: A rarer word is Chinese all the same when the escape allows nothing else.
MOST_COST_STRICT = 11.0
BASE64 = re.compile(r"[A-Za-z0-9+/]")
WESTERN = re.compile("[\u0080-\u052f]")
#: Chinese characters in a row that base64 does not spell by accident.
LEAST_SENTENCE = 4
#: References that hide markup prove nothing below this number.
LEAST_NAMED = 3


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
        # Imported here: the package for mail that it needs takes long, and repairs do not need it.
        from zhfix.repairing.channels.escape_damage import WRITERS

        return WRITERS[self.form](text)

    def detect(self, text: str) -> Iterator[Finding]:
        """Report every escape that is an accident."""
        return as_findings(analyse(text))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold what looks like an escape."""
        return rows.mask([at for form in FORMS for at in signs(rows.text, form.sign)])

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        return for_findings(analyse(text), findings)


class _Spot(NamedTuple):
    """An escape that nothing protects, what it may stand for, and whether it is sure."""

    start: int
    end: int
    after: str
    form: Form
    sure: bool


@cache_last
def analyse(text: str) -> tuple[Edit, ...]:
    """Find everything in one text, and undo it."""
    forms = [form for form in FORMS if has_sign(text, form.sign)]
    if not forms or is_json(text):
        return ()
    markup = MARKUP.search(text) is not None
    mime = has_sign(text, MIME_SIGN) and MIME.search(text) is not None
    edits: list[Edit] = []
    for form in forms:
        if (form.meant & Meant.MARKUP and markup) or (form.meant & Meant.MIME and mime):
            continue
        spots = _spots(text, form)
        if any(spot.sure for spot in spots):
            edits += [_edit(text, spot) for spot in spots]
    edits.sort(key=lambda edit: edit.span)
    kept: list[Edit] = []
    for edit in edits:
        if not kept or kept[-1].span.end <= edit.span.start:
            kept.append(edit)
    return tuple(kept)


def _spots(text: str, form: Form) -> list[_Spot]:
    """List the escapes of one form that are not protected, sure or not."""
    spans = list(form.spans(text))
    if not spans:
        return []
    places = Places(text, form, spans)
    free = [(start, end) for start, end in spans if not places.meant(start, end)]
    read = [(start, end, form.read(text[start:end])) for start, end in free]
    found = _chosen(text, read, form)
    return _with_names(text, found, form) if form.rule == "escape/entity" else found


def _chosen(text: str, read: Sequence[tuple[int, int, tuple[str, ...]]], form: Form) -> list[_Spot]:
    """Choose the reading of each escape that is likeliest, and tell whether it is sure."""
    afters = [after for *_, texts in read for after in texts]
    costs = iter(_costs(afters))
    limit = MOST_COST_STRICT if form.strict else MOST_COST
    spots: list[_Spot] = []
    for start, end, texts in read:
        priced = [(next(costs), order, after) for order, after in enumerate(texts)]
        around = text[max(0, start - 1) : start] + text[end : end + 1]
        if not priced or (form.lonely and WESTERN.search(around)):
            continue
        cost, _, after = min(priced)
        if after == text[start:end]:
            continue
        sure = cost <= limit and len(HAN.findall(after)) >= form.least
        if not sure and form.typographic:
            sure = CHINESE.fullmatch(after) is not None and _near_chinese(text, start, end)
        # Base64 has no `-`, and a `+` of its own anywhere; it spells no sentence.
        if (
            form.base64
            and len(after) < LEAST_SENTENCE
            and not text.startswith("-", end - 1)
            and BASE64.match(text[start - 1 : start])
        ):
            sure = False
        if sure or _single(after, form):
            sure = sure and not (len(after) <= LONGEST_EXAMPLE and _talks(text, start, end))
            spots.append(_Spot(start, end, after, form, sure))
    return spots


def _with_names(text: str, spots: list[_Spot], form: Form) -> list[_Spot]:
    """References that hide markup count only where many are left, or beside others."""
    hiding = [spot for spot in spots if spot.after not in TYPOGRAPHIC.values()]
    if not form.typographic or not hiding:
        return spots
    near = [s for s in hiding if _beside_chinese(text, s.start, s.end)]
    enough = len(near) >= LEAST_NAMED and not any(_talks(text, s.start, s.end) for s in near)
    return [
        spot._replace(sure=enough) if spot in near else spot
        for spot in spots
        if spot.sure or enough
    ]


def _single(after: str, form: Form) -> bool:
    """Whether an escape can be undone once another one of its form shows the damage."""
    if after.isascii() and form.ascii:
        return all(char.isprintable() or char in "\t\r\n" for char in after)
    if form.loose:
        return CHINESE.fullmatch(after) is not None or (after > "\u2000" and after.isprintable())
    return (
        after in form.literal
        or (after.isprintable() and not after.isascii())
        or (CHINESE.fullmatch(after) is not None)
    )


def _talks(text: str, start: int, end: int) -> bool:
    """Whether the line is about escapes."""
    around = text[max(0, start - NEARBY) : start] + "\n" + text[end : end + NEARBY]
    return ABOUT.search(around) is not None and (
        HAN.search(around) is not None or ENGLISH.search(around) is not None
    )


def _near_chinese(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - WORD) : start] + "\n" + text[end : end + WORD]
    return HAN.search(around) is not None


def _beside_chinese(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return CHINESE.search(around) is not None


def _costs(texts: Sequence[str]) -> list[float]:
    """Nats per Chinese character of what each escape stands for."""
    chinese = ["".join(CHINESE.findall(text)) for text in texts]
    scores = LanguageModel.load().scores(chinese)
    return [
        -float(score) / (len(only) + 1) if only else 99.0
        for only, score in zip(chinese, scores, strict=True)
    ]


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
