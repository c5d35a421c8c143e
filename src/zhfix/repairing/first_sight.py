"""Text that is damaged from end to end by one wrong decode: recognised by a few lines.

Most damaged documents are so. Whole lines are then undone together, and only what is left of the
text is screened, and searched for borders and candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from zhfix.repairing.codecs import reading, readings_of_lines
from zhfix.repairing.found import ESTABLISHED, MARGIN
from zhfix.repairing.look import OVERLAP, look
from zhfix.repairing.screen import MANY_HITS, Region, stretches, suspicious
from zhfix.repairing.search import PAIRS, Pair
from zhfix.repairing.wholesale import WholeLine, undo_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = [
    "Unclaimed",
    "at_first_sight",
    "glimpse",
    "left",
    "regions_beside",
    "tells_of_lines",
]

Unclaimed: TypeAlias = "Callable[[NDArray[np.intp]], NDArray[np.bool_]]"
"""Marks those of some places that nothing else explains."""

#: Of regions and lines so many are looked at, and no longer lines.
MOST_HITS = 400
FIRST_REGIONS = 24
FIRST_LINES = 12
LONGEST_LINE = 1000
#: A line has this share of suspicious characters where it is damaged from end to end: 99 of 100 of
#: these have 27 % and more, and of those of clean text that have any at all, 14 % and less.
LEAST_SHARE = 0.2
#: Where more than this share of a text is left, all of it is screened.
MOST_LEFT = 0.5


def tells_of_lines(pair: Pair) -> bool:
    """Whether clean lines cannot be read so: UTF-8 is well-formed, a code page has no Chinese.

    >>> tells_of_lines(Pair("utf-8", "gbk")), tells_of_lines(Pair("big5", "gbk"))
    (True, False)
    """
    return pair.true == "utf-8" or not reading(pair.wrong).wide


def glimpse(text: str) -> dict[Pair, int]:
    """Return the pair that explains the first lines of a text most of which is improbable.

    >>> bad = Pair("utf-8", "gbk").forwards("系统找不到指定的文件")
    >>> [str(pair) for pair in glimpse(f"{bad}\\n" * 10)], glimpse("干净的文字\\n" * 20)
    (['utf-8-read-as-gbk'], {})

    The same as `at_first_sight`, before anything was asked that is dear where all is damaged.
    """
    if not look(text).mostly_hot:
        return {}
    # The last of these may be cut.
    lines = text[: FIRST_LINES * LONGEST_LINE].split("\n")[: FIRST_LINES + 1]
    if len(lines) > 1 and (len(lines) > FIRST_LINES or len(text) > FIRST_LINES * LONGEST_LINE):
        lines.pop()
    lines = [line for line in lines if len(line) <= LONGEST_LINE and not line.isascii()]
    return _by_lines(lines) if lines else {}


def at_first_sight(text: str, regions: Sequence[Region]) -> dict[Pair, int]:
    """Return the pair that explains whole lines of the first of these regions, with its gain.

    >>> bad = Pair("utf-8", "gbk").forwards("系统找不到指定的文件") * 9
    >>> [str(pair) for pair in at_first_sight(bad, suspicious(bad))]
    ['utf-8-read-as-gbk']
    """
    lines = _first_lines(text, regions)
    return _by_lines(lines) if lines else {}


def _first_lines(text: str, regions: Sequence[Region]) -> list[str]:
    """Return the first lines that are suspicious throughout, if much is."""
    hits = [region.hits[:MOST_HITS] + region.start for region in regions[: FIRST_REGIONS - 1]]
    if sum(map(len, hits)) < MANY_HITS:
        return []
    places = np.sort(np.concatenate(hits))
    lines: dict[int, int] = {}
    low = high = -1
    for at in places.tolist():
        if low <= at <= high:  # in the same line as the last one
            continue
        begins = text.rfind("\n", max(0, at - LONGEST_LINE), at) + 1
        ends = text.find("\n", at, at + LONGEST_LINE)
        if (begins or at <= LONGEST_LINE) and (ends >= 0 or len(text) <= at + LONGEST_LINE):
            low, high = begins, ends if ends >= 0 else len(text)
            first, last = places.searchsorted((low, high)).tolist()
            if last - first >= LEAST_SHARE * (high - low):
                lines[low] = high
    return [text[start:end] for start, end in sorted(lines.items())[:FIRST_LINES]]


def _by_lines(lines: Sequence[str]) -> dict[Pair, int]:
    """Return the pair that gains most by undoing whole lines, and what."""
    sample = "\n".join(lines)
    wrongs = readings_of_lines(sample)
    best: dict[Pair, int] = {}
    tried: set[tuple[str, bytes]] = set()
    for pair in PAIRS:
        if pair.wrong not in wrongs or not tells_of_lines(pair):
            continue
        # Where two decoders read the same, the first one is named.
        way = pair.true, reading(pair.wrong).encode(sample).tobytes()
        if way not in tried:
            tried.add(way)
            gain = int(sum(line.gain for line in undo_lines(sample, pair, margin=MARGIN)))
            if gain > max([ESTABLISHED, *best.values()]):
                best = {pair: gain}
    return best


def regions_beside(
    text: str, whole: Sequence[WholeLine], unclaimed: Unclaimed | None
) -> list[Region]:
    """Return the suspicious regions of a text beside lines that were repaired.

    >>> bad = "鏂囦欢\\n" * 3
    >>> lines = undo_lines(bad, Pair("utf-8", "gbk"), margin=8)
    >>> len(regions_beside(bad, [], None))
    1
    >>> regions_beside(bad, lines, None)
    []
    """
    passages = _beside(len(text), whole)
    if sum(high - low for low, high in passages) > MOST_LEFT * len(text):
        return left(text, _unclaimed(suspicious(text), unclaimed), whole)
    excerpt = "".join(text[low:high] for low, high in passages)
    begins = np.array([low for low, _ in passages], np.intp)
    ends = np.cumsum(np.array([high - low for low, high in passages], np.intp))
    shifts = begins - np.append(0, ends[:-1])
    bounds = _bounds(whole)
    moved: list[tuple[Region, NDArray[np.intp]]] = []
    for region in suspicious(excerpt):
        hits = region.hits + region.start
        hits += shifts[np.searchsorted(ends, hits, "right")]
        moved.append((region, hits[_outside(hits, bounds)]))
    return _unclaimed(list(_joined(text, moved)), unclaimed)


def _joined(text: str, moved: Sequence[tuple[Region, NDArray[np.intp]]]) -> Iterator[Region]:
    """Yield regions of all these places: where much is damaged, what is weak is part of it."""
    if not moved:
        return
    places = np.sort(np.concatenate([hits for _, hits in moved]))
    for start, stop in stretches(text, places):
        inside = places[slice(*np.searchsorted(places, (start, stop)))]
        parts = [one for one, hits in moved if ((hits >= start) & (hits < stop)).any()]
        if parts:
            yield Region(
                start,
                stop,
                inside - start,
                all(one.weak for one in parts),
                tuple({pair: None for one in parts for pair in one.pairs}),
                any(one.other for one in parts),
            )


def _beside(size: int, whole: Sequence[WholeLine]) -> list[tuple[int, int]]:
    """Return the bounds of what lies between lines, with some characters around it."""
    passages: list[tuple[int, int]] = []
    done = -1  # where the last line ends
    for start, end in [*((line.start, line.end) for line in whole), (size + 1, size + 1)]:
        if start > done + 1:
            low, high = max(done - OVERLAP, 0), min(start + OVERLAP, size)
            if passages and low <= passages[-1][1]:
                low = passages.pop()[0]
            passages.append((low, high))
        done = max(done, end)
    return passages


def _unclaimed(regions: Sequence[Region], unclaimed: Unclaimed | None) -> list[Region]:
    """Return the regions with those of their positions that nothing else explains, if any."""
    if unclaimed is None:
        return list(regions)
    kept = [one._replace(hits=one.hits[unclaimed(one.start + one.hits)]) for one in regions]
    return [one for one in kept if len(one.hits)]


def left(text: str, regions: Sequence[Region], whole: Sequence[WholeLine]) -> list[Region]:
    """Return the regions of what is left when those lines are repaired.

    >>> bad = "鏂囦欢\\n" * 3
    >>> left(bad, suspicious(bad), undo_lines(bad, Pair("utf-8", "gbk"), margin=8))
    []
    """
    if not whole:
        return list(regions)
    found: list[Region] = []
    bounds = _bounds(whole)
    for region in regions:
        hits = region.hits + region.start
        kept = hits[_outside(hits, bounds)]
        found += [region] if len(kept) == len(hits) else _anew(text, region, kept)
    return found


def _anew(text: str, region: Region, hits: NDArray[np.intp]) -> Iterator[Region]:
    """Yield the regions of what is left of one, by positions of the text."""
    for start, stop in stretches(text, hits):
        inside = hits[(hits >= start) & (hits < stop)]
        if len(inside):
            yield region._replace(start=start, end=stop, hits=inside - start)


class _Bounds(NamedTuple):
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]


def _bounds(whole: Sequence[WholeLine]) -> _Bounds:
    return _Bounds(
        np.array([line.start for line in whole], np.intp),
        np.array([line.end for line in whole], np.intp),
    )


def _outside(places: NDArray[np.intp], bounds: _Bounds) -> NDArray[np.bool_]:
    """Mark the places that lie in none of those lines."""
    after = np.searchsorted(bounds.starts, places, "right") - 1
    found: NDArray[np.bool_] = (after < 0) | (bounds.ends[after] <= places)
    return found
