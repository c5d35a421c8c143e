"""Half characters at the end of a piece of text, where all around them is known: many at once.

Arithmetic puts a cut stretch right up to a `?` before a mark or a line end, where the text was cut
once more. That `?` is half a character, or half of one and the ASCII character that it ate. What is
asked of a page is asked together: a row for each such place, a column for each byte that is gone.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.completions import (
    CLOSING_MARKS,
    DOUBLED_MARK_PENALTY,
    SENTENCE_MARK_BONUS,
    SENTENCE_MARKS,
    SWALLOWABLE,
    Grid,
    form_preference,
    grid,
    step_costs,
    swallowable,
    symbol_of,
)
from zhfix.repairing.hypotheses import FEW, mark_worth
from zhfix.repairing.lost_bytes import (
    LONE_BEFORE,
    SWALLOWING_PATHS,
    UNGLOSSED_PENALTY,
    swallowed_worth,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from numpy.typing import NDArray

    from zhfix.repairing.hypotheses import Path

    Matrix: TypeAlias = NDArray[np.float64]

__all__ = ["Answer", "Question", "answers"]

#: Places that are worked on together, so that their arrays fit in the cache.
AT_ONCE = 64


class Question(NamedTuple):
    """A hypothesis whose last byte waits for one that is gone, and where the text goes on."""

    path: Path
    end: int


class Answer(NamedTuple):
    """The likeliest text up to the next character and with it, its log-likelihood, and its share.

    `share` is the part of the probability of all that it may be.
    """

    text: str
    score: float
    share: float


def answers(
    text: str, questions: Sequence[Question], glossed: NDArray[np.bool_]
) -> Iterator[Answer]:
    """Answer questions about a text; `glossed` tells which characters its page glosses."""
    for start in range(0, len(questions), AT_ONCE):
        yield from _answered(text, questions[start : start + AT_ONCE], glossed)


def _answered(
    text: str, questions: Sequence[Question], glossed: NDArray[np.bool_]
) -> Iterator[Answer]:
    beyond = [text[question.end : question.end + 1] or "\n" for question in questions]
    following = np.array([[symbol_of(char)] for char in beyond])
    halves, lone = _halves(questions, glossed)
    best, which, eaten = _eaten(text, questions, halves, lone)
    lone += step_costs(halves.symbols, following)
    is_mark = np.array([[char in SENTENCE_MARKS] for char in beyond])
    lone += np.where(halves.sentence, -DOUBLED_MARK_PENALTY, SENTENCE_MARK_BONUS) * is_mark
    lone[[char not in LONE_BEFORE for char in beyond]] = -np.inf
    eaten += step_costs(swallowable().take(which), following)
    eaten += SENTENCE_MARK_BONUS * is_mark
    every = np.concatenate((eaten, lone), axis=1)
    places = every.argmax(axis=1)
    rows = np.arange(len(every))
    scores = every[rows, places]
    shares = 1.0 / np.exp(every - scores[:, None]).sum(axis=1)
    for row, place, score, share in zip(
        rows.tolist(), places.tolist(), scores.tolist(), shares.tolist(), strict=True
    ):
        path, char = questions[row].path, beyond[row]
        if place < FEW:
            added = chr(halves.points[row, best[row, place]]) + SWALLOWABLE[which[row, place]]
        else:
            added = chr(halves.points[row, place - FEW])
        worth = form_preference(char)
        if char in CLOSING_MARKS:
            worth += mark_worth(added[-1], path.quotes, char)
        yield Answer(path.text + added + char, score + worth, share)


def _halves(questions: Sequence[Question], glossed: NDArray[np.bool_]) -> tuple[Grid, Matrix]:
    """Return the characters that may stand at each place, and what each is worth there."""
    leads = [question.path.pending for question in questions]
    halves = grid().rows(leads)
    previous = np.array([[question.path.symbol] for question in questions])
    scores = step_costs(previous, halves.symbols)
    scores += np.array([[question.path.score] for question in questions])
    scores += halves.preference
    whole = np.array([[not question.path.split] for question in questions])
    scores -= UNGLOSSED_PENALTY * (glossed.take(halves.points) & whole)
    for row, question in enumerate(questions):
        for column in grid().marks.get(leads[row], ()):
            char = chr(halves.points[row, column])
            scores[row, column] += mark_worth(question.path.text[-1], question.path.quotes, char)
    return halves, scores


def _eaten(
    text: str, questions: Sequence[Question], halves: Grid, scores: Matrix
) -> tuple[NDArray[np.intp], NDArray[np.intp], Matrix]:
    """Return the best that a half and an eaten character may be: columns, eaten, and their worth.

    They are decided before the next character is seen: `?` itself is rare.
    """
    own = np.arange(len(questions))[:, None]
    best = np.argpartition(-scores, SWALLOWING_PATHS, axis=1)[:, :SWALLOWING_PATHS]
    bonus = np.stack([swallowed_worth(text, question.end) for question in questions])
    worth = step_costs(halves.symbols[own, best][..., None], swallowable())
    worth += _forms_of_swallowable()
    worth += scores[own, best][..., None]
    worth += bonus[own, halves.ends_line[own, best].view(np.uint8)]
    worth = worth.reshape(len(worth), -1)
    kept = np.argpartition(-worth, FEW, axis=1)[:, :FEW]
    rows, which = np.divmod(kept, len(SWALLOWABLE))
    return best[own, rows], which, worth[own, kept]


@cache
def _forms_of_swallowable() -> Matrix:
    return np.array([form_preference(char) for char in SWALLOWABLE])
