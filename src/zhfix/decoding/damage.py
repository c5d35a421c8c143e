"""Bytes lost, added or changed inside multi-byte text: find the place and fall back into step.

A walk over the damaged bytes: at each of them a character begins, or the byte is skipped as
damage, or a stray byte inside a character is passed over. The language model's cost of each
character given the one before, and a price for each damaged byte, decide; the cheapest walk is
found by dynamic programming, and it begins and ends in text that is in step.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding.candidates import costs
from zhfix.decoding.faults import MARK, REPLACEMENT, Raw, finish
from zhfix.decoding.labels import codec
from zhfix.repairing.model import LanguageModel, code_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["MENDABLE", "mend", "strange", "whole_characters"]

#: What a skipped byte costs, in nats: about one and a half wrong characters.
SKIP = 11.0
#: A stray byte inside a character; an empty byte is the commonest kind.
STRAY = 16.0
STRAY_NUL = 8.0
#: Control characters of clean text.
WHITE = b"\t\n\r\f\x1b"
#: Windows of so many characters whose mean cost is over this are suspect.
STRANGE = {3: 7.8, 4: 7.8}
#: Characters to either side of a suspect place that the walk covers as well.
AROUND = 6
#: A walk covers at most so many characters; what follows is looked at again.
LONGEST = 800
#: Bytes that are looked at in one go, and on either side of a fault of UTF-8.
CHUNK = 4096
NEAR = 60
#: By how many nats a walk must be better than a reading without faults, at all and each.
GAIN = 4.0
GAIN_EACH = 0.15
#: … and for each hurt place after the first: two so close together are rarer than a rare word.
GAIN_AGAIN = 12.0

_PAIRS = rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]|[\x00-\xff]"
_EUC = rb"\x8f[\xa1-\xfe]{2}|[\x8e\xa1-\xfe][\xa1-\xfe]|[\x00-\xff]"


class _Shape(NamedTuple):
    """How long the characters of an encoding are."""

    token: re.Pattern[bytes]
    lengths: tuple[int, ...]


_SHAPES = {
    "gb18030": _Shape(
        re.compile(rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|" + _PAIRS), (1, 2, 4)
    ),
    "big5": _Shape(re.compile(_PAIRS), (1, 2)),
    "euc-kr": _Shape(re.compile(_PAIRS), (1, 2)),
    "shift_jis": _Shape(
        re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\x00-\xff]"), (1, 2)
    ),
    "euc-jp": _Shape(re.compile(_EUC), (1, 2, 3)),
    "euc-tw": _Shape(
        re.compile(rb"\x8e[\xa1-\xb0][\xa1-\xfe]{2}|[\xa1-\xfe]{2}|[\x00-\xff]"), (1, 2, 4)
    ),
    "utf-8": _Shape(
        re.compile(
            rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
            rb"|[\x00-\xff]"
        ),
        (1, 2, 3, 4),
    ),
    "utf-16le": _Shape(
        re.compile(rb"[\x00-\xff][\xd8-\xdb][\x00-\xff][\xdc-\xdf]|[\x00-\xff]{1,2}"), (2, 4)
    ),
    "utf-16be": _Shape(
        re.compile(rb"[\xd8-\xdb][\x00-\xff][\xdc-\xdf][\x00-\xff]|[\x00-\xff]{1,2}"), (2, 4)
    ),
}
MENDABLE = frozenset(_SHAPES)
"""Encodings whose damage this module walks over."""


class _Reader(NamedTuple):
    """The characters of an encoding, who reads them, and what marks those that are suspect."""

    shape: _Shape
    decode: Callable[[bytes], Raw]
    odd: Callable[[NDArray[np.uint32]], NDArray[np.bool_]]


class _Option(NamedTuple):
    """A way to read the bytes from `start` to `end`, and what it costs beside the model."""

    start: int
    end: int
    text: str
    price: float


def strange(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Mark the characters in whose surroundings the text makes no sense.

    `points` has a character before and one after those that are marked.
    """
    price = costs(points)[:-1].astype(np.float64)
    # Words in ASCII are dear to the model; a single letter among Han is what damage leaves.
    plain = points < 0x80
    price[plain[1:-1] & (plain[:-2] | plain[2:])] = 0.0
    marked = np.zeros(len(price), bool)
    for window, limit in STRANGE.items():
        if len(price) >= window:
            mean = np.convolve(price, np.full(window, 1 / window), "valid")
            for shift in range(window):
                marked[shift : shift + len(mean)] |= mean > limit
    marked |= points[1:-1] == ord(REPLACEMENT)
    return marked


def mend(data: bytes, encoding: str) -> Raw:
    """Decode a stretch of bytes, falling back into step where they are damaged.

    >>> hurt = "这是一个关于编".encode("gbk")[:9] + "码的测试文件，不是别的。".encode("gbk")[1:]
    >>> mend(hurt, "gb18030").text.endswith("的测试文件，不是别的。")
    True

    `encoding` is one of `MENDABLE`; fault offsets are bytes of `data`.
    """
    shape = _SHAPES[encoding]
    decode = codec(encoding).decode
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    windows = _around_faults(data, decode) if encoding == "utf-8" else [(0, len(data))]
    odd = _faulty if encoding == "utf-8" else strange
    position = 0
    for start, end in windows:
        if start > position:
            parts.append(decode(data[position:start]).text)
        position = _mend_window(data, (start, end), _Reader(shape, decode, odd), (parts, places))
    if position < len(data):
        parts.append(decode(data[position:]).text)
    return finish("".join(parts), places)


def whole_characters(data: bytes, encoding: str) -> int:
    """Return where the last character ends that is there with all its bytes.

    >>> whole_characters("中文".encode("gbk")[:3], "gb18030")
    2
    """
    if encoding not in _SHAPES:
        return len(data)
    shape = _SHAPES[encoding]
    starts = [token.start() for token in shape.token.finditer(data)]
    longest = max(shape.lengths)
    # A byte by itself that begins a character has lost the others, which would follow it.
    for start, end in zip(starts[-longest:], [*starts[1 - longest :], len(data)], strict=False):
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
    (position, stop), (shape, decode, odd), (parts, places) = window, reader, made
    while position < stop:
        end = min(stop, position + CHUNK)
        tokens = [token.span() for token in shape.token.finditer(data, position, end)]
        if end < stop:
            # The last ones may be cut.
            tokens = tokens[: -2 * AROUND]
        texts = [_read(decode, data[start:end]) for start, end in tokens]
        done = 0
        while (place := _first_strange(texts[done:], odd)) is not None:
            first, last = place[0] + done, place[1] + done
            _put(parts, places, texts[done:first], tokens[done:first])
            before = parts[-1][-1] if parts else "\n"
            plain = [
                _Option(*span, text, SKIP if text == MARK else 0.0)
                for span, text in zip(tokens[first:last], texts[first:last], strict=True)
            ]
            walk = _walk(data, (plain[0].start, plain[-1].end), before, shape, decode)
            gain = _cost(plain, before) - _cost(walk, before)
            faultless = all(option.text != MARK for option in plain)
            enough = GAIN + GAIN_EACH * len(plain) + GAIN_AGAIN * max(0, _hurts(walk) - 1)
            chosen = plain if faultless and gain < enough else walk
            _put(parts, places, [o.text for o in chosen], [(o.start, o.end) for o in chosen])
            position, done = chosen[-1].end, last
            if position != plain[-1].end:
                break
        else:
            _put(parts, places, texts[done:], tokens[done:])
            position = tokens[-1][1]
    return position


def _hurts(walk: list[_Option]) -> int:
    """Count the places of a walk where bytes are skipped, a stretch of them as one."""
    hurt = [option.price > 0 for option in walk]
    return sum(now and not before for before, now in pairwise([False, *hurt]))


def _read(decode: Callable[[bytes], Raw], code: bytes) -> str:
    raw = decode(code)
    return MARK if raw.faults else raw.text


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


def _faulty(points: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Mark the faults only, as `strange` does: all that is well-formed UTF-8 is right."""
    return points[1:-1] == ord(REPLACEMENT)


def _first_strange(
    texts: list[str], suspect: Callable[[NDArray[np.uint32]], NDArray[np.bool_]]
) -> tuple[int, int] | None:
    """Return the first suspect stretch, in tokens, with some text around it."""
    joined = "\n" + "".join([text[:1] if text != MARK else REPLACEMENT for text in texts]) + "\n"
    marked = suspect(code_points(joined))
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


def _walk(
    data: bytes,
    stretch: tuple[int, int],
    before: str,
    shape: _Shape,
    decode: Callable[[bytes], Raw],
) -> list[_Option]:
    """Return the cheapest way to read a stretch of bytes, or a little beyond its end."""
    low, high = stretch
    starting: dict[int, list[_Option]] = {}
    ending: dict[int, list[_Option]] = {low: [_Option(low, low, before, 0.0)]}
    for start in range(low, high):
        starting[start] = _options(data, start, shape, decode)
        for option in starting[start]:
            ending.setdefault(option.end, []).append(option)
    pairs = [(one, two) for at in range(low, high) for one in ending.get(at, ())
             for two in starting[at]]  # fmt: skip
    prices = _steps(pairs)
    best: dict[_Option, tuple[float, _Option | None]] = {ending[low][0]: (0.0, None)}
    for (one, two), price in zip(pairs, prices, strict=True):
        if one not in best:
            continue
        total = best[one][0] + price
        if two not in best or total < best[two][0]:
            best[two] = (total, one)
    finals = [option for option in best if option.end >= high]
    here: _Option | None = min(finals, key=lambda final: best[final][0])
    walk = []
    while here is not None and here.end > low:
        walk.append(here)
        here = best[here][1]
    return walk[::-1]


def _options(
    data: bytes, start: int, shape: _Shape, decode: Callable[[bytes], Raw]
) -> list[_Option]:
    """Return the characters that may begin here, and the damage that may be here."""
    found = []
    for length in shape.lengths:
        code = data[start : start + length]
        if len(code) == length and shape.token.fullmatch(code):
            text = _read(decode, code)
            if text != MARK:
                found.append(_Option(start, start + length, text, 0.0))
        # One byte more, of which one inside is stray.
        for gap in range(1, length):
            longer = data[start : start + length + 1]
            whole = longer[:gap] + longer[gap + 1 :]
            if len(whole) != length or not shape.token.fullmatch(whole):
                continue
            text = _read(decode, whole)
            if text != MARK:
                price = STRAY_NUL if longer[gap] == 0 else STRAY
                found.append(_Option(start, start + length + 1, text, price))
    byte = data[start]
    if byte >= 0x80 or (byte < 0x20 and byte not in WHITE) or 1 not in shape.lengths:
        found.append(_Option(start, start + 1, MARK, SKIP))
    return found


def _steps(pairs: list[tuple[_Option, _Option]]) -> list[float]:
    """Return what each option costs after another; after damage nothing is known."""
    if not pairs:
        return []
    model = LanguageModel.load()
    chars = "".join([one.text[-1] + two.text[0] for one, two in pairs])
    points = code_points(chars)
    known = costs(points)[::2]
    alone = -model.singles[model.symbols[points[1::2]]]
    price = np.where(points[::2] == ord(MARK), alone, known).tolist()
    return [
        two.price if two.text == MARK else two.price + cost
        for (_, two), cost in zip(pairs, price, strict=True)
    ]


def _cost(options: list[_Option], before: str) -> float:
    chain = [_Option(0, 0, before, 0.0), *options]
    return sum(_steps(list(pairwise(chain))))
