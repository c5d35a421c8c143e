"""EUC-TW and the planes of CNS 11643, which Python has no codec for.

The table comes from Unihan's Taiwanese sources (ideographs) and from the order of Big5
(signs of plane 1); `tools/build_encodings.py` writes it.
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from typing import TYPE_CHECKING

from zhfix.decoding.faults import MARK, Raw, finish
from zhfix.errors import DataError
from zhfix.packaged import read

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PLANES", "character", "decode", "encode_character"]

PLANES = (1, 2, 3, 4, 5, 6, 7, 15)
"""The planes of CNS 11643 in the table, in its order."""

_SIDE = 94
_HOLE = "\uffff"
_TABLE = "euc_tw.bin"
#: A stretch of ASCII, a two-byte code, a four-byte code with its plane, or a stray byte.
_TOKEN = re.compile(
    rb"[\x00-\x7f]+|[\xa1-\xfe]{2}|\x8e[\xa1-\xb0][\xa1-\xfe]{2}|[\x80-\xff]", re.DOTALL
)


@cache
def _planes() -> str:
    try:
        packed = read(_TABLE, "zhfix.decoding")
        return zlib.decompress(packed).decode("utf-32-le")
    except (OSError, zlib.error, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=_TABLE) from error


def character(plane: int, row: int, cell: int) -> str:
    """Return the character of a place in CNS 11643, or nothing; rows and cells from 0x21.

    >>> character(1, 0x44, 0x21), character(9, 0x21, 0x21)
    ('一', '')
    """
    if plane not in PLANES:
        return ""
    place = (PLANES.index(plane) * _SIDE + row - 0x21) * _SIDE + cell - 0x21
    char = _planes()[place]
    return "" if char == _HOLE else char


@cache
def _pairs() -> dict[bytes, str]:
    """Return plane 1 by its two bytes."""
    pairs = {}
    for row in range(0xA1, 0xFF):
        for cell in range(0xA1, 0xFF):
            if char := character(1, row & 0x7F, cell & 0x7F):
                pairs[bytes((row, cell))] = char
    return pairs


def decode(data: bytes) -> Raw:
    r"""Decode EUC-TW.

    >>> decode(bytes.fromhex("c4e3c5c6 8ea2a1a1 ff")).text
    '中文乂\ufffd'
    """
    known = _pairs().get
    codes = _TOKEN.findall(data)
    texts = [known(code) or _rare(code) for code in codes]
    text = "".join(texts)
    return finish(text, _faults(codes, texts)) if MARK in text else Raw(text)


def _faults(codes: list[bytes], texts: list[str]) -> Iterator[tuple[int, int]]:
    end = 0
    for code, char in zip(codes, texts, strict=True):
        start, end = end, end + len(code)
        if char == MARK:
            yield start, end


def _rare(code: bytes) -> str:
    """Read ASCII, or a code of four bytes; all else means nothing."""
    if code[0] < 0x80:
        return code.decode("ascii")
    if len(code) < 4:
        return MARK
    return character(code[1] - 0xA0, code[2] & 0x7F, code[3] & 0x7F) or MARK


@cache
def _encoder() -> dict[str, bytes]:
    codes: dict[str, bytes] = {}
    for place, char in enumerate(_planes()):
        plane, rest = divmod(place, _SIDE * _SIDE)
        row, cell = divmod(rest, _SIDE)
        pair = bytes((row + 0xA1, cell + 0xA1))
        # 十 and 卅 are signs of plane 1 as well; their own places come later.
        if char != _HOLE and (char not in codes or plane == 0):
            codes[char] = pair if plane == 0 else bytes((0x8E, 0xA0 + PLANES[plane])) + pair
    return codes


def encode_character(char: str) -> bytes | None:
    """Return the bytes of a character in EUC-TW, or None.

    >>> encode_character("文").hex(), encode_character("😀")
    ('c5c6', None)
    """
    return char.encode() if char < "\x80" else _encoder().get(char)
