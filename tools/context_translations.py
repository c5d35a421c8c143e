"""Tells what characters in classical text mean by its translation into modern Chinese.

Both sides are Simplified (NiuTrans/Classical-Modern, MIT), so that neither says which form a
character has. But the translation of 余 is 我 or 剩余, that of 征 is 征召 or 征讨. So a second
model learns which modern characters go with which form, from the places where the neighbours are
sure; and where both together are sure, that is an example for the neighbours (co-training).
"""

from __future__ import annotations

from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
from context_learning import MODE, Examples, learn, score

from zhfix.converting import context
from zhfix.converting.engine import engine
from zhfix.converting.trie import units_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Neighbours teach the translations where one form leads by so much, and both together teach
#: the neighbours: logarithms of odds.
SURE, SURE_TOGETHER = 2.5, 3.0
#: How much the translation counts beside the neighbours, and each example it gives.
SHARE, WEIGHT = 0.7, 0.2
#: So many different characters of a translation, the rarest, are looked at.
MOST_CHARACTERS = 32


def translated(pairs: list[tuple[str, str]], values: NDArray[np.float32]) -> Examples:
    """Return examples from classical lines and their translations.

    `values` are the weights of the neighbours that were learned from other text.
    """
    pairs, near, line, by_phrase = _places(pairs)
    by_neighbours = score(values, near)
    best, lead = _best(by_neighbours)
    view = _view(near, line, [modern for _, modern in pairs])
    taught = Examples(view, near.forms, best, near.said & False, near.weight)
    by_translation = score(learn([taught.part(lead > SURE)]), taught)
    best, lead = _best(by_neighbours + SHARE * by_translation)
    # Against a phrase (穀物, 捲入) neither of them is sure enough.
    agreed = ~by_phrase | near.said[np.arange(len(best)), best]
    weight = np.full(len(best), WEIGHT, np.float32)
    found = Examples(near.hashed, near.forms, best, near.said, weight)
    return found.part((lead > SURE_TOGETHER) & agreed)


def _places(
    pairs: list[tuple[str, str]],
) -> tuple[list[tuple[str, str]], Examples, NDArray[np.intp], NDArray[np.bool_]]:
    """Return the pairs of use and their ambiguous characters without labels.

    And for each of these its pair, and whether a phrase says something else than the character.
    """
    made = engine(MODE["Hant"]).convert("\n".join(line for line, _ in pairs)).split("\n")
    even = [len(units_of(a)) == len(units_of(b)) for (a, _), b in zip(pairs, made, strict=True)]
    pairs, made = [*compress(pairs, even)], [*compress(made, even)]
    units, written = units_of("\n".join(line for line, _ in pairs)), units_of("\n".join(made))
    matcher = engine(MODE["Hant"]).chain[0]
    places = context.look("Hant", matcher, units, written)
    said = places.forms == places.answer[:, None]
    usable = said.any(axis=1)
    line = np.cumsum(units == context.LINE_FEED)[places.at[usable]]
    none, one = np.zeros(len(line), np.int64), np.ones(len(line), np.float32)
    by_phrase = (places.answer != matcher.singles[units[places.at]])[usable]
    near = Examples(places.hashed[usable], places.forms[usable], none, said[usable], one)
    return pairs, near, line, by_phrase


def _view(near: Examples, line: NDArray[np.intp], translations: list[str]) -> NDArray[np.uint32]:
    """Return as features which characters the translation has, and what they are to tell apart."""
    common = Counter(char for text in translations for char in set(text))
    of_line = np.zeros((len(translations), MOST_CHARACTERS), np.uint32)
    for number, text in enumerate(translations):
        rarest = sorted(set(text) - {" "}, key=lambda char: (common[char], char))
        chosen = [ord(char) for char in rarest[:MOST_CHARACTERS]]
        of_line[number, : len(chosen)] = chosen
    bag = of_line[line]
    mixed = bag * np.uint32(0x9E3779B1) ^ near.forms[:, :1].astype(np.uint32) * np.uint32(
        0x85EBCA6B
    )
    mixed ^= mixed >> np.uint32(15)
    always = near.forms[:, :1].astype(np.uint32)
    return np.concatenate([always, np.where(bag > 0, mixed, 0).astype(np.uint32)], axis=1)


def _best(scores: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the best form of each place, and by how much it leads."""
    ordered = np.sort(scores, axis=1)
    return scores.argmax(axis=1), ordered[:, -1] - ordered[:, -2]
