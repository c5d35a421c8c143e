"""Tells Simplified from Traditional text, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from zhfix.convert.dictionaries import data_text, parse_dictionary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from zhfix.locales import Script

__all__ = ["ScriptEvidence", "script"]

#: A text is mixed when the weaker script has at least this share of the telling characters:
#: clean text of one script holds up to 2 % of the other (quotations, names, variants).
MIXED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class ScriptEvidence:
    """What the characters of a text say about its script.

    `hans` and `hant` count the characters that exist in one script only. `script` is empty
    when there are none: 中文 is written the same in both.
    """

    script: Literal["Hans", "Hant", "mixed", ""]
    hans: int
    hant: int

    @property
    def majority(self) -> Script:
        """The script that more of the characters belong to; Simplified on a tie."""
        return "Hant" if self.hant > self.hans else "Hans"


def script(text: str) -> ScriptEvidence:
    """Say which script a text is written in.

    >>> script("汉字"), script("漢字").script, script("中文").script
    (ScriptEvidence(script='Hans', hans=1, hant=0), 'Hant', '')
    >>> script("汉字 漢字").script
    'mixed'

    Counts are in code points. The characters come from OpenCC's tables.
    """
    hans, hant = counts(text)
    total = hans + hant
    if not total:
        return ScriptEvidence("", 0, 0)
    if min(hans, hant) >= MIXED_SHARE * total:
        return ScriptEvidence("mixed", hans, hant)
    return ScriptEvidence("Hans" if hans > hant else "Hant", hans, hant)


def counts(text: str) -> tuple[int, int]:
    """Count the characters that only Simplified and that only Traditional text has."""
    import numpy as np

    if text.isascii():
        return 0, 0
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    found = np.bincount(class_table().take(units), minlength=3)
    return int(found[HANS]), int(found[HANT])


HANS, HANT = 1, 2


@lru_cache(maxsize=1)
def class_table() -> NDArray[np.uint8]:
    """Return for each UTF-16 unit 1 (only Simplified), 2 (only Traditional) or 0.

    A character belongs to one script only when the table towards the other one does not
    list it as a form of itself: 后 and 干 are in both.
    """
    import numpy as np

    table = np.zeros(65536, np.uint8)
    to_hant = parse_dictionary(data_text("STCharacters.txt"), "STCharacters.txt")
    to_hans = parse_dictionary(data_text("TSCharacters.txt"), "TSCharacters.txt")
    all_hans = {value for values in to_hans.values() for value in values}
    for pairs, others, name in ((to_hant, set(to_hans), HANS), (to_hans, all_hans, HANT)):
        for char, values in pairs.items():
            if char not in values and len(char) == 1 and ord(char) < 65536:
                if name == HANS and char in others:
                    continue
                if name == HANT and char in others:
                    continue
                table[ord(char)] = name
    return table
