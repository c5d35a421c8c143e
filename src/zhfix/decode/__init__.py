"""Bytes to text and back: as lenient and exact as a browser, and Chinese first."""

from __future__ import annotations

from zhfix.decode.decoder import (
    by_label,
    charset_normalizer,
    chinese_first,
    decode,
    decode_many,
    fixed,
    utf_8,
)
from zhfix.decode.encoder import Encoded, encode
from zhfix.decode.labels import labels

__all__ = [
    "Encoded",
    "by_label",
    "charset_normalizer",
    "chinese_first",
    "decode",
    "decode_many",
    "encode",
    "fixed",
    "labels",
    "utf_8",
]
