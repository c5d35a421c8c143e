"""Undo one wrong decode over whole lines at once, where a document was damaged by it throughout.

A search for borders and candidates takes milliseconds a line. But once a document has shown which
pair of encodings hurt it, most of its lines are damaged from end to end: each is encoded back and
decoded truly as a whole. Where UTF-8 lost a byte here and there, what is left of the characters
around the hole says which bytes are gone, and the language model chooses among what fits, for all
holes of a document in a few array operations. Lines that are not so simple are left to the search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import NONE, decode_true, reading, to_bytes
from zhfix.repairing.holes import ANY, Hole, fill_holes
from zhfix.repairing.lattice import UNDEFINED, refused
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.search import BOM, DOUBLED, readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.search import Pair

__all__ = ["Part", "WholeLine", "undo_lines"]

#: Stands for a lost byte: it is in no UTF-8, and no character of a wide encoding has it.
HOLE = 0xFF
_REPLACEMENT = 0xFFFD
#: At the end of a text it is taken for blank and stripped.
NO_BREAK_SPACE = b"\xa0"
_REPLACEMENT_MARK = "\ufffd"
#: What is left of a character at the end of a text is guessed only so surely.
SURE_AT_CUT = 0.5
#: Characters of a line that are tried with their other bytes.
MOST_FLIPS = 24
#: A place where UTF-8 lost bytes: what is left of the character before, the mark, and of the one
#: behind. A mark between whole characters is itself.
_BROKEN = re.compile(
    rb"(?P<head>[\xe0-\xef][\x80-\xbf]?)?(?P<mark>[?\xff])(?P<tail>[\x80-\xbf]{0,2})"
)


class Part(NamedTuple):
    """A part of a line and what it was; `start` and `end` count code points of the text.

    Where something was `lost`, `sure` is the probability of the choice; a part is `certain` when
    its line lost nothing.
    """

    start: int
    end: int
    after: str
    lost: bool = False
    certain: bool = False
    sure: float = 1.0


class WholeLine(NamedTuple):
    """A line that was damaged from end to end, and its parts; `gain` is in nats."""

    start: int
    end: int
    gain: float
    parts: tuple[Part, ...]


#: What is left of characters that were cut where the text begins and where it ends.
_CUT_HEAD = re.compile(rb"[\x80-\xbf]{1,2}(?![\x80-\xbf])")
_CUT_TAIL = re.compile(rb"[\xe0-\xef][\x80-\xbf]?\Z")
#: Lines that are read at once.
TOGETHER = 64


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the damaged text: where it stands, and what its bytes say.

    `codes` are the bytes that each of its characters stands for; `pieces` are texts and holes
    by turns.
    """

    start: int
    end: int
    codes: NDArray[np.uint32]
    pieces: tuple[str | Hole, ...]


def undo_lines(text: str, pair: Pair, *, margin: float) -> list[WholeLine]:
    """Undo a pair in every line that is damaged from end to end and gains more than the margin.

    >>> from zhfix.repairing.search import Pair
    >>> lines = undo_lines("鏂囦欢\\n干净\\n鏂囦欢澶?", Pair("utf-8", "gbk"), margin=8)
    >>> [part.after for line in lines for part in line.parts]
    ['文件', '文件', '夹']
    """
    lines = list(_lines(text, pair))
    if not lines:
        return []
    intact = "\n".join(piece for line in lines for piece in line.pieces if isinstance(piece, str))
    holes = [piece for line in lines for piece in line.pieces if isinstance(piece, Hole)]
    filled = iter(fill_holes(holes, intact))
    chosen = [
        [
            (piece, 1.0) if isinstance(piece, str) else _settled(piece, *next(filled))
            for piece in line.pieces
        ]
        for line in lines
    ]
    news = ["".join(after for after, _ in pieces) for pieces in chosen]
    gains = _costs([text[line.start : line.end] for line in lines], doubled=True) - _costs(news)
    return [
        WholeLine(line.start, line.end, gain, tuple(_parts(text, line, pieces)))
        for line, pieces, new, gain in zip(lines, chosen, news, gains.tolist(), strict=True)
        if gain > margin and BOM not in new and (pair.true == "utf-8" or readable(new))
    ]


def _settled(hole: Hole, answer: str, chance: float) -> tuple[str, float]:
    """Mark a character that was cut off rather than guess it, unless the guess is good."""
    cut_off = not hole.marks
    return (_REPLACEMENT_MARK, 1.0) if cut_off and chance < SURE_AT_CUT else (answer, chance)


def _lines(text: str, pair: Pair) -> Iterator[_Line]:
    """Yield the lines that the wrong decoder can have produced from what truly was text."""
    codes = reading(pair.wrong).encode(text)
    points = code_points(text)
    codes[(codes == HOLE) & (points != HOLE)] = NONE
    if pair.true == "utf-8":
        codes[points == _REPLACEMENT] = HOLE
    ends = np.flatnonzero(points == 0x0A)
    starts = np.concatenate(([0], ends + 1))
    stops = np.concatenate((ends, [len(text)]))
    impossible = np.concatenate(([0], np.cumsum(codes == NONE)))
    beyond = np.concatenate(([0], np.cumsum(codes > 0x7F)))
    worth = (impossible[stops] == impossible[starts]) & (beyond[stops] - beyond[starts] > 1)
    spans = list(zip(starts[worth].tolist(), stops[worth].tolist(), strict=True))
    for at in range(0, len(spans), TOGETHER):
        some = spans[at : at + TOGETHER]
        wholes = _together([codes[start:stop] for start, stop in some], pair)
        for (start, stop), whole in zip(some, wholes, strict=True):
            here = codes[start:stop]
            cuttable = (start == 0, stop == len(text))
            read = (here, (whole,)) if whole else _read(here, points[start:stop], pair, cuttable)
            if read is not None:
                yield _Line(start, stop, *read)


def _together(lines: Sequence[NDArray[np.uint32]], pair: Pair) -> list[str]:
    """Read lines at once; nothing for each where one of them is not text of the true encoding."""
    nothing = [""] * len(lines)
    if pair.true != "utf-8":
        return nothing
    end = np.array([0x0A], np.uint32)
    data = to_bytes(np.concatenate([part for line in lines for part in (line, end)]))
    whole = decode_true(data, pair.true)
    return nothing if whole is None else whole.split("\n")[:-1]


def _read(
    codes: NDArray[np.uint32], points: NDArray[np.uint32], pair: Pair, ends: tuple[bool, bool]
) -> tuple[NDArray[np.uint32], tuple[str | Hole, ...]] | None:
    """Return the codes of a line's characters and what its bytes say; None when they are not text.

    Where the wrong decoder makes one character of several byte sequences, the other is tried in
    the place where the bytes stop making sense. `ends` say whether the text begins and ends here.
    """
    others = reading(pair.wrong).others
    for _ in range(MOST_FLIPS):
        data = to_bytes(codes)
        pieces = _pieces(data, pair, ends)
        if pieces is not None:
            return codes, pieces
        if not others or pair.true != "utf-8":
            return None
        borders = np.cumsum(np.where(codes > 0xFF, 2, 1))
        stuck = int(np.searchsorted(borders, _first_fault(data), "right"))
        near = range(max(stuck - 2, 0), min(stuck + 2, len(codes)))
        flips = [(at, code) for at in near for code in others.get(int(points[at]), ())]
        flips = [(at, code) for at, code in flips if code != codes[at]]
        for at, code in flips:
            flipped = codes.copy()
            flipped[at] = code
            if _first_fault(to_bytes(flipped)) > _first_fault(data) + 1:
                codes = flipped
                break
        else:
            return None
    return None


def _first_fault(data: bytes) -> int:
    """Return where bytes stop being UTF-8; their length if they are."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _pieces(data: bytes, pair: Pair, ends: tuple[bool, bool]) -> tuple[str | Hole, ...] | None:
    """Read the bytes of a line; None when they are not text of the true encoding.

    Where the text begins or ends, a character may be cut.
    """
    whole = decode_true(data, pair.true)
    if whole is not None:
        return (whole,)
    if pair.true != "utf-8":
        return None
    head = _CUT_HEAD.match(data) if ends[0] else None
    start = head.end() if head else 0
    tail = _CUT_TAIL.search(data, start) if ends[1] else None
    pieces = _between(data, start, tail.start() if tail else len(data), pair)
    if pieces is None:
        return None
    if head:
        pieces[:0] = ["", Hole(b"", head[0], ate=False, marks=0)]
    if tail:
        dropped = b"" if reading(pair.wrong).wide else UNDEFINED + NO_BREAK_SPACE
        pieces += [Hole(tail[0], b"", ate=False, marks=0, dropped=dropped), ""]
    return _beside(pieces)


def _between(data: bytes, done: int, stop: int, pair: Pair) -> list[str | Hole] | None:
    """Read a stretch of bytes, with holes where UTF-8 lost some; None when it is not text."""
    pieces: list[str | Hole] = []
    try:
        for match in _BROKEN.finditer(data, done, stop):
            head, mark, tail = match["head"] or b"", match["mark"], match["tail"]
            if match.start() < done:
                continue
            if not (head or tail):
                if mark != b"?":
                    return None
                continue
            before = data[done : match.start()].decode("utf-8")
            done = match.end()
            following = (tail + data[done : done + 1])[:1]
            lost = refused(pair).get(following[0], ANY) if following else ANY
            marks = 1
            if len(head) == 1 and not tail and following == mark:
                done, marks = done + 1, 2  # both bytes that are missing have their own mark
            pieces += (
                before,
                Hole(head, tail, mark == b"?" and marks == 1, lost=lost, marks=marks),
            )
        pieces.append(data[done:stop].decode("utf-8"))
    except UnicodeDecodeError:
        return None
    return pieces


def _beside(pieces: list[str | Hole]) -> tuple[str | Hole, ...] | None:
    """Tell every hole its neighbours; None where two holes meet or one cannot be filled."""
    for index in range(1, len(pieces), 2):
        before, hole, after = pieces[index - 1 : index + 2]
        assert isinstance(hole, Hole)  # noqa: S101 -- texts and holes by turns
        if (not before and index > 1) or (not after and index + 2 < len(pieces)):
            return None
        if not hole.can_be_filled:
            return None
        pieces[index] = hole._replace(
            before=str(before)[-2:].rjust(2, "\n"), after=str(after)[:2].ljust(2, "\n")
        )
    return tuple(pieces)


def _costs(texts: Sequence[str], *, doubled: bool = False) -> NDArray[np.float64]:
    """Return what each line costs between the borders of a line; a repeated character little."""
    model = LanguageModel.load()
    joined = "\n" + "\n".join(texts) + "\n"
    points = code_points(joined)
    costs = model.walk(points).astype(np.float64)
    if doubled:
        again = points[1:] == points[:-1]
        costs[again] = np.minimum(costs[again], DOUBLED)
    lengths = np.array([len(text) + 1 for text in texts])
    return np.add.reduceat(costs, np.cumsum(lengths) - lengths)


def _parts(text: str, line: _Line, pieces: Sequence[tuple[str, float]]) -> Iterator[Part]:
    """Cut a line where a character ends both in the damaged text and in the repaired one.

    What was lost is told apart from what is certain, and what is the same in both stays.
    """
    if len(pieces) == 1:
        part = Part(line.start, line.end, pieces[0][0], certain=True)
        yield from _changed(text, part)
        return
    borders = _borders(line)
    held = Part(line.start, line.start, "")
    common = (line.start, 0)  # the last border in both, and how much of `held.after` it ends
    at = 0
    for piece, (after, probability) in zip(line.pieces, pieces, strict=True):
        is_hole = isinstance(piece, Hole)
        steps = [(c, len(c.encode())) for c in after]
        if isinstance(piece, Hole):
            steps = [(after, piece.size)]
        for emitted, size in steps:
            if at in borders:
                common = (borders[at], len(held.after))
            if (is_hole and not held.lost) or (held.lost and common[0] == borders.get(at)):
                place, length = common
                yield from _changed(text, held._replace(end=place, after=held.after[:length]))
                held = Part(place, place, held.after[length:])
                common = (place, 0)
            held = held._replace(
                after=held.after + emitted,
                lost=held.lost or is_hole,
                # A mark is no guess.
                sure=held.sure * (1.0 if _REPLACEMENT_MARK in emitted else probability),
            )
            at += size
    yield from _changed(text, held._replace(end=line.end))


def _borders(line: _Line) -> dict[int, int]:
    """Map offsets in the line's bytes to offsets in the text, where characters of it end."""
    offsets = np.concatenate(([0], np.cumsum(np.where(line.codes > 0xFF, 2, 1)))).tolist()
    return {offset: line.start + index for index, offset in enumerate(offsets)}


def _changed(text: str, part: Part) -> Iterator[Part]:
    """Yield a part without what is the same at its ends; nothing where all is the same."""
    before, after = text[part.start : part.end], part.after
    if before == after:
        return
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    longest = shorter - head
    tail = next((i for i in range(longest) if before[-1 - i] != after[-1 - i]), longest)
    yield part._replace(
        start=part.start + head, end=part.end - tail, after=after[head : len(after) - tail]
    )
