"""Text to bytes, with a report of what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zhfix.decoding import big5, euc_tw, gb18030, seven_bit
from zhfix.decoding.labels import PYTHON, normalized
from zhfix.decoding.labels import labels as known_labels
from zhfix.document import Finding, Span
from zhfix.errors import ConfigError, UnknownDecoderError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Encoded", "Unfit", "encode"]

Unfit = Literal["question", "entity", "drop"]
"""What becomes of a character that an encoding lacks."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes that came from text.

    >>> Encoded(b"abc", "gbk").data
    b'abc'

    `findings` name the characters that the encoding lacks, and what became of each.
    Their spans count in code points of the text that was encoded.
    """

    data: bytes
    encoding: str
    findings: tuple[Finding, ...] = ()


def encode(text: str, label: str, *, unfit: Unfit = "question") -> Encoded:
    """Encode a text as browsers do; what does not fit is a finding, and becomes `?`.

    >>> encode("中文€", "gbk").data.hex(), encode("中😀", "big5").findings[0].span
    ('d6d0cec480', Span(start=1, end=2))
    >>> encode("中😀", "iso-2022-cn", unfit="entity").data[-9:]
    b'&#128512;'

    `unfit` is "question", "entity" (`&#128512;`, as browsers submit forms) or "drop".
    Raises `UnknownDecoderError` for a label that nobody knows, and `ConfigError` for
    another `unfit`.
    """
    name = normalized(label)
    if name is None:
        raise UnknownDecoderError(label, known_labels())
    if unfit not in _INSTEAD:
        raise ConfigError(f"is one of {', '.join(_INSTEAD)}, not {unfit!r}", path="unfit")
    became, instead = _INSTEAD[unfit]
    fits = _fitting(name)
    lost = {char for char in set(text) if not fits(char)}
    if write := _SEVEN_BIT.get(name):
        data = write(text, instead)
    elif code := _TABLES.get(name):
        data = _by_table(text, code, instead)
    else:
        data = _by_python(text, name, {ord(char): instead(char).decode() for char in lost})
    findings = tuple(
        Finding(
            Span(at, at + 1),
            "encode/unmappable",
            1.0,
            f"{name} has no code for {char!r} (U+{ord(char):04X}); it {became}",
        )
        for at, char in enumerate(text if lost else "")
        if char in lost
    )
    return Encoded(data, name, findings)


def _fitting(name: str) -> Callable[[str], bool]:
    """Return what tells whether an encoding has a character."""
    if fits := _FITS.get(name):
        return fits
    if code := _TABLES.get(name):
        return lambda char: code(char) is not None
    python = PYTHON.get(name, name)
    return lambda char: name == "cesu-8" or _fits(char, python)


def _gbk(char: str) -> bytes | None:
    return gb18030.encode_character(char, four_bytes=False)


def _gb18030(char: str) -> bytes | None:
    return gb18030.encode_character(char, four_bytes=True)


_TABLES: dict[str, Callable[[str], bytes | None]] = {
    "gbk": _gbk,
    "gb18030": _gb18030,
    "big5": big5.encode_character,
    "euc-tw": euc_tw.encode_character,
}


#: What is written for a character that does not fit, and how a finding says so.
_INSTEAD: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "question": ("became ?", lambda _: b"?"),
    "entity": ("became a character reference", lambda char: b"&#%d;" % ord(char)),
    "drop": ("was dropped", lambda _: b""),
}
_SEVEN_BIT = {
    "hz-gb-2312": seven_bit.encode_hz,
    "iso-2022-cn": seven_bit.encode_iso_2022_cn,
}
_FITS = {"hz-gb-2312": seven_bit.fits_hz, "iso-2022-cn": seven_bit.fits_iso_2022_cn}


def _by_table(
    text: str, code: Callable[[str], bytes | None], instead: Callable[[str], bytes]
) -> bytes:
    codes: dict[str, bytes] = {}
    for char in set(text):
        known = code(char)
        codes[char] = instead(char) if known is None else known
    return b"".join([codes[char] for char in text])


def _by_python(text: str, name: str, replaced: dict[int, str]) -> bytes:
    if name == "cesu-8":
        units = text.encode("utf-16-le", "surrogatepass")
        pairs = (
            units[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(units), 2)
        )
        return "".join(pairs).encode("utf-8", "surrogatepass")
    return text.translate(replaced).encode(PYTHON.get(name, name))


def _fits(char: str, python: str) -> bool:
    try:
        char.encode(python)
    except UnicodeEncodeError:
        return False
    return True
