"""Where another layer of damage may lie: around what the last layer changed.

A long text with one damaged line in it need not be searched whole a second time.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from zhfix.document import Span
from zhfix.edits import ManyRemarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zhfix.document import Edit
    from zhfix.many import ManyEdits

__all__ = ["Excerpt", "around", "whole"]

#: Code points on either side of a change that are searched again, and to the ends of their lines
#: where those are not as far again.
REACH = 1000
#: Where more than this share of a text lies near a change, all of it is searched.
MOST = 0.5


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Passages of a text, a line end between them; `spans` say where they stand in it."""

    text: str
    spans: tuple[Span, ...]
    starts: tuple[int, ...]

    def back(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """Move edits of the passages to where they stand in the text.

        >>> from zhfix.document import Edit
        >>> excerpt = Excerpt("文件\\n目录", (Span(10, 12), Span(20, 22)), (0, 3))
        >>> [edit.span for edit in excerpt.back([Edit(Span(3, 4), "目", "木", "r", 1.0, "")])]
        [Span(start=20, end=21)]

        One that reaches over the end of a passage is dropped.
        """
        for edit in edits:
            which = bisect_right(self.starts, edit.span.start) - 1
            shift = self.spans[which].start - self.starts[which]
            if edit.span.end + shift <= self.spans[which].end:
                yield replace(edit, span=Span(edit.span.start + shift, edit.span.end + shift))


def whole(text: str) -> Excerpt:
    """Return a text as the only passage of itself.

    >>> whole("中文").spans
    (Span(start=0, end=2),)
    """
    return Excerpt(text, (Span(0, len(text)),), (0,))


def around(text: str, edits: Sequence[Edit]) -> Excerpt:
    """Return the passages of a text in which sorted edits, which count in it before, were made.

    >>> from zhfix.document import Edit
    >>> text = "很好。\\n" * 1000
    >>> around(text, [Edit(Span(0, 2), "", "很好", "r", 1.0, "")]).spans
    (Span(start=0, end=1004),)
    """
    spans: list[Span] = []
    for start, end in _changed(edits):
        low, high = max(start - REACH, 0), min(end + REACH, len(text))
        low = text.rfind("\n", max(low - REACH, 0), low) + 1 or low
        high = text.find("\n", high, high + REACH) + 1 or high
        if spans and low <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(high, spans[-1].end))
        else:
            spans.append(Span(low, high))
    if sum(end - start for start, end in spans) > MOST * len(text):
        spans = [Span(0, len(text))]
    starts = [0]
    for span in spans[:-1]:
        starts.append(starts[-1] + span.end - span.start + 1)
    passages = [text[start:end] for start, end in spans]
    return Excerpt("\n".join(passages), tuple(spans), tuple(starts))


def _changed(edits: Sequence[Edit]) -> Iterable[tuple[int, int]]:
    """Return the stretches that edits changed, in the text after them."""
    if isinstance(edits, ManyRemarks):
        return cast("ManyEdits", edits).stretches(2 * REACH)
    spans: list[tuple[int, int]] = []
    shift = 0
    for edit in edits:
        start = edit.span.start + shift
        spans.append((start, start + len(edit.after)))
        shift += len(edit.after) - len(edit.before)
    return spans
