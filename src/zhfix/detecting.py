"""The stage that looks for damage: every channel's signature, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, cast

from zhfix.edits import ManyRemarks
from zhfix.repairing.channels import (
    all_channels,
    beneath,
    channels,
    of_rules,
    suspected,
    together,
)
from zhfix.rules import EVERY_RULE, Selection, selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from zhfix.document import Document, Finding
    from zhfix.many_findings import ManyFindings
    from zhfix.repairing.channels import Channel
    from zhfix.rows import Rows
    from zhfix.stages import Stage

__all__ = ["Detect", "rules", "stage"]


@dataclass(frozen=True, slots=True)
class Detect:
    """Report the damage in a document, by the rules that are in force.

    >>> from zhfix.document import Document
    >>> [f.rule for f in Detect()(Document("網(wǎng)絡(luò)與網(wǎng)絡(luò)"))][0]
    'spam-mirror/gloss'
    """

    in_force: Selection = EVERY_RULE

    def many(self, rows: Rows) -> Iterator[tuple[int, Sequence[Finding]]]:
        """Yield what is found in each row, asking only the channels that suspect it."""
        for row, able in suspected(rows, self.in_force.named):
            if found := self._found(rows.texts[row], able):
                yield row, found

    def __call__(self, document: Document) -> Sequence[Finding]:
        """Return a finding for every damaged span."""
        return self._found(document.text, channels(self.in_force.named))

    def _found(self, text: str, able: Iterable[Channel]) -> Sequence[Finding]:
        found: Sequence[Finding] = []
        for channel in able:
            more = of_rules(channel.detect(text), self.in_force)
            if isinstance(more, ManyRemarks) and (edits := cast("ManyFindings", more).edits):
                others = beneath(channels(self.in_force.named))
                return together(more, edits.back(self._found(edits.applied, others)))
            if more:
                found = together(found, more)
        return found


def stage(
    *,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    extend: str | Sequence[str] = (),
) -> Stage:
    """Make the `detect` stage; the rule ids are those of `rules()`, or beginnings of them.

    >>> from zhfix.document import Document
    >>> list(stage(ignore="escape")(Document("&#20013;&#22269;")))
    []

    `select` reports only those rules, `ignore` all but those, and `extend` adds rules that are
    off by default, by their full ids. What is reported does not decide what `repair` changes:
    it takes the same options. Raises `ConfigError` when a name begins no rule.
    """
    return Detect(selection(rules, select=select, ignore=ignore, extend=extend))


@cache
def rules() -> Mapping[str, str]:
    """All rules of damage, with a paragraph that explains each.

    >>> "spam-mirror/gloss" in rules()
    True
    """
    return {rule: text for channel in all_channels() for rule, text in channel.rules.items()}
