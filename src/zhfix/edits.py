"""Pure functions on lists of edits: check, apply, undo, compose, trace, carry, refine.

An edit list is sorted by `span`, and its spans neither overlap nor share an insertion point.
Coordinates are code points of the text *before* the list is applied.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast, overload

from zhfix.errors import StageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.document import Edit, Finding, Span
    from zhfix.many import ManyEdits

T = TypeVar("T")

#: Longer texts than this are refined only by their common ends: `SequenceMatcher` is quadratic.
REFINE_LIMIT = 20_000


_SPAN = attrgetter("span")


class ManyRemarks(Sequence[T]):
    """Edits or findings that are made only when someone looks; `zhfix.many` has both.

    To whoever looks it is a tuple: equal to one, hashed, shown and pickled as one.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: tuple[T, ...] | None = None

    @abstractmethod
    def _rows(self) -> Iterator[T]:
        """Make them one by one."""

    def _all(self) -> tuple[T, ...]:
        if self._made is None:
            self._made = tuple(self._rows())
        return self._made

    def __iter__(self) -> Iterator[T]:
        return iter(self._all())

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[T, ...]: ...
    def __getitem__(self, place: int | slice) -> T | tuple[T, ...]:
        return self._all()[place]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ManyRemarks):
            return other is self or self._all() == other._all()
        return self._all() == other

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[type[tuple[T, ...]], tuple[tuple[T, ...]]]:
        return tuple, (self._all(),)


def check(text: str, edits: Iterable[Edit], stage: str) -> list[Edit]:
    """Return the edits in order; raise `StageError` when they contradict the text."""
    ordered = sorted(edits, key=_SPAN)
    last_end = -1
    for edit in ordered:
        start, end = edit.span
        if not 0 <= start <= end <= len(text):
            raise StageError(
                f"edit {edit.rule!r} has span {start}:{end} outside the text of {len(text)}",
                stage=stage,
                edit=edit,
            )
        if text[start:end] != edit.before:
            raise StageError(
                f"edit {edit.rule!r} expects {edit.before[:40]!r} at {start}:{end}, "
                f"but the text has {text[start:end][:40]!r}",
                stage=stage,
                edit=edit,
            )
        if start < last_end or (start == end == last_end):
            raise StageError(
                f"edit {edit.rule!r} at {start}:{end} overlaps the one before it",
                stage=stage,
                edit=edit,
            )
        last_end = end
    return ordered


def check_finding(text: str, finding: Finding, stage: str) -> None:
    """Raise `StageError` when a finding's span is not inside the text."""
    start, end = finding.span
    if not 0 <= start <= end <= len(text):
        raise StageError(
            f"finding {finding.rule!r} has span {start}:{end} outside the text of {len(text)}",
            stage=stage,
        )


def apply(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with all edits made."""
    if isinstance(edits, ManyRemarks):
        return cast("ManyEdits", edits).applied
    parts: list[str] = []
    done = 0
    for edit in edits:
        parts += (text[done : edit.span.start], edit.after)
        done = edit.span.end
    parts.append(text[done:])
    return "".join(parts)


def undo(text: str, edits: Sequence[Edit]) -> str:
    """Return the text as it was before `apply`."""
    parts: list[str] = []
    done = 0
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        parts += (text[done:start], edit.before)
        done = start + len(edit.after)
        shift += len(edit.after) - len(edit.before)
    parts.append(text[done:])
    return "".join(parts)


def carry_forward(findings: Iterable[Finding], edits: Sequence[Edit]) -> Iterator[Finding]:
    """Move findings to the text after the edits; drop those that an edit touches."""
    ordered = sorted(findings, key=lambda finding: finding.span)
    position = 0
    shift = 0
    for finding in ordered:
        start, end = finding.span
        while position < len(edits) and edits[position].span.end <= start:
            # An insertion at the very start of a finding stands before it.
            shift += len(edits[position].after) - len(edits[position].before)
            position += 1
        if position < len(edits) and edits[position].span.start < end:
            continue
        yield finding if shift == 0 else replace(finding, span=moved(finding.span, shift))


def apart(edits: Iterable[Edit], others: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits that neither overlap nor meet one of the others."""
    if isinstance(others, ManyRemarks):
        yield from cast("ManyEdits", others).apart(edits)
        return
    taken = sorted(edit.span for edit in others)
    for edit in edits:
        start, end = edit.span
        after = bisect_right(taken, (end, sys.maxsize))
        if after == 0 or taken[after - 1].end < start:
            yield edit


def trace_back(span: tuple[int, int], edits: Sequence[Edit]) -> tuple[int, int]:
    """Map a span of the text after the edits to the text before them."""
    return _trace(span[0], edits, at_end=False), _trace(span[1], edits, at_end=True)


def _trace(offset: int, edits: Sequence[Edit], *, at_end: bool) -> int:
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        end = start + len(edit.after)
        if offset < start or (offset == start and at_end):
            break
        if offset < end or (offset == end and at_end):
            if len(edit.before) == len(edit.after):
                break
            if offset == end and at_end:
                return edit.span.end
            return edit.span.end if at_end else edit.span.start
        shift += len(edit.after) - len(edit.before)
    return offset - shift


def compose(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Return edits of `text` that do what `first` and then `second` do.

    `second` counts in the text after `first`. Edits that touch are merged into one, which
    takes its rule and reason from the less sure of them.
    """
    middle = apply(text, first)
    composed: list[Edit] = []
    shift = 0
    for group in _touching(first, second):
        if len(group) == 1:  # nearly all: touched by no other
            mark = group[0]
            edit = mark.edit
            if not mark.from_first:
                edit = replace(edit, span=moved(edit.span, -shift))
            shift += mark.change
            composed += [edit] if edit.before != edit.after else []
            continue
        start, end = group[0].start, max(mark.end for mark in group)
        inside = sum(mark.change for mark in group)
        origin = (start - shift, end - shift - inside)
        shift += inside
        later = [
            replace(mark.edit, span=moved(mark.edit.span, -start))
            for mark in group
            if not mark.from_first
        ]
        before = text[origin[0] : origin[1]]
        after = apply(middle[start:end], later)
        if before != after:
            weakest = min((mark.edit for mark in group), key=lambda edit: edit.confidence)
            span = type(weakest.span)(*origin)
            composed.append(replace(weakest, span=span, before=before, after=after))
    return composed


class _Mark(NamedTuple):
    """An edit of either list, placed in the text between the two."""

    start: int
    end: int
    edit: Edit
    from_first: bool
    change: int


def _touching(first: Sequence[Edit], second: Sequence[Edit]) -> Iterator[list[_Mark]]:
    """Group the edits of both lists that overlap, or where one inserts at another's end."""
    marks = [_Mark(*edit.span, edit, from_first=False, change=0) for edit in second]
    shift = 0
    for edit in first:
        change = len(edit.after) - len(edit.before)
        start = edit.span.start + shift
        marks.append(_Mark(start, start + len(edit.after), edit, from_first=True, change=change))
        shift += change
    group: list[_Mark] = []
    reach = -1
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        if group and not (mark.start < reach or (mark.start == reach and not mark.edit.before)):
            yield group
            group = []
        group.append(mark)
        reach = max(reach, mark.end)
    if group:
        yield group


def moved(span: Span, by: int) -> Span:
    """Return the span so many code points further on.

    >>> from zhfix.document import Span
    >>> moved(Span(1, 3), 2)
    Span(start=3, end=5)
    """
    return type(span)(span.start + by, span.end + by)


def minimal_runs(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, replacement) for the runs in which two texts differ."""
    if len(before) == len(after):
        yield from _differing_runs(before, after)
        return
    if len(before) + len(after) > REFINE_LIMIT:
        head = _common_prefix(before, after)
        tail = _common_prefix(before[head:][::-1], after[head:][::-1])
        yield head, len(before) - tail, after[head : len(after) - tail]
        return
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            yield start, end, after[other_start:other_end]


def _differing_runs(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    start = -1
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new:
            if start < 0:
                start = index
        elif start >= 0:
            yield start, index, after[start:index]
            start = -1
    if start >= 0:
        yield start, len(before), after[start:]


def _common_prefix(one: str, other: str) -> int:
    for index, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return index
    return min(len(one), len(other))
