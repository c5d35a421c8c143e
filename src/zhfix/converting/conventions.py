"""Signs that a locale's readers expect: quotation marks and full-width punctuation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from zhfix.patterns import lazy

if TYPE_CHECKING:
    from zhfix.locales import Script

__all__ = ["full_width", "quotes"]

_TO_CORNERS = str.maketrans("“”‘’", "「」『』")
_TO_CURLS = str.maketrans("「」『』", "“”‘’")
# An apostrophe stands between letters, or before a year: it's, rock ’n’ roll, ’98.
_CURLY_PAIRS = lazy("“[^“”]*”|(?<![A-Za-z0-9])‘[^‘’]*’(?![A-Za-z])")
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_HALF_WIDTH = lazy(rf"(?<=[{_HAN}」』”’）》])[,;:?!](?=[{_HAN}「『“‘（《\s]|$)", re.MULTILINE)
_BRACKETS = lazy(rf"\(([^()\n]*[{_HAN}][^()\n]*)\)")
_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}


def quotes(text: str, script: Script) -> str:
    """Write “ ” as 「 」 for Traditional, and back for Simplified; only quotes that close.

    >>> quotes("他说“你好，‘朋友’”，it’s", "Hant")
    '他说「你好，『朋友』」，it’s'
    >>> quotes("「漢字」", "Hans")
    '“漢字”'
    """
    if script == "Hans":
        return text.translate(_TO_CURLS)
    return _CURLY_PAIRS.sub(lambda pair: _inner(pair[0]), text)


def _inner(quoted: str) -> str:
    inside = _CURLY_PAIRS.sub(lambda pair: pair[0].translate(_TO_CORNERS), quoted[1:-1])
    return quoted[0].translate(_TO_CORNERS) + inside + quoted[-1].translate(_TO_CORNERS)


def full_width(text: str) -> str:
    """Write , ; : ? ! and brackets full width where Chinese stands before and after.

    >>> full_width("你好,世界!(真的)  f(x), a:b")
    '你好，世界！（真的）  f(x), a:b'
    """
    text = _BRACKETS.sub(r"（\1）", text)
    return _HALF_WIDTH.sub(lambda sign: _FULL[sign[0]], text)
