"""The forms of escapes: how each is found, read, and written again.

Grammar: HTML character references (WHATWG), RFC 3986 and ECMA-262 Annex B (`%uXXXX`),
RFC 2047, RFC 2045 §6.7, RFC 2152 (UTF-7), RFC 1843 (HZ).
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMS", "WRITERS", "Form"]

#: Byte encodings an escape of bytes may have used, the strictest first.
CODECS = ("utf-8", "gb18030", "big5hkscs")
#: What mail programs name, and the larger encoding that they mean.
LABELS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "utf-8": "utf-8",
    "utf8": "utf-8",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How one form is found and read; the flags say where it is an accident.

    `least` Han characters make it sure; `strict` forms can hardly be anything else. Beside a
    sure one, of `loose` ones only Chinese counts, of others all that is not ASCII, or `literal`.
    `ranges` (of regular expressions), `base64`, `url`, `markup` and `mime` are where it is
    legitimate.
    """

    rule: str
    what: str
    pattern: re.Pattern[str]
    read: Callable[[str], str]
    write_like: Callable[[str, str], str]
    least: int = 2
    strict: bool = False
    loose: bool = False
    literal: str = ""
    named: bool = False
    broken: bool = False
    ranges: bool = False
    base64: bool = False
    url: bool = False
    markup: bool = False
    mime: bool = False


def _units(pattern: str, base: int) -> Callable[[str], str]:
    """Make a reader of UTF-16 code units or code points, one per match."""
    unit = re.compile(pattern)

    def read(text: str) -> str:
        def char(match: re.Match[str]) -> str:
            value = int(match[1], base)
            return chr(value) if value < 0x110000 else match[0]

        chars = unit.sub(char, text)
        try:
            return chars.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            return ""

    return read


def _read_entities(text: str) -> str:
    def char(match: re.Match[str]) -> str:
        value = int(match[1][1:], 16) if match[1][0] in "xX" else int(match[1])
        good = 0xA0 <= value < 0x110000 and not 0xD800 <= value < 0xE000
        return chr(value) if good else match[0]

    return re.sub(r"&?#([xX][0-9a-fA-F]{1,6}|[0-9]{1,7});?", char, text)


def _write_entities(after: str, before: str) -> str:
    """Write references as the first one was written; ASCII stays."""
    head = "&" if before.startswith("&") else ""
    tail = ";" if before.endswith(";") else ""
    if re.match("&?#[xX]", before):
        style = "{:X}" if re.search("#[xX][0-9a-f]*[A-F]", before) else "{:x}"
        mark = "X" if "#X" in before else "x"
        return "".join(
            f"{head}#{mark}{style.format(ord(c))}{tail}" if c > "\x7f" else c for c in after
        )
    return "".join(f"{head}#{ord(c)}{tail}" if c > "\x7f" else c for c in after)


def _write_named(after: str, before: str) -> str:
    return before if html.unescape(before) == after else ""


def _write_units(after: str, before: str) -> str:
    """Write UTF-16 code units with the prefix and the case that the escape has."""
    prefix = before[: before.index("u") + 1]
    style = "{:04X}" if re.search("u[0-9a-f]*[A-F]", before) else "{:04x}"
    parts: list[str] = []
    for char in after:
        if char < "\x7f":
            parts.append(char)
            continue
        data = char.encode("utf-16-be")
        units = [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]
        parts += [prefix + style.format(unit) for unit in units]
    return "".join(parts)


def _decode(data: bytes) -> str:
    """Read bytes as the first encoding that can, with a character beyond ASCII."""
    for codec in CODECS:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        return text if not text.isascii() else ""
    return ""


def _read_percent(text: str) -> str:
    return _decode(unquote_to_bytes(text))


def _bytes_like(to_bytes: Callable[[str], bytes]) -> Callable[[str, str], str]:
    """Make a writer for escapes of bytes: it gives the escape back when the bytes are the same."""

    def write(after: str, before: str) -> str:
        data = to_bytes(before)
        return before if any(_same(after, c, data) for c in CODECS) else ""

    return write


def _same(text: str, codec: str, data: bytes) -> bool:
    try:
        return text.encode(codec) == data
    except UnicodeEncodeError:
        return False


WORD = re.compile(r"=\?([\w-]+)\?([bBqQ])\?([^?\s]*)\?=")


def _word_bytes(text: str) -> tuple[str, bytes] | None:
    """Return the codec and the bytes of adjacent encoded words; None when one is not Chinese."""
    data, codec = b"", ""
    for match in WORD.finditer(text):
        named = LABELS.get(match[1].lower(), "")
        if not named or (codec and named != codec):
            return None
        codec = named
        body = match[3]
        try:
            if match[2] in "bB":
                data += base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
            else:
                data += quopri.decodestring(body.encode("ascii", "replace"), header=True)
        except binascii.Error:
            return None
    return codec, data


def _read_words(text: str) -> str:
    found = _word_bytes(text)
    if found is None:
        return ""
    try:
        after = found[1].decode(found[0])
    except UnicodeDecodeError:
        return ""
    return "" if after.isascii() or "\n" in after else after


def _write_words(after: str, before: str) -> str:
    found = _word_bytes(before)
    return before if found and _same(after, *found) else ""


def _quoted_bytes(text: str) -> bytes:
    return quopri.decodestring(text.encode("ascii", "replace"))


def _read_quoted(text: str) -> str:
    return _decode(_quoted_bytes(text))


def _codec(name: str) -> tuple[Callable[[str], str], Callable[[str, str], str]]:
    def read(text: str) -> str:
        try:
            return text.encode("ascii").decode(name)
        except UnicodeError:
            return ""

    def write(after: str, before: str) -> str:
        return before if read(before) == after else ""

    return read, write


def _write_utf7(text: str) -> str:
    return text.encode("utf-7").decode("ascii")


#: Characters of Chinese text; base64 that is not UTF-7 gives others as well.
NEAR_CHINESE = re.compile("[\x00-\u00ff\u2010-\u27bf\u3000-\u30ff\u3400-\u9fff\uff00-\uff65]+")


def _read_utf7(text: str) -> str:
    after = "" if text.endswith(("=", "_")) else _utf7(text)
    return after if NEAR_CHINESE.fullmatch(after) else ""


_utf7, _UTF7_LIKE = _codec("utf-7")
_HZ, _HZ_LIKE = _codec("hz")

FORMS = (
    Form(
        "escape/rfc2047",
        "an encoded word",
        re.compile(
            r"=\?[\w-]{2,20}\?[bBqQ]\?[^?\s]*\?="
            r"(?:\s{1,4}=\?[\w-]{2,20}\?[bBqQ]\?[^?\s]*\?=)*"
        ),
        _read_words,
        _write_words,
        least=1,
        strict=True,
        mime=True,
    ),
    Form(
        "escape/entity",
        "character references",
        re.compile(r"(?:&\#(?:[xX][0-9a-fA-F]{2,6}|[0-9]{3,7});?)+"),
        _read_entities,
        _write_entities,
        strict=True,
        markup=True,
    ),
    Form(
        "escape/entity",
        "a named character reference",
        re.compile(
            r"&(?:nbsp|[lr][ds]quo|[mn]dash|hellip|middot|[lr]aquo|times|bull|ensp|emsp"
            r"|quot|amp|lt|gt);"
        ),
        html.unescape,
        _write_named,
        named=True,
        markup=True,
    ),
    Form(
        "escape/entity-broken",
        "character references without their ampersand",
        re.compile(r"(?<!&)(?:\#(?:[xX][0-9a-fA-F]{2,5}|(?<![A-Za-z/]\#)[0-9]{5});)+"),
        _read_entities,
        _write_entities,
        strict=True,
        broken=True,
        markup=True,
    ),
    Form(
        "escape/unicode",
        "\\u escapes",
        re.compile(r"(?:\\{1,2}u[0-9a-fA-F]{4})+"),
        _units(r"\\{1,2}u([0-9a-fA-F]{4})", 16),
        _write_units,
        strict=True,
        ranges=True,
    ),
    Form(
        "escape/unicode",
        "\\u escapes without their backslash",
        re.compile(r"(?<![\\%&])(?:u[0-9a-fA-F]{4})+"),
        _units(r"u([0-9a-fA-F]{4})", 16),
        _write_units,
        loose=True,
    ),
    Form(
        "escape/percent",
        "%u escapes",
        re.compile(r"(?:%u[0-9a-fA-F]{4})+"),
        _units(r"%u([0-9a-fA-F]{4})", 16),
        _write_units,
        strict=True,
        url=True,
    ),
    Form(
        "escape/percent",
        "percent-encoding",
        re.compile(r"(?:%[0-9a-fA-F]{2})[%0-9A-Za-z_.~!*'()-]*"),
        _read_percent,
        _bytes_like(unquote_to_bytes),
        url=True,
    ),
    Form(
        "escape/quoted-printable",
        "quoted-printable",
        re.compile(r"=[0-9A-F]{2}(?:=\r?\n|[!-~ ])*"),
        _read_quoted,
        _bytes_like(_quoted_bytes),
        mime=True,
    ),
    Form(
        "escape/utf-7",
        "UTF-7",
        re.compile(r"\+[A-Za-z0-9+/]{3,}+[-=_]?|\+-"),
        _read_utf7,
        _UTF7_LIKE,
        literal="+",
        base64=True,
    ),
    Form(
        "escape/hz",
        "HZ",
        re.compile(r"~\{(?:[!-w][!-~]){1,2000}+~\}|~~"),
        _HZ,
        _HZ_LIKE,
        least=1,
        strict=True,
        literal="~",
    ),
)


def _each(template: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(template(c) if c > "\x7f" else c for c in text)


def _percent(codec: str) -> Callable[[str], str]:
    return lambda text: quote(text.encode(codec), safe="!~*'()")


def _quoted(codec: str) -> Callable[[str], str]:
    return lambda text: quopri.encodestring(text.encode(codec)).decode("ascii")


def _word(codec: str, label: str) -> Callable[[str], str]:
    return lambda text: f"=?{label}?B?{base64.b64encode(text.encode(codec)).decode('ascii')}?="


def _escape(prefix: str) -> Callable[[str], str]:
    return lambda text: _write_units(text, prefix)


#: The damage run forwards, by name.
WRITERS: dict[str, Callable[[str], str]] = {
    "decimal": _each(lambda c: f"&#{ord(c)};"),
    "hex": _each(lambda c: f"&#x{ord(c):x};"),
    "no-ampersand": _each(lambda c: f"#x{ord(c):x};"),
    "unicode": _escape("\\u"),
    "no-backslash": _escape("u"),
    "percent-u": _escape("%u"),
    "percent-utf-8": _percent("utf-8"),
    "percent-gbk": _percent("gb18030"),
    "quoted-utf-8": _quoted("utf-8"),
    "quoted-gbk": _quoted("gb18030"),
    "rfc2047-gb2312": _word("gb18030", "gb2312"),
    "rfc2047-utf-8": _word("utf-8", "utf-8"),
    "utf-7": _write_utf7,
    "hz": lambda text: text.encode("hz").decode("ascii"),
}
