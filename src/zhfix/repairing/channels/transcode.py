"""Text that was decoded with the wrong encoding: encode it back, decode it as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhfix.repairing.channels import as_findings, for_findings, spam_mirror
from zhfix.repairing.look import look
from zhfix.repairing.screen import MANY_HITS, strange_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.document import Edit, Finding, Span
    from zhfix.rows import Rows

__all__ = ["Transcode", "explained"]


class Transcode:
    """The channel of wrong decodes, with and without lost bytes.

    >>> channel = Transcode()
    >>> text = "打开鏂囦欢失败"
    >>> findings = list(channel.detect(text))
    >>> [(f.rule, f.span) for f in findings]
    [('mojibake/utf-8-read-as-gbk', Span(start=2, end=5))]
    >>> [edit.after for edit in channel.repair(text, findings)]
    ['文件']
    """

    name = "mojibake"

    @property
    def rules(self) -> Mapping[str, str]:
        """Rule id to explanation."""
        from zhfix.repairing.reasons import explanation
        from zhfix.repairing.search import PAIRS

        return {f"mojibake/{pair}": explanation(pair) for pair in PAIRS}

    def detect(self, text: str) -> Iterable[Finding]:
        """Report the runs that another decoding makes far likelier."""
        return as_findings(_edits(text))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold something improbable by itself."""
        return rows.mask(strange_places(rows.text))

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterable[Edit]:
        """Propose the likelier decoding of each finding."""
        return for_findings(_edits(text), findings)


def _edits(text: str) -> Sequence[Edit]:
    # Imported here: it brings a dozen modules, which most short texts do not need.
    if not _is_suspicious(text):
        return ()
    from zhfix.repairing.misreadings import edits

    return edits(text)


def explained(text: str) -> Sequence[Span]:
    """Return the stretches of a text that another decoding explains, in order.

    >>> explained("打开鏂囦欢失败")
    [Span(start=2, end=5)]
    """
    if not _is_suspicious(text):
        return ()
    from zhfix.repairing import misreadings

    return misreadings.explained(text)


def _is_suspicious(text: str) -> bool:
    """Whether anything may have been read wrongly, before or after what a mirror did."""
    if spam_mirror.analyse(text).edits:
        return True
    seen = look(text)
    if not seen.is_suspicious:
        return False
    if seen.is_late or sum(len(hits.found) for hits in seen.hits) >= MANY_HITS:
        return True
    # So few places tell nothing about others: they count where they are strange by themselves.
    return len(strange_places(text)) > 0
