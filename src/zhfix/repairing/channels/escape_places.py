"""Where an escape is meant: strings, code, URLs, character classes. Asked from left to right.

Everything here walks over a text once, whatever the text: hostile ones have a million escapes
in one word or between as many quotation marks.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from zhfix.patterns import lazy
from zhfix.repairing.channels.escape_forms import FAR, Meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhfix.repairing.channels.escape_forms import Form

__all__ = ["HAN", "MARKUP", "MIME", "MIME_SIGN", "Places", "is_json"]

HAN = lazy("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: What only markup, or a message shown with its source, has.
MARKUP = lazy(r"</[A-Za-z][\w:-]{0,30}>|<(?:!DOCTYPE|\?xml|html|[A-Za-z]{1,12} [\w:-]{1,30}=)")
MIME = lazy(r"^(?:Content-Transfer-Encoding|MIME-Version):", re.MULTILINE | re.IGNORECASE)
MIME_SIGN = lazy(rb"(?i:-encoding:|-version:)")
#: Quotation marks that are not escaped, and no apostrophes. The mark comes first, because a search
#: for one of three characters is ten times as fast as one that looks back everywhere.
QUOTE = lazy("[\"`'](?<!\\\\[\"`'])(?:(?<!')|(?<![A-Za-z]')|(?![A-Za-z]))")
CHINESE_SIDE = lazy("[\u2010-\u2027\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uff65]")
#: What may stand between a word of prose and the quotation mark after or before it.
BETWEEN = " ,.:;!?()"
#: A header of a mail, in which a name may be quoted.
HEADER = lazy(r"[A-Z][A-Za-z-]{1,40}: ")

#: A line that only source code has: a statement's beginning or end, or an assignment.
CODE_LINE = lazy(
    r"""^[ \t]*+(?:(?P<other>(?:import|from|def|class|function|var|let|const|return|public|private
        |static|package|using|echo|print|printf|if|for|while|switch|case|else|elif|try|catch|INSERT
        |SELECT|UPDATE|CREATE)\b(?=[ \t]*[\w$({"':*])|[}{)\]][,;]?[ \t]*$|//|/\*|\*/
        |\#include|<\?php|@\w|[\w.]{2,60}+\([^\n()]{0,200}\);?[ \t]*$)
        |(?P<assigned>[\w.$\[\]"'-]{1,60}+[ \t]{0,8}+=))"""
    r"""|(?P<ended>[;{}])[ \t]{0,80}$""",
    re.MULTILINE | re.VERBOSE,
)
#: A run of ASCII that a URL or a path may be in.
WORD_END = lazy("[\\s\u2e80-\U0003ffff]")
URL_SIGN = lazy(r"://|www\.|[/=&\\]|\?\w|\]\($")
#: `%u` is never in a path, but `escape()` has put it into queries and strings.
QUERY_SIGN = lazy(r"://|www\.|[=&]|\?\w")
URL_AFTER = lazy(r"[/=&]|\?[\w%]", re.ASCII)
QUERY_AFTER = lazy(r"[=&]|\?[\w%]", re.ASCII)
#: Code points in which a character class that holds a range begins.
LONGEST_CLASS = 60
CLASS_OPENS = lazy(r"\[\^?\Z")
CLASS_CLOSES = lazy(r"\][+*?{)/$]")
UNICODE_RANGE = lazy(r"-(?:U\+)?[0-9A-F]{4}|-\\")
#: What JSON begins with; longer texts than this are told by their quotation marks alone.
JSON_STARTS = ("{", "[", '"')
LONGEST_JSON = 20_000_000
#: Code points before a place in which the beginning of its word is sought first.
NEAR = 100


class Places:
    """Answers for one text and the escapes of one form in it, asked in their order."""

    def __init__(self, text: str, form: Form, spans: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self.form = form
        self.spans = spans
        self.starts = {start for start, _ in spans}
        self.ends = {end for _, end in spans}
        self._word = 0
        self._sign = False
        self._line_start = self._line_end = 0
        self._strings: list[tuple[int, int]] = []
        self._code: bool | None = None

    def _in_code(self) -> bool:
        """Whether the line that is looked at is one of source code."""
        if self._code is None:
            self._code = any(
                # The `=` of quoted-printable, and what ends an escape, are no signs of code.
                match["other"] or not (self._in_span(sign) or self._in_span(sign - 1))
                for match in CODE_LINE.finditer(self.text, self._line_start, self._line_end)
                for sign in (
                    match.end("assigned") - 1 if match["assigned"] else match.start("ended"),
                )
            )
        return self._code

    def meant(self, start: int, end: int) -> bool:
        """Whether the escape from start to end stands where it is meant."""
        text, meant = self.text, self.form.meant
        if start >= self._line_end:
            self._next_line(start)
        if self._in_string(start) or (meant & Meant.ESCAPED and text[start - 1 : start] == "\\"):
            return True
        if meant & Meant.RANGE and self._in_class(start, end):
            return True
        if meant & Meant.CODE and self._in_code():
            return True
        return bool(meant & (Meant.URL | Meant.QUERY)) and self._in_url(start, end)

    def _next_line(self, start: int) -> None:
        """Find the strings of the line that holds a place."""
        text = self.text
        self._code = None
        before = max(self._line_end, start - FAR)
        self._line_start = text.rfind("\n", before, start) + 1 or before
        after = min(len(text), start + FAR)
        self._line_end = text.find("\n", start, after) + 1 or after
        waiting: dict[str, int] = {}
        found: list[tuple[int, int]] = []
        for match in QUOTE.finditer(text, self._line_start, self._line_end):
            if self._in_span(match.start()):
                continue
            opened = waiting.pop(match[0], None)
            if opened is None:
                waiting[match[0]] = match.start()
            elif not self._is_quotation(opened, match.start()):
                found.append((opened, match.start()))
        self._strings = merged(found)

    def _is_quotation(self, opened: int, closed: int) -> bool:
        """Whether a pair of marks belongs to prose: it stands beside a word of it."""
        text = self.text
        if self.form.quoted and (
            text.startswith(" <", closed + 1) or HEADER.match(text, self._line_start)
        ):
            return True
        low, high = opened, closed + 1
        while opened - low < 2 and low > self._line_start and text[low - 1] in BETWEEN:
            low -= 1
        while high - closed < 3 and high < self._line_end and text[high] in BETWEEN:
            high += 1
        return (
            low in self.ends
            or high in self.starts
            or CHINESE_SIDE.match(text, low - 1, low) is not None
            or CHINESE_SIDE.match(text, high) is not None
        )

    def _in_span(self, place: int) -> bool:
        """Whether a character belongs to an escape of this form."""
        at = bisect_right(self.spans, (place, len(self.text))) - 1
        return at >= 0 and place < self.spans[at][1]

    def _in_string(self, start: int) -> bool:
        at = bisect_right(self._strings, (start, len(self.text))) - 1
        return at >= 0 and start < self._strings[at][1]

    def _in_class(self, start: int, end: int) -> bool:
        """Whether it stands in the brackets of a regular expression."""
        text = self.text
        before = text[max(0, start - 2) : start]
        if CLASS_OPENS.search(before) and CLASS_CLOSES.match(text, end):
            return True
        if text.startswith("-\\", end) or (before.endswith("-") and text.startswith("]", end)):
            head = text[max(0, start - LONGEST_CLASS) : start]
            return head.rfind("[") > head.rfind("]")
        return UNICODE_RANGE.match(text, end) is not None

    def _in_url(self, start: int, end: int) -> bool:
        """Whether its word is a URL, a query or a path, by what it holds up to here."""
        text = self.text
        pattern = QUERY_SIGN if self.form.meant & Meant.QUERY else URL_SIGN
        if self._word < self._line_start:
            self._word, self._sign = self._line_start, False
        for low in (max(self._word, start - NEAR), self._word):
            ended = [match.end() for match in WORD_END.finditer(text, low, start)]
            if ended:
                self._word, self._sign = ended[-1], False
                break
        self._sign = self._sign or pattern.search(text, self._word, start) is not None
        # What is inside of an escape is no sign, whatever it is.
        self._word = end
        after = QUERY_AFTER if self.form.meant & Meant.QUERY else URL_AFTER
        return self._sign or after.match(text, end) is not None


def merged(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join spans that overlap.

    >>> merged([(0, 9), (2, 4), (8, 12), (20, 21)])
    [(0, 12), (20, 21)]
    """
    joined: list[tuple[int, int]] = []
    for left, right in sorted(pairs):
        if joined and left <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(right, joined[-1][1]))
        else:
            joined.append((left, right))
    return joined


def is_json(text: str) -> bool:
    """Whether a text is a JSON document, which has its own escapes.

    >>> is_json('{"a": "\\\\u4e2d"}'), is_json("[一]")
    (True, False)
    """
    if not text.lstrip().startswith(JSON_STARTS) or len(text) > LONGEST_JSON:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
