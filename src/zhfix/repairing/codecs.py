"""Wrong decoders, as software really runs them, in both directions and as arrays.

Python's strict codecs refuse bytes that Windows and browsers decode: CP936's 0x80 (€), the
user-defined areas (private use), C1 bytes of the Western pages. Text damaged by those programs
holds such characters, and it can only be undone by tables that know them. Sources of the facts:
the WHATWG Encoding Standard, and Microsoft's best-fit tables and user-defined ranges.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

__all__ = [
    "NONE",
    "READINGS",
    "TRUE_CODECS",
    "TRUE_ENCODINGS",
    "Reading",
    "decode_true",
    "encode_true",
    "possible_readings",
    "read_pairs",
    "reading",
    "readings_of_lines",
    "to_bytes",
]

NONE = 0xFFFF
"""The code of a character that the wrong decoder cannot have produced."""

_LINE_FEED, _LAST_ASCII, _REPLACEMENT = 0x0A, 0x7F, 0xFFFD

TRUE_ENCODINGS = ("utf-8", "gbk", "big5")
"""What the bytes really were; `gbk` is decoded as GB18030, `big5` as CP950 or Big5-HKSCS."""

#: Python codecs that decode a true encoding strictly, best first.
TRUE_CODECS = {
    "utf-8": ("utf-8",),
    "gbk": ("gb18030",),
    "big5": ("cp950", "big5hkscs"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    r"""A decoder that was applied to bytes of another encoding.

    >>> gbk = reading("gbk")
    >>> gbk.decode("中文".encode())
    '涓\ue15f枃'
    >>> to_bytes(gbk.encode("涓\ue15f枃")).decode()
    '中文'

    Attributes:
        name: the label in rule ids.
        codes: the bytes of each BMP character as a number (one byte below 0x100), or `NONE`.
        pairs: the character of each pair of bytes, 0 if there is none; shape (65536,).
        singles: the character of each single byte, or -1 for a lead byte or an invalid one.
        others: further codes of characters that more than one byte sequence yields.
    """

    name: str
    codes: NDArray[np.uint16]
    pairs: NDArray[np.uint16]
    singles: NDArray[np.int32]
    others: Mapping[int, tuple[int, ...]]

    @property
    def wide(self) -> bool:
        """Whether characters may take two bytes.

        >>> reading("gbk").wide, reading("cp1252").wide
        (True, False)
        """
        return self.name in _WIDE

    def encode(self, text: str) -> NDArray[np.uint32]:
        """Return the code of each character, `NONE` where it has none.

        >>> [hex(code) for code in reading("gbk").encode("a中")]
        ['0x61', '0xd6d0']
        """
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self.encode_points(points)

    def encode_points(self, points: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """Return the code of each code point, `NONE` where it has none.

        >>> reading("latin-1").encode_points(np.array([0xE9, 0x4E2D], np.uint32)).tolist()
        [233, 65535]
        """
        codes = self.codes.take(points, mode="clip").astype(np.uint32)
        codes[points > 0xFFFF] = NONE
        return codes

    def decode(self, data: bytes) -> str | None:
        r"""Read bytes; None when one of them cannot be read.

        >>> reading("gbk").decode(b"\x80") == "€", reading("gbk").decode(b"\xd6")
        (True, None)
        """
        text, bad = self.decode_with_errors(data)
        return None if bad else text

    def decode_with_errors(self, data: bytes) -> tuple[str, list[tuple[int, int]]]:
        r"""Read bytes, one U+FFFD for each bad byte: (text, list of (index in text, byte offset)).

        >>> reading("gbk").decode_with_errors(b"\xd6\xd0\xd6")
        ('中\ufffd', [(1, 2)])
        """
        out: list[int] = []
        bad: list[tuple[int, int]] = []
        singles, pairs = self.singles, self.pairs
        offset, size = 0, len(data)
        while offset < size:
            byte = data[offset]
            point = int(singles[byte])
            if point >= 0:
                out.append(point)
                offset += 1
                continue
            point = int(pairs[byte << 8 | data[offset + 1]]) if offset + 1 < size else 0
            if point:
                out.append(point)
                offset += 2
            else:
                bad.append((len(out), offset))
                out.append(0xFFFD)
                offset += 1
        return "".join(map(chr, out)), bad


def possible_readings(points: NDArray[np.uint32]) -> set[str]:
    """Return the names of the decoders that can have produced one of these, beyond ASCII.

    >>> sorted(possible_readings(np.array([ord("é"), ord("日")], np.uint32)))[:3]
    ['big5', 'cp1250', 'cp1252']
    """
    marked = int(np.bitwise_or.reduce(_readings_mask()[np.minimum(points, 0xFFFF)], initial=0))
    return {name for place, name in enumerate(READINGS) if marked >> place & 1}


def readings_of_lines(text: str) -> set[str]:
    """Return the names of the decoders that can have produced a whole line, or what is left of it.

    >>> sorted(readings_of_lines("é\\n文é"))
    ['cp1250', 'cp1252', 'cp437', 'gbk', 'latin-1', 'mac-roman']
    """
    points = np.frombuffer(f"{text}\n".encode("utf-32-le", "surrogatepass"), np.uint32)
    able = _readings_mask().take(points, mode="clip")
    able[(points <= _LAST_ASCII) | (points == _REPLACEMENT)] = (1 << len(READINGS)) - 1
    ends = np.flatnonzero(points == _LINE_FEED)
    starts = np.append(0, ends[:-1] + 1)
    lines = np.bitwise_and.reduceat(able, starts)
    lines[~np.logical_or.reduceat(points > _LAST_ASCII, starts)] = 0
    marked = int(np.bitwise_or.reduce(lines))
    return {name for place, name in enumerate(READINGS) if marked >> place & 1}


@cache
def _readings_mask() -> NDArray[np.uint16]:
    """Return for each code point a bit for each decoder that makes it of bytes beyond ASCII."""
    mask = np.zeros(0x10000, np.uint16)
    for place, name in enumerate(READINGS):
        bit = np.uint16(1 << place)
        if name in _SINGLE_BYTE:
            mask[_singles(_SINGLE_BYTE[name])[0x80:]] |= bit
        else:
            codes = reading(name).codes
            mask[(codes != NONE) & (codes > 0x7F)] |= bit
    mask[0xFFFF] = 0  # it stands for all characters beyond the BMP
    return mask


def to_bytes(codes: NDArray[np.uint32]) -> bytes:
    r"""Turn codes into bytes; none may be `NONE`.

    >>> to_bytes(np.array([0x61, 0xD6D0], np.uint32))
    b'a\xd6\xd0'
    """
    both = codes.astype(">u2").view(np.uint8)
    keep = np.ones(len(both), np.bool_)
    keep[::2] = codes > 255
    return both[keep].tobytes()


def decode_true(data: bytes, encoding: str) -> str | None:
    r"""Decode bytes strictly as one of `TRUE_ENCODINGS`; None when they are not that.

    >>> decode_true(b"\xa4\xa4", "big5"), decode_true(b"\xff", "utf-8")
    ('中', None)
    """
    for codec in TRUE_CODECS[encoding]:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


def encode_true(text: str, encoding: str) -> bytes | None:
    r"""Encode text as one of `TRUE_ENCODINGS`; None when it has no such bytes.

    >>> encode_true("中", "gbk"), encode_true("\ue000", "big5")
    (b'\xd6\xd0', None)
    """
    for codec in TRUE_CODECS[encoding]:
        try:
            return text.encode(codec)
        except UnicodeEncodeError:
            continue
    return None


#: name: Python's codec that knows the standard characters.
_SINGLE_BYTE = {
    # The commonest first: where two read the same, the first one is named.
    "cp1252": "cp1252",
    "latin-1": "latin-1",
    "cp1250": "cp1250",
    "cp1251": "cp1251",
    "cp437": "cp437",
    "cp866": "cp866",
    "mac-roman": "mac_roman",
}
_WIDE = {"gbk": "gb18030", "big5": "cp950", "shift-jis": "cp932", "euc-kr": "cp949"}

READINGS = (*_SINGLE_BYTE, *_WIDE)
"""Names of the wrong decoders."""

#: Single bytes that Windows decodes and Python does not.
_EXTRA_SINGLES = {
    "gbk": {0x80: 0x20AC, 0xFF: 0xF8F5},
    "big5": {0x80: 0x80, 0xFF: 0xF8F8},
    "euc-kr": {0x80: 0x80, 0xFF: 0xF8F7},
}
#: User-defined rows of Windows: (first lead, last lead, trails, first private-use character).
#: CP936's come with Python's gb18030, CP932's with its cp932.
_BIG5_TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
_HIGH_TRAILS = tuple(range(0xA1, 0xFF))
_USER_DEFINED: dict[str, tuple[tuple[int, int, tuple[int, ...], int], ...]] = {
    "big5": (
        (0xFA, 0xFE, _BIG5_TRAILS, 0xE000),
        (0x8E, 0xA0, _BIG5_TRAILS, 0xE311),
        (0x81, 0x8D, _BIG5_TRAILS, 0xEEB8),
        (0xC6, 0xC8, _BIG5_TRAILS, 0xF672),
    ),
    "euc-kr": (
        (0xC9, 0xC9, _HIGH_TRAILS, 0xE000),
        (0xFE, 0xFE, _HIGH_TRAILS, 0xE05E),
    ),
}
#: Characters that newer tables than Python's give to pairs (GB18030-2005, WHATWG), and those
#: that other programs' GB 2312 gives (Java's EUC_CN reads A1A4 and A1AA differently).
_NEWER = {
    "gbk": {
        0x1E3F: 0xA8BC, 0x9FB4: 0xFE59, 0x9FB5: 0xFE61, 0x9FB6: 0xFE66, 0x9FB7: 0xFE67,
        0x9FB8: 0xFE6D, 0x9FB9: 0xFE7E, 0x9FBA: 0xFE90, 0x9FBB: 0xFEA0,
        0xFE10: 0xA6D9, 0xFE12: 0xA6DA, 0xFE11: 0xA6DB, 0xFE13: 0xA6DC, 0xFE14: 0xA6DD,
        0xFE15: 0xA6DE, 0xFE16: 0xA6DF, 0xFE17: 0xA6EC, 0xFE18: 0xA6ED, 0xFE19: 0xA6F3,
        0x30FB: 0xA1A4,
    },
}  # fmt: skip


@cache
def reading(name: str) -> Reading:
    r"""Return the wrong decoder of that name; its tables are made once.

    >>> reading("cp1252").decode(b"\x81\x80")
    '\x81€'
    """
    if name in _SINGLE_BYTE:
        return _single_byte(name, _SINGLE_BYTE[name])
    return _wide(name, _WIDE[name])


def _single_byte(name: str, codec: str) -> Reading:
    singles = _singles(codec)
    codes = np.full(0x10000, NONE, np.uint16)
    codes[singles] = np.arange(256)
    return Reading(name, codes, np.zeros(0x10000, np.uint16), singles, {})


def _singles(codec: str) -> NDArray[np.int32]:
    singles = np.arange(256, dtype=np.int32)
    for byte in range(0x80, 256):
        # Undefined bytes of the Windows pages become C1 controls, as in browsers and Windows.
        with suppress(UnicodeDecodeError):
            singles[byte] = ord(bytes([byte]).decode(codec))
    return singles


def _wide(name: str, codec: str) -> Reading:
    singles = np.full(256, -1, np.int32)
    singles[:0x80] = np.arange(0x80)
    for byte in range(0x80, 0x100):
        with suppress(UnicodeDecodeError):
            singles[byte] = ord(bytes([byte]).decode(codec))
    for byte, point in _EXTRA_SINGLES.get(name, {}).items():
        singles[byte] = point
    leads = [lead for lead in range(0x81, 0xFF) if singles[lead] < 0]
    pairs = read_pairs(leads, codec)
    for first, last, trails, start in _USER_DEFINED.get(name, ()):
        codes = [lead << 8 | trail for lead in range(first, last + 1) for trail in trails]
        points = np.arange(start, start + len(codes), dtype=np.uint16)
        pairs[codes] = np.where(pairs[codes] > 0, pairs[codes], points)
    return _inverted(name, singles, pairs)


def read_pairs(leads: Iterable[int], codec: str) -> NDArray[np.uint16]:
    """Return the character of each pair with one of these lead bytes, 0 for none.

    >>> chr(read_pairs([0xD6], "gbk")[0xD6D0])
    '中'
    """
    codes = np.array([lead << 8 | trail for lead in leads for trail in range(0x40, 0xFF)])
    lines = np.full((len(codes), 3), _LINE_FEED, np.uint8)
    lines[:, 0], lines[:, 1] = codes >> 8, codes & 0xFF
    read = lines.tobytes().decode(codec, "surrogateescape")
    points = np.frombuffer(read.encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.flatnonzero(points == _LINE_FEED)
    one = np.diff(ends, prepend=-1) == 2
    points = points[ends[one] - 1]
    pairs = np.zeros(0x10000, np.uint16)
    pairs[codes[one]] = np.where((points >= 0xD800) & (points <= 0xDFFF), 0, points)
    return pairs


def _inverted(name: str, singles: NDArray[np.int32], pairs: NDArray[np.uint16]) -> Reading:
    codes = np.full(0x10000, NONE, np.uint16)
    others: dict[int, tuple[int, ...]] = {}
    alone, both = np.flatnonzero(singles >= 0), np.flatnonzero(pairs)
    every, points = np.concatenate((alone, both)), np.concatenate((singles[alone], pairs[both]))
    codes[points[::-1]] = every[::-1]  # the first code of each is written last
    again = codes[points] != every
    for point, code in zip(points[again].tolist(), every[again].tolist(), strict=True):
        others[point] = (*others.get(point, ()), code)
    for point, code in _NEWER.get(name, {}).items():
        if codes[point] == NONE:
            codes[point] = code
    for table in (codes, pairs, singles):
        table.flags.writeable = False
    return Reading(name, codes, pairs, singles, others)
