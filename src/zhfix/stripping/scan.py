"""Find the lines worth a look by vectors: clean text is never looked at line by line.

All units of the folded text are hashed with their neighbours, and a table tells which pairs may
begin a trigger. Few places remain; there the whole trigger is compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.arrays import distinct, runs, union
from zhfix.stripping.rules import anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: Bits of the table that screens pairs, and an odd multiplier that spreads them.
_PAIR_BITS = 16
_SPREAD = np.uint16(0x9E37)
#: Fewer places are compared one by one, which is faster then.
FEW = 64
#: More triggers of one unit are looked up together.
FEW_ALONE = 4
#: Units of the longest trigger that is compared.
LONGEST = 32


class Seen(NamedTuple):
    """What a look at folded text found; places count units and are in order."""

    hits: list[Sequence[int] | NDArray[np.intp]]
    """Where a trigger of each group stands."""
    pairs: NDArray[np.uint8]
    """By place: 1 where a pair of units may be of a trigger of a group, 2 of the first screened
    group, 4 of the second, …"""


class Scan:
    """Triggers, prepared for finding them in whole texts; immutable once made.

    >>> from zhfix.stripping.shadow import folded
    >>> Scan([("责任编辑",), ("任编", "责任")]).look(folded("他說：責任編輯，責任")).hits
    [[3], [3, 4, 8]]

    `groups` are found; of `screened` it is only told where the anchors of triggers may be.
    """

    def __init__(
        self, groups: Sequence[Iterable[str]], screened: Sequence[Iterable[str]] = ()
    ) -> None:
        # Blanks may be doubled in the text, so only what stands before the second is compared.
        heads = [
            ("".join(trigger.partition(" ")[:2])[: LONGEST // 2], group)
            for group, triggers in enumerate(groups)
            for trigger in triggers
        ]
        self.group_of = np.array([group for _, group in heads], np.intp)
        self.count = len(groups)
        self.alone: dict[int, list[int]] = {}
        """The triggers of one unit: their numbers, counted through all groups."""
        self.words: dict[bytes, list[tuple[bytes, int, int]]] = {}
        """The other triggers by their anchors; with each where the anchor is in it, its group."""
        self.pairs = np.zeros(1 << _PAIR_BITS, np.uint8)
        """By hash of a pair of units, the bits of `Seen.pairs`."""
        for number, (head, group) in enumerate(heads):
            offset, pair = anchor(head)
            if pair:
                word = (head.encode("utf-16-le", "surrogatepass"), offset, group)
                self.words.setdefault(pair, []).append(word)
            else:
                self.alone.setdefault(ord(head), []).append(number)
        self._mark(self.words, 1)
        for bit, triggers in enumerate(screened, 1):
            self._mark([anchor(trigger.partition(" ")[0])[1] for trigger in triggers], 1 << bit)
        self.is_alone = np.zeros(0x10000, np.bool_)
        self.is_alone[list(self.alone)] = True
        self._fill_rows([head for head, _ in heads])

    def _mark(self, pairs: Iterable[bytes], bit: int) -> None:
        units = _units(b"".join(pairs))
        self.pairs[_hash(units[::2], units[1::2])] |= bit

    def _fill_rows(self, heads: list[str]) -> None:
        """Lay the triggers out for comparing many at once, a row for each, by their anchors."""
        anchors = [anchor(head) for head in heads]
        longer = [number for number, (_, pair) in enumerate(anchors) if pair]
        longer.sort(key=lambda number: anchors[number][1])
        self.numbers = np.array(longer, np.intp)
        """Which trigger each row is."""
        self.units = np.zeros((len(longer), LONGEST), np.uint16)
        self.lengths, self.offsets = np.zeros((2, len(longer)), np.intp)
        for row, number in enumerate(longer):
            units = _units(heads[number].encode("utf-16-le", "surrogatepass"))
            self.units[row, : len(units)] = units
            self.lengths[row], self.offsets[row] = len(units), anchors[number][0]
        firsts = np.array([_units(anchors[number][1])[0] for number in longer], np.uint16)
        starts, counts = runs(firsts)
        self.starts, self.counts = np.zeros((2, 0x10000), np.int32)
        self.starts[firsts[starts]], self.counts[firsts[starts]] = starts, counts

    def look(self, data: bytes) -> Seen:
        """Find the triggers of all groups in folded text."""
        units = _units(data)
        pairs = self.pairs.take(_hash(units[:-1], units[1:]))
        places = (pairs & 1).view(np.bool_).nonzero()[0]
        if len(places) >= FEW:
            found = self._many(units, places)
        else:
            found = self._few(data, places.tolist())
        for number, here in self._alone(units):
            group = self.group_of[number]
            found[group] = union(np.asarray(found[group], np.intp), here)
        return Seen(found, pairs)

    def named(self, data: bytes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return where triggers stand, and the number of the trigger for each place.

        >>> from zhfix.stripping.shadow import folded
        >>> places, numbers = Scan([("责任编辑", "责任")]).named(folded("他說：責任編輯"))
        >>> sorted(zip(places.tolist(), numbers.tolist()))
        [(3, 0), (3, 1)]
        """
        units = _units(data)
        pairs = self.pairs.take(_hash(units[:-1], units[1:]))
        places, rows = self._compared(units, (pairs & 1).view(np.bool_).nonzero()[0])
        found, numbers = [places], [self.numbers[rows]]
        for number, here in self._alone(units):
            found.append(here)
            numbers.append(np.full(len(here), number))
        return np.concatenate(found), np.concatenate(numbers)

    def _alone(self, units: NDArray[np.uint16]) -> list[tuple[int, NDArray[np.intp]]]:
        """Return where the triggers of one unit stand, if they do, by number."""
        places, here = None, units
        if len(self.alone) > FEW_ALONE:
            places = self.is_alone.take(units).nonzero()[0]
            here = units[places]
        found = []
        for unit, numbers in self.alone.items():
            at = (here == unit).nonzero()[0]
            if len(at):
                at = at if places is None else places[at]
                found += [(number, at) for number in numbers]
        return found

    def _few(self, data: bytes, places: list[int]) -> list[Sequence[int] | NDArray[np.intp]]:
        """Return where triggers stand whole of which a few places may be the anchors, by group."""
        found: list[set[int]] = [set() for _ in range(self.count)]
        words = self.words
        for at in places:
            for word, offset, group in words.get(data[2 * at : 2 * at + 4], ()):
                if at >= offset and data.startswith(word, 2 * (at - offset)):
                    found[group].add(at - offset)
        return [sorted(places) for places in found]

    def _many(
        self, units: NDArray[np.uint16], places: NDArray[np.intp]
    ) -> list[Sequence[int] | NDArray[np.intp]]:
        """Return at which of many places triggers stand whole, by group."""
        places, rows = self._compared(units, places)
        group = self.group_of[self.numbers[rows]]
        return [distinct(places[group == one]) for one in range(self.count)]

    def _compared(
        self, units: NDArray[np.uint16], places: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the places where triggers stand whole, and the rows of these triggers."""
        first = units.take(places)
        counts = self.counts.take(first)
        rows = np.arange(counts.sum()) - (counts.cumsum() - counts).repeat(counts)
        rows += self.starts.take(first).repeat(counts)
        places = places.repeat(counts) - self.offsets.take(rows)
        fits = (places >= 0) & (places + self.lengths.take(rows) <= len(units))
        fits &= units.take(places, mode="clip") == self.units[:, 0].take(rows)
        places, rows = places[fits], rows[fits]
        ends = [(places[:0], rows[:0])]
        for offset in range(1, LONGEST + 1):
            ended = self.lengths[rows] == offset
            ends.append((places[ended], rows[ended]))
            places, rows = places[~ended], rows[~ended]
            same = units.take(places + offset) == self.units[rows, min(offset, LONGEST - 1)]
            places, rows = places[same], rows[same]
            if not len(places):
                break
        return np.concatenate([end[0] for end in ends]), np.concatenate([end[1] for end in ends])


def line_numbers(ends: NDArray[np.intp], places: Sequence[int] | NDArray[np.intp]) -> list[int]:
    """Return the lines, counted from 0, on which places lie that are in order; ends at `ends`.

    >>> line_numbers(np.array([1, 4]), [2, 3])
    [1]
    """
    if not len(places):
        return []
    return list(dict.fromkeys(ends.searchsorted(places).tolist()))


def _units(data: bytes) -> NDArray[np.uint16]:
    return np.frombuffer(data, np.uint16)


def _hash(first: NDArray[np.uint16], second: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Mix two units into one, wrapping around."""
    mixed = first * _SPREAD
    mixed ^= second
    return mixed
