"""Windows code page 936 as the damage in the wild saw it: GBK, 80 as €, and private areas.

Python's `gbk` codec is the mapped part. The user-defined areas AAA1–AFFE, F8A1–FEFE and
A140–A7A0 go to the private use area from U+E000 on, as Windows does. What is left, some
255 pairs, is bad: PHP writes one `?` for it and swallows the second byte whatever it is.
Source: Microsoft's best-fit table for code page 936 and the user-defined ranges of GBK.
"""

from __future__ import annotations

import codecs
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LOST = "?"
"""What a bad pair, or half of one, decodes to."""

EURO = 0x80

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))


class Tables(NamedTuple):
    """The code page in both directions, and its holes."""

    decode: Mapping[bytes, str]
    encode: Mapping[str, bytes]
    unmapped: tuple[bytes, ...]


@cache
def tables() -> Tables:
    """Build the tables once.

    >>> len(tables().unmapped), tables().encode["规"].hex()
    (255, 'b9e6')
    """
    decode: dict[bytes, str] = {}
    unmapped: list[bytes] = []
    for lead in LEADS:
        for trail in TRAILS:
            pair = bytes((lead, trail))
            if private := _private_use(lead, trail):
                decode[pair] = private
                continue
            try:
                decode[pair] = pair.decode("gbk")
            except UnicodeDecodeError:
                unmapped.append(pair)
    encode = {char: pair for pair, char in decode.items()}
    encode |= {chr(code): bytes((code,)) for code in range(0x80)}
    encode |= {"€": bytes((EURO,)), "\x80": bytes((EURO,))}
    return Tables(decode, encode, tuple(unmapped))


@cache
def grid() -> NDArray[np.uint16]:
    """The code point of each pair, lead byte by trail byte; 0 for what `character` has none.

    >>> chr(grid()[0xB9, 0xE6])
    '规'
    """
    points = np.zeros((0x100, 0x100), np.uint16)
    known = tables().decode
    bounds = np.frombuffer(b"".join(known), np.uint8).reshape(-1, 2)
    points[bounds[:, 0], bounds[:, 1]] = list(map(ord, known.values()))
    points[(points >= 0xE000) & (points < 0xF900)] = 0
    points.flags.writeable = False
    return points


def _private_use(lead: int, trail: int) -> str:
    if 0xAA <= lead <= 0xAF and trail >= 0xA1:
        return chr(0xE000 + (lead - 0xAA) * 94 + trail - 0xA1)
    if lead >= 0xF8 and trail >= 0xA1:
        return chr(0xE234 + (lead - 0xF8) * 94 + trail - 0xA1)
    if 0xA1 <= lead <= 0xA7 and trail <= 0xA0:
        return chr(0xE4C6 + (lead - 0xA1) * 96 + trail - 0x40 - (trail > 0x7F))
    return ""


def character(lead: int, trail: int) -> str:
    """Return the character of a pair, or nothing when it is bad or user-defined.

    >>> character(0xB9, 0xE6), character(0xAA, 0xA1)
    ('规', '')
    """
    char = _characters()[lead << 8 | trail]
    return "" if char == "\0" else char


@cache
def _characters() -> str:
    """The characters of all pairs; NUL where there is none."""
    return "".join(map(chr, grid().ravel().tolist()))


def encode(text: str) -> bytes | None:
    """Return the bytes of a text, or None when a character has none.

    >>> encode("家?") == "家?".encode("gbk"), encode("\N{GRINNING FACE}")
    (True, None)
    """
    if len(text) == 1:
        return tables().encode.get(text)
    try:
        return text.encode("gbk", _HANDLER)
    except UnicodeEncodeError:
        return None


def decode(data: bytes) -> str:
    """Decode as PHP does: a bad pair becomes one `?` and takes its second byte along.

    >>> decode(bytes.fromhex("bcd2 8e28 67"))
    '家?g'
    """
    return data.decode("gbk", _HANDLER)


_HANDLER = "zhfix-cp936"


def _of_windows(error: UnicodeError) -> tuple[str | bytes, int]:
    """Do with what Python's codec does not know as Windows and PHP do."""
    if isinstance(error, UnicodeDecodeError):
        start = error.start
        if error.object[start] == EURO:
            return "€", start + 1
        pair = error.object[start : start + 2]
        return tables().decode.get(pair, LOST), start + len(pair)
    if isinstance(error, UnicodeEncodeError):
        char = error.object[error.start]
        if (known := tables().encode.get(char)) is not None:
            return known, error.start + 1
    raise error


codecs.register_error(_HANDLER, _of_windows)
