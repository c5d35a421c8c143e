"""Undo one wrong decode inside a stretch of text: candidates, borders, gain, proof.

A stretch is turned back into bytes by the wrong decoder's tables and read as the true encoding.
The two texts share *sync points*: offsets that are a border of characters in both. Between two
sync points either text may stand, so the best damaged run is the best pair of points, and the
language model prices every pair exactly with a handful of array operations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.patterns import lazy
from zhfix.repairing.codecs import (
    NONE,
    READINGS,
    TRUE_ENCODINGS,
    decode_true,
    encode_true,
    reading,
    to_bytes,
)
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["PAIRS", "Pair", "Repair", "readable", "reading_costs", "undo"]

#: What a byte costs that the true encoding cannot read, in nats: more than any character.
BAD_BYTE = 90.0
#: A byte-order mark in the middle of a text was a border between files, and costs as one.
BOM = "\ufeff"
BOM_COST = 2.0
#: A doubled character (谆谆, 欸欸欸) costs no more than this the second time, however rare.
DOUBLED = 4.0
#: Two marks in good text (°C, ±z) can look like one character of a double-byte encoding.
LEAST = 2
#: Damage seldom begins or ends inside a word: a border that no ASCII or punctuation marks must
#: be better by this much than another place for it. It does not count against the repair.
SWITCH = 7.0
#: Share of U+FFFD above which nothing is restored: such text stays as it is, as 锟斤拷 does.
MOST_REPLACED = 0.2
#: What comes out of a double-byte encoding must read like Chinese: cost per character, and what
#: short strings may cost beyond that. Good text lies at 4 to 6.5, a wrong reading at 9 to 12.
READABLE = 7.5
READABLE_SHORT = 12.0
#: Names and headlines cost more; where the gain is this large, so may what comes out.
GREAT_GAIN = 40.0
READABLE_NAMES = 8.5
#: Clean text beside damage is seldom well-formed UTF-8 by chance: each character of several bytes
#: speaks for belonging to the run. It moves borders and does not count against the margin.
WELL_FORMED = 3.0
#: What else speaks for a character that is no Chinese: the letters and signs that a code page of
#: single bytes made of another layer are costlier than the Chinese that UTF-8 then made of them.
LAYER_BELOW = 6.0
EAST = 0x2E80
#: A run that is so well-formed is worth a look below it, even when it gains nothing by itself: two
#: layers of damage often cost the same.
TENTATIVE = 12.0
#: Inside a repaired run, a part that gets worse by this much, borders included, was not damaged.
WORSE = 2.0
#: Characters of a run that the wrong decoder makes of more than one byte sequence, and that are
#: tried the other way; Shift-JIS has 396 of them.
MOST_FLIPS = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """A true encoding and the decoder that was used instead.

    >>> str(Pair("utf-8", "gbk"))
    'utf-8-read-as-gbk'
    """

    true: str
    wrong: str

    def __str__(self) -> str:
        """Return the last part of the rule id."""
        return f"{self.true}-read-as-{self.wrong}"

    def forwards(self, text: str) -> str | None:
        """Run the damage: encode truly, read wrongly; None where it would lose something.

        >>> Pair("utf-8", "gbk").forwards("文件")
        '鏂囦欢'
        """
        data = encode_true(text, self.true)
        return None if data is None else reading(self.wrong).decode(data)


@cache
def pairs() -> tuple[Pair, ...]:
    """Every pair that is repaired: all but an encoding read as itself.

    >>> len(pairs()) > 30
    True
    """
    return tuple(
        Pair(true, wrong) for wrong in READINGS for true in TRUE_ENCODINGS if true != wrong
    )


#: Up to so many suspicious places, bytes that can be UTF-8 are looked for around each of them:
#: within so many characters.
FEW_HITS = 12
BESIDE = 4
SPACE = 0x20
_TWO = rb"[\xc2-\xdf][\x80-\xbf]"
_MORE = rb"(?:[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
#: Sequences of UTF-8 as damage has them: several in a row, or one beside ASCII. Single ones stand
#: in the bytes of any Chinese text.
_SEQUENCES = lazy(
    rb"%(more)s(?:%(two)s|%(more)s)|%(two)s%(more)s|(?:%(two)s){3}"
    rb"|(?:%(two)s|%(more)s)(?=[\x00-\x7f])|(?<=[\x00-\x7f])(?:%(two)s|%(more)s)"
    % {b"two": _TWO, b"more": _MORE}
)

PAIRS = pairs()


class Repair(NamedTuple):
    """A run of text and what it was before it was read wrongly.

    `start` and `end` count code points of the text that was searched; `gain` is the rise in
    log-likelihood in nats; `alone` says that no character beyond ASCII touches the run. A
    `tentative` one is only the way to what may lie below it.
    """

    start: int
    end: int
    after: str
    gain: float
    alone: bool = True
    tentative: bool = False


def undo(
    text: str,
    pair: Pair,
    *,
    margin: float,
    costs: NDArray[np.float32],
    hits: NDArray[np.intp] | None = None,
) -> list[Repair]:
    """Find the runs of a line that are likelier when `pair` is undone, by more than `margin`.

    >>> line = "打开鏂囦欢失败"
    >>> found = undo(line, Pair("utf-8", "gbk"), margin=16, costs=reading_costs(line))
    >>> [(r.start, r.end, r.after) for r in found]
    [(2, 5, '文件')]

    `costs` are those of the text, as `reading_costs` returns them; only runs that hold one of
    the positions `hits` are looked at.
    """
    codes, runs = _readable(text, pair.wrong)
    found: list[Repair] = []
    for start, end in runs:
        if hits is None or _worth_it(text, codes, pair, hits[(hits >= start) & (hits < end)]):
            # A run sees only itself and its neighbours: work stays linear in the text.
            beside = (text[start - 1] if start else "\n", text[end] if end < len(text) else "\n")
            run = _Run(text[start:end], codes[start:end], pair, costs[start : end + 1], beside)
            found += (
                repair._replace(start=repair.start + start, end=repair.end + start)
                for repair in _undo_run(run, margin)
            )
    return found


@lru_cache(maxsize=len(READINGS))
def _readable(text: str, wrong: str) -> tuple[NDArray[np.uint32], list[tuple[int, int]]]:
    """Return the codes of a text in the wrong encoding, and the runs that it can have produced."""
    codes = reading(wrong).encode(text)
    codes[code_points(text) == 0x0A] = NONE  # each line is judged by itself
    codes.flags.writeable = False
    return codes, list(_runs(codes))


def _worth_it(text: str, codes: NDArray[np.uint32], pair: Pair, hits: NDArray[np.intp]) -> bool:
    """Whether any of these places can be the true encoding: UTF-8 shows in the bytes there."""
    if pair.true != "utf-8" or not 0 < len(hits) <= FEW_HITS:
        return len(hits) > 0
    others = reading(pair.wrong).others
    for near in np.split(hits, np.flatnonzero(np.diff(hits) > 2 * BESIDE) + 1):
        low, high = max(0, int(near[0]) - BESIDE), int(near[-1]) + BESIDE + 1
        # What the wrong decoder cannot have made ends a run as ASCII does.
        here = codes[low:high]
        here = np.where(here == NONE, SPACE, here)
        data = (b"" if low else b" ") + to_bytes(here) + (b"" if high < len(codes) else b" ")
        # The bytes of the places themselves, in those from `low` on.
        widths = 1 + (here > 0xFF)
        last = np.cumsum(widths)[near - low] + (not low)
        first = last - widths[near - low]
        if any(((first < m.end()) & (m.start() < last)).any() for m in _SEQUENCES.finditer(data)):
            return True
        if others and any(ord(char) in others for char in text[low:high]):
            return True
    return False


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """A stretch of a text that the wrong decoder can have produced."""

    text: str
    codes: NDArray[np.uint32]
    pair: Pair
    costs: NDArray[np.float32]
    beside: tuple[str, str]


def reading_costs(text: str, *, before: str = "", after: str = "") -> NDArray[np.float32]:
    """Return what each character of a text costs where damage is weighed against it.

    >>> rare, again, _ = reading_costs("詻詻")
    >>> bool(rare > 2 * again)
    True

    As `LanguageModel.costs`, but a character that repeats the one before it is cheap.
    """
    costs = LanguageModel.load().costs(text, before=before, after=after)
    points = code_points(text)
    doubled = np.flatnonzero(points[1:] == points[:-1]) + 1
    costs[doubled] = np.minimum(costs[doubled], DOUBLED)
    return costs


def _runs(codes: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Yield the stretches that the wrong decoder can have produced, with enough beyond ASCII."""
    valid = np.concatenate(([False], codes != NONE, [False]))
    edges = np.flatnonzero(valid[1:] != valid[:-1])
    high = np.concatenate(([0], np.cumsum((codes > 0x7F) & (codes != NONE))))
    for start, end in edges.reshape(-1, 2).tolist():
        if high[end] - high[start] > 1:
            yield start, end


def _undo_run(run: _Run, margin: float) -> list[Repair]:
    best = _shifted(run, margin)
    others = reading(run.pair.wrong).others
    if not others:
        return best
    flips = [
        (index, code)
        for index in range(len(run.text))
        for code in others.get(ord(run.text[index]), ())
    ]
    for index, code in flips[:MOST_FLIPS]:
        codes = run.codes.copy()
        codes[index] = code
        other = replace(run, codes=codes)
        found = _shifted(other, margin)
        if _total(found) > _total(best):
            best, run = found, other
    return best


def _total(repairs: list[Repair]) -> float:
    return sum(repair.gain for repair in repairs)


def _shifted(run: _Run, margin: float) -> list[Repair]:
    best: list[Repair] = []
    # A legitimate character before the damage can put pairs of bytes out of step.
    shifts = (0, 1) if run.pair.true != "utf-8" and not reading(run.pair.wrong).wide else (0,)
    for shift in shifts:
        aligned = _align(run, shift)
        if aligned is None:
            continue
        found = list(aligned.best(0, len(aligned.points) - 1, margin))
        if not best or _total(found) > _total(best):  # what leads to another layer may gain less
            best = found
    return best


@dataclass(frozen=True, slots=True, eq=False)
class _Aligned:
    """The text and its re-reading, with their sync points and what each choice costs.

    `points` and `their` are the sync points in code points of the text and of the re-reading.
    `gain[j] - gain[i]` is what re-reading between points i and j gains, from which `enter[i]` and
    `leave[j]` are taken for the neighbours; `switch` is what a border there costs a priori,
    `touches` says that there are characters beyond
    ASCII on both sides, and `formed` sums up the evidence of well-formed bytes.
    """

    text: str
    other: str
    points: NDArray[np.intp]
    their: NDArray[np.intp]
    gain: NDArray[np.float64]
    enter: NDArray[np.floating]
    leave: NDArray[np.floating]
    switch: NDArray[np.floating]
    touches: NDArray[np.bool_]
    formed: NDArray[np.floating]
    pair: Pair

    def best(self, low: int, high: int, margin: float) -> Iterator[Repair]:
        """Yield the runs between two points that gain more than the margin, left to right."""
        if high <= low:
            return
        value = self.gain + self.formed
        opening = (value + self.enter + self.switch)[low:high]
        closing = (value - self.leave - self.switch)[low + 1 : high + 1]
        total = closing - np.minimum.accumulate(opening)
        stop = int(total.argmax())
        start = int(opening[: stop + 1].argmin())
        first, last = low + start, low + stop + 1
        gain = self._gained(first, last)
        if gain <= margin:
            formed = float(self.formed[last] - self.formed[first])
            if gain + formed > TENTATIVE + margin and (found := self._trimmed(first, last, gain)):
                yield found._replace(tentative=True)
            return
        yield from self.best(low, first, margin)
        yield from self._split(first, last, gain)
        yield from self.best(last, high, margin)

    def _gained(self, first: int, last: int) -> float:
        """Return what re-reading between two points gains in likelihood."""
        return float(self.gain[last] - self.leave[last] - self.gain[first] - self.enter[first])

    def _split(self, first: int, last: int, gain: float) -> Iterator[Repair]:
        """Yield a run, without the parts inside it that were better as they stood."""
        if last - first > 2:
            # The worst inner part: where leaving and entering again gains most.
            value = self.gain + self.formed
            falling = (value - self.leave - self.switch)[first + 1 : last - 1]
            back = (value + self.enter + self.switch)[first + 2 : last]
            loss = np.maximum.accumulate(falling) - back
            stop = int(loss.argmax())
            if loss[stop] > WORSE:
                start = int(falling[: stop + 1].argmax())
                left, right = first + 1 + start, first + 2 + stop
                for one, two in ((first, left), (right, last)):
                    part = self._gained(one, two)
                    if part > 0:
                        yield from self._split(one, two, part)
                return
        repair = self._trimmed(first, last, gain)
        if repair is not None:
            yield repair

    def _trimmed(self, first: int, last: int, gain: float) -> Repair | None:
        """Return a run without the characters at its ends that are the same in both texts."""
        # Lone surrogates are bytes that are not text; in the highest planes nothing is written.
        start, end = int(self.points[first]), int(self.points[last])
        after = self.other[self.their[first] : self.their[last]]
        head = 0
        while start < end and head < len(after) and self.text[start] == after[head]:
            start, head = start + 1, head + 1
        tail = len(after)
        while start < end and tail > head and self.text[end - 1] == after[tail - 1]:
            end, tail = end - 1, tail - 1
        after = after[head:tail]
        if start == end or any("\ud800" <= c <= "\udfff" or c >= "\U00040000" for c in after):
            return None
        if after.count("\ufffd") > MOST_REPLACED * len(after):
            return None
        if self.pair.true != "utf-8" and not _chinese(after):
            return None
        after = after.replace(BOM, "")
        if self.pair.true != "utf-8" and not readable(after, gain=gain):
            return None
        alone = not (self.touches[first] or self.touches[last])
        return Repair(start, end, after, gain, alone)


def _chinese(text: str) -> bool:
    """Whether a text has characters enough beyond ASCII, half of them Han."""
    beyond = sum(c > "\x7f" for c in text)
    han = sum("\u4e00" <= c <= "\u9fff" for c in text)
    return beyond >= LEAST and 2 * han >= beyond


def readable(text: str, *, gain: float = 0.0) -> bool:
    """Whether a text costs no more than Chinese may, in view of what it gains.

    >>> readable("今天天气很好"), readable("鏈ョ殑鍗冲皢")
    (True, False)
    """
    cost = -LanguageModel.load().score(text)
    allowed = READABLE if gain < GREAT_GAIN else READABLE_NAMES
    return cost <= allowed * (len(text) + 1) + READABLE_SHORT


def _align(run: _Run, shift: int) -> _Aligned | None:
    codes, pair = run.codes, run.pair
    widths = np.where(codes > 0xFF, 2, 1)
    data = to_bytes(codes)
    wrong_borders = np.concatenate(([0], np.cumsum(widths)))
    if shift:
        high = np.flatnonzero(codes > 0x7F)
        shift = int(high[0]) + 1
        if shift >= len(codes):
            return None
    other = _read(data, pair, wrong_borders, shift)
    if other is None:
        return None
    points = code_points(other)
    true_borders = np.concatenate(([0], np.cumsum(_true_widths(points, pair.true))))
    if true_borders[-1] != len(data):
        return None
    marks = np.zeros(len(data) + 1, np.uint8)
    marks[wrong_borders] = 1
    marks[true_borders] += 1
    sync = np.flatnonzero(marks == 2)
    ours = np.searchsorted(wrong_borders, sync)
    theirs = np.searchsorted(true_borders, sync)
    return _price(run, other, points, ours, theirs)


def _price(
    run: _Run,
    other: str,
    points: NDArray[np.uint32],
    ours: NDArray[np.intp],
    theirs: NDArray[np.intp],
) -> _Aligned:
    model = LanguageModel.load()
    text, costs = run.text, run.costs
    ids = model.symbols[points]
    here = model.encode(f"{run.beside[0]}{text}{run.beside[1]}")
    before, after = here[:-1][ours], here[1:][ours]  # the symbols on either side of each point
    their_before = np.concatenate(([0], ids))[theirs].astype(np.uint16)
    their_after = np.concatenate((ids, [0]))[theirs].astype(np.uint16)
    inner = np.zeros(len(ids), np.float64)
    inner[1:] = -model.steps(ids[:-1], ids[1:])
    if len(ids):
        inner[0] = -model.steps(ids[:1] * 0, ids[:1])[0]
    bad = (points >= 0xD800) & (points <= 0xDFFF)
    inner[bad] = BAD_BYTE
    mark = points == 0xFEFF
    inner[mark] = BOM_COST
    inner[1:][mark[:-1]] = -model.steps(ids[:1] * 0, ids[1:])[mark[:-1]]
    spent = np.concatenate(([0.0], np.cumsum(costs[: len(text)], dtype=np.float64)))
    theirs_spent = np.concatenate(([0.0], np.cumsum(inner)))
    gain = spent[ours] - theirs_spent[theirs]
    # Entering: the first re-read character follows ours, not the re-reading of ours.
    first_step = np.concatenate((inner, [0.0]))[theirs]
    enter = -model.steps(before, their_after) - first_step
    enter[np.concatenate((bad, [True]))[theirs]] = BAD_BYTE
    enter[np.concatenate((points == 0xFEFF, [False]))[theirs]] = 0.0
    leave = -model.steps(their_before, after) - costs[ours]
    around = code_points(f"{run.beside[0]}{text}{run.beside[1]}")
    high = around > 0x7F
    touches = high[ours] & high[ours + 1]
    # Only Chinese punctuation: dashes and quotes are what Windows-1252 makes of other bytes.
    marks = (around >= 0x3000) & (around <= 0x303F) | (around >= 0xFF00) & (around <= 0xFF60)
    word = high & ~marks
    switch = np.where(word[ours] & word[ours + 1], SWITCH, 0.0)
    several = (points > 0x7F) & ~bad & (run.pair.true == "utf-8")
    evidence = WELL_FORMED * several + LAYER_BELOW * (several & (points < EAST))
    formed = np.concatenate(([0.0], np.cumsum(evidence)))[theirs]
    return _Aligned(
        text, other, ours, theirs, gain, enter, leave, switch, touches, formed, run.pair
    )


def _read(data: bytes, pair: Pair, borders: NDArray[np.intp], shift: int) -> str | None:
    """Read bytes as the true encoding; a bad byte becomes a lone surrogate.

    After a bad byte, pairs get into step again at the next border of the wrong decoder's
    characters. None when it is not worth a look: nothing but ASCII can be read.
    """
    if pair.true == "utf-8":
        text = data.decode("utf-8", "surrogateescape")
        return text if any(c > "\x7f" and not "\ud800" <= c <= "\udfff" for c in text) else None
    if not shift:
        whole = decode_true(data, pair.true)
        if whole is not None:
            return whole
    codec = "gb18030" if pair.true == "gbk" else "big5hkscs"
    parts: list[str] = []
    view = memoryview(data)
    position = int(borders[shift])
    parts.append(data[:position].decode("ascii", "surrogateescape"))
    while position < len(data):
        try:
            parts.append(str(view[position:], codec))
            break
        except UnicodeDecodeError as error:
            bad = position + error.start
            parts.append(data[position:bad].decode(codec))
            index = int(np.searchsorted(borders, bad, "right"))
            position = int(borders[min(index, len(borders) - 1)])
            parts.append(data[bad:position].decode("ascii", "surrogateescape"))
    return "".join(parts)


def _true_widths(points: NDArray[np.uint32], true: str) -> NDArray[np.intp]:
    """Return how many bytes each character of the re-reading takes."""
    surrogate = (points >= 0xD800) & (points <= 0xDFFF)
    if true == "utf-8":
        widths = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)
    elif true == "gbk":
        known = reading("gbk").codes[np.minimum(points, 0xFFFF)] != NONE
        widths = np.where(points < 0x80, 1, np.where(known & (points <= 0xFFFF), 2, 4))
    else:
        widths = np.where(points < 0x80, 1, 2)
    return np.where(surrogate, 1, widths)
