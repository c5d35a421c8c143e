"""Where to look for a wrong decode: a few vector passes over the text, cheap when it is clean.

First the language model: three steps in a row that are all improbable. Good text has such places
too (names, verse, rare words), so they are asked a second question before anything costly looks:
do they hold characters that Chinese text seldom has, or would another reading be likelier?
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import NONE, reading
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Region", "suspicious"]

#: Three steps that cost this together are worth a second question. Measured per text: 0.04 % of
#: positions in documentation, 2-3 % in news and wiki, 8 % in verse and headlines; 90 % and more
#: of strings of two damaged characters have one, and all longer ones.
HOT = 26.0
#: What two neighbours must gain in another wide encoding to be looked at closely: well below the
#: margin of a repair, because borders are only estimated here.
PROMISING = 8.0
#: Characters around a hot place that the second question sees.
AROUND = 2
#: Code points that are screened at once: their arrays fit in the cache.
BLOCK = 1 << 16
#: Hot places nearer than this are one region, and regions get this much context.
GAP = 24
CONTEXT = 40
#: Longer regions are cut, so that work stays linear: a short piece first, from which the rest
#: learns what the damage is.
FIRST = 512
LONGEST = 8192

#: Flag of the characters that are UTF-8 of Latin-1 in CP936 (脰脨鹿煤): a layer below is likely.
_LATIN = 64
#: What ordinary Chinese text consists of: everything else makes a hot place suspicious.
_ORDINARY = (
    (0x00, 0x7F), (0xB7, 0xB7), (0x2010, 0x2027), (0x2030, 0x203B), (0x3000, 0x3020),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xFF00, 0xFF60),
)  # fmt: skip
#: Wide encodings whose characters lie on each other's: (true, wrong).
_WIDE_PAIRS = (("gbk", "big5"), ("big5", "gbk"), ("gbk", "euc-kr"), ("big5", "euc-kr"))


class Region(NamedTuple):
    """A stretch of text, in code points, and the suspicious positions in it."""

    start: int
    end: int
    hits: NDArray[np.intp]


def suspicious(text: str) -> list[Region]:
    """Return the stretches of text that may have been read wrongly.

    >>> suspicious("干净的文字"), [r[:2] for r in suspicious("打开鏂囦欢失败")]
    ([], [(0, 7)])
    """
    hits = [np.zeros(0, np.intp)]
    for start in range(0, len(text), BLOCK):
        low = max(start - 2 * AROUND, 0)
        hits.append(_screen(text[low : start + BLOCK + 2 * AROUND]) + low)
    found = np.unique(np.concatenate(hits))
    return list(_regions(text, found)) if len(found) else []


def _screen(block: str) -> NDArray[np.intp]:
    """Return the suspicious positions of a block."""
    model = LanguageModel.load()
    points = code_points(block)
    ids = model.symbols[points]
    costs = np.zeros(len(ids) + 2, np.float32)
    costs[1:-1] = -model.steps(np.concatenate(([0], ids)).astype(np.uint16)[:-1], ids)
    hot = (costs[:-2] + costs[1:-1] + costs[2:]) >= HOT
    if not hot.any():
        return np.zeros(0, np.intp)
    wide = np.zeros(len(ids) + 2 * AROUND, np.bool_)
    for shift in range(2 * AROUND + 1):
        wide[shift : shift + len(ids)] |= hot
    chosen = np.flatnonzero(wide[AROUND:-AROUND])
    points = points[np.minimum(chosen, len(points) - 1)]
    exotic = _exotic()[np.minimum(points, 0xFFFF)]
    found = exotic | _utf8_chain(points) | _likelier_wide(points, costs[1:-1][chosen])
    return chosen[found]


def _utf8_chain(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Mark three neighbours whose bytes are two characters of UTF-8 in CP936 or Big5."""
    flags = _utf8_flags()[np.minimum(points, 0xFFFF)]
    found = np.zeros(len(points), np.bool_)
    found[:-2] = ((flags[:-2] << 2) & (flags[1:-1] << 1) & flags[2:] & 0b100100) != 0
    found[:-2] |= (flags[:-2] & flags[1:-1] & flags[2:] & _LATIN) != 0
    return found


def _likelier_wide(points: NDArray[np.uint32], costs: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Mark neighbours that would be much likelier in another double-byte encoding."""
    model = LanguageModel.load()
    found = np.zeros(len(points), np.bool_)
    clipped = np.minimum(points, 0xFFFF)
    for table in _wide_symbols():
        ids = table[clipped]
        own = -model.singles[ids]
        own[1:] = np.minimum(own[1:], -model.steps(ids[:-1], ids[1:]))
        gain = costs - own
        found[:-1] |= gain[:-1] + gain[1:] >= PROMISING
    return found


def _regions(text: str, hits: NDArray[np.intp]) -> Iterator[Region]:
    """Join neighbouring positions and add context, within the line."""
    breaks = np.flatnonzero(np.diff(hits) > GAP)
    firsts = hits[np.concatenate(([0], breaks + 1))].tolist()
    lasts = hits[np.concatenate((breaks, [len(hits) - 1]))].tolist()
    for first, last in zip(firsts, lasts, strict=True):
        low, high = max(first - CONTEXT, 0), min(last + CONTEXT + 1, len(text))
        low = max(low, text.rfind("\n", low, first) + 1)
        end = text.find("\n", last, high)
        high = end if end >= 0 else high
        start, size = low, FIRST
        while start < high:
            stop = min(start + size, high)
            inside = hits[np.searchsorted(hits, start) : np.searchsorted(hits, stop)]
            if len(inside):
                yield Region(start, stop, inside - start)
            start, size = stop, min(size * 2, LONGEST)


@cache
def _exotic() -> NDArray[np.bool_]:
    table = np.ones(0x10000, np.bool_)
    for start, end in _ORDINARY:
        table[start : end + 1] = False
    return table


@cache
def _utf8_flags() -> NDArray[np.uint8]:
    """Bits by code point: 1 lead and trail byte, 2 trail and lead, 4 two trails; <<3 for Big5.

    And `_LATIN`.
    """
    flags = np.zeros(0x10000, np.uint8)
    for shift, name in ((0, "gbk"), (3, "big5")):
        codes = reading(name).codes
        high, low = codes >> 8, codes & 255
        usable = (codes != NONE) & (codes > 0xFF)
        lead = [(byte >= 0xE2) & (byte <= 0xEF) for byte in (high, low)]
        trail = [(byte >= 0x80) & (byte <= 0xBF) for byte in (high, low)]
        for bit, mask in enumerate((lead[0] & trail[1], trail[0] & lead[1], trail[0] & trail[1])):
            flags |= ((usable & mask).astype(np.uint8) << (bit + shift)).astype(np.uint8)
    codes = reading("gbk").codes
    latin = (codes >> 8 >= 0xC2) & (codes >> 8 <= 0xC3) & ((codes & 0xC0) == 0x80)
    flags[latin & (codes <= 0xFFFF)] |= _LATIN
    return flags


@cache
def _wide_symbols() -> tuple[NDArray[np.uint16], ...]:
    """For each pair of wide encodings, the symbol that a code point has in the true one."""
    model = LanguageModel.load()
    none = model.symbols[0xE000]  # a private-use character: as improbable as any
    tables = []
    for true, wrong in _WIDE_PAIRS:
        codes = reading(wrong).codes
        known = (codes != NONE) & (codes > 0xFF)
        points = reading(true).pairs[np.where(known, codes, 0)]
        points[~known] = 0
        tables.append(np.where(points > 0, model.symbols[points], none).astype(np.uint16))
    return tuple(tables)
