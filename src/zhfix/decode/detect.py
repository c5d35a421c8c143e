"""Which encoding are these bytes in? Chinese first; nothing is trusted that the text denies."""

from __future__ import annotations

import re
from typing import NamedTuple

from zhfix.decode import escapes, others
from zhfix.decode.candidates import (
    EAST_ASIAN,
    UTF_16,
    confidence,
    other_readings,
    readings,
)
from zhfix.decode.letters import ENCODINGS
from zhfix.decode.sample import could_be_wide, sample, wide_sample

__all__ = ["Guess", "by_mark", "declared_in", "detect"]

#: Byte order marks, the longer ones first.
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32le"),
    (b"\x00\x00\xfe\xff", "utf-32be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
#: Nats a character up to which a reading is fluent, so that no other needs to be tried.
FLUENT = 6.6
#: Nats a character beyond which a text is in no language that the models know.
IMPLAUSIBLE = 9.5
#: In fewer bytes nothing is fluent, nor implausible.
SHORT = 64
#: Declarations are looked for in so many bytes, as in browsers.
HEAD = 1024

_DECLARATION = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})"
    rb"|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})"
    rb"|@charset\s+\"([\w:.-]{2,40})\""
    rb"|charset=([\w:.-]{2,40})",
    re.IGNORECASE,
)
_ESCAPED = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")


class Guess(NamedTuple):
    """An encoding, the probability that it is the right one, and how close the next was."""

    encoding: str
    confidence: float
    runner_up: str | None = None
    margin: float = 0.0
    mark: int = 0
    """How many bytes the byte order mark has."""


def by_mark(data: bytes) -> Guess | None:
    """Return what a byte order mark says.

    >>> by_mark(b"\\xef\\xbb\\xbfabc").encoding
    'utf-8'
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return Guess(name, 1.0, mark=len(mark))
    return None


def declared_in(data: bytes) -> str | None:
    """Return the label that HTML, XML or CSS declares in its head, as it is written.

    >>> declared_in(b'<meta charset="big5">')
    'big5'
    """
    found = _DECLARATION.search(data, 0, HEAD)
    if found is None:
        return None
    return next(group for group in found.groups() if group).decode("ascii")


def detect(data: bytes, declared: str | None = None) -> Guess:
    """Tell the encoding of bytes that are not UTF-8.

    >>> detect("中文文字编码".encode("gbk")).encoding
    'gb18030'
    """
    if marked := by_mark(data):
        return marked
    if (wide := _utf_32(data)) is not None:
        return wide
    if b"\x1b" in data or b"~{" in data:
        if found := _by_escapes(data):
            return found
    return _by_model(data, declared)


def _utf_32(data: bytes) -> Guess | None:
    """Recognise UTF-32 by its empty bytes: code points end at 10FFFF."""
    if len(data) % 4 or not data or b"\x00" not in data:
        return None
    for name, top, second in (("utf-32le", 3, 2), ("utf-32be", 0, 1)):
        if not data[top::4].strip(b"\x00") and max(data[second::4]) <= 0x10:
            return Guess(name, 0.99)
    return None


def _by_escapes(data: bytes) -> Guess | None:
    if escapes.looks_like_iso_2022_cn(data):
        return Guess("iso-2022-cn", 0.99)
    if b"\x1b$)C" in data:
        return Guess("iso-2022-kr", 0.99)
    if _ESCAPED.search(data):
        return Guess("iso-2022-jp", 0.99)
    if escapes.looks_like_hz(data):
        return Guess("hz-gb-2312", 0.98)
    return None


def _by_model(data: bytes, declared: str | None) -> Guess:
    looked_at = sample(data)
    found = readings(looked_at, EAST_ASIAN, declared)
    if could_be_wide(data):
        # Of a long text the samples differ, so what counts is the cost of a byte.
        wide = wide_sample(data)
        share = len(looked_at) / max(1, len(wide))
        found += [
            reading._replace(score=reading.score * share)
            for reading in readings(wide, UTF_16, declared)
        ]
        found.sort(key=lambda reading: -reading.score)
    if found[0].cost > FLUENT or len(looked_at) < SHORT:
        others_found = other_readings(looked_at, declared)
        found = sorted((*found, *others_found[:2]), key=lambda reading: -reading.score)
    best, second = found[0], found[1]
    margin = best.score - second.score
    single_byte = best.encoding in ENCODINGS
    if best.cost > IMPLAUSIBLE and len(looked_at) > SHORT and (single_byte or best.raw.faults):
        name, order = others.guess(data)
        return Guess(name, 0.9 * order, best.encoding, 0.0)
    return Guess(best.encoding, confidence(margin), second.encoding, margin)
