"""Escapes left in text (M25–M28): entities, `\\uXXXX`, `%XX`, RFC 2047, quoted-printable.

An escape is damage only where nobody will read it as one. So URLs, strings, source code, markup
documents and MIME sources keep theirs; elsewhere a run is undone when it spells Chinese
that the language model knows as such. A single escape (`&#12290;`) counts only in a document
that such a run, or its other escapes, show to be damaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhfix.repairing.channels import as_findings, for_findings
from zhfix.repairing.channels.escape_signs import SIGNS, has_any, signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.document import Edit, Finding
    from zhfix.rows import Rows

__all__ = ["RULES", "Escapes"]

RULES = {
    "escape/entity": (
        "Numeric character references for Chinese, or named ones beside Chinese, in text that "
        "is no markup: &#20013;&#22269; for 中国. A document with tags keeps them."
    ),
    "escape/entity-broken": (
        "A numeric character reference that lost its ampersand or its number sign, as in "
        "第一章#xff1a;."
    ),
    "escape/unicode": (
        "\\uXXXX that no parser undid, or uXXXX without the backslash: u4e2du56fd for 中国. "
        "Quoted strings, source code, JSON and regular expressions keep theirs."
    ),
    "escape/percent": (
        "Percent-encoded UTF-8, GBK or Big5, or %uXXXX, in prose. URLs and paths keep theirs."
    ),
    "escape/rfc2047": "An encoded word of a mail header: =?gb2312?B?1tC5+g==?= for 中国.",
    "escape/quoted-printable": (
        "Quoted-printable UTF-8, GBK or Big5 in prose: =D6=D0=B9=FA for 中国. A message that is "
        "shown with its MIME headers keeps it."
    ),
    "escape/bytes": (
        "Bytes written with backslashes, \\xe4\\xb8\\xad or \\344\\270\\255 for 中, outside "
        "strings and source code."
    ),
    "escape/code-point": (
        "Characters written by their numbers, <U+4E2D><U+56FD> for 中国, several in a row. Text "
        "that speaks of code points writes one, or with spaces between."
    ),
    "escape/utf-7": "UTF-7 read as ASCII: +Ti1W/Q- for 中国, or &Ti1W,Q- in names of mail folders.",
    "escape/hz": "HZ read as ASCII: ~{VP9z~} for 中国.",
}


@dataclass(frozen=True, slots=True)
class Escapes:
    """The channel in both directions; `form` is used only to damage.

    >>> Escapes("decimal").damage("中国")
    '&#20013;&#22269;'
    """

    form: str = "decimal"
    name = "escape"
    rules = RULES

    def damage(self, text: str) -> str:
        """Write what is not ASCII as this form does; raises `KeyError` for an unknown one."""
        # Imported here: the package for mail that it needs takes long, and repairs do not need it.
        from zhfix.repairing.channels.escape_damage import WRITERS

        return WRITERS[self.form](text)

    def detect(self, text: str) -> Iterator[Finding]:
        """Report every escape that is an accident."""
        return as_findings(_analysed(text))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold what looks like an escape."""
        return rows.mask([at for sign in SIGNS.values() for at in signs(rows.text, sign)])

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        return for_findings(_analysed(text), findings)


def _analysed(text: str) -> Sequence[Edit]:
    # Imported here: the codecs are many, and most texts have no sign of an escape.
    if not has_any(text):
        return ()
    from zhfix.repairing.channels.escape_search import analyse

    return analyse(text)
