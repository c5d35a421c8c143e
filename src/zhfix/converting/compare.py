"""Reads Traditional text back to Simplified, and compares it with what the context wants.

All on vectors of UTF-16 units, and line by line: lines that cannot be compared are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.converting.context import Ambiguous, ambiguous, look, scores
from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.engine import FIRST_OPERATOR, NEWLINE, engine
from zhfix.converting.matcher import Matches, Search

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAD", "Seen", "compare", "in_simplified", "telling", "to_standard", "to_taiwan"]

#: In a naive document, change a character where the best form leads by this much.
LEAD = 0.4
#: OpenCC's phrases have real Simplified characters 18 times and more, and stray ones up to 4.
COMMON = 10
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
    "吃喫 喂餵 虫蟲 娘孃 里哩 棱稜 塚冢 捆綑 泛氾 嘗嚐 閑閒 嫋裊 複覆"
)
#: What a naive converter writes and OpenCC does not read back: 發生瞭 for 發生了.
_ONLY_NAIVE = {"瞭": "了", "伕": "夫", "菓": "果", "拏": "拿", "荳": "豆", "隄": "堤", "瑯": "琅"}


class Seen(NamedTuple):
    """The ambiguous places of a text, a row a place.

    `at` counts code points of the text; `simple` is the Simplified character, `stands` the form
    in the text, `best` that of the context. `lead` is by how much the best form beats the one in
    the text or, if that is the best, the next one; it is 0 where the form in the text is unknown.
    """

    at: NDArray[np.int64]
    simple: NDArray[np.uint16]
    stands: NDArray[np.uint16]
    best: NDArray[np.uint16]
    lead: NDArray[np.float32]
    variant: NDArray[np.bool_]
    here: NDArray[np.uint16]

    def part(self, start: int, end: int) -> Seen:
        """Return the places from one number to before another."""
        return Seen._make(column[start:end] for column in self)


class _Lines(NamedTuple):
    """The lines that can be compared: the text, Simplified, back again, and where they stood."""

    text: NDArray[np.uint16]
    simple: NDArray[np.uint16]
    made: NDArray[np.uint16]
    search: Search
    at: NDArray[np.int64] | None


def compare(text: str, *, everything: bool = False, only_telling: bool = False) -> Seen:
    """Compare what stands in a text with what the context wants.

    >>> seen = compare("皇後")
    >>> [chr(column[0]) for column in (seen.simple, seen.stands, seen.best)]
    ['后', '後', '后']

    With `everything` also the forms are read back that Simplified text has, too, but not this one.
    With `only_telling` only characters count with forms that are not variants of one another.
    """
    lines = _read_back(text, everything=everything)
    table = telling() if only_telling else None
    places = look("Hant", engine("s2t").chain[0], lines.simple, lines.made, lines.search, table)
    score = scores("Hant", places)
    forms, here, simple = places.forms, lines.text[places.at], lines.simple[places.at]
    row = np.arange(len(score))
    best = score.argmax(axis=1)
    is_here = forms == here[:, None]
    roughly = (forms == to_standard().take(here)[:, None]) & (forms > 0)
    is_here |= roughly & ~np.logical_or.reduce(is_here.T)[:, None]
    number = is_here.argmax(axis=1)
    found = is_here[row, number]
    stands, wanted, highest = forms[row, number], forms[row, best], score[row, best]
    # What stands there is not its own rival.
    others = score.copy()
    others[row, best] = -np.inf
    right = found & (number == best)
    rival = np.where(right, np.maximum.reduce(others.T), score[row, number])
    said = np.logical_or.reduce((forms == places.answer[:, None]).T)
    lead = np.where(found & said, highest - rival, np.float32(0))
    edition = _edition()
    variant = edition[wanted] == edition[stands]
    # Left as it was, though OpenCC knows no such Traditional form: 并 for 並.
    unlisted = (said & ~found & (here == simple)).nonzero()[0]
    stands[unlisted] = here[unlisted]
    lead[unlisted], variant[unlisted] = LEAD, True
    at = places.at if lines.at is None else lines.at[places.at]
    return Seen(at, simple, stands, wanted, lead, variant, here)


@lru_cache(maxsize=1)
def telling() -> Ambiguous:
    """Return the characters with forms of which one may be a mistake and no other edition's."""
    row, forms = ambiguous("Hant").row.copy(), ambiguous("Hant").forms
    edition = _edition()[forms]
    same = ((edition == edition[:, :1]) | (forms == 0)).all(axis=1)
    row[(row >= 0) & same[row]] = -1
    return Ambiguous(row, forms)


def _read_back(text: str, *, everything: bool) -> _Lines:
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    at: NDArray[np.int64] | None = None
    # Characters in two units, and descriptions (⿰…), which the engine leaves alone.
    odd = ((units & 0xF800) == 0xD800) | (units - np.uint16(FIRST_OPERATOR) < 16)
    if np.count_nonzero(odd):
        low = (units & 0xFC00) == 0xDC00
        at = np.arange(len(units)) - np.cumsum(low)
        numbers = _line_numbers(units)
        keep = np.bincount(numbers[odd], minlength=len(units))[numbers] == 0
        units, at = units[keep], at[keep]
    back = _back()
    if everything:
        # Only where the text never has the plain character: 俱 throughout, and no 具.
        back = back.copy()
        for form, char in _not_read_back().items():
            if char not in text:
                back[form] = ord(char)
    simple = back.take(engine("t2s").convert_units(units))
    made, search = engine("s2t").convert_searched(simple)
    feeds = [one == NEWLINE for one in (units, simple, made)]
    if len(units) == len(simple) == len(made) and not np.count_nonzero(
        (feeds[0] ^ feeds[1]) | (feeds[0] ^ feeds[2])
    ):
        return _Lines(units, simple, made, search, at)
    sizes = [np.diff(np.append(np.flatnonzero(feed), len(feed)), prepend=-1) for feed in feeds]
    same = (sizes[0] == sizes[1]) & (sizes[0] == sizes[2])
    keep, kept, made_kept = (same[_line_numbers(one)] for one in (units, simple, made))
    at = np.arange(len(units)) if at is None else at
    return _Lines(units[keep], simple[kept], made[made_kept], _part(search, kept), at[keep])


def _part(search: Search, kept: NDArray[np.bool_]) -> Search:
    """Return what was found on those units that are kept: whole lines, which nothing goes over."""
    starts, entries = search.found
    here = kept[starts].nonzero()[0]
    places = kept.cumsum() - 1
    return Search(Matches(places[starts[here]], entries[here]), search.visited[here])


def _line_numbers(units: NDArray[np.uint16]) -> NDArray[np.intp]:
    """Return for each unit the number of its line; a line feed ends its line."""
    numbers: NDArray[np.intp] = np.zeros(len(units), np.intp)
    np.cumsum(units[:-1] == NEWLINE, out=numbers[1:])
    return numbers


@lru_cache(maxsize=1)
def _back() -> NDArray[np.uint16]:
    table = np.arange(65536, dtype=np.uint16)
    for form, char in _ONLY_NAIVE.items():
        table[ord(form)] = ord(char)
    return table


@lru_cache(maxsize=1)
def _not_read_back() -> dict[int, str]:
    """Return a table of the forms that OpenCC leaves as they are on the way back: 它 for 牠."""
    return {form: char for form, char in _read_otherwise(same=True).items() if _is_rare(form)}


@lru_cache(maxsize=1)
def in_simplified() -> dict[int, str]:
    """Return forms that Simplified text has as well, or a form of, with the character: 像 of 象.

    >>> in_simplified()[ord("像")], in_simplified()[ord("讎")]
    ('象', '仇')
    """
    same = {form: char for form, char in _read_otherwise(same=True).items() if not _is_rare(form)}
    return same | _read_otherwise(same=False)


def _is_rare(form: int) -> bool:
    """Whether Simplified words hardly have this character."""
    return _uses()[chr(form)] < COMMON


@lru_cache(maxsize=1)
def _uses() -> Counter[str]:
    # A dictionary of all phrases would take 15 MB.
    return Counter(re.sub(r"(?m)^#.*|\t.*", "", data_text("STPhrases.txt")))


def _read_otherwise(*, same: bool) -> dict[int, str]:
    """Return the forms of one character that are read back as themselves, or as a third."""
    to_hans = parse_dictionary(data_text("TSCharacters.txt"), "TSCharacters")
    found: dict[int, set[str]] = {}
    for char, forms in parse_dictionary(data_text("STCharacters.txt"), "STCharacters").items():
        for form in forms if char <= LAST_PLAIN else ():
            read = to_hans.get(form, (form,))[0]
            if char not in {form, read} and (read == form) is same and form <= LAST_PLAIN:
                found.setdefault(ord(form), set()).add(char)
    return {form: chars.pop() for form, chars in found.items() if len(chars) == 1}


@lru_cache(maxsize=1)
def to_standard() -> NDArray[np.uint16]:
    """Return a table from the forms of Taiwan and Hong Kong to OpenCC's standard.

    >>> chr(to_standard()[ord("裡")])
    '裏'
    """
    table = np.arange(65536, dtype=np.uint16)
    for name in ("HKVariantsRev.txt", "TWVariantsRev.txt"):
        for key, values in parse_dictionary(data_text(name), name).items():
            if len(key) == len(values[0]) == 1 and max(key, values[0]) <= LAST_PLAIN:
                table[ord(key)] = ord(values[0])
    return table


@lru_cache(maxsize=1)
def to_taiwan() -> NDArray[np.uint16]:
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
