"""The damage of escapes run forwards: how software writes Chinese in ASCII."""

from __future__ import annotations

import base64
import quopri
import re
from email.header import Header
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from zhfix.repairing.channels.escape_codecs import TYPOGRAPHIC

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WRITERS"]

#: Characters that `encodeURIComponent` leaves alone, beside letters and digits.
UNRESERVED = "!~*'()"
#: What `escape()` of ECMA-262 Annex B leaves alone.
ANNEX_B = re.compile(r"[A-Za-z0-9@*_+\-./]")
LONGEST_WORD = 45
"""Bytes in an encoded word: RFC 2047 allows 75 characters in all."""


def each(template: Callable[[int], str]) -> Callable[[str], str]:
    """Write every character beyond ASCII by its code point."""
    return lambda text: "".join(template(ord(c)) if c > "\x7f" else c for c in text)


def units(prefix: str, style: str = "04x") -> Callable[[str], str]:
    """Write every UTF-16 unit beyond ASCII behind a prefix."""

    def write(text: str) -> str:
        parts: list[str] = []
        for char in text:
            if char <= "\x7f":
                parts.append(char)
                continue
            data = char.encode("utf-16-be", "surrogatepass")
            parts += [
                f"{prefix}{data[i] << 8 | data[i + 1]:{style}}" for i in range(0, len(data), 2)
            ]
        return "".join(parts)

    return write


def annex_b(text: str) -> str:
    """Do what `escape()` does in browsers.

    >>> annex_b("中 é")
    '%u4E2D%20%E9'
    """
    wide = units("%u", "04X")
    return "".join(
        char if ANNEX_B.match(char) else (f"%{ord(char):02X}" if char <= "\xff" else wide(char))
        for char in text
    )


def percent(codec: str) -> Callable[[str], str]:
    """Percent-encode as `encodeURIComponent` does, in an encoding."""
    return lambda text: quote(text.encode(codec), safe=UNRESERVED)


def quoted(codec: str) -> Callable[[str], str]:
    """Write quoted-printable, with its soft line breaks."""
    return lambda text: quopri.encodestring(text.encode(codec)).decode("ascii")


def lower(write: Callable[[str], str]) -> Callable[[str], str]:
    """Write the hexadecimal digits in lower case."""
    return lambda text: re.sub("[%=][0-9A-F]{2}", lambda m: m[0].lower(), write(text))


def words(codec: str, label: str, kind: str) -> Callable[[str], str]:
    """Write encoded words, no character cut in two."""

    def word(part: bytes) -> str:
        if kind == "B":
            return f"=?{label}?B?{base64.b64encode(part).decode('ascii')}?="
        plain = quopri.encodestring(part, quotetabs=True, header=True).decode("ascii")
        plain = plain.replace("=\n", "").replace("?", "=3F")
        return f"=?{label}?Q?{plain}?="

    def write(text: str) -> str:
        parts = [b""]
        for char in text:
            data = char.encode(codec)
            if len(parts[-1]) + len(data) > LONGEST_WORD:
                parts.append(b"")
            parts[-1] += data
        return "\n ".join(map(word, parts))

    return write


def backslashes(codec: str, style: str) -> Callable[[str], str]:
    r"""Write bytes beyond ASCII as `\xE4` or `\344`."""
    return lambda text: "".join(
        f"\\{byte:{style}}" if byte > 0x7F else chr(byte) for byte in text.encode(codec)
    )


def hexadecimal_bytes(codec: str, style: str) -> Callable[[str], str]:
    r"""Write bytes beyond ASCII as `\xe4`."""
    return lambda text: "".join(
        f"\\x{byte:{style}}" if byte > 0x7F else chr(byte) for byte in text.encode(codec)
    )


def named(text: str) -> str:
    """Write what HTML has a name for, as old editors do."""
    names = {char: name for name, char in TYPOGRAPHIC.items()}
    return "".join(f"&{names[c]};" if c in names else c for c in text)


def imap(text: str) -> str:
    """Write the UTF-7 of IMAP folder names (RFC 3501 §5.1.3)."""
    return re.sub(
        "[^\x20-\x7e]+",
        lambda m: "&" + base64.b64encode(m[0].encode("utf-16-be")).decode().rstrip("=").replace(
            "/", ","
        ) + "-",
        text.replace("&", "&-"),
    )  # fmt: skip


WRITERS: dict[str, Callable[[str], str]] = {
    "decimal": each(lambda c: f"&#{c};"),
    "decimal-no-semicolon": each(lambda c: f"&#{c}"),
    "decimal-no-ampersand": each(lambda c: f"#{c};"),
    "decimal-no-hash": each(lambda c: f"&{c};"),
    "decimal-twice": each(lambda c: f"&amp;#{c};"),
    "hex": each(lambda c: f"&#x{c:x};"),
    "hex-upper": each(lambda c: f"&#x{c:X};"),
    "hex-no-semicolon": each(lambda c: f"&#x{c:x}"),
    "hex-no-ampersand": each(lambda c: f"#x{c:x};"),
    "hex-no-hash": each(lambda c: f"&x{c:x};"),
    "hex-twice": each(lambda c: f"&amp;#x{c:x};"),
    "named": named,
    "named-twice": lambda text: named(text).replace("&", "&amp;"),
    "unicode": units("\\u"),
    "unicode-upper": units("\\u", "04X"),
    "unicode-twice": units("\\\\u"),
    "unicode-braces": each(lambda c: f"\\u{{{c:x}}}"),
    "no-backslash": units("u"),
    "percent-u": annex_b,
    "percent-u-lower": units("%u"),
    "percent-utf-8": percent("utf-8"),
    "percent-utf-8-lower": lower(percent("utf-8")),
    "percent-utf-8-plus": lambda text: quote_plus(text, safe=UNRESERVED),
    "percent-gbk": percent("gb18030"),
    "percent-gbk-lower": lower(percent("gb18030")),
    "percent-big5": percent("big5hkscs"),
    "quoted-utf-8": quoted("utf-8"),
    "quoted-utf-8-lower": lower(quoted("utf-8")),
    "quoted-gbk": quoted("gb18030"),
    "quoted-big5": quoted("big5hkscs"),
    **{
        f"rfc2047-{label}-{kind.lower()}": words(codec, label, kind)
        for label, codec in (
            ("utf-8", "utf-8"), ("gbk", "gbk"), ("gb2312", "gb18030"), ("big5", "cp950"),
        )
        for kind in "BQ"
    },
    "rfc2047-python": lambda text: Header(text, "utf-8").encode(),
    "utf-7": lambda text: text.encode("utf-7").decode("ascii"),
    "utf-7-imap": imap,
    "hz": lambda text: text.encode("hz").decode("ascii"),
    "bytes-utf-8": hexadecimal_bytes("utf-8", "02x"),
    "bytes-utf-8-upper": hexadecimal_bytes("utf-8", "02X"),
    "bytes-gbk": hexadecimal_bytes("gb18030", "02x"),
    "octal-utf-8": backslashes("utf-8", "03o"),
    "octal-gbk": backslashes("gb18030", "03o"),
    "code-point": each(lambda c: f"U+{c:04X}"),
    "code-point-angles": each(lambda c: f"<U+{c:04X}>"),
}  # fmt: skip
"""The damage run forwards, by name; they raise `UnicodeEncodeError` for what they lack."""
