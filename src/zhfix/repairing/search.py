"""Undo one wrong decode inside a stretch of text: which runs of it, and how their bytes are read.

`zhfix.repairing.alignment` lays each run beside its re-reading, and finds the borders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.patterns import lazy
from zhfix.repairing.alignment import Repair, Run, aligned
from zhfix.repairing.codecs import (
    NONE,
    READINGS,
    TRUE_ENCODINGS,
    encode_true,
    reading,
    to_bytes,
)
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["PAIRS", "Pair", "reading_costs", "undo"]

#: A doubled character (谆谆, 欸欸欸) costs no more than this the second time, however rare.
DOUBLED = 4.0
#: Characters of a run that the wrong decoder makes of more than one byte sequence, and that are
#: tried the other way; Shift-JIS has 396 of them.
MOST_FLIPS = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """A true encoding and the decoder that was used instead.

    >>> str(Pair("utf-8", "gbk"))
    'utf-8-read-as-gbk'
    """

    true: str
    wrong: str

    def __str__(self) -> str:
        """Return the last part of the rule id."""
        return f"{self.true}-read-as-{self.wrong}"

    def forwards(self, text: str) -> str | None:
        """Run the damage: encode truly, read wrongly; None where it would lose something.

        >>> Pair("utf-8", "gbk").forwards("文件")
        '鏂囦欢'
        """
        data = encode_true(text, self.true)
        return None if data is None else reading(self.wrong).decode(data)


@cache
def pairs() -> tuple[Pair, ...]:
    """Every pair that is repaired: all but an encoding read as itself.

    >>> len(pairs()) > 30
    True
    """
    return tuple(
        Pair(true, wrong) for wrong in READINGS for true in TRUE_ENCODINGS if true != wrong
    )


#: Up to so many suspicious places, bytes that can be UTF-8 are looked for around each of them:
#: within so many characters.
FEW_HITS = 12
BESIDE = 4
SPACE = 0x20
_TWO = rb"[\xc2-\xdf][\x80-\xbf]"
_MORE = rb"(?:[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})"
#: Sequences of UTF-8 as damage has them: several in a row, or one beside ASCII. Single ones stand
#: in the bytes of any Chinese text.
_SEQUENCES = lazy(
    rb"%(more)s(?:%(two)s|%(more)s)|%(two)s%(more)s|(?:%(two)s){3}"
    rb"|(?:%(two)s|%(more)s)(?=[\x00-\x7f])|(?<=[\x00-\x7f])(?:%(two)s|%(more)s)"
    % {b"two": _TWO, b"more": _MORE}
)

PAIRS = pairs()


def undo(
    text: str,
    pair: Pair,
    *,
    margin: float,
    costs: NDArray[np.float32],
    hits: NDArray[np.intp] | None = None,
) -> list[Repair]:
    """Find the runs of a line that are likelier when `pair` is undone, by more than `margin`.

    >>> line = "打开鏂囦欢失败"
    >>> found = undo(line, Pair("utf-8", "gbk"), margin=16, costs=reading_costs(line))
    >>> [(r.start, r.end, r.after) for r in found]
    [(2, 5, '文件')]

    `costs` are those of the text, as `reading_costs` returns them; only runs that hold one of
    the positions `hits` are looked at.
    """
    others = reading(pair.wrong).others
    few = hits is not None and 0 < len(hits) <= FEW_HITS
    if few and pair.true == "utf-8" and not others and not _has_sequences(text, pair.wrong):
        return []
    codes, bounds = _readable(text, pair.wrong)
    if hits is not None:
        edges = np.searchsorted(hits, bounds).tolist()
        bounds = [
            bound
            for bound, (low, high) in zip(bounds, edges, strict=True)
            if _worth_it(text, codes, pair, hits[low:high])
        ]
    if not bounds:
        return []
    runs = [Run(start, end, codes[start:end]) for start, end in bounds]
    search = _Search(text, costs, pair, margin)
    return [repair for found in search.undone(runs) for repair in found]


@lru_cache(maxsize=len(READINGS))
def _readable(text: str, wrong: str) -> tuple[NDArray[np.uint32], list[tuple[int, int]]]:
    """Return the codes of a text in the wrong encoding, and the runs that it can have produced."""
    codes = reading(wrong).encode(text)
    codes[code_points(text) == 0x0A] = NONE  # each line is judged by itself
    codes.flags.writeable = False
    return codes, list(_runs(codes))


@lru_cache(maxsize=len(READINGS))
def _has_sequences(text: str, wrong: str) -> bool:
    """Whether anything that can be UTF-8 stands in the bytes of a text."""
    codes, _ = _readable(text, wrong)
    data = to_bytes(np.where(codes == NONE, SPACE, codes))
    return _SEQUENCES.search(b" " + data + b" ") is not None


def _worth_it(text: str, codes: NDArray[np.uint32], pair: Pair, hits: NDArray[np.intp]) -> bool:
    """Whether any of these places can be the true encoding: UTF-8 shows in the bytes there."""
    if pair.true != "utf-8" or not 0 < len(hits) <= FEW_HITS:
        return len(hits) > 0
    others = reading(pair.wrong).others
    for near in np.split(hits, np.flatnonzero(np.diff(hits) > 2 * BESIDE) + 1):
        low, high = max(0, int(near[0]) - BESIDE), int(near[-1]) + BESIDE + 1
        # What the wrong decoder cannot have made ends a run as ASCII does.
        here = codes[low:high]
        here = np.where(here == NONE, SPACE, here)
        data = (b"" if low else b" ") + to_bytes(here) + (b"" if high < len(codes) else b" ")
        # The bytes of the places themselves, in those from `low` on.
        widths = 1 + (here > 0xFF)
        last = np.cumsum(widths)[near - low] + (not low)
        first = last - widths[near - low]
        if any(((first < m.end()) & (m.start() < last)).any() for m in _SEQUENCES.finditer(data)):
            return True
        if others and any(ord(char) in others for char in text[low:high]):
            return True
    return False


def reading_costs(text: str, *, before: str = "", after: str = "") -> NDArray[np.float32]:
    """Return what each character of a text costs where damage is weighed against it.

    >>> rare, again, _ = reading_costs("詻詻")
    >>> bool(rare > 2 * again)
    True

    As `LanguageModel.costs`, but a character that repeats the one before it is cheap.
    """
    costs = LanguageModel.load().costs(text, before=before, after=after)
    points = code_points(text)
    doubled = np.flatnonzero(points[1:] == points[:-1]) + 1
    costs[doubled] = np.minimum(costs[doubled], DOUBLED)
    return costs


def _runs(codes: NDArray[np.uint32]) -> Iterator[tuple[int, int]]:
    """Yield the stretches that the wrong decoder can have produced, with enough beyond ASCII."""
    valid = np.concatenate(([False], codes != NONE, [False]))
    edges = np.flatnonzero(valid[1:] != valid[:-1])
    high = np.concatenate(([0], np.cumsum((codes > 0x7F) & (codes != NONE))))
    for start, end in edges.reshape(-1, 2).tolist():
        if high[end] - high[start] > 1:
            yield start, end


class _Search(NamedTuple):
    """What `undo` was asked for."""

    text: str
    costs: NDArray[np.float32]
    pair: Pair
    margin: float

    def undone(self, runs: Sequence[Run]) -> list[list[Repair]]:
        """Return the repairs of each run."""
        found = self._shifted(runs)
        others = reading(self.pair.wrong).others
        for number, run in enumerate(runs if others else ()):
            flips = [
                (match.start() - run.start, code)
                for match in _several(self.pair.wrong).finditer(self.text, run.start, run.end)
                for code in others[ord(match[0])]
            ]
            found[number] = self._flipped(run, flips[:MOST_FLIPS], found[number])
        return found

    def _flipped(
        self, run: Run, flips: Sequence[tuple[int, int]], best: list[Repair]
    ) -> list[Repair]:
        """Try the other byte sequences that the wrong decoder makes a character of."""
        for index, code in flips:
            codes = run.codes.copy()
            codes[index] = code
            other = run._replace(codes=codes)
            found = self._shifted([other])[0]
            if _total(found) > _total(best):
                best, run = found, other
        return best

    def _shifted(self, runs: Sequence[Run]) -> list[list[Repair]]:
        """Return the repairs of each run, in step or out of step, whichever gains more."""
        found = [one or [] for one in self._aligned(runs)]
        # A legitimate character before the damage can put pairs of bytes out of step.
        if self.pair.true != "utf-8" and not reading(self.pair.wrong).wide:
            others = self._aligned([run._replace(shifted=True) for run in runs])
            for number, other in enumerate(others):
                best = found[number]
                # What leads to another layer may gain less.
                if other is not None and (not best or _total(other) > _total(best)):
                    found[number] = other
        return found

    def _aligned(self, runs: Sequence[Run]) -> list[list[Repair] | None]:
        """Return the repairs of each run as it is; None for those not worth a look."""
        pairs = aligned(self.text, self.costs, runs, self.pair.true) if runs else []
        return [None if one is None else one.repairs(self.margin) for one in pairs]


@cache
def _several(wrong: str) -> re.Pattern[str]:
    """Return what finds the characters that a decoder makes of several byte sequences."""
    return re.compile(f"[{''.join(re.escape(chr(point)) for point in reading(wrong).others)}]")


def _total(repairs: Sequence[Repair]) -> float:
    return sum(repair.gain for repair in repairs)
