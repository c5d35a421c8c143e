"""The walk for single lines, where calling numpy would cost more than the work.

The same steps as in `matcher`, with `re` and `str.translate` in the place of vectors. Every
effective key has a character that it converts in another way than that character alone: its
*anchor*. There are few of them, so the walk looks for anchors whose neighbour fits, tries the
places from which a key could reach the anchor, and repeats the walk from the last cut when an
earlier match might reach over the place. Positions are code points, which are UTF-16 units
here: texts with characters beyond the BMP take the other road.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from zhfix.convert.matcher import INSIDE
from zhfix.convert.trie import EFFECTIVE_BELOW, IRREGULAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.convert.matcher import Matcher

__all__ = ["ShortWalk"]

_MASK = 0xFFFFFFFF


class ShortWalk:
    """One dictionary, prepared for short texts; immutable once made."""

    def __init__(self, matcher: Matcher) -> None:
        arrays = matcher.arrays
        self.longest = arrays.longest
        self.single = matcher.singles.tolist()
        self.code = memoryview(matcher.code)
        self.base = memoryview(arrays.base)
        self.check = memoryview(arrays.check)
        self.answer = memoryview(arrays.answer)
        self.pairs = memoryview(matcher.pairs)
        self.shift = matcher.shift
        self.lengths = matcher.lengths.tolist()
        self.entries = arrays.entries.tolist()
        self.values = arrays.values
        self.begins = _first_pairs(matcher)
        anchors, self.near, self.back = _anchors(matcher)
        odd = np.flatnonzero(matcher.singles == IRREGULAR).tolist()
        self.odd = frozenset(map(chr, odd))
        self.anchors = re.compile(f"[{_charset([*anchors, *odd])}]")

    def convert(self, text: str) -> str | None:
        """Return the converted text; None when the text needs the other road."""
        parts: list[str] = []
        done = 0
        near, begins = self.near, self.begins
        for match in self.anchors.finditer(text):
            anchor = match.start()
            if anchor < done:
                continue
            if text[anchor : anchor + 2] not in near and (
                not anchor or text[anchor - 1 : anchor + 1] not in near
            ):
                if text[anchor] in self.odd:
                    return None
                continue
            if text[anchor] in self.odd:
                return None
            for at in range(max(done, anchor - self.back[text[anchor]]), anchor + 1):
                slot = begins.get(text[at : at + 2])
                if slot is None or at < done:
                    continue
                entry = self._answer(text, at + 2, slot)
                if entry <= self.longest or not self._is_visited(text, at, done):
                    continue
                parts += (text[done:at].translate(self.single), self._value(entry))
                done = at + self.lengths[entry]
        if not parts:
            return text.translate(self.single)
        parts.append(text[done:].translate(self.single))
        return "".join(parts)

    def _value(self, entry: int) -> str:
        _, offset, size = self.entries[entry - self.longest - 1]
        return self.values[offset : offset + size].tobytes().decode("utf-16-le")

    def _answer(self, text: str, at: int, slot: int) -> int:
        """Walk on from a slot; return the entry at the deepest slot of this text."""
        base, check, code = self.base, self.check, self.code
        for char in text[at : at + self.longest]:
            child = base[slot] + code[ord(char)]
            if check[child] != slot:
                break
            slot = child
        return self.answer[slot]

    def _is_visited(self, text: str, at: int, done: int) -> bool:
        """Whether the walk stops here, when it stopped at `done`."""
        cut = at
        while cut > done and self._is_joined(text[cut - 1], text[cut]):
            cut -= 1
        while cut < at:
            slot = self.base[0] + self.code[ord(text[cut])]
            step = 0
            if self.check[slot] == 0:
                step = self.lengths[self._answer(text, cut + 1, slot)]
            cut += step or 1
        return cut == at

    def _is_joined(self, one: str, other: str) -> bool:
        """Whether two characters stand side by side in some key: the hash of `matcher`."""
        mixed = (ord(one) * 0x9E3779B1 & _MASK) ^ (ord(other) * 0x85EBCA6B & _MASK)
        return bool(self.pairs[mixed >> self.shift] & INSIDE)


def _first_pairs(matcher: Matcher) -> dict[str, int]:
    """Return the pairs that begin an effective key, with the slots they lead to."""
    arrays = matcher.arrays
    slots = np.flatnonzero(arrays.check > 0)
    parents = arrays.check[slots]
    first = (arrays.check[parents] == 0) & (arrays.flags[slots] & EFFECTIVE_BELOW > 0)
    slots, parents = slots[first], parents[first]
    letters = np.concatenate([[0], arrays.alphabet])
    pairs = letters[parents - arrays.base[0]], letters[slots - arrays.base[parents]]
    return dict(zip(_strings(*pairs), slots.tolist(), strict=True))


def _anchors(matcher: Matcher) -> tuple[list[int], frozenset[str], dict[str, int]]:
    """Return the anchors, their pairs with neighbours, and how far back a key may begin."""
    arrays = matcher.arrays
    letters = np.concatenate([[0], arrays.alphabet]).astype(np.uint16)
    slots = np.flatnonzero((arrays.check >= 0) & (arrays.answer > arrays.longest))
    rows = arrays.entries[arrays.answer[slots] - arrays.longest - 1]
    # Climb from each slot to the root; a slot that is no key of its own climbs too far.
    keys = np.zeros((len(slots), arrays.longest + 1), np.uint16)
    here, height = slots.copy(), np.zeros(len(slots), np.int64)
    while (live := np.flatnonzero(here > 0)).size:
        parent = arrays.check[here[live]]
        keys[live, height[live]] = letters[here[live] - arrays.base[parent]]
        height[live] += 1
        here[live] = parent
    own = (height == rows[:, 0]) & (height > 1)
    anchors, pairs, back = set(), [], {}
    for key, size, (length, offset, count) in zip(
        keys[own].tolist(), height[own].tolist(), rows[own].tolist(), strict=True
    ):
        units = key[size - 1 :: -1] if size <= len(key) else key[::-1]
        value = arrays.values[offset : offset + count].tolist()
        even = count == length
        place = next(
            i for i in range(size) if not even or matcher.singles[units[i]] != value[i]
        )
        unit = units[place]
        anchors.add(unit)
        back[chr(unit)] = max(back.get(chr(unit), 0), place)
        pairs.append((units[place], units[place + 1]) if place + 1 < size else (units[place - 1], unit))
    near = frozenset(_strings(*np.array(pairs, np.uint16).reshape(-1, 2).T))
    return sorted(anchors), near, back


def _strings(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> list[str]:
    text = np.stack([first, second], axis=1).astype(np.uint16).tobytes()
    joined = text.decode("utf-16-le", "surrogatepass")
    if len(joined) != 2 * len(first):
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        return [chr(one) + chr(other) for one, other in pairs]
    return [joined[at : at + 2] for at in range(0, len(joined), 2)]


def _charset(units: list[int]) -> str:
    return "".join(re.escape(chr(unit)) for unit in sorted(set(units))) or "\ufdd0"
