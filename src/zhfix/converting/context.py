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

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.converting.characters import MOST, characters
from zhfix.converting.matcher import Matcher, Search, spread
from zhfix.errors import DataError
from zhfix.packaged import arrays

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
    known = characters()
    if script == "Hant":
        return Ambiguous(known.hant_row, known.hant_forms)
    return Ambiguous(known.hans_row, known.hans_forms)


@lru_cache(maxsize=2)
def weights(script: Script) -> Weights:
    """Map the weights of the decisions towards a script; raises `DataError` when not whole."""
    name = f"opencc-context-{script.lower()}.bin"
    try:
        return Weights(**arrays(name))
    except OSError as error:
        raise DataError("missing; install zhfix again", table=name) from error


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
    score = scores(script, places)
    wins = (_lead(score, places) > MARGIN).nonzero()[0]
    best = score[wins].argmax(axis=1)
    return places.at[wins], places.forms[wins, best]


def weigh(script: Script, places: Places) -> tuple[NDArray[np.uint16], NDArray[np.float32]]:
    """Return for each place the best form, and by how much it beats the dictionary's answer.

    The lead is 0 where the dictionary's answer is the best, or is none of the forms: then a
    phrase knows more than the table of characters.
    """
    score = scores(script, places)
    best = places.forms[np.arange(len(score)), score.argmax(axis=1)]
    said = (places.forms == places.answer[:, None]).any(axis=1)
    return np.where(said, best, places.answer), _lead(score, places)


def _lead(score: NDArray[np.float32], places: Places) -> NDArray[np.float32]:
    said = places.forms == places.answer[:, None]
    dictionary = np.maximum.reduce(np.where(said, score, -np.inf).T)
    lead: NDArray[np.float32] = np.maximum.reduce(score.T) - dictionary
    lead[dictionary == -np.inf] = 0
    return lead


def scores(script: Script, places: Places) -> NDArray[np.float32]:
    """Return the score of each form at each place; minus infinity where there is no form."""
    table = weights(script).values
    # By form, feature, place: what is summed or compared are rows, which vectors do best.
    score = np.full((MOST, len(places.at)), -np.inf, np.float32)
    prior = np.float32(PRIOR) * (places.forms == places.answer[:, None]).T
    score[0] = prior[0]
    # All characters have two forms, and few have more.
    score[1] = _weight(table, places.hashed.T, 1)
    score[1] += prior[1]
    for number in range(2, MOST):
        row = places.forms[:, number].nonzero()[0]
        if len(row):
            score[number, row] = (
                _weight(table, places.hashed.T[:, row], number) + prior[number, row]
            )
    return score.T


def _weight(
    table: NDArray[np.int8], hashed: NDArray[np.uint32], number: int
) -> NDArray[np.float32]:
    """Return the weight of a candidate at each place; `hashed` has a row for each feature."""
    total: NDArray[np.int32]
    total = np.add.reduce(table.take(_slots_of(hashed, number)), axis=0, dtype=np.int32)
    return total * np.float32(STEP)


def look(  # noqa: PLR0913, PLR0917 -- what is known already need not be found again
    script: Script,
    matcher: Matcher,
    units: NDArray[np.uint16],
    written: NDArray[np.uint16],
    search: Search | None = None,
    table: Ambiguous | None = None,
) -> Places:
    """Find the ambiguous characters of a text, or those in `table`, and the features of each."""
    search = search or matcher.search(units, shortest=2)
    return look_at(script, units, written, *_phrases(matcher, units, search), table)


def look_at(  # noqa: PLR0913, PLR0917 -- as above
    script: Script,
    units: NDArray[np.uint16],
    written: NDArray[np.uint16],
    covered: NDArray[np.uint8],
    other: NDArray[np.uint16],
    table: Ambiguous | None = None,
) -> Places:
    """Do as `look` when it is known already how phrases lie on the text."""
    table = table or ambiguous(script)
    row = table.row.take(units)
    at = (row >= 0).nonzero()[0]
    answer = written[at]
    hashed = _features(units, at, answer, covered[at], other[at])
    return Places(at, table.forms.T[:, row[at]].T, answer, hashed)


def _phrases(
    matcher: Matcher, units: NDArray[np.uint16], search: Search
) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Say for each unit how long its phrase is, and what a phrase that lost to it would write."""
    found, visited = search
    lengths = matcher.lengths[found.entries]
    covered = np.ones(len(units), np.uint8)
    won = visited.nonzero()[0]
    taken = lengths[won]
    length = np.minimum(taken, LONGEST_PHRASE).astype(np.uint8)
    covered[spread(found.starts[won], taken)] = length.repeat(taken)
    other = np.zeros(len(units), np.uint16)
    lost = (~visited).nonzero()[0]
    starts, entries, lengths = found.starts[lost], found.entries[lost], lengths[lost]
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
    # The nearest neighbours on both sides, then those behind them, and behind these.
    around = _alike().take(padded.take(at + _AROUND))
    near, far, farther = around[:2], around[2:4], around[4:]
    far[near == LINE_FEED] = LINE_FEED
    farther[far == LINE_FEED] = LINE_FEED
    sound = _spells_names().take(around)
    before, after = sound[:2] * (1 + sound[2:4] * (1 + sound[4:]))
    (l1, r1), (l2, r2) = near, far
    # One row a feature; those of two parts come last.
    mixed = units[at] * np.uint32(0x85EBCA6B) + _SALTS
    mixed[0] ^= covered.astype(np.uint32) << 16 | answer
    mixed[1] ^= before * 4 + after
    mixed[2] ^= l1
    mixed[3] ^= r1
    mixed[4] ^= answer
    mixed[5] ^= l2
    mixed[6] ^= r1
    mixed[7] ^= l1
    _stir(mixed)
    pairs = mixed[4:]
    pairs[0] ^= other
    pairs[1] ^= l1
    pairs[2] ^= r2
    pairs[3] ^= r1
    _stir(pairs)
    return mixed.T


#: Where these neighbours stand, when three line feeds stand before the text.
_AROUND = np.array([[2], [4], [1], [5], [0], [6]])
#: What tells the features apart, in the order in which they were numbered when learned.
_SALTS = np.array([[n * 0x27D4EB2F & 0xFFFFFFFF] for n in (0, 2, 3, 4, 1, 5, 6, 7)], np.uint32)


def _stir(mixed: NDArray[np.uint32]) -> None:
    mixed *= _ODD
    mixed ^= mixed >> np.uint32(15)


def slots(hashed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the places of weights: by place, candidate after the first, and feature."""
    return np.stack([_slots_of(hashed, number) for number in range(1, MOST)], axis=1)


def _slots_of(hashed: NDArray[np.uint32], number: int) -> NDArray[np.uint32]:
    """Return the places of the weights of one candidate: by place and feature."""
    mixed = hashed ^ np.uint32((number + 1) * 0xC2B2AE35 & 0xFFFFFFFF)
    mixed *= _ODD
    mixed >>= np.uint32(32 - BITS)
    return mixed
