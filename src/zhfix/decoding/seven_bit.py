"""Writing the seven-bit encodings: HZ (RFC 1843) and ISO-2022-CN with its extension (RFC 1922).

Characters that an encoding lacks are left to the caller, who is asked for ASCII instead.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from zhfix.decoding import euc_tw

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["encode_hz", "encode_iso_2022_cn", "fits_hz", "fits_iso_2022_cn"]

_SHIFT_OUT, _SHIFT_IN = b"\x0e", b"\x0f"
#: How ISO-2022-CN names a plane of CNS 11643 (0: GB 2312), and what precedes its characters.
_DESIGNATIONS = {
    0: (b"\x1b$)A", b""),
    1: (b"\x1b$)G", b""),
    2: (b"\x1b$*H", b"\x1bN"),
    **{plane: (b"\x1b$+" + bytes((0x46 + plane,)), b"\x1bO") for plane in range(3, 8)},
}


@cache
def _gb_2312(char: str) -> bytes | None:
    """Return the two bytes of a character in GB 2312, seven bits each, or None."""
    try:
        pair = char.encode("gbk")
        # The rows that GBK added to GB 2312 are not for seven-bit readers.
        pair.decode("gb2312")
    except UnicodeError:
        return None
    return bytes(byte & 0x7F for byte in pair) if len(pair) == 2 else None


@cache
def _plane(char: str) -> tuple[int, bytes] | None:
    """Return the set of ISO-2022-CN that has a character, and its two bytes there."""
    if pair := _gb_2312(char):
        return 0, pair
    code = euc_tw.encode_character(char)
    if code is None or len(code) == 1:
        return None
    plane = code[1] - 0xA0 if len(code) == 4 else 1
    pair = bytes(byte & 0x7F for byte in code[-2:])
    return (plane, pair) if plane in _DESIGNATIONS else None


def fits_hz(char: str) -> bool:
    """Tell whether HZ has a character.

    >>> fits_hz("中"), fits_hz("漢")
    (True, False)
    """
    return char < "\x80" or _gb_2312(char) is not None


def fits_iso_2022_cn(char: str) -> bool:
    """Tell whether ISO-2022-CN or its extension has a character.

    >>> fits_iso_2022_cn("漢"), fits_iso_2022_cn("😀")
    (True, False)
    """
    return char < "\x80" or _plane(char) is not None


def encode_hz(text: str, instead: Callable[[str], bytes]) -> bytes:
    """Write HZ; every line closes its own stretches. `instead` writes what does not fit.

    >>> encode_hz("a中文~", lambda char: b"?")
    b'a~{VPND~}~~'
    """
    parts: list[bytes] = []
    inside = False
    for char in text:
        pair = _gb_2312(char) if char >= "\x80" else None
        if (pair is not None) is not inside:
            parts.append(b"~{" if pair else b"~}")
            inside = pair is not None
        parts.append(pair or (_ascii(char, instead).replace(b"~", b"~~")))
    return b"".join(parts) + (b"~}" if inside else b"")


def encode_iso_2022_cn(text: str, instead: Callable[[str], bytes]) -> bytes:
    r"""Write ISO-2022-CN; designations are repeated on every line that needs them.

    >>> encode_iso_2022_cn("中國", lambda char: b"?")
    b'\x1b$)A\x0eVP\x1b$)G\x0eYO\x0f'
    """
    parts: list[bytes] = []
    shifted = False
    named: dict[bytes, int] = {}
    for char in text:
        found = _plane(char) if char >= "\x80" else None
        if found is None:
            if shifted:
                parts.append(_SHIFT_IN)
                shifted = False
            parts.append(_ascii(char, instead))
            if char in "\r\n":
                named.clear()
            continue
        plane, pair = found
        designation, single_shift = _DESIGNATIONS[plane]
        slot = designation[:3]
        if named.get(slot) != plane:
            parts.append(designation)
            named[slot] = plane
            # Some readers, glibc's among them, look at what is designated when they shift.
            shifted = shifted and bool(single_shift)
        if not shifted and not single_shift:
            parts.append(_SHIFT_OUT)
            shifted = True
        parts.append(single_shift + pair)
    return b"".join(parts) + (_SHIFT_IN if shifted else b"")


def _ascii(char: str, instead: Callable[[str], bytes]) -> bytes:
    return char.encode("ascii") if char < "\x80" else instead(char)
