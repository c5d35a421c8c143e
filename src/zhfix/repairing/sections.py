"""Where one text holds pages of several sites: the stretches of lines that one habit explains.

A spam mirror glosses the same characters throughout. In a dump of many pages each character that
one site glosses stands bare on another's, so nothing looks like a habit in the whole. From line
to line, though, what is glossed and what is bare changes seldom, and at a new page all at once.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.arrays import counted, distinct, numbered
from zhfix.repairing.glosses import glosses_in
from zhfix.repairing.habit import cuts, habit
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray


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
#: Lines that are looked at together.
AT_ONCE = 128
LINE_FEED = 0x0A
#: A page among others must show its habit in so many characters, and again and again: a lesson
#: glosses a new word once.
FEWEST_CHARACTERS = 8
REPEATS = 1.25


class Section(NamedTuple):
    """A stretch of whole lines: where it begins, in code points, and the glosses of its habit."""

    start: int
    text: str
    glosses: dict[str, str]


def sections(text: str) -> list[Section]:
    """Cut a text where the habit of glossing changes; most texts are one section.

    >>> sections("網(wǎng)路")
    [Section(start=0, text='網(wǎng)路', glosses={'網': 'wǎng'})]
    """
    whole = habit(text)
    if _explains(whole, text):
        return [Section(0, text, whole)]
    # Lessons and dictionaries are full of readings, too, but only a mirror cuts characters.
    return list(_pages(text, 0, AROUND)) if _has_cut_pair(text) else [Section(0, text, {})]


def _pages(text: str, start: int, around: tuple[int, ...]) -> Iterator[Section]:
    """Cut a text, and once more with a wider view what no habit explains then."""
    for low, high in pairwise(sorted({0, len(text), *_bounds(text, around[0])})):
        page = text[low:high]
        glosses = _habit_among_others(page)
        if _explains(glosses, page) or not around[1:]:
            yield Section(start + low, page, glosses)
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
    found = glosses_in(text)
    points = code_points(text)
    starts = np.concatenate(([0], np.flatnonzero(points == LINE_FEED) + 1))
    ends = np.append(starts, len(text))
    numbers = np.searchsorted(starts, found.starts, "right") - 1
    chars = np.array([ord(named.char) for named in found.named], np.intp).take(found.which)
    breaks = np.flatnonzero(np.diff(numbers) > APART) + 1
    for of_page in np.split(np.arange(len(found)), breaks):
        first, last = int(numbers[of_page[0]]), int(numbers[of_page[-1]])
        here = slice(of_page[0], of_page[-1] + 1)
        treated = _treated(points, ends[first : last + 2], found.starts[here], chars[here])
        yield from (int(starts[first + at]) for at in treated.changes(around))
        yield int(starts[first])
        yield int(ends[last + 1])


def _treated(
    points: NDArray[np.uint32],
    bounds: NDArray[np.intp],
    glosses: NDArray[np.intp],
    chars: NDArray[np.intp],
) -> _Treated:
    """Tell of each line between bounds which of the glossed characters it mostly glosses."""
    ids = np.zeros(0x10000, np.intp)  # the last is that of all beyond
    different = distinct(chars)
    ids[different] = np.arange(1, len(different) + 1)
    low = int(bounds[0])
    every = ids.take(points[low : bounds[-1]], mode="clip")
    places = np.flatnonzero(every)
    width = len(different)
    lines = bounds.searchsorted(places + low, "right") - 1
    keys, counts = counted(lines * width + every.take(places) - 1)
    glossed = (bounds.searchsorted(glosses, "right") - 1) * width + ids.take(chars) - 1
    times = np.bincount(keys.searchsorted(glossed), minlength=len(keys))
    signs = np.where(2 * times > counts, 1, -1)
    return _Treated(keys // width, keys % width, signs, len(bounds) - 1, width)


class _Treated(NamedTuple):
    """Which characters each line glosses (1) or leaves bare (-1), mostly: columns, by line.

    `size` is the number of lines, `width` that of characters.
    """

    lines: NDArray[np.intp]
    chars: NDArray[np.intp]
    signs: NDArray[np.intp]
    size: int
    width: int

    def changes(self, around: int) -> list[int]:
        """Return the lines at which another page begins, in view of so many lines."""
        told: list[tuple[float, int]] = []
        for low in range(1, self.size, AT_ONCE):
            numbers = np.arange(low, min(low + AT_ONCE, self.size))
            changed, both = self._near(numbers, around)
            border = (changed >= FEWEST_CHANGES) & (changed > SHARE_OF_CHANGES * both)
            shares = changed[border] / both[border]
            told += zip(shares.tolist(), numbers[border].tolist(), strict=True)
        chosen: list[int] = []
        near = np.zeros(self.size, np.bool_)
        for _, number in sorted(told, reverse=True):
            if not near[number]:
                chosen.append(number)
                near[max(0, number - SHORTEST + 1) : number + SHORTEST] = True
        return self._kept(sorted(chosen))

    def _near(
        self, numbers: NDArray[np.intp], around: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Count for lines the characters that are treated otherwise from there on, and all.

        That is, of those that stand in so many lines on both sides.
        """
        first, last = max(int(numbers[0]) - around, 0), min(int(numbers[-1]) + around, self.size)
        some = slice(*self.lines.searchsorted((first, last)).tolist())
        different, columns = numbered(self.chars[some])
        signs = np.zeros((last - first + 1, len(different)), np.int16)
        signs[self.lines[some] - first + 1, columns] = self.signs[some]
        balance = signs.cumsum(axis=0, dtype=np.int16)
        seen = (signs != 0).cumsum(axis=0, dtype=np.int16)
        here = numbers - first
        low, high = (here - around).clip(min=0), (here + around).clip(max=last - first)
        before, after = balance[here] > balance[low], balance[high] > balance[here]
        both = (seen[here] > seen[low]) & (seen[high] > seen[here])
        return np.count_nonzero((before != after) & both, axis=1), np.count_nonzero(both, axis=1)

    def _kept(self, numbers: Sequence[int]) -> list[int]:
        """Drop borders that tell less in view of both whole pages: a few lines differ by chance."""
        kept: list[int] = []
        balance, seen = self._of(0, numbers[0] if numbers else 0)
        for number, until in pairwise([*numbers, self.size]):
            balance_after, seen_after = self._of(number, until)
            both = (seen > 0) & (seen_after > 0)
            changed = ((balance > 0) != (balance_after > 0)) & both
            if _is_border(int(np.count_nonzero(changed)), int(np.count_nonzero(both))):
                kept.append(number)
                balance, seen = balance_after, seen_after
            else:
                balance, seen = balance + balance_after, seen + seen_after
        return kept

    def _of(self, low: int, high: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Sum up some lines: which characters they gloss mostly, and which stand there at all."""
        some = slice(*self.lines.searchsorted((low, high)).tolist())
        chars = self.chars[some]
        balance = np.bincount(chars, self.signs[some], self.width).astype(np.intp)
        return balance, np.bincount(chars, minlength=self.width)


def _is_border(changed: int, both: int) -> bool:
    return changed >= FEWEST_CHANGES and changed > SHARE_OF_CHANGES * both
