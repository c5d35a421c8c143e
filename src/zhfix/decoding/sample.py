"""Which bytes to look at: a bounded sample of those that tell encodings apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WHOLE_UP_TO", "could_be_wide", "informative", "sample", "wide_sample"]

#: Texts up to this many bytes are judged whole.
WHOLE_UP_TO = 4096
#: Of longer ones, this many windows, evenly spread, of this many bytes.
WINDOWS = 8
WINDOW = 512
#: How far to look for a safe place to cut.
REACH = 1024

#: Of so many empty bytes at most one is not where UTF-16 has them.
SKEW = 4
#: … in stretches of so many bytes.
STRETCH = 16
#: What stands beside an empty byte: of ASCII and Latin, and of the characters of text that have
#: a round number (U+3000, 一, …).
_PLAIN = frozenset(b"\t\n\r" + bytes((*range(0x20, 0x7F), *range(0xA0, 0x100))))
_ROUND = frozenset((0x20, 0x30, *range(0x4E, 0xA0), 0xFF))

_HIGH = re.compile(rb"[\x80-\xff]")
#: Bytes below this are never the second of a pair, nor the digits of a four-byte code.
_SAFE = re.compile(rb"[\x00-\x2f]")
#: Long stretches without high bytes say nothing.
_DULL = re.compile(rb"[\x00-\x7f]{24,}")


def informative(data: bytes) -> bytes:
    r"""Shorten long stretches of ASCII, keeping the ends where high bytes adjoin.

    >>> informative(b"x" * 100 + b"\xd6\xd0")[-10:]
    b'xxxxxxxx\xd6\xd0'
    """
    return _DULL.sub(lambda found: found[0][:8] + b"\n" + found[0][-8:], data)


def sample(data: bytes) -> bytes:
    """Return the bytes to judge: all of a short text, windows of a long one.

    >>> sample(b"abc")
    b'abc'

    Windows begin and end beside a byte that is never part of a longer code where there is
    one within reach; they are joined by line ends.
    """
    if len(data) <= WHOLE_UP_TO:
        return data
    return b"\n".join(_windows(data))


def _windows(data: bytes) -> Iterator[bytes]:
    end = 0
    for number in range(WINDOWS):
        start = max(end, len(data) * number // WINDOWS)
        high = _HIGH.search(data, start)
        if high is None:
            return
        if high.start() > start + 8:
            start = high.start() - 8
        elif high.start() == start and start:
            # This may be the middle of a character.
            start = _cut(data, start)
        end = _cut(data, min(start + WINDOW, len(data)))
        if start < end:
            yield informative(data[start:end])


def _cut(data: bytes, near: int) -> int:
    found = _SAFE.search(data, near, near + REACH)
    return found.end() if found else near


def wide_sample(data: bytes) -> bytes:
    """Return the bytes to judge as UTF-16: pairs stay pairs.

    >>> len(wide_sample(bytes(100_000))) % 2
    0
    """
    if len(data) <= WHOLE_UP_TO:
        return data
    middle = len(data) // 2 & ~1
    return data[: WHOLE_UP_TO // 2] + data[middle : middle + WHOLE_UP_TO // 2]


def could_be_wide(data: bytes) -> bool:
    """Tell whether empty bytes, if any, stand where UTF-16 has them.

    >>> could_be_wide("中文a".encode("utf-16-le")), could_be_wide(bytes(4)), could_be_wide(b"a")
    (True, False, False)

    Beside a character of ASCII, or in 一, a stop or a rarer character of a round number.
    """
    head = data[:WHOLE_UP_TO]
    if len(data) < 2:
        return False
    empty = head.count(0)
    if not empty:
        return True
    # A byte that was lost shifts all that follows, so each stretch is asked by itself.
    natural = 0
    for start in range(0, len(head), STRETCH):
        stretch = head[start : start + STRETCH]
        natural += max(_natural(stretch[::2], stretch[1::2]), _natural(stretch[1::2], stretch[::2]))
    return SKEW * natural >= (SKEW - 1) * empty


def _natural(low: bytes, high: bytes) -> int:
    """Count the empty bytes, given the halves of pairs, that characters of text have."""
    return sum(
        lower in _PLAIN if upper == 0 else lower == 0 and upper in _ROUND
        for lower, upper in zip(low, high, strict=False)
    )
