"""Converts many texts as one block, each to what it becomes by itself.

No dictionary has a line feed in a key and no feature looks beyond its line, so texts that line
feeds join convert as if each were alone. What depends on a whole text (its script, whether it
was naively converted) is counted by vectors; only texts in which something was found there,
and those that cannot be joined, are converted one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting.engine import FIRST_OPERATOR
from zhfix.converting.lines import convert_together, count_lines
from zhfix.converting.naive import (
    FEWEST_PLACES,
    SAMPLE,
    confirm,
    find,
    may_be_naive,
    may_disagree,
    suspicious,
)
from zhfix.locales import Locale
from zhfix.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from zhfix.converting.converter import ConvertStage
    from zhfix.converting.lines import Counts
    from zhfix.converting.naive import Naive
    from zhfix.locales import Script, Target

__all__ = ["convert_rows"]

#: Characters of texts that are looked at together for naive conversion: they fit the cache.
TOGETHER = 1 << 16

_Found = dict[int, "tuple[str, Naive | None]"]


def convert_rows(stage: ConvertStage, rows: Rows) -> _Found:
    """Return what becomes of the texts that may change.

    >>> from zhfix.converting.converter import stage
    >>> convert_rows(stage(to="zh-Hant"), Rows(["汉字", "abc", "漢字"]))
    {0: ('漢字', None)}
    """
    goal = stage.goal
    alone = rows.mask(_not_joined(rows.points))
    if stage.cuts or (goal and goal.config):
        # Stretches that are cut out may reach over lines.
        alone[:] = True
    todo = (~(alone | _ascii(rows))).nonzero()[0]
    found: _Found = {}
    suspects: list[int] = []
    if goal is not None and goal.mode:
        found = _all(rows, todo, stage.run_mode)
    elif len(todo):
        counts = count_lines(rows.text, rows.line_counts)
        if stage.inspects:
            suspects = _maybe_naive(rows, counts, todo)
            alone[suspects] = True
        if goal is not None and stage.needs_region:
            alone[todo] = True
        todo = todo[~alone[todo]]
        if goal is not None:
            found = _to_locale(stage, goal, rows, counts, todo)
    suspicious = set(suspects)
    for row in alone.nonzero()[0].tolist():
        found[row] = stage.read(rows.texts[row], confirm if row in suspicious else find)
    return found


def _not_joined(points: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return where lone surrogates and ideographic descriptions stand."""
    odd = (points ^ np.uint32(0xD800)) < 0x800
    odd |= (points - np.uint32(FIRST_OPERATOR)) < 16
    return odd.nonzero()[0]


def _ascii(rows: Rows) -> NDArray[np.bool_]:
    """Mark the texts without a character that any conversion would touch."""
    return np.fromiter(map(str.isascii, rows.texts), bool, len(rows))


def _all(rows: Rows, todo: NDArray[np.intp], convert: Callable[[str], str]) -> _Found:
    """Convert whole texts."""
    if not len(todo):
        return {}
    numbers = todo.tolist()
    made = convert_together([rows.texts[row] for row in numbers], rows.line_counts[todo], convert)
    return {row: (after, None) for row, after in zip(numbers, made, strict=True)}


def _maybe_naive(rows: Rows, counts: Counts, todo: NDArray[np.intp]) -> list[int]:
    """Return those Traditional texts that may be naively converted."""
    from zhfix.converting.converter import mostly_hant

    hans, hant = (one[todo] for one in counts.of_rows())
    todo = todo[mostly_hant(hans, hant)]
    if not len(todo):
        return []
    texts = Rows([rows.texts[row] for row in todo.tolist()])
    places = may_disagree().take(texts.points, mode="clip").nonzero()[0]
    todo = todo[texts.mask(places, FEWEST_PLACES)]
    lengths = np.array([len(rows.texts[row]) for row in todo.tolist()], np.intp)
    is_long = lengths > 2 * SAMPLE  # of those only a sample is looked at
    marked: list[int] = [row for row in todo[is_long].tolist() if may_be_naive(rows.texts[row])]
    todo, lengths = todo[~is_long], lengths[~is_long]
    blocks = np.split(todo, np.flatnonzero(np.diff(np.cumsum(lengths) // TOGETHER)) + 1)
    for block in blocks:
        texts = Rows([rows.texts[row] for row in block.tolist()])
        marked += block[sorted(suspicious(texts.text, texts.of))].tolist()
    return marked


def _to_locale(
    stage: ConvertStage, goal: Target, rows: Rows, counts: Counts, todo: NDArray[np.intp]
) -> _Found:
    """Convert texts to a locale, or each to the script that most of it has."""
    hans, hant = (one[todo] for one in counts.of_rows())
    found: _Found = {}
    scripts: tuple[Script, ...] = ("Hans", "Hant")
    for script in scripts:
        wanted = goal.locale or Locale(script)
        if wanted.script != script:
            continue
        here = np.ones(len(todo), bool)
        if goal.locale is None:
            here = (hant > hans) == (script == "Hant")
        strays = hant if script == "Hans" else hans
        if stage.known_source is None:
            here = here & ((strays > 0) | ((hans == 0) & (hant == 0)) | stage.signs)
        numbers = todo[here]
        if not len(numbers):
            continue
        texts = [rows.texts[row] for row in numbers.tolist()]
        made = stage.to_locale(texts, counts.part(numbers), wanted)
        found |= {row: (after, None) for row, after in zip(numbers.tolist(), made, strict=True)}
    return found
