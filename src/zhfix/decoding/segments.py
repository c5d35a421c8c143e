"""Many short pieces of bytes, each with its own encoding: cells of a column, lines of a file.

All pieces are joined by line ends, which no multi-byte encoding here uses inside a character,
and read in one go in each encoding; so the work for a piece is a few array elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding.candidates import FAULT, PRIORS, UTF_16, costs
from zhfix.decoding.faults import REPLACEMENT, text_only
from zhfix.decoding.labels import codec
from zhfix.decoding.quick import ROUGH, good_enough
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Table", "best_path", "column_prior", "table"]

#: A change of encoding from one line to the next, in nats.
SWITCH = 6.0
#: How many rounds of re-weighting settle what a column is in.
ROUNDS = 10
#: What every encoding gets of a column before any cell is seen, in cells.
PSEUDO = 0.02

_LINE = 0x0A


class Table(NamedTuple):
    """Readings of all pieces in all encodings: texts by encoding, and log P."""

    encodings: tuple[str, ...]
    texts: list[list[str]]
    scores: NDArray[np.float64]
    """Shape (encodings, pieces)."""


def table(pieces: Sequence[bytes], encodings: Sequence[str]) -> Table:
    """Read each piece in each encoding; no piece may contain a line feed.

    >>> found = table(["中文".encode("gbk"), "中文".encode("utf-8")], ["gb18030", "utf-8"])
    >>> found.scores.argmax(axis=0).tolist()
    [0, 1]
    """
    joined = b"\n".join(pieces)
    texts = []
    rows = []
    for name in encodings:
        wide = name in UTF_16
        text = _in_pairs(name, pieces) if wide else _by_pieces(name, pieces, joined)
        points = code_points(f"\n{text}\n")
        borders = np.flatnonzero(points == _LINE)
        price = costs(points)
        price[points[1:] == ord(REPLACEMENT)] -= FAULT
        rows.append(PRIORS[name] - np.add.reduceat(price, borders[:-1], dtype=np.float64))
        texts.append(text.split("\n"))
    return Table(tuple(encodings), texts, np.array(rows))


def _in_pairs(name: str, pieces: Sequence[bytes]) -> str:
    """Read pieces as UTF-16 in one go; a byte too many is a fault."""
    line, fault = "\n".encode(name), REPLACEMENT.encode(name)
    whole = [piece[:-1] + fault if len(piece) % 2 else piece for piece in pieces]
    text = line.join(whole).decode(name, "replace")
    if text.count("\n") == len(pieces) - 1:
        return text
    return "\n".join([piece.decode(name, "replace").replace("\n", "\x0b") for piece in whole])


def _by_pieces(name: str, pieces: Sequence[bytes], joined: bytes) -> str:
    """Read joined pieces: roughly, then exactly those that are not hopeless."""
    rough = ROUGH.get(name)
    if rough is None:
        return text_only(codec(name).decode, joined)
    text = joined.decode(rough, "replace")
    if REPLACEMENT not in text and good_enough(name, text):
        return text
    lines = text.split("\n")
    doubtful = [number for number, line in enumerate(lines) if not good_enough(name, line)]
    if not doubtful:
        return text
    exact = text_only(codec(name).decode, b"\n".join([pieces[i] for i in doubtful])).split("\n")
    for number, line in zip(doubtful, exact, strict=True):
        lines[number] = line
    return "\n".join(lines)


def column_prior(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-share of each encoding in the column; shape (encodings, 1).

    >>> bool(column_prior(np.array([[0.0, 9.0], [0.0, 0.0]]))[0, 0] > -0.5)
    True

    The share is that which makes the column likeliest (expectation maximisation).
    """
    count = scores.shape[1]
    prior = np.zeros((len(scores), 1))
    for _ in range(ROUNDS):
        share = posterior(scores + prior).sum(axis=1, keepdims=True) + PSEUDO
        prior = np.log(share / (count + PSEUDO * len(scores)))
    return prior


def posterior(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn log P of each encoding into probabilities; pieces are columns.

    >>> posterior(np.array([[0.0], [0.0]])).ravel().tolist()
    [0.5, 0.5]
    """
    weights = np.exp(scores - scores.max(axis=0))
    return np.asarray(weights / weights.sum(axis=0))


def best_path(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the encoding of each line, where a change costs `SWITCH` (Viterbi).

    >>> best_path(np.array([[9.0, 0.0, 9.0], [0.0, 1.0, 0.0]])).tolist()
    [0, 0, 0]
    """
    kinds, count = scores.shape
    back = np.zeros((count, kinds), np.intp)
    stay = np.arange(kinds)
    best = scores[:, 0].copy()
    for line in range(1, count):
        leader = int(best.argmax())
        moved = best[leader] - SWITCH
        back[line] = np.where(best >= moved, stay, leader)
        best = np.maximum(best, moved) + scores[:, line]
    path = np.zeros(count, np.intp)
    if count:
        path[-1] = int(best.argmax())
    for line in range(count - 1, 0, -1):
        path[line - 1] = back[line, path[line]]
    return path
