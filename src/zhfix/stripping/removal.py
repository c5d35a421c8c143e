"""What goes and why, as edits: lines with their line ends, and the blank lines they set off."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from zhfix.document import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zhfix.stripping.lines import Lines
    from zhfix.stripping.rules import Rule


class Removal(NamedTuple):
    """Why a line goes."""

    rule: str
    reason: str
    confidence: float


def by(rule: Rule) -> Removal:
    """Return the removal that a rule asks for."""
    return Removal(rule.id, rule.reason, rule.confidence)


def edits(
    lines: Lines,
    gone: Mapping[int, Removal],
    spans: Sequence[tuple[int, int, Removal]] = (),
) -> Iterator[Edit]:
    """Yield the edits that remove these lines, and these spans of the lines that stay."""
    if not (gone or spans):
        return
    text, starts = lines.text, lines.starts
    for first, last, removal in _runs(lines, gone):
        yield _edit(text, starts[first], starts[last], removal)
    for start, end, removal in spans:
        if bisect_right(starts, start) - 1 not in gone:
            yield _edit(text, start, end, removal)


def _edit(text: str, start: int, end: int, removal: Removal) -> Edit:
    before = text[start:end]
    return Edit(Span(start, end), before, "", removal.rule, removal.confidence, removal.reason)


def _runs(lines: Lines, gone: Mapping[int, Removal]) -> Iterator[tuple[int, int, Removal]]:
    """Return stretches of lines that go by the same rule, blank lines included."""
    if not gone:
        return
    doomed = dict(gone)
    count = len(lines)
    blank_before = True
    index = 0
    while index < count:
        if index in gone:
            end = index + 1
            while end < count and not lines.shadow(end) and end not in gone:
                end += 1
            # Blank lines after a removed line go if a blank line (or the head) stands before it,
            # or another line that goes (or the end) comes after them.
            if blank_before or end == count or end in gone:
                doomed.update(dict.fromkeys(range(index + 1, end), gone[index]))
                index = end
                continue
        else:
            blank_before = not lines.shadow(index)
        index += 1
    _tidy_ends(lines, doomed)
    yield from _grouped(sorted(doomed.items()))


def _tidy_ends(lines: Lines, doomed: dict[int, Removal]) -> None:
    """Let blank lines outside the work go too, at an end where something goes."""
    kept = [i for i in range(len(lines)) if i not in doomed and lines.shadow(i)]
    first, last = (kept[0], kept[-1]) if kept else (len(lines), -1)
    for outside in (range(first), range(last + 1, len(lines))):
        going = [index for index in outside if index in doomed]
        if going:
            for index in outside:
                doomed.setdefault(index, doomed[going[0]])


def _grouped(doomed: list[tuple[int, Removal]]) -> Iterator[tuple[int, int, Removal]]:
    start = 0
    for position in range(1, len(doomed) + 1):
        if (
            position == len(doomed)
            or doomed[position][0] != doomed[position - 1][0] + 1
            or doomed[position][1] != doomed[start][1]
        ):
            yield doomed[start][0], doomed[position - 1][0] + 1, doomed[start][1]
            start = position
