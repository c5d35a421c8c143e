"""Where in a short text effective keys may begin, told by two characters of each key.

An *anchor* is a character of a key that the key converts in another way than that character
alone. It is looked for together with the character behind it, or, if it ends the key, with the
one before it.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting.trie import EFFECTIVE_BELOW

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from zhfix.converting.matcher import Matcher

__all__ = ["ITSELF", "Anchors", "OtherRoad", "Sources", "charset", "first_pairs"]

#: Everyday characters of both scripts, the most common first: as anchors they were found anywhere.
EVERYDAY = (
    "的一是不了在有人我他這这個个們们中來来上大為为和國国地到以說说時时要就出會会可也你對对生能而子那得於于著着下自"
    "之年過过發发後后作裡里用道行所然家種种事成方多經经麼么去法學学如都同現现當当沒没動动面起看定天分還还進进好小"
    "部其些主樣样理心她本前開开但因只從从想實实日軍军者意無无力它與与長长把機机十民第公此已工使情明性知全三又關关點点"
    "正業业外將将兩两高間间由問问很最重並并物手應应戰战向頭头文體体政美相見见被利什二等產产或新己制身果加西斯月話话"
    "合回特代內内信表化老給给世位次度門门任常先海通教兒儿原東东聲声提立及比員员解水名真論论處处走義义各入幾几口認认"
    "條条平系氣气題题活爾尔更別别打女變变四神總总何電电數数安少報报才結结反受目太量再感建務务做接必場场件計计管期市"
)
#: What becomes of each unit when nothing is done.
ITSELF = np.arange(0x10000, dtype=np.uint16)


class OtherRoad(Exception):  # noqa: N818 -- it is no error
    """Raised for a text that cannot be converted without vectors."""


class Anchors:
    """Finds where effective keys may begin, and of which step."""

    def __init__(self, special: NDArray[np.bool_]) -> None:
        self._special = special
        self._after: dict[str, tuple[tuple[int, int], ...]] = {}
        """By an anchor and what follows: how far back a key may begin, and the step."""
        self._before: dict[str, tuple[tuple[int, int], ...]] = {}
        """The same by what stands before an anchor that ends its key, and the anchor."""
        self._chars: set[str] = set()

    def add(self, matcher: Matcher, sources: Sources, step: int) -> None:
        """Look for the keys of a dictionary, where it is given what others made of the text."""
        for pair, place, ends in _anchors(matcher):
            starts = self._before if ends else self._after
            for source in sources.of(pair):
                self._chars.add(source[ends])
                starts[source] = (*starts.get(source, ()), (place, step))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        special = charset(np.flatnonzero(self._special).tolist()) + "\U00010000-\U0010ffff"
        # An anchor beside which nothing stands that is in a pair goes before Python sees it.
        following = charset({ord(pair[1]) for pair in self._after}) or special
        leading = charset({ord(pair[0]) for pair in self._before}) or special
        return re.compile(
            f"[{charset(map(ord, self._chars))}{special}]"
            f"(?:(?=[{following}])|(?<=[{leading}].)|(?<=[{special}]))",
            re.DOTALL,
        )

    def starts(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where keys may begin and their steps, anchor by anchor, the earliest first.

        Raises `OtherRoad` for a text with a special unit or one beyond the BMP.
        """
        after, before, chars = self._after, self._before, self._chars
        for match in self._pattern.finditer(text):
            at = match.start()
            found = after.get(text[at : at + 2], ()) + before.get(text[at - 1 : at + 1], ())
            if not found and text[at] not in chars:
                raise OtherRoad
            for back, step in sorted(found, reverse=True) if len(found) > 1 else found:
                if back <= at:
                    yield at - back, step


class Sources:
    """The units of a text, as characters, that earlier steps make a unit of."""

    def __init__(self, made: NDArray[np.uint16], usable: NDArray[np.bool_]) -> None:
        self._stays = usable & (made == ITSELF)
        self._others: dict[int, list[str]] = {}
        for unit in np.flatnonzero(usable & (made != ITSELF)).tolist():
            self._others.setdefault(int(made[unit]), []).append(chr(unit))

    def of(self, pair: str) -> Iterable[str]:
        """Return what becomes a pair."""
        if not self._others:
            return (pair,) if all(self._stays[ord(char)] for char in pair) else ()
        one, other = (
            [*self._others.get(ord(char), ()), *(char if self._stays[ord(char)] else ())]
            for char in pair
        )
        return map("".join, product(one, other))


def first_pairs(matcher: Matcher) -> dict[str, int]:
    """Return the pairs that begin an effective key, with the slots they lead to."""
    arrays = matcher.arrays
    slots = np.flatnonzero(arrays.check > 0)
    parents = arrays.check[slots]
    first = (arrays.check[parents] == 0) & (arrays.flags[slots] & EFFECTIVE_BELOW > 0)
    slots, parents = slots[first], parents[first]
    letters = np.concatenate([[0], arrays.alphabet])
    pairs = letters[parents - arrays.base[0]], letters[slots - arrays.base[parents]]
    return {
        chr(one) + chr(other): slot
        for one, other, slot in zip(*(part.tolist() for part in (*pairs, slots)), strict=True)
    }


def _anchors(matcher: Matcher) -> Iterator[tuple[str, int, bool]]:
    """Yield the anchor of each effective key with a neighbour, its place, and if it ends the key.

    Of several that would do it is the one that text has least.
    """
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
    keys, rows = keys[own], rows[own]
    place = np.arange(keys.shape[1])
    size = rows[:, :1]
    keys = np.take_along_axis(keys, (size - 1 - place) % keys.shape[1], axis=1)
    even = rows[:, :1] == rows[:, 2:]
    value = arrays.values.take(rows[:, 1:2] + place, mode="clip")
    changed = (place < size) & (~even | (matcher.singles[keys] != value))
    common = np.zeros(0x10000, np.int16)
    common[[ord(char) for char in reversed(EVERYDAY)]] = np.arange(1, len(EVERYDAY) + 1)
    best = np.where(changed, common[keys], np.int16(0x7FFF)).argmin(axis=1)
    ends = best + 1 == size[:, 0]
    row = np.arange(len(keys))
    pairs = keys[row, best - ends], keys[row, best - ends + 1]
    columns = (one.tolist() for one in (*pairs, best, ends))
    for one, other, number, end in dict.fromkeys(zip(*columns, strict=True)):
        yield chr(one) + chr(other), number, end


def charset(units: Iterable[int]) -> str:
    """Write units as what stands in the brackets of a pattern."""
    places = np.array(sorted(units), np.int64)
    if not len(places):
        return ""
    cuts = np.flatnonzero(np.diff(places) > 1)
    firsts, lasts = places[[0, *(cuts + 1)]], places[[*cuts, -1]]
    return "".join(f"\\u{a:04x}-\\u{b:04x}" for a, b in zip(firsts, lasts, strict=True))
