"""Runs of a text beside their re-reading: where both have a border, and what each choice costs.

A run is turned back into bytes by the wrong decoder's tables and read as the true encoding. The
two texts share *sync points*: offsets that are a border of characters in both. Between two sync
points either text may stand, so the best damaged run is the best pair of points, and the language
model prices every pair exactly. All runs of a stretch are read and priced together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import NONE, TRUE_CODECS, decode_true, reading, to_bytes
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = [
    "BOM",
    "SWITCH",
    "Aligned",
    "Repair",
    "Run",
    "aligned",
    "readable",
]

#: What a byte costs that the true encoding cannot read, in nats: more than any character.
BAD_BYTE = 90.0
#: A byte-order mark in the middle of a text was a border between files, and costs as one.
BOM = "\ufeff"
BOM_COST = 2.0
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
#: Lone surrogates are bytes that are not text; in the highest planes nothing is written.
_NO_TEXT = re.compile("[\ud800-\udfff\U00040000-\U0010ffff]")
_ASCII = re.compile("[\x00-\x7f]+")
_READ = re.compile("[^\x00-\x7f\ud800-\udfff]")
_NOT_HAN = re.compile("[^\u4e00-\u9fff]+")
_LINE_FEED = 0x0A


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


class Run(NamedTuple):
    """A stretch of a text that the wrong decoder can have produced of bytes with these codes.

    With `shifted`, what the first of them beyond ASCII stands for is not read again.
    """

    start: int
    end: int
    codes: NDArray[np.uint32]
    shifted: bool = False


class _Text(NamedTuple):
    """What is known of the text that runs are of: one entry for each place between characters."""

    before: NDArray[np.uint16]
    after: NDArray[np.uint16]
    touches: NDArray[np.bool_]
    switch: NDArray[np.float64]

    @staticmethod
    @lru_cache(maxsize=2)
    def of(text: str) -> _Text:
        """Look at a text."""
        points = code_points(f"\n{text}\n")
        ids = LanguageModel.load().symbols[points]
        high = points > 0x7F
        # Only Chinese punctuation: dashes and quotes are what Windows-1252 makes of other bytes.
        marks = (points >= 0x3000) & (points <= 0x303F) | (points >= 0xFF00) & (points <= 0xFF60)
        word = high & ~marks
        switch = np.where(word[:-1] & word[1:], SWITCH, 0.0)
        return _Text(ids[:-1], ids[1:], high[:-1] & high[1:], switch)


def aligned(
    text: str, costs: NDArray[np.float32], runs: Sequence[Run], true: str
) -> list[Aligned | None]:
    """Read runs of a text as the true encoding; None for each that is not worth a look.

    `costs` are those of the text, as `reading_costs` returns them.

    >>> from zhfix.repairing.search import reading_costs
    >>> text = "鏂囦欢"
    >>> run = Run(0, 3, reading("gbk").encode(text))
    >>> [one.other for one in aligned(text, reading_costs(text), [run], "utf-8")]
    ['文件']
    """
    found: list[Aligned | None] = [None] * len(runs)
    others = _read_all(runs, true)
    numbers = [number for number, other in enumerate(others) if other is not None]
    if numbers:
        chosen = [runs[number] for number in numbers]
        texts = [others[number] or "" for number in numbers]
        for number, one in zip(numbers, _priced(text, costs, chosen, texts, true), strict=True):
            found[number] = one
    return found


def _read_all(runs: Sequence[Run], true: str) -> list[str | None]:
    """Read the bytes of runs; None where nothing but ASCII can be read."""
    codes = _joined(runs)
    data = to_bytes(codes)
    if true == "utf-8":
        others = data.decode("utf-8", "surrogateescape").split("\n")
        return [other if _READ.search(other) else None for other in others[:-1]]
    if not any(run.shifted for run in runs):
        try:
            return list(data.decode(TRUE_CODECS[true][0]).split("\n")[:-1])
        except UnicodeDecodeError:
            pass
    borders = _borders(codes)
    found: list[str | None] = []
    start = 0
    for run in runs:
        stop = start + len(run.codes)
        here = borders[start : stop + 1]
        found.append(_read(data[here[0] : here[-1]], true, here - here[0], run))
        start = stop + 1
    return found


def _joined(runs: Sequence[Run]) -> NDArray[np.uint32]:
    """Return the codes of runs, a line feed behind each."""
    feed = np.array([_LINE_FEED], np.uint32)
    return np.concatenate([codes for run in runs for codes in (run.codes, feed)])


def _borders(codes: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return where characters begin in the bytes, and where the last ends."""
    borders = np.zeros(len(codes) + 1, np.intp)
    np.cumsum(1 + (codes > 0xFF), out=borders[1:])
    return borders


def _read(data: bytes, true: str, borders: NDArray[np.intp], run: Run) -> str | None:
    """Read bytes as GBK or Big5; a bad byte becomes a lone surrogate.

    After a bad byte, pairs get into step again at the next border of the wrong decoder's
    characters.
    """
    shift = 0
    if run.shifted:
        shift = int((run.codes > 0x7F).argmax()) + 1
        if shift >= len(run.codes):
            return None
    elif (whole := decode_true(data, true)) is not None:
        return whole
    codec = "gb18030" if true == "gbk" else "big5hkscs"
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


def _priced(
    text: str, costs: NDArray[np.float32], runs: Sequence[Run], others: Sequence[str], true: str
) -> list[Aligned | None]:
    """Find the sync points of runs and price what re-reading between them gains."""
    if not runs:
        return []
    codes, points = _joined(runs), code_points("".join(f"{other}\n" for other in others))
    borders = _borders(codes)
    true_borders = np.zeros(len(points) + 1, np.intp)
    np.cumsum(_true_widths(points, true), out=true_borders[1:])
    ends = np.cumsum([len(run.codes) + 1 for run in runs]) - 1
    their_ends = (points == _LINE_FEED).nonzero()[0]
    same = np.diff(borders[ends], prepend=-1) == np.diff(true_borders[their_ends], prepend=-1)
    if not same.all():
        # Some character is not written as it was read.
        left = [number for number, fine in enumerate(same.tolist()) if fine]
        again = _priced(text, costs, [runs[n] for n in left], [others[n] for n in left], true)
        known = dict(zip(left, again, strict=True))
        return [known.get(number) for number in range(len(runs))]
    marks = np.zeros(int(borders[-1]) + 1, np.uint8)
    marks[borders] = 1
    marks[true_borders] += 1
    sync = (marks == 2).nonzero()[0]
    ours, theirs = borders.searchsorted(sync), true_borders.searchsorted(sync)
    places = np.concatenate([np.arange(run.start, run.end + 1) for run in runs] + [[0]])
    seen = _Text.of(text)
    at = places[ours]
    prices = _Prices.of(points, theirs, seen.before[at], seen.after[at], costs[at])
    several = (points > 0x7F) & ~_bad(points) & (true == "utf-8")
    evidence = WELL_FORMED * several + LAYER_BELOW * (several & (points < EAST))
    found: list[Aligned | None] = []
    begins = np.concatenate(([0], ends[:-1] + 1))
    their_begins = np.concatenate(([0], their_ends[:-1] + 1))
    firsts = sync.searchsorted(borders[begins]).tolist()
    lasts = (sync.searchsorted(borders[ends]) + 1).tolist()
    for run, other, first, last, begin, low, high in zip(
        runs,
        others,
        firsts,
        lasts,
        begins.tolist(),
        their_begins.tolist(),
        their_ends.tolist(),
        strict=True,
    ):
        here = slice(first, last)
        mine, their = ours[here] - begin, theirs[here] - low
        spent = _sums(costs[run.start : run.end])[mine]
        gain = spent - _sums(prices.inner[low:high])[their]
        formed = _sums(evidence[low:high])[their]
        value = gain + formed
        enter, leave, switch = prices.enter[here], prices.leave[here], seen.switch[at[here]]
        found.append(
            Aligned(
                text,
                other,
                at[here],
                their,
                gain,
                enter,
                leave,
                value + enter + switch,
                value - leave - switch,
                seen.touches[at[here]],
                formed,
                true,
            )
        )
    return found


def _sums(prices: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what comes before each place, and all."""
    sums = np.zeros(len(prices) + 1)
    np.cumsum(prices, out=sums[1:])
    return sums


def _bad(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Mark the bytes that could not be read."""
    return (points >= 0xD800) & (points <= 0xDFFF)


class _Prices(NamedTuple):
    """What each re-read character costs, and at each sync point the first step in and out."""

    inner: NDArray[np.float64]
    enter: NDArray[np.float64]
    leave: NDArray[np.float32]

    @staticmethod
    def of(
        points: NDArray[np.uint32],
        theirs: NDArray[np.intp],
        before: NDArray[np.uint16],
        after: NDArray[np.uint16],
        costs: NDArray[np.float32],
    ) -> _Prices:
        """Price re-read characters, lines of them with their ends.

        `theirs` are the sync points in them, `before` and `after` the symbols of the text on
        either side of those, and `costs` what the text costs there.
        """
        model = LanguageModel.load()
        border = np.zeros(1, np.uint16)
        ids = model.symbols[points]
        bad, mark = _bad(points), points == ord(BOM)
        inner = -model.steps(np.concatenate((border, ids[:-1])), ids).astype(np.float64)
        inner[bad] = BAD_BYTE
        if mark.any():
            inner[mark] = BOM_COST
            behind = np.flatnonzero(mark[:-1]) + 1
            inner[behind] = -model.steps(border, ids[behind])
        # Entering: the first re-read character follows ours, not the re-reading of ours.
        closed = np.append(ids, border)[theirs]
        enter = -model.steps(before, closed) - np.append(inner, 0.0)[theirs]
        enter[np.append(bad | (points == _LINE_FEED), True)[theirs]] = BAD_BYTE
        enter[np.append(mark, False)[theirs]] = 0.0
        leave = -model.steps(np.append(border, ids)[theirs], after) - costs
        return _Prices(inner, enter, leave)


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """A run of a text and its re-reading, with their sync points and what each choice costs.

    `points` and `their` are the sync points in code points of the text and of the re-reading.
    `gain[j] - gain[i]` is what re-reading between points i and j gains, from which `enter[i]` and
    `leave[j]` are taken for the neighbours; `opening` and `closing` are that with the evidence of
    well-formed bytes, which `formed` sums up, and with what a border there costs a priori;
    `touches` says that there are characters beyond ASCII on both sides.
    """

    text: str
    other: str
    points: NDArray[np.intp]
    their: NDArray[np.intp]
    gain: NDArray[np.float64]
    enter: NDArray[np.float64]
    leave: NDArray[np.float32]
    opening: NDArray[np.float64]
    closing: NDArray[np.float64]
    touches: NDArray[np.bool_]
    formed: NDArray[np.float64]
    true: str

    def repairs(self, margin: float) -> list[Repair]:
        """Return the runs that gain more than the margin, left to right."""
        return list(self._best(0, len(self.points) - 1, margin))

    def _best(self, low: int, high: int, margin: float) -> Iterator[Repair]:
        """Yield those between two points."""
        if high <= low:
            return
        opening = self.opening[low:high]
        total = self.closing[low + 1 : high + 1] - np.minimum.accumulate(opening)
        stop = int(total.argmax())
        start = int(opening[: stop + 1].argmin())
        first, last = low + start, low + stop + 1
        gain = self._gained(first, last)
        if gain <= margin:
            formed = float(self.formed[last] - self.formed[first])
            if gain + formed > TENTATIVE + margin and (found := self._trimmed(first, last, gain)):
                yield found._replace(tentative=True)
            return
        yield from self._best(low, first, margin)
        yield from self._split(first, last, gain)
        yield from self._best(last, high, margin)

    def _gained(self, first: int, last: int) -> float:
        """Return what re-reading between two points gains in likelihood."""
        return float(self.gain[last] - self.leave[last] - self.gain[first] - self.enter[first])

    def _split(self, first: int, last: int, gain: float) -> Iterator[Repair]:
        """Yield a run, without the parts inside it that were better as they stood."""
        if last - first > 2:
            # The worst inner part: where leaving and entering again gains most.
            falling = self.closing[first + 1 : last - 1]
            loss = np.maximum.accumulate(falling) - self.opening[first + 2 : last]
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
        start, end = int(self.points[first]), int(self.points[last])
        after = self.other[self.their[first] : self.their[last]]
        head = 0
        while start < end and head < len(after) and self.text[start] == after[head]:
            start, head = start + 1, head + 1
        tail = len(after)
        while start < end and tail > head and self.text[end - 1] == after[tail - 1]:
            end, tail = end - 1, tail - 1
        after = after[head:tail]
        if start == end or _NO_TEXT.search(after):
            return None
        if after.count("\ufffd") > MOST_REPLACED * len(after):
            return None
        if self.true != "utf-8" and not _chinese(after):
            return None
        after = after.replace(BOM, "")
        if self.true != "utf-8" and not readable(after, gain=gain):
            return None
        alone = not (self.touches[first] or self.touches[last])
        return Repair(start, end, after, gain, alone)


def _chinese(text: str) -> bool:
    """Whether a text has characters enough beyond ASCII, half of them Han."""
    beyond = len(_ASCII.sub("", text))
    return beyond >= LEAST and 2 * len(_NOT_HAN.sub("", text)) >= beyond


def readable(text: str, *, gain: float = 0.0) -> bool:
    """Whether a text costs no more than Chinese may, in view of what it gains.

    >>> readable("今天天气很好"), readable("鏈ョ殑鍗冲皢")
    (True, False)
    """
    cost = -LanguageModel.load().score(text)
    allowed = READABLE if gain < GREAT_GAIN else READABLE_NAMES
    return cost <= allowed * (len(text) + 1) + READABLE_SHORT


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
