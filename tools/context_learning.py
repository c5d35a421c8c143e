"""Learns weights of `zhfix.converting.context` from examples; used by `build_context.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting import context
from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.engine import engine
from zhfix.converting.trie import units_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

#: Noncharacters that no text has, between words: as many as a decision looks at neighbours.
BESIDE = "\ufddf\ufddf\ufddf"
MODE = {"Hant": "s2t", "Hans": "t2s"}
#: Of the optimiser (FTRL-proximal): rate, penalties, passes. Chosen on held-out works; the
#: first penalty leaves most weights at 0, so that the table stays small.
RATE, SMOOTH, LASSO, RIDGE, EPOCHS, BATCH, SEED = 1.0, 1.0, 0.3, 0.5, 4, 256, 0


@dataclass(frozen=True)
class Examples:
    """What is learned from: a row an example, with the weight of each.

    A feature of 0 is none.
    """

    hashed: NDArray[np.uint32]
    forms: NDArray[np.uint16]
    label: NDArray[np.int64]
    said: NDArray[np.bool_]
    weight: NDArray[np.float32]

    def part(self, keep: NDArray[np.bool_]) -> Examples:
        """Return some of the examples."""
        columns = (self.hashed, self.forms, self.label, self.said, self.weight)
        return Examples(*(column[keep] for column in columns))  # type: ignore[arg-type]


def same_but_for_edition(data: Path) -> NDArray[np.uint16]:
    """Return a table that maps variants to one of them: regional standards, editions."""
    table = np.arange(65536, dtype=np.uint16)
    for line in (data / "parallel" / "variant_fold.txt").read_text("utf-8").split():
        table[[ord(char) for char in line]] = ord(line[0])
    regional = np.arange(65536, dtype=np.uint16)
    for key, values in parse_dictionary(data_text("TWVariants.txt"), "TWVariants").items():
        regional[ord(key)] = ord(values[0])
    return table[regional]


def examples(  # noqa: PLR0913
    script: str,
    source: list[str],
    gold: list[str],
    fold: NDArray[np.uint16],
    weight: float,
    *,
    apart: bool = False,
) -> Examples:
    """Compare what the dictionary writes with what stands in the gold lines.

    With `apart` what stands beside a line is unknown, not the end of a line.
    """
    units, written, truth = _columns(script, source, gold, BESIDE if apart else "\n")
    places = context.look(script, engine(MODE[script]).chain[0], units, written)
    return _label(places, truth, fold, weight)


def words(source: list[str], gold: list[str], fold: NDArray[np.uint16], weight: float) -> Examples:
    """Take words as text without phrases: what they know, neighbours may learn."""
    units, _, truth = _columns("Hant", source, gold, BESIDE)
    written = engine("s2t").chain[0].singles.take(units)
    none = np.zeros(len(units), np.uint16)
    places = context.look_at("Hant", units, written, np.ones(len(units), np.uint8), none)
    return _label(places, truth, fold, weight)


def _columns(
    script: str, source: list[str], gold: list[str], between: str
) -> tuple[NDArray[np.uint16], ...]:
    """Return as units the source, what the dictionary makes of it, and the gold text."""
    made = engine(MODE[script]).convert("\n".join(source)).split("\n")
    rows = [
        row
        for row in zip(source, made, gold, strict=True)
        if len({len(units_of(text)) for text in row}) == 1
    ]
    return tuple(units_of(between.join(column)) for column in zip(*rows, strict=True))


def _label(
    places: context.Places, truth: NDArray[np.uint16], fold: NDArray[np.uint16], weight: float
) -> Examples:
    fits = (fold[places.forms] == fold[truth[places.at]][:, None]) & (places.forms > 0)
    said = places.forms == places.answer[:, None]
    usable = fits.any(axis=1) & said.any(axis=1)
    fits, said = fits[usable], said[usable]
    right = (fits & said).any(axis=1)
    label = np.where(right, said.argmax(axis=1), fits.argmax(axis=1))
    weights = np.full(len(label), weight, np.float32)
    return Examples(places.hashed[usable], places.forms[usable], label, said, weights)


def learn(parts: list[Examples]) -> NDArray[np.float32]:
    """Fit the weights: a logistic regression over hashed features."""
    hashed, forms, label, said, weight = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("hashed", "forms", "label", "said", "weight")
    )
    prior = said * np.float32(context.PRIOR)
    values, pull, seen = (np.zeros(1 << context.BITS, np.float32) for _ in range(3))
    rng = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        order = rng.permutation(len(label))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            places, known = context.slots(hashed[batch]), hashed[batch] != 0
            valid = forms[batch] > 0
            wrong = chances(values[places], known, valid, prior[batch])
            wrong[np.arange(len(batch)), label[batch]] -= 1
            wrong *= weight[batch][:, None]
            touched = valid[:, 1:, None] & known[:, None, :]
            gradient = np.broadcast_to(wrong[:, 1:, None], touched.shape)[touched]
            slot, inverse = np.unique(places[touched], return_inverse=True)
            total = np.bincount(inverse, gradient)
            energy = np.bincount(inverse, gradient * gradient)
            steps = np.sqrt(seen[slot] + energy) - np.sqrt(seen[slot])
            pull[slot] += total - steps / RATE * values[slot]
            seen[slot] += energy
            beyond = np.sign(pull[slot]) * np.maximum(np.abs(pull[slot]) - LASSO, 0)
            values[slot] = -beyond / ((SMOOTH + np.sqrt(seen[slot])) / RATE + RIDGE)
    return values


def chances(
    values: NDArray[np.float32],
    known: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    prior: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the probability of each form, from the weights of each form after the first."""
    score = scores_of(values, known, valid, prior)
    chance: NDArray[np.float32] = np.exp(score - score.max(axis=1)[:, None])
    chance /= chance.sum(axis=1)[:, None]
    return chance


def scores_of(
    values: NDArray[np.float32],
    known: NDArray[np.bool_],
    valid: NDArray[np.bool_],
    prior: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return the score of each form; minus infinity where there is none."""
    score: NDArray[np.float32] = prior.astype(np.float32)
    score[:, 1:] += (values * known[:, None, :]).sum(axis=2)
    score[~valid] = -np.inf
    return score


def score(
    values: NDArray[np.float32], rows: Examples, at_once: int = 1 << 16
) -> NDArray[np.float32]:
    """Return the score of each form in examples."""
    parts = []
    for start in range(0, len(rows.label), at_once):
        hashed, forms, said = (
            column[start : start + at_once] for column in (rows.hashed, rows.forms, rows.said)
        )
        before = said * np.float32(context.PRIOR)
        parts.append(scores_of(values[context.slots(hashed)], hashed != 0, forms > 0, before))
    return np.concatenate(parts)


def rounded(values: NDArray[np.float32]) -> NDArray[np.int8]:
    """Round weights to bytes."""
    return np.clip(np.rint(values / context.STEP), -127, 127).astype(np.int8)
