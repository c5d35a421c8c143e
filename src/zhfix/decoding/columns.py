"""The cells of a column: what one cell cannot tell, the others do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zhfix.decoding.candidates import EAST_ASIAN, PRIORS, UTF_16, confidence, other_readings
from zhfix.decoding.doubts import doubtful
from zhfix.decoding.labels import codec
from zhfix.decoding.marks import by_mark
from zhfix.decoding.segments import Table, column_prior, posterior, table
from zhfix.document import Decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["decode_cells"]

#: So many cells are tried in every encoding; the rest in those that any of them is in.
FIRST = 64
#: An encoding that fewer cells than this are in is not tried on the rest.
TRACE = 0.5
#: Always tried: cells of one column are often from several sources.
ALWAYS = ("utf-8", "gb18030", "big5")
#: A cell that costs more nats than this for each character, and to begin with, reads badly in
#: all of those: of clean cells under one in a hundred. With more, all encodings are tried.
ODD_EACH = 9.0
ODD_START = 8.0
ODD_SHARE = 0.05
#: A column that costs fewer nats than this for two bytes is in no single-byte encoding.
FLUENT_EACH = 7.4
#: By how many nats a single-byte encoding must be better: single Han characters are pairs of
#: letters in many languages.
OTHER_MARGIN = 10.0
#: How often the priors of encodings count for a column, whose cells are not independent.
RARITY = 3.0
#: What a second encoding in a column costs each of its cells, in nats, unless it is UTF-8.
COHERENT = 4.0
#: How sure it is of a cell in a column of UTF-16: nearly all are right.
WIDE = 0.99
#: From this share of valid cells on a column has UTF-8 in it, and they are in it.
UTF_8_SHARE = 0.5
SURE_OF_UTF_8 = 0.999
#: Of cells of UTF-16 fewer than these are valid UTF-8, by accident.
UTF_8_AT_MOST = 0.7
_ODD = (b"\n", b"\x00", b"\x1b", b"~{")


def decode_cells(cells: Sequence[bytes], alone: Callable[[bytes], Decoded]) -> list[Decoded]:
    """Decode cells; `alone` decodes one by itself.

    >>> from zhfix.decoding import decode
    >>> cells = [word.encode("gbk") for word in ("北京", "上海", "广州", "一")]
    >>> [cell.text for cell in decode_cells(cells, decode)]
    ['北京', '上海', '广州', '一']
    """
    if (order := _wide(cells)) is not None:
        return [_in_order(cell, order, alone) for cell in cells]
    result: list[Decoded | None] = [None] * len(cells)
    hard: list[int] = []
    for number, cell in enumerate(cells):
        if cell.isascii() and not any(mark in cell for mark in _ODD[1:]):
            result[number] = Decoded(cell.decode("ascii"), "utf-8", 1.0)
        elif any(mark in cell for mark in _ODD) or by_mark(cell):
            result[number] = None
        else:
            hard.append(number)
    valid = [number for number in hard if _is_utf_8(cells[number])]
    # Where most cells are not, those that are may be so by accident; else only single ones are.
    if len(valid) > UTF_8_SHARE * len(hard):
        wanted = {number for number in valid if not doubtful(cells[number].decode())}
        hard = [number for number in hard if number not in wanted]
        for number in wanted:
            result[number] = Decoded(cells[number].decode(), "utf-8", SURE_OF_UTF_8)
    for number, decoded in zip(hard, _column([cells[i] for i in hard], alone), strict=True):
        result[number] = decoded
    return [alone(cells[i]) if found is None else found for i, found in enumerate(result)]


def _is_utf_8(cell: bytes) -> bool:
    r"""Tell whether bytes are valid UTF-8.

    >>> _is_utf_8(b"\xe4\xb8\xad"), _is_utf_8(b"\xd6\xd0")
    (True, False)
    """
    try:
        cell.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide(cells: Sequence[bytes]) -> str | None:
    """Return the UTF-16 that a column is in, or None: no column is in UTF-16 and others."""
    some = [cell for cell in cells[:: max(1, len(cells) // FIRST)] if cell]
    odd = sum(len(cell) % 2 for cell in some)
    if len(some) < 2 or odd > ODD_SHARE * len(some) or all(map(by_mark, some)):
        return None
    if sum(map(_is_utf_8, some)) > UTF_8_AT_MOST * len(some):
        return None
    # A line feed may be half a character there, and counts as an odd control character here.
    bytewise = [cell.replace(b"\n", b"\x0b") for cell in some]
    narrow = table(bytewise, ALWAYS)
    wide = table(some, UTF_16).scores.sum(axis=1)
    best = int(wide.argmax())
    if wide[best] <= _without_rarity(narrow).max(axis=0).sum():
        return None
    east = _without_rarity(table(bytewise, EAST_ASIAN)).max(axis=0).sum()
    other = other_readings(b"\n".join(bytewise))[0].score
    return UTF_16[best] if wide[best] > max(east, other) else None


def _in_order(cell: bytes, order: str, alone: Callable[[bytes], Decoded]) -> Decoded:
    """Decode a cell of a column in UTF-16, unless it is damaged or marked."""
    if len(cell) % 2 or by_mark(cell):
        return alone(cell)
    raw = codec(order).decode(cell)
    return alone(cell) if raw.faults else Decoded(raw.text, order, WIDE)


def _column(cells: list[bytes], alone: Callable[[bytes], Decoded]) -> list[Decoded]:
    """Decode cells in the encodings that a sample of them is in; the odd ones in any."""
    if len(cells) < 2:
        return [alone(cell) for cell in cells]
    some = cells[:: max(1, len(cells) // FIRST)]
    first = table(some, (*EAST_ASIAN, *UTF_16))
    plain = _without_rarity(first)
    plain += RARITY / len(some) * (first.scores - plain)
    weighted = plain + _shares(plain, first.encodings)
    score = float(weighted.max(axis=0).sum())
    if -score > FLUENT_EACH * len(b"".join(some)) / 2:
        other = other_readings(b"\n".join(some))[0]
        if other.score > score + OTHER_MARGIN:
            return [_in_main(cell, other.encoding) for cell in cells]
    if len(some) == len(cells):
        return _pick(cells, first, weighted, alone)
    shares = posterior(weighted).sum(axis=1)
    found = table(cells, [
        name
        for name, share in zip(first.encodings, shares, strict=True)
        if name in ALWAYS or share > TRACE
    ])  # fmt: skip
    scores = _without_rarity(found)
    scores += _shares(scores, found.encodings)
    odd = _odd(found, scores)
    result = _pick(cells, found, scores, alone)
    for number, decoded in zip(odd, _column([cells[i] for i in odd], alone), strict=True):
        result[number] = decoded
    return result


def _shares(scores: NDArray[np.float64], encodings: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the log-share of each encoding, where those beside the main one are rarer still."""
    prior = column_prior(scores)
    beside = np.array([[name != "utf-8"] for name in encodings])
    beside[prior.argmax()] = False
    return prior - COHERENT * beside


def _odd(found: Table, scores: NDArray[np.float64]) -> list[int]:
    """Return the numbers of the cells that read badly in all encodings of the column."""
    best = scores.argmax(axis=0)
    texts = [found.texts[kind][number] for number, kind in enumerate(best.tolist())]
    size = np.array([len(text) for text in texts])
    own = found.scores[best, np.arange(len(best))]
    dear = -own > ODD_EACH * size + ODD_START
    # Western words are cheap as well: a Han character between two ASCII letters.
    plain = np.array([len(text.encode("ascii", "ignore")) for text in texts])
    western = (best != found.encodings.index("utf-8")) & (2 * plain > size)
    return np.flatnonzero(dear | western).tolist()


def _without_rarity(found: Table) -> NDArray[np.float64]:
    """Take the priors out: how common an encoding is counts once for a column, not each cell.

    Single cells of UTF-16 among others keep theirs: they are as rare as columns of it.
    """
    rarity = np.array([[PRIORS[name] * (name not in UTF_16)] for name in found.encodings])
    plain: NDArray[np.float64] = found.scores - rarity
    return plain


def _pick(
    cells: list[bytes],
    found: Table,
    scores: NDArray[np.float64],
    alone: Callable[[bytes], Decoded],
) -> list[Decoded]:
    order = np.argsort(-scores, axis=0)
    best, second = order[0], order[1]
    across = np.arange(len(cells))
    margins = (scores[best, across] - scores[second, across]).tolist()
    names = found.encodings
    result = []
    for cell, kind, other, margin, number in zip(
        cells, best.tolist(), second.tolist(), margins, range(len(cells)), strict=True
    ):
        text = found.texts[kind][number]
        if "\ufffd" in text:
            result.append(alone(cell))
            continue
        result.append(Decoded(text, names[kind], confidence(margin), (), names[other], margin))
    return result


def _in_main(cell: bytes, main: str) -> Decoded:
    """Decode a cell of a column in one single-byte encoding, unless it is UTF-8."""
    try:
        return Decoded(cell.decode("utf-8"), "utf-8", 0.99)
    except UnicodeDecodeError:
        return Decoded(codec(main).decode(cell).text, main, 0.9)
