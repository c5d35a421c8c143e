"""The second question to improbable places: a wrong decode, or a rare word?

Good text has places too that the model finds improbable (names, verse, rare words). Before
anything costly looks at them: do they hold characters that Chinese text seldom has, or would
another reading be likelier?
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.codecs import NONE, reading
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["WIDE_PAIRS", "WINDOW", "Hits", "answers"]

#: What two neighbours must gain in another wide encoding to be looked at closely: well below the
#: margin of a repair, because borders are only estimated here.
PROMISING = 8.0
#: What the best run around them must gain so to be looked at by itself: less than any margin of a
#: repair, but for that of documents that are known to be damaged.
CONVINCING = 11.0
#: The same with nothing but Chinese in so many characters on either side: a repair there, but for
#: long ones that gain more, touches other Chinese text and has the greater margin.
CONVINCING_AMID, AMID = 15.0, 5
#: Characters on either side of a place in which that run is sought, and what ends it.
WINDOW = 12
BARRIER = 1e4
#: A character between its neighbours; three characters; the steps into, within and out of them.
_THREE = np.array([[-1], [0], [1]])
_TWO = np.array([[0], [1]])
_NEXT = np.array([[0], [1], [2]])
_FOUR = np.array([[0], [1], [2], [3]])
#: Strange characters of one piece of damage are not farther apart than this.
COMPANY = 2
#: A Han character rarer than this, in nats, is company for an exotic letter, and for a symbol.
RARE = 10.5
RARER = 12.5
#: A mark of lost bytes has another one no farther away than this.
_BESIDE_MARK = 6
_BESIDE = np.array([n for n in range(-_BESIDE_MARK, _BESIDE_MARK + 1) if n])
#: Tables end here; what lies beyond is read as the last.
_LAST = 0xFFFF
_LINE_FEED = 0x0A
_QUESTION_MARK = 0x3F
_LAST_ASCII = 0x7F
_REPLACEMENT = 0xFFFD
#: From here on lie symbols and the letters of East Asia; below, Latin, Greek and Cyrillic, and
#: these few symbols.
_SYMBOLS_FROM = 0x0530
_EAST = 0x2E80
_SYMBOLS = "×÷°·\xa0"
#: What a code point may be: in CP936 or Big5, from the first bit of each on, lead and trail byte
#: of UTF-8, trail and lead, or two trails; letters as UTF-8 has them (脰脨鹿煤: a layer below is
#: likely where three are so near); what no Chinese text has; a sign of lost bytes; a byte order
#: mark; a symbol or a letter of East Asia.
_TRIPLE_OF_GBK, _TRIPLE_OF_BIG5 = np.uint16(1), np.uint16(8)
_LATIN, _EXOTIC, _MARK, _BYTE_ORDER_MARK, _SYMBOL = (np.uint16(1 << bit) for bit in range(6, 11))
_NEAR_LETTERS = 6
#: What tells damage from chance, in nats. Two characters of UTF-8 gain at least 20 over the three
#: that show them, and in good text at most 11. Three letters cost 27 and more, or 17 where what
#: follows makes them cheaper; so do 4 of 29 such places in good text.
LIKELY_TWO = 14.0
LIKELY_LETTERS, LIKELY_LETTERS_AROUND = 26.0, 17.0
#: The lead bytes of Latin letters, with those of Central Europe, and of Cyrillic.
_LETTER_LEADS = (0xC2, 0xC3, 0xC4, 0xC5, 0xD0, 0xD1)
#: EF BB, the first bytes of a byte order mark in UTF-8, as CP936 and Big5 read them.
_BYTE_ORDER_MARKS = "锘嚜"
#: What ordinary Chinese text consists of: everything else makes a hot place suspicious.
_ORDINARY = (
    (0x00, 0x7F), (0xB7, 0xB7), (0x2010, 0x2027), (0x2030, 0x203B), (0x3000, 0x3020),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xFF00, 0xFF60),
)  # fmt: skip
#: Wide encodings whose characters lie on each other's: (true, wrong).
WIDE_PAIRS = (("gbk", "big5"), ("big5", "gbk"), ("gbk", "euc-kr"), ("big5", "euc-kr"))


class Hits(NamedTuple):
    """Suspicious positions of one kind, and those of them that are so by themselves.

    `pair` is the pair of wide encodings (true, wrong) that can explain them, None for all others.
    """

    found: NDArray[np.intp]
    strong: NDArray[np.intp]
    pair: tuple[str, str] | None


def answers(
    points: NDArray[np.uint32], costs: NDArray[np.float32], chosen: NDArray[np.intp]
) -> Iterator[Hits]:
    """Yield which of the chosen places of a text are suspicious.

    `costs` are those of the steps into each of its code points, and out of the last.
    """
    near = points.take(chosen)
    flags = _flags().take(near, mode="clip")
    every, strong = _utf8_chain(near, flags, chosen, costs)
    # Most texts have none of the others.
    signs = np.bitwise_or.reduce(flags, initial=np.uint16(0))
    if signs & _MARK:
        marks = _marks(points, chosen, flags)
        every |= marks
        strong |= marks
    if signs & _EXOTIC:
        exotic = (flags & _EXOTIC).astype(np.bool_)
        every |= exotic
        strong[exotic] |= _in_company(points, chosen[exotic], flags[exotic])
    if every.any():
        yield Hits(chosen[every], chosen[strong], None)
    for number, found in _likelier(near, costs.take(chosen)):
        likelier = chosen[found]
        convincing = _convincing(points, costs, likelier, _wide_symbols()[number])
        yield Hits(likelier, likelier[convincing], WIDE_PAIRS[number])


def _marks(
    points: NDArray[np.uint32], chosen: NDArray[np.intp], flags: NDArray[np.uint16]
) -> NDArray[np.bool_]:
    """Mark a `?` or U+FFFD that stands for lost bytes: beside Chinese, and not the only one."""
    found = (flags & _MARK).astype(np.bool_)
    places = chosen[found]
    if not len(places):
        return found
    near = points.take(places[:, None] + _BESIDE, mode="clip")
    others = (near == _QUESTION_MARK) | (near == _REPLACEMENT)
    beside = slice(_BESIDE_MARK - 1, _BESIDE_MARK + 1)
    chinese = (near[:, beside] >= _SYMBOLS_FROM) & ~others[:, beside]
    apart = others.any(axis=1)
    found[found] = chinese.any(axis=1) & apart
    return found


def _in_company(
    points: NDArray[np.uint32], chosen: NDArray[np.intp], flags: NDArray[np.uint16]
) -> NDArray[np.bool_]:
    """Mark positions with another character nearby that is exotic or rare.

    Damage makes several such characters of one; `℃`, `∶`, `□□` or `ㄉ` stands alone in good text.
    A symbol is no company to itself, but a letter is: Big5 has few lead bytes (`¤@¤j`).
    """
    own = points.take(chosen)
    symbol = (flags & _SYMBOL).astype(np.bool_)
    rarity = _rarity()
    least = np.where(symbol, RARER, RARE)
    company = np.zeros(len(chosen), np.bool_)
    for shift in range(-COMPANY, COMPANY + 1):
        if shift:
            place = chosen + shift
            there = points.take(place, mode="clip")
            other = (place >= 0) & (~symbol | (there != own))
            company |= other & (rarity.take(there, mode="clip") > least)
    return company


def _likelier(
    points: NDArray[np.uint32], costs: NDArray[np.float32]
) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """Yield where two neighbours would be much likelier in another wide encoding, by its number."""
    points = np.minimum(points, _LAST)
    # What they would gain at most; only few need to be priced one after the other.
    most = costs - _least_of_all().take(points)
    some = (most[:-1] + most[1:] >= PROMISING).nonzero()[0]
    if not len(some):
        return
    two = some + _TWO
    least = LanguageModel.load().least.take(_wide_symbols().take(points.take(two), axis=1))
    most = (costs.take(two) - least).sum(axis=1)
    numbers, which = (most >= PROMISING).nonzero()
    if not len(which):
        return
    first = some.take(which)
    model = LanguageModel.load()
    # The first of all has nothing before it; what it would follow does not count then.
    three = points.take(np.maximum(first + _THREE, 0))
    ids = _wide_symbols().ravel().take(three + numbers * (_LAST + 1))
    alone = -model.singles.take(ids[1:])
    price = np.minimum(alone, -model.steps(ids[:-1], ids[1:]))
    price[0, first == 0] = alone[0, first == 0]
    gain = costs.take(first) - price[0]
    gain += costs.take(first + 1) - price[1]
    enough = (gain >= PROMISING).nonzero()[0]
    if len(enough):
        numbers, first = numbers.take(enough), first.take(enough)
        for number in range(len(WIDE_PAIRS)):
            found = first[numbers == number]
            if len(found):
                yield number, found


def _convincing(
    points: NDArray[np.uint32],
    costs: NDArray[np.float32],
    places: NDArray[np.intp],
    table: NDArray[np.uint16],
) -> NDArray[np.bool_]:
    """Mark the places around which the best run gains enough in another double-byte encoding."""
    window = places[:, None] + np.arange(-WINDOW, WINDOW + 1)
    inside = (window >= 0) & (window < len(points))
    window = window.clip(0, len(points) - 1)
    here = points.take(window)
    ids = table.take(here, mode="clip")
    gain = costs.take(window) - _other_costs(ids)
    gain[~inside | (here == _LINE_FEED)] = -BARRIER
    total = np.concatenate((np.zeros((len(places), 1), np.float32), gain.cumsum(axis=1)), axis=1)
    best: NDArray[np.float32] = (total - np.minimum.accumulate(total, axis=1)).max(axis=1)
    near = slice(WINDOW - AMID, WINDOW + AMID + 1)
    alone = (~inside[:, near] | (here[:, near] <= _LAST_ASCII)).any(axis=1)
    enough: NDArray[np.bool_] = best >= np.where(alone, CONVINCING, CONVINCING_AMID)
    return enough


def _other_costs(ids: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Price each symbol by itself or after the one before it, whichever is less."""
    model = LanguageModel.load()
    costs: NDArray[np.float32] = -model.singles.take(ids)
    steps = -model.steps(ids[..., :-1], ids[..., 1:])
    costs[..., 1:] = np.minimum(costs[..., 1:], steps)
    return costs


def _utf8_chain(
    points: NDArray[np.uint32],
    flags: NDArray[np.uint16],
    places: NDArray[np.intp],
    costs: NDArray[np.float32],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark neighbours whose bytes are characters of UTF-8 in CP936 or Big5, and BOMs.

    Good text has such neighbours by chance. The second marks those that are as improbable as
    damage is, and what they would be likely enough.
    """
    found = (flags & _BYTE_ORDER_MARK).astype(np.bool_)
    likely = found.copy()
    triple = flags[:-2] & (flags[1:-1] >> np.uint16(1))
    triple &= flags[2:] >> np.uint16(2)
    first = ((triple & (_TRIPLE_OF_GBK | _TRIPLE_OF_BIG5)) != 0).nonzero()[0]
    first = first[places.take(first + 2) - places.take(first) == 2]
    for name, bit in (("gbk", _TRIPLE_OF_GBK), ("big5", _TRIPLE_OF_BIG5)) if len(first) else ():
        of_it = first[(triple.take(first) & bit) != 0]
        if len(of_it):
            found[of_it] = True
            gain = _gain_of_two(points, places, costs, of_it, name)
            likely[of_it[gain >= LIKELY_TWO]] = True
    latin = ((flags & _LATIN) != 0).nonzero()[0]
    # ASCII may stand between them, as between the letters they were.
    at = places.take(latin)
    near = (at[2:] - at[:-2] <= _NEAR_LETTERS).nonzero()[0]
    if len(near):
        three = near + _NEXT
        into, out = costs.take(at.take(three)), costs.take(at.take(three) + 1)
        three = latin.take(three)
        alone = _rarity().take(points.take(three), mode="clip")
        improbable = into.sum(axis=0) >= LIKELY_LETTERS
        improbable &= np.minimum(into, out).sum(axis=0) >= LIKELY_LETTERS_AROUND
        improbable &= alone.sum(axis=0) >= LIKELY_LETTERS
        found[three] = True
        likely[three[:, improbable]] = True
    return found, likely


def _gain_of_two(
    points: NDArray[np.uint32],
    places: NDArray[np.intp],
    costs: NDArray[np.float32],
    first: NDArray[np.intp],
    name: str,
) -> NDArray[np.float32]:
    """Return by how much two characters of UTF-8 are likelier than the three that show them."""
    model = LanguageModel.load()
    codes = reading(name).codes[np.minimum(points.take(first + _NEXT), _LAST)]
    (b0, b2, b4), (b1, b3, b5) = codes >> 8, codes & 255
    two = np.array(
        (
            (b0 & 15) << 12 | (b1 & 63) << 6 | b2 & 63,
            (b3 & 15) << 12 | (b4 & 63) << 6 | b5 & 63,
        )
    )
    ids = model.symbols.take(two)
    theirs = model.singles.take(ids[0])
    theirs += np.maximum(model.singles.take(ids[1]), model.steps(*ids))
    ours = costs.take(places.take(first) + _FOUR).sum(axis=0)
    # Signs as a code page has them are a layer in between, and as costly.
    theirs[(two < _EAST).all(axis=0)] = 0
    gain: NDArray[np.float32] = ours + theirs
    return gain


@cache
def _exotic() -> NDArray[np.bool_]:
    table = np.ones(0x10000, np.bool_)
    for start, end in _ORDINARY:
        table[start : end + 1] = False
    return table


@cache
def _rarity() -> NDArray[np.float32]:
    """Nats of each Han character; exotic ones are rarer than any, all others as common."""
    model = LanguageModel.load()
    rarity = -model.singles[model.symbols[:0x10000]]
    han = np.zeros(0x10000, np.bool_)
    han[0x3400:0xA000] = True
    rarity[~han] = 0.0
    rarity[_exotic()] = np.inf
    return rarity


@cache
def _flags() -> NDArray[np.uint16]:
    """What each code point may be a sign of; those beyond are read at the end of the table."""
    flags = np.zeros(0x10000, np.uint16)
    for first, name in ((_TRIPLE_OF_GBK, "gbk"), (_TRIPLE_OF_BIG5, "big5")):
        codes = reading(name).codes
        high, low = codes >> 8, codes & 255
        usable = (codes != NONE) & (codes > 0xFF)
        lead = [(byte >= 0xE2) & (byte <= 0xEF) for byte in (high, low)]
        trail = [(byte >= 0x80) & (byte <= 0xBF) for byte in (high, low)]
        for shift, mask in enumerate((lead[0] & trail[1], trail[0] & lead[1], trail[0] & trail[1])):
            flags[usable & mask] |= first << np.uint16(shift)
        latin = usable & (np.bincount(_LETTER_LEADS, minlength=0x100)[high] > 0)
        latin &= (low & 0xC0) == 0x80
        flags[latin & (codes <= 0xFFFF)] |= _LATIN
    flags[_exotic()] |= _EXOTIC
    flags[[_QUESTION_MARK, _REPLACEMENT]] |= _MARK
    flags[[ord(mark) for mark in _BYTE_ORDER_MARKS]] |= _BYTE_ORDER_MARK
    flags[_SYMBOLS_FROM:] |= _SYMBOL
    flags[[ord(symbol) for symbol in _SYMBOLS]] |= _SYMBOL
    return flags


@cache
def _wide_symbols() -> NDArray[np.uint16]:
    """For each of `WIDE_PAIRS`, the symbol that a code point has in the true encoding."""
    model = LanguageModel.load()
    none = model.symbols[0xE000]  # a private-use character: as improbable as any
    tables = np.empty((len(WIDE_PAIRS), 0x10000), np.uint16)
    for number, (true, wrong) in enumerate(WIDE_PAIRS):
        codes = reading(wrong).codes
        known = (codes != NONE) & (codes > 0xFF)
        points = reading(true).pairs[np.where(known, codes, 0)]
        points[~known] = 0
        tables[number] = np.where(points > 0, model.symbols[points], none)
    return tables


@cache
def _least_of_all() -> NDArray[np.float32]:
    """What a code point would cost at least in any of them, in the true encoding."""
    least: NDArray[np.float32] = LanguageModel.load().least.take(_wide_symbols()).min(axis=0)
    return least
