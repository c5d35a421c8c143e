"""What a stretch of cut GBK bytes may have been: hypotheses, and what they are worth.

Under a model of pairs a hypothesis is no more than its last character and the bytes that wait, so
of those that agree in these the best one stands for all, with the probability of all. Where
hundreds of characters fit the half that is left they are a `Fan`: arrays, of which the next
character chooses one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.completions import (
    CLOSING_MARKS,
    DOUBLED_MARK_PENALTY,
    MARKS,
    QUOTES,
    SENTENCE_MARK_BONUS,
    SENTENCE_MARKS,
    form_preference,
    step_cost,
    step_costs,
    symbol_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Fan", "Path", "Way", "chosen", "follow", "mark_worth", "merged", "quotes_after"]

#: Nats for closing the quote that is open, and against closing one that is not.
MATCHED_QUOTE_BONUS = 3.0

#: Hypotheses of a fan that go on by themselves.
FEW = 24

#: Ways on whose worth is remembered.
REMEMBERED = 1 << 12


class Path(NamedTuple):
    """One hypothesis: the text so far, the bytes that wait, and how probable it is.

    `symbol` is the model's of the last character, `last` the last byte, `total` the score of all
    hypotheses that this one stands for, `filled` counts bytes that nothing names, `split` says that
    a gloss stands between the byte that waits and its trail, `named` are the glosses that were used
    and `quotes` the marks that wait to be closed.
    """

    text: str
    symbol: int
    pending: int = -1
    last: int = -1
    split: bool = False
    score: float = 0.0
    total: float = 0.0
    filled: int = 0
    named: tuple[tuple[str, str], ...] = ()
    quotes: str = ""


class Way(NamedTuple):
    """A way on: the text that it adds, the bytes it leaves, and what it is worth by itself."""

    added: str
    pending: int
    last: int
    filled: int = 0
    worth: float = 0.0
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fan:
    """Hypotheses that differ in what they chose for bytes that are gone.

    `members` are those that they came from. Arrays have an entry for each: `rows` says from which
    one, `symbols` are the model's last characters, and `sentence` tells which of them end a clause.
    `added` tells what one adds.
    """

    members: Sequence[Path]
    rows: NDArray[np.intp]
    scores: NDArray[np.float64]
    symbols: NDArray[np.intp]
    sentence: NDArray[np.bool_]
    added: Callable[[int], str]
    pending: int
    last: int
    filled: int

    def path(self, place: int) -> Path:
        """Write one out."""
        before = self.members[self.rows.item(place)]
        added = self.added(place)
        score = self.scores.item(place)
        return Path(
            before.text + added,
            self.symbols.item(place),
            self.pending,
            self.last,
            False,
            score,
            score + before.total - before.score,
            before.filled + self.filled,
            before.named,
            before.quotes if QUOTES.isdisjoint(added) else quotes_after(before.quotes, added),
        )

    def best(self, most: int) -> list[Path]:
        """Write the best out."""
        if len(self.scores) > most:
            places = np.argpartition(-self.scores, most)[:most]
        else:
            places = np.arange(len(self.scores))
        return [self.path(place) for place in places.tolist()]

    def extra(self) -> NDArray[np.float64] | float:
        """What the total of each is more than its score."""
        if len(self.members) == 1:
            return self.members[0].total - self.members[0].score
        return np.array([path.total - path.score for path in self.members]).take(self.rows)


@lru_cache(maxsize=REMEMBERED)
def worth(added: str) -> float:
    """Return what the model says of the characters within an addition, and their forms.

    >>> worth("中国") > -8, worth("中")
    (True, 0.0)
    """
    value = sum(map(form_preference, added))
    symbols = [symbol_of(char) for char in added]
    return value + sum(map(step_cost, symbols, symbols[1:]))


def follow(path: Path, way: Way, *, split: bool = False) -> Path:
    """Go one way on with a hypothesis.

    >>> start = Path("中", symbol_of("中"))
    >>> max((follow(start, Way(char, -1, -1)) for char in "囿国"), key=lambda path: path.score).text
    '中国'
    """
    text, symbol, _, _, _, score, total, filled, named, quotes = path
    added = way.added
    gain = way.worth
    if added:
        # A way that adds nothing costs nothing yet.
        gain += step_cost(symbol, symbol_of(added[0])) + worth(added)
        if not MARKS.isdisjoint(added):
            gain += mark_worth(text[-1], quotes, added)
        if not QUOTES.isdisjoint(added):
            quotes = quotes_after(quotes, added)
        symbol = symbol_of(added[-1])
    return Path(
        text + added,
        symbol,
        way.pending,
        way.last,
        split and way.pending >= 0,
        score + gain,
        total + gain,
        filled + way.filled,
        named + way.named,
        quotes,
    )


def chosen(fan: Fan, way: Way, *, split: bool = False) -> list[Path]:
    """Go one way on with all of a fan: the best one stands for all.

    What a closing mark is worth depends on the text before it; then some go on by themselves.
    """
    added = way.added
    if not added or not CLOSING_MARKS.keys().isdisjoint(added):
        return [follow(path, way, split=split) for path in fan.best(FEW)]
    scores = fan.scores + step_costs(fan.symbols, symbol_of(added[0]))
    if added[0] in SENTENCE_MARKS:
        scores += np.where(fan.sentence, -DOUBLED_MARK_PENALTY, SENTENCE_MARK_BONUS)
    place = int(scores.argmax())
    best = float(scores[place])
    scores += fan.extra() - best
    total = best + math.log(float(np.exp(scores, out=scores).sum()))
    before = fan.path(place)
    gain = way.worth + worth(added)
    return [
        Path(
            before.text + added,
            symbol_of(added[-1]),
            way.pending,
            way.last,
            split and way.pending >= 0,
            best + gain,
            total + gain,
            before.filled + way.filled,
            before.named + way.named,
            before.quotes if QUOTES.isdisjoint(added) else quotes_after(before.quotes, added),
        )
    ]


def merged(paths: Iterable[Path]) -> list[Path]:
    """Let the best of those with the same future stand for all.

    >>> paths = [Path(text, 7, score=score) for text, score in (("囿国", -2.0), ("中国", -1.0))]
    >>> [path.text for path in merged(paths)]
    ['中国']
    """
    kept: dict[tuple[int, int, bool, str, str], Path] = {}
    for path in paths:
        key = (path.pending, path.last, path.split, path.text[-1], path.quotes)
        other = kept.get(key)
        if other is None:
            kept[key] = path
        elif path.text == other.text:
            kept[key] = path if path.score > other.score else other
        else:
            low, high = sorted((path.total, other.total))
            total = high + math.log1p(math.exp(low - high))
            better = path if path.score > other.score else other
            kept[key] = better._replace(total=total)
    return list(kept.values())


def mark_worth(previous: str, quotes: str, added: str) -> float:
    """Return what pairs of characters can't tell of the marks in an addition.

    >>> mark_worth("好", "“", "”") > 0 > mark_worth("好", "", "”")
    True

    That a mark stands at all, is not doubled, and closes the quote that is open.
    """
    value = 0.0
    for char in added:
        if char in SENTENCE_MARKS:
            value += -DOUBLED_MARK_PENALTY if previous in SENTENCE_MARKS else SENTENCE_MARK_BONUS
        elif char in CLOSING_MARKS:
            is_open = quotes[-1:] == CLOSING_MARKS[char]
            value += MATCHED_QUOTE_BONUS if is_open else -MATCHED_QUOTE_BONUS
        previous = char
    return value


def quotes_after(quotes: str, text: str) -> str:
    """Return the opening marks that wait to be closed behind a text.

    >>> quotes_after("", "他说“我看「书」")
    '“'
    """
    for char in text:
        if char in QUOTES:
            if char not in CLOSING_MARKS:
                quotes += char
            elif quotes[-1:] == CLOSING_MARKS[char]:
                quotes = quotes[:-1]
    return quotes
