"""The stage: what goes from a text, as edits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zhfix import edits as _edits
from zhfix.stripping.judge import Judge
from zhfix.stripping.rules import Rule, rule_set
from zhfix.stripping.triage import worth_judging

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.document import Document, Edit
    from zhfix.rows import Rows


@dataclass(frozen=True, slots=True)
class StripStage:
    """Boilerplate out of plain text; made by `zhfix.stripping.stage`, frozen and picklable.

    Yields one edit for each run of lines that go by the same rule: `before` is the lines with
    their line ends, `after` is "".
    """

    preset: str = "news"
    rules: tuple[Rule, ...] = ()
    repeats: int = 0
    known: frozenset[str] = frozenset()
    whole_pages: bool = True

    def __post_init__(self) -> None:
        rule_set(self.preset, self.rules)  # wrong options are told at once

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows from which something may go: those that hold a trigger of any rule."""
        if self.repeats or self.known:
            return rows.mask(rows.starts)
        return worth_judging(rows, rule_set(self.preset, self.rules))

    def __call__(self, document: Document) -> Iterator[Edit]:
        """Propose what to remove; nothing for text without boilerplate.

        What is left is judged again until nothing more goes: stripping twice is stripping once.
        """
        if not document.text.strip():
            return
        found = self._judged(document)
        while found:
            rest = _edits.apply(document.text, found)
            again = self._judged(replace(document, text=rest))
            if not again:
                break
            found = _edits.compose(document.text, found, again)
        yield from found

    def _judged(self, document: Document) -> list[Edit]:
        judge = Judge(self, rule_set(self.preset, self.rules), document)
        judge.decide()
        return sorted(judge.edits(), key=lambda edit: edit.span)
