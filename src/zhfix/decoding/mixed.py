"""Reading a whole file in the encoding that was found, and what in it is another or damaged.

Lines that make sense in the file's encoding are left as they are. The others are tried in
all encodings, with their neighbours as evidence, then field by field, then byte by byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.arrays import distinct
from zhfix.decoding import rough, well_formed
from zhfix.decoding.candidates import CHINESE, SHIFT, SHIFTED, UTF_16
from zhfix.decoding.damage import mend
from zhfix.decoding.faults import Fault, Raw
from zhfix.decoding.labels import codec
from zhfix.decoding.lost import BOUNDED, may_be_lost
from zhfix.decoding.plain import EXACT
from zhfix.decoding.segments import SWITCH, best_path, table
from zhfix.decoding.strange import Laid, laid, places, strange
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Island", "Text", "read"]

#: The encodings that lines of one file are tried in, beside the file's own.
OTHERS = ("utf-8", "gb18030", "big5")
#: Encodings of Chinese text, in which the model can tell what makes no sense.
JUDGED = frozenset((*CHINESE, *UTF_16, "utf-8"))
#: By how much fields in different encodings must beat the line in one.
FIELDS_GAIN = 16.0
#: What costs no more than this a character is in the file's encoding: what is read in a wrong one
#: costs 9.2 and more from four characters on (lines of 34 sources, GBK and Big5 in each other).
DEAR = 8.8
_BETWEEN = np.zeros(0x80, bool)
_BETWEEN[[ord(sign) for sign in ",\t;|\n"]] = True
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


def read(data: bytes, encoding: str, raw: Raw | None = None, text: Laid | None = None) -> Text:
    r"""Read a file whose encoding is known by and large.

    >>> mixed = "第一行是国标码。".encode("gbk") + b"\n" + "第二行不是，是另一种。".encode()
    >>> found = read(mixed, "gb18030")
    >>> found.text, [island.encoding for island in found.islands]
    ('第一行是国标码。\n第二行不是，是另一种。', ['utf-8'])

    `raw` is what the codec made of it, and `text` that laid out, where they are known.
    """
    raw = raw or codec(encoding).decode(data)
    if encoding not in JUDGED:
        return Text(raw.text, raw.faults, ())
    if encoding in UTF_16:
        if raw.faults or _senseless(raw.text):
            raw = mend(data, encoding)
        return Text(raw.text, raw.faults, ())
    suspect = _suspect_lines(raw, encoding, text)
    if not suspect.size:
        return Text(raw.text, raw.faults, ())
    return _assemble(data, encoding, raw, suspect)


def _senseless(text: str) -> bool:
    return bool(strange(code_points(f"\n{text}\n")).any())


def _suspect_lines(raw: Raw, encoding: str, text: Laid | None) -> NDArray[np.intp]:
    """Return the numbers of the lines that have faults or make no sense."""
    faults = np.array([fault.at for fault in raw.faults], np.intp)
    if encoding == "utf-8":
        # What is well-formed is right, in languages as well that the model does not know.
        return _lines_of(raw.text, faults)
    if len(raw.text) <= EXACT:
        text = text or laid(code_points(f"\n{raw.text}\n"))
        if encoding in BOUNDED and not raw.faults:
            return _lines_of(raw.text, _unsettled(text, encoding))
        found = np.flatnonzero(strange(text.points))
    else:
        found = rough.places(raw.text)
    return _lines_of(raw.text, np.concatenate([found, faults]))


def _unsettled(text: Laid, encoding: str) -> NDArray[np.intp]:
    """Return places of a text without faults that make no sense, but for what is rare words.

    No lost byte explains those, and what is around them makes sense in the text's encoding.
    """
    found = places(text)
    if not any(starts.size for _, starts in found):
        return np.zeros(0, np.intp)
    return np.concatenate([may_be_lost(text, found, encoding), _dear_fields(text, found)])


def _dear_fields(text: Laid, found: list[tuple[int, NDArray[np.intp]]]) -> NDArray[np.intp]:
    """Return the beginnings of fields, or lines, with such places that are dear as a whole."""
    signs = text.plain.nonzero()[0]
    between = _BETWEEN[text.points[signs]].nonzero()[0]
    borders = signs[between]
    own = np.zeros(len(text.price) + 1, np.float32)
    np.copyto(own[:-1], text.price, where=~text.plain[1:-1])
    cost = np.add.reduceat(own, borders[:-1])
    size = (borders[1:] - borders[:-1]) - (between[1:] - between[:-1])
    within = [starts + at for window, starts in found for at in (1, window // 2, window)]
    touched = np.zeros(len(borders), bool)
    touched[np.searchsorted(borders, np.concatenate(within), "right") - 1] = True
    return borders[:-1][touched[:-1] & (cost > size * DEAR)]


def _lines_of(text: str, found: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the numbers of the lines that these characters are in."""
    if not len(found):
        return found
    return distinct(np.searchsorted(_feeds(text), found))


def _feeds(text: str | bytes) -> NDArray[np.intp]:
    """Return where the line feeds are."""
    found = [np.zeros(0, np.intp)]
    for start in range(0, len(text), rough.CHUNK):
        part = text[start : start + rough.CHUNK]
        units = code_points(part) if isinstance(part, str) else np.frombuffer(part, np.uint8)
        found.append((units == 0x0A).nonzero()[0] + start)
    return np.concatenate(found)


def _assemble(data: bytes, encoding: str, raw: Raw, suspect: NDArray[np.intp]) -> Text:
    """Put the suspect lines, read again, in the place of the first reading's."""
    lines = _line_spans(data, suspect)
    texts = _line_spans(raw.text, suspect)
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


def _line_spans(text: str | bytes, numbers: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return where lines of these numbers begin and end, line feeds left out."""
    borders = np.concatenate([[-1], _feeds(text), [len(text)]])
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
        scores[0] += [well_formed.bonus(line) for line in lines]
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
        scores[encodings.index("utf-8")] += [well_formed.bonus(field) for field in fields]
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
    if raw.faults or (
        _hopeful(raw.text, encoding) if encoding in BOUNDED else _senseless(raw.text)
    ):
        return mend(data, encoding)
    return raw


def _hopeful(text: str, encoding: str) -> bool:
    read = laid(code_points(f"\n{text}\n"))
    return bool(may_be_lost(read, places(read), encoding).size)
