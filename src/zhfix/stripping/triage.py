"""Which of many short texts are worth judging: one pass over all of them, by triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zhfix.stripping import spam
from zhfix.stripping.lines import Lines
from zhfix.stripping.scan import hits, line_numbers
from zhfix.stripping.shadow import gloss_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.rows import Rows
    from zhfix.stripping.rules import RuleSet


def worth_judging(rows: Rows, rules: RuleSet) -> NDArray[np.bool_]:
    """Mark the rows from which something may go.

    >>> from zhfix.rows import Rows
    >>> from zhfix.stripping.rules import rule_set
    >>> worth_judging(Rows(["首页的时间", "责任编辑：张三", "正文。"]), rule_set()).tolist()
    [False, True, False]

    A row of one line is judged by that line alone, so it must match a rule that is sure, or be
    a salad; a row of several lines may be a page, and one trigger of any kind is enough.
    """
    lines = Lines(rows.text)
    marked = rows.containing("></")
    # Whether glosses are dropped depends on the whole of a row.
    marked |= rows.mask(gloss_places(rows.text))

    def found(triggers: tuple[str, ...]) -> NDArray[np.intp]:
        return np.array(line_numbers(lines.ends, hits(lines.units, triggers)), np.intp)

    alone = rows.line_counts == 1
    several = rows.of_lines(found((*rules.triggers, *spam.loaded_words())))
    marked[several[~alone[several]]] = True
    for line in found((*rules.sure_triggers, *spam.loaded_words())).tolist():
        row = int(rows.of_lines([line])[0]) if len(lines) != len(rows) else line
        if alone[row] and not marked[row]:
            marked[row] = _may_go(lines.shadow(line), rules)
    return marked


def _may_go(line: str, rules: RuleSet) -> bool:
    """Whether a shadow, the only line of its text, may lose something."""
    if rules.matching(line) is not None or any(rule.spans(line) for rule in rules.spans):
        return True
    seen = spam.salad(line)
    return seen.heavy or seen.suspect
