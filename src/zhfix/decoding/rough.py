"""Places of a long text that make no sense: by single characters first, then exactly."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.decoding.strange import strange
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CHUNK", "places"]

#: Blocks of this many characters whose mean single cost is over this are looked at exactly:
#: of clean text one block in a thousand has over 8.8, in another encoding nearly all over 11.3.
BLOCK = 16
BLOCK_COST = 10.0
#: Characters that are looked at at a time, so that their arrays stay small; whole blocks.
CHUNK = 1 << 16
#: Long texts have rare names: fewer strange characters in a row than this mean nothing.
CLEAR = 10
_SCALE = 8
#: Every other byte of eight, and the factor that adds four 16-bit fields up in the highest.
_EVEN = np.uint64(0x00FF00FF00FF00FF)
_SPREAD = np.uint64(0x0001000100010001)


def places(text: str) -> NDArray[np.intp]:
    r"""Return the characters of a long text that make no sense, many together.

    >>> text = "这是一个关于编码的测试文件。\n" * 20
    >>> found = places(f"{text}鏂囦欢缂栫爜鐨勬剰涔夊凡缁忔槸杩欐牱鐨勶紝浣嗘槸\n{text}")
    >>> len(text) in found, len(text) - 20 in found
    (True, False)
    """
    found = [np.zeros(0, np.intp)]
    for start in _dear(text).tolist():
        low, high = max(0, start - BLOCK), start + 2 * BLOCK
        before = text[low - 1] if low else "\n"
        after = text[high] if high < len(text) else "\n"
        marked = strange(code_points(f"{before}{text[low:high]}{after}"))
        if np.count_nonzero(marked) >= CLEAR:
            found.append(np.flatnonzero(marked) + low)
    return np.concatenate(found)


def _dear(text: str) -> NDArray[np.intp]:
    """Return where the blocks begin whose characters are dear even by themselves."""
    found = [
        _dear_blocks(text[start : start + CHUNK]) + start for start in range(0, len(text), CHUNK)
    ]
    return np.concatenate(found)


def _dear_blocks(text: str) -> NDArray[np.intp]:
    """Find them in a chunk; blocks are of UTF-16 units, what is returned counts characters."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    words = _prices().take(units[: len(units) // BLOCK * BLOCK], mode="wrap").view(np.uint64)
    # Eight bytes are added up at a time: even and odd bytes, then pairs, then halves.
    sums = words & _EVEN
    words >>= np.uint64(8)
    words &= _EVEN
    sums += words
    blocks = sums[::2] + sums[1::2]
    blocks *= _SPREAD
    blocks >>= np.uint64(48)
    starts = (blocks > BLOCK * BLOCK_COST * _SCALE).nonzero()[0] * BLOCK
    if len(starts) and len(units) > len(text):
        starts -= np.cumsum((units & 0xFC00) == 0xDC00)[starts]
    return starts


@cache
def _prices() -> NDArray[np.uint8]:
    """Return the cost of single characters by code point below U+10000; ASCII is cheap."""
    model = LanguageModel.load()
    cost = -model.singles[model.symbols[:0x10000]] * _SCALE
    cost[:0x80] = 0
    return np.clip(cost, 0, 255).astype(np.uint8)
