"""The forms of escapes: how each is found, and where it is an accident.

Grammar: HTML character references (WHATWG), RFC 3986 and ECMA-262 Annex B (`%uXXXX`),
RFC 2047, RFC 2045 §6.7, RFC 2152 (UTF-7), RFC 3501 §5.1.3 (its IMAP dialect), RFC 1843 (HZ).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING

from zhfix.patterns import lazy
from zhfix.repairing.channels import escape_codecs as codecs
from zhfix.repairing.channels.escape_signs import SIGNS, signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["FAR", "FORMS", "Form", "Meant"]


#: Code points before and after a place that are its line, when the line is longer.
FAR = 4000


class Meant(Flag):
    """Where a form is legitimate."""

    NOWHERE = 0
    MARKUP = auto()
    """In a document with tags."""
    MIME = auto()
    """In a message shown with its headers."""
    URL = auto()
    """In a URL, a query, or a path."""
    QUERY = auto()
    """In a URL or a query; paths never have it."""
    ESCAPED = auto()
    """Behind a backslash of its own."""
    RANGE = auto()
    """In the character class of a regular expression."""
    CODE = auto()
    """On a line of source code, even without quotes."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one form is found and read, and how much it takes to be sure of it.

    `least` Han characters make it sure; `strict` forms can hardly be anything else. Beside a
    sure one, of `loose` ones only Chinese counts, of others all that is not ASCII, or `literal`.
    A `typographic` one is sure beside Chinese. `quoted` ones are accidents between quotes, too.
    `base64` is like one, and is not sure inside of what may be that. With `ascii` an escape of
    ASCII is undone as well, beside a sure one. `lonely` ones never touch letters of the West:
    there they stand for bytes of mojibake.
    """

    rule: str
    what: str
    sign: re.Pattern[bytes]
    """Stands in every match, at its beginning if it can, and looks at nothing before it."""
    pattern: re.Pattern[str]
    read: Callable[[str], tuple[str, ...]]
    write_like: Callable[[str, str], str]
    meant: Meant = Meant.NOWHERE
    least: int = 2
    strict: bool = False
    loose: bool = False
    literal: str = ""
    typographic: bool = False
    quoted: bool = False
    base64: bool = False
    ascii: bool = False
    lonely: bool = False
    by_line: bool = True
    """No match goes on in the next line: only lines that hold the sign are searched."""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where this form stands, in code points."""
        found = signs(text, self.sign)
        if found and not self.by_line:
            yield from (match.span() for match in self.pattern.finditer(text))
            return
        done = end = 0
        for place, sign in enumerate(found):
            if sign >= done:
                low = max(done, sign - FAR)
                start = text.rfind("\n", low, sign) + 1 or low
                if sign >= end:
                    end = text.find("\n", sign) + 1 or len(text)
                # Of a long line only what lies near the signs, unless a match goes on.
                done = _last_near(found, place) + FAR
                spans = [
                    match.span() for match in self.pattern.finditer(text, start, min(done, end))
                ]
                if done >= end or (spans and spans[-1][1] == done):
                    done = end
                    spans = [match.span() for match in self.pattern.finditer(text, start, end)]
                yield from spans


def _last_near(signs: Sequence[int], place: int) -> int:
    """Return the last of the signs from a place on that are near one another."""
    while place + 1 < len(signs) and signs[place + 1] - signs[place] <= FAR:
        place += 1
    return signs[place]


def _one(read: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """Make a reader of several texts of one that gives one, or "" for none."""

    def several(text: str) -> tuple[str, ...]:
        after = read(text)
        return (after,) if after else ()

    return several


_HZ, _HZ_LIKE = codecs.python_codec("hz")
_, _UTF7_LIKE = codecs.python_codec("utf-7")


def _imap_like(after: str, before: str) -> str:
    return before if codecs.imap_utf7(before) == after else ""


def _run(one: str) -> str:
    """Write the pattern of several in a row; it begins with a literal, so that search is fast."""
    return f"{one}(?:{one})*"


_WORD = r"=\?[\w-]{2,20}(?:\*[\w-]{2,8})?\?[bBqQ]\?[!->@-~]*\?="
#: ASCII that goes on a run of escaped bytes: the second byte of GBK and Big5 may be any of it.
_PERCENT_RUN = r"(?<![0-9A-Za-z_.~!*()+-])[0-9A-Za-z_.~!*()+-]*+%[%0-9A-Za-z_.~!*()+-]*"
_ANNEX_B_RUN = r"%(?:u[0-9a-fA-F]{4}|[0-9a-fA-F]{2})[%0-9A-Za-z@*_+\-./]*"

FORMS = (
    Form(
        "escape/rfc2047",
        "an encoded word",
        SIGNS["word"],
        lazy(rf"{_WORD}(?:\s{{1,4}}{_WORD})*"),
        codecs.read_words,
        codecs.like_words,
        Meant.MIME,
        least=1,
        strict=True,
        quoted=True,
        by_line=False,
    ),
    Form(
        "escape/entity",
        "character references",
        SIGNS["entity"],
        lazy(
            _run(
                r"&(?:amp;)*\#(?:(?:[xX][0-9a-fA-F]{2,6}|[0-9]{2,7});"
                rf"|(?:[xX](?:{codecs.HEXADECIMAL})|{codecs.DECIMAL}))"
            )
        ),
        _one(codecs.read_entities),
        codecs.like_entities,
        Meant.MARKUP,
        strict=True,
        ascii=True,
    ),
    Form(
        "escape/entity",
        "a named character reference",
        SIGNS["named"],
        lazy(rf"&(?:amp;)*(?:{'|'.join(codecs.NAMES)});"),
        _one(codecs.read_names),
        codecs.like_names,
        Meant.MARKUP,
        typographic=True,
    ),
    Form(
        "escape/entity-broken",
        "character references that lost a sign",
        SIGNS["broken"],
        lazy(
            r"[\#&](?:(?<=\#)(?<!&\#)(?:[xX][0-9a-fA-F]{2,5}|[0-9]{3,6});"
            r"(?:\#(?:[xX][0-9a-fA-F]{2,5}|[0-9]{3,6});)*"
            r"|(?<=&)(?:[xX][0-9a-fA-F]{2,5}|[0-9]{3,6});"
            r"(?:&(?:[xX][0-9a-fA-F]{2,5}|[0-9]{3,6});)*)"
        ),
        _one(codecs.read_entities),
        codecs.like_entities,
        Meant.MARKUP,
        strict=True,
        typographic=True,
    ),
    Form(
        "escape/unicode",
        "\\u escapes",
        SIGNS["unicode"],
        lazy(
            r"\\\\?u(?:[0-9a-fA-F]{4}(?:\\{1,2}u[0-9a-fA-F]{4})*"
            r"|\{[0-9a-fA-F]{2,6}\}(?:\\{1,2}u\{[0-9a-fA-F]{2,6}\})*)"
        ),
        _one(codecs.read_units),
        codecs.like_units,
        Meant.RANGE | Meant.CODE | Meant.ESCAPED,
        strict=True,
    ),
    Form(
        "escape/unicode",
        "\\u escapes without their backslash",
        SIGNS["bare_unicode"],
        lazy(r"u(?<![\\%&]u)[0-9a-fA-F]{4}(?:u[0-9a-fA-F]{4})*"),
        _one(codecs.read_units),
        codecs.like_units,
        Meant.CODE,
        loose=True,
    ),
    Form(
        "escape/percent",
        "%u escapes",
        SIGNS["annex_b"],
        lazy(_ANNEX_B_RUN),
        _one(codecs.read_annex_b),
        codecs.like_annex_b,
        Meant.QUERY | Meant.CODE,
        strict=True,
        ascii=True,
    ),
    Form(
        "escape/percent",
        "percent-encoding",
        SIGNS["percent"],
        lazy(_PERCENT_RUN),
        codecs.read_bytes(codecs.percent_bytes),
        codecs.like_bytes(codecs.percent_bytes),
        Meant.URL | Meant.CODE,
        strict=True,
        ascii=True,
    ),
    Form(
        "escape/quoted-printable",
        "quoted-printable",
        SIGNS["quoted"],
        lazy(r"=[0-9A-Fa-f]{2}(?:=\r?\n|[!#-~ \t])*|=\r?\n"),
        codecs.read_quoted,
        codecs.like_bytes(codecs.quoted_bytes),
        Meant.MIME | Meant.CODE,
        strict=True,
        ascii=True,
        by_line=False,
    ),
    Form(
        "escape/bytes",
        "bytes in hexadecimal",
        SIGNS["hexadecimal"],
        lazy(r"\\x[0-9a-fA-F]{2}[!#-&(-~ ]*"),
        codecs.read_bytes(codecs.byte_escapes),
        codecs.like_bytes(codecs.byte_escapes),
        Meant.RANGE | Meant.CODE | Meant.ESCAPED,
        strict=True,
        lonely=True,
    ),
    Form(
        "escape/bytes",
        "bytes in octal",
        SIGNS["octal"],
        lazy(r"\\[2-3][0-7]{2}[!#-&(-~ ]*"),
        codecs.read_bytes(codecs.byte_escapes),
        codecs.like_bytes(codecs.byte_escapes),
        Meant.RANGE | Meant.CODE | Meant.ESCAPED,
        strict=True,
        lonely=True,
    ),
    Form(
        "escape/code-point",
        "code points by their numbers",
        SIGNS["code_point"],
        lazy(r"(?:<U\+[0-9A-F]{4,6}>)+|(?:U\+[0-9A-F]{4})+"),
        _one(codecs.read_units),
        codecs.like_units,
        Meant.RANGE | Meant.CODE,
        strict=True,
    ),
    Form(
        "escape/utf-7",
        "UTF-7",
        SIGNS["utf7"],
        lazy(r"\+[A-Za-z0-9+/]{3,}+[-=_]?|\+-"),
        _one(codecs.read_utf7),
        _UTF7_LIKE,
        Meant.QUERY | Meant.CODE,
        literal="+\\~",
        base64=True,
    ),
    Form(
        "escape/utf-7",
        "UTF-7 of IMAP",
        SIGNS["imap"],
        lazy(r"&[A-Za-z0-9+,]{3,}+-|&-"),
        _one(codecs.imap_utf7),
        _imap_like,
        Meant.CODE | Meant.MARKUP,
        literal="&",
    ),
    Form(
        "escape/hz",
        "HZ",
        # The sign of a `~` is not enough for a text to be looked at.
        lazy(rb"~(?:\{[!-w]|~)"),
        lazy(r"~\{(?:[!-w][!-~]){1,2000}+~\}|~~"),
        _one(_HZ),
        _HZ_LIKE,
        least=1,
        strict=True,
        literal="~",
    ),
)
