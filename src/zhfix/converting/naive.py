"""Traditional text that was made character by character, detected and put right.

A naive converter has one answer for each character, whatever stands beside it. It may leave
what also exists in Traditional text (*left simplified*: 防范, 斗爭, 致力于 for 防範, 鬥爭, 致力於)
or change it always (*over-converted*: 皇後, 公裡, 隻得 for 皇后, 公里, 只得).

So the text is read back to Simplified and converted with context. For each character and each
of its forms the question is whether the text has this form throughout: places where the
context surely wants another form speak for it, places where the text surely and rightly has
another form speak against it. Good text has a few of the former too, since no conversion is
perfect, hence the evidence is summed over the document before anything changes; and only a
form that the fixed answer explains is ever changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.arrays import counted, distinct
from zhfix.converting.compare import (
    LEAD,
    Seen,
    compare,
    in_simplified,
    telling,
    to_standard,
    to_taiwan,
)
from zhfix.converting.context import ambiguous
from zhfix.converting.scripts import CANTONESE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = [
    "FEWEST_PLACES",
    "Naive",
    "Place",
    "confirm",
    "find",
    "inspect",
    "may_be_naive",
    "may_disagree",
    "put_right",
    "suspicious",
]

#: A place counts as evidence when the best form leads by this much.
SURE = 1.5
#: How often, at such a place, *good* text has another form than the best: by lead, measured
#: on clean text of all registers that the context was not learned from.
GOOD_DISAGREES = ((1.5, 1 / 20), (4.0, 1 / 60), (6.0, 1 / 250), (8.0, 1 / 2000))
#: How often naive text has the right form by accident, where its fixed answer is another.
NAIVE_AGREES = 1 / 50
#: How many of the ambiguous characters a naive converter gets wrong throughout.
NAIVE_SHARE = 0.6
#: The same mistake again in one document says little new: a name that the context does not
#: know repeats. So at most this many places of one character count.
MOST_OF_ONE = 2
#: Log-odds that a document of Traditional text is naive, before looking.
PRIOR = -5.0
#: A naive converter cannot write two forms of one character rightly but by accident: for each
#: character told apart there must be this many that are not.
MANY_TO_ONE = 8
#: One character alone, however often, may be a name or an edition's habit; only in a text of
#: a line or two, shorter than this, there may be no second.
FEWEST, SHORT = 2, 200
#: Repair when the log-odds after looking reach this: 0.95.
ACCEPT = 3.0
#: With fewer over-converted characters than this, 係 is Cantonese.
FEW_OVER = 4
#: One character in so many makes a text Cantonese; then it takes so much more to call it naive.
CANTONESE_SHARE, CANTONESE_DOUBT = 50, 5.0
#: By how much words must prefer the plain character, in natural logarithms.
WORDS_GAIN = 2.0
#: Of a longer text so many characters are looked at first: a naive one shows in any part. Of the
#: classics and the Bible, converted naively in three ways, as many are recognised by these as by
#: twice as many; by half as many, where the first candidate was always taken, a fifth fewer.
SAMPLE = 6_000
#: So many places at least must disagree with the context, however sure it is.
FEWEST_PLACES = 2
#: Wrong only where much else is over-converted: the Cantonese "to be", which the context cannot
#: tell from a relation.
_NEVER_WRONG = "係"
#: Two spellings of one word, neither of them Simplified: no conversion is wrong with either.
_SPELLINGS = "歎嘆 閑閒 淒悽 嫋裊 鑒鑑 饑飢 艷豔 跡蹟"


class Place(NamedTuple):
    """One character to put right: where, what stands there, what should, and how sure."""

    at: int
    before: str
    after: str
    channel: str
    lead: float


@dataclass(frozen=True, slots=True)
class Naive:
    """What was found: the probability that the text is naive, and the places to change.

    `places` count in code points of the text and are empty when the evidence is too thin.
    """

    probability: float
    evidence: int
    places: tuple[Place, ...]


def find(text: str) -> Naive | None:
    """Return what `inspect` finds, or None when nothing is to be put right; sooner than it does.

    >>> find("他姓范，北斗七星，白雲在天。")
    """
    return confirm(text) if may_be_naive(text) else None


def may_be_naive(text: str) -> bool:
    """Whether `inspect` may find anything to put right.

    >>> may_be_naive("兩國防范恐怖活動，斗爭不斷，與伙伴期待并肩。"), may_be_naive("北斗七星")
    (True, False)
    """
    if len(text) > 2 * SAMPLE:
        return find(_sample(text)) is not None
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    if np.count_nonzero(may_disagree().take(units)) < FEWEST_PLACES:
        return False
    return bool(suspicious(text, np.zeros_like))


def confirm(text: str) -> Naive | None:
    """Return what `inspect` finds in a text that may be naive, or None."""
    found = inspect(text)
    return found if found.places else None


def inspect(text: str) -> Naive:
    """Look for naive conversion in Traditional text.

    >>> found = inspect("兩國防范恐怖活動，斗爭不斷，致力于和平，與伙伴期待并肩。")
    >>> "".join(place.after for place in found.places)
    '範鬥於夥並'
    >>> inspect("他姓范，北斗七星，白雲在天。").places
    ()
    """
    if len(text) > 2 * SAMPLE and not may_be_naive(text):
        return Naive(0.0, 0, ())
    seen = compare(text)
    fixed, odds, evidence = _fixed_answers(seen)
    if _is_cantonese(text):
        odds -= CANTONESE_DOUBT
    probability = float(1 / (1 + np.exp(-odds)))
    if odds < ACCEPT:
        return Naive(probability, evidence, ())
    fewest = max(FEWEST if len(text) >= SHORT else 1, MANY_TO_ONE * _told_apart(seen))
    if len({char for char, _ in fixed}) < fewest:
        return Naive(probability, evidence, ())
    words: list[Place] = []
    if sum(char != form for char, form in fixed) >= FEW_OVER:
        # So much is over-converted that forms may be read back which Simplified text has, too.
        seen = compare(text, everything=True)
        fixed, _, _ = _fixed_answers(seen)
        words = list(_by_words(text))
    places = {place.at: place for place in (*words, *_places(seen, fixed, _is_cantonese(text)))}
    return Naive(probability, evidence, tuple(places[at] for at in sorted(places)))


def suspicious(block: str, row_of: Callable[[NDArray[np.int64]], NDArray[np.intp]]) -> set[int]:
    r"""Return the rows of a block, which line feeds join, in which `inspect` may find anything.

    >>> text = "兩國防范恐怖活動，斗爭不斷，與伙伴期待并肩。\n北斗七星"
    >>> sorted(suspicious(text, lambda at: at // 24))
    [0]

    `row_of` gives the rows of places.
    """
    seen = compare(block, only_telling=True)
    wrong = _surely_wrong(seen)
    lead = seen.lead[wrong]
    if len(lead) < FEWEST_PLACES:
        return set()
    # The sum of what each place says is never less than what `inspect` makes of it, and soon made.
    says = np.zeros(len(lead))
    for least, rate in GOOD_DISAGREES:
        says[lead >= least] = -np.log(rate)
    total = np.bincount(row_of(seen.at[wrong]), says)
    likely = (total >= ACCEPT - PRIOR).nonzero()[0]
    if not len(likely):
        return set()
    row = row_of(seen.at)
    spans = zip(
        likely.tolist(),
        row.searchsorted(likely).tolist(),
        row.searchsorted(likely, "right").tolist(),
        strict=True,
    )
    # What is left out of `seen` is no evidence, so this is what `inspect` sums up.
    return {
        number for number, start, end in spans if _fixed_answers(seen.part(start, end))[1] >= ACCEPT
    }


@lru_cache(maxsize=1)
def may_disagree() -> NDArray[np.bool_]:
    """Mark the code units at which the context may want another form, and no edition's.

    >>> may_disagree()[[ord("后"), ord("後"), ord("人")]].tolist()
    [True, True, False]
    """
    table = telling()
    row = table.row >= 0
    marked = row.copy()
    marked[table.forms[table.row[row]]] = True
    marked[0] = False
    return marked | marked[to_standard()]


def _sample(text: str) -> str:
    """Return lines from the beginning, the middle and the end of a long text."""
    third = SAMPLE // 3
    parts = []
    for start in (0, (len(text) - third) // 2, len(text) - third):
        begin = text.rfind("\n", 0, start) + 1 if start else 0
        parts.append(text[max(begin, start - third) : start + third])
    return "\n".join(parts)


def _fixed_answers(seen: Seen) -> tuple[set[tuple[int, int]], float, int]:
    """Find the characters for which the text has one form throughout, against the context.

    Returns pairs of character and form, the log-odds that the text is naive, and how many
    places speak for it.
    """
    right = seen.best == seen.stands
    sure = seen.lead >= SURE
    wrong = _surely_wrong(seen)
    odds, evidence = PRIOR, 0
    fixed: set[tuple[int, int]] = set()
    pairs = {*zip(seen.simple[wrong].tolist(), seen.stands[wrong].tolist(), strict=True)}
    for char, form in sorted(pairs):
        mine = seen.simple == char
        against = int((mine & sure & right & (seen.stands != form)).sum())
        leads = np.sort(seen.lead[mine & wrong & (seen.stands == form)])[::-1]
        gain = _gain(leads.tolist(), against)
        if gain > 0:
            fixed.add((char, form))
            evidence += len(leads)
            odds += gain
    return fixed, odds, evidence


def _surely_wrong(seen: Seen) -> NDArray[np.bool_]:
    """Mark the places where the context surely wants another form than an edition would have."""
    wrong: NDArray[np.bool_] = (seen.best != seen.stands) & (seen.lead >= SURE)
    wrong &= ~seen.variant & (seen.stands != ord(_NEVER_WRONG))
    return wrong


def _told_apart(seen: Seen) -> int:
    """Count the characters of which the text surely and rightly has more than one form."""
    right = (seen.best == seen.stands) & (seen.lead >= SURE)
    pairs = distinct(seen.simple[right].astype(np.uint32) << np.uint32(16) | seen.stands[right])
    _, forms = counted(pairs >> np.uint32(16))
    return int((forms > 1).sum())


def _gain(leads: list[float], against: int) -> float:
    """Return the log-likelihood ratio, naive against good, of one character's sure places."""
    count, against = min(len(leads), MOST_OF_ONE), min(against, MOST_OF_ONE)
    good = 1.0
    for lead in leads[:count]:
        good *= min(rate for least, rate in GOOD_DISAGREES if lead >= least)
    naive = (1 - NAIVE_AGREES) ** count * NAIVE_AGREES**against
    return float(np.log((NAIVE_SHARE * naive + (1 - NAIVE_SHARE) * good) / good))


def _is_cantonese(text: str) -> bool:
    """Whether so much of a text is written Cantonese, of which the context has learned nothing."""
    return sum(map(text.count, CANTONESE)) * CANTONESE_SHARE >= len(text)


def _by_words(text: str) -> Iterator[Place]:
    """Yield what words say where the context knows one form only: 工俱 is 工具, 現像 is 現象.

    Only forms that stand throughout, the plain character nowhere.
    """
    from zhfix.repairing.model import LanguageModel

    model = LanguageModel.load()
    for form, char in in_simplified().items():
        if char in text or chr(form) not in text:
            continue
        at = [match.start() for match in re.finditer(chr(form), text)]
        around = model.encode(f"\n{text}\n")[[[place, place + 2] for place in at]]
        said, other = (
            model.steps(around[:, 0], one) + model.steps(one, around[:, 1])
            for one in (model.encode(chr(form)), model.encode(char))
        )
        for place, gain in zip(at, (other - said).tolist(), strict=True):
            if gain >= WORDS_GAIN:
                yield Place(place, chr(form), char, "over-converted", gain)


def _places(
    seen: Seen,
    fixed: set[tuple[int, int]],
    cantonese: bool,  # noqa: FBT001
) -> Iterator[Place]:
    """Yield the changes: forms that a fixed answer explains and the context does not want.

    A character without sure evidence of its own follows the document, unless the text also
    has its best form somewhere: then its author knew the difference.
    """
    right = seen.best == seen.stands
    # 才 and 吃 for OpenCC's 纔 and 喫 are what Taiwan and Hong Kong write.
    change = ~right & (seen.lead >= LEAD) & (to_taiwan()[seen.best] != seen.stands)
    # Between variants only what the document's own kind of mistake explains is one.
    left = seen.stands == seen.simple
    some_left = any(char == form for char, form in fixed)
    over = sum(char != form for char, form in fixed)
    some_over = over > 0
    if over < FEW_OVER or cantonese:
        change &= seen.stands != ord(_NEVER_WRONG)
    change &= ~seen.variant | left & some_left | ~left & some_over
    change &= ~_spelled_alike(seen.stands, seen.best)
    known = {
        (char, form)
        for char, form in zip(seen.simple[right].tolist(), seen.stands[right].tolist(), strict=True)
    }
    columns = (seen.at, seen.simple, seen.stands, seen.best, seen.lead, seen.here)
    for at, char, stands, best, lead, here in zip(
        *(column[change].tolist() for column in columns), strict=True
    ):
        knew = any((char, other) in known for other in _forms(char) if other != stands)
        if (char, stands) in fixed or not knew:
            kind = "left-simplified" if stands == char else "over-converted"
            yield Place(at, chr(here), chr(best), kind, lead)


def _spelled_alike(one: NDArray[np.uint16], other: NDArray[np.uint16]) -> NDArray[np.bool_]:
    spelling = np.zeros(0x10000, np.uint8)
    for number, pair in enumerate(_SPELLINGS.split(), 1):
        spelling[[ord(char) for char in pair]] = number
    alike: NDArray[np.bool_] = (spelling[one] == spelling[other]) & (spelling[one] > 0)
    return alike


def _forms(char: int) -> list[int]:
    table = ambiguous("Hant")
    forms: list[int] = table.forms[table.row[char]].tolist()
    return [form for form in forms if form]


def put_right(text: str, found: Naive, *, standard: bool = False) -> str:
    """Make the changes that were found; with `standard` in OpenCC's forms, else in Taiwan's.

    >>> found = Naive(0.99, 1, (Place(1, "里", "裏", "left-simplified", 9.0),))
    >>> put_right("家里", found), put_right("家里", found, standard=True)
    ('家裡', '家裏')
    """
    forms = None if standard else to_taiwan()
    parts = list(text)
    for place in found.places:
        parts[place.at] = place.after if forms is None else chr(forms[ord(place.after)])
    return "".join(parts)
