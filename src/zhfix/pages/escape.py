"""Any text as HTML that shows it: markup as text, and what is invisible by its name."""

from __future__ import annotations

import html
import re
import unicodedata

__all__ = ["attribute", "visible"]

#: Controls, direction marks, zero-width characters, private use, surrogates: what a reader cannot
#: see, or what would turn the page's own text around. Tabs and line ends are shown as they are.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ue000-\uf8ff\ufdd0-\ufdef"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
#: Names that are known better than those of Unicode.
_NAMES = {"\x00": "NUL", "\ufeff": "BOM", "\u200b": "ZWSP", "\r": "CR"}


def visible(text: str) -> str:
    """Return HTML that shows a text, whatever is in it.

    >>> visible("<b>中\\u202e")
    '&lt;b&gt;中<span class="inv" title="U+202E RIGHT-TO-LEFT OVERRIDE">U+202E</span>'
    """
    parts: list[str] = []
    done = 0
    for match in _INVISIBLE.finditer(text):
        parts += (html.escape(text[done : match.start()]), _named(match[0]))
        done = match.end()
    return "".join((*parts, html.escape(text[done:])))


def attribute(text: str) -> str:
    """Return a text for use between the double quotes of an attribute.

    >>> attribute('say "<b>" \\u202e')
    'say &quot;&lt;b&gt;&quot; U+202E'
    """
    return html.escape(_INVISIBLE.sub(lambda match: _code(match[0]), text))


def _code(char: str) -> str:
    return f"U+{ord(char):04X}"


def _named(char: str) -> str:
    name = unicodedata.name(char, "")
    shown = _NAMES.get(char, _code(char))
    title = f"{_code(char)} {name}".rstrip()
    return f'<span class="inv" title="{html.escape(title)}">{shown}</span>'
