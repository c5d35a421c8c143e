"""How often each rule and stage acted: sums of whole numbers, so that workers' counts add up."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zhfix.document import Document
    from zhfix.etl.rows import Remark

__all__ = ["Counters"]


@dataclass(slots=True)
class Counters:
    """Rows seen, rows changed, and remarks by rule and by stage.

    >>> import zhfix
    >>> counters = Counters()
    >>> counters.add(zhfix.explain("網(wǎng)絡(luò)與網(wǎng)絡(luò)"))
    >>> counters.rows, counters.changed, counters.rules["spam-mirror/gloss"]
    (1, 1, 4)

    A row is changed when it has edits; null rows are not counted. `rules` counts edits made and
    findings that stay open, `stages` the edits of each stage. `one + other` is what one worker
    would have counted.
    """

    rows: int = 0
    changed: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)

    def add(self, document: Document) -> None:
        """Count a row by its document.

        >>> from zhfix.document import Document
        >>> counters = Counters()
        >>> counters.add(Document("中文"))
        >>> counters.rows
        1
        """
        self.rows += 1
        self.add_noted(document)

    def add_noted(self, document: Document, *, times: int = 1) -> None:
        """Count what was done to so many equal rows, but not the rows.

        >>> import zhfix
        >>> counters = Counters(rows=3)
        >>> counters.add_noted(zhfix.explain("漢字", to="zh-Hans"), times=2)
        >>> counters.rows, counters.changed, dict(counters.stages)
        (3, 2, {'convert': 2})
        """
        self.changed += times * any(revision.edits for revision in document.revisions)
        for revision in document.revisions:
            self.stages[revision.stage] += times * len(revision.edits)
            for edit in revision.edits:
                self.rules[edit.rule] += times
        for finding in document.findings:
            self.rules[finding.rule] += times

    def add_remarks(self, remarks: Iterable[Remark]) -> None:
        """Count a row by its report.

        >>> counters = Counters()
        >>> counters.add_remarks([])
        >>> counters.rows
        1
        """
        edits = 0
        for remark in remarks:
            if remark["kind"] == "edit" and remark["stage"] is not None:
                edits += 1
                self.stages[remark["stage"]] += 1
            if remark["kind"] in {"edit", "finding"}:
                self.rules[remark["rule"]] += 1
        self.rows += 1
        self.changed += edits > 0

    def __add__(self, other: Counters) -> Counters:
        return Counters(
            self.rows + other.rows,
            self.changed + other.changed,
            self.rules + other.rules,
            self.stages + other.stages,
        )

    def __iadd__(self, other: Counters) -> Counters:  # noqa: PYI034 -- the class is final in use
        self.rows += other.rows
        self.changed += other.changed
        self.rules.update(other.rules)
        self.stages.update(other.stages)
        return self

    def as_dict(self) -> dict[str, int | dict[str, int]]:
        """Return plain values, names sorted.

        >>> Counters(rows=2).as_dict()
        {'rows': 2, 'changed': 0, 'rules': {}, 'stages': {}}
        """
        return {
            "rows": self.rows,
            "changed": self.changed,
            "rules": _sorted(self.rules),
            "stages": _sorted(self.stages),
        }

    def to_json(self) -> str:
        """Write the counters down: `{"rows": n, "changed": n, "rules": {…}, "stages": {…}}`.

        >>> Counters.from_json(Counters(rows=2).to_json()) == Counters(rows=2)
        True
        """
        return json.dumps(self.as_dict(), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Counters:
        """Read what `to_json` wrote.

        >>> Counters.from_json('{"rows": 1, "changed": 0, "rules": {}, "stages": {}}').rows
        1
        """
        held = json.loads(text)
        return cls(held["rows"], held["changed"], Counter(held["rules"]), Counter(held["stages"]))


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts) if counts[name]}
