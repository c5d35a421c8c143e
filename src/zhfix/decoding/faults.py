"""Running a codec of the standard library with an error handler, and where its faults were.

A handler answers each fault with text: a character that the codec's own table lacks, or
`MARK`, which no codec produces. So a clean result costs one search for `MARK`, and the byte
offsets are noted only in the call that asked for them.
"""

from __future__ import annotations

import codecs
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MARK", "REPLACEMENT", "Fault", "Raw", "finish", "handler", "run", "text_only"]

MARK = "\udffe"
"""Stands for a fault until `finish`: a lone surrogate, which bytes never decode to."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Fault(NamedTuple):
    """Bytes `start` to `end` gave no character; `at` is where U+FFFD stands in the text."""

    at: int
    start: int
    end: int


class Raw(NamedTuple):
    """What a codec made of bytes."""

    text: str
    faults: tuple[Fault, ...] = ()


_places: ContextVar[list[tuple[int, int]] | None] = ContextVar("_places", default=None)

_light: ContextVar[bool] = ContextVar("_light", default=False)


def handler(name: str, rescue: Callable[[bytes, int], tuple[str, int]] | None = None) -> str:
    """Register an error handler and return its name.

    `rescue(data, start)` returns the text for a fault and how many bytes it consumed;
    text of `MARK` says that they mean nothing. Without it the codec's own span is marked.
    """

    def handle(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        start, end = error.start, error.end
        text = MARK
        if rescue is not None:
            text, length = rescue(error.object, start)
            end = start + length
        if text == MARK and (places := _places.get()) is not None:
            places.append((start, end))
        return text, end

    codecs.register_error(name, handle)
    return name


def text_only(decode: Callable[[bytes], Raw], data: bytes) -> str:
    r"""Decode without noting where the faults are: much faster on bytes that are not text.

    >>> text_only(lambda data: run(lambda: data.decode("ascii", "replace")), b"a\xff")
    'a�'
    """
    token = _light.set(True)
    try:
        return decode(data).text
    finally:
        _light.reset(token)


def run(decode: Callable[[], str]) -> Raw:
    """Call a decoding that uses a handler; return its text with U+FFFD for each fault."""
    if _light.get():
        return Raw(decode().replace(MARK, REPLACEMENT))
    places: list[tuple[int, int]] = []
    token = _places.set(places)
    try:
        text = decode()
    finally:
        _places.reset(token)
    return finish(text, places) if places else Raw(text)


def finish(text: str, places: Iterable[tuple[int, int]]) -> Raw:
    """Replace the marks of a text, which belong to the byte places in order."""
    if _light.get():
        return Raw(text.replace(MARK, REPLACEMENT))
    faults = []
    at = -1
    for start, end in places:
        at = text.index(MARK, at + 1)
        faults.append(Fault(at, start, end))
    return Raw(text.replace(MARK, REPLACEMENT), tuple(faults)) if faults else Raw(text)
