"""What two characters say of the one beside them: loaded only where lost bytes must be guessed.

The language model knows pairs. Where a character must be chosen among dozens that fit the bytes
that are left, the next neighbours decide: 技?的 is 技术的. And among forms that the model folds
together (术 朮, 麼 麽) the script of the text decides. `tools/build_triples.py` builds the table;
`zhfix/data/triples-provenance.toml` says from what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from zhfix.errors import DataError
from zhfix.packaged import read

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Triples", "keys_of"]

_TABLE = "triples.npz"
#: Odd numbers that spread three symbols over 31 bits (Knuth's multiplicative hashing, with the
#: multiplier of SplitMix64): two triples share a place once in ten thousand look-ups.
_FACTOR = 0x9E37_79B9_7F4A_7C15
_MULTIPLIER = np.uint64(_FACTOR)
_64_BITS = (1 << 64) - 1
_SYMBOL_BITS = np.uint64(16)
_SHIFT = np.uint64(33)
#: The upper 21 of the 31 bits tell whether a triple may be in the table.
_PRESENT_BITS = 21
_PRESENT_SHIFT = np.uint32(31 - _PRESENT_BITS)


def keys_of(
    first: NDArray[np.integer], second: NDArray[np.integer], third: NDArray[np.integer]
) -> NDArray[np.uint32]:
    """Return the place of each triple of symbols, broadcasting; one at least is an array.

    >>> one = np.array([1])
    >>> bool(keys_of(one, one, one)[0] == keys_of(one, one, one + 1)[0])
    False
    """
    a, b, c = (np.asarray(ids).astype(np.uint64) for ids in (first, second, third))
    packed = (a << _SYMBOL_BITS | b) << _SYMBOL_BITS | c
    # Products of arrays may overflow, and then are what is wanted.
    mixed = (packed ^ packed >> np.uint64(23)) * _MULTIPLIER
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MULTIPLIER
    return (mixed >> _SHIFT).astype(np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Triples:
    """What a third character adds to what pairs say, in nats; get it with `load`.

    Arrays are read-only.
    """

    _keys: NDArray[np.uint32]
    _worth: NDArray[np.float32]
    _present: NDArray[np.bool_]
    _forms: NDArray[np.float32]

    @staticmethod
    def load() -> Triples:
        """Return the table that is shipped; it is read once.

        >>> Triples.load() is Triples.load()
        True

        Raises `DataError` when the table is missing or is not one.
        """
        return _load()

    def bonus(
        self,
        first: NDArray[np.integer],
        second: NDArray[np.integer],
        third: NDArray[np.integer],
    ) -> NDArray[np.float32]:
        """Return log P(third | first, second) - log P(third | second), or 0 where it is small.

        >>> from zhfix.repairing.model import LanguageModel
        >>> first, second, third = LanguageModel.load().encode("计算机")[:, None]
        >>> bool(Triples.load().bonus(first, second, third)[0] > 0)
        True
        """
        keys = keys_of(first, second, third)
        found = np.zeros(keys.shape, np.float32)
        # Few triples are in the table, and this tells of most that they are not.
        maybe = np.flatnonzero(self._present.take(keys >> _PRESENT_SHIFT))
        wanted = keys.ravel().take(maybe)
        place = self._keys.searchsorted(wanted)
        found.ravel()[maybe] = np.where(self._keys[place] == wanted, self._worth[place], 0)
        return found

    def bonus_of(self, first: int, second: int, third: int) -> float:
        """Return the same for one triple, without arrays.

        >>> from zhfix.repairing.model import LanguageModel
        >>> ids = LanguageModel.load().encode("计算机")
        >>> triples = Triples.load()
        >>> triples.bonus_of(*ids.tolist()) == triples.bonus(*ids[:, None]).item()
        True
        """
        packed = (first << 16 | second) << 16 | third
        mixed = (packed ^ packed >> 23) * _FACTOR & _64_BITS
        mixed = (mixed ^ mixed >> 29) * _FACTOR & _64_BITS
        key = mixed >> 33
        if not self._present.item(key >> 31 - _PRESENT_BITS):
            return 0.0
        place = int(self._keys.searchsorted(np.uint32(key)))
        return self._worth.item(place) if self._keys.item(place) == key else 0.0

    def forms(self, points: NDArray[np.uint32], script: int) -> NDArray[np.float32]:
        """Return log P(form | symbol) of each code point, in Simplified (-1) or Traditional (1).

        >>> points = np.array([ord("术"), ord("術")], np.uint32)
        >>> [row.argmax().item() for row in (Triples.load().forms(points, s) for s in (-1, 1))]
        [0, 1]

        Where the script is unknown (0), neither is favoured.
        """
        prices = self._forms[:, np.minimum(points, 0xFFFF)]
        chosen: NDArray[np.float32] = prices[int(script > 0)] if script else prices.max(axis=0)
        return chosen


@cache
def _load() -> Triples:
    try:
        with np.load(BytesIO(read(_TABLE)), allow_pickle=False) as arrays:
            return _unpack(arrays)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=_TABLE) from error


def _unpack(arrays: np.lib.npyio.NpzFile) -> Triples:
    gaps = arrays["gap_high"].astype(np.uint32) << 8 | arrays["gap_low"]
    keys = np.append(np.cumsum(gaps, dtype=np.uint32), np.uint32(0xFFFF_FFFF))
    packed = arrays["value"]
    values = np.stack((packed >> 4, packed & 15), axis=1).ravel()[: len(gaps)]
    worth = np.append(values * (arrays["most"] / 15), 0).astype(np.float32)
    points = np.cumsum(arrays["forms"])
    forms = np.zeros((2, 0x10000), np.float32)
    for row, name in enumerate(("hans", "hant")):
        forms[row, points] = arrays[name] * (arrays["lowest"] / 255)
    present = np.zeros(1 << _PRESENT_BITS, np.bool_)
    present[keys[:-1] >> _PRESENT_SHIFT] = True
    for table in (keys, worth, present, forms):
        table.flags.writeable = False
    return Triples(keys, worth, present, forms)
