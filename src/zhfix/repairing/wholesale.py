"""Undo one wrong decode over whole lines at once, where a document was damaged by it throughout.

A search for borders and candidates takes milliseconds a line. But once a document has shown which
pair of encodings hurt it, most of its lines are damaged from end to end: many at once are encoded
back, decoded truly and priced. Those that lost a byte here and there are mended one by one, and
lines that are not so simple are left to the search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.broken import HOLE, Line, Part, changed, mended, read_line
from zhfix.repairing.codecs import NONE, TRUE_CODECS, reading, to_bytes
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.search import BOM, DOUBLED, READABLE, READABLE_SHORT, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.search import Pair

__all__ = ["WholeLine", "undo_lines"]

#: Code points that are undone at once: their arrays fit in the cache.
BLOCK = 1 << 15
_REPLACEMENT = 0xFFFD
_LINE_FEED = 0x0A
_LAST_ASCII = 0x7F
#: What Python makes of bytes that it cannot read.
_FIRST_ESCAPED, _LAST_ESCAPED = 0xDC80, 0xDCFF


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
    blocks = [block for start, end in _bounds(text) if (block := _read(text, start, end, pair))]
    found = [line for block in blocks for line in block.likelier(text, pair, margin)]
    broken = [line for block in blocks for line in block.broken.values()]
    if broken:
        intact = ""
        if any(len(line.pieces) > 1 for line in broken):
            intact = "\n".join(block.intact() for block in blocks)
        found += _with_holes(text, broken, intact, pair, margin)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Block:
    """Lines that the wrong decoder can have produced, and what their bytes say.

    `starts` and `ends` are where they stand in the text. `points` are their characters and `read`
    those of the re-reading, each line with its end, at `stops` and `read_stops`. In those of
    `broken` not all bytes can be read; where what is left can be mended it says how.
    """

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    points: NDArray[np.uint32]
    stops: NDArray[np.intp]
    text: str
    read: NDArray[np.uint32]
    read_stops: NDArray[np.intp]
    faulty: frozenset[int]
    broken: dict[int, Line]

    def likelier(self, text: str, pair: Pair, margin: float) -> Iterator[WholeLine]:
        """Yield the lines that can be read and gain more than the margin."""
        costs = _costs(self.read, self.read_stops)
        gains = _costs(self.points, self.stops, doubled=True) - costs
        fine = gains > margin
        fine[list(self.faulty)] = False
        sizes = np.diff(self.read_stops, prepend=-1)
        if pair.true != "utf-8":
            fine &= costs <= READABLE * sizes + READABLE_SHORT
        marks = np.flatnonzero(self.read == ord(BOM))
        fine[np.searchsorted(self.read_stops, marks)] = False
        places = np.flatnonzero(fine).tolist()
        news = self.text.split("\n")
        lines = map(
            WholeLine._make,
            zip(
                self.starts[places].tolist(),
                self.ends[places].tolist(),
                gains[places].tolist(),
                [news[place] for place in places],
                repeat(()),
                strict=False,
            ),
        )
        for line, trim in zip(lines, self._same_at_ends()[places].tolist(), strict=True):
            yield line.trimmed(text) if trim else line

    def _same_at_ends(self) -> NDArray[np.bool_]:
        """Mark the lines that begin or end with the same character as before."""
        firsts, read_firsts = _firsts(self.stops), _firsts(self.read_stops)
        found: NDArray[np.bool_] = self.points[firsts] == self.read[read_firsts]
        found |= self.points[self.stops - 1] == self.read[self.read_stops - 1]
        return found

    def intact(self) -> str:
        """Return what can be read, as lines."""
        if not self.faulty:
            return self.text.removesuffix("\n")
        pieces: list[str] = []
        for number, line in enumerate(self.text.split("\n")[:-1]):
            if number not in self.faulty:
                pieces.append(line)
            elif number in self.broken:
                pieces += self.broken[number].texts
        return "\n".join(pieces)


def _firsts(stops: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where lines begin that end there."""
    firsts = np.zeros_like(stops)
    firsts[1:] = stops[:-1] + 1
    return firsts


def _read(text: str, low: int, high: int, pair: Pair) -> _Block | None:
    """Read the bytes behind the lines of a stretch; None where it has none to read."""
    points = code_points(text[low:high] + "\n")
    codes = _codes(pair).take(points, mode="clip")
    stops = np.flatnonzero(points == _LINE_FEED)
    high_before = np.cumsum(codes > _LAST_ASCII, dtype=np.intp)[stops]
    worth = np.diff(high_before, prepend=0) > 1
    worth[np.searchsorted(stops, np.flatnonzero(codes == NONE))] = False
    if not worth.any():
        return None
    starts, ends = _firsts(stops)[worth] + low, stops[worth] + low
    if not worth.all():
        kept = np.repeat(worth, np.diff(stops, prepend=-1))
        points, codes = points[kept], codes[kept]
        stops = np.flatnonzero(points == _LINE_FEED)
    read = to_bytes(codes).decode(TRUE_CODECS[pair.true][0], "surrogateescape")
    read_points = code_points(read)
    read_stops = np.flatnonzero(read_points == _LINE_FEED)
    escaped = (read_points >= _FIRST_ESCAPED) & (read_points <= _LAST_ESCAPED)
    faulty = np.unique(np.searchsorted(read_stops, np.flatnonzero(escaped))).tolist()
    block = _Block(
        starts, ends, points, stops, read, read_points, read_stops, frozenset(faulty), {}
    )
    for number in faulty:
        inside = slice(int(stops[number - 1]) + 1 if number else 0, int(stops[number]))
        start, end = int(starts[number]), int(ends[number])
        cuttable = (start == 0, end == len(text))
        line = read_line(codes[inside], points[inside], pair, start, cuttable)
        if line is not None:
            block.broken[number] = line
    return block


@cache
def _codes(pair: Pair) -> NDArray[np.uint32]:
    """Return the code of each character; what is beyond the BMP is read at the end."""
    codes = np.append(reading(pair.wrong).codes, np.uint32(NONE))
    holes = codes == HOLE
    holes[HOLE] = False
    codes[holes] = NONE
    if pair.true == "utf-8":
        codes[_REPLACEMENT] = HOLE
    codes.flags.writeable = False
    return codes


def _costs(
    points: NDArray[np.uint32], stops: NDArray[np.intp], *, doubled: bool = False
) -> NDArray[np.float64]:
    """Return what each line costs between the borders of a line; a repeated character little."""
    model = LanguageModel.load()
    ids = np.zeros(len(points) + 1, np.intp)
    ids[1:] = model.symbols.take(points)
    costs = model.walk(ids).astype(np.float64)
    if doubled:
        again = np.flatnonzero(points[1:] == points[:-1]) + 1
        costs[again] = np.minimum(costs[again], DOUBLED)
    return np.add.reduceat(costs, _firsts(stops))


def _with_holes(
    text: str, lines: Sequence[Line], intact: str, pair: Pair, margin: float
) -> Iterator[WholeLine]:
    """Fill what broken lines lost, in view of what is intact, and yield those likelier then."""
    chosen = mended(lines, intact)
    olds = code_points("".join(f"{text[line.start : line.end]}\n" for line in lines))
    news = ["".join(after for after, _ in pieces) for pieces in chosen]
    read = code_points("".join(f"{new}\n" for new in news))
    gains = _costs(olds, np.flatnonzero(olds == _LINE_FEED), doubled=True)
    gains -= _costs(read, np.flatnonzero(read == _LINE_FEED))
    for line, pieces, new, gain in zip(lines, chosen, news, gains.tolist(), strict=True):
        if gain > margin and BOM not in new and (pair.true == "utf-8" or readable(new)):
            yield WholeLine(line.start, line.end, gain, new, tuple(line.parts(text, pieces)))
