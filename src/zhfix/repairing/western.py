"""UTF-8 that was read as a single-byte encoding, by ftfy: the best there is for Western text.

Only `fix_encoding` is used. What else ftfy does to a text (quotes, widths, entities) is a matter
of taste or harms Chinese punctuation, and it never sees more than a suspicious stretch.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from zhfix.edits import minimal_runs
from zhfix.repairing.alignment import Repair
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.search import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ftfy import TextFixerConfig

__all__ = ["WESTERN", "undo_western"]

WESTERN = Pair("utf-8", "cp1252")
"""The pair that ftfy's repairs are counted as; it also knows the other Western pages."""

#: ftfy has its own idea of what is damage; the model must only not contradict it.
LEAST_GAIN = 3.0


@cache
def _settings() -> TextFixerConfig:
    from ftfy import TextFixerConfig

    # Lost bytes are for the lattice, which can tell what they were.
    return TextFixerConfig(
        unescape_html=False, replace_lossy_sequences=False, fix_c1_controls=False, explain=False
    )


def undo_western(text: str) -> Iterator[Repair]:
    """Yield what ftfy would repair in a stretch of text, run by run.

    >>> [(r.start, r.end, r.after) for r in undo_western("It\u00e2\u20ac\u2122s good")]
    [(2, 5, '\u2019')]
    """
    from ftfy import fix_encoding

    fixed = fix_encoding(text, _settings())
    if fixed == text:
        return
    model = LanguageModel.load()
    for start, end, after in minimal_runs(text, fixed):
        before, behind = text[:start][-1:], text[end:][:1]
        gain = model.score(after, before=before, after=behind) - model.score(
            text[start:end], before=before, after=behind
        )
        if gain > LEAST_GAIN:
            yield Repair(start, end, after, gain)
