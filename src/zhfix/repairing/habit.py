"""Whether a text glosses characters as a site does, or as a teacher does.

A site glosses every occurrence of a character, common ones above all, by a fixed reading. A
teacher glosses a rare or ambiguous character once. Evidence is summed over the document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing import cp936, readings
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.readings import normal, reads
from zhfix.repairing.tokens import FULL_WIDTH_MARKS, LOST, PINYIN, SPLIT_MARKS

#: A reading in ASCII brackets behind a character. Patterns begin with their rarest character and
#: look back from there: so a search runs at the speed of memory, 40 times as fast.
CANDIDATE = lazy(rf"\((?<=[\u3400-\u9fff]\()\s{{0,2}}(?P<reading>{PINYIN})\s{{0,2}}\)")

#: A gloss behind a letter names what the letter makes with the byte before it: `「C(wō)`.
LETTER_CANDIDATE = lazy(rf"\((?<=[@-~€]\()(?<=[^\x00-\x7f].\()\s?(?P<reading>{PINYIN})\s?\)")

#: Where a character was cut: a gloss without its bracket, or a lost byte before a mark.
_CUTS = tuple(
    lazy(
        rf"{re.escape(lost)}(?:{PINYIN}\s?\)"
        rf"|(?=[{SPLIT_MARKS}][^\x00-\x3f\s])|(?=[{FULL_WIDTH_MARKS}][{LOST}]))"
    )
    for lost in LOST
)

#: Unigram cost in nats of a character so rare that a teacher may gloss it as likely as a site.
TEACHABLE_COST = 10.5

#: Evidence in nats, summed over the glossed characters. Mirrors write Traditional text, and
#: readers of Traditional text are rarely given pinyin, so the script decides where to begin.
PRIOR_TRADITIONAL = 0.0
PRIOR_SIMPLIFIED = -5.0
MOST_PER_CHARACTER = 4.0
LEAST_PER_CHARACTER = -2.0
UNUSUAL_READING = -3.0
TONELESS = -3.0
REPEATED = 1.0
MOST_FOR_REPEATS = 4.0
CUT_PAIR = 4.0
ENOUGH = 0.0

#: Some sites write toneless readings behind nearly every character. Nobody teaches so.
DENSE = 0.5
FEWEST_DENSE = 12
#: A list of phrases for travellers does so in Simplified, and is short.
FEWEST_DENSE_SIMPLIFIED = 40
DENSE_EVIDENCE = 20.0
BARE_SHARE_DENSE = 0.5
#: Textbooks for children write the reading behind every character, and with its tone.
TEXTBOOK = 0.9
FEWEST_IN_TEXTBOOK = 10
#: Sites gloss what they made Traditional; a textbook everything.
NEUTRAL_IN_TEXTBOOK = 0.3
#: In Simplified text a lesson glosses its new words once or twice, a site again and again.
REPEATS_IN_SIMPLIFIED = 2.0

HAN_RUN = lazy("[\u3400-\u9fff]+")
MOSTLY = 0.9
#: So many characters are counted one by one, more all at once.
FEW_CHARACTERS = 40

#: One bare occurrence in ten is still a habit: what was put into the page later may hold some.
BARE_SHARE = 0.1


class Gloss(NamedTuple):
    """A reading in brackets, in code points, and the character that it stands behind."""

    start: int
    end: int
    char: str
    reading: str


def habit(text: str) -> dict[str, str]:
    """Return the characters that this text glosses as a site does, with their readings.

    Empty when the glosses may be a teacher's. Evidence is summed in nats over the distinct
    characters: common ones count for a site, rare ones and unusual readings for a teacher.
    """
    found = plain_glosses(text)
    if not found:
        return {}
    counts = Counter((gloss.char, normal(gloss.reading)) for gloss in found)
    # A spam title above the article was put there later and has no glosses.
    glossed_text = text[text.rfind("\n", 0, found[0].start) + 1 :]
    glosses: dict[str, str] = {}
    model = LanguageModel.load()
    simplified, traditional = model.script(text)
    cut_pairs = sum(1 for match in cuts(text) if match[0].endswith(")"))
    cut_pairs += sum(1 for _ in letter_glosses(text))
    density = _density(text, counts)
    fewest = FEWEST_DENSE if traditional > simplified else FEWEST_DENSE_SIMPLIFIED
    dense = density.toneless and density.share >= DENSE and density.glossed >= fewest
    if not cut_pairs and not dense and _is_lesson(density, is_traditional=traditional > simplified):
        return {}
    evidence = PRIOR_TRADITIONAL if traditional > simplified else PRIOR_SIMPLIFIED
    evidence += CUT_PAIR * cut_pairs + DENSE_EVIDENCE * dense
    ranked = counts.most_common()
    occurrences = Counter(glossed_text) if len(ranked) > FEW_CHARACTERS else None
    most_bare = BARE_SHARE_DENSE if dense else BARE_SHARE
    costs = -model.unigram(model.encode("".join(char for (char, _), _ in ranked)))
    for ((char, reading), count), cost in zip(ranked, costs, strict=True):
        if char in glosses:
            continue
        bare = (glossed_text.count(char) if occurrences is None else occurrences[char]) - count
        if bare > most_bare * count:
            continue
        glosses[char] = reading
        evidence += (
            max(0.0, _weight(char, reading, count, float(cost)))
            if dense
            else _weight(char, reading, count, float(cost))
        )
    return glosses if evidence > ENOUGH else {}


class Density(NamedTuple):
    """How much of a text is glossed, how, and which share of it both scripts write alike."""

    glossed: int
    share: float
    toneless: bool
    repeats: float
    neutral: float


def _density(text: str, counts: Counter[tuple[str, str]]) -> Density:
    glossed = sum(counts.values())
    if not glossed:
        return Density(0, 0.0, toneless=False, repeats=0.0, neutral=0.0)
    toneless = sum(count for (_, reading), count in counts.items() if reading.isascii())
    share = glossed / sum(map(len, HAN_RUN.findall(text)))
    chars = "".join(char for char, _ in counts)
    only_one_script = sum(LanguageModel.load().script(chars))
    return Density(
        glossed,
        share,
        toneless >= MOSTLY * glossed,
        glossed / len(counts),
        1.0 - only_one_script / len(chars),
    )


def _is_lesson(density: Density, *, is_traditional: bool) -> bool:
    """Whether the glosses are those of a textbook: everywhere, or once for each new word."""
    if (
        density.share >= TEXTBOOK
        and density.glossed >= FEWEST_IN_TEXTBOOK
        and density.neutral >= NEUTRAL_IN_TEXTBOOK
    ):
        return True
    return not is_traditional and density.repeats < REPEATS_IN_SIMPLIFIED


@cache_last
def plain_glosses(text: str) -> tuple[Gloss, ...]:
    """Return every reading behind its character, in order.

    >>> plain_glosses("網(wǎng)路(x)")
    (Gloss(start=1, end=7, char='網', reading='wǎng'),)
    """
    return tuple(
        Gloss(*match.span(), char, match["reading"])
        for match in CANDIDATE.finditer(text)
        if reads(char := text[match.start() - 1], match["reading"])
    )


def letter_glosses(text: str) -> Iterator[Gloss]:
    """Yield the same for readings behind a letter that ends a character by accident.

    >>> [gloss.char for gloss in letter_glosses("點選「C(wō)ollapse」")]
    ['窩']
    """
    for match in LETTER_CANDIDATE.finditer(text):
        before, letter = text[match.start() - 2], text[match.start() - 1]
        char = cp936.character(
            (cp936.encode(before) or b"\0")[-1], (cp936.encode(letter) or b"\0")[0]
        )
        if char and reads(char, match["reading"]):
            yield Gloss(*match.span(), char, match["reading"])


def cuts(text: str) -> list[re.Match[str]]:
    """Return the places where a character was cut, in order.

    >>> [match.start() for match in cuts("家?guī)熧和??植澜M")]
    [1, 8]
    """
    found = [match for pattern in _CUTS for match in pattern.finditer(text)]
    return sorted(found, key=lambda match: match.start())


def _weight(char: str, reading: str, count: int, cost: float) -> float:
    """Evidence that a site and not a teacher glossed this character."""
    first = readings.load().first.get(char, "")
    if reading not in (first, readings.without_tone(first)):
        return UNUSUAL_READING
    toneless = TONELESS if reading.isascii() else 0.0
    common = toneless + min(max(TEACHABLE_COST - cost, LEAST_PER_CHARACTER), MOST_PER_CHARACTER)
    return common + min(REPEATED * (count - 1), MOST_FOR_REPEATS)
