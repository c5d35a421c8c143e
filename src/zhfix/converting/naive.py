"""Traditional text that was made character by character, detected and put right.

A naive converter has one answer for each character, whatever stands beside it. It may leave
what also exists in Traditional text (*left simplified*: 防范, 斗爭, 致力于 for 防範, 鬥爭, 致力於)
or change it always (*over-converted*: 皇後, 公裡, 隻得 for 皇后, 公里, 只得).

So the text is read back to Simplified and converted with context. For each character and each
of its forms the question is whether the text has this form throughout: places where the
context surely wants another form speak for it, places where the text surely and rightly has
another form speak against it. Good text has a few of the former too, since no conversion is
perfect, hence the evidence is summed over the document before anything changes; and only a
form that the fixed answer explains is ever changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.converting.context import ambiguous, look, scores
from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.engine import engine
from zhfix.converting.trie import units_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Naive", "inspect"]

#: A place counts as evidence when the best form leads by this much.
SURE = 1.5
#: How often, at such a place, *good* text has another form than the best: by lead, measured
#: on clean text of all registers that the context was not learned from.
GOOD_DISAGREES = ((1.5, 1 / 60), (3.0, 1 / 250), (5.0, 1 / 700))
#: How often naive text has the right form by accident, where its fixed answer is another.
NAIVE_AGREES = 1 / 50
#: How many of the ambiguous characters a naive converter gets wrong throughout.
NAIVE_SHARE = 0.6
#: The same mistake again in one document says little new: a name that the context does not
#: know repeats. So at most this many places of one character count.
MOST_OF_ONE = 2
#: Log-odds that a document of Traditional text is naive, before looking.
PRIOR = -5.0
#: A naive converter cannot write two forms of one character rightly but by accident: for each
#: character told apart there must be this many that are not.
MANY_TO_ONE = 8
#: One character alone, however often, may be a name or an edition's habit; only in a text of
#: a line or two, shorter than this, there may be no second.
FEWEST, SHORT = 2, 200
#: Repair when the log-odds after looking reach this: 0.95.
ACCEPT = 3.0
#: In a naive document, change a character where the best form leads by this much.
LEAD = 0.4
#: With fewer over-converted characters than this, 係 is Cantonese.
FEW_OVER = 4
#: OpenCC's phrases have real Simplified characters 18 times and more, and stray ones up to 4.
COMMON = 10
#: Of a longer text so many characters are looked at first: a naive one shows in any part.
SAMPLE = 12_000
#: Lines with characters beyond this one are left alone: places are counted in UTF-16 units.
LAST_PLAIN = "\uffff"

#: Editions differ in these without anybody being wrong; they are no evidence, and only a
#: character that was left simplified is changed to OpenCC's form.
EDITION_VARIANTS = (
    "於于 才纔 採采 臺台 只衹祇 回迴廻 並并併 布佈 周週 念唸 咨諮 戚慼 梁樑 僕仆 "
    "贊讚 升昇 沖衝 遊游 佔占 飢饑 兇凶 幸倖 杯盃 淒凄悽 蕩盪 弔吊 蹤踪 跡迹蹟 "
    "託托 掛挂 鑑鑒 岩巖 煙菸 煉鍊 鏈鍊 踴踊 湧涌 奸姦 床牀 群羣 峰峯 線綫 唇脣 "
    "歎嘆 污汙 脩修 核覈 雇僱 秘祕 注註 毀燬 簽籤 桿杆 徑逕 捲卷 借藉 欲慾 彩綵 "
    "弦絃 逾踰 泄洩 仇讎 舍捨 了瞭 搜蒐 舖鋪 溪谿 志誌 朴樸 家傢 具俱 扎紮 恤卹 "
    "尸屍 夫伕 挨捱 占佔 刮颳 朱硃 巨鉅 席蓆 針鍼 折摺 系係繫 箇個 艷豔 背揹 "
    "吃喫 喂餵 虫蟲 娘孃 里哩 棱稜 塚冢 捆綑 泛氾 嘗嚐"
)


class Place(NamedTuple):
    """One character to put right: where, what stands there, what should, and how sure."""

    at: int
    before: str
    after: str
    channel: str
    lead: float


@dataclass(frozen=True, slots=True)
class Naive:
    """What was found: the probability that the text is naive, and the places to change.

    `places` count in code points of the text and are empty when the evidence is too thin.
    """

    probability: float
    evidence: int
    places: tuple[Place, ...]


def inspect(text: str) -> Naive:
    """Look for naive conversion in Traditional text.

    >>> found = inspect("兩國防范恐怖活動，斗爭不斷，致力于和平，與伙伴期待并肩。")
    >>> "".join(place.after for place in found.places)
    '範鬥於夥並'
    >>> inspect("他姓范，北斗七星，白雲在天。").places
    ()
    """
    if len(text) > 2 * SAMPLE and not inspect(_sample(text)).places:
        return Naive(0.0, 0, ())
    rows = _rows(text)
    if not rows:
        return Naive(0.0, 0, ())
    columns = zip(*(row for _, row in rows), strict=True)
    seen = _look(*(units_of("\n".join(column)) for column in columns))
    fixed, odds, evidence = _fixed_answers(seen)
    probability = float(1 / (1 + np.exp(-odds)))
    fewest = max(FEWEST if len(text) >= SHORT else 1, MANY_TO_ONE * _told_apart(seen))
    if odds < ACCEPT or len({char for char, _ in fixed}) < fewest:
        return Naive(probability, evidence, ())
    if sum(char != form for char, form in fixed) >= FEW_OVER:
        # So much is over-converted that forms may be read back which Simplified text has, too.
        rows = _rows(text, everything=True)
        columns = zip(*(row for _, row in rows), strict=True)
        seen = _look(*(units_of("\n".join(column)) for column in columns))
        fixed, _, _ = _fixed_answers(seen)
    return Naive(probability, evidence, tuple(_places(seen, fixed, rows)))


def _sample(text: str) -> str:
    """Return lines from the beginning, the middle and the end of a long text."""
    third = SAMPLE // 3
    parts = []
    for start in (0, (len(text) - third) // 2, len(text) - third):
        begin = text.rfind("\n", 0, start) + 1 if start else 0
        parts.append(text[max(begin, start - third) : start + third])
    return "\n".join(parts)


@lru_cache(maxsize=1)
def _not_read_back() -> dict[int, str]:
    """Return a table of the forms that OpenCC leaves as they are on the way back: 它 for 牠.

    Forms that Simplified words use as well (像, 座) are not among them.
    """
    uses = Counter("".join(parse_dictionary(data_text("STPhrases.txt"), "STPhrases")))
    to_hans = parse_dictionary(data_text("TSCharacters.txt"), "TSCharacters")
    found: dict[int, set[str]] = {}
    for char, forms in parse_dictionary(data_text("STCharacters.txt"), "STCharacters").items():
        for form in forms:
            if form != char and to_hans.get(form, (form,))[0] == form:
                found.setdefault(ord(form), set()).add(char)
    return {
        form: chars.pop()
        for form, chars in found.items()
        if len(chars) == 1 and uses[chr(form)] < COMMON
    }


#: What a naive converter writes and OpenCC does not read back: 發生瞭 for 發生了.
_ONLY_NAIVE: dict[int, str] = str.maketrans(
    {"瞭": "了", "伕": "夫", "菓": "果", "拏": "拿", "荳": "豆", "隄": "堤", "瑯": "琅"}
)
#: Wrong only where much else is over-converted: the Cantonese "to be", which the context cannot
#: tell from a relation.
_NEVER_WRONG = "係"

_Row = tuple[int, tuple[str, str, str]]


def _rows(text: str, *, everything: bool = False) -> list[_Row]:
    """Return the lines that can be compared: start, the line, Simplified, and back again."""
    lines = text.split("\n")
    back = _ONLY_NAIVE
    if everything:
        # Only where the text never has the plain character: 俱 throughout, and no 具.
        table = _not_read_back()
        back = back | {form: char for form, char in table.items() if char not in text}
    simple = engine("t2s").convert(text).translate(back).split("\n")
    made = engine("s2t").convert("\n".join(simple)).split("\n")
    rows: list[_Row] = []
    start = 0
    for row in zip(lines, simple, made, strict=True):
        if row[0] and len({*map(len, row)}) == 1 and max(map(max, row)) <= LAST_PLAIN:
            rows.append((start, row))
        start += len(row[0]) + 1
    return rows


class _Seen(NamedTuple):
    """The ambiguous places of a text, a row a place."""

    at: NDArray[np.int64]
    simple: NDArray[np.uint16]
    stands: NDArray[np.uint16]
    best: NDArray[np.uint16]
    lead: NDArray[np.float32]
    variant: NDArray[np.bool_]


def _look(text: NDArray[np.uint16], simple: NDArray[np.uint16], made: NDArray[np.uint16]) -> _Seen:
    """Compare what stands in the text with what the context wants.

    `lead` is by how much the best form beats the one in the text or, if that is the best,
    the next one; it is 0 where the form in the text is unknown.
    """
    places = look("Hant", engine("s2t").chain[0], simple, made)
    score = scores("Hant", places)
    here = text[places.at]
    row = np.arange(len(score))
    best = score.argmax(axis=1)
    is_best = np.arange(score.shape[1]) == best[:, None]
    exactly = (places.forms == here[:, None]) & (places.forms > 0)
    roughly = (places.forms == _to_standard()[here][:, None]) & (places.forms > 0)
    is_here = np.where(exactly.any(axis=1)[:, None], exactly, roughly)
    stands = places.forms[row, is_here.argmax(axis=1)]
    right = (is_here & is_best).any(axis=1)
    rival = np.where(np.where(right[:, None], ~is_best, is_here), score, -np.inf)
    said = (places.forms == places.answer[:, None]).any(axis=1)
    known = is_here.any(axis=1) & said
    lead = np.where(known, score[row, best] - rival.max(axis=1), 0).astype(np.float32)
    wanted = places.forms[row, best]
    variant = _edition()[wanted] == _edition()[stands]
    # Left as it was, though OpenCC knows no such Traditional form: 并 for 並.
    unlisted = said & ~is_here.any(axis=1) & (here == simple[places.at])
    stands = np.where(unlisted, here, stands)
    lead[unlisted], variant[unlisted] = LEAD, True
    return _Seen(places.at, simple[places.at], stands, wanted, lead, variant)


@lru_cache(maxsize=1)
def _to_standard() -> NDArray[np.uint16]:
    """Return a table from the forms of Taiwan and Hong Kong to OpenCC's standard."""
    table = np.arange(65536, dtype=np.uint16)
    for name in ("HKVariantsRev.txt", "TWVariantsRev.txt"):
        for key, values in parse_dictionary(data_text(name), name).items():
            if len(key) == len(values[0]) == 1 and max(key, values[0]) <= LAST_PLAIN:
                table[ord(key)] = ord(values[0])
    return table


@lru_cache(maxsize=1)
def _to_taiwan() -> NDArray[np.uint16]:
    """Return a table from OpenCC's standard to the forms that readers expect: 裡, not 裏."""
    table = np.arange(65536, dtype=np.uint16)
    for key, values in parse_dictionary(data_text("TWVariants.txt"), "TWVariants").items():
        table[ord(key)] = ord(values[0])
    return table


@lru_cache(maxsize=1)
def _edition() -> NDArray[np.uint16]:
    table = np.arange(65536, dtype=np.uint16)
    for group in EDITION_VARIANTS.split():
        table[[ord(char) for char in group]] = ord(group[0])
    return table


def _fixed_answers(seen: _Seen) -> tuple[set[tuple[int, int]], float, int]:
    """Find the characters for which the text has one form throughout, against the context.

    Returns pairs of character and form, the log-odds that the text is naive, and how many
    places speak for it.
    """
    right = seen.best == seen.stands
    sure = seen.lead >= SURE
    wrong = sure & ~right & ~seen.variant & (seen.stands != ord(_NEVER_WRONG))
    odds, evidence = PRIOR, 0
    fixed: set[tuple[int, int]] = set()
    pairs = np.unique(np.stack([seen.simple[wrong], seen.stands[wrong]]), axis=1)
    for char, form in pairs.T.tolist():
        mine = seen.simple == char
        against = int((mine & sure & right & (seen.stands != form)).sum())
        leads = np.sort(seen.lead[mine & wrong & (seen.stands == form)])[::-1]
        gain = _gain(leads.tolist(), against)
        if gain > 0:
            fixed.add((char, form))
            evidence += len(leads)
            odds += gain
    return fixed, odds, evidence


def _told_apart(seen: _Seen) -> int:
    """Count the characters of which the text surely and rightly has more than one form."""
    right = (seen.best == seen.stands) & (seen.lead >= SURE)
    pairs = np.unique(np.stack([seen.simple[right], seen.stands[right]]), axis=1)
    _, forms = np.unique(pairs[0], return_counts=True)
    return int((forms > 1).sum())


def _gain(leads: list[float], against: int) -> float:
    """Return the log-likelihood ratio, naive against good, of one character's sure places."""
    count, against = min(len(leads), MOST_OF_ONE), min(against, MOST_OF_ONE)
    good = 1.0
    for lead in leads[:count]:
        good *= min(rate for least, rate in GOOD_DISAGREES if lead >= least)
    naive = (1 - NAIVE_AGREES) ** count * NAIVE_AGREES**against
    return float(np.log((NAIVE_SHARE * naive + (1 - NAIVE_SHARE) * good) / good))


def _places(seen: _Seen, fixed: set[tuple[int, int]], rows: list[_Row]) -> Iterator[Place]:
    """Yield the changes: forms that a fixed answer explains and the context does not want.

    A character without sure evidence of its own follows the document, unless the text also
    has its best form somewhere: then its author knew the difference.
    """
    right = seen.best == seen.stands
    # 才 and 吃 for OpenCC's 纔 and 喫 are what Taiwan and Hong Kong write.
    change = ~right & (seen.lead >= LEAD) & (_to_taiwan()[seen.best] != seen.stands)
    # Between variants only what the document's own kind of mistake explains is one.
    left = seen.stands == seen.simple
    some_left = any(char == form for char, form in fixed)
    over = sum(char != form for char, form in fixed)
    some_over = over > 0
    if over < FEW_OVER:
        change &= seen.stands != ord(_NEVER_WRONG)
    change &= ~seen.variant | left & some_left | ~left & some_over
    known = {
        (char, form)
        for char, form in zip(seen.simple[right].tolist(), seen.stands[right].tolist(), strict=True)
    }
    units = np.cumsum([0] + [len(row[0]) + 1 for _, row in rows])[:-1]
    for at, char, stands, best, lead in zip(
        *(column[change].tolist() for column in seen[:5]), strict=True
    ):
        knew = any((char, other) in known for other in _forms(char) if other != stands)
        if (char, stands) in fixed or not knew:
            row = int(np.searchsorted(units, at, "right")) - 1
            place = at - int(units[row]) + rows[row][0]
            kind = "left-simplified" if stands == char else "over-converted"
            yield Place(place, rows[row][1][0][at - int(units[row])], chr(best), kind, lead)


def _forms(char: int) -> list[int]:
    table = ambiguous("Hant")
    forms: list[int] = table.forms[table.row[char]].tolist()
    return [form for form in forms if form]


def put_right(text: str, found: Naive, *, standard: bool = False) -> str:
    """Make the changes that were found; with `standard` in OpenCC's forms, else in Taiwan's.

    >>> found = Naive(0.99, 1, (Place(1, "里", "裏", "left-simplified", 9.0),))
    >>> put_right("家里", found), put_right("家里", found, standard=True)
    ('家裡', '家裏')
    """
    forms = None if standard else _to_taiwan()
    parts = list(text)
    for place in found.places:
        parts[place.at] = place.after if forms is None else chr(forms[ord(place.after)])
    return "".join(parts)
