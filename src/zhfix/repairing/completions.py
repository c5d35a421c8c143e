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
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = [
    "CLOSING_MARKS",
    "MARKS",
    "QUOTES",
    "SENTENCE_MARKS",
    "SWALLOWABLE",
    "Bridges",
    "Halves",
    "bad_halves",
    "beginning_with",
    "bridged",
    "bridges",
    "ending_with",
    "form_preference",
    "halves_of",
    "step_cost",
    "step_costs",
    "swallowable",
    "symbol_of",
]

#: Nats against a Simplified form that we choose ourselves: the page was made Traditional.
SIMPLIFIED_PENALTY = 4.0

#: Nats against a form outside Big5's first level, the characters in daily use: it breaks
#: ties between variants that the model folds together, such as 啟 and 啓.
RARE_FORM_PENALTY = 0.5

#: Below this log-probability a character was never seen, and stands for its kind.
UNSEEN = -14.0
UNSEEN_PENALTY = 5.0

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

    `bytes` are their other bytes, `symbols` the model's, `preference` what their form is worth
    in nats, `marks` the places of those whose worth depends on the text before them, `sentences`
    of those that end a clause, and `ends_line` tells which a line may end with.
    """

    chars: str
    bytes: tuple[int, ...]
    symbols: NDArray[np.intp]
    preference: NDArray[np.float64]
    marks: tuple[int, ...]
    sentences: NDArray[np.intp]
    ends_line: NDArray[np.intp]


def form_preference(char: str) -> float:
    """Return what the form of a character that we choose is worth, in nats.

    >>> form_preference("国"), form_preference("國")
    (-4.0, 0.0)

    That of a mark depends on what stands before it and is not told here.
    """
    if char in simplified_only():
        return -SIMPLIFIED_PENALTY
    return 0.0 if char in daily_characters() or char in MARKS else -RARE_FORM_PENALTY


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
    previous: NDArray[np.integer] | int, following: NDArray[np.integer] | int
) -> NDArray[np.float64]:
    """Return log-probabilities; the model makes runs of unseen characters cheap, we do not.

    >>> bool(step_costs(*LanguageModel.load().encode("中国").reshape(2, 1))[0] > -6)
    True

    It does so to leave rare text alone. Here each one would be our own choice.
    """
    model = LanguageModel.load()
    unseen = model.singles[following] < UNSEEN
    steps = model.steps(previous, following).astype(np.float64)
    steps -= UNSEEN_PENALTY * unseen
    return steps


@cache
def beginning_with(lead: int) -> Halves:
    """Return the characters of a lead byte.

    >>> "规" in beginning_with(0xB9).chars
    True
    """
    return halves_of([(cp936.character(lead, trail), trail) for trail in cp936.TRAILS])


@cache
def ending_with(trail: int) -> Halves:
    """Return the characters of a trail byte.

    >>> "规" in ending_with(0xE6).chars
    True
    """
    return halves_of([(cp936.character(lead, trail), lead) for lead in cp936.LEADS])


def halves_of(found: Iterable[tuple[str, int]]) -> Halves:
    """Price characters, each with its other byte; an empty one is left out.

    >>> halves_of([("规", 0xE6), ("", 0xE7)]).chars
    '规'
    """
    found = [one for one in found if one[0]]
    chars = "".join(char for char, _ in found)
    marks = [(place, char) for place, char in enumerate(chars) if char in MARKS]
    return Halves(
        chars,
        tuple(byte for _, byte in found),
        LanguageModel.load().encode(chars).astype(np.intp),
        np.array([form_preference(char) for char in chars]),
        tuple(place for place, _ in marks),
        np.array([place for place, char in marks if char in SENTENCE_MARKS], dtype=np.intp),
        np.array([char in LINE_ENDING_MARKS for char in chars], dtype=np.intp),
    )


@cache
def bad_halves(lead: int) -> tuple[tuple[str, int], ...]:
    """Return what the first bytes of bad pairs make of a lead byte, and their second bytes.

    >>> len(bad_halves(0xB9)) > 100
    True
    """
    pairs = ((cp936.character(lead, first), second) for first, second in cp936.tables().unmapped)
    return tuple((char, second) for char, second in pairs if char)


@dataclass(frozen=True, slots=True, eq=False)
class Bridges:
    """Bad pairs between a lead byte and what follows; arrays have one entry for each.

    `here` are the characters that they complete, with the bytes that then wait, and `ahead` what
    the characters are worth behind them that those bytes begin.
    """

    here: Halves
    ahead: NDArray[np.float64]


@lru_cache(maxsize=1024)
def bridges(lead: int, trail: int) -> Bridges:
    """Return the bad pairs whose first byte completes a lead byte and whose second begins a pair.

    >>> "规" in bridges(0xB9, 0xE6).here.chars or len(bridges(0xB9, 0xE6).here.chars) > 50
    True
    """
    return bridged(lead, lambda second: cp936.character(second, trail))


def bridged(lead: int, begun: Callable[[int], str]) -> Bridges:
    """Return the same where a reading names what follows: the characters of each lead byte.

    >>> bridged(0xB9, lambda second: "").here.chars
    ''
    """
    found = [(here, byte, char) for here, byte in bad_halves(lead) for char in begun(byte)]
    here = halves_of([(char, byte) for char, byte, _ in found])
    after = "".join([char for *_, char in found])
    ahead = step_costs(here.symbols, LanguageModel.load().encode(after))
    return Bridges(here, ahead + [form_preference(char) for char in after])


@cache
def swallowable() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the symbols of `SWALLOWABLE`, and what their forms are worth.

    >>> swallowable()[0].shape == (len(SWALLOWABLE),)
    True
    """
    worth = np.array([form_preference(char) for char in SWALLOWABLE])
    return LanguageModel.load().encode(SWALLOWABLE).astype(np.intp), worth
