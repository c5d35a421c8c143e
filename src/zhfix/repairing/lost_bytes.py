"""What bytes may have been that are gone and that nothing names: all at once, as arrays.

A bare `?` stands for half a pair, for half a pair and the ASCII character that it ate, or for a bad
pair; before a mark at which the text was cut, for the lead byte of a character.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import named_bytes
from zhfix.repairing.completions import (
    SWALLOWABLE,
    Bridges,
    Halves,
    beginning_with,
    bridges,
    bridges_to,
    ending_with,
    step_costs,
    swallowable,
    swallowing,
)
from zhfix.repairing.hypotheses import FEW, Fan, Path, mark_worth, quotes_after
from zhfix.repairing.tokens import SPLIT_MARKS, Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]

__all__ = [
    "LONE_BEFORE",
    "SWALLOWING_PATHS",
    "UNGLOSSED_PENALTY",
    "Crossing",
    "LostBytes",
    "swallowed_worth",
]

#: Nats below the best at which a bad pair with what follows is given up: there are hundreds.
UNLIKELY = 15.0

#: Nats against a bare character that the page glosses wherever it stands.
UNGLOSSED_PENALTY = 8.0

#: Nats against a line end that does not follow a mark that ends one, and a space that does.
MISPLACED_SPACE_PENALTY = 3.0

#: Nats for a 1 before 946年 and the like: nearly all years that are written are of our era's
#: second thousand.
YEAR_BONUS = 3.0
YEAR_TAIL = re.compile(r"\d{3}年|\d{3}-\d\d")

#: Completions that are tried with every character of `SWALLOWABLE`.
SWALLOWING_PATHS = 8

#: A half may be all that a `?` stands for before these: the text was cut there.
LONE_BEFORE = SPLIT_MARKS + "\n"

FULL_WIDTH = str.maketrans(",.!?;:()", "，。！？；：（）")


class Crossing(NamedTuple):
    """Bad pairs behind some hypotheses: a matrix of what they are worth; they wait for trails."""

    members: Sequence[Path]
    halves: Halves
    scores: Matrix
    found: Bridges

    def best(self) -> list[Path]:
        """Write out those that begin a likely character."""
        ranks = (self.scores + self.found.ahead).ravel()
        places = np.flatnonzero(ranks >= ranks.max() - UNLIKELY)
        if len(places) > FEW:
            places = np.argpartition(-ranks, FEW)[:FEW]
        paths = []
        for place in places.tolist():
            row, column = divmod(place, len(self.found.columns))
            here = self.found.columns.item(column)
            before, char = self.members[row], chr(self.halves.points.item(here))
            trail, score = self.found.waiting.item(column), self.scores.item(place)
            paths.append(
                before._replace(
                    text=before.text + char,
                    symbol=self.halves.symbols.item(here),
                    pending=trail,
                    last=trail,
                    split=False,
                    score=score,
                    total=score + before.total - before.score,
                    filled=before.filled + 2,
                    quotes=quotes_after(before.quotes, char),
                )
            )
        return paths


class LostBytes:
    """Tells of hypotheses what they may go on with; `glosses` are the page's own."""

    def __init__(self, text: str, glosses: Mapping[str, str]) -> None:
        self.text = text
        self.glosses = glosses
        self._glossed = np.zeros(0x10000, np.bool_)
        self._counted = 0

    @property
    def glossed(self) -> NDArray[np.bool_]:
        """Which characters the page glosses, as far as that is known by now."""
        if len(self.glosses) != self._counted:
            self._counted = len(self.glosses)
            self._glossed[[ord(char) for char in self.glosses]] = True
        return self._glossed

    def _each(self, members: Sequence[Path], halves: Halves, *, broken: bool) -> Matrix:
        """What each character that shares a known byte is worth for each hypothesis."""
        previous = np.array([path.symbol for path in members])[:, None]
        scores = step_costs(previous, halves.symbols)
        scores += np.array([path.score for path in members])[:, None]
        scores += halves.preference
        for column in halves.marks.tolist():
            char = chr(halves.points.item(column))
            scores[:, column] += [mark_worth(p.text[-1], p.quotes, char) for p in members]
        if not broken:
            scores -= self._bare(halves)
        return scores

    def _bare(self, halves: Halves) -> Matrix:
        """The penalties for characters that the page glosses and that would stand bare."""
        return np.where(self.glossed.take(halves.points), UNGLOSSED_PENALTY, 0.0)

    def completed(self, members: list[Path], end: int, *, broken: bool) -> Fan:
        """A bare `?` that is a lone half, or a half and the ASCII character that it ate.

        Those that eat are decided before the next character is seen: `?` itself is rare.
        """
        pending = members[0].pending
        halves = beginning_with(pending)
        scores = self._each(members, halves, broken=broken)
        width = len(halves.points)
        best = np.argpartition(-scores, SWALLOWING_PATHS, axis=1)[:, :SWALLOWING_PATHS]
        eaten = swallowing(pending).take(best, axis=0)
        eaten += np.take_along_axis(scores, best, axis=1)[..., None]
        eaten += swallowed_worth(self.text, end).take(halves.ends_line.take(best), axis=0)
        flat = eaten.ravel()
        kept = np.argpartition(-flat, FEW)[:FEW]
        rows, columns, which = np.unravel_index(kept, eaten.shape)
        points = halves.points.take(best[rows, columns])
        worth, symbols = flat.take(kept), swallowable().take(which)
        sentence = np.zeros(FEW, np.bool_)
        if (self.text[end : end + 1] or "\n") in LONE_BEFORE:
            rows = np.concatenate((rows, np.arange(len(members)).repeat(width)))
            worth = np.concatenate((worth, scores.ravel()))
            symbols = np.concatenate((symbols, np.tile(halves.symbols, len(members))))
            sentence = np.concatenate((sentence, np.tile(halves.sentence, len(members))))

        def added(place: int) -> str:
            if place < FEW:
                return chr(points.item(place)) + SWALLOWABLE[which.item(place)]
            return chr(halves.points.item((place - FEW) % width))

        return Fan(members, rows, worth, symbols, sentence, added, pending=-1, last=-1, filled=1)

    def bad_pairs(
        self, members: list[Path], token: Token | None, *, broken: bool
    ) -> Iterator[Crossing]:
        """Every bad pair whose halves complete this character and begin the next."""
        if token is None:
            return
        lead = members[0].pending
        if token.swallowed:
            named = named_bytes(token.gloss).items()
            found = bridges_to(lead, [(second, one[0]) for second, some in named for one in some])
        else:
            found = bridges(lead, (cp936.encode(token.char) or b"\0")[0])
        if len(found.ahead):
            halves = beginning_with(lead)
            scores = self._each(members, halves, broken=broken).take(found.columns, axis=1)
            yield Crossing(members, halves, scores, found)

    def crossed(self, over: Crossing, token: Token) -> list[Fan]:
        """Go on over the character behind a bad pair: all that it may be, at once."""
        data = cp936.encode(token.char)
        if data is None:
            return []
        after, columns = over.found.after, over.found.columns
        scores = over.scores + over.found.ahead
        scores -= self._bare(after)
        width, members = len(columns), over.members

        def added(place: int) -> str:
            column = place % width
            here = over.halves.points.item(columns.item(column))
            return chr(here) + chr(after.points.item(column))

        return [
            Fan(
                members,
                np.arange(len(members)).repeat(width),
                scores.ravel(),
                np.tile(after.symbols, len(members)),
                np.tile(after.sentence, len(members)),
                added,
                pending=data[1] if len(data) > 1 else -1,
                last=data[-1],
                filled=2,
            )
        ]

    def after_split(self, members: list[Path], token: Token) -> list[Fan]:
        """The mark at a false split: its first byte ends a character of unknown lead."""
        data = cp936.encode(token.char.translate(FULL_WIDTH)) or b""
        if len(data) != 2 or token.gloss:
            return []
        halves = ending_with(data[0])
        scores = self._each(members, halves, broken=False)
        width = len(halves.points)

        def added(place: int) -> str:
            return chr(halves.points.item(place % width))

        return [
            Fan(
                members,
                np.arange(len(members)).repeat(width),
                scores.ravel(),
                np.tile(halves.symbols, len(members)),
                np.tile(halves.sentence, len(members)),
                added,
                pending=data[1],
                last=data[1],
                filled=1,
            )
        ]


def swallowed_worth(text: str, end: int) -> Matrix:
    """Return what the model can't tell of characters that a `?` ate: years, line ends, spaces.

    >>> swallowed_worth("946年", 0).shape == (2, len(SWALLOWABLE))
    True

    Two rows: behind a character that ends no line, and behind one that does.
    """
    return _swallowed_worth(is_year=YEAR_TAIL.match(text, end) is not None)


@cache
def _swallowed_worth(*, is_year: bool) -> Matrix:
    worth = np.zeros((2, len(SWALLOWABLE)))
    if is_year:
        worth[:, SWALLOWABLE.index("1")] = YEAR_BONUS
    worth[0, SWALLOWABLE.index("\n")] = -MISPLACED_SPACE_PENALTY
    worth[1, SWALLOWABLE.index(" ")] = -MISPLACED_SPACE_PENALTY
    worth.flags.writeable = False
    return worth
