"""Decoding a stream: bounded memory, a choice that can be revised, doubts that are told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zhfix.decoding.candidates import CHINESE, UTF_16
from zhfix.decoding.damage import whole_characters
from zhfix.decoding.decoder import LISTED, decode, findings
from zhfix.decoding.detect import detect
from zhfix.decoding.labels import codec
from zhfix.decoding.marks import Guess, by_mark
from zhfix.document import Decoded, Finding, Span

if TYPE_CHECKING:
    from zhfix.decoding.faults import Raw

__all__ = ["IncrementalDecoder"]

#: Bytes that are held back before the encoding is chosen.
FIRST_BLOCK = 65_536
#: Bytes that are decoded at a time afterwards.
BLOCK = 65_536
#: A block ends at a line end; where there is none for so long, anywhere safe.
LONGEST_LINE = 262_144
#: Bytes below this are never part of a longer code in the encodings that streams have.
_SAFE = bytes(range(0x30))
UTF_8 = Guess("utf-8", 1.0)
#: From how sure on another encoding for a block is a contradiction.
SURE = 0.95


@dataclass(slots=True)
class IncrementalDecoder:
    r"""Turn blocks of bytes into text; feed with `decode`, end with `final=True`.

    >>> decoder = IncrementalDecoder()
    >>> decoder.decode("中文".encode("gbk")[:3]) + decoder.decode(b"\xc4", final=True)
    '中文'
    >>> decoder.encoding
    'gb18030'

    The encoding is chosen from the first 64 KiB, or from all when there is less; until then
    nothing comes out. Later blocks that read better in another encoding are read in it, and
    `findings` says so, in code points and bytes of the whole stream. No more than a block
    and its longest line are held.
    """

    declared: str | None = None
    encoding: str | None = None
    confidence: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    contradictions: int = 0
    """How many blocks were clearly in another encoding than the first."""
    fixed: bool = False
    """`encoding` is an order: no block is read in another."""
    _pending: bytearray = field(default_factory=bytearray)
    _bytes: int = 0
    _points: int = 0

    def decode(self, data: bytes, *, final: bool = False) -> str:
        r"""Take more bytes and return the text that is certain by now.

        >>> IncrementalDecoder(encoding="big5").decode(b"\xa4\xa4\xa4", final=True)
        '中\ufffd'
        """
        self._pending += data
        parts = []
        limit = BLOCK if self.encoding else FIRST_BLOCK
        while len(self._pending) >= limit or (final and self._pending):
            held = len(self._pending)
            size = held if final and held <= limit else self._cut(limit)
            if not size:
                if not final:
                    break
                size = held
            block = bytes(self._pending[:size])
            del self._pending[:size]
            parts.append(self._block(block))
            limit = BLOCK
        return "".join(parts)

    def _cut(self, limit: int) -> int:
        """Return how many pending bytes end at a line end, or, in long lines, at a safe byte."""
        wide = (self.encoding or "").startswith("utf-16")
        if self.encoding is None:
            head = bytes(self._pending[:FIRST_BLOCK])
            # Plain ASCII may go on for gigabytes; asking what it is takes longer than reading it.
            plain = head.isascii() and not any(sign in head for sign in (b"\0", b"\x1b", b"~{"))
            guess = by_mark(head) or (UTF_8 if plain else detect(head, self.declared))
            wide = guess.encoding in UTF_16 or guess.encoding.startswith("utf-32")
        if wide or (self.encoding or "").startswith("utf-32"):
            return limit & ~3
        end = self._pending.rfind(b"\n", 0, limit) + 1
        if end:
            return end
        if len(self._pending) < LONGEST_LINE:
            later = self._pending.find(b"\n", limit)
            return later + 1
        safe = next((at + 1 for at in range(limit - 1, 0, -1) if self._pending[at] in _SAFE), 0)
        return safe or self._character_end(limit)

    def _character_end(self, limit: int) -> int:
        """Return where the last whole character of a block ends that has no safe byte at all."""
        if self.encoding in (None, "utf-8"):
            end = limit
            while end > limit - 4 and 0x80 <= self._pending[end] < 0xC0:
                end -= 1
            return end
        return whole_characters(bytes(self._pending[:limit]), self.encoding or "")

    def _block(self, block: bytes) -> str:
        decoded = self._decoded(block)
        for finding in decoded.findings:
            span = Span(finding.span.start + self._points, finding.span.end + self._points)
            if len(self.findings) < LISTED:
                reason = f"in the block from byte {self._bytes} on: {finding.reason}"
                self.findings.append(replace(finding, span=span, reason=reason))
        self._bytes += len(block)
        self._points += len(decoded.text)
        return decoded.text

    def _decoded(self, block: bytes) -> Decoded:
        if self.encoding is None:
            decoded = decode(block, declared=self.declared)
            if decoded.encoding != "utf-8" or not block.isascii():
                self.encoding, self.confidence = decoded.encoding, decoded.confidence
            return decoded
        raw = codec(self.encoding).decode(block)
        if (
            self.fixed
            or self.encoding not in (*CHINESE, "utf-8")
            or (self.encoding == "utf-8" and not raw.faults)
        ):
            return Decoded(raw.text, self.encoding, self.confidence, self._faults(raw, block))
        decoded = decode(block, declared=self.encoding)
        if decoded.encoding == self.encoding or block.isascii():
            return decoded
        if decoded.confidence < SURE:
            return Decoded(raw.text, self.encoding, self.confidence, self._faults(raw, block))
        self.contradictions += 1
        other = Finding(
            Span(0, len(decoded.text)),
            "decode/other-encoding",
            decoded.confidence,
            f"the block is {decoded.encoding}, not {self.encoding} as what came before",
        )
        return replace(decoded, findings=(other, *decoded.findings))

    def _faults(self, raw: Raw, block: bytes) -> tuple[Finding, ...]:
        return tuple(findings(raw, self.encoding or "", block))
