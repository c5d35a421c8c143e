"""Where one text holds pages of several sites: the stretches of lines that one habit explains.

A spam mirror glosses the same characters throughout. In a dump of many pages each character that
one site glosses stands bare on another's, so nothing looks like a habit in the whole. From line
to line, though, what is glossed and what is bare changes seldom, and at a new page all at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.glosses import glosses_in
from zhfix.repairing.habit import cuts, habit
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.glosses import Gloss

__all__ = ["Section", "sections"]

#: With fewer glosses a text is one page, or none; nor is it asked further where one habit explains
#: so many of them.
FEWEST_GLOSSES = 30
EXPLAINED = 0.9
#: Lines with glosses that are farther apart, in lines, belong to different pages.
APART = 10
#: A new page begins where so many characters are treated otherwise than before, and this share
#: of those that stand on both sides.
FEWEST_CHANGES = 4
SHARE_OF_CHANGES = 0.2
#: So many lines are looked at before it and after: few tell best where, more of short lines.
AROUND = (6, 12, 24)
#: No page has fewer lines.
SHORTEST = 6
#: A page among others must show its habit in so many characters, and again and again: a lesson
#: glosses a new word once.
FEWEST_CHARACTERS = 8
REPEATS = 1.25


class Section(NamedTuple):
    """A stretch of whole lines, in code points, and the glosses of its habit."""

    start: int
    end: int
    glosses: dict[str, str]


class _Line(NamedTuple):
    """A line: where it starts, and which characters of interest it glosses or leaves bare."""

    start: int
    glosses: dict[str, bool]


def sections(text: str) -> list[Section]:
    """Cut a text where the habit of glossing changes; most texts are one section.

    >>> sections("網(wǎng)路")
    [Section(start=0, end=8, glosses={'網': 'wǎng'})]
    """
    whole = habit(text)
    if _explains(whole, text):
        return [Section(0, len(text), whole)]
    # Lessons and dictionaries are full of readings, too, but only a mirror cuts characters.
    return list(_pages(text, 0, AROUND)) if _has_cut_pair(text) else [Section(0, len(text), {})]


def _pages(text: str, start: int, around: tuple[int, ...]) -> Iterator[Section]:
    """Cut a text, and once more with a wider view what no habit explains then."""
    for low, high in pairwise(sorted({0, len(text), *_bounds(text, around[0])})):
        page = text[low:high]
        glosses = _habit_among_others(page)
        if _explains(glosses, page) or not around[1:]:
            yield Section(start + low, start + high, glosses)
        else:
            yield from _pages(page, start + low, around[1:])


def _explains(glosses: Mapping[str, str], text: str) -> bool:
    """Whether there is little that is glossed and that these are not."""
    found = glosses_in(text)
    return len(found) < FEWEST_GLOSSES or found.times(glosses) >= EXPLAINED * len(found)


def _habit_among_others(page: str) -> dict[str, str]:
    """Return the habit of one page, with more evidence than a text by itself needs."""
    glosses = habit(page)
    if len(glosses) < FEWEST_CHARACTERS:
        return {}
    times = glosses_in(page).times(glosses)
    return glosses if times >= REPEATS * len(glosses) or _has_cut_pair(page) else {}


def _has_cut_pair(text: str) -> bool:
    return any(match[0].endswith(")") for match in cuts(text))


def _bounds(text: str, around: int) -> Iterator[int]:
    """Yield where pages begin and end."""
    glosses = list(glosses_in(text))
    points = code_points(text)
    starts = np.concatenate(([0], np.flatnonzero(points == 0x0A) + 1))
    ends = np.append(starts, len(text))
    numbers = np.searchsorted(starts, [gloss.start for gloss in glosses], "right") - 1
    breaks = np.flatnonzero(np.diff(numbers) > APART) + 1
    for of_page in np.split(np.arange(len(glosses)), breaks):
        first, last = int(numbers[of_page[0]]), int(numbers[of_page[-1]])
        here = glosses[of_page[0] : of_page[-1] + 1]
        lines = _lines(points, ends[first : last + 2], here)
        yield from (lines[at].start for at in _changes(lines, around))
        yield int(starts[first])
        yield int(ends[last + 1])


def _lines(
    points: NDArray[np.uint32], ends: NDArray[np.intp], glosses: Sequence[Gloss]
) -> list[_Line]:
    """Tell of each line which of the glossed characters it mostly glosses."""
    of_interest = np.zeros(0x10000, np.bool_)
    of_interest[[ord(gloss.char) for gloss in glosses]] = True
    low, high = int(ends[0]), int(ends[-1])
    places = low + np.flatnonzero(of_interest.take(points[low:high], mode="clip"))
    chars = points.take(places).astype(np.uint32).tobytes().decode("utf-32-le")
    at_line = np.searchsorted(places, ends).tolist()
    glossed_at = [gloss.start for gloss in glosses]
    lines = []
    for number, (start, stop) in enumerate(pairwise(ends.tolist())):
        some = slice(bisect_left(glossed_at, start), bisect_left(glossed_at, stop))
        glossed = Counter(gloss.char for gloss in glosses[some])
        every = Counter(chars[at_line[number] : at_line[number + 1]])
        lines.append(_Line(start, {char: 2 * glossed[char] > every[char] for char in every}))
    return lines


def _changes(lines: Sequence[_Line], around: int) -> list[int]:
    """Return the numbers of the lines at which another page begins, in view of so many lines."""
    told: list[tuple[float, int]] = []
    for number in range(1, len(lines)):
        before, after = lines[max(0, number - around) : number], lines[number : number + around]
        changed, both = _treated_otherwise(before, after)
        if _is_border(changed, both):
            told.append((changed / both, number))
    chosen: list[int] = []
    near = np.zeros(len(lines), np.bool_)
    for _, number in sorted(told, reverse=True):
        if not near[number]:
            chosen.append(number)
            near[max(0, number - SHORTEST + 1) : number + SHORTEST] = True
    # A few lines may differ by chance: what tells less when all of both pages is seen is no border.
    borders = [0]
    for number, until in pairwise([*sorted(chosen), len(lines)]):
        if _is_border(*_treated_otherwise(lines[borders[-1] : number], lines[number:until])):
            borders.append(number)
    return borders[1:]


def _is_border(changed: int, both: int) -> bool:
    return changed >= FEWEST_CHANGES and changed > SHARE_OF_CHANGES * both


def _treated_otherwise(before: Sequence[_Line], after: Sequence[_Line]) -> tuple[int, int]:
    """Count the characters that are glossed only before or only after, and all in both."""
    earlier, later = _mostly(before), _mostly(after)
    both = earlier.keys() & later.keys()
    return sum(earlier[char] != later[char] for char in both), len(both)


def _mostly(lines: Sequence[_Line]) -> dict[str, bool]:
    """Tell which characters most lines gloss."""
    balance: Counter[str] = Counter()
    for line in lines:
        balance.update({char: 1 if glossed else -1 for char, glossed in line.glosses.items()})
    return {char: value > 0 for char, value in balance.items()}
