"""The stage that repairs damage: findings in, edits out, layer by layer."""

from __future__ import annotations

import sys
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhfix.document import Document
from zhfix.edits import apply, check, compose
from zhfix.pipeline import MIN_CONFIDENCE
from zhfix.repairing.channels import all_channels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.document import Edit, Finding
    from zhfix.stages import Stage

__all__ = ["Repair", "stage"]

#: Layers of damage that are peeled; the deepest seen in the wild is three.
MOST_LAYERS = 5


@dataclass(frozen=True, slots=True)
class Repair:
    """Repair what was found, then look again at what came out, until nothing changes.

    >>> from zhfix.document import Document
    >>> Repair()(Document("干净的文字"))
    ()
    """

    min_confidence: float = MIN_CONFIDENCE

    def __call__(self, document: Document) -> Iterable[Edit]:
        """Propose edits of the document's text that undo all layers together."""
        text = document.text
        first = _proposals(text, document.findings or _findings(text))
        composed = self._sure(text, first)
        unsure = [edit for edit in first if edit.confidence < self.min_confidence]
        if not composed:
            return tuple(unsure)
        for _ in range(MOST_LAYERS - 1):
            peeled = apply(text, composed)
            deeper = self._sure(peeled, _proposals(peeled, _findings(peeled)))
            if not deeper:
                break
            composed = compose(text, composed, deeper)
        return (*composed, *_apart(unsure, composed))

    def _sure(self, text: str, edits: Iterable[Edit]) -> list[Edit]:
        """Keep the edits that are sure enough, and of those that overlap the first."""
        sure = sorted(
            (edit for edit in edits if edit.confidence >= self.min_confidence),
            key=lambda edit: edit.span,
        )
        kept: list[Edit] = []
        for edit in sure:
            if (
                not kept
                or kept[-1].span.end < edit.span.start
                or (kept[-1].span.end == edit.span.start and edit.before)
            ):
                kept.append(edit)
        return check(text, kept, "repair")


def stage(*, min_confidence: float = MIN_CONFIDENCE) -> Stage:
    """Make the `repair` stage; less sure repairs are proposed but do not lead to others.

    >>> stage()
    Repair(min_confidence=0.5)
    """
    return Repair(min_confidence)


def _findings(text: str) -> list[Finding]:
    return [finding for channel in all_channels() for finding in channel.detect(text)]


def _proposals(text: str, findings: Iterable[Finding]) -> list[Edit]:
    """Ask every channel for edits of its own findings; earlier channels have precedence."""
    found = list(findings)
    edits: list[Edit] = []
    for channel in all_channels():
        own = [finding for finding in found if finding.rule in channel.rules]
        if own:
            edits += _apart(channel.repair(text, own), edits)
    return edits


def _apart(edits: Iterable[Edit], others: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits that neither overlap nor meet one of the others."""
    taken = sorted(edit.span for edit in others)
    for edit in edits:
        start, end = edit.span
        after = bisect_right(taken, (end, sys.maxsize))
        if after == 0 or taken[after - 1].end < start:
            yield edit
