"""What is not Chinese goes to charset-normalizer."""

from __future__ import annotations

from zhfix.decoding.labels import codec, normalized

__all__ = ["guess"]

#: charset-normalizer looks at no more than this: it takes milliseconds for each kB.
LIMIT = 16_384
#: Python's code pages that charset-normalizer prefers, as the label of the same text.
SAME_TEXT = {"cp1252": "windows-1252", "latin-1": "windows-1252", "iso8859-1": "windows-1252"}


def guess(data: bytes) -> tuple[str, float]:
    """Return charset-normalizer's encoding and its share of order, 0 to 1.

    >>> guess("Привет, как дела? Всё хорошо.".encode("cp1251"))[1] > 0.5
    True

    Falls back to windows-1252, which reads everything, with no confidence.
    """
    # Imported here: it loads tables that Chinese text never needs.
    from charset_normalizer import from_bytes

    best = from_bytes(data[:LIMIT]).best()
    if best is None or not best.could_be_from_charset:
        return "windows-1252", 0.0
    name = SAME_TEXT.get(best.encoding, best.encoding)
    return codec(normalized(name) or "windows-1252").name, 1.0 - best.chaos
