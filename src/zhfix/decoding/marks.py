"""What bytes say of their own encoding: byte order marks and declarations."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["ESCAPES", "Guess", "by_mark", "declared_in"]

#: Byte order marks, the longer ones first.
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32le"),
    (b"\x00\x00\xfe\xff", "utf-32be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
#: Declarations are looked for in so many bytes, as in browsers.
HEAD = 1024
#: Escapes of HZ begin within so many bytes, or there are none.
ESCAPES = 65_536

_DECLARATION = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})"
    rb"|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})"
    rb"|@charset\s+\"([\w:.-]{2,40})\""
    rb"|charset=([\w:.-]{2,40})",
    re.IGNORECASE,
)


class Guess(NamedTuple):
    """An encoding, the probability that it is the right one, and how close the next was."""

    encoding: str
    confidence: float
    runner_up: str | None = None
    margin: float = 0.0
    mark: int = 0
    """How many bytes the byte order mark has."""


def by_mark(data: bytes) -> Guess | None:
    r"""Return what a byte order mark says.

    >>> by_mark(b"\xef\xbb\xbfabc").encoding
    'utf-8'
    """
    for mark, name in MARKS:
        if data.startswith(mark):
            return Guess(name, 1.0, mark=len(mark))
    return None


def declared_in(data: bytes) -> str | None:
    """Return the label that HTML, XML or CSS declares in its head, as it is written.

    >>> declared_in(b'<meta charset="big5">')
    'big5'
    """
    head = data[:HEAD].lower()
    if b"charset" not in head and b"encoding" not in head:
        return None
    found = _DECLARATION.search(data, 0, HEAD)
    if found is None:
        return None
    return next(group for group in found.groups() if group).decode("ascii")
