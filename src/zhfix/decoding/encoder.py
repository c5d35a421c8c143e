"""Text to bytes, with a report of what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhfix.decoding import big5, euc_tw, gb18030
from zhfix.decoding.labels import PYTHON, normalized
from zhfix.decoding.labels import labels as known_labels
from zhfix.document import Finding, Span
from zhfix.errors import ConfigError, UnknownDecoderError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Encoded", "encode"]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes that came from text.

    >>> Encoded(b"abc", "gbk").data
    b'abc'

    `findings` name the characters that the encoding lacks; each became `?`.
    Their spans count in code points of the text that was encoded.
    """

    data: bytes
    encoding: str
    findings: tuple[Finding, ...] = ()


def encode(text: str, label: str) -> Encoded:
    """Encode a text as browsers do; what does not fit becomes `?` and a finding.

    >>> encode("中文€", "gbk").data.hex(), encode("中😀", "big5").findings[0].span
    ('d6d0cec480', Span(start=1, end=2))

    Raises `UnknownDecoderError` for a label that nobody knows, and `ConfigError` for
    ISO-2022-CN, which is only read.
    """
    name = normalized(label)
    if name is None:
        raise UnknownDecoderError(label, known_labels())
    if name == "iso-2022-cn":
        raise ConfigError("is decoded only; write utf-8 or gb18030 instead", path=label)
    codes = _TABLES.get(name)
    data, lost = _by_table(text, codes) if codes else _by_python(text, name)
    findings = tuple(
        Finding(
            Span(at, at + 1),
            "encode/unmappable",
            1.0,
            f"{name} has no code for {text[at]!r} (U+{ord(text[at]):04X}); it became ?",
        )
        for at in lost
    )
    return Encoded(data, name, findings)


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


def _by_table(text: str, code: Callable[[str], bytes | None]) -> tuple[bytes, list[int]]:
    codes = {char: code(char) for char in set(text)}
    lost = (
        [at for at, char in enumerate(text) if codes[char] is None]
        if None in codes.values()
        else []
    )
    return b"".join([codes[char] or b"?" for char in text]), lost


def _by_python(text: str, name: str) -> tuple[bytes, list[int]]:
    if name == "cesu-8":
        units = text.encode("utf-16-le", "surrogatepass")
        pairs = (
            units[i : i + 2].decode("utf-16-le", "surrogatepass") for i in range(0, len(units), 2)
        )
        return "".join(pairs).encode("utf-8", "surrogatepass"), []
    python = PYTHON.get(name, name)
    try:
        return text.encode(python), []
    except UnicodeEncodeError:
        unfit = {char for char in set(text) if not _fits(char, python)}
    lost = [at for at, char in enumerate(text) if char in unfit]
    return text.translate(dict.fromkeys(map(ord, unfit), "?")).encode(python), lost


def _fits(char: str, python: str) -> bool:
    try:
        char.encode(python)
    except UnicodeEncodeError:
        return False
    return True
