"""Finds dictionary matches in a whole text at once, exactly as a walk from left to right would.

Everything here counts UTF-16 units. Most text converts character by character; only some two
positions in a hundred begin a key whose value is something else. So:

1. a hash of each pair of neighbours tells where an effective key may begin;
2. the trie says at those places what the group would answer, if the walk stopped there;
3. the walk stops there unless an earlier match reaches over it. Two neighbours that stand
   side by side in no key cannot belong to one match: from the last such cut the walk is
   repeated, for all places in step.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.arrays import union
from zhfix.converting.trie import (
    BEGINS,
    BEGINS_EFFECTIVE,
    EFFECTIVE_ABOVE,
    HIGH_SURROGATE,
    INSIDE,
    IRREGULAR,
    SURROGATE_MASK,
    Arrays,
    hash_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bounds", "Matcher", "Matches", "Search", "spread"]


class Matches(NamedTuple):
    """Where the walk stops, and the entry that answers there."""

    starts: NDArray[np.int64]
    entries: NDArray[np.int32]


class Search(NamedTuple):
    """All that may match, and at which of it the walk stops."""

    found: Matches
    visited: NDArray[np.bool_]

    def matches(self) -> Matches:
        """Return what the walk stops at."""
        return Matches(self.found.starts[self.visited], self.found.entries[self.visited])


@dataclass(frozen=True)
class Bounds:
    """Places that no match may reach over: sorted, the length of the text among them."""

    places: NDArray[np.int64]

    @cached_property
    def flags(self) -> NDArray[np.bool_]:
        """Whether a place is a bound, by place."""
        flags = np.zeros(int(self.places[-1]) + 1, bool)
        flags[self.places] = True
        return flags

    def room(self, at: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the number of units from each place to the next bound."""
        return self.places[np.searchsorted(self.places, at, "right")] - at


class Matcher:
    """A compiled dictionary, ready to be asked about whole texts; immutable once made."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.base, self.check = arrays.base, arrays.check
        self.answer, self.flags = arrays.answer, arrays.flags
        self.pairs, self.bits = arrays.pairs, len(arrays.pairs).bit_length() - 1
        self.code = np.zeros(65536, np.uint16)
        self.code[arrays.alphabet] = np.arange(1, len(arrays.alphabet) + 1)
        self.first = np.full(65536, len(arrays.base) - 1, np.int32)
        slots = np.flatnonzero(arrays.check == 0)
        self.first[arrays.alphabet[slots - arrays.base[0] - 1]] = slots
        self.singles = np.arange(65536, dtype=np.uint16)
        self.singles[arrays.singles[:, 0]] = arrays.singles[:, 1]
        generic = np.arange(arrays.longest + 1)
        self.lengths = np.concatenate([generic, arrays.entries[:, 0]]).astype(np.int32)
        self.irregular = bool((arrays.singles[:, 1] == IRREGULAR).any())

    def _pairs_of(self, units: NDArray[np.uint16]) -> NDArray[np.uint8]:
        """Return for each unit what is known of it and the next one."""
        wide = units.astype(np.uint32)
        mixed = wide[:-1] * np.uint32(0x9E3779B1)
        wide *= np.uint32(0x85EBCA6B)
        mixed ^= wide[1:]
        mixed >>= np.uint32(32 - self.bits)
        return self.pairs.take(mixed)

    def length_of(self, entries: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return how far the walk goes on from a place with this answer: at least 1."""
        return np.maximum(self.lengths[entries], 1)

    def is_effective(self, entries: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Whether entries give something else than character-wise conversion."""
        return entries > self.arrays.longest

    def answers(
        self,
        units: NDArray[np.uint16],
        at: NDArray[np.int64],
        room: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int32]:
        """Walk the trie from each place and return the group's answer there.

        Places are in order; `room` limits how far each walk may go.
        """
        return self.answer[self._deepest(units, at, room)]

    def _deepest(
        self,
        units: NDArray[np.uint16],
        at: NDArray[np.int64],
        room: NDArray[np.int64] | None = None,
    ) -> NDArray[np.int32]:
        """Walk the trie from each place as far as it goes, and return the slots there."""
        longest = self.arrays.longest
        if len(at) and int(at[-1]) + longest > len(units):
            # No key goes on with U+0000 there: it has the code 0 of units in no key.
            units = np.concatenate((units, np.zeros(longest, np.uint16)))
        slot = deepest = self.first.take(units.take(at))
        here, live = at + 1, np.arange(len(at))
        for depth in range(1, longest):
            if room is not None:
                inside = (room[live] > depth).nonzero()[0]
                live, slot, here = live[inside], slot[inside], here[inside]
            child = self.base[slot]
            child += self.code.take(units.take(here))
            known = (self.check[child] == slot).nonzero()[0]
            if not len(known):
                break
            if len(known) < len(live):
                live, child, here = live[known], child[known], here[known]
            slot = child
            deepest[live] = slot
            here = here + 1
        return deepest

    def effective_matches(
        self, units: NDArray[np.uint16], singly: NDArray[np.uint16], bounds: Bounds | None = None
    ) -> Matches:
        """Return the effective matches at which the walk stops.

        `singly` is the text converted unit by unit; `bounds` are places to stay between.
        """
        found = (self._pairs_of(units) & BEGINS_EFFECTIVE).nonzero()[0]
        if self.irregular and len(singly) and int(singly.max()) == IRREGULAR:
            found = union(found, np.flatnonzero(singly == IRREGULAR))
        deepest = self._deepest(units, found)
        if bounds is not None:
            # A bound may leave a shorter match that is on the way.
            above = (self.flags[deepest] & EFFECTIVE_ABOVE).nonzero()[0]
            found = found[above]
            deepest = self._deepest(units, found, bounds.room(found))
        answer = self.answer[deepest]
        effective = self.is_effective(answer).nonzero()[0]
        found, answer = found[effective], answer[effective]
        if not len(found):
            return Matches(found, answer)
        visited = self._visited(units, found, bounds)
        return Matches(found[visited], answer[visited])

    def _visited(
        self, units: NDArray[np.uint16], at: NDArray[np.int64], bounds: Bounds | None
    ) -> NDArray[np.bool_]:
        """Say at which of these places the walk stops."""
        cut = self._cuts_before(units, at, bounds)
        visited = np.ones(len(at), bool)
        unsure = np.flatnonzero(cut < at)
        if not len(unsure):
            return visited
        cut, goal = cut[unsure], at[unsure]
        offset = np.cumsum(goal - cut) - (goal - cut)
        path = np.arange(int(offset[-1] + goal[-1] - cut[-1])) + np.repeat(cut - offset, goal - cut)
        answer = self.answers(units, path, bounds.room(path) if bounds else None)
        step = self.length_of(answer)
        live, here = np.arange(len(goal)), cut.copy()
        while len(live):
            here[live] += step[offset[live] + here[live] - cut[live]]
            live = live[here[live] < goal[live]]
        visited[unsure] = here == goal
        return visited

    def _cuts_before(
        self, units: NDArray[np.uint16], at: NDArray[np.int64], bounds: Bounds | None
    ) -> NDArray[np.int64]:
        """Return the last place up to each that no match can reach over."""
        cut = at.copy()
        live = np.arange(len(at))
        while len(live):
            here = cut[live]
            free = here > 0
            if bounds is not None:
                free &= ~bounds.flags[here]
            live, here = live[free], here[free]
            joined = self.pairs[hash_of(units[here - 1], units[here], self.bits)] & INSIDE > 0
            live = live[joined]
            cut[live] -= 1
        return cut

    def all_matches(self, units: NDArray[np.uint16], shortest: int = 1) -> Matches:
        """Return every match at which the walk stops, effective or not.

        With `shortest=2` single characters do not count: the walk steps over them.
        """
        return self.search(units, shortest).matches()

    def search(self, units: NDArray[np.uint16], shortest: int = 1) -> Search:
        """Do as `all_matches`, and return with it the matches that lost to an earlier one."""
        found = self.candidates(units, shortest)
        return Search(found, self.is_visited(found))

    def candidates(self, units: NDArray[np.uint16], shortest: int = 1) -> Matches:
        """Return what the group would answer wherever it has an answer."""
        found = (self._pairs_of(units) & BEGINS).nonzero()[0]
        if shortest == 1:
            found = union(found, np.flatnonzero(self._single_keys[units]))
        answer = self.answers(units, found)
        matched = (self.lengths[answer] >= shortest).nonzero()[0]
        found, answer = found[matched], answer[matched]
        if shortest > 1:  # a character beyond the BMP is one character, though two units
            single = units[found] & SURROGATE_MASK == HIGH_SURROGATE
            if np.count_nonzero(single):
                longer = ~single | (self.lengths[answer] > 2)
                found, answer = found[longer], answer[longer]
        return Matches(found, answer)

    def is_visited(self, candidates: Matches) -> NDArray[np.bool_]:
        """Say at which of all candidates the walk stops."""
        found = candidates.starts
        if not len(found):
            return np.zeros(0, bool)
        ends = found + self.lengths[candidates.entries]
        head = np.ones(len(found) + 1, bool)  # behind the last one the walk is over
        np.greater_equal(found[1:], np.maximum.accumulate(ends)[:-1], out=head[1:-1])
        visited = head[:-1].copy()
        # Clusters of overlapping matches: follow each from its head, all in step.
        live = (visited > head[1:]).nonzero()[0]
        if not len(live):
            return visited
        following = found.searchsorted(ends)
        while len(live):
            live = following[live]
            live = live[~head[live]]
            visited[live] = True
        return visited

    @cached_property
    def _single_keys(self) -> NDArray[np.bool_]:
        arrays = self.arrays
        table = np.zeros(65536, bool)
        slots = np.flatnonzero((arrays.check == 0) & (arrays.answer > 0))
        table[arrays.alphabet[slots - arrays.base[0] - 1]] = True
        return table

    def replace(
        self, singly: NDArray[np.uint16], matches: Matches
    ) -> tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.int64]]:
        """Write the values of effective matches over the character-wise text.

        Returns the new text, and where and by how much its length changed.
        """
        entry = self.arrays.entries[matches.entries - self.arrays.longest - 1]
        length, offset, size = entry[:, 0], entry[:, 1], entry[:, 2]
        even = length == size
        if np.count_nonzero(even) == len(even):
            self._overwrite(singly, matches.starts, offset, length)
            none = np.zeros(0, np.int64)
            return singly, none, none
        self._overwrite(singly, matches.starts[even], offset[even], length[even])
        odd = ~even
        starts, length, offset, size = matches.starts[odd], length[odd], offset[odd], size[odd]
        keep = np.ones(len(singly), bool)
        keep[spread(starts, length)] = False
        where = starts - (np.cumsum(length) - length)
        values = self.arrays.values[spread(offset, size)]
        text = np.insert(singly[keep], np.repeat(where, size), values)
        return text, starts, (size - length).astype(np.int64)

    def _overwrite(
        self,
        singly: NDArray[np.uint16],
        starts: NDArray[np.int64],
        offsets: NDArray[np.int32],
        lengths: NDArray[np.int32],
    ) -> None:
        """Write values over keys of their lengths."""
        target = spread(starts, lengths)
        singly[target] = self.arrays.values[target + (offsets - starts).repeat(lengths)]


def spread(starts: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the places of all runs: starts, starts + 1, … up to each length."""
    total = lengths.cumsum()
    first = starts - total
    first += lengths
    places: NDArray[np.int64] = first.repeat(lengths)
    places += np.arange(len(places))
    return places
