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

from zhfix.converting.matcher import INSIDE
from zhfix.converting.trie import EFFECTIVE_ABOVE, EFFECTIVE_BELOW, IRREGULAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from zhfix.converting.matcher import Matcher

__all__ = ["ShortChain", "ShortWalk"]

_MASK = 0xFFFFFFFF


class ShortWalk:
    """One dictionary, prepared for short texts; immutable once made."""

    def __init__(self, matcher: Matcher) -> None:
        arrays = matcher.arrays
        self.longest = arrays.longest
        self.single = matcher.singles.tolist()
        self.code = memoryview(matcher.code.data)
        self.base = memoryview(arrays.base.data)
        self.check = memoryview(arrays.check.data)
        self.answer = memoryview(arrays.answer.data)
        self.flags = memoryview(arrays.flags.data)
        self.pairs = memoryview(matcher.pairs.data)
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

    def touches(self, text: str, touched: list[int]) -> bool:
        """Add where an effective key may be; False when the text needs the other road."""
        near, begins = self.near, self.begins
        for match in self.anchors.finditer(text):
            anchor = match.start()
            if text[anchor] in self.odd:
                return False
            if text[anchor : anchor + 2] in near or (
                anchor and text[anchor - 1 : anchor + 1] in near
            ):
                for at in range(max(0, anchor - self.back[text[anchor]]), anchor + 1):
                    slot = begins.get(text[at : at + 2])
                    if slot is not None and self._may_be_effective(text, at + 2, slot):
                        touched.append(at)
        return True

    def answer_at(self, text: str, at: int) -> int:
        """Return the entry that answers at a place; 0 for none."""
        slot = self.base[0] + self.code[ord(text[at])]
        return self._answer(text, at + 1, slot) if self.check[slot] == 0 else 0

    def walk(self, text: str) -> str:
        """Convert by walking from place to place: the procedure itself."""
        if len(text) == 1:
            return text.translate(self.single)
        parts: list[str] = []
        at = 0
        while at < len(text):
            entry = self.answer_at(text, at)
            length = self.lengths[entry] or 1
            if entry > self.longest:
                parts.append(self._value(entry))
            else:
                parts.append(text[at : at + length].translate(self.single))
            at += length
        return "".join(parts)

    def _value(self, entry: int) -> str:
        _, offset, size = self.entries[entry - self.longest - 1]
        return self.values[offset : offset + size].tobytes().decode("utf-16-le")

    def _answer(self, text: str, at: int, slot: int) -> int:
        """Walk on from a slot; return the entry at the deepest slot of this text."""
        return self.answer[self._deepest(text, at, slot)]

    def _may_be_effective(self, text: str, at: int, slot: int) -> bool:
        """Whether a walk from a slot passes an effective answer, which a bound may leave."""
        return bool(self.flags[self._deepest(text, at, slot)] & EFFECTIVE_ABOVE)

    def _deepest(self, text: str, at: int, slot: int) -> int:
        base, check, code = self.base, self.check, self.code
        for char in text[at : at + self.longest]:
            child = base[slot] + code[ord(char)]
            if check[child] != slot:
                break
            slot = child
        return slot

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


class ShortChain:
    """Several dictionaries in segments, prepared for short texts.

    Only clauses in which some dictionary has an effective key need the whole procedure: all
    other text goes through the tables of single characters. A clause ends at a character that
    no dictionary knows.
    """

    def __init__(self, chain: Sequence[Matcher], segmentation: Matcher | None) -> None:
        self.walks = [ShortWalk(matcher) for matcher in chain]
        # Without a segmentation of its own the first step's phrases are the segments.
        self.cuts = ShortWalk(segmentation) if segmentation else self.walks[0]
        self.shortest = 1 if segmentation else 2
        known = np.zeros(65536, bool)
        for matcher in (*chain, *((segmentation,) if segmentation else ())):
            known[matcher.arrays.alphabet] = True
        self.known = frozenset(map(chr, np.flatnonzero(known).tolist()))

    def convert(self, text: str) -> str | None:
        """Return the converted text; None when the text needs the other road."""
        made = text
        touched: list[int] = []
        for walk in self.walks:
            if not walk.touches(made, touched):
                return None
            made = made.translate(walk.single)
        if not touched:
            return made
        touched.sort()
        parts: list[str] = []
        done = 0
        known, size = self.known, len(text)
        for at in touched:
            if at < done:
                continue
            start, end = at, at + 1
            while start > done and text[start - 1] in known:
                start -= 1
            while end < size and text[end] in known:
                end += 1
            parts += (made[done:start], self._clause(text[start:end]))
            done = end
        parts.append(made[done:])
        return "".join(parts)

    def _clause(self, text: str) -> str:
        parts: list[str] = []
        at = start = 0
        cuts = self.cuts
        while at < len(text):
            length = cuts.lengths[cuts.answer_at(text, at)]
            if length < self.shortest:
                at += 1
                continue
            if start < at:
                parts.append(self._segment(text[start:at]))
            parts.append(self._segment(text[at : at + length]))
            at = start = at + length
        if start < len(text):
            parts.append(self._segment(text[start:]))
        return "".join(parts)

    def _segment(self, text: str) -> str:
        for walk in self.walks:
            text = walk.walk(text)
        return text


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
    anchors: set[int] = set()
    pairs: list[tuple[int, int]] = []
    back: dict[str, int] = {}
    for key, size, (length, offset, count) in zip(
        keys[own].tolist(), height[own].tolist(), rows[own].tolist(), strict=True
    ):
        units = key[size - 1 :: -1] if size <= len(key) else key[::-1]
        value = arrays.values[offset : offset + count].tolist()
        even = count == length
        place = next(i for i in range(size) if not even or matcher.singles[units[i]] != value[i])
        unit = units[place]
        anchors.add(unit)
        back[chr(unit)] = max(back.get(chr(unit), 0), place)
        pairs.append(
            (units[place], units[place + 1]) if place + 1 < size else (units[place - 1], unit)
        )
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
