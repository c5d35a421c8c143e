"""Channels: one way each in which text gets hurt, written to run in both directions."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast

from zhfix.document import Finding
from zhfix.edits import ManyRemarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.document import Edit
    from zhfix.many_findings import ManyFindings
    from zhfix.rows import Rows


Lost: TypeAlias = Literal["keep", "drop", "mark"]
"""What becomes of text whose bytes are gone."""


class Channel(Protocol):
    """What a channel offers to the stages `detect` and `repair`."""

    @property
    def name(self) -> str:
        """The first part of its rule ids."""

    @property
    def rules(self) -> Mapping[str, str]:
        """Rule id to a paragraph that explains it."""

    def detect(self, text: str) -> Iterable[Finding]:
        """Report damage; costs next to nothing on clean text."""

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterable[Edit]:
        """Propose edits for findings of its own rules."""

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows in which `detect` may report something; it reports nothing in others."""


def as_findings(edits: Iterable[Edit]) -> Iterator[Finding]:
    """Say of each edit what was seen: a channel that solves while it looks detects so."""
    for edit in edits:
        yield Finding(edit.span, edit.rule, edit.confidence, edit.reason)


def beneath(able: Iterable[Channel]) -> tuple[Channel, ...]:
    """Return those of channels that are asked what lies beneath the damage of a mirror.

    >>> len(all_channels()) - len(beneath(all_channels()))
    1
    """
    return tuple(channel for channel in able if channel.name != "spam-mirror")


def for_findings(edits: Iterable[Edit], findings: Iterable[Finding]) -> Iterator[Edit]:
    """Pick the edits that answer findings."""
    wanted = {(finding.span, finding.rule) for finding in findings}
    return (edit for edit in edits if (edit.span, edit.rule) in wanted)


def of_rules(findings: Iterable[Finding], wanted: Callable[[str], bool]) -> Sequence[Finding]:
    """Return the findings of rules that are wanted.

    >>> from zhfix.document import Span
    >>> of_rules([Finding(Span(0, 1), "r", 1.0, "")], "s".startswith)
    []
    """
    if isinstance(findings, ManyRemarks):
        return cast("ManyFindings", findings).of_rules(wanted)
    return [finding for finding in findings if wanted(finding.rule)]


def together(some: Sequence[Finding], others: Sequence[Finding]) -> Sequence[Finding]:
    """Put findings behind others.

    >>> together((), ())
    []
    """
    if isinstance(some, ManyRemarks):
        return cast("ManyFindings", some).beside(tail=others)
    if isinstance(others, ManyRemarks):
        return cast("ManyFindings", others).beside(head=some)
    return [*some, *others]


@lru_cache(maxsize=1)
def suspected(
    rows: Rows, extra: frozenset[str] = frozenset()
) -> tuple[tuple[int, tuple[Channel, ...]], ...]:
    """Return the rows in which a channel may report something, and these channels.

    >>> from zhfix.rows import Rows
    >>> [(row, [one.name for one in by]) for row, by in suspected(Rows(["干净的文字", "&#20013;"]))]
    [(1, ['escape'])]

    `extra` as for `channels`. The stages `detect` and `repair` ask the same of the same rows, one
    after the other.
    """
    able = channels(extra)
    by_row: dict[int, list[Channel]] = {}
    for channel in able:
        for row in channel.suspects(rows).nonzero()[0].tolist():
            by_row.setdefault(row, []).append(channel)
    return tuple((row, tuple(by_row[row])) for row in sorted(by_row))


def all_channels() -> tuple[Channel, ...]:
    """Every channel, in the order in which repairs are tried.

    >>> [channel.name for channel in all_channels()][0]
    'spam-mirror'
    """
    return channels()


@cache
def channels(extra: frozenset[str] = frozenset(), lost: Lost = "keep") -> tuple[Channel, ...]:
    """Every channel, with those rules in force that are off unless they are named.

    >>> len(channels(frozenset({"code-point/width"}))) == len(all_channels())
    True

    The spam mirror comes first: it looks at brackets and question marks that the others would take
    for text, and where it did something they are asked what lies beneath. What is lost comes last.
    """
    # Imported here: a channel imports numpy and its tables.
    from zhfix.repairing.channels.code_points import CodePoints
    from zhfix.repairing.channels.escapes import Escapes
    from zhfix.repairing.channels.lost import LostText
    from zhfix.repairing.channels.mirror_noise import MirrorNoise
    from zhfix.repairing.channels.punctuation import FlattenedPunctuation
    from zhfix.repairing.channels.spam_mirror import SpamMirror
    from zhfix.repairing.channels.transcode import Transcode
    from zhfix.repairing.channels.utf16 import Utf16

    return (
        SpamMirror(),
        Utf16(),
        MirrorNoise(),
        Transcode(),
        FlattenedPunctuation(),
        Escapes(),
        CodePoints(extra=frozenset(CodePoints.rules) & extra),
        LostText(lost),
    )
