"""Undo one wrong decode over whole lines at once, where a document was damaged by it throughout.

A search for borders and candidates takes milliseconds a line. But once a document has shown which
pair of encodings hurt it, most of its lines are damaged from end to end: many at once are encoded
back, decoded truly and priced. Those that lost a byte here and there are mended one by one, and
lines that are not so simple are left to the search.
"""

from __future__ import annotations

from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.alignment import BOM, READABLE, READABLE_SHORT, readable
from zhfix.repairing.broken import HOLE, Line, Part, changed, mended, read_line
from zhfix.repairing.codecs import NONE, TRUE_CODECS, reading, to_bytes
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.search import DOUBLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.search import Pair

__all__ = ["WholeLine", "undo_lines"]

#: Code points that are undone at once: their arrays fit in the cache.
BLOCK = 1 << 15
_REPLACEMENT = 0xFFFD
_LINE_FEED = 0x0A
#: Before the first line stands the end of another.
_FEED = np.array([_LINE_FEED], np.uint32)
_LAST_ASCII = 0x7F
_QUESTION_MARK = 0x3F
#: So many bytes can be faulty where one was lost: those around the mark, and the mark.
BESIDE_MARK = 5
#: What U+FFFD is in the true encodings, where all that is not text becomes it. Of Big5 there is
#: another table.
REPLACEMENTS = {"utf-8": b"\xef\xbf\xbd", "gbk": b"\x84\x31\xa4\x37"}


class WholeLine(NamedTuple):
    """A line that was damaged from end to end, and what it was; `gain` is in nats.

    It has `parts` where only those of it change or some of it was lost.
    """

    start: int
    end: int
    gain: float
    after: str
    parts: tuple[Part, ...] = ()

    def trimmed(self, text: str) -> WholeLine:
        """Return it with what changes as its only part."""
        start, end, gain, after, _ = self
        part = Part(start, end, after, certain=True)
        return WholeLine(start, end, gain, after, tuple(changed(text, part)))


def undo_lines(text: str, pair: Pair, *, margin: float) -> list[WholeLine]:
    """Undo a pair in every line that is damaged from end to end and gains more than the margin.

    >>> from zhfix.repairing.search import Pair
    >>> lines = undo_lines("鏂囦欢\\n干净\\n鏂囦欢澶?", Pair("utf-8", "gbk"), margin=8)
    >>> [line.after for line in lines]
    ['文件', '文件夹']
    >>> [(part.after, part.lost) for part in lines[1].parts]
    [('文件', False), ('夹', True)]
    """
    found: list[WholeLine] = []
    broken: list[Line] = []
    intact: list[str] = []
    for low, high in _bounds(text):
        block = _read(text, low, high, pair)
        if block is not None:
            found += block.likelier(text, pair, margin)
            broken += block.broken
            intact += block.intact()
    if broken:
        known = "\n".join(intact) if any(len(line.pieces) > 1 for line in broken) else ""
        found += _with_holes(text, broken, known, pair, margin)
        found.sort()
    return found


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text at line ends into blocks."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start + BLOCK)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


class _Rows(NamedTuple):
    """Lines as one array of characters, each with its end, which `stops` are the places of."""

    points: NDArray[np.uint32]
    stops: NDArray[np.intp]

    @staticmethod
    def of(points: NDArray[np.uint32]) -> _Rows:
        """Find the ends; the last line has one, too."""
        return _Rows(points, np.flatnonzero(points == _LINE_FEED))

    @property
    def firsts(self) -> NDArray[np.intp]:
        """Where each line begins."""
        firsts = np.zeros_like(self.stops)
        firsts[1:] = self.stops[:-1] + 1
        return firsts

    def holding(self, marked: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the number of the line of each marked character."""
        return np.searchsorted(self.stops, np.flatnonzero(marked))

    def counts(self, marked: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return how many marked characters each line has."""
        return np.diff(np.cumsum(marked, dtype=np.intp)[self.stops], prepend=0)

    def only(self, kept: NDArray[np.bool_]) -> _Rows:
        """Leave the other lines out."""
        if kept.all():
            return self
        return _Rows.of(self.points[np.repeat(kept, np.diff(self.stops, prepend=-1))])

    def costs(self, *, doubled: bool = False) -> NDArray[np.float64]:
        """Price each line between the borders of a line; a repeated character is cheap."""
        points = np.concatenate((_FEED, self.points))
        costs = LanguageModel.load().walk(points).astype(np.float64)
        if doubled:
            again = np.flatnonzero(self.points[1:] == self.points[:-1]) + 1
            costs[again] = np.minimum(costs[again], DOUBLED)
        return np.add.reduceat(costs, self.firsts) if len(self.stops) else np.zeros(0)


class _Block(NamedTuple):
    """Lines that the wrong decoder can have produced, and what their bytes say.

    `starts` are where they stand in the text, `old` what stands there, and `new` what was read,
    which `texts` are as strings. Those of `broken` cannot be read as they are.
    """

    starts: NDArray[np.intp]
    old: _Rows
    new: _Rows
    texts: list[str]
    broken: list[Line]

    def likelier(self, text: str, pair: Pair, margin: float) -> Iterator[WholeLine]:
        """Yield the lines that can be read and gain more than the margin."""
        costs = self.new.costs()
        gains = self.old.costs(doubled=True) - costs
        fine = gains > margin
        if pair.true != "utf-8":
            sizes = np.diff(self.new.stops, prepend=-1)
            fine &= costs <= READABLE * sizes + READABLE_SHORT
        fine[self.new.holding(self.new.points == ord(BOM))] = False
        places = np.flatnonzero(fine)
        starts = self.starts[places]
        sizes = (self.old.stops - self.old.firsts)[places]
        bounds = starts.tolist(), (starts + sizes).tolist(), gains[places].tolist()
        news = [self.texts[place] for place in places.tolist()]
        lines = map(WholeLine._make, zip(*bounds, news, repeat(()), strict=False))
        for line, trim in zip(lines, self._same_at_ends()[places].tolist(), strict=True):
            yield line.trimmed(text) if trim else line

    def _same_at_ends(self) -> NDArray[np.bool_]:
        """Mark the lines that begin or end with the same character as before."""
        old, new = self.old, self.new
        found: NDArray[np.bool_] = old.points[old.firsts] == new.points[new.firsts]
        found |= old.points[old.stops - 1] == new.points[new.stops - 1]
        return found

    def intact(self) -> list[str]:
        """Return what can be read, in order."""
        if not self.broken:
            return self.texts
        pieces = [
            (start, [text]) for start, text in zip(self.starts.tolist(), self.texts, strict=True)
        ]
        pieces += ((line.start, line.texts) for line in self.broken)
        return [text for _, texts in sorted(pieces) for text in texts]


def _read(text: str, low: int, high: int, pair: Pair) -> _Block | None:
    """Read the bytes behind the lines of a stretch; None where it has none to read."""
    old = _Rows.of(code_points(text[low:high] + "\n"))
    codes = _codes(pair).take(old.points, mode="clip").astype(np.uint32)
    worth = old.counts(codes > _LAST_ASCII) > 1
    worth[old.holding(codes == NONE)] = False
    if not worth.any():
        return None
    starts = old.firsts[worth] + low
    if not worth.all():
        old = old.only(worth)
        codes = _codes(pair).take(old.points, mode="clip").astype(np.uint32)
    data = to_bytes(codes)
    read = data.decode(TRUE_CODECS[pair.true][0], "replace")
    texts = read.split("\n")[:-1]
    new = _Rows.of(code_points(read))
    faults = new.counts(new.points == _REPLACEMENT)
    if not faults.any():
        return _Block(starts, old, new, texts, [])
    fine = faults == 0
    whole = [texts[number] for number in np.flatnonzero(fine).tolist()]
    unsure = REPLACEMENTS.get(pair.true, b"") in data
    broken = list(_Faulty(text, starts, old, codes, faults, unsure).mended(pair))
    return _Block(starts[fine], old.only(fine), new.only(fine), whole, broken)


class _Faulty(NamedTuple):
    """Lines of a text, where they start in it, their codes, and how many U+FFFD they then have.

    While `unsure` that may be true text.
    """

    text: str
    starts: NDArray[np.intp]
    old: _Rows
    codes: NDArray[np.uint32]
    faults: NDArray[np.intp]
    unsure: bool

    def mended(self, pair: Pair) -> Iterator[Line]:
        """Yield those that lost bytes, or can be read otherwise."""
        firsts, stops = self.old.firsts, self.old.stops
        for number in np.flatnonzero(self._hopeful(pair)).tolist():
            inside = slice(int(firsts[number]), int(stops[number]))
            start = int(self.starts[number])
            bounds = (start == 0, start + inside.stop - inside.start == len(self.text))
            line = read_line(self.codes[inside], self.old.points[inside], pair, start, bounds)
            if line is not None:
                yield line

    def _hopeful(self, pair: Pair) -> NDArray[np.bool_]:
        """Mark the lines that are worth a closer look."""
        faulty = self.faults > 0
        if self.unsure or pair.true != "utf-8":
            return faulty & self.unsure
        marks = self.old.counts((self.codes == _QUESTION_MARK) | (self.codes == HOLE))
        hopeful = self.faults <= BESIDE_MARK * marks
        hopeful[self.old.holding(_several(pair.wrong).take(self.old.points, mode="clip"))] = True
        # A text may begin and end amid a character.
        hopeful[0] |= self.starts[0] == 0
        hopeful[-1] |= self.starts[-1] + self.old.stops[-1] - self.old.firsts[-1] == len(self.text)
        return faulty & hopeful


@cache
def _several(wrong: str) -> NDArray[np.bool_]:
    """Mark the characters that the decoder makes of several byte sequences."""
    several = np.zeros(0x10001, np.bool_)
    several[list(reading(wrong).others)] = True
    return several


@cache
def _codes(pair: Pair) -> NDArray[np.uint16]:
    """Return the code of each character; what is beyond the BMP is read at the end."""
    codes = np.append(reading(pair.wrong).codes, np.uint16(NONE))
    holes = codes == HOLE
    holes[HOLE] = False
    codes[holes] = NONE
    if pair.true == "utf-8":
        codes[_REPLACEMENT] = HOLE
    codes.flags.writeable = False
    return codes


def _with_holes(
    text: str, lines: Sequence[Line], intact: str, pair: Pair, margin: float
) -> Iterator[WholeLine]:
    """Fill what broken lines lost, in view of what is intact, and yield those likelier then."""
    chosen = mended(lines, intact)
    olds = [text[line.start : line.end] for line in lines]
    news = ["".join(after for after, _ in pieces) for pieces in chosen]
    old, new = (_Rows.of(code_points("\n".join((*texts, "")))) for texts in (olds, news))
    gains = old.costs(doubled=True) - new.costs()
    for line, pieces, after, gain in zip(lines, chosen, news, gains.tolist(), strict=True):
        if gain > margin and BOM not in after and (pair.true == "utf-8" or readable(after)):
            yield WholeLine(line.start, line.end, gain, after, tuple(line.parts(text, pieces)))
