"""Bytes to text and back: as lenient and exact as a browser, and Chinese first."""

from __future__ import annotations

from zhfix.decoding.decoder import (
    by_label,
    charset_normalizer,
    chinese_first,
    decode,
    decode_many,
    fixed,
    utf_8,
)
from zhfix.decoding.encoder import Encoded, encode
from zhfix.decoding.labels import labels

__all__ = [
    "Encoded",
    "IncrementalDecoder",
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


def __getattr__(name: str) -> object:
    """Load the incremental decoder on first use: it needs the language model."""
    if name == "IncrementalDecoder":
        from zhfix.decoding.stream import IncrementalDecoder

        return IncrementalDecoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
