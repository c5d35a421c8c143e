"""Characters of UTF-8 that lost a byte or two: what fits, and which of it the text wants.

All holes of a document are filled together: the same known bytes leave the same choices, and the
language model prices them between their neighbours as one array. Words that the document has
elsewhere are likelier than the model alone knows.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Hole", "fill_holes"]

#: Lead bytes of Chinese text: punctuation, Han, full-width forms.
LEADS = (*range(0xE2, 0xEA), 0xEF)
#: Characters rarer than this are not guessed, and where two bytes are gone only common ones are.
RAREST = -14.5
COMMON = -9.5
#: What a pair of characters that the document has elsewhere is worth, in nats: for the first time
#: and for each doubling.
SEEN = 1.5
AGAIN = 0.5
MOST_SEEN = 4.0
#: What a `?` may have eaten besides, and the price of supposing so.
EATEN = "\"'()<> ,.;:!-0123456789=/"
PRICE_EATEN = 5.0
#: Choices that are tried with everything that may have been eaten.
EATERS = 6


class Hole(NamedTuple):
    """Bytes that are left of one or two characters, and the characters on either side.

    `head` are the first bytes of the character before the mark, `tail` the last ones of the
    character behind it; `ate` says that the mark is a `?`, which may stand for an ASCII
    character as well.
    """

    head: bytes
    tail: bytes
    ate: bool
    before: str = "\n"
    after: str = "\n"

    @property
    def size(self) -> int:
        """How many bytes of the damaged line it takes, the mark included."""
        return len(self.head) + 1 + len(self.tail)

    @property
    def can_be_filled(self) -> bool:
        """Whether one or two lost bytes make whole characters of it."""
        return (len(self.head), len(self.tail)) in {(2, 0), (1, 1), (1, 0), (0, 2), (0, 1), (2, 2)}


def fill_holes(holes: Sequence[Hole], intact: str) -> list[tuple[str, float]]:
    """Choose for each hole, and say how likely the choice is among all that fit.

    >>> fill_holes([Hole(b"\\xe4\\xb8", b"", False, "在", "国")], "")[0][0]
    '中'

    `intact` is what the document still has. Source of the idea: a beam of pairs under byte
    constraints restores 97 to 99 of 100 characters.
    """
    known = _Seen(intact) if holes else None
    result: list[tuple[str, float]] = [("", 0.0)] * len(holes)
    alike: dict[tuple[bytes, bytes, bool], list[int]] = {}
    for number, hole in enumerate(holes):
        alike.setdefault((hole.head, hole.tail, hole.ate), []).append(number)
    for (head, tail, ate), numbers in alike.items():
        assert known is not None  # noqa: S101 -- there are holes
        before = code_points("".join(holes[number].before for number in numbers))
        after = code_points("".join(holes[number].after for number in numbers))
        between = _Between(before, after, known)
        if len(head) == len(tail) == 2:
            answers = _choose_two(head, tail, between)
        else:
            answers = _choose(head, tail, between, ate=ate)
        for number, answer in zip(numbers, answers, strict=True):
            result[number] = answer
    return result


class _Seen:
    """Pairs of characters of a document, and what each is worth."""

    def __init__(self, text: str) -> None:
        points = code_points(text).astype(np.uint64)
        keys, counts = np.unique(points[:-1] << np.uint64(32) | points[1:], return_counts=True)
        self.keys = np.append(keys, np.uint64(2**63))
        worth = SEEN + AGAIN * np.log2(counts)
        self.worth = np.append(np.minimum(worth, MOST_SEEN), 0.0)

    def bonus(self, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Return what pairs are worth, broadcasting the two arrays."""
        key = first.astype(np.uint64) << np.uint64(32) | second.astype(np.uint64)
        place = np.searchsorted(self.keys, key)
        found: NDArray[np.float64] = np.where(self.keys[place] == key, self.worth[place], 0.0)
        return found


class _Between(NamedTuple):
    """The characters on either side of alike holes, one of each a hole."""

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    seen: _Seen


def _scores(
    first: NDArray[np.uint32], second: NDArray[np.uint32], seen: _Seen
) -> NDArray[np.float64]:
    """Price pairs of characters, broadcasting."""
    model = LanguageModel.load()
    steps = model.steps(model.symbols[first], model.symbols[second]).astype(np.float64)
    return steps + seen.bonus(first, second)


def _choose(head: bytes, tail: bytes, between: _Between, *, ate: bool) -> list[tuple[str, float]]:
    """Choose one character for each hole with these bytes."""
    points = _fitting(head, tail)
    if not len(points):
        return [("\ufffd", 0.0)] * len(between.left)
    left, right, seen = between
    scores = _scores(left[:, None], points[None, :], seen)
    open_end = scores.copy()
    scores += _scores(points[None, :], right[:, None], seen)
    best = scores.argmax(axis=1)
    row = np.arange(len(best))
    top = scores[row, best]
    weights = np.exp(scores - top[:, None])
    sure = 1.0 / weights.sum(axis=1)
    answers = [chr(point) for point in points[best].tolist()]
    if ate and not tail:
        _with_eaten(answers, points, open_end, top, between)
    return list(zip(answers, sure.tolist(), strict=True))


def _with_eaten(
    answers: list[str],
    points: NDArray[np.uint32],
    scores: NDArray[np.float64],
    top: NDArray[np.float64],
    between: _Between,
) -> None:
    """Put an eaten ASCII character behind those answers that are likelier with one."""
    _, right, seen = between
    ascii_points = code_points(EATEN)
    few = min(EATERS, scores.shape[1])
    chosen = np.argpartition(-scores, few - 1, axis=1)[:, :few]
    start = np.take_along_axis(scores, chosen, axis=1)
    middle = _scores(points[chosen][:, :, None], ascii_points[None, None, :], seen)
    ends = _scores(ascii_points[None, :], right[:, None], seen)
    total = (start[:, :, None] + middle + ends[:, None, :] - PRICE_EATEN).reshape(len(right), -1)
    best = total.argmax(axis=1)
    for row in np.flatnonzero(total[np.arange(len(best)), best] > top).tolist():
        which, eaten = divmod(int(best[row]), len(ascii_points))
        answers[row] = chr(points[chosen[row, which]]) + EATEN[eaten]


def _choose_two(head: bytes, tail: bytes, between: _Between) -> list[tuple[str, float]]:
    """Choose two characters where the mark stands for the end of one and the lead of the next."""
    first, second = _fitting(head, b""), _fitting(b"", tail)
    if not (len(first) and len(second)):
        return [("\ufffd", 0.0)] * len(between.left)
    left, right, seen = between
    middle = _scores(first[:, None], second[None, :], seen)
    openings = _scores(left[:, None], first[None, :], seen)
    closings = _scores(second[None, :], right[:, None], seen)
    answers = []
    for opening, closing in zip(openings, closings, strict=True):
        total = opening[:, None] + middle + closing[None, :]
        one, two = divmod(int(total.argmax()), len(second))
        sure = 1.0 / np.exp(total - total[one, two]).sum()
        answers.append((chr(first[one]) + chr(second[two]), float(sure)))
    return answers


@cache
def _fitting(head: bytes, tail: bytes) -> NDArray[np.uint32]:
    """Return the characters of three bytes that begin and end so, without the unlikely ones."""
    lost = 3 - len(head) - len(tail)
    sixes = np.arange(0x80, 0xC0)
    unknown = [np.array(LEADS) if not head and place == 0 else sixes for place in range(lost)]
    columns = [np.array([byte]) for byte in head] + unknown + [np.array([byte]) for byte in tail]
    lead, middle, last = np.meshgrid(*columns, indexing="ij")
    points = ((lead & 0x0F) << 12 | (middle & 0x3F) << 6 | (last & 0x3F)).ravel().astype(np.uint32)
    points = points[(points >= 0x800) & ((points < 0xD800) | (points > 0xDFFF))]
    model = LanguageModel.load()
    floor = COMMON if lost > 1 else RAREST
    return points[model.singles[model.symbols[points]] > floor]
