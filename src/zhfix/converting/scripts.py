"""Tells Simplified from Traditional text, with the evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from zhfix.converting.characters import HANS, HANT, characters
from zhfix.converting.dictionaries import data_text, parse_dictionary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zhfix.locales import Script

__all__ = [
    "CANTONESE",
    "HANS",
    "HANT",
    "ScriptEvidence",
    "class_table",
    "counts",
    "evidence",
    "script",
]

#: A text is mixed when the weaker script has at least this share of the telling characters:
#: clean text of one script holds up to 2 % of the other (quotations, names, variants).
MIXED_SHARE = 0.1
#: Words of a region are looked for in so many code points from the start.
WORDS_WITHIN = 20_000
#: Characters of written Cantonese.
CANTONESE = "嘅啲喺咗唔冇佢哋嚟攞嗰噉咁俾"


@dataclass(frozen=True, slots=True)
class ScriptEvidence:
    """What the characters of a text say about its script.

    `hans` and `hant` count the characters that exist in one script only. `script` is empty
    when there are none: 中文 is written the same in both. `region` is that of the words that
    only one region uses, and `words` are those words; they are empty when no such word occurs,
    or when two regions have as many.
    """

    script: Literal["Hans", "Hant", "mixed", ""]
    hans: int
    hant: int
    region: Literal["CN", "TW", "HK", ""] = ""
    words: tuple[str, ...] = ()

    @property
    def majority(self) -> Script:
        """The script that more of the characters belong to; Simplified on a tie."""
        return "Hant" if self.hant > self.hans else "Hans"


def script(text: str) -> ScriptEvidence:
    """Say which script a text is written in.

    >>> found = script("請用滑鼠點選")
    >>> found.script, found.hans, found.hant, found.region, found.words
    ('Hant', 0, 3, 'TW', ('滑鼠', '點選'))
    >>> script("汉字").script, script("中文").script, script("汉字 漢字").script
    ('Hans', '', 'mixed')

    Counts are in code points. Characters and words come from OpenCC's tables; words are
    looked for in the first 20,000 characters.
    """
    seen = evidence(text)
    region, words = _region(text[:WORDS_WITHIN])
    return ScriptEvidence(seen.script, seen.hans, seen.hant, region, words)


def evidence(text: str) -> ScriptEvidence:
    """Do as `script`, but look at characters only: much faster."""
    hans, hant = counts(text)
    total = hans + hant
    if not total:
        return ScriptEvidence("", 0, 0)
    if min(hans, hant) >= MIXED_SHARE * total:
        return ScriptEvidence("mixed", hans, hant)
    return ScriptEvidence("Hans" if hans > hant else "Hant", hans, hant)


def _region(text: str) -> tuple[Literal["CN", "TW", "HK", ""], tuple[str, ...]]:
    """Return the region whose own words occur most, and these words."""
    pattern, regions = _regional_words()
    found: dict[Literal["CN", "TW", "HK"], dict[str, None]] = {}
    for match in pattern.finditer(text):
        for region in regions[match[0]]:
            found.setdefault(region, {})[match[0]] = None
    ranked = sorted(found.items(), key=lambda item: -len(item[1]))
    if not ranked or (len(ranked) > 1 and len(ranked[0][1]) == len(ranked[1][1])):
        return "", ()
    return ranked[0][0], tuple(ranked[0][1])


@lru_cache(maxsize=1)
def _regional_words() -> tuple[re.Pattern[str], dict[str, list[Literal["CN", "TW", "HK"]]]]:
    """Return the words that one region has and another has not, in all their spellings."""
    from zhfix.converting.engine import engine

    regions: dict[str, list[Literal["CN", "TW", "HK"]]] = {}
    pairs: tuple[tuple[Literal["TW", "HK"], str], ...] = (("TW", "TWPhrases"), ("HK", "HKPhrases"))
    for region, name in pairs:
        table = parse_dictionary(data_text(f"{name}.txt"), name)
        for mainland, values in table.items():
            words = {values[0], engine(f"t2{region.lower()}").convert(values[0])}
            here = {mainland, engine("t2s").convert(mainland)}
            for word in words - here:
                regions.setdefault(word, []).append(region)
            for word in here - words:
                regions.setdefault(word, []).append("CN")
    for char in CANTONESE:
        regions.setdefault(char, []).append("HK")
    # A word of two regions tells nothing about the third; of both sides, nothing at all.
    known = {word: sorted(set(at)) for word, at in regions.items()}
    telling = {word: at for word, at in known.items() if "CN" not in at or at == ["CN"]}
    longest_first = sorted(telling, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), telling


def counts(text: str) -> tuple[int, int]:
    """Count the characters that only Simplified and that only Traditional text has."""
    import numpy as np

    if text.isascii():
        return 0, 0
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    classes = class_table().take(units)
    return int(np.count_nonzero(classes == HANS)), int(np.count_nonzero(classes == HANT))


def class_table() -> NDArray[np.uint8]:
    """Return for each UTF-16 unit 1 (only Simplified), 2 (only Traditional) or 0."""
    return characters().classes
