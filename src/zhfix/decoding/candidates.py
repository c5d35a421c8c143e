"""The encodings that are tried, and how well each explains a sample."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding import letters
from zhfix.decoding.faults import REPLACEMENT
from zhfix.decoding.labels import normalized
from zhfix.decoding.quick import quick
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


__all__ = [
    "CHINESE",
    "DECLARED",
    "EAST_ASIAN",
    "FAULT",
    "PRIORS",
    "SHIFT",
    "SHIFTED",
    "TONED",
    "UTF_16",
    "Reading",
    "candidate",
    "cheapest",
    "confidence",
    "costs",
    "other_readings",
    "readings",
]

FAULT = -14.0
"""What a fault adds to the score: as unlikely as an unseen character."""

#: How common an encoding is among bytes that are not valid UTF-8, as log-odds against GBK.
PRIORS = {
    "gb18030": 0.0,
    "big5": -0.5,
    "utf-8": 0.0,
    "euc-tw": -9.0,
    "shift_jis": -3.0,
    "euc-jp": -3.0,
    "euc-kr": -3.0,
    "johab": -9.0,
    "utf-16le": -5.0,
    "utf-16be": -7.0,
}
DECLARED = 3.0
"""What a declaration is worth, in nats: it decides between equals."""
SAME = {"gbk": "gb18030"}
"""Labels that one decoder serves, by the name under which it is a candidate."""
SLOPE = 0.8
"""How fast the probability of being right grows with the margin: fitted on 6,000 strings of 1
to 12 characters of held-out text (right at a margin of 1.5: 76 %, 2.5: 89 %, 5: 98 %)."""
CHINESE = ("gb18030", "big5", "euc-tw")
EAST_ASIAN = tuple(name for name in PRIORS if not name.startswith("utf-16"))
UTF_16 = ("utf-16le", "utf-16be")
FOREIGN = -1.5
"""The log-odds of any single-byte encoding here, where bytes are brought that may be Chinese."""
SHIFTED = ("gb18030", "big5")
"""Encodings that are read from the second byte on as well: the first may be half a character."""
SHIFT = 16.0
"""What having lost a byte at the beginning costs, in nats."""

#: A symbol of the model may stand for thousands of characters that it never saw (rare Han,
#: rare Hangul, …). Following each other they are cheap as a kind; as characters they cost at
#: least the choice among so many, and this. Without it a wrong reading that is all rare wins.
CROWD = 300
CROWD_COST = 1.5
#: No character of a basic set costs more than the choice among the set, and this.
BASIC = {"gb2312": range(0xB0, 0xF8), "euc_jp": range(0xB0, 0xF5), "euc_kr": range(0xB0, 0xC9)}
BASIC_COST = 2.0
#: Pinyin letters that GB 2312 has, in a word of ASCII letters or opening a bracket: 網(wǎng).
#: They cost the choice among them, and this; a few of them are most of all.
TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüêɑńňǹḿ"
TONED_COST = 1.0
#: Two U+FFFD of UTF-8, read again: 锟斤拷, 占쏙옙, 嚙踝蕭. Two of these in a row, whole or cut, say
#: nothing of the encoding that they stand in, so the commonest has them: GBK.
_REPLACED = REPLACEMENT.encode() * 2
_REPLACED_IN = ("gbk", "big5hkscs", "cp949", "euc_jp")
#: What `_Kinds.of` tells of a character, in bits; the lower ones say which limit it has.
_VOWEL = np.uint8(8)
_CYCLE = np.array([16, 32, 64], np.uint8)
_CROWDED = np.uint8(128)


class Reading(NamedTuple):
    """A sample read in one encoding; `score` is log P with prior and faults."""

    encoding: str
    text: str
    """What was read; empty for single-byte encodings, which are judged by bytes."""
    score: float
    cost: float
    """Nats for each character beyond ASCII; faults count as characters."""

    @property
    def faulty(self) -> bool:
        """Whether some bytes meant nothing."""
        return REPLACEMENT in self.text


def readings(data: bytes, encodings: Sequence[str], declared: str | None = None) -> list[Reading]:
    """Read a sample in each encoding, the likeliest first; `declared` is a weak prior.

    >>> [reading.encoding for reading in readings("中文".encode("gbk"), EAST_ASIAN)][0]
    'gb18030'
    """
    said = candidate(declared)
    found = judged([(name, quick(name, data)) for name in encodings], said)
    return sorted(found, key=lambda reading: -reading.score)


def judged(
    texts: Sequence[tuple[str, str]], said: str | None = None, fault: float = FAULT
) -> list[Reading]:
    """Score what encodings made of a sample, given as (encoding, text); U+FFFD is a fault.

    >>> right, wrong = judged([("gb18030", "中文"), ("gb18030", "涓枃")])
    >>> right.score > wrong.score
    True
    """
    found = []
    for (name, text), (shared, own, count) in zip(
        texts, _scores([text for _, text in texts]), strict=True
    ):
        own += fault * text.count(REPLACEMENT)  # noqa: PLW2901
        score = shared + own + PRIORS[name] + DECLARED * (name == said)
        found.append(Reading(name, text, score, -own / max(count, 1)))
    return found


def _scores(texts: Sequence[str]) -> list[tuple[float, float, int]]:
    """Return log P of the pairs of ASCII characters, of all others, and how many are not ASCII.

    All texts are scored in one pass: a few vector operations cost more than a short text.
    """
    points = code_points("\n" + "\n".join(texts) + "\n")
    starts = np.zeros(len(texts), np.intp)
    np.cumsum([len(text) + 1 for text in texts[:-1]], out=starts[1:])
    beyond = points >= 0x80
    steps = costs(points).astype(np.float64)
    every = np.add.reduceat(steps, starts)
    steps[~(beyond[:-1] | beyond[1:])] = 0.0
    own = np.add.reduceat(steps, starts)
    count = np.add.reduceat(beyond[1:], starts, dtype=np.intp)
    return list(zip((own - every).tolist(), (-own).tolist(), count.tolist(), strict=True))


def other_readings(data: bytes, declared: str | None = None) -> list[Reading]:
    """Read a sample in each single-byte encoding, on the same scale.

    >>> other_readings("Привет, мир!".encode("koi8-r"))[0].encoding
    'koi8-r'
    """
    shared, _, count = _scores([data.decode("latin-1")])[0]
    said = candidate(declared)
    found = [
        Reading(name, "", shared + own + FOREIGN + DECLARED * (name == said), -own / max(count, 1))
        for name, own in letters.scores(data).items()
    ]
    return sorted(found, key=lambda reading: -reading.score)


def candidate(declared: str | None) -> str | None:
    """Return the candidate that a declaration names, if any."""
    name = normalized(declared) if declared else None
    return SAME.get(name, name) if name else None


@cache
def _floor() -> NDArray[np.float32]:
    """Return the least cost of a character by symbol."""
    model = LanguageModel.load()
    sizes = np.bincount(model.symbols, minlength=model.size)
    crowded = np.log(np.maximum(sizes, 1)) + CROWD_COST
    return np.where(sizes > CROWD, crowded, 0.0).astype(np.float32)


def cheapest(points: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the least that characters cost after others with which the model has no pair."""
    return _cheapest().take(points)


@cache
def _cheapest() -> NDArray[np.float32]:
    model, known = LanguageModel.load(), _kinds()
    return np.minimum(-model.singles[model.symbols], known.limits[known.of])


def costs(points: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return -log P of each character but the first; shape (len(points) - 1,)."""
    price = LanguageModel.load().walk(points)
    if not len(price):
        return price
    known = _kinds()
    kinds = known.of.take(points)
    special = (kinds >= _VOWEL).nonzero()[0]
    which = kinds.take(special)
    crowded = special[which >= _CROWDED]
    if crowded.size:
        _crowd(price, points, crowded)
    np.minimum(price, known.limits.take(kinds[1:]), out=price)
    if special.size:
        _pinyin(price, points, special[which & _VOWEL > 0])
        _replaced(price, kinds, special[which & _CYCLE.sum(dtype=np.uint8) > 0])
    return price


def _crowd(price: NDArray[np.float32], points: NDArray[np.uint32], at: NDArray[np.intp]) -> None:
    """Raise the price, in place, of what is cheap only as a kind."""
    at = at[at > 0]
    least = _floor().take(LanguageModel.load().symbols.take(points.take(at)))
    price[at - 1] = np.maximum(price.take(at - 1), least)


def _pinyin(price: NDArray[np.float32], points: NDArray[np.uint32], at: NDArray[np.intp]) -> None:
    """Lower the price, in place, of pinyin letters in a word or after a bracket."""
    at = at[at > 0]
    if not at.size:
        return
    before = points.take(at - 1) | 0x20
    in_word = ((before >= 0x61) & (before <= 0x7A)) | (before == ord("("))
    toned = at[in_word] - 1
    price[toned] = np.minimum(price.take(toned), np.float32(np.log(len(TONED)) + TONED_COST))


def _replaced(price: NDArray[np.float32], kinds: NDArray[np.uint8], at: NDArray[np.intp]) -> None:
    """Make U+FFFD that was read again free of charge, in place."""
    # Each alone is a common character: 斤, 占.
    at = at[:-1][at[1:] - at[:-1] == 1]
    if not at.size:
        return
    for one, two in pairwise((*_CYCLE, _CYCLE[0])):
        found = at[(kinds.take(at) & one > 0) & (kinds.take(at + 1) & two > 0)]
        price[found] = price[np.maximum(found - 1, 0)] = 0.0


class _Kinds(NamedTuple):
    """What there is to know of characters beside the model; small, so it stays in the cache."""

    of: NDArray[np.uint8]
    """By code point, in bits."""
    limits: NDArray[np.float32]
    """The most that a character costs, by these bits."""


@cache
def _kinds() -> _Kinds:
    of = np.zeros(0x110000, np.uint8)
    limits = np.full(int(_VOWEL), np.inf, np.float32)
    # The smaller a set, the lower its limit: the last one that has a character decides.
    for number, (name, rows) in enumerate(BASIC.items(), 1):
        pairs = b"".join(bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
        points = code_points(pairs.decode(name, "ignore"))
        of[points] = number
        limits[number] = np.log(len(points)) + BASIC_COST
    # Faults have their own price.
    of[ord(REPLACEMENT)] = len(BASIC) + 1
    limits[len(BASIC) + 1] = BASIC_COST
    of[_floor()[LanguageModel.load().symbols] > 0] |= _CROWDED
    of[code_points(TONED)] |= _VOWEL
    for name in _REPLACED_IN:
        of[code_points(_REPLACED.decode(name))] |= _CYCLE
    return _Kinds(of, np.resize(limits, 256))


def confidence(margin: float) -> float:
    """Turn the margin over the runner-up, in nats, into a probability.

    >>> 0.5 < confidence(1.0) < confidence(10.0) < 1.0
    True
    """
    return 1.0 / (1.0 + math.exp(-SLOPE * min(margin, 40.0)))
