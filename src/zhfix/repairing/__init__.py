"""The stage that repairs damage: findings in, edits out, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, cast, get_args

from zhfix.document import Document
from zhfix.edits import ManyRemarks, apart, apply, check, compose
from zhfix.errors import ConfigError, did_you_mean
from zhfix.pipeline import MIN_CONFIDENCE
from zhfix.repairing.channels import Lost, all_channels, beneath, channels, of_rules, suspected
from zhfix.repairing.layers import around, whole
from zhfix.rules import EVERY_RULE, Selection, selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from zhfix.document import Edit
    from zhfix.many import ManyEdits
    from zhfix.repairing.channels import Channel
    from zhfix.rows import Rows
    from zhfix.stages import Stage

__all__ = ["Repair", "stage"]

#: Layers of damage that are peeled; the deepest seen in the wild is three.
MOST_LAYERS = 5


@dataclass(frozen=True, slots=True)
class Proposals:
    """Edits of one text: many in columns, or others."""

    others: Sequence[Edit]
    many: ManyEdits | None = None

    def __bool__(self) -> bool:
        return bool(self.others or self.many)

    def __iter__(self) -> Iterator[Edit]:
        return chain(self.others, self.many or ())


@dataclass(frozen=True, slots=True)
class Repair:
    """Repair what is damaged, then look again at what came out, until nothing changes.

    >>> from zhfix.document import Document
    >>> Repair()(Document("干净的文字"))
    ()
    """

    min_confidence: float = MIN_CONFIDENCE
    in_force: Selection = EVERY_RULE
    lost: Lost = "keep"

    def many(self, rows: Rows) -> Iterator[tuple[int, Iterable[Edit]]]:
        """Yield what is repaired in each row, asking first the channels that suspect it.

        Where these have nothing to repair, no other layer can show.
        """
        for row, able in suspected(rows, self.in_force.named):
            text = rows.texts[row]
            if self.lost != "keep" or self._proposals(text, able):
                yield row, self(Document(text))

    def __call__(self, document: Document) -> Iterable[Edit]:
        """Propose edits of the document's text that undo all layers together."""
        text = document.text
        able = channels(self.in_force.named)
        first = self._proposals(text, able)
        composed, changed = self._sure(text, first)
        unsure = [edit for edit in first.others if edit.confidence < self.min_confidence]
        unseen = first.many is not None
        for _ in range(MOST_LAYERS - 1):
            if not (changed or unseen):
                break
            peeled = apply(text, composed)
            near = whole(peeled) if unseen else around(peeled, composed)
            if not changed:
                able = beneath(able)
            found = self._proposals(near.text, able)
            unseen = found.many is not None
            deeper, changed = self._sure(peeled, Proposals(list(near.back(found))))
            composed = _both(text, composed, deeper) if changed else composed
        if self.lost != "keep":
            # Last of all: another layer may bring back what looks lost in this one.
            peeled = apply(text, composed)
            gone, _ = self._sure(peeled, self._proposals(peeled, channels(lost=self.lost)[-1:]))
            composed = _both(text, composed, gone) if composed else gone
        clear = apart(unsure, composed) if unsure else ()
        if isinstance(composed, ManyRemarks) and not unsure:
            return composed
        return (*composed, *clear)

    def _proposals(self, text: str, able: Iterable[Channel]) -> Proposals:
        """Ask every channel for edits of its own findings; earlier channels have precedence.

        Where a mirror's damage is found the others wait: they are asked what lies beneath.
        """
        edits: list[Edit] = []
        for channel in able:
            own = of_rules(channel.detect(text), self.in_force)
            if not own:
                continue
            proposed = channel.repair(text, own)
            if isinstance(proposed, ManyRemarks) and len(proposed):
                return Proposals((), cast("ManyEdits", proposed))
            edits += apart(proposed, edits)
        return Proposals(edits)

    def _sure(self, text: str, proposals: Proposals) -> tuple[Sequence[Edit], bool]:
        """Keep the edits that are sure enough, of those that overlap the first; are there any?

        Of many all are kept: what else is wrong with a text shows where all are made, and an edit
        of two layers is no surer than either.
        """
        if proposals.many is not None:
            proposals.many.check(text, "repair")
            sure = (change.confidence >= self.min_confidence for change in proposals.many.changes)
            return proposals.many, any(sure)
        kept: list[Edit] = []
        for edit in sorted(proposals.others, key=lambda edit: edit.span):
            if edit.confidence >= self.min_confidence and (
                not kept
                or kept[-1].span.end < edit.span.start
                or (kept[-1].span.end == edit.span.start and edit.before)
            ):
                kept.append(edit)
        return check(text, kept, "repair"), bool(kept)


def stage(
    *,
    min_confidence: float = MIN_CONFIDENCE,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    extend: str | Sequence[str] = (),
    lost: Lost = "keep",
) -> Stage:
    """Make the `repair` stage; less sure repairs are proposed but do not lead to others.

    >>> from zhfix.document import Document
    >>> [edit.after for edit in stage(lost="drop")(Document("文件锟斤拷锟斤拷目录"))]
    ['']

    `select` repairs only by those rules (ids, or beginnings of them), `ignore` by all but those,
    and `extend` adds rules that are off by default, by their full ids. `lost` says what becomes
    of text that cannot be repaired: "keep" leaves it, "drop" removes it, "mark" puts one U+FFFD
    in its place. Raises `ConfigError` for a name that begins no rule, or another `lost`.
    """
    if lost not in get_args(Lost):
        raise ConfigError(f"{lost!r}{did_you_mean(str(lost), get_args(Lost))}", path="lost")
    in_force = selection(_known, select=select, ignore=ignore, extend=extend)
    return Repair(min_confidence, in_force, lost)


def _known() -> list[str]:
    return [rule for channel in all_channels() for rule in channel.rules]


def _both(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> Sequence[Edit]:
    """Return edits of a text that do what two lists of them do, one after the other."""
    if isinstance(first, ManyRemarks):
        return cast("ManyEdits", first).then(second)
    return compose(text, first, second)
