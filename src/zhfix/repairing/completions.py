"""What half of a GBK pair can become: all characters at once, as arrays.

A search that puts cut pairs back together asks this for every hypothesis and every lost byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.repairing import cp936
from zhfix.repairing.forms import daily_characters, simplified_only
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CLOSING_MARKS",
    "SENTENCE_MARKS",
    "SWALLOWABLE",
    "Halves",
    "bad_halves",
    "beginning_with",
    "ending_with",
    "form_preference",
    "step_costs",
    "swallowable",
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

#: ASCII below 40, which no decoder takes for the second half of a pair.
SWALLOWABLE = "\n" + "".join(map(chr, range(0x20, 0x40)))


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Characters that share a byte; arrays have one entry for each.

    `bytes` are their other bytes, `symbols` the model's, `preference` what their form is worth
    in nats, `marks` the places of those whose worth depends on the text before them.
    """

    chars: str
    bytes: tuple[int, ...]
    symbols: NDArray[np.uint16]
    preference: NDArray[np.float64]
    marks: tuple[int, ...]


def form_preference(char: str) -> float:
    """Return what the form of a character that we choose is worth, in nats.

    >>> form_preference("国"), form_preference("國")
    (-4.0, 0.0)
    """
    if char in simplified_only():
        return -SIMPLIFIED_PENALTY
    return 0.0 if char in daily_characters() else -RARE_FORM_PENALTY


def step_costs(
    previous: NDArray[np.integer], following: NDArray[np.integer]
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
    return _halves([(cp936.character(lead, trail), trail) for trail in cp936.TRAILS])


@cache
def ending_with(trail: int) -> Halves:
    """Return the characters of a trail byte.

    >>> "规" in ending_with(0xE6).chars
    True
    """
    return _halves([(cp936.character(lead, trail), lead) for lead in cp936.LEADS])


def _halves(found: list[tuple[str, int]]) -> Halves:
    chars = "".join(char for char, _ in found)
    depends = [char in SENTENCE_MARKS or char in CLOSING_MARKS for char in chars]
    worth = [0.0 if mark else form_preference(c) for c, mark in zip(chars, depends, strict=True)]
    return Halves(
        chars,
        tuple(byte for char, byte in found if char),
        LanguageModel.load().encode(chars),
        np.array(worth),
        tuple(place for place, mark in enumerate(depends) if mark),
    )


@cache
def bad_halves(lead: int) -> tuple[tuple[str, int], ...]:
    """Return what the first bytes of bad pairs make of a lead byte, and their second bytes.

    >>> len(bad_halves(0xB9)) > 100
    True
    """
    pairs = ((cp936.character(lead, first), second) for first, second in cp936.tables().unmapped)
    return tuple((char, second) for char, second in pairs if char)


@cache
def swallowable() -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """Return the symbols of `SWALLOWABLE`, and what their forms are worth.

    >>> swallowable()[0].shape == (len(SWALLOWABLE),)
    True
    """
    worth = np.array([form_preference(char) for char in SWALLOWABLE])
    return LanguageModel.load().encode(SWALLOWABLE), worth
