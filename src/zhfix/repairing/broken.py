"""Lines of UTF-8 that lost bytes here and there: what is left of them, and what was lost.

What is left of the characters around a hole says which bytes are gone, and the language model
chooses among what fits, for all holes of a document in a few array operations.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import decode_true, reading, to_bytes
from zhfix.repairing.holes import ANY, Hole, fill_holes
from zhfix.repairing.templates import UNDEFINED, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.search import Pair

__all__ = ["HOLE", "Line", "Part", "changed", "mended", "read_line"]

#: Stands for a lost byte: it is in no UTF-8, and no character of a wide encoding has it.
HOLE = 0xFF
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
#: What is left of characters that were cut where the text begins and where it ends.
_CUT_HEAD = re.compile(rb"[\x80-\xbf]{1,2}(?![\x80-\xbf])")
_CUT_TAIL = re.compile(rb"[\xe0-\xef][\x80-\xbf]?\Z")


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


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of the damaged text: where it stands, and what its bytes say.

    `codes` are the bytes that each of its characters stands for; `pieces` are texts and holes
    by turns.
    """

    start: int
    end: int
    codes: NDArray[np.uint32]
    pieces: tuple[str | Hole, ...]

    @property
    def texts(self) -> list[str]:
        """What of it is whole."""
        return [piece for piece in self.pieces if isinstance(piece, str)]

    def parts(self, text: str, pieces: Sequence[tuple[str, float]]) -> Iterator[Part]:
        """Cut it where a character ends both in the damaged text and in the repaired one.

        What was lost is told apart from what is certain, and what is the same in both stays.
        """
        if len(pieces) == 1:
            part = Part(self.start, self.end, pieces[0][0], certain=True)
            yield from changed(text, part)
            return
        borders = self._borders()
        held = Part(self.start, self.start, "")
        common = (self.start, 0)  # the last border in both, and how much of `held.after` it ends
        at = 0
        for piece, (after, probability) in zip(self.pieces, pieces, strict=True):
            is_hole = isinstance(piece, Hole)
            steps = [(c, len(c.encode())) for c in after]
            if isinstance(piece, Hole):
                steps = [(after, piece.size)]
            for emitted, size in steps:
                if at in borders:
                    common = (borders[at], len(held.after))
                if (is_hole and not held.lost) or (held.lost and common[0] == borders.get(at)):
                    place, length = common
                    yield from changed(text, held._replace(end=place, after=held.after[:length]))
                    held = Part(place, place, held.after[length:])
                    common = (place, 0)
                held = held._replace(
                    after=held.after + emitted,
                    lost=held.lost or is_hole,
                    # A mark is no guess.
                    sure=held.sure * (1.0 if _REPLACEMENT_MARK in emitted else probability),
                )
                at += size
        yield from changed(text, held._replace(end=self.end))

    def _borders(self) -> dict[int, int]:
        """Map offsets in the line's bytes to offsets in the text, where characters of it end."""
        offsets = np.concatenate(([0], np.cumsum(np.where(self.codes > 0xFF, 2, 1)))).tolist()
        return {offset: self.start + index for index, offset in enumerate(offsets)}


def read_line(
    codes: NDArray[np.uint32],
    points: NDArray[np.uint32],
    pair: Pair,
    start: int,
    ends: tuple[bool, bool],
) -> Line | None:
    """Return what the bytes of a line say, some of which may be lost; None when they are not text.

    `codes` and `points` are those of its characters, `start` is where it stands, and `ends` say
    whether the text begins and ends there.

    >>> from zhfix.repairing.model import code_points
    >>> from zhfix.repairing.search import Pair
    >>> pair = Pair("utf-8", "gbk")
    >>> text = "鏂囦欢澶?"
    >>> line = read_line(reading("gbk").encode(text), code_points(text), pair, 0, (False, False))
    >>> line.texts
    ['文件', '']

    Where the wrong decoder makes one character of several byte sequences, the other is tried in
    the place where the bytes stop making sense.
    """
    others = reading(pair.wrong).others
    for _ in range(MOST_FLIPS):
        data = to_bytes(codes)
        pieces = _pieces(data, pair, ends)
        if pieces is not None:
            return Line(start, start + len(codes), codes, pieces)
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


def mended(lines: Sequence[Line], intact: str) -> list[list[tuple[str, float]]]:
    """Return the pieces of each line with its holes filled, and how likely each choice is.

    `intact` is what is whole in the document.

    >>> import numpy as np
    >>> whole = Line(0, 3, np.zeros(3, np.uint32), ("文件",))
    >>> mended([whole], "")
    [[('文件', 1.0)]]
    """
    holes = [piece for line in lines for piece in line.pieces if isinstance(piece, Hole)]
    filled = iter(fill_holes(holes, intact))
    return [
        [
            (piece, 1.0) if isinstance(piece, str) else _settled(piece, *next(filled))
            for piece in line.pieces
        ]
        for line in lines
    ]


def _settled(hole: Hole, answer: str, chance: float) -> tuple[str, float]:
    """Mark a character that was cut off rather than guess it, unless the guess is good."""
    cut_off = not hole.marks
    return (_REPLACEMENT_MARK, 1.0) if cut_off and chance < SURE_AT_CUT else (answer, chance)


def changed(text: str, part: Part) -> Iterator[Part]:
    """Yield a part without what is the same at its ends; nothing where all is the same.

    >>> list(changed("a鏂囦欢b", Part(0, 5, "a文件b")))
    [Part(start=1, end=4, after='文件', lost=False, certain=False, sure=1.0)]
    """
    start, end, after, lost, certain, sure = part
    before = text[start:end]
    if before == after:
        return
    head, tail, longest = 0, 0, min(len(before), len(after))
    while head < longest and before[head] == after[head]:
        head += 1
    while tail < longest - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    yield Part(start + head, end - tail, after[head : len(after) - tail], lost, certain, sure)
