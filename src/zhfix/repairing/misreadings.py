"""Finds text that was read wrongly: candidates for suspicious places, and what fits together.

One document mostly has one history: what it shows in one place decides in others.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.memo import cache_last
from zhfix.repairing.alignment import Repair
from zhfix.repairing.channels import spam_mirror
from zhfix.repairing.codecs import READINGS, possible_readings
from zhfix.repairing.first_sight import (
    at_first_sight,
    glimpse,
    left,
    regions_beside,
    tells_of_lines,
)
from zhfix.repairing.found import BORROWED_MARGIN, ESTABLISHED, MARGIN, Found, apart
from zhfix.repairing.fragments import without_fragments
from zhfix.repairing.losses import (
    KUN_JIN_KAO,
    case_changed,
    lost_something,
    may_have_lost,
    with_losses,
)
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.reasons import as_edits
from zhfix.repairing.screen import suspicious
from zhfix.repairing.search import PAIRS, Pair, reading_costs, undo
from zhfix.repairing.western import WESTERN, undo_western
from zhfix.repairing.wholesale import undo_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zhfix.many import ManyEdits
    from zhfix.repairing.first_sight import Unclaimed
    from zhfix.repairing.screen import Region
    from zhfix.repairing.wholesale import WholeLine

__all__ = ["edits", "explained"]

#: What a repair must gain, as `MARGIN`, for a run that touches no other Chinese text, calibrated
#: on the words of CC-CEDICT and jieba, and for UTF-8, whose bytes do not come about by chance.
MARGIN_ALONE = 12.0
#: Two rare characters inside classical text are likelier a rare word than a wrong reading.
SHORT_INSIDE = 2
MARGIN_SHORT_INSIDE = 24.0
MARGIN_UTF8 = 12.0
#: Lead bytes of UTF-8 as Western pages show them: ftfy is asked only where one stands.
_WESTERN_SIGNS = re.compile("[ÂÃÄÅâãäåæçèéïð][\x80-\xbf\u0152-\u0192\u02c6-\u2122]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
#: Cost per character below which a text reads well: good text lies at 4 to 6.5, damaged at 9-12.
READS_WELL = 7.0
#: Characters beside a gloss or a cut that look improbable because of it.
BESIDE_MIRROR = 2
#: Share of suspicious characters that may be left where the established pair was undone.
LEFT_OVER = 0.02
#: Spans that a lattice has explained and that a later region may lie in.
NEAREST = 8
#: A text is foreign with a smaller share of Han characters; so many of its places, and per code
#: point more, are looked at in vain.
FIRST_HAN, LAST_HAN = 0x3400, 0x9FFF
FOREIGN = 0.02
IN_VAIN = 12
IN_VAIN_PER_CHARACTER = 1 / 20_000
#: Code points over which damage makes weak places suspicious: a block of a stream. In a dump of
#: many documents one that is damaged says nothing of the others.
REACH = 1 << 16
#: Searches for lost bytes that a text may cost in vain, and per code point more.
FUTILE = 16
FUTILE_PER_CHARACTER = 1 / 20_000


@cache_last
def edits(text: str) -> tuple[Edit, ...]:
    """Return the edits that undo all wrong decodes of a text.

    >>> [edit.after for edit in edits("打开鏂囦欢失败")]
    ['文件']
    """
    return tuple(as_edits(text, _examine(text)))


@cache_last
def _examine(text: str) -> tuple[Found, ...]:
    """Find all repairs of a text, but for those that would touch plain ASCII by itself.

    What a mirror cut looks like other damage, so its text is looked at when that is put right.
    """
    if mirrored := spam_mirror.analyse(text).edits:
        return tuple(_before(mirrored, _examine(mirrored.applied)))
    found = _search(text)
    ascii_only = [text[one.repair.start : one.repair.end].isascii() for one in found]
    if not any(ascii_only):
        return found
    company = _in_company(found, ascii_only)
    return tuple(
        one
        for one, plain, joined in zip(found, ascii_only, company, strict=True)
        if not plain or (joined and not _is_word(text, one))
    )


def _before(edits: ManyEdits, found: Sequence[Found]) -> Iterator[Found]:
    """Move what was found after edits to where it stood before, but for what meets one of them."""
    bounds = np.array([(one.repair.start, one.repair.end) for one in found], np.intp)
    starts, clear = edits.before(*bounds.reshape(-1, 2).T)
    for one, start, is_clear in zip(found, starts.tolist(), clear.tolist(), strict=True):
        if is_clear:
            end = start + one.repair.end - one.repair.start
            yield one._replace(repair=one.repair._replace(start=start, end=end))


def _is_word(text: str, one: Found) -> bool:
    """Whether plain ASCII is no wrong reading: a word of Latin letters.

    A `?` is one at the border of what else was read wrongly: it stands for bytes of the same run.
    A letter behind it is the second byte of a character of GBK or Big5 (`?C` was 。).
    """
    before = text[one.repair.start : one.repair.end]
    is_trail = one.pair.true != "utf-8" and re.fullmatch("\\?.", before) is not None
    return not is_trail and any(map(str.isalnum, before))


def explained(text: str) -> list[Span]:
    """Return the stretches of a text that another decoding explains, in order.

    >>> explained("打开鏂囦欢失败")
    [Span(start=2, end=5)]
    """
    return [Span(one.repair.start, one.repair.end) for one in _examine(text)]


def _in_company(found: Sequence[Found], ascii_only: Sequence[bool]) -> list[bool]:
    """Tell of each repair whether it touches, over others or not, one of more than ASCII."""
    spans = [(one.repair.start, one.repair.end) for one in found]
    joined = [not plain for plain in ascii_only]
    for index in range(1, len(spans)):
        touches = spans[index - 1][1] == spans[index][0]
        joined[index] |= touches and joined[index - 1]
    for index in range(len(spans) - 2, -1, -1):
        touches = spans[index][1] == spans[index + 1][0]
        joined[index] |= touches and joined[index + 1]
    return joined


def _search(text: str) -> tuple[Found, ...]:
    """Find all repairs of a text; what the document shows elsewhere lowers the margin."""
    unclaimed = _unclaimed(spam_mirror.analyse(text).open)
    futile = FUTILE + int(len(text) * FUTILE_PER_CHARACTER)
    patience = IN_VAIN + IN_VAIN_PER_CHARACTER * len(text)
    evidence: Counter[Pair] = Counter(glimpse(text))
    lines = _Lines(text)
    lines.undo(evidence)
    weak: list[Found] = []
    sure: list[Found] = []
    seen_through: list[tuple[int, int]] = []  # what a lattice has explained
    known: list[int] = []  # where damage was found before weak places are looked at
    # What is weak by itself is looked at last, and only in a document that was damaged.
    waiting = regions_beside(text, lines.whole, unclaimed)
    waiting.sort(key=lambda one: (one.weak, one.start))
    if not evidence:
        evidence.update(at_first_sight(text, waiting))
    waiting.reverse()
    while True:
        if lines.undo(evidence):
            waiting = left(text, waiting, lines.whole)
            weak, sure = lines.outside(weak), lines.outside(sure)
        if not waiting:
            break
        region = waiting.pop()
        patience -= 1
        if patience < 0 and not evidence and not _is_foreign(text):
            patience = math.inf
        if not evidence and (region.weak or patience < 0):
            break
        near = _in_reach(region, known, lines, (sure, weak))
        if not (near and _beyond(region, seen_through)):
            continue
        found = _lossless(text, region, evidence)
        deeper = _with_losses(text, region, found, evidence) if futile > 0 else None
        if deeper:
            seen_through += _extent(deeper)
            found = deeper
        elif deeper is not None:
            futile -= 1
        found = lines.outside(found)
        weak += filter(_is_unsure, found)
        certain = [one for one in found if not _is_unsure(one)]
        sure += certain
        patience += IN_VAIN * len(certain)
        evidence += _told_by(certain)
    sure += [one for one in weak if evidence[one.pair] >= ESTABLISHED]
    return tuple(_disjoint([*lines.found, *sure]))


def _is_foreign(text: str) -> bool:
    """Whether so little of a text is Chinese that no more of it is looked at in vain.

    Nearly every word in Cyrillic may be Chinese that was read wrongly. Where none of the first
    was, the text is Russian; among Chinese each is a suspicion of its own.
    """
    points = code_points(text)
    han = np.count_nonzero((points >= FIRST_HAN) & (points <= LAST_HAN))
    return bool(han <= FOREIGN * len(text))


def _with_losses(
    text: str, region: Region, found: list[Found], evidence: Mapping[Pair, int]
) -> list[Found] | None:
    """Explain a stretch by lost bytes; empty where that fails, None where nothing calls for it."""
    known = found if any(one.repair.gain > _margin(one) for one in found) else []
    if not (known or may_have_lost(text, region)) or not lost_something(text, region, known):
        return None
    if cased := case_changed(text, region, found):
        return cased
    deeper = with_losses(text, region, known, evidence)
    return [] if deeper is known else deeper


def _in_reach(
    region: Region, known: list[int], lines: _Lines, found: Iterable[Iterable[Found]]
) -> bool:
    """Whether a region is suspicious by itself, or damage was found not far from it.

    `known` is filled when the first weak one asks: by then all others were looked at.
    """
    if not region.weak:
        return True
    known[:] = known or sorted(one.repair.start for one in chain(lines.found, *found))
    at = bisect_right(known, region.start - REACH)
    return not known or (at < len(known) and known[at] < region.end + REACH)


def _extent(found: Sequence[Found]) -> list[tuple[int, int]]:
    """Return the bounds of all that was found."""
    ends = [end for one in found for end in (one.repair.start, one.repair.end)]
    return [(min(ends), max(ends))]


def _beyond(region: Region, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a suspicious position lies in none of the spans near it."""
    hits = region.hits + region.start
    for start, end in spans[-NEAREST:]:
        hits = hits[(hits < start) | (hits >= end)]
    return bool(len(hits))


def _disjoint(found: list[Found]) -> list[Found]:
    """Keep, in order, one of overlapping repairs: a lattice may see more than its region."""
    found = sorted(found, key=lambda one: one.repair.start)
    if all(one.repair.end <= other.repair.start for one, other in pairwise(found)):
        return found
    return sorted(apart(found), key=lambda one: one.repair.start)


class _Lines:
    """The lines of a text that were damaged from end to end, and what they were."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.whole: list[WholeLine] = []
        self.undone: dict[int, tuple[WholeLine, Pair]] = {}
        self.tried: set[Pair] = set()

    def undo(self, evidence: Mapping[Pair, int]) -> bool:
        """Undo, once each, the pairs that have become the document's history and tell of lines."""
        history = [pair for pair, gain in evidence.items() if gain >= ESTABLISHED]
        new = [pair for pair in history if pair not in self.tried and pair.wrong in READINGS]
        self.tried.update(new)
        for pair in filter(tells_of_lines, new):
            for line in undo_lines(self.text, pair, margin=BORROWED_MARGIN):
                known = self.undone.get(line.start)
                if known is None or line.gain >= known[0].gain:
                    self.undone[line.start] = line, pair
            self.whole = sorted(line for line, _ in self.undone.values())
        return bool(new)

    @property
    def found(self) -> list[Found]:
        """What the lines were, as repairs."""
        return [one for line, pair in self.undone.values() for one in _of_line(line, pair)]

    def outside(self, found: Sequence[Found]) -> list[Found]:
        """Keep what does not lie in a line that was repaired as a whole."""
        if not self.whole:
            return list(found)
        starts = [line.start for line in self.whole]
        return [
            one
            for one in found
            if (at := bisect_right(starts, one.repair.start)) == 0
            or self.whole[at - 1].end <= one.repair.start
        ]


def _of_line(line: WholeLine, pair: Pair) -> Iterator[Found]:
    start, end, gain, after, parts = line
    if not parts:
        yield Found(Repair(start, end, after, gain), pair)
    for part in parts:
        proof = Proof.PROVEN if part.certain else Proof.CONSISTENT
        repair = Repair(part.start, part.end, part.after, gain)
        yield Found(repair, pair, Proof.GUESS if part.lost else proof, part.sure)


def _unclaimed(cuts: Sequence[Finding]) -> Unclaimed | None:
    """Return what marks the places that no cut of a mirror explains; None where that is all."""
    if not cuts:
        return None
    bounds = np.array(sorted(found.span for found in cuts))
    # A place is claimed when one of the spans that begin before it ends behind it.
    starts = bounds[:, 0] - BESIDE_MIRROR
    ends = np.maximum.accumulate(bounds[:, 1]) + BESIDE_MIRROR

    def unclaimed(places: NDArray[np.intp]) -> NDArray[np.bool_]:
        last = np.searchsorted(starts, places, "right") - 1
        free: NDArray[np.bool_] = (last < 0) | (ends[last] <= places)
        return free

    return unclaimed


def _lossless(text: str, where: Region, evidence: Mapping[Pair, int]) -> list[Found]:
    """Undo every pair, the document's usual damage first."""
    start, end, hits = where[:3]
    region = text[start:end]
    costs = reading_costs(region, before=text[max(start - 1, 0) : start], after=text[end : end + 1])
    candidates: list[Found] = []
    wrongs = possible_readings(code_points(region)[hits])
    order = sorted(PAIRS, key=lambda pair: -evidence.get(pair, 0)) if evidence else PAIRS
    for pair in order:
        if pair.wrong not in wrongs or not where.may_be(pair.true, pair.wrong):
            continue
        if pair.wrong == "shift-jis" and pair.true != "utf-8" and not _HALF_WIDTH.search(region):
            continue  # the bytes of its usual characters are half-width kana there
        for r in undo(region, pair, margin=BORROWED_MARGIN, costs=costs, hits=hits):
            unsure = pair.true == "utf-8" and r.gain <= MARGIN_UTF8
            below = (_below(r) if unsure or r.tentative else None) or r
            if not below.tentative:
                moved = below._replace(start=r.start + start, end=r.end + start)
                candidates.append(Found(moved, pair))
        if evidence.get(pair, 0) >= ESTABLISHED and _explained(region, start, candidates):
            break
    if not candidates and _WESTERN_SIGNS.search(region):
        candidates += (
            Found(r._replace(start=r.start + start, end=r.end + start), WESTERN)
            for r in undo_western(region)
        )
    if "锟" in region:
        candidates = [
            one
            for one in candidates
            if not KUN_JIN_KAO.search(text, one.repair.start, one.repair.end)
        ]
    return without_fragments(region, start, apart(candidates))


def _below(outer: Repair) -> Repair | None:
    """Undo a second layer under a first that gains nothing by itself; both together must gain."""
    middle = outer.after
    costs = reading_costs(middle)
    best: Repair | None = None
    for pair in PAIRS:
        for inner in undo(middle, pair, margin=BORROWED_MARGIN, costs=costs):
            if not inner.tentative and (best is None or inner.gain > best.gain):
                best = inner
    if best is None or outer.gain + best.gain <= MARGIN:
        return None
    # The stage peels the second layer itself: this edit only has to be made.
    return outer._replace(gain=outer.gain + best.gain, tentative=False)


def _told_by(found: Iterable[Found]) -> Counter[Pair]:
    """Sum up what repairs that are no guesses tell of the document's history, in nats."""
    told: Counter[Pair] = Counter()
    for one in found:
        if one.proof is not Proof.GUESS:
            told[one.pair] += int(one.repair.gain)
    return told


def _is_unsure(found: Found) -> bool:
    """Whether a lossless repair gains too little where nothing else speaks for it."""
    return found.proof is Proof.PROVEN and found.repair.gain <= _margin(found)


def _margin(found: Found) -> float:
    """Return what this repair must gain where nothing else speaks for it."""
    if found.pair.true == "utf-8":
        return MARGIN_UTF8
    if found.repair.alone:
        return MARGIN_ALONE
    is_short = found.repair.end - found.repair.start <= SHORT_INSIDE
    return MARGIN_SHORT_INSIDE if is_short else MARGIN


def _explained(region: str, start: int, found: Sequence[Found]) -> bool:
    """Whether the region reads well after these repairs."""
    if not found:
        return False
    parts, done = [], 0
    for one in sorted(apart(found), key=lambda one: one.repair.start):
        r = one.repair
        parts += [region[done : r.start - start], r.after]
        done = r.end - start
    repaired = "".join((*parts, region[done:]))
    cost = LanguageModel.load().costs(repaired)
    left = sum(len(where.hits) for where in suspicious(repaired))
    return bool(cost.mean() < READS_WELL) and left <= LEFT_OVER * len(repaired)
