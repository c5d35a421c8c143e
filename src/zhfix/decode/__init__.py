"""Bytes to text: byte order marks, strict UTF-8, then the likelier Chinese encoding."""

from __future__ import annotations

import codecs
import math
from dataclasses import dataclass

from zhfix.document import Decoded, Finding, Span

__all__ = ["CharsetNormalizer", "ChineseFirst", "charset_normalizer", "chinese_first", "utf_8"]

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

CANDIDATES = ("gb18030", "big5hkscs")
LABELS = {"big5hkscs": "big5"}

#: Only a sample ranks the candidates; all of the bytes are decoded by the winner.
SAMPLE = 16_384

#: Nats per byte of the sample that Chinese text reaches and other text misread as it does not.
CHINESE_PER_BYTE = -4.6

#: Nats for a character that a candidate cannot decode.
UNDECODABLE = 20.0


@dataclass(frozen=True, slots=True)
class ChineseFirst:
    """Decode by mark, then strict UTF-8, then the likelier of GB18030 and Big5."""

    def __call__(self, data: bytes) -> Decoded:
        """Decode; never raises."""
        for mark, label in BOMS:
            if data.startswith(mark):
                return _decoded(data[len(mark) :], label, 1.0)
        try:
            return Decoded(data.decode("utf-8"), "utf-8", 1.0)
        except UnicodeDecodeError as error:
            if data[error.start :].strip(b"\x00") and error.start > len(data) - 4:
                return _decoded(data, "utf-8", 0.95)
        return self._most_likely(data)

    def _most_likely(self, data: bytes) -> Decoded:
        from zhfix.repair.model import LanguageModel  # noqa: PLC0415  (needs numpy)

        model = LanguageModel.load()
        sample = data[:SAMPLE]
        scores = {}
        for codec in CANDIDATES:
            text = sample.decode(codec, "replace")
            scores[codec] = model.score(text) - UNDECODABLE * text.count("\ufffd")
        best, other = sorted(scores, key=lambda codec: -scores[codec])[:2]
        if scores[best] < CHINESE_PER_BYTE * len(sample):
            return charset_normalizer()(data)
        margin = scores[best] - scores[other]
        confidence = 1.0 / (1.0 + math.exp(-min(margin, 30.0)))
        return _decoded(data, LABELS.get(best, best), min(confidence, 0.999))


@dataclass(frozen=True, slots=True)
class CharsetNormalizer:
    """Decode as charset-normalizer thinks best."""

    def __call__(self, data: bytes) -> Decoded:
        """Decode; never raises."""
        import charset_normalizer as package  # noqa: PLC0415  (slow to import)

        best = package.from_bytes(data).best()
        if best is None:
            return _decoded(data, "windows-1252", 0.1)
        return Decoded(str(best), best.encoding.replace("_", "-"), 1.0 - best.chaos)


@dataclass(frozen=True, slots=True)
class Utf8:
    """Decode as UTF-8, whatever it is."""

    def __call__(self, data: bytes) -> Decoded:
        """Decode; never raises."""
        return _decoded(data.removeprefix(codecs.BOM_UTF8), "utf-8", 1.0)


def chinese_first() -> ChineseFirst:
    """Make the default decoder."""
    return ChineseFirst()


def charset_normalizer() -> CharsetNormalizer:
    """Make a decoder around charset-normalizer."""
    return CharsetNormalizer()


def utf_8() -> Utf8:
    """Make a decoder that knows the answer."""
    return Utf8()


CODECS = {"big5": "big5hkscs", "windows-1252": "cp1252"}


def _decoded(data: bytes, label: str, confidence: float) -> Decoded:
    """Decode with replacement, and report each place."""
    text = data.decode(CODECS.get(label, label), "replace")
    findings = tuple(
        Finding(
            Span(index, index + 1),
            "decode/undecodable",
            1.0,
            f"bytes here are no {label}",
        )
        for index, char in enumerate(text)
        if char == "\ufffd"
    )
    return Decoded(text, label, confidence, findings)
