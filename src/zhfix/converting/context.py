"""Decides ambiguous characters by their neighbours, with the dictionary's answer as prior.

发 is 發 or 髮, 里 is 裏 or 里: OpenCC writes what its phrases say and otherwise the first
candidate. Here every such character gets a score for each candidate,

    score = Σ weight[hash(character, candidate, feature)]

which is 0 for the first candidate, over a handful of features: what the dictionary answered and
how long the phrase was that said so, what a phrase says that overlaps this one (国历 or 历代 in
中国历代), the characters on either side, and whether they look like a foreign name. The weights
were learned from Traditional text of several registers (`tools/build_context.py`) and are hashed
into a table of bytes. The dictionary is overruled only when another candidate wins by a margin.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.matcher import Matcher, Search, spread
from zhfix.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.locales import Script

__all__ = [
    "Ambiguous",
    "Decision",
    "Places",
    "Weights",
    "ambiguous",
    "decide",
    "decisions",
    "look",
    "look_at",
    "scores",
    "slots",
    "weigh",
    "weights",
]

#: The most candidates that are told apart; more are not in use for any character.
MOST = 4
#: The longest phrase that is told apart from longer ones.
LONGEST_PHRASE = 4
#: Weights are stored in steps of a sixteenth (of natural logarithms).
STEP = 1 / 16
#: There are 2 to the power of this many weights; most are 0.
BITS = 20
#: Added to the score of what the dictionary says, before any weight.
PRIOR = 1.0
#: By how much another candidate must win; below it, the dictionary stands.
MARGIN = 0.3

#: Characters that foreign names are spelled with: 埃里克 is Eric, not "inside".
_NAME_SOUNDS = (
    "阿埃艾安奥巴贝比博布查达德迪杜多尔恩法菲费弗福盖戈格哈海赫霍基吉加卡凯科克库拉莱兰朗劳勒雷"
    "里利丽莉列林隆卢鲁伦罗洛马玛迈曼梅蒙米莫姆穆纳娜尼涅诺帕佩皮普奇乔切萨塞桑沙舍什史斯苏索"
    "塔泰特提图托瓦威韦维温沃乌西希夏辛雅亚延耶伊因英尤约扎詹泽兹佐·"
)
#: Neighbours that say the same, and what stands for them.
_ALIKE = (
    ("0123456789０１２３４５６７８９", "十"),
    ("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "a"),
    ("“‘『\"'", "「"),
    ("”’』", "」"),
    ("([［【〔", "（"),
    (")]］】〕", "）"),
    *zip(",;:?!", "，；：？！", strict=True),
)
_ODD = np.uint32(0x9E3779B1)
LINE_FEED = 0x0A
_TABLES = {"Hant": ("STCharacters.txt", "hant"), "Hans": ("TSCharacters.txt", "hans")}


@dataclass(frozen=True)
class Ambiguous:
    """Characters with several forms in the other script, and these forms.

    `row` gives for each unit its row in `forms`, or -1; a row of `forms` ends in zeros.
    """

    row: NDArray[np.int16]
    forms: NDArray[np.uint16]


@dataclass(frozen=True)
class Weights:
    """The learned weights, one byte each, in units of `STEP`."""

    values: NDArray[np.int8]
    digest: str


@dataclass(frozen=True)
class Places:
    """Where a text has ambiguous characters, and all that a decision depends on."""

    at: NDArray[np.int64]
    forms: NDArray[np.uint16]
    answer: NDArray[np.uint16]
    hashed: NDArray[np.uint32]


@lru_cache(maxsize=2)
def ambiguous(script: Script) -> Ambiguous:
    """Return the characters with more than one form in a script, from OpenCC's table.

    >>> table = ambiguous("Hant")
    >>> [chr(form) for form in table.forms[table.row[ord("发")]] if form]
    ['發', '髮']
    """
    name = _TABLES[script][0]
    row = np.full(65536, -1, np.int16)
    forms: list[list[int]] = []
    for char, values in parse_dictionary(data_text(name), name).items():
        usable = [ord(v) for v in values if len(v) == 1 and ord(v) < 0xD800][:MOST]
        if len(usable) > 1 and len(char) == 1 and ord(char) < 0xD800:
            row[ord(char)] = len(forms)
            forms.append(usable + [0] * (MOST - len(usable)))
    return Ambiguous(row, np.array(forms, np.uint16))


@lru_cache(maxsize=2)
def weights(script: Script) -> Weights:
    """Load the weights of the decisions towards a script; raises `DataError` when damaged."""
    name = f"opencc-context-{_TABLES[script][1]}.bin"
    try:
        data = (resources.files("zhfix.data") / name).read_bytes()
    except FileNotFoundError as error:
        raise DataError("missing; install zhfix again", table=name) from error
    digest = hashlib.sha256(data[8:]).digest()[:8]
    if digest != data[:8]:
        raise DataError("its checksum differs; install zhfix again", table=name)
    return Weights(np.frombuffer(zlib.decompress(data[8:]), np.int8), digest.hex())


class Decision(NamedTuple):
    """One character that the neighbours decided against the dictionary.

    `at` counts code points; `lead` is in natural logarithms.
    """

    at: int
    char: str
    dictionary: str
    chosen: str
    lead: float


def decisions(text: str, script: Script) -> tuple[Decision, ...]:
    """Explain which characters context changes when a text is converted to a script.

    >>> [(one.char, one.dictionary, one.chosen) for one in decisions("范先生防范小偷", "Hant")]
    [('范', '範', '范')]

    Texts with characters beyond the BMP are explained line by line; a line whose length the
    dictionary changes has no decisions.
    """
    from zhfix.converting.engine import engine

    exact = engine("s2t" if script == "Hant" else "t2s")
    found: list[Decision] = []
    start = 0
    for line in text.split("\n"):
        made = exact.convert(line)
        if line and len(line) == len(made) and max(line + made) < "\U00010000":
            units = np.frombuffer(line.encode("utf-16-le", "surrogatepass"), np.uint16)
            written = np.frombuffer(made.encode("utf-16-le", "surrogatepass"), np.uint16)
            places = look(script, exact.chain[-1], units, written)
            best, lead = weigh(script, places)
            for number in np.flatnonzero(lead > MARGIN).tolist():
                at = int(places.at[number])
                found.append(
                    Decision(start + at, line[at], made[at], chr(best[number]), float(lead[number]))
                )
        start += len(line) + 1
    return tuple(found)


def decide(
    script: Script,
    matcher: Matcher,
    units: NDArray[np.uint16],
    written: NDArray[np.uint16],
    search: Search | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Return places, and the units that should stand there instead of what is written.

    `units` is the text to convert, `written` the same length, what `matcher` made of it, and
    `search` what it found there, if that is known already. No line looks at another.
    """
    places = look(script, matcher, units, written, search)
    best, lead = weigh(script, places)
    wins = lead > MARGIN
    return places.at[wins], best[wins]


def weigh(script: Script, places: Places) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Return for each place the best form, and by how much it beats the dictionary's answer.

    The lead is 0 where the dictionary's answer is the best, or is none of the forms: then a
    phrase knows more than the table of characters.
    """
    score = scores(script, places)
    said = places.forms == places.answer[:, None]
    row = np.arange(len(score))
    best = score.argmax(axis=1)
    dictionary = np.where(said, score, -np.inf).max(axis=1, initial=-np.inf)
    lead = np.where(said.any(axis=1), score[row, best] - dictionary, 0)
    best = np.where(said.any(axis=1), places.forms[row, best], places.answer)
    return best.astype(np.uint16), lead.astype(np.float32)


def scores(script: Script, places: Places) -> NDArray[np.float32]:
    """Return the score of each form at each place; minus infinity where there is no form."""
    table = weights(script).values
    score: NDArray[np.float32]
    score = np.full(places.forms.shape, -np.inf, np.float32)
    said = places.forms == places.answer[:, None]
    score[:, 0] = np.float32(PRIOR) * said[:, 0]
    for number in range(1, MOST):
        row = np.flatnonzero(places.forms[:, number])
        # All characters have two forms, few have more.
        hashed = places.hashed if number == 1 else places.hashed[row]
        total = table.take(_slots_of(hashed, number)).sum(axis=1, dtype=np.int32)
        score[row, number] = total * np.float32(STEP) + np.float32(PRIOR) * said[row, number]
    return score


def look(
    script: Script,
    matcher: Matcher,
    units: NDArray[np.uint16],
    written: NDArray[np.uint16],
    search: Search | None = None,
) -> Places:
    """Find the ambiguous characters of a text and the features of each."""
    search = search or matcher.search(units, shortest=2)
    return look_at(script, units, written, *_phrases(matcher, units, search))


def look_at(
    script: Script,
    units: NDArray[np.uint16],
    written: NDArray[np.uint16],
    covered: NDArray[np.uint8],
    other: NDArray[np.uint16],
) -> Places:
    """Do as `look` when it is known already how phrases lie on the text."""
    table = ambiguous(script)
    row = table.row.take(units)
    at = np.flatnonzero(row >= 0)
    hashed = _features(units, at, written[at], covered[at], other[at])
    return Places(at, table.forms[row[at]], written[at], hashed)


def _phrases(
    matcher: Matcher, units: NDArray[np.uint16], search: Search
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Say for each unit how long its phrase is, and what a phrase that lost to it would write."""
    found, visited = search
    lengths = matcher.lengths[found.entries]
    covered = np.ones(len(units), np.uint8)
    taken = lengths[visited]
    covered[spread(found.starts[visited], taken)] = np.repeat(
        np.minimum(taken, LONGEST_PHRASE), taken
    )
    other = np.zeros(len(units), np.uint16)
    starts, entries, lengths = found.starts[~visited], found.entries[~visited], lengths[~visited]
    places = spread(starts, lengths)
    other[places] = matcher.singles[units[places]]
    effective = matcher.is_effective(entries)
    row = matcher.arrays.entries[entries[effective] - matcher.arrays.longest - 1]
    even = row[:, 0] == row[:, 2]
    row, starts = row[even], starts[effective][even]
    other[spread(starts, row[:, 0])] = matcher.arrays.values[spread(row[:, 1], row[:, 0])]
    return covered, other


@lru_cache(maxsize=1)
def _alike() -> NDArray[np.uint32]:
    """Return a table of neighbours that count as one: 10余里 is 十余里, and marks have widths."""
    table = np.arange(65536, dtype=np.uint32)
    for members, one in _ALIKE:
        table[[ord(char) for char in members]] = ord(one)
    return table


@lru_cache(maxsize=1)
def _spells_names() -> NDArray[np.uint32]:
    table = np.zeros(65536, np.uint32)
    table[[ord(char) for char in _NAME_SOUNDS]] = 1
    return table


def _features(
    units: NDArray[np.uint16],
    at: NDArray[np.int64],
    answer: NDArray[np.uint16],
    covered: NDArray[np.uint8],
    other: NDArray[np.uint16],
) -> NDArray[np.uint32]:
    """Return the hashed features of places: one row a place, one column a feature.

    What lies beyond the line counts as line feeds, so that lines can be looked at together.
    """
    padded = np.full(len(units) + 6, LINE_FEED, np.uint16)
    padded[3:-3] = units
    alike = _alike()
    l3, l2, l1, r1, r2, r3 = (alike[padded[at + offset]] for offset in (0, 1, 2, 4, 5, 6))
    here = units[at].astype(np.uint32)
    for near, far in ((l1, l2), (l2, l3), (r1, r2), (r2, r3)):
        far[near == LINE_FEED] = LINE_FEED
    sound = _spells_names()
    before = sound[l1] * (1 + sound[l2] * (1 + sound[l3]))
    after = sound[r1] * (1 + sound[r2] * (1 + sound[r3]))
    name = before * 4 + after
    columns = (
        (covered.astype(np.uint32) << 16 | answer,),
        (answer.astype(np.uint32), other.astype(np.uint32)),
        (name,),
        (l1,),
        (r1,),
        (l2, l1),
        (r1, r2),
        (l1, r1),
    )
    table = np.empty((len(at), len(columns)), np.uint32)
    for number, column in enumerate(columns):
        mixed = here * np.uint32(0x85EBCA6B) + np.uint32(number * 0x27D4EB2F & 0xFFFFFFFF)
        for part in column:
            mixed ^= part
            mixed *= _ODD
            mixed ^= mixed >> np.uint32(15)
        table[:, number] = mixed
    return table


def slots(hashed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the places of weights: by place, candidate after the first, and feature."""
    return np.stack([_slots_of(hashed, number) for number in range(1, MOST)], axis=1)


def _slots_of(hashed: NDArray[np.uint32], number: int) -> NDArray[np.uint32]:
    """Return the places of the weights of one candidate: by place and feature."""
    mixed = hashed ^ np.uint32((number + 1) * 0xC2B2AE35 & 0xFFFFFFFF)
    mixed *= _ODD
    mixed >>= np.uint32(32 - BITS)
    return mixed
