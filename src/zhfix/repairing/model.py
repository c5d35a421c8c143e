"""The language model: how likely a text is, as array operations.

Characters are folded to Simplified, so that both scripts share one table of some ten thousand
symbols; pairs that matter have a probability of their own, others back off to the single
character. Costs of characters that were never seen go by kind: rare Han, kana, private use, …
`tools/build_model.py` builds the table; `zhfix/data/PROVENANCE.toml` says from what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from zhfix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["BORDER", "LanguageModel", "code_points"]

BORDER = 0
"""The symbol of the border of a line or of a text; line feed and carriage return are it."""

_TABLE = "model.npz"
#: A slot holds the row it belongs to above these bits, and the quantised value in them.
_VALUE_BITS = 8
#: Row numbers are stored plus one, so that an empty slot belongs to nobody.
_EMPTY_ROW = 1


def code_points(text: str) -> NDArray[np.uint32]:
    """View a text as an array of its code points; lone surrogates are allowed.

    >>> code_points("中a").tolist()
    [20013, 97]
    """
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class LanguageModel:
    """Log-probabilities of characters and pairs of characters; get it with `load`.

    >>> model = LanguageModel.load()
    >>> model.score("中文测试") > model.score("涓枃娴嬭瘯")
    True

    All scores are natural logarithms. Arrays are read-only.

    Attributes:
        symbols: the symbol of each code point; shape (0x110000,).
        singles: log P(symbol) by symbol.
    """

    symbols: NDArray[np.uint16]
    singles: NDArray[np.float32]
    _backoff: NDArray[np.float32]
    _offset: NDArray[np.intp]
    _slots: NDArray[np.uint32]
    _values: NDArray[np.float32]
    _script: NDArray[np.int8]
    _price: np.float32

    @staticmethod
    def load() -> LanguageModel:
        """Return the model that is shipped; it is read once.

        >>> LanguageModel.load() is LanguageModel.load()
        True

        Raises `DataError` when the table is missing or is not one.
        """
        return _load()

    @property
    def size(self) -> int:
        """How many symbols there are.

        >>> LanguageModel.load().size > 8000
        True
        """
        return len(self.singles)

    def encode(self, text: str) -> NDArray[np.uint16]:
        """Return the symbol of each code point; shape (len(text),).

        >>> model = LanguageModel.load()
        >>> bool((model.encode("漢語") == model.encode("汉语")).all())
        True
        """
        return self.symbols[code_points(text)]

    def unigram(self, ids: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Return log P(symbol) for symbols of any shape.

        >>> model = LanguageModel.load()
        >>> rare, common = model.unigram(model.encode("锟的"))
        >>> bool(rare < common)
        True
        """
        return self.singles[ids]

    def steps(
        self, previous_ids: NDArray[np.integer], next_ids: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return log P(next | previous), broadcasting the two arrays of symbols.

        >>> model = LanguageModel.load()
        >>> a, b = model.encode("中"), model.encode("国文锟")
        >>> model.steps(a[:, None], b[None, :]).shape
        (1, 3)
        """
        # No place lies outside; asked to wrap, numpy does not check each.
        found = self._slots.take(self._offset.take(previous_ids) + next_ids, mode="wrap")
        hit = (found >> _VALUE_BITS) == previous_ids + np.uint32(_EMPTY_ROW)
        single = self._backoff.take(previous_ids) + self.singles.take(next_ids)
        costs: NDArray[np.float32] = np.where(hit, self._values.take(found & 255), single)
        return costs

    def step(self, previous_id: int, next_id: int) -> float:
        """Return log P(next | previous) of one pair of symbols.

        >>> model = LanguageModel.load()
        >>> ids = model.encode("中国")
        >>> model.step(*ids.tolist()) == float(model.steps(ids[:1], ids[1:])[0])
        True
        """
        found = self._slots.item(self._offset.item(previous_id) + next_id)
        if found >> _VALUE_BITS == previous_id + _EMPTY_ROW:
            return self._values.item(found & 255)
        return float(self._backoff[previous_id] + self.singles[next_id])

    def walk(self, ids: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return -log P(next | previous) along one row of symbols; shape (len(ids) - 1,).

        >>> model = LanguageModel.load()
        >>> ids = model.symbols[code_points("中文测试")]
        >>> bool((model.walk(ids) == -model.steps(ids[:-1], ids[1:])).all())
        True

        The same values as `steps`, for long texts in half the time: only pairs that the table
        lacks are priced by their single characters.
        """
        ids = ids.astype(np.intp, copy=False)
        previous, following = ids[:-1], ids[1:]
        place = self._offset.take(previous)
        place += following
        # No place lies outside; asked to wrap, numpy does not check each.
        found = self._slots.take(place, mode="wrap")
        row = previous.astype(np.uint32)
        row += np.uint32(_EMPTY_ROW)
        row <<= np.uint32(_VALUE_BITS)
        found ^= row
        missing = np.flatnonzero(found >> _VALUE_BITS)
        costs = found.astype(np.float32)
        costs *= self._price
        before, after = previous.take(missing), following.take(missing)
        costs[missing] = -(self._backoff.take(before) + self.singles.take(after))
        return costs

    def costs(self, text: str, *, before: str = "", after: str = "") -> NDArray[np.float32]:
        """Return -log P of each character given the one before it, and of what follows.

        >>> LanguageModel.load().costs("中文").shape
        (3,)

        The shape is (len(text) + 1,): the last entry is the cost of the first character of
        `after` or, when that is empty, of the border. Likewise `before`.
        """
        head = before[-1:] or "\n"
        tail = after[:1] or "\n"
        ids = self.encode(f"{head}{text}{tail}")
        return -self.steps(ids[:-1], ids[1:])

    def score(self, text: str, *, before: str = "", after: str = "") -> float:
        """Return log P of a text between its neighbours; empty means the border of a line.

        >>> model = LanguageModel.load()
        >>> model.score("国", before="中", after="人") > model.score("国", before="锟")
        True
        """
        return -float(self.costs(text, before=before, after=after).sum(dtype=np.float64))

    def scores(
        self, texts: Sequence[str], *, before: str = "", after: str = ""
    ) -> NDArray[np.float64]:
        """Return log P of each text between the same neighbours, in one pass.

        >>> LanguageModel.load().scores(["中国", "锟斤"]).argmax().item()
        0
        """
        head, tail = before[-1:] or "\n", after[:1] or "\n"
        if not texts:
            return np.zeros(0)
        ids = self.encode("".join(f"{head}{text}{tail}" for text in texts))
        lengths = np.fromiter((len(text) + 2 for text in texts), np.intp, len(texts))
        starts = np.zeros(len(texts), np.intp)
        np.cumsum(lengths[:-1], out=starts[1:])
        steps = np.empty(len(ids))
        steps[0] = 0.0
        steps[1:] = self.steps(ids[:-1], ids[1:])
        steps[starts] = 0.0
        return np.add.reduceat(steps, starts)

    def script(self, text: str) -> tuple[int, int]:
        """Count the characters that only one script writes: (Simplified, Traditional).

        >>> LanguageModel.load().script("汉语和漢語和語")
        (2, 3)
        """
        flags = self._script[code_points(text)]
        return int(np.count_nonzero(flags < 0)), int(np.count_nonzero(flags > 0))

    def script_flags(self, text: str) -> NDArray[np.int8]:
        """Mark each character: -1 only Simplified, 1 only Traditional, 0 both or neither.

        >>> LanguageModel.load().script_flags("汉中漢").tolist()
        [-1, 0, 1]
        """
        return self._script[code_points(text)]


@cache
def _load() -> LanguageModel:
    try:
        with (
            resources.files("zhfix.data").joinpath(_TABLE).open("rb") as file,
            np.load(file, allow_pickle=False) as arrays,
        ):
            return _unpack(arrays)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=_TABLE) from error


def _unpack(arrays: np.lib.npyio.NpzFile) -> LanguageModel:
    singles = arrays["unigram"].astype(np.float32)
    row, offset = arrays["row"], arrays["offset"]
    left = np.repeat(np.arange(len(singles), dtype=np.uint32), row)
    right = _columns(arrays["gap_high"], arrays["gap_low"], row)
    slots = np.zeros(int(offset.max()) + len(singles), np.uint32)
    slots[offset[left] + right] = (left + _EMPTY_ROW) << _VALUE_BITS | arrays["value"]
    price = np.float32(-float(arrays["lowest"]) / ((1 << _VALUE_BITS) - 1))
    values = -np.arange(1 << _VALUE_BITS, dtype=np.float32) * price
    script = np.zeros(0x110000, np.int8)
    script[np.cumsum(arrays["hans"])] = -1
    script[np.cumsum(arrays["hant"])] = 1
    model = LanguageModel(
        symbols=_symbols(arrays),
        singles=singles,
        _backoff=arrays["backoff"].astype(np.float32),
        _offset=offset.astype(np.intp),
        _slots=slots,
        _values=values,
        _script=script,
        _price=price,
    )
    for table in (model.symbols, singles, slots, script):
        table.flags.writeable = False
    return model


def _columns(
    high: NDArray[np.uint8], low: NDArray[np.uint8], row: NDArray[np.uint16]
) -> NDArray[np.uint32]:
    """Undo the gaps: within a row each column is the distance from the one before it."""
    gaps = high.astype(np.uint32) << 8 | low
    total = np.cumsum(gaps, dtype=np.uint32)
    ends = np.cumsum(row, dtype=np.uint32)
    before = np.zeros(len(row), np.uint32)
    started = ends[:-1] > 0
    before[1:][started] = total[ends[:-1][started] - 1]
    return total - np.repeat(before, row)


def _symbols(arrays: np.lib.npyio.NpzFile) -> NDArray[np.uint16]:
    """Spread kinds, then characters, then folded characters over all code points."""
    symbols = np.zeros(0x110000, np.uint16)
    kinds = 0
    for start, end, kind in arrays["ranges"].tolist():
        symbols[start : end + 1] = kind
        kinds = max(kinds, kind)
    own = np.cumsum(arrays["own"])
    symbols[own] = np.arange(kinds + 1, kinds + 1 + len(own))
    symbols[np.cumsum(arrays["folded"])] = arrays["folded_symbol"]
    symbols[[0x0A, 0x0D]] = BORDER
    return symbols
