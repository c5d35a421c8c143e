"""Whether a text glosses characters as a site does, or as a teacher does.

A site glosses every occurrence of a character, common ones above all, by a fixed reading. A
teacher glosses a rare or ambiguous character once. Evidence is summed over the document.
"""

from __future__ import annotations

import re
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing.glosses import FIRST_HAN, LAST_HAN, glosses_in
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.tokens import FULL_WIDTH_MARKS, LOST, PINYIN, SPLIT_MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Where a character was cut: a gloss without its bracket, or a lost byte before a mark.
_CUTS = tuple(
    lazy(
        rf"{re.escape(lost)}(?:{PINYIN}\s?\)"
        rf"|(?=[{SPLIT_MARKS}][^\x00-\x3f\s])|(?=[{FULL_WIDTH_MARKS}][{LOST}]))"
    )
    for lost in LOST
)

#: Unigram cost in nats of a character so rare that a teacher may gloss it as likely as a site.
TEACHABLE_COST = 10.5

#: Evidence in nats, summed over the glossed characters. Mirrors write Traditional text, and
#: readers of Traditional text are rarely given pinyin, so the script decides where to begin.
PRIOR_TRADITIONAL = 0.0
PRIOR_SIMPLIFIED = -5.0
MOST_PER_CHARACTER = 4.0
LEAST_PER_CHARACTER = -2.0
UNUSUAL_READING = -3.0
TONELESS = -3.0
REPEATED = 1.0
MOST_FOR_REPEATS = 4.0
CUT_PAIR = 4.0
ENOUGH = 0.0

#: Some sites write toneless readings behind nearly every character. Nobody teaches so.
DENSE = 0.5
FEWEST_DENSE = 12
#: A list of phrases for travellers does so in Simplified, and is short.
FEWEST_DENSE_SIMPLIFIED = 40
DENSE_EVIDENCE = 20.0
BARE_SHARE_DENSE = 0.5
#: Textbooks for children write the reading behind every character, and with its tone.
TEXTBOOK = 0.9
FEWEST_IN_TEXTBOOK = 10
#: Sites gloss what they made Traditional; a textbook everything.
NEUTRAL_IN_TEXTBOOK = 0.3
#: In Simplified text a lesson glosses its new words once or twice, a site again and again.
REPEATS_IN_SIMPLIFIED = 2.0

MOSTLY = 0.9

#: One bare occurrence in ten is still a habit: what was put into the page later may hold some.
BARE_SHARE = 0.1


def habit(text: str) -> dict[str, str]:
    """Return the characters that this text glosses as a site does, with their readings.

    >>> habit("網(wǎng)路")
    {'網': 'wǎng'}

    Empty when the glosses may be a teacher's. Evidence is summed in nats over the distinct
    characters: common ones count for a site, rare ones and unusual readings for a teacher.
    """
    found = glosses_in(text)
    if not found.named:
        return {}
    # A spam title above the article was put there later and has no glosses.
    above = text.rfind("\n", 0, int(found.starts[0])) + 1
    points = code_points(text)
    simplified, traditional = LanguageModel.load().script(text)
    is_traditional = traditional > simplified
    chars, read, costs, usual, toneless = zip(*found.named, strict=True)
    density = _density(points, "".join(chars), len(found))
    is_toneless = np.array(toneless)
    fewest = FEWEST_DENSE if is_traditional else FEWEST_DENSE_SIMPLIFIED
    dense = (
        density.share >= DENSE
        and density.glossed >= fewest
        and int(found.counts[is_toneless].sum()) >= MOSTLY * len(found)
    )
    cut_pairs = sum(1 for match in cuts(text) if match[0].endswith(")"))
    cut_pairs += len(found.behind_letters)
    if not cut_pairs and not dense and _is_lesson(density, is_traditional=is_traditional):
        return {}
    bare = _occurrences(points[above:], chars) - found.counts
    # Of a character with two readings neither is a habit: one stands where the other does not.
    chosen = bare <= (BARE_SHARE_DENSE if dense else BARE_SHARE) * found.counts
    weights = np.clip(TEACHABLE_COST - np.array(costs), LEAST_PER_CHARACTER, MOST_PER_CHARACTER)
    weights += np.minimum(REPEATED * (found.counts - 1), MOST_FOR_REPEATS)
    weights[is_toneless] += TONELESS
    weights[~np.array(usual)] = UNUSUAL_READING
    if dense:
        np.maximum(weights, 0.0, out=weights)
    evidence = PRIOR_TRADITIONAL if is_traditional else PRIOR_SIMPLIFIED
    evidence += CUT_PAIR * cut_pairs + DENSE_EVIDENCE * dense + float(weights[chosen].sum())
    pairs = zip(chars, read, strict=True)
    return dict(compress(pairs, chosen.tolist())) if evidence > ENOUGH else {}


class Density(NamedTuple):
    """How much of a text is glossed, how often each, and which share both scripts write alike."""

    glossed: int
    share: float
    repeats: float
    neutral: float


def _density(points: NDArray[np.uint32], chars: str, glossed: int) -> Density:
    han = np.count_nonzero((points >= FIRST_HAN) & (points <= LAST_HAN))
    only_one_script = sum(LanguageModel.load().script(chars))
    return Density(glossed, glossed / han, glossed / len(chars), 1.0 - only_one_script / len(chars))


def _is_lesson(density: Density, *, is_traditional: bool) -> bool:
    """Whether the glosses are those of a textbook: everywhere, or once for each new word."""
    if (
        density.share >= TEXTBOOK
        and density.glossed >= FEWEST_IN_TEXTBOOK
        and density.neutral >= NEUTRAL_IN_TEXTBOOK
    ):
        return True
    return not is_traditional and density.repeats < REPEATS_IN_SIMPLIFIED


def _occurrences(points: NDArray[np.uint32], chars: Sequence[str]) -> NDArray[np.intp]:
    """Count how often each of these characters stands in a text."""
    codes = list(map(ord, chars))
    ids = np.zeros(0x10000, np.int32)  # the last is that of all beyond, and of no character
    ids[codes] = np.arange(1, len(codes) + 1)
    every = np.bincount(ids.take(points, mode="clip"), minlength=len(codes) + 1)
    return every.take(ids.take(codes))


@cache_last
def cuts(text: str) -> list[re.Match[str]]:
    """Return the places where a character was cut, in order.

    >>> [match.start() for match in cuts("家?guī)熧和??植澜M")]
    [1, 8]
    """
    found = [match for pattern in _CUTS for match in pattern.finditer(text)]
    return sorted(found, key=lambda match: match.start())
