"""Reading a whole file in the encoding that was found, and what in it is another or damaged.

Lines that make sense in the file's encoding are left as they are. The others are tried in
all encodings, with their neighbours as evidence, then field by field, then byte by byte.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from zhfix.decoding import well_formed
from zhfix.decoding.candidates import CHINESE, SHIFT, SHIFTED, UTF_16
from zhfix.decoding.damage import mend, strange
from zhfix.decoding.faults import Fault, Raw
from zhfix.decoding.labels import codec
from zhfix.decoding.segments import SWITCH, best_path, table
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Island", "Text", "read"]

#: Files up to so many characters are looked through exactly; longer ones by single characters.
EXACT = 65_536
#: Blocks of this many characters whose mean single cost is over this are looked at exactly:
#: of clean text one block in a thousand has over 8.8, in another encoding nearly all over 11.3.
BLOCK = 16
BLOCK_COST = 10.0
#: Long texts have rare names: fewer strange characters in a row than this mean nothing.
CLEAR = 10
_SCALE = 8
#: Every other byte of eight, and the factor that adds four 16-bit fields up in the highest.
_EVEN = np.uint64(0x00FF00FF00FF00FF)
_SPREAD = np.uint64(0x0001000100010001)

#: The encodings that lines of one file are tried in, beside the file's own.
OTHERS = ("utf-8", "gb18030", "big5")
#: Encodings of Chinese text, in which the model can tell what makes no sense.
JUDGED = frozenset((*CHINESE, *UTF_16, "utf-8"))
#: By how much fields in different encodings must beat the line in one.
FIELDS_GAIN = 16.0
_FIELD = re.compile(rb"[^,\t;|]*[,\t;|]?")


class Island(NamedTuple):
    """Bytes `start` to `end` are in another encoding; `at` and `until` count characters."""

    at: int
    until: int
    start: int
    end: int
    encoding: str


class Text(NamedTuple):
    """A file that was read: its text, the bytes that mean nothing, the islands."""

    text: str
    faults: tuple[Fault, ...]
    islands: tuple[Island, ...]


class _Piece(NamedTuple):
    raw: Raw
    encoding: str
    size: int


def read(data: bytes, encoding: str) -> Text:
    r"""Read a file whose encoding is known by and large.

    >>> mixed = "第一行是国标码。".encode("gbk") + b"\n" + "第二行不是，是另一种。".encode()
    >>> found = read(mixed, "gb18030")
    >>> found.text, [island.encoding for island in found.islands]
    ('第一行是国标码。\n第二行不是，是另一种。', ['utf-8'])
    """
    raw = codec(encoding).decode(data)
    if encoding not in JUDGED:
        return Text(raw.text, raw.faults, ())
    if encoding in UTF_16:
        if raw.faults or _senseless(raw.text):
            raw = mend(data, encoding)
        return Text(raw.text, raw.faults, ())
    suspect = _suspect_lines(raw, encoding)
    if not suspect.size:
        return Text(raw.text, raw.faults, ())
    return _assemble(data, encoding, raw, suspect)


def _senseless(text: str) -> bool:
    return bool(strange(code_points(f"\n{text}\n")).any())


def _suspect_lines(raw: Raw, encoding: str) -> NDArray[np.intp]:
    """Return the numbers of the lines that have faults or make no sense."""
    if encoding == "utf-8":
        # What is well-formed is right, in languages as well that the model does not know.
        return _lines_of(raw, np.array([fault.at for fault in raw.faults], np.intp))
    if len(raw.text) > EXACT and not raw.faults and not len(_rough_blocks(raw.text)):
        return np.zeros(0, np.intp)
    points = code_points(f"\n{raw.text}\n")
    places = (
        np.flatnonzero(strange(points)) if len(raw.text) <= EXACT else _screen(raw.text, points)
    )
    places = np.concatenate([places, np.array([fault.at for fault in raw.faults], np.intp)])
    return _lines_of(raw, places)


def _lines_of(raw: Raw, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the numbers of the lines that these characters are in."""
    if not len(places):
        return places
    feeds = np.flatnonzero(code_points(raw.text) == 0x0A)
    return np.unique(np.searchsorted(feeds, places))


def _screen(text: str, points: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return places of a long text that make no sense: first roughly, then exactly."""
    places = []
    for start in _rough_blocks(text).tolist():
        low, high = max(0, start - BLOCK), start + 2 * BLOCK
        marked = strange(points[low : high + 2])
        if np.count_nonzero(marked) >= CLEAR:
            places.append(np.flatnonzero(marked) + low)
    return np.concatenate(places) if places else np.zeros(0, np.intp)


def _rough_blocks(text: str) -> NDArray[np.intp]:
    """Return where the blocks begin whose characters are dear even by themselves.

    Blocks are of UTF-16 units; what is returned counts characters.
    """
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    prices = _rough()[units[: len(units) // BLOCK * BLOCK]]
    # Eight bytes are added up at a time: even and odd bytes, then pairs, then halves.
    words = prices.view(np.uint64)
    pairs = (words & _EVEN) + (words >> np.uint64(8) & _EVEN)
    sums = (pairs * _SPREAD >> np.uint64(48)).reshape(-1, BLOCK // 8).sum(axis=1)
    starts = np.flatnonzero(sums > BLOCK * BLOCK_COST * _SCALE) * BLOCK
    if len(starts) and len(units) > len(text):
        starts -= np.cumsum((units & 0xFC00) == 0xDC00)[starts]
    return starts


@cache
def _rough() -> NDArray[np.uint8]:
    """Return the cost of single characters by code point below U+10000; ASCII is cheap."""
    model = LanguageModel.load()
    cost = -model.singles[model.symbols[:0x10000]] * _SCALE
    cost[:0x80] = 0
    return np.clip(cost, 0, 255).astype(np.uint8)


def _assemble(data: bytes, encoding: str, raw: Raw, suspect: NDArray[np.intp]) -> Text:
    """Put the suspect lines, read again, in the place of the first reading's."""
    lines = _line_spans(np.frombuffer(data, np.uint8), suspect)
    texts = _line_spans(code_points(raw.text), suspect)
    mending = len(raw.text) <= EXACT or bool(raw.faults)
    reread = _reread([data[a:b] for a, b in lines], suspect, encoding, mending=mending)
    joined = ["".join([piece.raw.text for piece in pieces]) for pieces in reread]
    if all(new == raw.text[a:b] for new, (a, b) in zip(joined, texts, strict=True)):
        return Text(raw.text, raw.faults, ())
    parts: list[str] = []
    faults: list[Fault] = []
    islands: list[Island] = []
    done = at = 0
    for pieces, (start, _), (first, last) in zip(reread, lines, texts, strict=True):
        parts.append(raw.text[done:first])
        at += first - done
        byte = start
        for piece in pieces:
            faults += [Fault(f.at + at, f.start + byte, f.end + byte) for f in piece.raw.faults]
            end = byte + piece.size
            until = at + len(piece.raw.text)
            if piece.encoding != encoding and not data[byte:end].isascii():
                islands.append(Island(at, until, byte, end, piece.encoding))
            parts.append(piece.raw.text)
            at, byte = until, end
        done = last
    parts.append(raw.text[done:])
    return Text("".join(parts), tuple(faults), tuple(_joined(islands)))


def _line_spans(units: NDArray[Any], numbers: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return where lines of these numbers begin and end, line feeds left out."""
    feeds = np.flatnonzero(units == 0x0A)
    borders = np.concatenate([[-1], feeds, [len(units)]])
    starts, ends = (borders[numbers] + 1).tolist(), borders[numbers + 1].tolist()
    return list(zip(starts, ends, strict=True))


def _joined(islands: list[Island]) -> Iterator[Island]:
    """Join islands of neighbouring lines."""
    last: Island | None = None
    for island in islands:
        if last and last.encoding == island.encoding and island.start - last.end <= 1:
            last = last._replace(until=island.until, end=island.end)
            continue
        if last:
            yield last
        last = island
    if last:
        yield last


def _reread(
    lines: list[bytes], numbers: NDArray[np.intp], encoding: str, *, mending: bool
) -> list[list[_Piece]]:
    """Read suspect lines again: each in its likeliest encoding, by fields, mended.

    Without `mending`, lines of the file's own encoding that have no faults are left alone.
    """
    encodings = (encoding, *(name for name in OTHERS if name != encoding))
    scores = table(lines, encodings).scores
    if encoding == "utf-8":
        scores[0] += np.maximum([well_formed.evidence(line) for line in lines], 0.0)
    if encoding in SHIFTED:
        shifted = table([line[1:] for line in lines], (encoding,)).scores[0]
        scores[0] = np.maximum(scores[0], shifted - SHIFT)
    # A gap means lines in the file's own encoding in between.
    gaps = np.flatnonzero(np.diff(numbers, prepend=-2) > 1)
    padded = np.insert(scores, gaps, np.array([[0.0], *([-2 * SWITCH],) * (len(encodings) - 1)]), 1)
    is_line = np.insert(np.ones(len(lines), bool), gaps, values=False)
    path = best_path(padded)[is_line]
    result = []
    for line, kind in zip(lines, path.tolist(), strict=True):
        raw = codec(encodings[kind]).decode(line)
        if raw.faults or (mending and _senseless(raw.text)):
            result.append(_by_fields(line, encodings, kind))
        else:
            result.append([_Piece(raw, encodings[kind], len(line))])
    return result


def _by_fields(line: bytes, encodings: tuple[str, ...], kind: int) -> list[_Piece]:
    fields = [field for field in _FIELD.findall(line) if field]
    if len(fields) > 1:
        scores = table(fields, encodings).scores
        path = best_path(scores)
        alone = float(scores[path, np.arange(len(fields))].sum())
        switches = SWITCH * np.count_nonzero(np.diff(path))
        same = float(scores[kind].sum())
        if np.any(path != kind) and alone - switches > same + FIELDS_GAIN:
            return [
                _Piece(_mended(field, encodings[k]), encodings[k], len(field))
                for field, k in zip(fields, path.tolist(), strict=True)
            ]
    return [_Piece(_mended(line, encodings[kind]), encodings[kind], len(line))]


def _mended(data: bytes, encoding: str) -> Raw:
    raw = codec(encoding).decode(data)
    return mend(data, encoding) if raw.faults or _senseless(raw.text) else raw
