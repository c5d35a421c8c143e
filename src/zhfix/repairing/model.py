"""The language model: how likely a text is, as array operations.

Characters are folded to Simplified, so that both scripts share one table of some ten thousand
symbols; pairs that matter have a probability of their own, others back off to the single
character. Costs of characters that were never seen go by kind: rare Han, kana, private use, …
`tools/build_model.py` builds the table; `zhfix/data/PROVENANCE.toml` says from what.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from zhfix.errors import DataError
from zhfix.packaged import arrays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["BORDER", "LanguageModel", "code_points"]

BORDER = 0
"""The symbol of the border of a line or of a text; line feed and carriage return are it."""

_TABLE = "model.bin"
#: A slot holds its column above these bits, and the quantised value in them.
_VALUE_BITS = 8
_VALUE = (1 << _VALUE_BITS) - 1
#: A place has the offset of a symbol's row in its upper half, and its column in the lower.
_HALF = 32
#: Characters beyond these are not in the tables that are made for walking.
_BMP = 0x10000
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

    Pairs are a sparse matrix whose rows lie over each other in one array (see `displace` in
    `tools/build_model.py`): a row for each symbol that follows, in it a column for each symbol
    before it. No two rows begin at the same offset, so a slot need only name its column.

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
    """Where the row of each symbol begins, less 1: columns count from 1, and 0 is an empty slot."""
    _column: NDArray[np.uint32]
    """The column of each symbol, as its slots have it."""
    _slots: NDArray[np.uint32]
    _values: NDArray[np.float32]
    _script: NDArray[np.int8]
    """The flag of each code point; all beyond have the last one, which is 0."""
    _price: np.float32
    _by_column: NDArray[np.float32]
    """Of each column, what a symbol that follows it costs more, and what it costs itself."""

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
        found = self._found(previous_ids, next_ids)
        single = self._backoff.take(previous_ids) + self.singles.take(next_ids)
        value = self._values.take(found & _VALUE)
        costs: NDArray[np.float32] = np.where(found <= _VALUE, value, single)
        return costs

    def _found(
        self, previous_ids: NDArray[np.integer], next_ids: NDArray[np.integer] | int
    ) -> NDArray[np.uint32]:
        """Return the quantised value of each pair, or a greater number."""
        column = self._column.take(previous_ids)
        # No place lies outside; asked to wrap, numpy does not check each.
        place = self._offset.take(next_ids) + (column >> np.uint32(_VALUE_BITS))
        found: NDArray[np.uint32] = self._slots.take(place, mode="wrap") ^ column
        return found

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
        costs: NDArray[np.float32] = self._found(previous_ids, next_ids) * self._price
        return costs

    def step(self, previous: int, following: int) -> float:
        """Return log P(following | previous) for two symbols, without arrays.

        >>> model = LanguageModel.load()
        >>> one, two = model.encode("中国")
        >>> model.step(int(one), int(two)) == model.steps(one, two).item()
        True
        """
        column = self._column.item(previous)
        found = self._slots.item(self._offset.item(following) + (column >> _VALUE_BITS)) ^ column
        if found <= _VALUE:
            return self._values.item(found)
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
        return self.walk_tagged(points, _untagged())[0]

    def tagged(self, tags: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Return what `walk_tagged` looks up: the model's own table, with a tag for each point.

        >>> table = LanguageModel.load().tagged(np.full(0x10000, 7, np.uint8))
        >>> LanguageModel.load().walk_tagged(code_points("中文"), table)[1].tolist()
        [7, 7]
        """
        table = self._placed(self.symbols[: len(tags)])
        table |= tags
        return table

    def _placed(self, symbols: NDArray[np.uint16]) -> NDArray[np.intp]:
        """Pack all that a step needs to know of a symbol, so that one look-up finds it."""
        places = self._offset.take(symbols)
        places <<= _HALF
        places |= self._column.take(symbols)
        return places

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
            places = self._placed(self.symbols.take(points))
        slots = places.astype(np.uint32)  # the lower half
        columns = (slots >> np.uint32(_VALUE_BITS)).astype(np.intp)
        place = places[1:]
        place >>= _HALF
        place += columns[:-1]
        # No place lies outside; asked to wrap, numpy does not check each.
        found = self._slots.take(place, mode="wrap")
        slots &= ~np.uint32(_VALUE)
        found ^= slots[:-1]
        missing = (found > _VALUE).nonzero()[0]
        costs[:] = found
        costs *= self._price
        lacking = self._by_column[0].take(columns.take(missing))
        lacking += self._by_column[1].take(columns.take(missing + 1))
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
        flags = self.script_flags(text)
        return int(np.count_nonzero(flags < 0)), int(np.count_nonzero(flags > 0))

    def script_flags(self, text: str) -> NDArray[np.int8]:
        """Mark each character: -1 only Simplified, 1 only Traditional, 0 both or neither.

        >>> LanguageModel.load().script_flags("汉中漢").tolist()
        [-1, 0, 1]
        """
        return self._script.take(code_points(text), mode="clip")


@cache
def _load() -> LanguageModel:
    try:
        return _unpack(arrays(_TABLE))
    except (OSError, KeyError) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=_TABLE) from error


def _unpack(tables: dict[str, NDArray[Any]]) -> LanguageModel:
    price = np.float32(-float(tables["lowest"]) / _VALUE)
    column, singles, backoff = (tables[name] for name in ("column", "singles", "backoff"))
    by_column = np.zeros((2, len(singles) + 1), np.float32)
    by_column[:, column] = backoff, singles
    return LanguageModel(
        symbols=tables["symbols"],
        singles=singles,
        least=tables["least"],
        _backoff=backoff,
        _offset=tables["offset"].astype(np.intp) - 1,
        _column=column.astype(np.uint32) << np.uint32(_VALUE_BITS),
        _slots=tables["slots"],
        _values=-np.arange(1 << _VALUE_BITS, dtype=np.float32) * price,
        _script=tables["script"],
        _price=price,
        _by_column=by_column,
    )


@cache
def _untagged() -> NDArray[np.intp]:
    model = LanguageModel.load()
    return model.tagged(np.zeros(_BMP, np.uint8))
