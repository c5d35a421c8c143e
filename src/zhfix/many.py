"""Many edits of one text, in columns: an `Edit` is made of a row only when someone looks.

A page of a spam mirror has hundreds of edits that differ in nothing but where they stand. What a
list of them answers row by row, columns answer at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.document import Document, Edit, Finding, Proof, Revision, Span, held_findings
from zhfix.edits import ManyRemarks, check_finding, compose, moved
from zhfix.errors import StageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Change", "ManyEdits", "ManyFindings"]


class Change(NamedTuple):
    """What an edit does, and why, wherever it stands."""

    after: str
    rule: str
    confidence: float
    reason: str
    proof: Proof | None = None


class ManyEdits(ManyRemarks[Edit]):
    """Sorted edits of a text that do not overlap; `which` is the place of each in `changes`.

    >>> gloss = Change("", "spam-mirror/gloss", 0.99, "a reading")
    >>> places = np.array([1, 3])
    >>> many = ManyEdits("網w路l", places, places + 1, np.zeros(2, np.intp), [gloss])
    >>> many.applied, many[1].before
    ('網路', 'l')
    """

    __slots__ = ("_applied", "changes", "ends", "starts", "text", "which")

    def __init__(
        self,
        text: str,
        starts: NDArray[np.intp],
        ends: NDArray[np.intp],
        which: NDArray[np.intp],
        changes: Sequence[Change],
    ) -> None:
        super().__init__()
        self.text = text
        self.starts = starts
        self.ends = ends
        self.which = which
        self.changes = changes
        self._applied: str | None = None

    @classmethod
    def of(cls, text: str, edits: Iterable[Edit]) -> ManyEdits:
        """Put sorted edits into columns.

        >>> len(ManyEdits.of("中文", []))
        0
        """
        if isinstance(edits, cls):
            return edits
        rows = list(edits)
        bounds = np.array([edit.span for edit in rows], np.intp).reshape(-1, 2)
        changes = [Change(e.after, e.rule, e.confidence, e.reason, e.proof) for e in rows]
        return cls(text, bounds[:, 0], bounds[:, 1], np.arange(len(rows)), changes)

    @classmethod
    def joined(cls, text: str, parts: Sequence[tuple[int, ManyEdits]]) -> ManyEdits:
        """Put together the edits of stretches of a text, each with where it begins, in order.

        >>> one = ManyEdits.of("文", [Edit(Span(0, 1), "文", "字", "r", 1.0, "")])
        >>> ManyEdits.joined("中文文", [(1, one), (2, one)]).applied
        '中字字'
        """
        changes: list[Change] = []
        columns: list[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]] = []
        for start, part in parts:
            columns.append((part.starts + start, part.ends + start, part.which + len(changes)))
            changes += part.changes
        return cls(text, *map(np.concatenate, zip(*columns, strict=True)), changes)

    def _rows(self) -> Iterator[Edit]:
        for start, end, which in zip(*self._lists(), strict=True):
            yield Edit(Span(start, end), self.text[start:end], *self.changes[which])

    def _lists(self) -> tuple[list[int], list[int], list[int]]:
        return self.starts.tolist(), self.ends.tolist(), self.which.tolist()

    def __len__(self) -> int:
        return len(self.starts)

    def taken(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> ManyEdits:
        """Return those at some places, or those that are marked.

        >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "")])
        >>> len(edits.taken(np.array([False])))
        0
        """
        columns = (self.starts[rows], self.ends[rows], self.which[rows])
        return ManyEdits(self.text, *columns, self.changes)

    @property
    def applied(self) -> str:
        """The text with all edits made."""
        if self._applied is None:
            starts, ends, which = self._lists()
            text, ends = self.text, [0, *ends]
            starts.append(len(text))
            kept = [text[start:end] for start, end in zip(ends, starts, strict=True)]
            afters = [change.after for change in self.changes]
            if any(afters):
                made = map(afters.__getitem__, which)
                kept = [*chain.from_iterable(zip(kept, made, strict=False)), kept[-1]]
            self._applied = "".join(kept)
        return self._applied

    def changed(self, change: Callable[[Change], Change]) -> ManyEdits:
        """Return edits of the same places that do something else, or for another reason.

        >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "")])
        >>> edits.changed(lambda change: change._replace(rule="s"))[0].rule
        's'
        """
        columns = (self.starts, self.ends, self.which)
        return ManyEdits(self.text, *columns, list(map(change, self.changes)))

    def those(self, wanted: Callable[[Change], bool]) -> ManyEdits:
        """Return the edits of which that holds; all of them if it does of all.

        >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "")])
        >>> edits.those(lambda change: change.rule == "r") is edits
        True
        """
        marked = np.array([wanted(change) for change in self.changes], np.bool_)
        return self if marked.all() else self.taken(marked.take(self.which))

    def _grown(self) -> NDArray[np.intp]:
        """By how much each edit lengthens the text."""
        lengths = np.array([len(change.after) for change in self.changes], np.intp)
        return lengths.take(self.which) - (self.ends - self.starts)

    def check(self, text: str, stage: str) -> None:
        """Raise `StageError` when they are no edits of a text, or overlap.

        >>> ManyEdits.of("中", []).check("中", "repair")
        """
        bounds = np.stack((self.starts, self.ends), axis=1).ravel()
        in_order = not len(bounds) or (bounds[0] >= 0 and bounds[-1] <= len(text))
        if text != self.text or not in_order or (bounds[1:] < bounds[:-1]).any():
            raise StageError("edits overlap, or are of another text", stage=stage)

    def merged(self, others: ManyEdits) -> ManyEdits:
        """Put in edits of the same text that neither overlap these nor one another.

        >>> one, other = (Edit(Span(n, n + 1), "中", "文", "r", 1.0, "") for n in range(2))
        >>> ManyEdits.of("中中", [other]).merged(ManyEdits.of("中中", [one])).applied
        '文文'
        """
        if not len(others):
            return self
        starts = np.concatenate((self.starts, others.starts))
        order = starts.argsort(kind="stable")
        ends = np.concatenate((self.ends, others.ends))
        which = np.concatenate((self.which, others.which + len(self.changes)))
        changes = [*self.changes, *others.changes]
        return ManyEdits(self.text, starts[order], ends[order], which[order], changes)

    def then(self, edits: Iterable[Edit]) -> ManyEdits:
        """Return edits of the text that do what these do and then, to what comes out, others.

        >>> first = ManyEdits.of("甲乙丙", [Edit(Span(0, 2), "甲乙", "", "r", 1.0, "")])
        >>> first.then(ManyEdits.of("丙", [Edit(Span(0, 1), "丙", "丁", "r", 1.0, "")])).applied
        '丁'

        As `zhfix.edits.compose` does, which puts together those that touch.
        """
        second = ManyEdits.of(self.applied, edits)
        if not len(second):
            return self
        shifts = np.concatenate(([0], self._grown().cumsum()))
        ends = self.ends + shifts[1:]
        starts = self.starts + shifts[:-1]
        before = ends.searchsorted(second.starts, "right")
        low, high = before, starts.searchsorted(second.ends)
        # Something is inserted at the end of what is there.
        inserted = second.starts == second.ends
        if inserted.any():
            low = np.where(inserted, ends.searchsorted(second.starts), low)
            high = np.where(inserted, starts.searchsorted(second.ends, "right"), high)
        touching = low < high
        alone = second.taken(~touching)
        back = shifts.take(before[~touching])
        alone = ManyEdits(
            self.text, alone.starts - back, alone.ends - back, alone.which, second.changes
        )
        if not touching.any():
            return self.merged(alone)
        marks = np.zeros(len(self) + 1, np.intp)
        np.add.at(marks, low[touching], 1)
        np.add.at(marks, high[touching], -1)
        touched = marks[:-1].cumsum() > 0
        # What the others do is undone in the places of those that touch.
        others = np.concatenate(([0], np.where(touched, 0, self._grown()).cumsum()))
        moves = others.take(low[touching]).tolist()
        later = [
            replace(edit, span=moved(edit.span, -by))
            for edit, by in zip(second.taken(touching), moves, strict=True)
        ]
        together = ManyEdits.of(self.text, compose(self.text, list(self.taken(touched)), later))
        return self.taken(~touched).merged(together).merged(alone)

    def revised(self, document: Document, stage: str, min_confidence: float) -> Document:
        """Make those in a document that are sure enough."""
        accepted = self.those(lambda change: change.confidence >= min_confidence)
        declined = self.those(lambda change: change.confidence < min_confidence)
        accepted.check(document.text, stage)
        findings = tuple(accepted.carried(held_findings(document)))
        done = Revision(stage, accepted, tuple(declined))
        revisions = (*document.revisions, done)
        return Document(
            accepted.applied, document.encoding, document.place, findings, revisions
        )

    def carried(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Move findings to the text after these edits; drop those that an edit touches.

        >>> edits = ManyEdits.of("中文", [Edit(Span(0, 1), "中", "", "r", 1.0, "")])
        >>> [f.span for f in edits.carried([Finding(Span(1, 2), "r", 1.0, "")])]
        [Span(start=0, end=1)]
        """
        if isinstance(findings, ManyFindings):
            findings = findings.untouched(self)
        found = sorted(findings, key=lambda finding: finding.span)
        if not found:
            return
        starts = np.array([finding.span.start for finding in found])
        before = self.ends.searchsorted(starts, "right")
        shifts = np.concatenate(([0], self._grown().cumsum())).take(before).tolist()
        next_start = np.append(self.starts, len(self.text) + 1).take(before).tolist()
        for finding, shift, limit in zip(found, shifts, next_start, strict=True):
            if limit >= finding.span.end:
                yield replace(finding, span=moved(finding.span, shift))

    def stretches(self, apart: int) -> list[tuple[int, int]]:
        """Return where the text after them was changed; those so far apart or less are one.

        >>> edits = [Edit(Span(n, n + 1), "中", "", "r", 1.0, "") for n in (0, 2, 9)]
        >>> ManyEdits.of("中" * 10, edits).stretches(2)
        [(0, 1), (7, 7)]
        """
        ends = self.ends + self._grown().cumsum()
        starts = self.starts + ends - self.ends - self._grown()
        breaks = np.flatnonzero(starts[1:] - ends[:-1] > apart)
        firsts = starts.take(np.append(0, breaks + 1)).tolist()
        lasts = ends.take(np.append(breaks, len(ends) - 1)).tolist()
        return list(zip(firsts, lasts, strict=True))

    def with_others(self, edits: Iterable[Edit]) -> ManyEdits:
        """Put in sorted edits that do not overlap these.

        >>> edits = ManyEdits.of("中", [])
        >>> edits.with_others([]) is edits
        True
        """
        return self.merged(ManyEdits.of(self.text, edits))

    def between(self, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Tell of stretches of the text which of them no edit overlaps.

        >>> edits = ManyEdits.of("中文字", [Edit(Span(0, 1), "中", "", "r", 1.0, "")])
        >>> edits.between(np.array([0, 1]), np.array([1, 2])).tolist()
        [False, True]
        """
        before = self.ends.searchsorted(starts, "right")
        free: NDArray[np.bool_] = before >= self.starts.searchsorted(ends)
        return free

    def before(
        self, starts: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Tell of stretches of the text after these edits where they began before them.

        >>> edits = ManyEdits.of("中文字", [Edit(Span(0, 1), "中", "", "r", 1.0, "")])
        >>> [column.tolist() for column in edits.before(np.array([0, 1]), np.array([1, 2]))]
        [[1, 2], [False, True]]

        The second tells which of them no edit overlaps or meets.
        """
        grown = self._grown()
        shifts = np.concatenate(([0], grown.cumsum()))
        own_ends = self.ends + shifts[1:]
        own_starts = self.starts + shifts[:-1]
        after = own_ends.searchsorted(starts, "right")
        clear = own_ends.searchsorted(starts) >= own_starts.searchsorted(ends, "right")
        return starts - shifts.take(after), clear

    def apart(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """Yield those of others that neither overlap nor meet one of these.

        >>> edits = ManyEdits.of("中文字", [Edit(Span(0, 1), "中", "", "r", 1.0, "")])
        >>> len(list(edits.apart([Edit(Span(n, n + 1), "文", "", "r", 1.0, "") for n in (1, 2)])))
        1
        """
        others = list(edits)
        bounds = np.array([edit.span for edit in others], np.intp).reshape(-1, 2)
        clear = self.between(bounds[:, 0] - 1, bounds[:, 1] + 1)
        return compress(others, clear.tolist())


class ManyFindings(ManyRemarks[Finding]):
    """What was seen where many edits are proposed, and what others saw before and behind that.

    >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "why")])
    >>> ManyFindings(edits)[0].reason
    'why'
    """

    __slots__ = ("edits", "head", "tail")

    def __init__(
        self, edits: ManyEdits, tail: Sequence[Finding] = (), head: Sequence[Finding] = ()
    ) -> None:
        super().__init__()
        self.edits = edits
        self.head = head
        self.tail = tail

    def _rows(self) -> Iterator[Finding]:
        yield from self.head
        starts, ends, which = self.edits._lists()
        for start, end, number in zip(starts, ends, which, strict=True):
            change = self.edits.changes[number]
            yield Finding(Span(start, end), change.rule, change.confidence, change.reason)
        yield from self.tail

    def __len__(self) -> int:
        return len(self.head) + len(self.edits) + len(self.tail)

    def of_rules(self, wanted: Callable[[str], bool]) -> ManyFindings:
        """Return those of rules that are wanted; all of them if all are.

        >>> findings = ManyFindings(ManyEdits.of("", ()))
        >>> findings.of_rules("r".startswith) is findings
        True
        """
        known = {rule: wanted(rule) for rule in {change.rule for change in self.edits.changes}}
        others = {finding.rule for finding in (*self.head, *self.tail)}
        if all(known.values()) and all(map(wanted, others)):
            return self
        return ManyFindings(
            self.edits.those(lambda change: known[change.rule]),
            tail=[finding for finding in self.tail if wanted(finding.rule)],
            head=[finding for finding in self.head if wanted(finding.rule)],
        )

    def beside(
        self, *, head: Sequence[Finding] = (), tail: Sequence[Finding] = ()
    ) -> ManyFindings:
        """Put others before and behind them.

        >>> edits = ManyEdits.of("", ())
        >>> len(ManyFindings(edits).beside(tail=[Finding(Span(0, 0), "r", 1.0, "")]))
        1
        """
        return ManyFindings(self.edits, [*self.tail, *tail], [*head, *self.head])

    def untouched(self, edits: ManyEdits) -> list[Finding]:
        """Return those that edits of the same text neither change nor remove.

        >>> edits = ManyEdits.of("中", [Edit(Span(0, 1), "中", "文", "r", 1.0, "why")])
        >>> ManyFindings(edits).untouched(edits)
        []
        """
        if edits is self.edits:
            return [*self.head, *self.tail]
        own = self.edits
        following = np.append(edits.starts, len(own.text) + 1)
        left = following.take(edits.ends.searchsorted(own.starts, "right")) >= own.ends
        return [*self.head, *ManyFindings(own.taken(left), self.tail)]

    def revised(self, document: Document, stage: str, min_confidence: float) -> Document:
        """Record them in a document."""
        self.edits.check(document.text, stage)
        for finding in (*self.head, *self.tail):
            check_finding(document.text, finding, stage)
        held = held_findings(document)
        findings = tuple(dict.fromkeys((*held, *self))) if held else self
        return Document(
            document.text, document.encoding, document.place, findings, document.revisions
        )
