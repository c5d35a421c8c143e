"""What a stretch of cut GBK bytes may have been: hypotheses, and ways on that are priced at once.

A search asks the same of dozens of hypotheses at each token. Prices are arrays, hypotheses by ways
on, and only the best are written out.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.completions import (
    CLOSING_MARKS,
    MARKS,
    SENTENCE_MARKS,
    form_preference,
    step_costs,
)
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Growth", "Path", "Way", "best_of", "follow", "mark_worth", "priced", "symbols_of"]

#: Nats for a mark that we choose: pairs charge the word after it for beginning a sentence.
SENTENCE_MARK_BONUS = 1.5
DOUBLED_MARK_PENALTY = 3.0

#: Nats for closing the quote that is open, and against closing one that is not.
MATCHED_QUOTE_BONUS = 3.0


#: So many times the hypotheses that are kept are written out: some are the same.
SPARE = 2


class Path(NamedTuple):
    """One hypothesis: the text so far, the bytes that wait, and how probable it is.

    `last` is the last byte, `filled` counts bytes that nothing names, `split` says that a gloss
    stands between the byte that waits and its trail, and `named` are the glosses that were used.
    """

    text: str
    pending: int = -1
    last: int = -1
    score: float = 0.0
    filled: int = 0
    split: bool = False
    named: tuple[tuple[str, str], ...] = ()


class Way(NamedTuple):
    """A way on: the text that it adds, the bytes it leaves, and what it is worth by itself."""

    added: str
    pending: int
    last: int
    filled: int = 0
    worth: float = 0.0
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """Some hypotheses with their ways on; `ranks` decide which are kept, `scores` are kept.

    They differ where a look at the next token tells more than the text does.
    """

    scores: NDArray[np.float64]
    ranks: NDArray[np.float64]
    make: Callable[[int, int], Path]


def priced(way: Way) -> Way:
    """Add to a way's worth what the model says of the characters within it, and their forms.

    >>> priced(Way("中国", -1, -1)).worth > -8
    True
    """
    worth = way.worth + sum(map(form_preference, way.added))
    if len(way.added) > 1:
        ids = LanguageModel.load().encode(way.added)
        worth += float(step_costs(ids[:-1], ids[1:]).sum())
    return way._replace(worth=worth)


def symbols_of(paths: Iterable[Path]) -> NDArray[np.uint16]:
    """Return the model's symbols of the characters at the ends of hypotheses.

    >>> len(symbols_of([Path("中"), Path("文")]))
    2
    """
    return LanguageModel.load().encode("".join([path.text[-1] for path in paths]))


def follow(pairs: Sequence[tuple[Path, Way]], line: str, *, split: bool = False) -> Growth:
    """Price hypotheses each with one priced way on; `line` stands before them in their line.

    >>> ways = [priced(Way(char, -1, -1)) for char in "囿国"]
    >>> growth = follow([(Path("中"), way) for way in ways], "")
    >>> growth.make(int(growth.ranks.argmax()), 0).text
    '中国'
    """
    # A way that adds nothing costs nothing yet.
    longer = np.array([place for place, (_, way) in enumerate(pairs) if way.added], dtype=np.intp)
    following = "".join([way.added[0] for _, way in pairs if way.added])
    previous = symbols_of([path for path, way in pairs if way.added])
    scores = np.array([path.score + way.worth for path, way in pairs])
    scores[longer] += step_costs(previous, LanguageModel.load().encode(following))
    for place, (path, way) in enumerate(pairs):
        if not MARKS.isdisjoint(way.added):
            scores[place] += mark_worth(line, path.text, way.added)

    def make(row: int, _: int) -> Path:
        path, way = pairs[row]
        return Path(
            path.text + way.added,
            way.pending,
            way.last,
            float(scores[row]),
            path.filled + way.filled,
            split and way.pending >= 0,
            path.named + way.named,
        )

    column = scores[:, None]
    return Growth(column, column, make)


def best_of(growths: Sequence[Growth], most: int) -> list[Path]:
    """Write out the best of all, best first; of equal ones the first.

    >>> a = follow([(Path("中"), priced(Way(char, -1, -1))) for char in "囿国"], "")
    >>> [path.text for path in best_of([a, a], 2)]
    ['中国', '中囿']
    """
    if not growths:
        return []
    flat = np.concatenate([growth.ranks.ravel() for growth in growths])
    starts = [0, *accumulate(growth.ranks.size for growth in growths)]
    if len(flat) > SPARE * most:
        order = np.sort(np.argpartition(-flat, SPARE * most)[: SPARE * most])
        order = order[np.argsort(-flat[order], kind="stable")]
    else:
        order = np.argsort(-flat, kind="stable")
    kept: dict[tuple[str, int], Path] = {}
    for place in order.tolist():
        which = bisect_right(starts, place) - 1
        growth = growths[which]
        path = growth.make(*divmod(place - starts[which], growth.ranks.shape[1]))
        kept.setdefault((path.text, path.pending), path)
        if len(kept) == most:
            break
    return list(kept.values())


def mark_worth(line: str, text: str, added: str) -> float:
    """Return what pairs of characters can't tell of the marks in an addition.

    >>> mark_worth("他说“", "好", "”") > 0 > mark_worth("他说", "好", "”")
    True

    That a mark stands at all, is not doubled, and closes the quote that is open.
    """
    worth = 0.0
    previous = text[-1]
    for char in added:
        if char in SENTENCE_MARKS:
            worth += -DOUBLED_MARK_PENALTY if previous in SENTENCE_MARKS else SENTENCE_MARK_BONUS
        elif char in CLOSING_MARKS:
            is_open = _last_open(line + text[1:]) == CLOSING_MARKS[char]
            worth += MATCHED_QUOTE_BONUS if is_open else -MATCHED_QUOTE_BONUS
        previous = char
    return worth


def _last_open(text: str) -> str:
    """Return the opening mark that waits to be closed."""
    stack: list[str] = []
    for char in text:
        if char in _OPENING:
            stack.append(char)
        elif stack and CLOSING_MARKS.get(char) == stack[-1]:
            stack.pop()
    return stack[-1] if stack else ""


_OPENING = frozenset(CLOSING_MARKS.values())
