"""Finds escapes that are accidents, by what they spell and where they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from zhfix.document import Edit, Proof, Span
from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing.channels.escape_codecs import TYPOGRAPHIC
from zhfix.repairing.channels.escape_forms import FORMS, Meant
from zhfix.repairing.channels.escape_places import HAN, MARKUP, MIME, MIME_SIGN, Places, is_json
from zhfix.repairing.channels.escape_signs import has_sign, signs
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhfix.repairing.channels.escape_forms import Form

__all__ = ["analyse"]

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


class _Spot(NamedTuple):
    """An escape that nothing protects, what it may stand for, and whether it is sure."""

    start: int
    end: int
    after: str
    form: Form
    sure: bool


@cache_last
def analyse(text: str) -> tuple[Edit, ...]:
    """Find everything in one text, and undo it.

    >>> [edit.after for edit in analyse("&#20013;&#22269;")]
    ['中国']
    """
    forms = [form for form in FORMS if signs(text, form.sign)]
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
