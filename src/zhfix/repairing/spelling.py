"""Which characters a true encoding writes with bytes of which some are not known."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import reading
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.templates import UNDEFINED
from zhfix.repairing.triples import Triples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.repairing.templates import Template

__all__ = ["Plan", "Reader", "length", "plan", "priced", "reader"]

#: Lead bytes of the characters of two bytes that Chinese text has (·, °, ×); with bytes lost, any
#: two would be a letter of some alphabet.
LATIN_LEADS = b"\xc2\xc3"
#: Characters that are tried for one hole.
CHOICES = 12


@lru_cache(maxsize=1 << 14)
def priced(earlier: int, previous: int, following: int) -> float:
    """Return what one symbol is worth behind two: most paths ask the same.

    >>> one, two, three = LanguageModel.load().encode("计算机").tolist()
    >>> priced(one, two, three) > priced(0, two, three)
    True
    """
    worth = LanguageModel.load().step(previous, following)
    return worth + Triples.load().bonus_of(earlier, previous, following) if earlier else worth


class Plan(NamedTuple):
    """The characters that some bytes end, whether all of each is known, and what then waits."""

    characters: tuple[tuple[Template, bool], ...]
    rest: Template
    is_open: bool


@lru_cache(maxsize=1 << 14)
def plan(true: str, pending: Template, template: Template) -> Plan | None:
    """Tell what becomes of bytes behind others that wait; None if they cannot be read.

    >>> plan("utf-8", (b"\\xe4",), (b"\\xb8", b"\\xad", b"\\xe5")).rest
    (b'\\xe5',)
    """
    characters: list[tuple[Template, bool]] = []
    for byte in template:
        pending = (*pending, byte)
        size = length(true, pending[0])
        if not size or not _fits(true, pending):
            return None
        if len(pending) == size:
            characters.append((pending, all(len(one) == 1 for one in pending)))
            pending = ()
    return Plan(tuple(characters), pending, bool(pending))


def length(true: str, lead: bytes) -> int:
    """Return how many bytes the character takes that begins so; 0 if none does.

    >>> length("utf-8", b"\\xe4"), length("gbk", b"\\xd6"), length("utf-8", b"\\x80")
    (3, 2, 0)
    """
    if lead[-1] < 0x80:
        return 1
    if true != "utf-8":
        return 2 if lead[0] <= 0xFE and lead[-1] >= 0x81 else 0
    if len(lead) > 1:  # a lost lead byte was that of a Han character or of punctuation
        return 3 if lead[-1] >= 0xE2 else 0
    if lead[0] in LATIN_LEADS:
        return 2
    if 0xE0 <= lead[0] <= 0xEF:
        return 3
    return 4 if 0xF0 <= lead[0] <= 0xF4 else 0


def _fits(true: str, pending: Template) -> bool:
    """Whether the last of these bytes can stand behind the others."""
    if len(pending) == 1:
        return True
    last = pending[-1]
    return last[0] <= 0xBF and last[-1] >= 0x80 if true == "utf-8" else last[-1] >= 0x40


class Reader:
    """Reads templates of bytes as a true encoding, one character after the other."""

    def __init__(self, true: str) -> None:
        self.true = true
        self.model = LanguageModel.load()
        self.known: dict[Template, tuple[NDArray[np.uint32], NDArray[np.uint16]]] = {}
        if true != "utf-8":
            pairs = reading(true).pairs
            self.pairs = np.where((pairs >= 0xE000) & (pairs <= 0xF8FF), 0, pairs)

    def choices(self, earlier: int, symbol: int, pending: Template) -> list[tuple[float, int, str]]:
        """Return what each of the likeliest characters is worth, its symbol and itself."""
        points, ids = self.points(pending)
        if not len(points):
            return []
        if len(points) == 1:
            following = ids.item(0)
            return [(priced(earlier, symbol, following), following, chr(points[0]))]
        scores = self.model.steps(np.array([symbol], np.uint16), ids)
        if earlier:
            before = np.array([earlier]), np.array([symbol])
            scores += Triples.load().bonus(*before, ids)
        if len(points) > CHOICES:
            top = np.argpartition(-scores, CHOICES)[:CHOICES]
            points, ids, scores = points[top], ids[top], scores[top]
        return list(zip(scores.tolist(), ids.tolist(), map(chr, points.tolist()), strict=True))

    def points(self, pending: Template) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """Return the characters that these bytes can be, and their symbols."""
        found = self.known.get(pending)
        if found is None:
            points = self._spelled(pending)
            found = self.known[pending] = points, self.model.symbols[points]
        return found

    def _spelled(self, pending: Template) -> NDArray[np.uint32]:
        """Return the characters that these bytes can be."""
        if len(pending) == 1:
            return np.frombuffer(pending[0], np.uint8).astype(np.uint32)
        if self.true == "utf-8":
            return _utf8_points(pending)
        return _pair_points(self.pairs, pending)


@cache
def reader(true: str) -> Reader:
    """Return the reader of a true encoding; its tables are made once.

    >>> points, _ = reader("utf-8").points((b"\\xe4", b"\\xb8", b"\\xad"))
    >>> chr(points[0])
    '中'
    """
    return Reader(true)


#: Where two bytes are unknown only characters at least this likely are tried, where one is, these.
COMMON = -9.5
USED = -14.5
#: Lead bytes of UTF-8 that Chinese text has: punctuation, Han, full-width forms.
_LEADS = np.array((0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEF))


def _likely(points: NDArray[np.uint32], pending: Template) -> NDArray[np.uint32]:
    """Keep the characters that Chinese text really has, when much of them is a guess."""
    unknown = sum(len(byte) > len(UNDEFINED) for byte in pending)
    if not unknown:
        return points
    model = LanguageModel.load()
    floor = COMMON if unknown > 1 else USED
    return points[model.singles[model.symbols[points]] > floor]


def _pair_points(pairs: NDArray[np.uint32], pending: Template) -> NDArray[np.uint32]:
    leads, trails = (np.frombuffer(byte, np.uint8).astype(np.intp) for byte in pending)
    if len(leads) > 1:
        leads = leads[(leads >= 0xA1) & (leads <= 0xF9)]
    points: NDArray[np.uint32] = pairs[(leads[:, None] << 8 | trails[None, :]).ravel()]
    return _likely(points[points > 0], pending)


def _utf8_points(pending: Template) -> NDArray[np.uint32]:
    """Return the characters that UTF-8 writes with these bytes."""
    first, *rest = (np.frombuffer(byte, np.uint8).astype(np.int64) for byte in pending)
    if len(first) > 1:
        first = np.intersect1d(first, _LEADS)
    points = first & (0x7F >> len(pending))
    for byte in rest:
        tail = byte[(byte >= 0x80) & (byte <= 0xBF)] & 0x3F
        points = (points[:, None] << 6 | tail[None, :]).ravel()
    least = {2: 0x80, 3: 0x800, 4: 0x10000}[len(pending)]
    fine = (points >= least) & (points <= 0x10FFFF) & ((points < 0xD800) | (points > 0xDFFF))
    return _likely(points[fine].astype(np.uint32), pending)
