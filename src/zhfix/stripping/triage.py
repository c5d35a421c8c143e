"""Which of many short texts are worth judging: one pass over all of them, by triggers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.arrays import numbered
from zhfix.rows import Rows
from zhfix.stripping import spam
from zhfix.stripping.lines import Lines
from zhfix.stripping.scan import Scan, line_numbers
from zhfix.stripping.shadow import gloss_places

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.stripping.rules import Rule, RuleSet


#: A row of several lines and so many characters holds some trigger nearly always.
PAGE = 150


def worth_judging(rows: Rows, rules: RuleSet) -> NDArray[np.bool_]:
    """Mark the rows from which something may go.

    >>> from zhfix.rows import Rows
    >>> from zhfix.stripping.rules import rule_set
    >>> worth_judging(Rows(["首页的时间", "责任编辑：张三", "正文。"]), rule_set()).tolist()
    [False, True, False]

    A row of one line is judged by that line alone, so it must match a rule that is sure, or be
    a salad; a row of several lines may be a page, and one trigger of any kind is enough.
    """
    several = rows.line_counts > 1
    if not several.any():
        return _worth_judging(rows, rules)
    lengths = np.fromiter(map(len, rows.texts), np.intp, len(rows))
    marked: NDArray[np.bool_] = several & (lengths >= PAGE)
    short = (~marked).nonzero()[0]
    if len(short):
        marked[short] = _worth_judging(Rows([rows.texts[row] for row in short.tolist()]), rules)
    return marked


def _worth_judging(rows: Rows, rules: RuleSet) -> NDArray[np.bool_]:
    lines = Lines(rows.text)
    marked = rows.containing("></")
    # Whether glosses are dropped depends on the whole of a row.
    marked |= rows.mask(gloss_places(rows.text))
    alone = rows.line_counts == 1
    if not alone.all():
        places = _any_trigger(rules).look(lines.data).hits[0]
        several = rows.of_lines(line_numbers(lines.ends, places))
        marked[several[~alone[several]]] = True
    tests = _tests(rules)
    places, numbers = tests.scan.named(lines.data)
    at = lines.ends.searchsorted(places)
    row = rows.of_lines(at)
    wanted = alone[row] & ~marked[row]
    at, numbers = at[wanted], numbers[wanted]
    chosen, which = numbered(at)
    shadows = lines.shadows(chosen)
    goes = np.zeros(len(chosen), np.bool_)
    for line, number in zip(which.tolist(), numbers.tolist(), strict=True):
        if not goes[line]:
            goes[line] = tests.may_go(shadows[line], number)
    marked[rows.of_lines(chosen[goes])] = True
    return marked


@lru_cache(maxsize=16)
def _any_trigger(rules: RuleSet) -> Scan:
    return Scan([(*rules.triggers, *spam.loaded_words())])


@dataclass(frozen=True, slots=True, eq=False)
class _Tests:
    """What to ask of the only line of a text that holds a trigger, by the trigger's number."""

    scan: Scan
    lines: tuple[tuple[Rule, ...], ...]
    spans: tuple[tuple[Rule, ...], ...]
    first_loaded: int
    """From this number on triggers are the words of which a salad holds one at least."""

    def may_go(self, line: str, number: int) -> bool:
        """Whether a shadow may lose something."""
        if number >= self.first_loaded:
            seen = spam.salad(line)
            return seen.heavy or seen.suspect
        length = len(line)
        for rule in self.lines[number]:
            if length <= rule.longest and rule.fits(line):
                return True
        return any(rule.spans(line) for rule in self.spans[number])


@lru_cache(maxsize=16)
def _tests(rules: RuleSet) -> _Tests:
    triggers = rules.sure_triggers
    sure = [rule for rule in rules.lines if rule.strength == "sure"]
    return _Tests(
        Scan([(*triggers, *spam.loaded_words())]),
        tuple(tuple(rule for rule in sure if one in rule.triggers) for one in triggers),
        tuple(tuple(rule for rule in rules.spans if one in rule.triggers) for one in triggers),
        len(triggers),
    )
