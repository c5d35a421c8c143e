"""Seven-bit encodings: HZ and ISO-2022-CN, read leniently.

HZ (RFC 1843): a lone `~` is a tilde, a line end inside `~{` ends it, high bits are ignored.
ISO-2022-CN (RFC 1922): GB 2312 and CNS 11643 planes 1 to 7; a line end ends the shift.
"""

from __future__ import annotations

import re

from zhfix.decoding import euc_tw, gb18030
from zhfix.decoding.faults import MARK, Raw, finish

__all__ = ["decode_hz", "decode_iso_2022_cn", "looks_like_hz", "looks_like_iso_2022_cn"]

_HIGH = bytes.maketrans(bytes(range(0x21, 0x7F)), bytes(range(0xA1, 0xFF)))
_LOW = bytes.maketrans(bytes(range(0x80, 0x100)), bytes(range(0x80)))

#: Text up to an escape, `~~`, `~` before a line end, or Chinese up to `~}` or the line's end.
_HZ = re.compile(rb"([^~]+)|~(?:(~)|(\r?\n)|\{([^\r\n]*?)(?:~\}|(?=[\r\n])|\Z))|(~)")
_HZ_CHINESE = re.compile(rb"~\{(?:[\x21-\x7d][\x21-\x7e])+~\}")
_CN_DESIGNATION = re.compile(rb"\x1b\$(?:\)[AEG]|\*H|\+[I-M])")
_CN = re.compile(
    rb"\x1b\$([)*+])([A-M])|(\x0e)|(\x0f)|\x1b([NO])([\x21-\x7e]{2})|([\r\n]+)"
    rb"|([\x21-\x7e\xa1-\xfe]{2})|([\x00-\x20])|([\x00-\xff])"
)
#: The final byte of a designation, and the plane of CNS 11643 (0: GB 2312) it names.
_SETS = {b"A": 0, b"E": 0, b"G": 1, b"H": 2, b"I": 3, b"J": 4, b"K": 5, b"L": 6, b"M": 7}


def looks_like_hz(data: bytes) -> bool:
    """Tell whether there is at least one closed stretch of HZ.

    >>> looks_like_hz(b"~{VPND~}"), looks_like_hz(b"a ~{b} c")
    (True, False)
    """
    return b"~{" in data and _HZ_CHINESE.search(data) is not None


def looks_like_iso_2022_cn(data: bytes) -> bool:
    r"""Tell whether a character set of ISO-2022-CN is designated.

    >>> looks_like_iso_2022_cn(b"\x1b$)A\x0eVP\x0f")
    True
    """
    return b"\x1b$" in data and _CN_DESIGNATION.search(data) is not None


def decode_hz(data: bytes) -> Raw:
    """Decode HZ.

    >>> decode_hz(b"a ~{VPND~} ~~ ~").text
    'a 中文 ~ ~'
    """
    out = _Output()
    for token in _HZ.finditer(data):
        plain, tilde, continued, chinese, lone = token.groups()
        if chinese is not None:
            out.add(gb18030.decode(chinese.translate(_LOW).translate(_HIGH)), token.start(4))
        elif plain is not None:
            out.add(gb18030.decode(plain), token.start(1))
        elif tilde or lone:
            out.parts.append("~")
        elif continued is None:
            out.fault(*token.span())
    return out.raw()


def decode_iso_2022_cn(data: bytes) -> Raw:
    r"""Decode ISO-2022-CN and its extension by planes 3 to 7.

    >>> decode_iso_2022_cn(b"\x1b$)A\x0eVP\x0f!\x1b$)G\x0eD!\x0f").text
    '中!一'
    """
    shifted = False
    sets = {b")": 0, b"*": 2, b"+": 3}
    out = _Output()
    position = 0
    while position < len(data):
        # Outside a shift only escapes, shifts and line ends matter.
        pattern = _CN if shifted else _CN_PLAIN
        token = pattern.match(data, position)
        if token is None:  # pragma: no cover  (each pattern ends in "any byte")
            break
        position = token.end()
        slot, name, shift_out, shift_in, single, single_pair, line, pair, *_ = token.groups()
        if slot:
            sets[slot] = _SETS[name]
        elif shift_out or shift_in:
            shifted = bool(shift_out)
        elif single:
            _put(out, sets[b"*" if single == b"N" else b"+"], single_pair, token.start(6))
        elif line:
            shifted = False
            out.parts.append(line.decode("ascii"))
        elif pair:
            _put(out, sets[b")"], pair, token.start(8))
        elif token[0] == b"\x1b" or (shifted and token[9] is None):
            out.fault(*token.span())
        else:
            out.add(gb18030.decode(token[0]), token.start())
    return out.raw()


_CN_PLAIN = re.compile(
    _CN.pattern.replace(rb"([\x21-\x7e\xa1-\xfe]{2})", rb"(\xff{99})").replace(
        rb"([\x00-\x20])", rb"([^\x1b\x0e\x0f\r\n]+)"
    )
)


def _put(out: _Output, plane: int, pair: bytes, start: int) -> None:
    if plane == 0:
        out.add(gb18030.decode(pair.translate(_HIGH)), start)
    elif char := euc_tw.character(plane, pair[0] & 0x7F, pair[1] & 0x7F):
        out.parts.append(char)
    else:
        out.fault(start, start + 2)


class _Output:
    """Text and faults of a decoding that goes by pieces."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.places: list[tuple[int, int]] = []

    def add(self, raw: Raw, offset: int) -> None:
        text = list(raw.text) if raw.faults else raw.text
        for at, start, end in raw.faults:
            text[at] = MARK  # type: ignore[index]
            self.places.append((start + offset, end + offset))
        self.parts.extend(text)

    def fault(self, start: int, end: int) -> None:
        self.places.append((start, end))
        self.parts.append(MARK)

    def raw(self) -> Raw:
        return finish("".join(self.parts), self.places)
