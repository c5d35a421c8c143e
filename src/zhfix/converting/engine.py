"""The exact engine: what OpenCC writes, computed on vectors.

A conversion normalises, cuts the text into segments, and runs its chain of dictionaries in
each segment; see `matcher` for how one dictionary is applied to a whole text at once.
"""

from __future__ import annotations

import itertools
import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting import tables
from zhfix.converting.context import decide
from zhfix.converting.dictionaries import Group, Leaf, load_config
from zhfix.converting.ids import description_spans
from zhfix.converting.matcher import Bounds, Matcher, Matches, Search
from zhfix.converting.short import ShortChain, ShortWalk
from zhfix.converting.trie import HIGH_SURROGATE, IRREGULAR, SURROGATE_MASK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from zhfix.converting.dictionaries import Config, Dictionary
    from zhfix.locales import Script

__all__ = ["Engine", "engine"]

#: Units handled at once: enough to drown the cost of calling numpy, few enough for the cache.
CHUNK = 1 << 17
#: How far back from the end of a chunk a place to cut is looked for first.
CUT_WINDOW = 1 << 12
#: The sixteen operators of ideographic description sequences begin here.
FIRST_OPERATOR = 0x2FF0
NEWLINE = 0x0A
#: Texts shorter than this, in characters, are faster without numpy.
SHORT = 400

# Told from the text: parsing the large dictionaries would take longer than loading the table.
_SHORT_KEY = re.compile("^[^#\n\r]\t", re.MULTILINE)
_LONG_KEY = re.compile("^[^#\n][^\t\n]+\t", re.MULTILINE)
_LONE_SURROGATES = re.compile("([\ud800-\udfff]+)")


class Engine:
    """One conversion, compiled; immutable and safe to share.

    >>> engine("s2twp").convert("鼠标里面的程序")
    '滑鼠裡面的程式'
    """

    def __init__(self, config: Config) -> None:
        self.name = config.name
        self.normalization = tuple(_matcher(one) for one in config.normalization)
        self.chain = tuple(_matcher(one) for one in config.chain)
        # OpenCC's configs from Simplified cut by the very phrases that their first step
        # converts: one search serves both.
        self.shared = bool(config.chain) and _cuts_alike(config.segmentation, config.chain[0])
        segmentation = None if self.shared else config.segmentation
        self.segmentation = _matcher(segmentation) if segmentation else None
        self.has_segments = config.segmentation is not None
        every = (*self.chain, *((self.segmentation,) if self.segmentation else ()))
        self.cuttable = np.ones(65536, bool)
        for matcher in every:
            self.cuttable[matcher.arrays.alphabet] = False
        self.cuttable[0xD800:0xE000] = False
        spans = [_first_units(matcher) for matcher in self.normalization]
        self.normalized_units = spans
        # Without segments several dictionaries work one after the other on the whole text.
        self.fits_short = len(self.chain) == 1 or self.has_segments

    @cached_property
    def _short(self) -> ShortWalk | ShortChain:
        special = np.zeros(0x10000, bool)
        special[FIRST_OPERATOR : FIRST_OPERATOR + 16] = True
        for first, last in self.normalized_units:
            special[int(first) : int(last) + 1] = True
        if not self.has_segments:
            return ShortWalk(self.chain[0], special)
        return ShortChain(self.chain, self.segmentation, special)

    def convert(self, text: str, *, context: Script | None = None) -> str:
        """Return the converted text; the same object when nothing changes.

        `context` names the script towards which ambiguous characters are decided by their
        neighbours; without it the output is exactly OpenCC's. A lone surrogate, which OpenCC
        cannot be given, stays and separates.
        """
        if self.fits_short and context is None and len(text) < SHORT:
            short = self._short.convert(text)
            if short is not None:
                return text if short == text else short
        try:
            units = np.frombuffer(text.encode("utf-16-le"), np.uint16)
        except UnicodeEncodeError:
            parts = _LONE_SURROGATES.split(text)
            parts[::2] = [self.convert(part, context=context) for part in parts[::2]]
            return "".join(parts)
        if np.count_nonzero((units - np.uint16(FIRST_OPERATOR)) < 16):
            converted = "".join(self._around_descriptions(text, context))
        else:
            converted = self.convert_units(units, context=context).tobytes().decode("utf-16-le")
        return text if converted == text else converted

    def _around_descriptions(self, text: str, context: Script | None) -> Iterator[str]:
        """Convert what stands between ideographic description sequences, which stay."""
        done = 0
        for start, end in description_spans(text):
            yield self._piece(text[done:start], context)
            yield text[start:end]
            done = end
        yield self._piece(text[done:], context)

    def _piece(self, text: str, context: Script | None) -> str:
        units = np.frombuffer(text.encode("utf-16-le"), np.uint16)
        return self.convert_units(units, context=context).tobytes().decode("utf-16-le")

    def convert_units(
        self, units: NDArray[np.uint16], *, context: Script | None = None
    ) -> NDArray[np.uint16]:
        """Convert UTF-16 units without descriptions (⿰…) and lone surrogates; see `convert`."""
        for (first, last), matcher in zip(self.normalized_units, self.normalization, strict=True):
            if np.count_nonzero((units - first) <= last - first):
                units, _ = _apply(matcher, units, None)
        if len(units) <= CHUNK:
            return self._convert_chunk(units, context)
        parts = [self._convert_chunk(chunk, context) for chunk in self._chunks(units)]
        return np.concatenate(parts)

    def convert_searched(self, units: NDArray[np.uint16]) -> tuple[NDArray[np.uint16], Search]:
        """Run the first dictionary over normalized units; return with it what was found."""
        search = self.chain[0].search(units, shortest=2)
        return _apply_found(self.chain[0], units, search)[0], search

    def _chunks(self, units: NDArray[np.uint16]) -> Iterator[NDArray[np.uint16]]:
        """Cut after line feeds, and long lines before units that occur in no key.

        Where a line is cut depends on that line alone.
        """
        start = 0
        feeds = np.flatnonzero(units == NEWLINE) if self.cuttable[NEWLINE] else np.zeros(0, int)
        while len(units) - start > CHUNK:
            last = int(np.searchsorted(feeds, start + CHUNK)) - 1
            if last >= 0 and feeds[last] >= start:
                yield units[start : feeds[last] + 1]
                start = int(feeds[last]) + 1
                continue
            window = units[start + CHUNK - CUT_WINDOW : start + CHUNK]
            places = np.flatnonzero(self.cuttable[window])
            if len(places):
                end = start + CHUNK - CUT_WINDOW + int(places[-1])
            else:
                places = np.flatnonzero(self.cuttable[units[start + 1 :]])
                end = start + 1 + int(places[0]) if len(places) else len(units)
            yield units[start:end]
            start = end
        yield units[start:]

    def _convert_chunk(
        self, units: NDArray[np.uint16], context: Script | None
    ) -> NDArray[np.uint16]:
        if not len(units):
            return units
        # Towards Traditional the first dictionary of a chain decides, back from it the last.
        decider = {"Hant": 0, "Hans": len(self.chain) - 1}.get(context or "", -1)
        bounds: Bounds | None = None
        if self.segmentation is not None:
            bounds = _bounds(self.segmentation, self.segmentation.all_matches(units), len(units))
        for number, matcher in enumerate(self.chain):
            before = units
            search: Search | None = None
            if number == 0 and self.shared and len(self.chain) > 1:
                search = matcher.search(units, shortest=2)
                bounds = _bounds(matcher, search.matches(), len(units))
                units, bounds = _apply_found(matcher, units, search, bounds)
            elif number == decider and bounds is None:
                # The neighbours need all phrases anyway: one search serves both.
                search = matcher.search(units, shortest=2)
                units, _ = _apply_found(matcher, units, search)
            else:
                units, bounds = _apply(matcher, units, bounds)
            if number == decider and context is not None:
                units = _decide(context, matcher, before, units, search)
        return units


def _decide(
    script: Script,
    matcher: Matcher,
    before: NDArray[np.uint16],
    after: NDArray[np.uint16],
    search: Search | None,
) -> NDArray[np.uint16]:
    """Let the neighbours decide; a line whose length changed keeps the dictionary's answers.

    That happens to lines with characters beyond the BMP.
    """
    if len(before) == len(after) and not np.count_nonzero((before == NEWLINE) ^ (after == NEWLINE)):
        places, forms = decide(script, matcher, before, after, search)
        after[places] = forms
        return after
    befores, afters = (np.split(one, np.flatnonzero(one == NEWLINE)) for one in (before, after))
    if len(befores) != len(afters):
        return after
    same = [len(one) == len(other) for one, other in zip(befores, afters, strict=True)]
    decided = np.concatenate([*itertools.compress(afters, same), after[:0]])
    source = np.concatenate([*itertools.compress(befores, same), before[:0]])
    places, forms = decide(script, matcher, source, decided)
    decided[places] = forms
    ends = np.cumsum([len(line) for line in itertools.compress(afters, same)])
    lines = iter(np.split(decided, ends))
    kept = zip(same, afters, strict=True)
    return np.concatenate([next(lines) if whole else line for whole, line in kept])


def _apply(
    matcher: Matcher, units: NDArray[np.uint16], bounds: Bounds | None
) -> tuple[NDArray[np.uint16], Bounds | None]:
    """Run one dictionary, inside the bounds; return the text and where the bounds are now."""
    singly = matcher.singles.take(units)
    matches = matcher.effective_matches(units, singly, bounds)
    return _write(matcher, singly, matches, bounds)


def _write(
    matcher: Matcher, singly: NDArray[np.uint16], matches: Matches, bounds: Bounds | None
) -> tuple[NDArray[np.uint16], Bounds | None]:
    if not len(matches.starts):
        return singly, bounds
    units, where, change = matcher.replace(singly, matches)
    if bounds is not None and len(where):
        moved = np.concatenate([[0], np.cumsum(change)])
        bounds = Bounds(bounds.places + moved[np.searchsorted(where, bounds.places)])
    return units, bounds


def _apply_found(
    matcher: Matcher, units: NDArray[np.uint16], search: Search, bounds: Bounds | None = None
) -> tuple[NDArray[np.uint16], Bounds | None]:
    """Convert what was found; return the text and where the bounds are now."""
    singly = matcher.singles.take(units)
    starts, entries = search.found
    kept = (search.visited & matcher.is_effective(entries)).nonzero()[0]
    starts, entries = starts[kept], entries[kept]
    odd = _odd_characters(matcher, units, singly, search)
    if len(odd.starts):
        starts = np.concatenate([starts, odd.starts])
        order = np.argsort(starts)
        starts, entries = starts[order], np.concatenate([entries, odd.entries])[order]
    return _write(matcher, singly, Matches(starts, entries), bounds)


def _odd_characters(
    matcher: Matcher, units: NDArray[np.uint16], singly: NDArray[np.uint16], search: Search
) -> Matches:
    """Find the characters outside phrases that do not go from one unit to one unit."""
    odd = units & SURROGATE_MASK == HIGH_SURROGATE
    if matcher.irregular:
        odd |= singly == IRREGULAR
    places = odd.nonzero()[0]
    if not len(places):
        return Matches(places, np.zeros(0, np.int32))
    phrases = search.matches()
    if len(phrases.starts):
        before = np.searchsorted(phrases.starts, places, "right") - 1
        ends = phrases.starts + matcher.lengths[phrases.entries]
        places = places[(before < 0) | (ends[before] <= places)]
    answer = matcher.answers(units, places)
    effective = matcher.is_effective(answer)
    return Matches(places[effective], answer[effective])


def _bounds(matcher: Matcher, matches: Matches, length: int) -> Bounds:
    ends = matches.starts + matcher.lengths[matches.entries]
    places = np.empty(2 * len(ends) + 1, np.int64)
    places[0:-1:2] = matches.starts
    places[1:-1:2] = ends
    places[-1] = length
    return Bounds(places)


def _first_units(matcher: Matcher) -> tuple[np.uint16, np.uint16]:
    """Return the range in which every key of a dictionary begins."""
    arrays = matcher.arrays
    firsts = arrays.alphabet[np.flatnonzero(arrays.check == 0) - arrays.base[0] - 1]
    return np.uint16(firsts.min()), np.uint16(firsts.max())


def _cuts_alike(segmentation: Dictionary | None, first: Dictionary) -> bool:
    """Whether the chain's first step finds, among phrases, just what the segmentation finds.

    So it is when the step asks the same dictionary first, then only single characters.
    """
    if segmentation is None or not isinstance(first, Group) or first.policy != "short_circuit":
        return False
    same, *others = first.members
    return (
        same == segmentation
        and not any(_SHORT_KEY.search(leaf.text) for leaf in _leaves(same))
        and not any(_LONG_KEY.search(leaf.text) for one in others for leaf in _leaves(one))
    )


def _leaves(dictionary: Dictionary) -> Iterator[Leaf]:
    if isinstance(dictionary, Leaf):
        yield dictionary
    else:
        for member in dictionary.members:
            yield from _leaves(member)


def _matcher(dictionary: Dictionary) -> Matcher:
    name = tables.table_name(dictionary)
    if name not in _matchers:
        if len(_matchers) >= MATCHERS:
            _matchers.clear()
        _matchers[name] = Matcher(tables.load(dictionary))
    return _matchers[name]


#: By the name of the table: the dictionaries themselves are large texts, which need not stay.
_matchers: dict[str, Matcher] = {}
MATCHERS = 64


@lru_cache(maxsize=64)
def engine(name: str, *, tofu: bool = True) -> Engine:
    """Return the engine of an OpenCC mode or of a config file; made once.

    >>> engine("t2s").convert("著名的乾隆")
    '著名的乾隆'
    """
    return Engine(load_config(name, tofu=tofu))
