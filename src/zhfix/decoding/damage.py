"""Bytes lost, added or changed inside multi-byte text: find the place and fall back into step.

Where a text makes no sense, or has a fault, the cheapest walk over the bytes (`walks`) is taken, if
it is clearly cheaper than the plain reading; it begins and ends in text that is in step. Where no
byte can have been lost (`lost`) there is no walk.
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding.faults import MARK, REPLACEMENT, Raw, finish
from zhfix.decoding.labels import codec
from zhfix.decoding.lost import AROUND, BOUNDED, may_be_lost
from zhfix.decoding.strange import laid, marks, places, strange
from zhfix.decoding.walks import (
    GAIN,
    GAIN_AGAIN,
    GAIN_EACH,
    SHAPES,
    SKIP,
    Option,
    character,
    cost,
    walk,
)
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["MENDABLE", "mend", "whole_characters"]

#: A walk covers at most so many characters; what follows is looked at again.
LONGEST = 800
#: Bytes that are looked at in one go, and on either side of a fault of UTF-8.
CHUNK = 4096
NEAR = 60
MENDABLE = frozenset(SHAPES)
"""Encodings whose damage this module walks over."""


class _Reader(NamedTuple):
    """An encoding, who reads it, and what marks the characters that are suspect."""

    encoding: str
    decode: Callable[[bytes], Raw]
    odd: Callable[[str, str], NDArray[np.bool_]]


def mend(data: bytes, encoding: str) -> Raw:
    """Decode a stretch of bytes, falling back into step where they are damaged.

    >>> hurt = "这是一个关于编".encode("gbk")[:9] + "码的测试文件，不是别的。".encode("gbk")[1:]
    >>> mend(hurt, "gb18030").text.endswith("的测试文件，不是别的。")
    True

    `encoding` is one of `MENDABLE`; fault offsets are bytes of `data`.
    """
    decode = codec(encoding).decode
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    windows = _around_faults(data, decode) if encoding == "utf-8" else [(0, len(data))]
    reader = _Reader(encoding, decode, partial(_suspect, encoding))
    position = 0
    for start, end in windows:
        if start > position:
            parts.append(decode(data[position:start]).text)
        position = _mend_window(data, (start, end), reader, (parts, places))
    if position < len(data):
        parts.append(decode(data[position:]).text)
    return finish("".join(parts), places)


def whole_characters(data: bytes, encoding: str) -> int:
    """Return where the last character ends that is there with all its bytes.

    >>> whole_characters("中文".encode("gbk")[:3], "gb18030")
    2
    """
    if encoding not in SHAPES:
        return len(data)
    shape = SHAPES[encoding]
    starts = [token.start() for token in shape.token.finditer(data)]
    longest = max(shape.lengths)
    # A byte by itself that begins a character has lost the others, which would follow it.
    ends = [*starts[1:], len(data)]
    for start, end in zip(starts[-longest:], ends[-longest:], strict=True):
        if end - start == 1 and data[start] >= 0x80 and len(data) - start < longest:
            return start or len(data)
    return len(data)


def _around_faults(data: bytes, decode: Callable[[bytes], Raw]) -> list[tuple[int, int]]:
    """Return stretches of UTF-8 that hold its faults: it falls into step again by itself."""
    windows: list[tuple[int, int]] = []
    for fault in decode(data).faults:
        start, end = max(0, fault.start - NEAR), min(len(data), fault.end + NEAR)
        while start > 0 and 0x80 <= data[start] < 0xC0:
            start -= 1
        while end < len(data) and 0x80 <= data[end] < 0xC0:
            end += 1
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return windows


def _mend_window(
    data: bytes,
    window: tuple[int, int],
    reader: _Reader,
    made: tuple[list[str], list[tuple[int, int]]],
) -> int:
    """Append the mended text of a stretch of bytes and its faults; return where it ended."""
    (position, stop), encoding, (parts, places) = window, reader.encoding, made
    while position < stop:
        end = min(stop, position + CHUNK)
        tokens = [token.span() for token in SHAPES[encoding].token.finditer(data, position, end)]
        if end < stop:
            # The last ones may be cut.
            tokens = tokens[: -2 * AROUND]
        texts = _texts(reader, data, tokens)
        done = 0
        while (place := _first_strange(texts[done:], parts, reader.odd)) is not None:
            first, last = place[0] + done, place[1] + done
            _put(parts, places, texts[done:first], tokens[done:first])
            before = parts[-1][-1] if parts else "\n"
            plain = [
                Option(*span, text, SKIP if text == MARK else 0.0)
                for span, text in zip(tokens[first:last], texts[first:last], strict=True)
            ]
            walked = walk(data, (plain[0].start, plain[-1].end), before, encoding)
            gain = cost(plain, before) - cost(walked, before)
            faultless = all(option.text != MARK for option in plain)
            enough = GAIN + GAIN_EACH * len(plain) + GAIN_AGAIN * max(0, _hurts(walked) - 1)
            chosen = plain if faultless and gain < enough else walked
            _put(parts, places, [o.text for o in chosen], [(o.start, o.end) for o in chosen])
            position, done = chosen[-1].end, last
            if position != plain[-1].end:
                break
        else:
            _put(parts, places, texts[done:], tokens[done:])
            position = tokens[-1][1]
    return position


def _hurts(walked: list[Option]) -> int:
    """Count the places of a walk where bytes are skipped, a stretch of them as one."""
    hurt = [option.price > 0 for option in walked]
    return sum(now and not before for before, now in pairwise([False, *hurt]))


def _texts(reader: _Reader, data: bytes, tokens: list[tuple[int, int]]) -> list[str]:
    """Read tokens, in one go where none of them has a fault or is two characters."""
    whole = reader.decode(data[tokens[0][0] : tokens[-1][1]])
    if not whole.faults and len(whole.text) == len(tokens):
        return list(whole.text)
    return [character(reader.encoding, data[start:end]) for start, end in tokens]


def _put(
    parts: list[str], places: list[tuple[int, int]], texts: list[str], spans: list[tuple[int, int]]
) -> None:
    """Append texts; faults that follow each other become one."""
    for text, span in zip(texts, spans, strict=True):
        if text == MARK:
            if parts and parts[-1] == MARK and places[-1][1] == span[0]:
                places[-1] = (places[-1][0], span[1])
                continue
            places.append(span)
        parts.append(text)


def _suspect(encoding: str, before: str, text: str) -> NDArray[np.bool_]:
    """Mark the faults of a text, and the places where a byte may be hurt without one."""
    points = code_points(f"{before}{text}\n")
    faults: NDArray[np.bool_] = points[1:-1] == ord(REPLACEMENT)
    if encoding == "utf-8":
        # All that is well-formed is right.
        return faults
    if encoding not in BOUNDED:
        return strange(points)
    read = laid(points)
    found = places(read)
    marked = np.flatnonzero(marks(found, len(text)) | faults)
    hopes = np.concatenate([may_be_lost(read, found, encoding), np.flatnonzero(faults)])
    return _near(marked, np.sort(hopes), len(text))


def _near(marked: NDArray[np.intp], hopes: NDArray[np.intp], size: int) -> NDArray[np.bool_]:
    """Mark those stretches of suspect characters that have one of these in or around them."""
    suspect = np.zeros(size, bool)
    apart = np.flatnonzero(np.diff(marked) > 2 * AROUND) + 1
    for stretch in np.split(marked, apart) if hopes.size else ():
        low, high = stretch[0] - AROUND - 1, stretch[-1] + AROUND + 1
        if np.searchsorted(hopes, low) < np.searchsorted(hopes, high, "right"):
            suspect[stretch] = True
    return suspect


def _first_strange(
    texts: list[str], parts: list[str], suspect: Callable[[str, str], NDArray[np.bool_]]
) -> tuple[int, int] | None:
    """Return the first suspect stretch, in tokens, with some text around it.

    `parts` are what comes before.
    """
    before = parts[-1][-1] if parts else "\n"
    marked = suspect(before, "".join([text[0] if text != MARK else REPLACEMENT for text in texts]))
    if not marked.any():
        return None
    first = int(marked.argmax())
    calm = np.flatnonzero(~marked[first:])
    # Suspect stretches that are close together are one.
    last = len(marked)
    for start in calm.tolist():
        ahead = marked[first + start : first + start + 2 * AROUND]
        if not ahead.any():
            last = first + start
            break
    low = max(0, first - AROUND)
    return low, min(len(marked), last + AROUND, low + LONGEST)
