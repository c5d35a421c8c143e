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
_VALUE = (1 << _VALUE_BITS) - 1
#: Row numbers are stored plus one, so that an empty slot belongs to nobody.
_EMPTY_ROW = 1
#: A place has the offset of a symbol's row in its upper half, and what its slots say in the lower.
_HALF = 32
#: Steps that are walked at once, so that their arrays fit in the cache.
_WALK = 1 << 15


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
        least: by symbol, -log P after that symbol which makes it likeliest.
    """

    symbols: NDArray[np.uint16]
    singles: NDArray[np.float32]
    least: NDArray[np.float32]
    _backoff: NDArray[np.float32]
    _offset: NDArray[np.intp]
    _slots: NDArray[np.uint32]
    _values: NDArray[np.float32]
    _script: NDArray[np.int8]
    _price: np.float32
    _places: NDArray[np.intp]

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
        self, previous_ids: NDArray[np.integer], next_ids: NDArray[np.integer] | int
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

    def pairs(
        self, previous_ids: NDArray[np.integer], next_ids: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return -log P(next | previous) of pairs that have their own; of others, 13 and more.

        >>> model = LanguageModel.load()
        >>> ids = model.encode("中国国锟")
        >>> [bool(cost > 13) for cost in model.pairs(ids[:-1], ids[1:])]
        [False, False, True]

        Cheaper than `steps`, for those who know better what the others cost at least.
        """
        found = self._slots.take(self._offset.take(previous_ids) + next_ids, mode="wrap")
        found ^= (previous_ids.astype(np.uint32) + np.uint32(_EMPTY_ROW)) << np.uint32(_VALUE_BITS)
        costs: NDArray[np.float32] = found * self._price
        return costs

    def step(self, previous: int, following: int) -> float:
        """Return log P(following | previous) for two symbols, without arrays.

        >>> model = LanguageModel.load()
        >>> one, two = model.encode("中国")
        >>> model.step(int(one), int(two)) == model.steps(one, two).item()
        True
        """
        found = self._slots.item(self._offset.item(previous) + following)
        if found >> _VALUE_BITS == previous + _EMPTY_ROW:
            return self._values.item(found & 255)
        return float(self._backoff[previous] + self.singles[following])

    def walk(self, points: NDArray[np.uint32]) -> NDArray[np.float32]:
        """Return -log P(next | previous) along a row of code points; shape (len(points) - 1,).

        >>> model = LanguageModel.load()
        >>> ids = model.encode("中文测试")
        >>> costs = model.walk(code_points("中文测试"))
        >>> bool((costs == -model.steps(ids[:-1], ids[1:])).all())
        True

        The same values as `steps`, for long texts in a third of the time: two look-ups for each
        step, and only pairs that the table lacks are priced by their single characters.
        """
        return self.walk_tagged(points, self._places)[0]

    def tagged(self, tags: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Return what `walk_tagged` looks up: the model's own table, with a tag for each point.

        >>> table = LanguageModel.load().tagged(np.full(0x10000, 7, np.uint8))
        >>> LanguageModel.load().walk_tagged(code_points("中文"), table)[1].tolist()
        [7, 7]
        """
        table: NDArray[np.intp] = self._places | tags
        return table

    def walk_tagged(
        self, points: NDArray[np.uint32], table: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Do as `walk`, and return the tag of each point as well: they come with the same look-up.

        `table` is one of `tagged`; points beyond it have the tag of its last one.
        """
        costs = np.empty(max(len(points) - 1, 0), np.float32)
        tags = np.empty(len(points), np.uint8)
        for start in range(0, len(points), _WALK):
            some = slice(start, start + _WALK)
            self._walk(points[start : start + _WALK + 1], table, costs[some], tags[some])
        return costs, tags

    def _walk(
        self,
        points: NDArray[np.uint32],
        table: NDArray[np.intp],
        costs: NDArray[np.float32],
        tags: NDArray[np.uint8],
    ) -> None:
        places = table.take(points, mode="clip")
        tags[:] = places[: len(tags)]
        if points.max() >= len(table):
            places = _placed(self.symbols.take(points), self._offset)
        rows = places.astype(np.uint32)  # the lower half
        symbols = (rows >> np.uint32(_VALUE_BITS)).astype(np.intp)
        place = places[:-1]
        place >>= _HALF
        place += symbols[1:]
        # No place lies outside; asked to wrap, numpy does not check each.
        found = self._slots.take(place, mode="wrap")
        rows &= ~np.uint32(_VALUE)
        found ^= rows[:-1]
        missing = (found > _VALUE).nonzero()[0]
        costs[:] = found
        costs *= self._price
        lacking = self._backoff.take(symbols.take(missing) - _EMPTY_ROW)
        lacking += self.singles.take(symbols.take(missing + 1) - _EMPTY_ROW)
        costs[missing] = np.negative(lacking, out=lacking)

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
    least = -singles
    np.minimum.at(least, right, arrays["value"] * price)
    values = -np.arange(1 << _VALUE_BITS, dtype=np.float32) * price
    script = np.zeros(0x110000, np.int8)
    script[np.cumsum(arrays["hans"])] = -1
    script[np.cumsum(arrays["hant"])] = 1
    symbols, offset = _symbols(arrays), offset.astype(np.intp)
    model = LanguageModel(
        symbols=symbols,
        singles=singles,
        least=least,
        _backoff=arrays["backoff"].astype(np.float32),
        _offset=offset,
        _slots=slots,
        _values=values,
        _script=script,
        _price=price,
        _places=_placed(symbols[:0x10000], offset),
    )
    for table in (model.symbols, singles, least, slots, script):
        table.flags.writeable = False
    return model


def _placed(symbols: NDArray[np.uint16], offset: NDArray[np.intp]) -> NDArray[np.intp]:
    """Pack all that a step needs to know of a symbol, so that one look-up finds it.

    The offset is less by `_EMPTY_ROW`, by which the number of the symbol is more.
    """
    places: NDArray[np.intp] = (offset[symbols] - _EMPTY_ROW) << _HALF
    places |= (symbols.astype(np.intp) + _EMPTY_ROW) << _VALUE_BITS
    return places


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
