"""The walk for single lines, where calling numpy would cost more than the work.

The same steps as in `matcher`, with `re` and `str.translate` in the place of vectors. Every
effective key has a character that it converts in another way than that character alone: its
*anchor*. There are few of them, so the walk looks for anchors whose neighbour fits, and tries
the places at which a key with these two may begin. Positions are code points, which are UTF-16
units here: texts with characters beyond the BMP take the other road.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting.anchors import ITSELF, Anchors, OtherRoad, Sources, charset, first_pairs
from zhfix.converting.trie import EFFECTIVE_ABOVE, INSIDE, IRREGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.converting.matcher import Matcher

__all__ = ["ShortChain", "ShortWalk"]

_MASK = 0xFFFFFFFF
#: Fewer characters are replaced where they stand, which is faster than looking up all of them.
SPARSE = 128


class _Walk:
    """One dictionary, read character by character; immutable once made."""

    def __init__(self, matcher: Matcher) -> None:
        self.longest = matcher.arrays.longest
        self.single = _table(matcher.singles)
        self.code = memoryview(matcher.code.data)
        self.base = memoryview(matcher.base.data)
        self.check = memoryview(matcher.check.data)
        self.answer = memoryview(matcher.answer.data)
        self.flags = memoryview(matcher.flags.data)
        self.pairs = memoryview(matcher.pairs.data)
        self.shift = 32 - matcher.bits
        self.lengths = matcher.lengths.tolist()
        self.entries = matcher.arrays.entries.tolist()
        self.values = matcher.arrays.values

    def answer_at(self, text: str, at: int) -> int:
        """Return the entry that answers at a place; 0 for none."""
        slot = self.base[0] + self.code[ord(text[at])]
        return self.answer[self.deepest(text, at + 1, slot)] if self.check[slot] == 0 else 0

    def deepest(self, text: str, at: int, slot: int) -> int:
        """Walk on from a slot as far as the text leads; the slot there knows the answer."""
        base, check, code = self.base, self.check, self.code
        for char in text[at : at + self.longest]:
            child = base[slot] + code[ord(char)]
            if check[child] != slot:
                break
            slot = child
        return slot

    def value(self, entry: int) -> str:
        """Return what an effective entry writes."""
        _, offset, size = self.entries[entry - self.longest - 1]
        return self.values[offset : offset + size].tobytes().decode("utf-16-le")

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
                parts.append(self.value(entry))
            else:
                parts.append(text[at : at + length].translate(self.single))
            at += length
        return "".join(parts)

    def joined(self, one: int, other: int) -> bool:
        """Whether two units stand side by side in some key: the hash of `matcher`."""
        mixed = (one * 0x9E3779B1 & _MASK) ^ (other * 0x85EBCA6B & _MASK)
        return bool(self.pairs[mixed >> self.shift] & INSIDE)


class ShortWalk:
    """One dictionary, prepared for short texts; `special` are units that take the other road."""

    def __init__(self, matcher: Matcher, special: NDArray[np.bool_]) -> None:
        self._walk = _Walk(matcher)
        self._begins = first_pairs(matcher)
        self._anchors = Anchors(special | (matcher.singles == IRREGULAR))
        self._anchors.add(matcher, Sources(ITSELF, ~special), 0)
        changed = np.flatnonzero(matcher.singles != ITSELF).tolist()
        self._changed = {chr(unit): chr(self._walk.single[unit]) for unit in changed}
        self._pattern = re.compile(f"[{charset(changed)}]") if len(changed) < SPARSE else None

    def convert(self, text: str) -> str | None:
        """Return the converted text; None when the text needs the other road."""
        walk = self._walk
        parts: list[str] = []
        done = 0
        try:
            for start, _ in self._anchors.starts(text):
                slot = self._begins.get(text[start : start + 2]) if start >= done else None
                if slot is None:
                    continue
                entry = walk.answer[walk.deepest(text, start + 2, slot)]
                if entry > walk.longest and self._is_visited(text, start, done):
                    parts += (self._singly(text[done:start]), walk.value(entry))
                    done = start + walk.lengths[entry]
        except (IndexError, OtherRoad):
            return None
        if not parts:
            return self._singly(text)
        parts.append(self._singly(text[done:]))
        return "".join(parts)

    def _singly(self, text: str) -> str:
        if self._pattern is None:
            return text.translate(self._walk.single)
        return self._pattern.sub(lambda match: self._changed[match[0]], text)

    def _is_visited(self, text: str, at: int, done: int) -> bool:
        """Whether the walk stops here, when it stopped at `done`."""
        walk = self._walk
        cut = at
        while cut > done and walk.joined(ord(text[cut - 1]), ord(text[cut])):
            cut -= 1
        while cut < at:
            cut += walk.lengths[walk.answer_at(text, cut)] or 1
        return cut == at


class ShortChain:
    """Several dictionaries in segments, prepared for short texts.

    Where no dictionary has an effective key all text goes through the tables of single
    characters. Only around the others the whole procedure is run: as far as neighbours stand
    side by side in a key of any dictionary, and for each step after the first one character
    further, since what a phrase became may make a key with it.
    """

    def __init__(
        self,
        chain: Sequence[Matcher],
        segmentation: Matcher | None,
        special: NDArray[np.bool_],
    ) -> None:
        self._walks = [_Walk(matcher) for matcher in chain]
        # Without a segmentation of its own the first step's phrases are the segments.
        self._cuts = _Walk(segmentation) if segmentation else self._walks[0]
        self._shortest = 1 if segmentation else 2
        self._joints: list[tuple[_Walk, list[int]]] = []
        """The dictionaries, with what the steps before them make of each unit."""
        if segmentation:
            self._joints.append((self._cuts, _table(ITSELF)))
        made, odd = ITSELF, special.copy()
        stages = []
        for walk, matcher in zip(self._walks, chain, strict=True):
            stages.append(made)
            self._joints.append((walk, _table(made)))
            odd |= matcher.singles[made] == IRREGULAR
            made = matcher.singles[made]
        self._single = _table(made)
        self._anchors = Anchors(odd)
        self._begins: list[dict[str, int]] = []
        for step, (stage, matcher) in enumerate(zip(stages, chain, strict=True)):
            sources = Sources(stage, ~odd)
            self._anchors.add(matcher, sources, step)
            pairs = first_pairs(matcher).items()
            self._begins.append({one: slot for pair, slot in pairs for one in sources.of(pair)})

    def convert(self, text: str) -> str | None:
        """Return the converted text; None when the text needs the other road."""
        try:
            touched = {
                start
                for start, number in self._anchors.starts(text)
                if self._may_be_effective(text, start, number)
            }
            made = text.translate(self._single)
            if not touched:
                return made
            parts: list[str] = []
            done = 0
            for start, end in self._windows(text, sorted(touched)):
                parts += (made[done:start], self._piece(text[start:end]))
                done = end
        except (IndexError, OtherRoad):
            return None
        parts.append(made[done:])
        return "".join(parts)

    def _may_be_effective(self, text: str, start: int, number: int) -> bool:
        """Whether a step's walk from a place passes an effective answer, wherever it is bound."""
        slot = self._begins[number].get(text[start : start + 2])
        if slot is None:
            return False
        walk = self._walks[number]
        after = text[start + 2 : start + walk.longest]
        if number:
            after = after.translate(self._joints[number - len(self._walks)][1])
        return bool(walk.flags[walk.deepest(after, 0, slot)] & EFFECTIVE_ABOVE)

    def _windows(self, text: str, touched: list[int]) -> Iterator[tuple[int, int]]:
        """Yield stretches around these places over whose ends no match of any step reaches."""
        first = last = -1
        for at in touched:
            start, end = at, at + 1
            for step in range(len(self._walks)):
                if step:
                    start, end = max(start - 1, 0), min(end + 1, len(text))
                while start > 0 and self._is_joined(text, start):
                    start -= 1
                while end < len(text) and self._is_joined(text, end):
                    end += 1
            if start > last >= 0:
                yield first, last
            first, last = (min(first, start) if start <= last else start), max(last, end)
        yield first, last

    def _is_joined(self, text: str, at: int) -> bool:
        """Whether a character stands beside the one before it in a key of any dictionary."""
        one, other = ord(text[at - 1]), ord(text[at])
        for walk, made in self._joints:  # noqa: SIM110 -- a third faster
            if walk.joined(made[one], made[other]):
                return True
        return False

    def _piece(self, text: str) -> str:
        """Cut into segments and convert each by all dictionaries: the procedure itself."""
        parts: list[str] = []
        at = start = 0
        cuts = self._cuts
        while at < len(text):
            length = cuts.lengths[cuts.answer_at(text, at)]
            if length < self._shortest:
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
        for walk in self._walks:
            text = walk.walk(text)
        return text


def _table(made: NDArray[np.uint16]) -> list[int]:
    """Return a table for `str.translate`; tables share their numbers, which take most memory."""
    changed = np.flatnonzero(made != ITSELF)
    table = _numbers().copy()
    for unit, to in zip(changed.tolist(), made[changed].tolist(), strict=True):
        table[unit] = to
    return table


@cache
def _numbers() -> list[int]:
    return list(range(0x10000))
