"""UTF-16 that was read as bytes, or with its two bytes swapped (M34).

`中国` is 2D 4E FD 56 in UTF-16LE: read as Latin-1 it is `-NýV`, and with swapped ends `ⵎﵖ`. Whole
texts get so; every second byte of Chinese lies in 4E–9F, which no other text shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.memo import cache_last
from zhfix.repairing.channels import as_findings, for_findings
from zhfix.repairing.kinds import Kind
from zhfix.repairing.look import look
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from zhfix.rows import Rows

__all__ = ["RULES", "Utf16"]

BYTES_RULE = "utf-16/read-as-bytes"
SWAPPED_RULE = "utf-16/swapped"
RULES = {
    BYTES_RULE: (
        "UTF-16 whose bytes were read one by one, as Latin-1 or Windows-1252: -NýV for 中国, with "
        "a NUL beside every letter. Undone for a whole text that then reads well."
    ),
    SWAPPED_RULE: (
        "UTF-16 whose two bytes were read in the wrong order: ⵎ\ufd56 for 中国. Undone for a whole "
        "text that then reads well."
    ),
}
Order = Literal["little", "big", "swapped"]
CODECS = {"little": "utf-16-le", "big": "utf-16-be"}

#: Code points that are looked at before the whole text is.
SAMPLE = 400
#: The high bytes of Chinese characters, of its marks and of ASCII.
HIGH = np.zeros(256, np.bool_)
HIGH[0x4E:0xA0] = HIGH[[0x00, 0x20, 0x30, 0xFF]] = True
LOST = "\ufdff"
"""U+FFFD with swapped ends: it stood for a unit that was lost, and still does."""
HAN_HIGH = slice(0x4E, 0xA0)
#: Share of units with such a high byte: Chinese has nearly all, other text about a third.
LEAST_SHARE = 0.9
LEAST_HAN_SHARE = 0.4
LEAST_HAN = 4
#: Bytes of Chinese characters are Latin letters and controls half of the time; with swapped ends
#: they are letters of the whole world, and a NUL stands beside each letter of ASCII.
LEAST_FOREIGN = 1 / 16
#: Nats per character: Chinese has 5 to 8, and what comes out of other texts 10 to 14.
MOST_COST = 9.0


@dataclass(frozen=True, slots=True)
class Utf16:
    """The channel in both directions; `order` is used only to damage.

    >>> Utf16("little").damage("中国"), Utf16("swapped").damage("中")
    ('-NýV', 'ⵎ')
    """

    order: Order = "little"
    name = "utf-16"
    rules = RULES

    def damage(self, text: str) -> str:
        """Read the bytes of UTF-16 as Latin-1, or the other way round; raises UnicodeError."""
        if self.order == "swapped":
            return text.encode("utf-16-le").decode("utf-16-be", "surrogatepass")
        return text.encode(CODECS[self.order]).decode("latin-1")

    def detect(self, text: str) -> Iterator[Finding]:
        """Report a text that is damaged so."""
        return as_findings(analyse(text))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold a character which such a reading makes."""
        foreign = rows.count(look(rows.text).where(Kind.FOREIGN))
        return (foreign > 0) & (foreign >= LEAST_FOREIGN * rows.lengths)

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edit for it."""
        return for_findings(analyse(text), findings)


@cache_last
def analyse(text: str) -> tuple[Edit, ...]:
    """Undo the reading of a whole text, if it was such a one."""
    if len(text) < LEAST_HAN or Kind.FOREIGN not in look(text).all:
        return ()
    if len(look(text).where(Kind.FOREIGN)) < LEAST_FOREIGN * len(text):
        return ()
    head = text[:SAMPLE]
    for rule, data, orders in ((BYTES_RULE, _bytes, CODECS), (SWAPPED_RULE, _swapped, ("little",))):
        sample = data(head)
        if sample is None:
            continue
        for order in orders:
            if not _is_chinese(sample, order) or (whole := data(text)) is None:
                continue
            even = whole[: len(whole) // 2 * 2]
            after = even.decode(CODECS[order], "replace").removeprefix("\ufeff")
            after = after.replace(LOST, "\ufffd")
            if _reads_well(after):
                proof = (
                    Proof.PROVEN if "\ufffd" not in after and even == whole else Proof.CONSISTENT
                )
                span = Span(0, len(text))
                reason = "every second byte is the high byte of a Chinese character"
                return (Edit(span, text, after, rule, 0.98, reason, proof),)
    return ()


def _bytes(text: str) -> bytes | None:
    """The bytes of a text of Latin-1 or Windows-1252; None when it is none."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        pass
    try:
        return b"".join(
            char.encode("latin-1") if char <= "\xff" else char.encode("cp1252") for char in text
        )
    except UnicodeEncodeError:
        return None


def _swapped(text: str) -> bytes | None:
    """The bytes of a text in the other order; U+FFFD is one that no order has."""
    return text.encode("utf-16-be", "surrogatepass")


def _is_chinese(data: bytes, order: str) -> bool:
    """Whether the high bytes are those of Chinese text."""
    units = np.frombuffer(data[: len(data) // 2 * 2], np.uint8)
    high: NDArray[np.uint8] = units[1::2] if order == "little" else units[::2]
    counts = np.bincount(high, minlength=256)
    han = int(counts[HAN_HIGH].sum())
    return (
        han >= LEAST_HAN
        and han >= LEAST_HAN_SHARE * len(high)
        and int(counts[HIGH].sum()) >= LEAST_SHARE * len(high)
    )


def _reads_well(text: str) -> bool:
    head = text[:SAMPLE]
    return -LanguageModel.load().score(head) <= MOST_COST * (len(head) + 1)
