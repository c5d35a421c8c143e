"""Pure functions on lists of edits: check, apply, undo, compose, trace, carry, refine.

An edit list is sorted by `span`, and its spans neither overlap nor share an insertion point.
Coordinates are code points of the text *before* the list is applied.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from zhfix.errors import StageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zhfix.document import Edit, Finding

#: Longer texts than this are refined only by their common ends: `SequenceMatcher` is quadratic.
REFINE_LIMIT = 20_000


def check(text: str, edits: Iterable[Edit], stage: str) -> list[Edit]:
    """Return the edits in order; raise `StageError` when they contradict the text."""
    ordered = sorted(edits, key=lambda edit: edit.span)
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
        moved = type(finding.span)(start + shift, end + shift)
        yield finding if shift == 0 else replace(finding, span=moved)


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

    `second` counts in the text after `first`. Edits of `second` that touch edits of `first`
    are merged with them into one; the merged edit takes rule and reason of the less sure.
    """
    middle = apply(text, first)
    groups: list[list[tuple[int, int, Edit, bool]]] = []
    marks = sorted(
        [(*_after_span(edit, shift), edit, True) for edit, shift in _with_shift(first)]
        + [(*edit.span, edit, False) for edit in second],
        key=lambda mark: (mark[0], mark[1]),
    )
    reach = -1
    for mark in marks:
        if groups and (mark[0] < reach or (mark[0] == reach and _empty(mark, groups[-1]))):
            groups[-1].append(mark)
            reach = max(reach, mark[1])
        else:
            groups.append([mark])
            reach = mark[1]
    composed: list[Edit] = []
    for group in groups:
        start = min(mark[0] for mark in group)
        end = max(mark[1] for mark in group)
        before_start, before_end = _untouched_origin(start, end, first, group)
        if len(group) == 1:
            edit = group[0][2]
            span = type(edit.span)(before_start, before_end)
            composed.append(edit if edit.span == span else replace(edit, span=span))
            continue
        inner = [
            replace(edit, span=type(edit.span)(edit.span.start - start, edit.span.end - start))
            for *_, edit, is_first in group
            if not is_first
        ]
        after = apply(middle[start:end], inner)
        before = text[before_start:before_end]
        if before != after:
            weakest = min((mark[2] for mark in group), key=lambda edit: edit.confidence)
            span = type(weakest.span)(before_start, before_end)
            composed.append(replace(weakest, span=span, before=before, after=after))
    return composed


def _empty(mark: tuple[int, int, Edit, bool], group: list[tuple[int, int, Edit, bool]]) -> bool:
    """Whether two adjacent marks must merge because one of them is only a point."""
    return mark[0] == mark[1] or any(other[0] == other[1] == mark[0] for other in group)


def _with_shift(edits: Iterable[Edit]) -> Iterator[tuple[Edit, int]]:
    shift = 0
    for edit in edits:
        yield edit, shift
        shift += len(edit.after) - len(edit.before)


def _after_span(edit: Edit, shift: int) -> tuple[int, int]:
    start = edit.span.start + shift
    return start, start + len(edit.after)


def _untouched_origin(
    start: int, end: int, first: Sequence[Edit], group: list[tuple[int, int, Edit, bool]]
) -> tuple[int, int]:
    """Map a span whose borders no edit of `first` straddles back through `first`."""
    members = [mark[2] for mark in group if mark[3]]
    shift = 0
    inside = 0
    for edit in first:
        change = len(edit.after) - len(edit.before)
        if any(edit is member for member in members):
            inside += change
        elif edit.span.start + shift + len(edit.after) <= start and not inside:
            shift += change
        else:
            break
    return start - shift, end - shift - inside


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
