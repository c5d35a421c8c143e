"""Many edits of one text, in columns: an `Edit` is made of a row only when someone looks.

A page of a spam mirror has hundreds of edits that differ in nothing but where they stand. What a
list of them answers row by row, columns answer at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, chain, compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.edits import ManyRemarks, compose, moved
from zhfix.errors import StageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Change", "ManyEdits"]


_NONE = np.zeros(0, np.intp)


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
        if not rows:
            return cls(text, _NONE, _NONE, _NONE, ())
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
        starts = [part.starts + start for start, part in parts]
        ends = [part.ends + start for start, part in parts]
        firsts = accumulate((len(part.changes) for _, part in parts), initial=0)
        which = [part.which + first for (_, part), first in zip(parts, firsts, strict=False)]
        changes = [change for _, part in parts for change in part.changes]
        return cls(
            text, np.concatenate(starts), np.concatenate(ends), np.concatenate(which), changes
        )

    def _rows(self) -> Iterator[Edit]:
        for start, end, change in self.rows():
            yield Edit(Span(start, end), self.text[start:end], *change)

    def rows(self) -> Iterator[tuple[int, int, Change]]:
        """Yield where each stands, and what it does."""
        columns = self.starts.tolist(), self.ends.tolist(), self.which.tolist()
        for start, end, which in zip(*columns, strict=True):
            yield start, end, self.changes[which]

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
            text = self.text
            bounds = zip([0, *self.ends.tolist()], [*self.starts.tolist(), len(text)], strict=True)
            kept = [text[start:end] for start, end in bounds]
            afters = [change.after for change in self.changes]
            if any(afters):
                made = map(afters.__getitem__, self.which.tolist())
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
        marked = list(map(wanted, self.changes))
        return self if all(marked) else self.taken(np.array(marked, np.bool_).take(self.which))

    def _grown(self) -> NDArray[np.intp]:
        """By how much each edit lengthens the text."""
        lengths = np.array([len(change.after) for change in self.changes], np.intp)
        return lengths.take(self.which) - (self.ends - self.starts)

    def shifts(self) -> NDArray[np.intp]:
        """Return by how much they move the text before each of them, and that behind the last.

        >>> ManyEdits.of("中文", [Edit(Span(0, 1), "中", "", "r", 1.0, "")]).shifts().tolist()
        [0, -1]
        """
        shifts = np.zeros(len(self) + 1, np.intp)
        self._grown().cumsum(out=shifts[1:])
        return shifts

    def check(self, text: str, stage: str) -> None:
        """Raise `StageError` when they are no edits of a text, or overlap.

        >>> ManyEdits.of("中", []).check("中", "repair")
        """
        bounds = np.stack((self.starts, self.ends), axis=1).ravel()
        in_order = not len(bounds) or (bounds[0] >= 0 and bounds[-1] <= len(text))
        if text != self.text or not in_order or (bounds[1:] < bounds[:-1]).any():
            raise StageError("edits overlap, or are of another text", stage=stage)

    def merged(self, edits: Iterable[Edit]) -> ManyEdits:
        """Put in sorted edits of the same text that neither overlap these nor one another.

        >>> one, other = (Edit(Span(n, n + 1), "中", "文", "r", 1.0, "") for n in range(2))
        >>> ManyEdits.of("中中", [other]).merged([one]).applied
        '文文'
        """
        others = ManyEdits.of(self.text, edits)
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
        shifts = self.shifts()
        ends, starts = self.ends + shifts[1:], self.starts + shifts[:-1]
        before = ends.searchsorted(second.starts, "right")
        low, high = before, starts.searchsorted(second.ends)
        # What is inserted touches where it meets another; `compose` sees what is one with it.
        inserted = second.starts == second.ends
        if inserted.any() or (self.starts == self.ends).any():
            low, high = ends.searchsorted(second.starts), starts.searchsorted(second.ends, "right")
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
        together = compose(self.text, list(self.taken(touched)), later)
        return self.taken(~touched).merged(together).merged(alone)

    def stretches(self, apart: int) -> list[tuple[int, int]]:
        """Return where the text after them was changed; those so far apart or less are one.

        >>> edits = [Edit(Span(n, n + 1), "中", "", "r", 1.0, "") for n in (0, 2, 9)]
        >>> ManyEdits.of("中" * 10, edits).stretches(2)
        [(0, 1), (7, 7)]
        """
        shifts = self.shifts()
        ends, starts = self.ends + shifts[1:], self.starts + shifts[:-1]
        breaks = np.flatnonzero(starts[1:] - ends[:-1] > apart)
        firsts = starts.take(np.append(0, breaks + 1)).tolist()
        lasts = ends.take(np.append(breaks, len(ends) - 1)).tolist()
        return list(zip(firsts, lasts, strict=True))

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
        shifts = self.shifts()
        own_ends, own_starts = self.ends + shifts[1:], self.starts + shifts[:-1]
        after = own_ends.searchsorted(starts, "right")
        clear = own_ends.searchsorted(starts) >= own_starts.searchsorted(ends, "right")
        return starts - shifts.take(after), clear

    def back(self, findings: Sequence[Finding]) -> list[Finding]:
        """Move findings of the text after these edits to where that stood before them.

        >>> edits = ManyEdits.of("中文字", [Edit(Span(0, 1), "中", "", "r", 1.0, "")])
        >>> edits.back([Finding(Span(1, 2), "r", 1.0, "")])[0].span
        Span(start=2, end=3)

        One that meets an edit is dropped.
        """
        if not findings:
            return []
        bounds = np.array([finding.span for finding in findings], np.intp)
        starts, clear = self.before(*bounds.T)
        moves = zip(findings, (starts - bounds[:, 0]).tolist(), clear.tolist(), strict=True)
        return [replace(one, span=moved(one.span, by)) for one, by, is_clear in moves if is_clear]

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
