"""Windows code page 936 as the damage in the wild saw it: GBK, 80 as €, and private areas.

Python's `gbk` codec is the mapped part. The user-defined areas AAA1–AFFE, F8A1–FEFE and
A140–A7A0 go to the private use area from U+E000 on, as Windows does. What is left, some
255 pairs, is bad: PHP writes one `?` for it and swallows the second byte whatever it is.
Source: Microsoft's best-fit table for code page 936 and the user-defined ranges of GBK.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from zhfix.repairing.codecs import read_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

T = TypeVar("T")

LOST = "?"
"""What a bad pair, or half of one, decodes to."""

EURO = 0x80

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))
#: User-defined rows: lead bytes, trail bytes, and their first character.
_PRIVATE = (
    (range(0xAA, 0xB0), range(0xA1, 0xFF), 0xE000),
    (range(0xF8, 0xFF), range(0xA1, 0xFF), 0xE234),
    (range(0xA1, 0xA8), (*range(0x40, 0x7F), *range(0x80, 0xA1)), 0xE4C6),
)
#: The code of a character that has no bytes.
_NONE = 0xFFFF
_NOTHING = "\0"


class Tables(NamedTuple):
    """The code page in both directions, and its holes."""

    decode: Mapping[bytes, str]
    encode: Mapping[str, bytes]
    unmapped: tuple[bytes, ...]


class _Decode(Mapping[bytes, str]):
    """Pairs of bytes to characters: a dictionary of them would take 4 MB."""

    def get(self, pair: bytes, default: T = None) -> str | T:  # type: ignore[assignment]
        char = _with_private()[pair[0] << 8 | pair[1]] if len(pair) == 2 else _NOTHING
        return default if char == _NOTHING else char

    def __getitem__(self, pair: bytes) -> str:
        char = self.get(pair)
        if char is None:
            raise KeyError(pair)
        return char

    def __iter__(self) -> Iterator[bytes]:
        return iter(code.to_bytes(2, "big") for code in _points().nonzero()[0].tolist())

    def __len__(self) -> int:
        return int(np.count_nonzero(_points()))


class _Encode(Mapping[str, bytes]):
    """Characters to their bytes."""

    def get(self, char: str, default: T = None) -> bytes | T:  # type: ignore[assignment]
        point = ord(char)
        code = _codes()[point] if point < _NONE else _NONE
        if code == _NONE:
            return default
        return code.to_bytes(1 if code <= EURO else 2, "big")

    def __getitem__(self, char: str) -> bytes:
        data = self.get(char)
        if data is None:
            raise KeyError(char)
        return data

    def __contains__(self, char: object) -> bool:
        return isinstance(char, str) and self.get(char) is not None

    def __iter__(self) -> Iterator[str]:
        return (chr(point) for point, code in enumerate(_codes()) if code != _NONE)

    def __len__(self) -> int:
        return sum(code != _NONE for code in _codes())


@cache
def tables() -> Tables:
    """Return the tables; they are made once.

    >>> len(tables().unmapped), tables().encode["规"].hex()
    (255, 'b9e6')
    """
    pairs = (bytes((lead, trail)) for lead in LEADS for trail in TRAILS)
    decode = _Decode()
    return Tables(decode, _Encode(), tuple(pair for pair in pairs if pair not in decode))


@cache
def _points() -> NDArray[np.uint16]:
    """The code point of each pair, lead byte above trail byte; 0 where it has none."""
    points = read_pairs(LEADS, "gbk")
    for leads, trails, start in _PRIVATE:
        pairs = [lead << 8 | trail for lead in leads for trail in trails]
        points[pairs] = np.arange(start, start + len(pairs))
    return points


@cache
def _with_private() -> str:
    return _points().tobytes().decode("utf-16-le")


@cache
def _codes() -> memoryview:
    """The bytes of each character of the basic plane as a number."""
    codes = np.full(0x10000, _NONE, np.uint16)
    pairs = _points().nonzero()[0]
    codes[_points()[pairs]] = pairs
    codes[: EURO + 1] = np.arange(EURO + 1)
    codes[ord("€")] = EURO
    return memoryview(codes.data)


@cache
def grid() -> NDArray[np.uint16]:
    """The code point of each pair, lead byte by trail byte; 0 for what `character` has none.

    >>> chr(grid()[0xB9, 0xE6])
    '规'
    """
    points = _points().reshape(0x100, 0x100).copy()
    points[(points >= 0xE000) & (points < 0xF900)] = 0
    points.flags.writeable = False
    return points


def character(lead: int, trail: int) -> str:
    """Return the character of a pair, or nothing when it is bad or user-defined.

    >>> character(0xB9, 0xE6), character(0xAA, 0xA1)
    ('规', '')
    """
    char = _characters()[lead << 8 | trail]
    return "" if char == _NOTHING else char


@cache
def _characters() -> str:
    """The characters of all pairs; NUL where there is none."""
    return grid().tobytes().decode("utf-16-le")


def encode(text: str) -> bytes | None:
    """Return the bytes of a text, or None when a character has none.

    >>> encode("家?") == "家?".encode("gbk"), encode("\N{GRINNING FACE}")
    (True, None)
    """
    if len(text) == 1:
        return _encoded(text)
    try:
        return text.encode("gbk", _HANDLER)
    except UnicodeEncodeError:
        return None


@lru_cache(maxsize=1024)
def _encoded(char: str) -> bytes | None:
    return tables().encode.get(char)


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
