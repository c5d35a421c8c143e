"""Where a wrong decode also lost bytes, or changed the case of letters: what to try, and how far.

The lattice explains a stretch; here is decided which stretch, by which pair of encodings, and
whether the outcome is so much likelier than what is repaired without guessing that it may stand.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.document import Proof
from zhfix.patterns import lazy
from zhfix.repairing.alignment import Repair, readable
from zhfix.repairing.codecs import NONE, decode_true, reading, to_bytes
from zhfix.repairing.found import ESTABLISHED, MARGIN, Found
from zhfix.repairing.fragments import like_utf8
from zhfix.repairing.lattice import fill
from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.search import Pair, reading_costs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zhfix.repairing.lattice import Filled, Piece
    from zhfix.repairing.screen import Region

__all__ = [
    "KUN_JIN_KAO",
    "LOSS_MARKS",
    "case_changed",
    "lost_something",
    "may_have_lost",
    "with_losses",
]

_LAST_ASCII = 0x7F
LOSS_MARKS = ("?", "\ufffd")
"""What decoders write for bytes that they cannot read."""
KUN_JIN_KAO = lazy("锟[\u4e00-\u9fff]{1,2}拷")
"""U+FFFD that was read as GBK: what lies between is lost too."""

#: A character beside a repair that is rarer than this may be what is left of another.
RARE = -10.0
#: What damage with lost bytes must gain over what is repaired without guessing, in nats, and what
#: every guess is charged; less where the pair is known from this very place.
LOSSY_MARGIN = 20.0
LOSSY_BORROWED = 3.0
LOSS = 1.5
#: So many nats of sure repairs make a pair known.
KNOWN = 16.0
#: Bounds of the work of a lattice: characters around the damage, its length, pairs tried, and how
#: far before that length a character that is whole may be sought.
NEARBY = 8
LONGEST_LATTICE = 600
LOOK_BACK = 60
MOST_LATTICES = 3
#: A stretch that lost more than this share of its characters cannot be guessed.
MOST_LOST = 0.4
#: An outcome with a greater share of marks restores too little.
MOST_MARKED = 0.3
#: Characters of UTF-8 that must be whole among the lost ones, when nothing else names the pair;
#: and characters beyond ASCII that GBK read as Big5, or the reverse, must show.
LEAST_UTF8 = 2
LEAST_WIDE = 6
#: Nats per character over so many that damage costs; good text is at 7, names and verse below 9.
STRETCH = 12
BADLY = 8.5
_WIDE_PAIRS = (Pair("big5", "gbk"), Pair("gbk", "big5"))
_LOSSY_WRONG = ("gbk", "cp1252", "big5", "latin-1", "shift-jis", "euc-kr")
_UTF8_HAN = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")
#: A mark of loss beside what a wrong decoder made.
_MARK_BESIDE = re.compile("[^\x00-\x7f]\\?|\\?[^\x00-\x7f]|\ufffd")
#: Letters beyond ASCII, all of one case, that make a change of case worth a search; and what can
#: have become letters.
LEAST_LETTERS = 4
_FOLDED_PAIRS = tuple(
    Pair(true, wrong)
    for wrong in ("cp1252", "cp1251", "cp1250", "cp866")
    for true in ("gbk", "utf-8", "big5")
)


def may_have_lost(text: str, where: Region) -> bool:
    """Whether a stretch has a mark of loss or reads badly: good text with a rare name does not."""
    region = text[where.start : where.end]
    return any(mark in region for mark in LOSS_MARKS) or _reads_badly(region)


def lost_something(text: str, where: Region, found: Sequence[Found]) -> bool:
    """Whether the lossless repairs leave something unexplained."""
    if _uncovered(where, found) or _ends_in_loss(text, found):
        return True
    wide = any(reading(one.pair.wrong).wide for one in found)
    return wide and _MARK_BESIDE.search(text, where.start, where.end) is not None


def _uncovered(where: Region, found: Sequence[Found]) -> list[int]:
    """Return the suspicious positions that no sure repair explains."""
    covered = np.zeros(where.end - where.start + 2, np.bool_)
    for one in found:
        low = max(one.repair.start - 1 - where.start, 0)
        covered[low : one.repair.end + 1 - where.start] = True
    left: list[int] = (where.hits[~covered[where.hits]] + where.start).tolist()
    return left


def _ends_in_loss(text: str, found: Sequence[Found]) -> bool:
    """Whether a repaired run touches a mark of lost bytes, or a character as rare as damage."""
    model = LanguageModel.load()
    for one in found:
        start, end = one.repair.start, one.repair.end
        beside = text[max(start - 1, 0) : start] + text[end : end + 1]
        if text[end : end + 2].strip()[:1] in LOSS_MARKS or any(
            c in LOSS_MARKS or (c > "\x7f" and model.singles[model.symbols[ord(c)]] < RARE)
            for c in beside
        ):
            return True
    return False


class _Window(NamedTuple):
    """A stretch of the text that one lattice explains."""

    low: int
    high: int


def with_losses(
    text: str, where: Region, found: list[Found], evidence: Mapping[Pair, int]
) -> list[Found]:
    """Let the lattice explain the stretch; keep the lossless repairs where it explains no more.

    Returns `found` itself where nothing is gained.
    """
    low, high = where.start, where.end
    if any(pair.true != "utf-8" for pair in _likely_pairs(text[low:high], found, evidence)):
        # Out of step by a byte, GBK and Big5 look like any other text: no position is suspicious.
        low, high = _line(text, low, high)
    result, start = found, low
    unread = _unread(text[low:high], low, found)
    for window in _windows(text, low, high, found):
        if not unread[window.low - start : window.high - start].any():
            continue
        explained = _explain(text, window, found, evidence)
        if explained:
            low, high = window
            result = [
                one for one in result if one.repair.end <= low or one.repair.start >= high
            ] + explained
    return result


def _unread(part: str, offset: int, found: Sequence[Found]) -> NDArray[np.bool_]:
    """Mark what a part of a text, which begins at `offset`, holds that the repairs do not explain.

    In two double-byte encodings whatever is whole reads, and nothing can be missing from it but
    where a mark stands.
    """
    unread = code_points(part) > _LAST_ASCII
    for one in found:
        if one.pair.true != "utf-8" and reading(one.pair.wrong).wide:
            unread[max(one.repair.start - offset, 0) : max(one.repair.end - offset, 0)] = False
    for match in _MARK_BESIDE.finditer(part):
        unread[match.start() : match.end()] = True
    return unread


def _line(text: str, low: int, high: int) -> tuple[int, int]:
    """Widen bounds to the line, or to what a lattice may see of it."""
    start = max(text.rfind("\n", 0, low) + 1, high - LONGEST_LATTICE)
    end = text.find("\n", high)
    end = min(len(text) if end < 0 else end, start + LONGEST_LATTICE)
    return min(start, low), max(end, high)


def _windows(text: str, low: int, high: int, found: Sequence[Found]) -> Iterator[_Window]:
    """Cut a stretch at line ends, and what is long between characters repaired without loss."""
    while (end := text.find("\n", low, high)) >= 0:
        if end > low:
            yield from _windows(text, low, end, found)
        low = end + 1
    while high - low > LONGEST_LATTICE:
        stop = low + LONGEST_LATTICE
        border = next(
            (at for at in range(stop, stop - LOOK_BACK, -1) if _is_border(text, at, found)), stop
        )
        yield _Window(low, border)
        low = border
    if low < high:
        yield _Window(low, high)


def _is_border(text: str, at: int, found: Sequence[Found]) -> bool:
    """Whether a character of the true text ends at a position, inside a lossless repair."""
    for one in found:
        start, end = one.repair.start, one.repair.end
        if start < at < end:
            codes = reading(one.pair.wrong).encode(text[start:at])
            return bool((codes != NONE).all()) and (
                decode_true(to_bytes(codes), one.pair.true) is not None
            )
    return False


def _explain(
    text: str, window: _Window, found: Sequence[Found], evidence: Mapping[Pair, int]
) -> list[Found]:
    """Return what the lattice makes of a window, if that is likelier than without guessing."""
    low, high = window
    region = text[low:high]
    inside = [one for one in found if low <= one.repair.start < high]
    covered = sum(one.repair.gain for one in inside)
    lost = sum(region.count(mark) for mark in LOSS_MARKS)
    if lost > MOST_LOST * len(region) or KUN_JIN_KAO.search(region):
        return []
    # Between question marks that people wrote, another reading is soon found.
    if lost and not inside and not _reads_badly(region):
        return []
    best: Filled | None = None
    chosen: Pair | None = None
    for pair in _likely_pairs(region, inside or found, evidence):
        filled = fill(region, pair, before=text[max(low - 1, 0) : low], after=text[high : high + 1])
        if filled is None or not _reads(filled, pair):
            continue
        if best is None or filled.gain > best.gain:
            best, chosen = filled, pair
    if best is None or chosen is None:
        return []
    here = sum(one.repair.gain for one in found if one.pair == chosen)
    margin = LOSSY_BORROWED if here >= KNOWN else LOSSY_MARGIN
    losses = sum(piece.lossy for piece in best.pieces)
    if best.gain - LOSS * losses <= covered + margin or not losses:
        return []
    share = best.gain / len(best.pieces)
    return [
        Found(
            Repair(low + piece.start, low + piece.end, piece.after, share),
            chosen,
            Proof.GUESS if piece.guessed else Proof.CONSISTENT,
            piece.sure,
        )
        for piece in best.pieces
    ]


def _reads(filled: Filled, pair: Pair) -> bool:
    """Whether what comes out reads like Chinese: any bytes are something in GBK or Big5."""
    after = "".join(piece.after for piece in filled.pieces)
    if after.count("\ufffd") > MOST_MARKED * len(after):
        return False
    return pair.true == "utf-8" or readable(after.replace("\ufffd", ""))


def _likely_pairs(region: str, found: Sequence[Found], evidence: Mapping[Pair, int]) -> list[Pair]:
    """Return the pairs worth a lattice: those seen here, else where UTF-8 shines through."""
    seen = dict.fromkeys(one.pair for one in sorted(found, key=lambda o: -o.repair.gain))
    seen |= dict.fromkeys(pair for pair, gain in evidence.items() if gain >= ESTABLISHED)
    if seen:
        return list(seen)[:MOST_LATTICES]
    likely = []
    for wrong in _LOSSY_WRONG:
        codes = reading(wrong).encode(region)
        data = to_bytes(codes[codes != NONE])
        # Two characters of UTF-8 come about by chance in wide encodings, unlike only such.
        enough = like_utf8(region, wrong) or not reading(wrong).wide
        if enough and len(_UTF8_HAN.findall(data)) >= LEAST_UTF8:
            likely.append(Pair("utf-8", wrong))
    if likely or not any(mark in region for mark in LOSS_MARKS):
        return likely
    return [pair for pair in _WIDE_PAIRS if _mostly(region, pair)]


def _reads_badly(region: str) -> bool:
    """Whether some stretch costs more than good text does, question marks aside."""
    costs = reading_costs(region.replace("?", "\uff1f"))[: len(region)]
    size = min(STRETCH, len(costs))
    sums = np.cumsum(np.concatenate(([0.0], costs)))
    return bool((sums[size:] - sums[:-size]).max() >= BADLY * size)


def _mostly(region: str, pair: Pair) -> bool:
    """Whether half of what stands beyond ASCII, and enough, can be of the wrong decoder."""
    beyond = int(np.count_nonzero(code_points(region) > 0x7F))
    codes = reading(pair.wrong).encode(region)
    able = int(np.count_nonzero((codes != NONE) & (codes > 0x7F)))
    return able >= LEAST_WIDE and 2 * able > beyond


def case_changed(text: str, where: Region, found: Sequence[Found]) -> list[Found]:
    """Undo a wrong decode whose letters were all lower- or upper-cased afterwards."""
    region = text[where.start : where.end]
    low, high = int(where.hits[0]), int(where.hits[-1]) + 1
    cased = [c for c in region[low:high] if c.lower() != c.upper()]
    letters = [c for c in cased if c > "\x7f"]
    # Every lead byte is one beyond ASCII; a name in Latin letters has few.
    if (
        len(letters) < LEAST_LETTERS
        or 2 * len(letters) < len(cased)
        or not (all(c == c.lower() for c in letters) or all(c == c.upper() for c in letters))
    ):
        return []
    low, high = max(low - NEARBY, 0), min(high + NEARBY, len(region), low + LONGEST_LATTICE)
    part = region[low:high]
    change = str.lower if letters[0] == letters[0].lower() else str.upper
    best: Filled | None = None
    chosen: Pair | None = None
    for pair in _FOLDED_PAIRS:
        # The letters of UTF-8's lead bytes are all lower-case by nature.
        if pair.true != "utf-8" and like_utf8(part, pair.wrong):
            continue
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
        Found(
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
