"""How each form of escape is read, and written again to prove the reading.

A reader returns "" for what it cannot read. Where bytes are escaped, several encodings may fit:
such a reader returns a text for each, and the language model chooses.
"""

from __future__ import annotations

import base64
import binascii
import html
import quopri
import re
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from zhfix.patterns import lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = [
    "NAMES",
    "byte_escapes",
    "imap_utf7",
    "like_annex_b",
    "like_bytes",
    "like_entities",
    "like_names",
    "like_units",
    "like_words",
    "percent_bytes",
    "python_codec",
    "quoted_bytes",
    "read_annex_b",
    "read_bytes",
    "read_entities",
    "read_names",
    "read_quoted",
    "read_units",
    "read_utf7",
    "read_words",
]

#: Byte encodings an escape of bytes may have used, the strictest first.
CODECS = (("utf-8",), ("gb18030",), ("cp950", "big5hkscs"))
#: What mail programs name, and the larger encodings that they mean.
LABELS = {
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "x-gbk", "cp936", "gb_2312-80"), ("gb18030",)),
    **dict.fromkeys(("big5", "big5-hkscs", "cp950"), ("cp950", "big5hkscs")),
    **dict.fromkeys(("utf-8", "utf8"), ("utf-8",)),
    "hz-gb-2312": ("hz",),
}
#: Named references that typesetting uses, and those that hide markup.
TYPOGRAPHIC = {
    "nbsp": "\u00a0", "ldquo": "“", "rdquo": "”", "lsquo": "‘", "rsquo": "’", "mdash": "—",
    "ndash": "–", "hellip": "…", "middot": "·", "laquo": "«", "raquo": "»", "times": "×",
    "bull": "•", "ensp": "\u2002", "emsp": "\u2003", "deg": "°", "yen": "¥", "copy": "©",
    "reg": "®", "sect": "§", "permil": "‰", "rarr": "→", "larr": "←", "hearts": "♥",
}  # fmt: skip
HIDING = {"quot": '"', "amp": "&", "lt": "<", "gt": ">", "apos": "'"}
NAMES = {**TYPOGRAPHIC, **HIDING}

#: Code points that Chinese text is made of, as decimals of fixed length: what a reference that
#: lost its semicolon may be, when digits of the text follow.
DECIMAL = (
    "12[2-5][0-9]{2}|199[6-9][0-9]|[23][0-9]{4}|40[0-9]{3}|65[0-5][0-9]{2}"
    "|8[2-9][0-9]{2}|9[0-9]{3}|1[678][0-9]|2[01][0-9]|1[234][0-9]{4}"
)
HEXADECIMAL = "(?:2[0-7]|3[0-9a-fA-F]|[4-9][0-9a-fA-F]|[fF][9a-fA-F])[0-9a-fA-F]{2}|[aA]0|[bBdD]7"
ENTITY = lazy(
    rf"&?(?:amp;)*\#?(?:[xX]([0-9a-fA-F]{{2,6}})|([0-9]{{2,7}}));"
    rf"|&(?:amp;)*\#(?:[xX]({HEXADECIMAL})|({DECIMAL}))"
)
UNIT = lazy(r"(?:u|U\+)(?:\{([0-9a-fA-F]{2,6})\}|([0-9a-fA-F]{4,6}))")
BACKSLASH = lazy(r"\\x([0-9a-fA-F]{2})|\\([0-3][0-7]{2})")


def read_entities(text: str) -> str:
    """Read numeric references; those for controls stay.

    >>> read_entities("&#20013;&#x56fd;"), read_entities("&#20013&#22269" + "5月")
    ('中国', '中国5月')
    """

    def char(match: re.Match[str]) -> str:
        hexadecimal = match[1] or match[3]
        value = int(hexadecimal, 16) if hexadecimal else int(match[2] or match[4])
        good = 0x20 <= value < 0x110000 and not (0xD800 <= value < 0xE000 or 0x7F <= value < 0xA0)
        return chr(value) if good else match[0]

    return ENTITY.sub(char, text)


def like_entities(after: str, before: str) -> str:
    """Write references for what stands in the text as one, in the style of each."""
    parts: list[str] = []
    position = 0
    for char in after:
        match = ENTITY.match(before, position)
        if match is None:
            parts.append(char)
            position += 1
            continue
        position = match.end()
        digits = next(group for group in match.groups() if group)
        hexadecimal = match[1] or match[3]
        number = f"{ord(char):x}" if hexadecimal else str(ord(char))
        number = number.upper() if digits != digits.lower() else number
        parts.append(match[0].replace(digits, number.rjust(len(digits), "0")))
    return "".join(parts)


def read_names(text: str) -> str:
    """Read named references, also those that were escaped twice.

    >>> read_names("&ldquo;"), read_names("&amp;hellip;")
    ('“', '…')
    """
    while (plain := text.replace("&amp;", "&")) != text and plain.endswith(";") and len(plain) > 1:
        text = plain
    return NAMES.get(text.strip("&;"), "")


def like_names(after: str, before: str) -> str:
    """Give the reference back when it stands for that character."""
    return before if html.unescape(before.replace("&amp;", "&")) == after else ""


def read_units(text: str) -> str:
    r"""Read `uXXXX` with any prefix: UTF-16 code units or code points.

    >>> read_units(r"\u4e2d\u56fd"), read_units("%u4E2D"), read_units("<U+4E2D>")
    ('中国', '中', '中')
    """
    chars: list[str] = []
    for match in UNIT.finditer(text):
        value = int(match[1] or match[2], 16)
        if value >= 0x110000:
            return ""
        chars.append(chr(value))
    joined = "".join(chars)
    try:
        return joined.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return ""


def like_units(after: str, before: str) -> str:
    """Write each unit with the text around it and the case of digits that it had."""
    parts: list[str] = []
    position = unit = 0
    units = _code_units(after) if "{" not in before and "<" not in before else list(map(ord, after))
    for match in UNIT.finditer(before):
        if unit == len(units):
            return ""
        digits = match[1] or match[2]
        number = f"{units[unit]:0{len(digits)}x}"
        start, end = match.span(1 if match[1] else 2)
        parts += (before[position:start], number.upper() if digits != digits.lower() else number)
        position = end
        unit += 1
    return "".join((*parts, before[position:])) if unit == len(units) else ""


def _code_units(text: str) -> list[int]:
    data = text.encode("utf-16-be", "surrogatepass")
    return [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]


ANNEX_B = lazy("%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})")


def read_annex_b(text: str) -> str:
    """Read what JavaScript's `escape()` wrote: units, and bytes of Latin-1 between them.

    >>> read_annex_b("%u4E2D%20%u56FD")
    '中 国'
    """
    if "%u" not in text:
        return ""
    chars = ANNEX_B.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    try:
        return chars.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return ""


def like_annex_b(after: str, before: str) -> str:
    """Write each unit as wide as it was, in the case of its digits; the rest as it stands.

    >>> like_annex_b("a中 国", "a%u4E2D%20%u56FD")
    'a%u4E2D%20%u56FD'
    """
    parts: list[str] = []
    position = 0
    for unit in _code_units(after):
        match = ANNEX_B.match(before, position)
        if match is None:
            parts.append(chr(unit))
            position += 1
            continue
        digits = match[1] or match[2]
        number = f"{unit:0{len(digits)}x}"
        upper = digits != digits.lower()
        parts += ("%u" if match[1] else "%", number.upper() if upper else number)
        position = match.end()
    return "".join(parts)


def read_bytes(to_bytes: Callable[[str], bytes]) -> Callable[[str], tuple[str, ...]]:
    """Make a reader of escaped bytes: one text for each encoding that fits.

    >>> read_bytes(percent_bytes)("%D6%D0%B9%FA")
    ('中国', '笢弊')
    """

    def read(text: str) -> tuple[str, ...]:
        data = to_bytes(text)
        found: dict[str, None] = {}
        for codecs in CODECS:
            if after := _first(data, codecs):
                found[after] = None
        return tuple(found)

    return read


def like_bytes(to_bytes: Callable[[str], bytes]) -> Callable[[str, str], str]:
    """Make a writer: it gives the escape back when the bytes are the same in some encoding."""

    def write(after: str, before: str) -> str:
        data = to_bytes(before)
        return before if any(_same(after, codec, data) for codec in chain(*CODECS)) else ""

    return write


def _first(data: bytes, codecs: Iterable[str]) -> str:
    """Read bytes by the first encoding that can; "" when none does."""
    for codec in codecs:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return ""


def _same(text: str, codec: str, data: bytes) -> bool:
    try:
        return text.encode(codec) == data
    except UnicodeEncodeError:
        return False


def percent_bytes(text: str) -> bytes:
    """The bytes of percent-encoding; a raw `+` alone is the space of a form.

    >>> percent_bytes("%D6%D0+a")
    b'\\xd6\\xd0 a'
    """
    return unquote_to_bytes(text if "%20" in text or "++" in text else text.replace("+", " "))


def quoted_bytes(text: str) -> bytes:
    """The bytes of quoted-printable, in which lines may be broken.

    >>> quoted_bytes("=D6=D0=\\n=B9=FA").decode("gbk")
    '中国'
    """
    return quopri.decodestring(text.encode("ascii", "replace"))


TWO_BYTES = lazy("=[89A-Fa-f][0-9A-Fa-f](?:=\r?\n)?=[0-9A-Fa-f]{2}")
#: What a run holds that was cut from others by a quotation mark.
ONE_BYTE = lazy("=[0-7][0-9A-F]\\Z")


def read_quoted(text: str) -> tuple[str, ...]:
    """Read quoted-printable; a soft line break by itself is nothing.

    >>> read_quoted("=E4=B8=AD"), read_quoted("=\\n")
    (('中',), ('',))
    """
    if not text.strip("=\r\n"):
        return ("",)
    # Assignments have one `=`; the bytes of Chinese come at least in twos.
    return read_bytes(quoted_bytes)(text) if TWO_BYTES.search(text) or ONE_BYTE.match(text) else ()


def byte_escapes(text: str) -> bytes:
    r"""The bytes of `\xE4` or `\344`, and of the ASCII between them.

    >>> byte_escapes(r"\xe4\xb8\xad"), byte_escapes(r"\344\270\255 a")
    (b'\xe4\xb8\xad', b'\xe4\xb8\xad a')
    """

    def byte(match: re.Match[str]) -> str:
        return chr(int(match[1], 16) if match[1] else int(match[2], 8))

    return BACKSLASH.sub(byte, text).encode("latin-1")


WORD = lazy(r"=\?([\w-]+)(?:\*[\w-]+)?\?([bBqQ])\?([!->@-~]*)\?=")


def _word_bytes(text: str) -> tuple[str, bytes]:
    """Return the label and the bytes of adjacent encoded words; "" when one is not Chinese."""
    data, label = b"", ""
    for match in WORD.finditer(text):
        named = match[1].lower()
        if named not in LABELS or (label and LABELS[named] != LABELS[label]):
            return "", b""
        label = named
        body = match[3]
        try:
            if match[2] in "bB":
                data += base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
            else:
                data += quopri.decodestring(body.encode("ascii", "replace"), header=True)
        except binascii.Error:
            return "", b""
    return label, data


def read_words(text: str) -> tuple[str, ...]:
    """Read the encoded words of a mail header.

    >>> read_words("=?gb2312?B?1tC5+g==?=")
    ('中国',)
    """
    label, data = _word_bytes(text)
    after = _first(data, LABELS.get(label, ()))
    return () if after.isascii() or "\n" in after else (after,)


def like_words(after: str, before: str) -> str:
    """Give the words back when they hold the bytes of that text."""
    label, data = _word_bytes(before)
    return before if any(_same(after, codec, data) for codec in LABELS.get(label, ())) else ""


def python_codec(name: str) -> tuple[Callable[[str], str], Callable[[str, str], str]]:
    """Make a reader and a writer of an encoding that writes Chinese in ASCII."""

    def read(text: str) -> str:
        try:
            return text.encode("ascii").decode(name)
        except UnicodeError:
            return ""

    def write(after: str, before: str) -> str:
        return before if read(before) == after else ""

    return read, write


#: Characters of Chinese text; base64 that is not UTF-7 gives others as well.
NEAR_CHINESE = lazy(
    "[\x00-\u00ff\u2010-\u27bf\u3000-\u30ff\u3400-\u9fff\ufe30-\ufe4f\uff00-\uff65"
    "\U00020000-\U0003ffff]+"
)
_utf7, _ = python_codec("utf-7")


def read_utf7(text: str) -> str:
    """Read UTF-7, if it spells nothing but what Chinese text has.

    >>> read_utf7("+Ti1W/Q-"), read_utf7("+abcdefgh=")
    ('中国', '')
    """
    after = "" if text.endswith(("=", "_")) else _utf7(text)
    return after if NEAR_CHINESE.fullmatch(after) else ""


def imap_utf7(text: str) -> str:
    """Read the UTF-7 of IMAP folder names.

    >>> imap_utf7("&Ti1W,Q-")
    '中国'
    """
    return read_utf7(text.replace("&", "+").replace(",", "/"))
