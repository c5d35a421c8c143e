"""Text that was decoded with the wrong encoding: encode it back, decode it as it should be."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.repairing.channels import spam_mirror
from zhfix.repairing.codecs import NONE, READINGS, reading, to_bytes
from zhfix.repairing.lattice import fill
from zhfix.repairing.memo import cache_last
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.screen import Region, stretches, suspicious
from zhfix.repairing.search import PAIRS, Pair, Repair, readable, reading_costs, undo
from zhfix.repairing.western import WESTERN, undo_western
from zhfix.repairing.wholesale import WholeLine, undo_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.lattice import Filled, Piece
    from zhfix.rows import Rows

__all__ = ["Transcode"]

#: Rise in log-likelihood, in nats, that a repair must show: calibrated on 342,025 clean lines,
#: of which none then changes (largest gain of a wrong repair there: 14.8).
MARGIN = 16.0
#: The same for a run that touches no other Chinese text, calibrated on the words of CC-CEDICT and
#: jieba, and for UTF-8, whose bytes do not come about by chance.
MARGIN_ALONE = 12.0
#: Two rare characters inside classical text are likelier a rare word than a wrong reading.
SHORT_INSIDE = 2
MARGIN_SHORT_INSIDE = 24.0
MARGIN_UTF8 = 12.0
#: The same where the document has already shown that it was damaged in this way.
BORROWED_MARGIN = 8.0
#: Total gain of a pair's sure repairs that makes it the document's history.
ESTABLISHED = 60.0
#: So many suspicious characters in the first regions make it worth a look whether whole lines are
#: damaged; of the regions and lines so many are looked at, and no longer lines.
MANY_HITS = 12
MOST_HITS = 400
FIRST_REGIONS = 24
FIRST_LINES = 12
LONGEST_LINE = 1000
#: A guess that leaves no other choice is right about this often, and one of many choices so
#: seldom; measured on unseen text (tools/measure_repair.py lossy).
GUESS_CEILING = 0.95
GUESS_FLOOR = 0.1
#: A character beside a repair that is rarer than this may be what is left of another.
RARE = -10.0
#: What damage with lost bytes must gain over what is repaired without guessing, in nats, and what
#: every guess is charged; less where the pair is known from the neighbourhood.
LOSSY_MARGIN = 20.0
LOSSY_BORROWED = 6.0
LOSS = 2.0
#: Bounds of the work of a lattice: characters around the damage, its length, pairs tried.
NEARBY = 8
LONGEST_LATTICE = 600
#: A stretch that lost more than this share of its characters cannot be guessed.
MOST_LOST = 0.4
MOST_LATTICES = 3
#: Characters of UTF-8 that must be whole among the lost ones, when nothing else names the pair.
LEAST_UTF8 = 2
#: Characters beyond ASCII that GBK read as Big5, or the reverse, must show; and those pairs.
LEAST_WIDE = 6
LEAD_AND_TRAIL = 2
_WIDE_PAIRS = (Pair("big5", "gbk"), Pair("gbk", "big5"))
_LOSSY_WRONG = ("gbk", "cp1252", "big5", "latin-1", "shift-jis", "euc-kr")
_UTF8_HAN = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")
#: U+FFFD that was read as GBK: what lies between is lost too.
_KUN_JIN_KAO = re.compile("锟[\u4e00-\u9fff]{1,2}拷")
_LOSS = ("?", "\ufffd")
#: A mark of loss inside what was repaired, beside what a wrong decoder made.
_MARK_INSIDE = re.compile("[^\x00-\x7f]\\?|\\?[^\x00-\x7f]|\ufffd")
#: Lead bytes of UTF-8 as Western pages show them: ftfy is asked only where one stands.
_WESTERN_SIGNS = re.compile("[ÂÃÄÅâãäåæçèéïð][\x80-\xbf\u0152-\u0192\u02c6-\u2122]")
#: Letters beyond ASCII, all of one case, that make a change of case worth a search; and what can
#: have become letters.
LEAST_LETTERS = 4
_FOLDED_PAIRS = tuple(
    Pair(true, wrong)
    for wrong in ("cp1252", "cp1251", "cp1250", "cp866")
    for true in ("gbk", "utf-8", "big5")
)
#: Cost per character below which a text reads well: good text lies at 4 to 6.5, damaged at 9-12.
READS_WELL = 7.0
#: Characters beside a gloss or a cut that look improbable because of it.
BESIDE_MIRROR = 2
#: Share of suspicious characters that may be left where the established pair was undone.
LEFT_OVER = 0.02
#: Characters beside a double-byte reading of single bytes that may be left, and their share
#: of its length.
FRAGMENTS = 1
MOST_LEFT = 0.1
#: From here on lie the letters of East Asia.
_EAST = "\u2e80"
#: Searches for lost bytes that a text may cost in vain, and per code point more.
FUTILE = 16
FUTILE_PER_CHARACTER = 1 / 2000


@dataclass(frozen=True, slots=True)
class _Found:
    """A repair in coordinates of the whole text, and the pair that it undoes."""

    repair: Repair
    pair: Pair
    proof: Proof = Proof.PROVEN
    sure: float = 1.0


class Transcode:
    """The channel of wrong decodes, with and without lost bytes.

    >>> channel = Transcode()
    >>> text = "打开鏂囦欢失败"
    >>> findings = list(channel.detect(text))
    >>> [(f.rule, f.span) for f in findings]
    [('mojibake/utf-8-read-as-gbk', Span(start=2, end=5))]
    >>> [edit.after for edit in channel.repair(text, findings)]
    ['文件']
    """

    name = "mojibake"

    @property
    def rules(self) -> Mapping[str, str]:
        """Rule id to explanation."""
        return {f"mojibake/{pair}": _explanation(pair) for pair in PAIRS}

    def detect(self, text: str) -> Iterable[Finding]:
        """Report the runs that another decoding makes far likelier."""
        for found in _examine(text):
            repair = found.repair
            yield Finding(
                Span(repair.start, repair.end),
                f"mojibake/{found.pair}",
                _confidence(found),
                _reason(found),
            )

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold something improbable by itself."""
        regions = [region for region in suspicious(rows.text) if not region.weak]
        places = [region.start + region.hits for region in regions]
        return rows.mask(np.concatenate([np.zeros(0, np.intp), *places]))

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterable[Edit]:
        """Propose the likelier decoding of each finding."""
        wanted = {finding.span for finding in findings}
        for found in _examine(text):
            repair = found.repair
            span = Span(repair.start, repair.end)
            if span in wanted:
                yield Edit(
                    span,
                    text[repair.start : repair.end],
                    repair.after,
                    f"mojibake/{found.pair}",
                    _confidence(found),
                    _reason(found),
                    found.proof,
                )


@cache_last
def _examine(text: str) -> tuple[_Found, ...]:
    """Find all repairs of a text, but for those that would touch plain ASCII by itself."""
    found = _search(text)
    spans = [(one.repair.start, one.repair.end) for one in found]
    borders = {
        edge for start, end in spans if not text[start:end].isascii() for edge in (start, end)
    }
    kept = []
    for one, (start, end) in zip(found, spans, strict=True):
        before = text[start:end]
        # A word of Latin letters is no wrong reading. A `?` is one only at the border of what
        # else was read wrongly: it stands for bytes of the same run.
        # A letter behind it is the second byte of a character of GBK or Big5 (`?C` was 。).
        touches = start in borders or end in borders
        is_trail = one.pair.true != "utf-8" and before[:1] == "?" and len(before) == LEAD_AND_TRAIL
        letters = not is_trail and any(map(str.isalnum, before))
        if not before.isascii() or (touches and not letters):
            kept.append(one)
    return tuple(kept)


def _search(text: str) -> tuple[_Found, ...]:
    """Find all repairs of a text; what the document shows elsewhere lowers the margin."""
    evidence: Counter[Pair] = Counter()
    futile = FUTILE + int(len(text) * FUTILE_PER_CHARACTER)
    weak: list[_Found] = []
    sure: list[_Found] = []
    whole: list[WholeLine] = []
    tried: set[Pair] = set()
    # What is weak by itself is looked at last, and only in a document that was damaged.
    waiting = sorted(_unclaimed(text), key=lambda one: (one.weak, one.start), reverse=True)
    evidence.update(_at_first_sight(text, waiting))
    while True:
        for pair in _established(evidence, tried):
            lines = undo_lines(text, pair, margin=BORROWED_MARGIN)
            whole = sorted([*whole, *lines])
            waiting = _left(text, waiting, whole)
            weak, sure = _outside(weak, whole), _outside(sure, whole)
            sure += (found for line in lines for found in _of_line(line, pair))
        if not waiting:
            break
        region = waiting.pop()
        if region.weak and not evidence:
            break
        found = _lossless(text, region, evidence)
        if futile > 0 and _lost_something(text, region, found):
            deeper = _case_changed(text, region, found)
            deeper = deeper or _with_losses(text, region, found, evidence)
            futile -= deeper is found
            found = deeper
        for one in _outside(found, whole):
            lossless = one.proof is Proof.PROVEN
            if lossless and one.repair.gain <= _margin(one):
                weak.append(one)
                continue
            if one.proof is not Proof.GUESS:
                evidence[one.pair] += int(one.repair.gain)
            sure.append(one)
    sure += [one for one in weak if evidence[one.pair] >= ESTABLISHED]
    return tuple(sorted(sure, key=lambda one: one.repair.start))


def _at_first_sight(text: str, regions: Sequence[Region]) -> dict[Pair, int]:
    """Return the pair that explains whole lines of the first suspicious ones, with its gain.

    Most damaged documents are damaged from end to end by one wrong decode, and a few of their
    lines tell which, long before borders and candidates have been searched.
    """
    hits = [region.hits[:MOST_HITS] + region.start for region in regions[:-FIRST_REGIONS:-1]]
    if sum(map(len, hits)) < MANY_HITS:
        return {}
    lines: dict[int, int] = {}
    for at in np.concatenate(hits).tolist():
        start = text.rfind("\n", 0, at) + 1
        end = text.find("\n", at)
        lines[start] = len(text) if end < 0 else end
    chosen = [
        text[start:end] for start, end in sorted(lines.items()) if end - start <= LONGEST_LINE
    ]
    sample = "\n".join(chosen[:FIRST_LINES])
    best: dict[Pair, int] = {}
    for pair in PAIRS:
        if pair.true == "utf-8" or not reading(pair.wrong).wide:
            gain = int(sum(line.gain for line in undo_lines(sample, pair, margin=MARGIN)))
            if gain > max([ESTABLISHED, *best.values()]):
                best = {pair: gain}
    return best


def _established(evidence: Mapping[Pair, int], tried: set[Pair]) -> Iterator[Pair]:
    """Yield, once each, the pairs that have become the document's history.

    Whole lines are told by it where clean text cannot be read so: UTF-8 is well-formed, and a
    code page of single bytes has no Chinese.
    """
    for pair, gain in evidence.items():
        if gain >= ESTABLISHED and pair not in tried and pair.wrong in READINGS:
            tried.add(pair)
            if pair.true == "utf-8" or not reading(pair.wrong).wide:
                yield pair


def _of_line(line: WholeLine, pair: Pair) -> Iterator[_Found]:
    for part in line.parts:
        proof = Proof.PROVEN if part.certain else Proof.CONSISTENT
        repair = Repair(part.start, part.end, part.after, line.gain)
        yield _Found(repair, pair, Proof.GUESS if part.lost else proof, part.sure)


def _outside(found: Sequence[_Found], whole: Sequence[WholeLine]) -> list[_Found]:
    """Keep what does not lie in a line that was repaired as a whole."""
    if not whole:
        return list(found)
    starts = [line.start for line in whole]
    return [
        one
        for one in found
        if (at := bisect_right(starts, one.repair.start)) == 0
        or whole[at - 1].end <= one.repair.start
    ]


def _left(text: str, waiting: Sequence[Region], whole: Sequence[WholeLine]) -> list[Region]:
    """Return the regions of what is left when those lines are repaired."""
    if not waiting or not whole:
        return list(waiting)
    ends = np.array([line.end for line in whole])
    starts = np.array([line.start for line in whole])
    left: list[Region] = []
    for region in waiting:
        hits = region.hits + region.start
        after = np.searchsorted(starts, hits, "right") - 1
        hits = hits[(after < 0) | (ends[after] <= hits)]
        if len(hits) == len(region.hits):
            left.append(region)
            continue
        for start, stop in stretches(text, hits):
            inside = hits[(hits >= start) & (hits < stop)]
            if len(inside):
                left.append(region._replace(start=start, end=stop, hits=inside - start))
    return left


def _unclaimed(text: str) -> Iterator[Region]:
    """Yield the suspicious stretches, without what the spam mirror explains.

    It puts other characters there, and what comes out is searched again.
    """
    mirrored = spam_mirror.analyse(text)
    spans = [*(edit.span for edit in mirrored.edits), *(found.span for found in mirrored.open)]
    if not spans:
        yield from suspicious(text)
        return
    bounds = np.array(sorted(spans))
    # A place is claimed when one of the spans that begin before it ends behind it.
    starts = bounds[:, 0] - BESIDE_MIRROR
    ends = np.maximum.accumulate(bounds[:, 1]) + BESIDE_MIRROR
    for region in suspicious(text):
        places = region.start + region.hits
        last = np.searchsorted(starts, places, "right") - 1
        hits = region.hits[(last < 0) | (ends[last] <= places)]
        if len(hits):
            yield region._replace(hits=hits)


def _lost_something(text: str, where: Region, found: Sequence[_Found]) -> bool:
    """Whether the lossless repairs leave something unexplained."""
    if _uncovered(where, found) or _ends_in_loss(text, found):
        return True
    return any(
        _MARK_INSIDE.search(text, one.repair.start, one.repair.end)
        for one in found
        if reading(one.pair.wrong).wide
    )


def _lossless(text: str, where: Region, evidence: Mapping[Pair, int]) -> list[_Found]:
    """Undo every pair, the document's usual damage first."""
    start, end, hits = where[:3]
    region = text[start:end]
    costs = reading_costs(region, before=text[max(start - 1, 0) : start], after=text[end : end + 1])
    candidates: list[_Found] = []
    here = code_points(region)[hits]
    wrongs = {
        name
        for name in READINGS
        if ((codes := reading(name).encode_points(here)) != NONE).any()
        and (codes[codes != NONE] > 0x7F).any()
    }
    order = sorted(PAIRS, key=lambda pair: -evidence.get(pair, 0)) if evidence else PAIRS
    for pair in order:
        if pair.wrong not in wrongs or not where.may_be(pair.true, pair.wrong):
            continue
        for r in undo(region, pair, margin=BORROWED_MARGIN, costs=costs, hits=hits):
            unsure = pair.true == "utf-8" and r.gain <= MARGIN_UTF8
            below = (_below(r) if unsure or r.tentative else None) or r
            if not below.tentative:
                moved = replace(below, start=r.start + start, end=r.end + start)
                candidates.append(_Found(moved, pair))
        if evidence.get(pair, 0) >= ESTABLISHED and _explained(region, start, candidates):
            break
    if not candidates and _WESTERN_SIGNS.search(region):
        candidates += (
            _Found(replace(r, start=r.start + start, end=r.end + start), WESTERN)
            for r in undo_western(region)
        )
    if "锟" in region:
        candidates = [
            one
            for one in candidates
            if not _KUN_JIN_KAO.search(text, one.repair.start, one.repair.end)
        ]
    return _without_fragments(region, start, _apart(candidates))


def _without_fragments(region: str, offset: int, found: list[_Found]) -> list[_Found]:
    """Leave out double-byte readings of a part of what a code page of single bytes shows.

    Any two high bytes are a character of GBK or Big5: a few that read well, amid more that do
    not, are what is left of UTF-8 that lost bytes.
    """
    covered: dict[Pair, NDArray[np.bool_]] = {}
    for one in found:
        mask = covered.setdefault(one.pair, np.zeros(len(region) + 1, np.bool_))
        mask[one.repair.start - offset : one.repair.end - offset] = True
    kept = []
    for one in found:
        start, end = one.repair.start - offset, one.repair.end - offset
        if one.pair.true != "utf-8" and not reading(one.pair.wrong).wide:
            low, high = start, end
            while low and _is_western(region[low - 1]):
                low -= 1
            while high < len(region) and _is_western(region[high]):
                high += 1
            left = high - low - int(np.count_nonzero(covered[one.pair][low:high]))
            if left > FRAGMENTS + MOST_LEFT * (end - start):
                continue
        kept.append(one)
    return kept


def _is_western(character: str) -> bool:
    """Whether a code page of single bytes shows a byte beyond ASCII so."""
    return "\x80" <= character < _EAST


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
    return replace(outer, gain=outer.gain + best.gain, tentative=False)


def _case_changed(text: str, where: Region, found: Sequence[_Found]) -> list[_Found]:
    """Undo a wrong decode whose letters were all lower- or upper-cased afterwards."""
    region = text[where.start : where.end]
    low, high = int(where.hits[0]), int(where.hits[-1]) + 1
    letters = [c for c in region[low:high] if c > "\x7f" and c.lower() != c.upper()]
    if len(letters) < LEAST_LETTERS or not (
        all(c == c.lower() for c in letters) or all(c == c.upper() for c in letters)
    ):
        return []
    low, high = max(low - NEARBY, 0), min(high + NEARBY, len(region), low + LONGEST_LATTICE)
    part = region[low:high]
    change = str.lower if letters[0] == letters[0].lower() else str.upper
    best: Filled | None = None
    chosen: Pair | None = None
    for pair in _FOLDED_PAIRS:
        filled = fill(part, pair, folded=True)
        if filled is None or any(piece.lossy for piece in filled.pieces):
            continue
        if not _reads(filled, pair):
            continue
        if best is None or filled.gain > best.gain:
            best, chosen = filled, pair
    gain_so_far = sum(one.repair.gain for one in found)
    if best is None or chosen is None or best.gain <= gain_so_far + MARGIN:
        return []
    return [
        _Found(
            Repair(
                where.start + low + piece.start, where.start + low + piece.end, piece.after,
                best.gain,
            ),
            chosen,
            _case_proof(chosen, piece, part, change),
        )
        for piece in best.pieces
    ]  # fmt: skip


def _case_proof(pair: Pair, piece: Piece, part: str, change: Callable[[str], str]) -> Proof:
    """Run the damage and the change of case again, and compare."""
    again = pair.forwards(piece.after)
    same = again is not None and change(again) == part[piece.start : piece.end]
    return Proof.PROVEN if same else Proof.CONSISTENT


def _uncovered(where: Region, found: Sequence[_Found]) -> list[int]:
    """Return the suspicious positions that no sure repair explains."""
    covered = np.zeros(where.end - where.start + 2, np.bool_)
    for one in found:
        low = max(one.repair.start - 1 - where.start, 0)
        covered[low : one.repair.end + 1 - where.start] = True
    left: list[int] = (where.hits[~covered[where.hits]] + where.start).tolist()
    return left


def _ends_in_loss(text: str, found: Sequence[_Found]) -> bool:
    """Whether a repaired run touches a mark of lost bytes, or a character as rare as damage."""
    model = LanguageModel.load()
    for one in found:
        start, end = one.repair.start, one.repair.end
        beside = text[max(start - 1, 0) : start] + text[end : end + 1]
        if text[end : end + 2].strip()[:1] in _LOSS or any(
            c in _LOSS or (c > "\x7f" and model.singles[model.symbols[ord(c)]] < RARE)
            for c in beside
        ):
            return True
    return False


def _with_losses(
    text: str,
    where: Region,
    found: list[_Found],
    evidence: Mapping[Pair, int],
) -> list[_Found]:
    """Let the lattice explain the stretch; keep the lossless repairs where it explains no more."""
    ends = [end for one in found for end in (one.repair.start, one.repair.end)]
    marks = [*_uncovered(where, found), *ends]
    low = max(min(marks) - NEARBY, where.start)
    high = min(max(marks) + NEARBY, where.end, low + LONGEST_LATTICE)
    region = text[low:high]
    covered = sum(one.repair.gain for one in found if low <= one.repair.start < high)
    best: Filled | None = None
    chosen: Pair | None = None
    lost = sum(region.count(mark) for mark in _LOSS)
    if lost > MOST_LOST * len(region) or _KUN_JIN_KAO.search(region):
        return found
    for pair in _likely_pairs(region, found, evidence):
        filled = fill(region, pair, before=text[max(low - 1, 0) : low], after=text[high : high + 1])
        if filled is None or not _reads(filled, pair):
            continue
        if best is None or filled.gain > best.gain:
            best, chosen = filled, pair
    if best is None or chosen is None:
        return found
    known = max(evidence.get(chosen, 0), sum(o.repair.gain for o in found if o.pair == chosen))
    margin = LOSSY_BORROWED if known >= ESTABLISHED / 2 else LOSSY_MARGIN
    losses = sum(piece.lossy for piece in best.pieces)
    if best.gain - LOSS * losses <= covered + margin or not losses:
        return found
    share = best.gain / len(best.pieces)
    pieces = [
        _Found(
            Repair(low + piece.start, low + piece.end, piece.after, share),
            chosen,
            Proof.GUESS if piece.guessed else Proof.CONSISTENT,
            piece.sure,
        )
        for piece in best.pieces
    ]
    apart = [one for one in found if one.repair.end <= low or one.repair.start >= high]
    return apart + pieces


def _reads(filled: Filled, pair: Pair) -> bool:
    """Whether what comes out reads like Chinese: any bytes are something in GBK or Big5."""
    after = "".join(piece.after for piece in filled.pieces).replace("\ufffd", "")
    return pair.true == "utf-8" or readable(after)


def _likely_pairs(region: str, found: Sequence[_Found], evidence: Mapping[Pair, int]) -> list[Pair]:
    """Return the pairs worth a lattice: those seen here, else where UTF-8 shines through."""
    seen = dict.fromkeys(one.pair for one in sorted(found, key=lambda o: -o.repair.gain))
    seen |= dict.fromkeys(pair for pair, gain in evidence.items() if gain >= ESTABLISHED)
    if seen:
        return list(seen)[:MOST_LATTICES]
    likely = []
    for wrong in _LOSSY_WRONG:
        codes = reading(wrong).encode(region)
        data = to_bytes(codes[codes != NONE])
        if len(_UTF8_HAN.findall(data)) >= LEAST_UTF8:
            likely.append(Pair("utf-8", wrong))
    return likely or [pair for pair in _WIDE_PAIRS if _mostly(region, pair)]


def _mostly(region: str, pair: Pair) -> bool:
    """Whether half of what stands beyond ASCII, and enough, can be of the wrong decoder."""
    beyond = int(np.count_nonzero(code_points(region) > 0x7F))
    codes = reading(pair.wrong).encode(region)
    able = int(np.count_nonzero((codes != NONE) & (codes > 0x7F)))
    return able >= LEAST_WIDE and 2 * able > beyond


def _margin(found: _Found) -> float:
    """Return what this repair must gain where nothing else speaks for it."""
    if found.pair.true == "utf-8":
        return MARGIN_UTF8
    if found.repair.alone:
        return MARGIN_ALONE
    is_short = found.repair.end - found.repair.start <= SHORT_INSIDE
    return MARGIN_SHORT_INSIDE if is_short else MARGIN


def _explained(region: str, start: int, found: Sequence[_Found]) -> bool:
    """Whether the region reads well after these repairs."""
    if not found:
        return False
    parts, done = [], 0
    for one in sorted(_apart(found), key=lambda one: one.repair.start):
        r = one.repair
        parts += [region[done : r.start - start], r.after]
        done = r.end - start
    repaired = "".join((*parts, region[done:]))
    cost = LanguageModel.load().costs(repaired)
    left = sum(len(where.hits) for where in suspicious(repaired))
    return bool(cost.mean() < READS_WELL) and left <= LEFT_OVER * len(repaired)


def _apart(candidates: Sequence[_Found]) -> list[_Found]:
    """Keep of overlapping repairs the one that gains most."""
    kept: list[tuple[int, int, _Found]] = []
    for one in sorted(candidates, key=lambda one: -one.repair.gain):
        start, end = one.repair.start, one.repair.end
        after = bisect_right(kept, start, key=lambda item: item[0])
        clear_left = after == 0 or kept[after - 1][1] <= start
        clear_right = after == len(kept) or kept[after][0] >= end
        if clear_left and clear_right:
            kept.insert(after, (start, end, one))
    return [item[2] for item in kept]


def _confidence(found: _Found) -> float:
    """Return the probability that a repair is right."""
    if found.proof is Proof.GUESS:
        return GUESS_FLOOR + (GUESS_CEILING - GUESS_FLOOR) * found.sure
    gain = max(found.repair.gain - BORROWED_MARGIN, 0.0)
    return min(0.999, 1 - 0.1 * math.exp2(-gain / 8))


def _reason(found: _Found) -> str:
    pair = found.pair
    cause = f"{_NAMES[pair.true]} that was read as {_NAMES[pair.wrong]}"
    if found.proof is Proof.GUESS:
        return f"{cause} and lost bytes here: the likeliest characters that fit what is left"
    return (
        f"{cause}: undoing it makes the text likelier by {found.repair.gain:.0f} nats, "
        "and doing it again gives these characters back"
    )


_NAMES = {
    "utf-8": "UTF-8", "gbk": "GBK", "big5": "Big5", "cp1252": "Windows-1252",
    "latin-1": "Latin-1", "cp1250": "Windows-1250", "cp1251": "Windows-1251",
    "cp437": "code page 437", "cp866": "code page 866", "mac-roman": "Mac Roman",
    "shift-jis": "Shift-JIS", "euc-kr": "EUC-KR",
}  # fmt: skip


def _explanation(pair: Pair) -> str:
    example = pair.forwards("文件")
    shown = f" 文件 then looks like {example!r}." if example else ""
    return (
        f"Bytes of {_NAMES[pair.true]} text were decoded as {_NAMES[pair.wrong]}.{shown} "
        "Nothing is lost: encoding the run back and decoding it truly restores the text, and the "
        "repair is proven by running the damage again. It is made only where the language model "
        "finds the result far likelier than what stands there."
    )
