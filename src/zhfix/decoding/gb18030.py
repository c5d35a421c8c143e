"""GB18030-2022 as the WHATWG Encoding Standard decodes it, for every label of the family.

Python's `gbk` codec agrees with the standard wherever it has an entry, and is the fastest;
its error handler adds what it lacks: the user-defined areas (private use, as Windows has
them), the four-byte codes, 80 as €, and the characters of the 2022 edition.
"""

from __future__ import annotations

from zhfix.decoding.faults import MARK, Raw, handler, run

__all__ = ["decode", "encode_character"]

EURO = 0x80

#: Two-byte codes on which Python's gb18030 (the 2005 edition) differs from the standard.
AMENDED = {
    0xA3A0: "\N{IDEOGRAPHIC SPACE}",
    **dict(zip(range(0xA6D9, 0xA6E0), "︐︒︑︓︔︕︖", strict=True)),
    0xA6EC: "︗",
    0xA6ED: "︘",
    0xA6F3: "︙",
    0xA8BC: "ḿ",
    **dict(
        zip(
            (0xFE59, 0xFE61, 0xFE66, 0xFE67, 0xFE6D, 0xFE7E, 0xFE90, 0xFEA0),
            "龴龵龶龷龸龹龺龻",
            strict=True,
        )
    ),
}

#: The four-byte code that the 2022 edition gave to the private character that A8BC lost.
FOUR_BYTE_E7C7 = bytes.fromhex("8135f437")


def decode(data: bytes) -> Raw:
    r"""Decode GB18030; a fault is one U+FFFD and swallows no ASCII byte.

    >>> decode(b"\xd6\xd0\x80\xa8\xbc\x81 ").text
    '中€ḿ\ufffd '
    """
    return run(lambda: data.decode("gbk", _HANDLER))


def _rescue(data: bytes, start: int) -> tuple[str, int]:
    lead = data[start]
    if lead == EURO:
        return "€", 1
    trail = data[start + 1] if start + 1 < len(data) else -1
    if lead == 0xFF or trail < 0:
        return MARK, 1
    if 0x30 <= trail <= 0x39:
        return _four_bytes(data, start)
    if trail < 0x40 or trail in (0x7F, 0xFF):
        return MARK, 1 if trail < 0x80 else 2
    text = AMENDED.get(lead << 8 | trail)
    return text or data[start : start + 2].decode("gb18030"), 2


def _four_bytes(data: bytes, start: int) -> tuple[str, int]:
    code = data[start : start + 4]
    if len(code) > 2 and not 0x81 <= code[2] <= 0xFE:
        return MARK, 1
    if len(code) < 4:
        return MARK, len(code)
    if not 0x30 <= code[3] <= 0x39:
        return MARK, 1
    if code == FOUR_BYTE_E7C7:
        return "\ue7c7", 4
    try:
        return code.decode("gb18030"), 4
    except UnicodeDecodeError:
        return MARK, 4


_HANDLER = handler("zhfix-gb18030", _rescue)
_ENCODED = {char: code.to_bytes(2, "big") for code, char in AMENDED.items() if code != 0xA3A0}


def encode_character(char: str, *, four_bytes: bool) -> bytes | None:
    """Return the bytes of a character that Python's `gbk` cannot encode, or None.

    >>> encode_character("ḿ", four_bytes=False).hex(), encode_character("😀", four_bytes=False)
    ('a8bc', None)

    Without `four_bytes` this is the standard's encoder for the label `gbk`, with € as 80.
    """
    if char == "€" and not four_bytes:
        return bytes((EURO,))
    if found := _ENCODED.get(char):
        return found
    if char == "\ue7c7":
        return FOUR_BYTE_E7C7 if four_bytes else None
    try:
        code = char.encode("gb18030")
    except UnicodeEncodeError:
        return None
    if len(code) == 2 and (char == "\ue5e5" or code.hex() in _TAKEN):
        # Its place has another character in the standard: it has no code at all.
        return None
    return code if four_bytes or len(code) <= 2 else None


_TAKEN = {f"{code:04x}" for code in AMENDED}
