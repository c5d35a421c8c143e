"""A text before and after, with every edit marked and explained where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhfix.document import Edit
from zhfix.edits import undo
from zhfix.pages.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from zhfix.document import Document, Finding

__all__ = ["StageView", "changes", "compared", "explained", "open_findings", "stage_views"]

#: Unchanged code points that are shown on either side of an edit.
AROUND = 60
#: Edits that one view shows; the rest is counted.
MOST = 300
#: An edit longer than this is shown as its minimal runs.
LONG = 40


@dataclass(frozen=True, slots=True)
class StageView:
    """What one stage did: the text it got, and its edits."""

    name: str
    before: str
    edits: Sequence[Edit]
    declined: Sequence[Edit]


def stage_views(document: Document) -> list[StageView]:
    """Return what each stage did, first to last.

    >>> import zhfix
    >>> [view.name for view in stage_views(zhfix.explain("網(wǎng)絡(luò)與網(wǎng)絡(luò)"))]
    ['repair']
    """
    views: list[StageView] = []
    text = document.text
    for revision in reversed(document.revisions):
        text = undo(text, revision.edits)
        views.append(StageView(revision.stage, text, revision.edits, revision.declined))
    return views[::-1]


def changes(edits: Sequence[Edit]) -> list[Edit]:
    """Return edits as people look at them: long ones as their minimal runs.

    >>> from zhfix.document import Edit, Span
    >>> whole = Edit(Span(0, 90), "漢" + "中" * 88 + "語", "汉" + "中" * 88 + "语", "r", 1, "")
    >>> len(changes([whole]))
    2
    """
    return [
        small
        for edit in edits
        for small in (edit.refine() if edit.after and len(edit.before) > LONG else (edit,))
    ]


def compared(text: str, edits: Sequence[Edit], *, prefix: str) -> str:
    """Return HTML of a text and what became of it, side by side, cut to what changed.

    Each edit can be reached by keyboard; what it did and why stands in its tooltip. `prefix`
    makes the ids of the tooltips unique in the page.
    """
    every = changes(edits)
    before: list[str] = []
    after: list[str] = []
    done = 0
    for number, (start, edit, end) in enumerate(_windows(len(text), every[:MOST])):
        gap = _GAP if start > done else ""
        head, tail = visible(text[start : edit.span.start]), visible(text[edit.span.end : end])
        tip = f"{prefix}-{number}"
        before += (gap, head, _marked("del", edit.before, edit, f"{tip}b"), tail)
        after += (gap, head, _marked("ins", edit.after, edit, f"{tip}a"), tail)
        done = end
    if done < len(text):
        before.append(_GAP)
        after.append(_GAP)
    more = (
        f'<p class="more">{len(every) - MOST:,} more edits are not shown.</p>'
        if len(every) > MOST
        else ""
    )
    return (
        '<div class="pair">'
        f'<div><h4>Before</h4><div class="text" lang="zh">{"".join(before)}</div></div>'
        f'<div><h4>After</h4><div class="text" lang="zh">{"".join(after)}</div></div>'
        f"</div>{more}"
    )


_GAP = '<span class="gap"> … </span>'


def _windows(size: int, edits: Sequence[Edit]) -> Iterator[tuple[int, Edit, int]]:
    """Yield each edit with the stretch around it that is shown: none is shown twice."""
    done = 0
    for number, edit in enumerate(edits):
        start = max(done, edit.span.start - AROUND)
        following = edits[number + 1].span.start if number + 1 < len(edits) else size
        done = min(edit.span.end + AROUND, following, size)
        yield start, edit, done


def _marked(tag: str, text: str, edit: Edit, name: str) -> str:
    """Mark what an edit removed or wrote, with its tooltip."""
    shown = visible(text) or '<span class="nothing"><span class="spoken">nothing</span></span>'
    return (
        f'<span class="edit" tabindex="0" aria-describedby="{name}"><{tag}>{shown}</{tag}>'
        f'<span class="tip" role="tooltip" id="{name}">{explained(edit)}</span></span>'
    )


def explained(remark: Edit | Finding) -> str:
    """Return HTML that tells the rule, how sure it is, how it is proven, and the reason.

    >>> from zhfix.document import Finding, Span
    >>> explained(Finding(Span(0, 1), "damage/replacement", 0.98, "bytes are gone"))
    '<b>damage/replacement</b> 98 % sure<br>bytes are gone'
    """
    proof = f", {remark.proof}" if isinstance(remark, Edit) and remark.proof else ""
    sure = f"{remark.confidence * 100:.3g} % sure{proof}"
    return f"<b>{visible(remark.rule)}</b> {sure}<br>{visible(remark.reason)}"


def open_findings(document: Document) -> str:
    """Return HTML of a text's open findings, each with what stands around it."""
    items = []
    for finding in document.findings[:MOST]:
        start, end = finding.span
        shown = min(end, start + LONG)
        around = (
            f"{visible(document.text[max(0, start - 20) : start])}"
            f"<mark>{visible(document.text[start:shown])}</mark>"
            f"{visible(document.text[shown : shown + 20])}"
        )
        items.append(
            f'<li><span class="text" lang="zh">{around}</span><br>{explained(finding)}</li>'
        )
    left = len(document.findings) - len(items)
    if left > 0:
        items.append(f"<li>… and {left:,} more</li>")
    return f'<ul class="findings">{"".join(items)}</ul>' if items else ""
