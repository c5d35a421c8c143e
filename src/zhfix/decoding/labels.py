"""Labels and what they mean: the Encoding Standard's, and Chinese ones beyond browsers."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from zhfix.decoding import big5, escapes, euc_tw, gb18030
from zhfix.decoding.faults import MARK, Raw, handler, run
from zhfix.decoding.tables import LABELS
from zhfix.errors import UnknownDecoderError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Codec", "codec", "labels", "normalized"]

#: Encodings that browsers do not read, or only as an error, with their labels.
BEYOND_BROWSERS = {
    "euc-tw": "euctw x-euc-tw cns11643 cseuctw",
    "hz-gb-2312": "hz hz-gb hzgb2312",
    "iso-2022-cn": "iso2022cn csiso2022cn iso-2022-cn-ext iso2022cnext",
    "iso-2022-kr": "iso2022kr csiso2022kr",
    "johab": "cp1361 ms1361",
    "cesu-8": "cesu8 cescu-8",
    "utf-7": "utf7 unicode-1-1-utf-7 csunicode11utf7",
    "utf-32le": "utf-32 utf32 utf-32-le utf32le ucs-4 ucs4",
    "utf-32be": "utf-32-be utf32be",
}
#: More spellings of encodings of the standard.
MORE = {
    "gb18030": "gb18030-2000 gb18030-2005 gb18030-2022 gb-18030 54936",
    "gbk": "cp936 ms936 windows-936 936 x-cp936 euc-cn euccn x-euc-cn gb_1988-80 cn-gb",
    "big5": "cp950 ms950 windows-950 950 big5hkscs hkscs big5-eten big5-2003 x-windows-950",
    "utf-8": "utf-8-sig utf_8 utf8mb4 utf-8-bom 65001 cp65001",
    "utf-16le": "utf_16 utf16 utf-16-le utf_16_le utf16le",
    "utf-16be": "utf-16-be utf_16_be utf16be",
    "euc-kr": "cp949 ms949 uhc 949",
    "shift_jis": "cp932 shift-jis-2004 932",
    "euc-jp": "eucjp euc_jp ujis",
}
#: Python's codecs for encodings of the standard that it has under another name.
PYTHON = {
    "ibm866": "cp866",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "iso-8859-8-i": "iso-8859-8",
    "iso-2022-jp": "iso2022_jp_ext",
    "hz-gb-2312": "hz",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32le": "utf-32-le",
    "utf-32be": "utf-32-be",
}


@dataclass(frozen=True, slots=True)
class Codec:
    r"""A decoder with the name that the standard gives to its encoding.

    >>> codec("x-gbk").name, codec("cp950").decode(b"\xa4\xa4").text
    ('gbk', '中')
    """

    name: str
    decode: Callable[[bytes], Raw]


def normalized(label: str) -> str | None:
    """Return the standard's name for a label, or None when nobody knows it.

    >>> normalized(" GB2312 "), normalized("Big5-HKSCS"), normalized("nonsense")
    ('gbk', 'big5', None)
    """
    plain = label.strip().strip("\"'").lower()
    names = _names()
    for spelling in (plain, plain.replace("_", "-"), plain.replace("-", "_")):
        if spelling in names:
            return names[spelling]
    try:
        info = codecs.lookup(plain)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True):
        return None
    name = info.name.replace("_", "-")
    return names.get(name, name)


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for table in (LABELS, BEYOND_BROWSERS, MORE):
        for name, others in table.items():
            for label in (name, *others.split()):
                names.setdefault(label, name)
    return names


def labels() -> tuple[str, ...]:
    """Return every label that is known by name, sorted.

    >>> "gb2312" in labels(), "euc-tw" in labels()
    (True, True)

    Python's own names for further codecs are understood as well.
    """
    return tuple(sorted(_names()))


def codec(label: str) -> Codec:
    r"""Return the codec of a label; raises `UnknownDecoderError` when there is none.

    >>> codec("GB2312").decode(b"\xd6\xd0").text
    '中'
    """
    name = normalized(label)
    if name is None:
        raise UnknownDecoderError(label, labels())
    return _codec(name)


@cache
def _codec(name: str) -> Codec:
    own = {
        "gb18030": gb18030.decode,
        "gbk": gb18030.decode,
        "big5": big5.decode,
        "euc-tw": euc_tw.decode,
        "hz-gb-2312": escapes.decode_hz,
        "iso-2022-cn": escapes.decode_iso_2022_cn,
        "cesu-8": _decode_cesu_8,
    }
    if found := own.get(name):
        return Codec(name, found)
    if name == "euc-jp":
        return Codec(name, _by_python("euc_jp", _EUC_JP))
    if name == "shift_jis":
        return Codec(name, _by_python("cp932", _SHIFT_JIS))
    if name == "euc-kr":
        return Codec(name, _by_python("cp949", _SWALLOW_NO_ASCII))
    if name.startswith("windows-"):
        return Codec(name, _by_python(PYTHON.get(name, name), _C1))
    return Codec(name, _by_python(PYTHON.get(name, name), _PLAIN))


def _by_python(python: str, errors: str) -> Callable[[bytes], Raw]:
    return lambda data: run(lambda: data.decode(python, errors))


def _decode_cesu_8(data: bytes) -> Raw:
    """Decode UTF-8 in which characters beyond U+FFFF are pairs of surrogates."""

    def decode() -> str:
        text = data.decode("utf-8", _CESU)
        if not _has_surrogates(text):
            return text
        # Pairs become one character; what is left alone is as much a fault as before.
        units = text.encode("utf-16-le", "surrogatepass")
        return units.decode("utf-16-le", "surrogatepass")

    return run(decode)


def _has_surrogates(text: str) -> bool:
    try:
        text.encode("utf-16-le")
    except UnicodeEncodeError:
        return True
    return False


def _rescue_cesu(data: bytes, start: int) -> tuple[str, int]:
    six = data[start : start + 6]
    if (
        len(six) == 6
        and six[0] == six[3] == 0xED
        and 0xA0 <= six[1] <= 0xAF
        and 0xB0 <= six[4] <= 0xBF
    ):
        try:
            return six.decode("utf-8", "surrogatepass"), 6
        except UnicodeDecodeError:
            return MARK, 1
    return MARK, 1


def _rescue_c1(data: bytes, start: int) -> tuple[str, int]:
    """Map unassigned bytes of a Windows code page to C1 controls, as the standard does."""
    return (chr(data[start]) if data[start] < 0xA0 else MARK), 1


def _rescue_pair(data: bytes, start: int) -> tuple[str, int]:
    """Swallow the trail byte of a bad pair unless it is ASCII."""
    lead, trail = data[start], data[start + 1] if start + 1 < len(data) else 0
    return MARK, 2 if 0x81 <= lead <= 0xFE and trail >= 0x80 else 1


def _rescue_shift_jis(data: bytes, start: int) -> tuple[str, int]:
    lead, trail = data[start], data[start + 1] if start + 1 < len(data) else 0
    if lead == 0x80:
        return "\x80", 1
    paired = 0x40 <= trail <= 0x7E or 0x80 <= trail <= 0xFC
    if 0xF0 <= lead <= 0xF9 and paired:
        # User-defined characters are private use from U+E000 on, 188 a row.
        return chr(0xE000 + (lead - 0xF0) * 188 + trail - (0x40 if trail < 0x7F else 0x41)), 2
    return MARK, 2 if trail >= 0x80 and 0x81 <= lead <= 0xFC else 1


def _rescue_euc_jp(data: bytes, start: int) -> tuple[str, int]:
    """Find the extensions by NEC and IBM, which only Python's Shift_JIS codec has."""
    lead, trail = data[start], data[start + 1] if start + 1 < len(data) else 0
    if lead >= 0xA1 and trail >= 0xA1 and lead != 0xFF:
        row, cell = lead - 0xA1, trail - 0xA1
        first = row // 2 + (0x81 if row < 62 else 0xC1)
        second = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 0x3F)
        try:
            return bytes((first, second)).decode("cp932"), 2
        except UnicodeDecodeError:
            return MARK, 2
    return MARK, 1


_PLAIN = handler("zhfix-mark")
_CESU = handler("zhfix-cesu-8", _rescue_cesu)
_C1 = handler("zhfix-c1", _rescue_c1)
_SWALLOW_NO_ASCII = handler("zhfix-pairs", _rescue_pair)
_SHIFT_JIS = handler("zhfix-shift-jis", _rescue_shift_jis)
_EUC_JP = handler("zhfix-euc-jp", _rescue_euc_jp)
