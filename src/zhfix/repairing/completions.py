"""What half of a GBK pair can become: all characters at once, as arrays.

A search that puts cut pairs back together asks this for every hypothesis and every lost byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.repairing import cp936
from zhfix.repairing.forms import daily_characters, simplified_only
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = [
    "CLOSING_MARKS",
    "DOUBLED_MARK_PENALTY",
    "MARKS",
    "QUOTES",
    "SENTENCE_MARKS",
    "SENTENCE_MARK_BONUS",
    "SWALLOWABLE",
    "Bridges",
    "Grid",
    "Halves",
    "beginning_with",
    "bridges",
    "bridges_to",
    "ending_with",
    "form_preference",
    "grid",
    "halves_of",
    "step_cost",
    "step_costs",
    "swallowable",
    "swallowing",
    "symbol_of",
]

#: Nats against a Simplified form that we choose ourselves: the page was made Traditional.
SIMPLIFIED_PENALTY = 4.0

#: Nats against a form outside Big5's first level, the characters in daily use: it breaks
#: ties between variants that the model folds together, such as 啟 and 啓.
RARE_FORM_PENALTY = 0.5
#: What a form is worth that is rare, that is daily, and that only Simplified text has.
FORMS = (-RARE_FORM_PENALTY, 0.0, -SIMPLIFIED_PENALTY)

#: Below this log-probability a character was never seen, and stands for its kind.
UNSEEN = -14.0
UNSEEN_PENALTY = 5.0

#: Nats for a mark that we choose: pairs charge the word after it for beginning a sentence.
SENTENCE_MARK_BONUS = 1.5
DOUBLED_MARK_PENALTY = 3.0

SENTENCE_MARKS = "，。！？；："
CLOSING_MARKS = {
    "」": "「",
    "』": "『",
    "”": "“",
    "’": "‘",
    "》": "《",
    "〉": "〈",
    "）": "（",
    "】": "【",
}

MARKS = frozenset(SENTENCE_MARKS) | frozenset(CLOSING_MARKS)
QUOTES = frozenset(CLOSING_MARKS) | frozenset(CLOSING_MARKS.values())

#: Characters and pairs of them whose prices are remembered: a page uses some hundreds.
REMEMBERED = 1 << 14

#: What stands before the end of a line.
LINE_ENDING_MARKS = "。！？；：」』”…）"

#: ASCII below 40, which no decoder takes for the second half of a pair.
SWALLOWABLE = "\n" + "".join(map(chr, range(0x20, 0x40)))


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Characters that share a byte; arrays have one entry for each.

    `points` are their code points, `bytes` their other bytes, `symbols` the model's, `preference`
    what their form is worth in nats, `marks` the places of those whose worth depends on the text
    before them; `sentence` tells which end a clause, and `ends_line` which a line.
    """

    points: NDArray[np.uint16]
    bytes: NDArray[np.intp]
    symbols: NDArray[np.intp]
    preference: NDArray[np.float64]
    marks: NDArray[np.intp]
    sentence: NDArray[np.bool_]
    ends_line: NDArray[np.bool_]


def form_preference(char: str) -> float:
    """Return what the form of a character that we choose is worth, in nats.

    >>> form_preference("国"), form_preference("國")
    (-4.0, 0.0)

    That of a mark depends on what stands before it and is not told here.
    """
    if char > "\uffff":
        return -SIMPLIFIED_PENALTY if char in _simplified_beyond() else -RARE_FORM_PENALTY
    return FORMS[_forms()[ord(char)]]


@lru_cache(maxsize=REMEMBERED)
def symbol_of(char: str) -> int:
    """Return the model's symbol of a character.

    >>> symbol_of("國") == symbol_of("国")
    True
    """
    return int(LanguageModel.load().symbols[ord(char)])


@lru_cache(maxsize=REMEMBERED)
def step_cost(previous: int, following: int) -> float:
    """Return what `step_costs` does of one pair of symbols.

    >>> step_cost(symbol_of("中"), symbol_of("国")) > -6
    True
    """
    model = LanguageModel.load()
    unseen = model.singles.item(following) < UNSEEN
    return model.step(previous, following) - UNSEEN_PENALTY * unseen


def step_costs(
    previous: NDArray[np.integer], following: NDArray[np.integer] | int
) -> NDArray[np.float64]:
    """Return log-probabilities; the model makes runs of unseen characters cheap, we do not.

    >>> bool(step_costs(*LanguageModel.load().encode("中国").reshape(2, 1))[0] > -6)
    True

    It does so to leave rare text alone. Here each one would be our own choice.
    """
    model = LanguageModel.load()
    steps = model.steps(previous, following).astype(np.float64)
    steps += _unseen().take(following)
    return steps


@cache
def _unseen() -> NDArray[np.float64]:
    return np.where(LanguageModel.load().singles < UNSEEN, -UNSEEN_PENALTY, 0.0)


@cache
def beginning_with(lead: int) -> Halves:
    """Return the characters of a lead byte.

    >>> ord("规") in beginning_with(0xB9).points
    True
    """
    return halves_of(cp936.grid()[lead], np.arange(0x100))


@cache
def ending_with(trail: int) -> Halves:
    """Return the characters of a trail byte.

    >>> ord("规") in ending_with(0xE6).points
    True
    """
    return halves_of(cp936.grid()[:, trail], np.arange(0x100))


def halves_of(points: NDArray[np.uint16], others: NDArray[np.intp]) -> Halves:
    """Price characters, each with its other byte; 0 is none and left out.

    >>> halves_of(np.array([ord("规"), 0]), np.array([0xE6, 0xE7])).bytes.tolist()
    [230]
    """
    known = np.flatnonzero(points)
    points = points.take(known)
    kinds = _mark_kinds().take(points)
    return Halves(
        points,
        others.take(known),
        LanguageModel.load().symbols.take(points).astype(np.intp),
        _form_preferences(points),
        np.flatnonzero(kinds & _MARK),
        (kinds & _SENTENCE) > 0,
        (kinds & _LINE_END) > 0,
    )


_MARK, _SENTENCE, _LINE_END = 1, 2, 4


@cache
def _mark_kinds() -> NDArray[np.uint8]:
    table = np.zeros(0x10000, np.uint8)
    for kind, marks in (
        (_MARK, MARKS),
        (_SENTENCE, SENTENCE_MARKS),
        (_LINE_END, LINE_ENDING_MARKS),
    ):
        table[list(map(ord, marks))] |= np.uint8(kind)
    return table


def _form_preferences(points: NDArray[np.integer]) -> NDArray[np.float64]:
    """What the forms of characters of the basic plane are worth."""
    return np.array(FORMS).take(_forms().take(points))


@cache
def _forms() -> NDArray[np.uint8]:
    """Which of `FORMS` each character of the basic plane is."""
    table = np.zeros(0x10000, np.uint8)
    table[list(map(ord, daily_characters() | MARKS))] = 1
    table[[ord(char) for char in simplified_only() if char <= "\uffff"]] = 2
    return table


@cache
def _simplified_beyond() -> frozenset[str]:
    return frozenset(char for char in simplified_only() if char > "\uffff")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """All characters of two bytes, as in `Halves`: rows by lead, columns by trail from 0x40 on.

    Where there is no character `preference` is minus infinity. `marks` are columns by lead byte.
    """

    points: NDArray[np.uint16]
    symbols: NDArray[np.uint16]
    preference: NDArray[np.float32]
    sentence: NDArray[np.bool_]
    ends_line: NDArray[np.bool_]
    marks: Mapping[int, Sequence[int]]

    def rows(self, leads: Sequence[int]) -> Grid:
        """Return the characters of some lead bytes, a row for each of these.

        >>> grid().rows([0xB9, 0xB9]).points.shape[0]
        2
        """
        return Grid(
            self.points.take(leads, axis=0),
            self.symbols.take(leads, axis=0),
            self.preference.take(leads, axis=0),
            self.sentence.take(leads, axis=0),
            self.ends_line.take(leads, axis=0),
            self.marks,
        )


@cache
def grid() -> Grid:
    """Return all characters of two bytes.

    >>> chr(grid().points[0xB9, 0xE6 - 0x40])
    '规'
    """
    points = cp936.grid()[:, cp936.TRAILS[0] : cp936.TRAILS[-1] + 1]
    kinds = _mark_kinds().take(points)
    marks = (kinds & _MARK) > 0
    return Grid(
        points,
        LanguageModel.load().symbols.take(points),
        np.where(points > 0, _form_preferences(points), -np.inf).astype(np.float32),
        (kinds & _SENTENCE) > 0,
        (kinds & _LINE_END) > 0,
        {lead: np.flatnonzero(row).tolist() for lead, row in enumerate(marks) if row.any()},
    )


@dataclass(frozen=True, slots=True, eq=False)
class Bridges:
    """Bad pairs between a lead byte and what follows; arrays have one entry for each.

    `columns` are the characters that they complete, as places in those of the lead byte, `waiting`
    the bytes that then wait, `after` the characters that these begin, and `ahead` what they are
    worth behind the others.
    """

    columns: NDArray[np.intp]
    waiting: NDArray[np.intp]
    after: Halves
    ahead: NDArray[np.float64]


@lru_cache(maxsize=1024)
def bridges(lead: int, trail: int) -> Bridges:
    """Return the bad pairs whose first byte completes a lead byte and whose second begins a pair.

    >>> len(bridges(0xB9, 0xE6).ahead) > 50
    True
    """
    firsts, seconds = _unmapped()
    return _bridged(lead, firsts, seconds, cp936.grid()[seconds, trail])


def bridges_to(lead: int, named: Iterable[tuple[int, str]]) -> Bridges:
    """Return the same where a reading names what follows: lead bytes with their characters.

    >>> len(bridges_to(0xB9, []).ahead)
    0
    """
    firsts, seconds = _unmapped()
    after = np.zeros(len(seconds), np.uint16)
    chosen = [np.zeros(0, np.intp)]
    points = [after[:0]]
    for second, char in named:
        places = np.flatnonzero(seconds == second)
        chosen.append(places)
        points.append(np.full(len(places), ord(char), np.uint16))
    rows = np.concatenate(chosen)
    return _bridged(lead, firsts.take(rows), seconds.take(rows), np.concatenate(points))


def _bridged(
    lead: int,
    firsts: NDArray[np.intp],
    seconds: NDArray[np.intp],
    begun: NDArray[np.uint16],
) -> Bridges:
    here = beginning_with(lead)
    place = np.full(0x100, -1)
    place[here.bytes] = np.arange(len(here.bytes))
    columns = place.take(firsts)
    both = np.flatnonzero((columns >= 0) & (begun > 0))
    columns, seconds = columns.take(both), seconds.take(both)
    after = halves_of(begun.take(both), seconds)
    ahead = step_costs(here.symbols.take(columns), after.symbols)
    ahead += after.preference
    ends = here.sentence.take(columns)
    ahead += np.where(ends, -DOUBLED_MARK_PENALTY, SENTENCE_MARK_BONUS) * after.sentence
    return Bridges(columns, seconds, after, ahead)


@cache
def _unmapped() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first and the second bytes of bad pairs."""
    pairs = np.array([tuple(pair) for pair in cp936.tables().unmapped], np.intp)
    return pairs[:, 0], pairs[:, 1]


@cache
def swallowing(lead: int) -> NDArray[np.float64]:
    """Return what each of `SWALLOWABLE` is worth behind each character of a lead byte.

    >>> swallowing(0xB9).shape == (len(beginning_with(0xB9).points), len(SWALLOWABLE))
    True
    """
    costs = step_costs(beginning_with(lead).symbols[:, None], swallowable())
    return costs + [form_preference(char) for char in SWALLOWABLE]


@cache
def swallowable() -> NDArray[np.intp]:
    """Return the symbols of `SWALLOWABLE`.

    >>> swallowable().shape == (len(SWALLOWABLE),)
    True
    """
    return LanguageModel.load().encode(SWALLOWABLE).astype(np.intp)
