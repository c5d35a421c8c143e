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
from zhfix.repairing.triples import Triples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "LEAST_CHANCE",
    "UNKNOWN",
    "Between",
    "Hole",
    "Seen",
    "chances",
    "fill_holes",
    "script_of",
]

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
#: What it is worth, in nats, that a program is known to drop the byte that a character lacks.
DROPPED = 0.4
#: Choices that are tried with everything that may have been eaten.
EATERS = 6
#: A choice less likely than this is not made: the place is marked instead.
LEAST_CHANCE = 0.3
#: What stands for a neighbour that is not known.
UNKNOWN = "\n"


#: A byte of which nothing is known but that it is not ASCII.
ANY = bytes(range(0x80, 0x100))


class Hole(NamedTuple):
    """Bytes that are left of one or two characters, and two characters on either side.

    `head` are the first bytes of the character before the mark, `tail` the last ones of the
    character behind it; `ate` says that the mark is a `?`, which may stand for an ASCII
    character as well. `lost` are the values that the lost byte can have, if it is one; `marks`
    says how many marks stand for what is lost; a last byte that is `dropped` by some programs is
    likelier to be the one.
    """

    head: bytes
    tail: bytes
    ate: bool
    before: str = UNKNOWN * 2
    after: str = UNKNOWN * 2
    lost: bytes = ANY
    marks: int = 1
    dropped: bytes = b""

    @property
    def size(self) -> int:
        """How many bytes of the damaged line it takes, the marks included."""
        return len(self.head) + self.marks + len(self.tail)

    @property
    def can_be_filled(self) -> bool:
        """Whether one or two lost bytes make whole characters of it."""
        return (len(self.head), len(self.tail)) in {(2, 0), (1, 1), (1, 0), (0, 2), (0, 1), (2, 2)}


class Between(NamedTuple):
    """Two known characters on either side of alike holes, and what their document says.

    Arrays hold the code points of one character of each hole; `script` is as `script_of` says.
    """

    left: tuple[NDArray[np.uint32], NDArray[np.uint32]]
    right: tuple[NDArray[np.uint32], NDArray[np.uint32]]
    seen: Seen
    script: int

    @staticmethod
    def of(sides: Sequence[tuple[str, str]], seen: Seen, script: int) -> Between:
        """Take what stands before and after each hole, two characters on either side.

        >>> Between.of([("在中", "人民")], Seen(""), 0).left[1].tolist() == [ord("中")]
        True
        """
        before = code_points("".join(left for left, _ in sides)).reshape(-1, 2)
        after = code_points("".join(right for _, right in sides)).reshape(-1, 2)
        return Between((before[:, 0], before[:, 1]), (after[:, 0], after[:, 1]), seen, script)


def fill_holes(holes: Sequence[Hole], intact: str) -> list[tuple[str, float]]:
    """Choose for each hole, and say how likely the choice is among all that fit.

    >>> fill_holes([Hole(b"\\xe4\\xb8", b"", False, "我在", "国人")], "")[0][0]
    '中'

    `intact` is what the document still has. A choice too unlikely is U+FFFD.
    """
    seen = Seen(intact if holes else "")
    script = script_of(intact)
    result: list[tuple[str, float]] = [("", 0.0)] * len(holes)
    alike: dict[tuple[bytes, bytes, bool, bytes, bytes], list[int]] = {}
    for number, hole in enumerate(holes):
        kind = (hole.head, hole.tail, hole.ate, hole.lost, hole.dropped)
        alike.setdefault(kind, []).append(number)
    for (head, tail, ate, lost, dropped), numbers in alike.items():
        sides = [(holes[number].before, holes[number].after) for number in numbers]
        between = Between.of(sides, seen, script)
        if len(head) == len(tail) == 2:
            answers = _choose_two(head, tail, between)
        else:
            points = _fitting(head, tail, lost)
            likelier = np.isin(points & 0x3F, [byte & 0x3F for byte in dropped])
            worth = np.where(likelier, DROPPED, 0.0)
            answers = _choose(points, between, worth, ate=ate and not tail)
        for number, answer in zip(numbers, answers, strict=True):
            result[number] = answer
    return result


def script_of(text: str) -> int:
    """Return -1 for Simplified text, 1 for Traditional, 0 where nothing tells.

    >>> script_of("汉语"), script_of("漢語"), script_of("中文")
    (-1, 1, 0)
    """
    hans, hant = LanguageModel.load().script(text)
    return (hant > hans) - (hans > hant)


class Seen:
    """Pairs of characters of a document, and what each is worth.

    >>> chars = [np.array([ord(c)], np.uint32) for c in "孖沙"]
    >>> float(Seen("孖沙街孖沙街").bonus(*chars)[0])
    2.0
    """

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


def chances(points: NDArray[np.uint32], between: Between) -> NDArray[np.float64]:
    """Return log-weights of each character in each hole; shape (holes, characters).

    >>> points = code_points("术朮机")
    >>> between = Between.of([("科技", "的进")], Seen(""), -1)
    >>> int(chances(points, between).argmax())
    0
    """
    return _opened(points, between) + _closed(points, between)


def _opened(points: NDArray[np.uint32], between: Between) -> NDArray[np.float64]:
    """Price each character after what stands before the holes."""
    (left2, left), seen = between.left, between.seen
    ids = LanguageModel.load().symbols
    triples = Triples.load()
    scores = _scores(left[:, None], points[None, :], seen)
    scores += triples.bonus(ids[left2][:, None], ids[left][:, None], ids[points][None, :])
    scores += triples.forms(points, between.script)[None, :]
    return scores


def _closed(points: NDArray[np.uint32], between: Between) -> NDArray[np.float64]:
    """Price what stands behind the holes after each character."""
    left, (right, right2) = between.left[1], between.right
    ids = LanguageModel.load().symbols
    triples = Triples.load()
    scores = _scores(points[None, :], right[:, None], between.seen)
    scores += triples.bonus(ids[left][:, None], ids[points][None, :], ids[right][:, None])
    scores += triples.bonus(ids[points][None, :], ids[right][:, None], ids[right2][:, None])
    return scores


def _scores(
    first: NDArray[np.uint32], second: NDArray[np.uint32], seen: Seen
) -> NDArray[np.float64]:
    """Price pairs of characters, broadcasting."""
    model = LanguageModel.load()
    steps = model.steps(model.symbols[first], model.symbols[second]).astype(np.float64)
    return steps + seen.bonus(first, second)


def _choose(
    points: NDArray[np.uint32], between: Between, worth: NDArray[np.float64], *, ate: bool
) -> list[tuple[str, float]]:
    """Choose one of these characters for each hole; `ate` says that one more may be gone.

    `worth` is what each character is worth whatever stands beside it.
    """
    if not len(points):
        return [("\ufffd", 0.0)] * len(between.left[0])
    opened = _opened(points, between) + worth
    scores = opened + _closed(points, between)
    best = scores.argmax(axis=1)
    row = np.arange(len(best))
    top = scores[row, best]
    sure = 1.0 / np.exp(scores - top[:, None]).sum(axis=1)
    answers = [
        chr(point) if chance >= LEAST_CHANCE else "\ufffd"
        for point, chance in zip(points[best].tolist(), sure.tolist(), strict=True)
    ]
    if ate:
        _with_eaten(answers, points, opened, top, between)
    return list(zip(answers, sure.tolist(), strict=True))


def _with_eaten(
    answers: list[str],
    points: NDArray[np.uint32],
    scores: NDArray[np.float64],
    top: NDArray[np.float64],
    between: Between,
) -> None:
    """Put an eaten ASCII character behind those answers that are likelier with one."""
    right, seen = between.right[0], between.seen
    ascii_points = code_points(EATEN)
    few = min(EATERS, scores.shape[1])
    chosen = np.argpartition(-scores, few - 1, axis=1)[:, :few]
    start = np.take_along_axis(scores, chosen, axis=1)
    middle = _scores(points[chosen][:, :, None], ascii_points[None, None, :], seen)
    ends = _scores(ascii_points[None, :], right[:, None], seen)
    total = (start[:, :, None] + middle + ends[:, None, :] - PRICE_EATEN).reshape(len(right), -1)
    best = total.argmax(axis=1)
    likelier = (total[np.arange(len(best)), best] > top) & (right != ord(UNKNOWN))
    for row in np.flatnonzero(likelier).tolist():
        which, eaten = divmod(int(best[row]), len(ascii_points))
        answers[row] = chr(points[chosen[row, which]]) + EATEN[eaten]


def _choose_two(head: bytes, tail: bytes, between: Between) -> list[tuple[str, float]]:
    """Choose two characters where the mark stands for the end of one and the lead of the next."""
    first, second = _fitting(head, b""), _fitting(b"", tail)
    if not (len(first) and len(second)):
        return [("\ufffd", 0.0)] * len(between.left[0])
    (_, left), (right, _), seen, script = between
    triples, ids = Triples.load(), LanguageModel.load().symbols
    one, two = ids[first][:, None], ids[second][None, :]
    middle = _scores(first[:, None], second[None, :], seen) + triples.forms(second, script)
    openings = _opened(first, between)
    closings = _scores(second[None, :], right[:, None], seen)
    answers = []
    for number, (opening, closing) in enumerate(zip(openings, closings, strict=True)):
        total = opening[:, None] + middle + closing[None, :]
        total += triples.bonus(ids[left[number]], one, two)
        total += triples.bonus(one, two, ids[right[number]])
        best = divmod(int(total.argmax()), len(second))
        sure = float(1.0 / np.exp(total - total[best]).sum())
        both = chr(first[best[0]]) + chr(second[best[1]])
        answers.append((both if sure >= LEAST_CHANCE else "\ufffd\ufffd", sure))
    return answers


@cache
def _fitting(head: bytes, tail: bytes, values: bytes = ANY) -> NDArray[np.uint32]:
    """Return the characters of three bytes that begin and end so, without the unlikely ones.

    Where one byte is lost, it has one of these values.
    """
    lost = 3 - len(head) - len(tail)
    sixes, leads = np.arange(0x80, 0xC0), np.array(LEADS)
    if lost == 1:
        allowed = np.frombuffer(values, np.uint8)
        sixes, leads = np.intersect1d(sixes, allowed), np.intersect1d(leads, allowed)
    unknown = [leads if not head and place == 0 else sixes for place in range(lost)]
    columns = [np.array([byte]) for byte in head] + unknown + [np.array([byte]) for byte in tail]
    lead, middle, last = np.meshgrid(*columns, indexing="ij")
    points = ((lead & 0x0F) << 12 | (middle & 0x3F) << 6 | (last & 0x3F)).ravel().astype(np.uint32)
    points = points[(points >= 0x800) & ((points < 0xD800) | (points > 0xDFFF))]
    model = LanguageModel.load()
    floor = COMMON if lost > 1 else RAREST
    return points[model.singles[model.symbols[points]] > floor]
