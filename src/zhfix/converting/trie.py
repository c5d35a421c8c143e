"""Compiles a dictionary, or a group of them, to arrays that vectors can walk.

The trie over UTF-16 units is a *double array* (Aoe 1989): the child of slot `s` by a unit
with code `c` is slot ``base[s] + c``, and it is there when ``check[base[s] + c] == s``.
Every slot knows the answer of the whole group for a text that leads to it, so groups of any
nesting cost nothing at run time.

A key is *effective* when its value differs from converting its characters one by one.
Other keys change nothing by themselves, but take their place and so block others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting.dictionaries import Group, Leaf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zhfix.converting.dictionaries import Dictionary

__all__ = ["Arrays", "compile_dictionary", "units_of"]

#: What the table of single characters holds where one unit does not become one unit.
#: U+FFFF is a noncharacter, so no dictionary contains it.
IRREGULAR = 0xFFFF
#: A unit with these high bits is the first half of a character beyond the BMP.
SURROGATE_MASK, HIGH_SURROGATE = np.uint16(0xFC00), np.uint16(0xD800)
#: Slot flags: an effective answer is at or above this slot; at or below it.
EFFECTIVE_ABOVE, EFFECTIVE_BELOW = 1, 2
#: Bits of the table of pairs: they stand side by side in a key, begin one, begin one that is
#: effective.
INSIDE, BEGINS, BEGINS_EFFECTIVE = 1, 2, 4
#: Dictionaries with fewer pairs than this use the small table, which stays in the cache.
FEW_PAIRS = 3_000
#: The tables have 2 to the power of this many places.
PAIR_BITS, FEW_PAIR_BITS = 20, 16


@dataclass(frozen=True, slots=True)
class Arrays:
    """The compiled form, as stored. Lengths and offsets count UTF-16 units.

    `alphabet` lists the units that occur in keys; a unit's code is its place, from 1.
    `singles` holds pairs (unit, unit) that are not identical. `answer` names for each slot
    an entry: 0 no match, ``1 … longest`` a match of that length which is not effective,
    above that one of `entries` (key length, offset and length of the value in `values`). The last
    slot is one from which no walk goes on and which has no answer. `pairs` says of two neighbours,
    by their hash, what they may be in keys.
    """

    alphabet: NDArray[np.uint16]
    singles: NDArray[np.uint16]
    base: NDArray[np.int32]
    check: NDArray[np.int32]
    answer: NDArray[np.int32]
    flags: NDArray[np.uint8]
    entries: NDArray[np.int32]
    values: NDArray[np.uint16]
    pairs: NDArray[np.uint8]
    longest: int


def hash_of(first: NDArray[np.uint16], second: NDArray[np.uint16], bits: int) -> NDArray[np.uint32]:
    """Spread pairs of units over a table: multiplication by two odd constants."""
    mixed = first * np.uint32(0x9E3779B1)
    mixed ^= second * np.uint32(0x85EBCA6B)
    mixed >>= np.uint32(32 - bits)
    return mixed


def units_of(text: str) -> NDArray[np.uint16]:
    """Return the UTF-16 units of a text without lone surrogates.

    >>> [hex(unit) for unit in units_of("汉𠮷")]
    ['0x6c49', '0xd842', '0xdfb7']
    """
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)


class _Node:
    __slots__ = ("answer", "children", "flags", "found", "slot")

    def __init__(self) -> None:
        self.children: dict[int, _Node] = {}
        self.found: dict[int, str] = {}
        self.answer = 0
        self.flags = 0
        self.slot = 0


_Match = tuple[int, str]  # length of the key, value


class _Compiler:
    def __init__(self, dictionary: Dictionary) -> None:
        self.root = _Node()
        self.leaves: list[Leaf] = []
        self.shape = self._add(dictionary)
        self.singles: dict[int, int] = {}
        self.entries: dict[tuple[int, tuple[int, ...]], int] = {}
        self.longest = 0

    def _add(self, dictionary: Dictionary) -> int | tuple[str, list[object]]:
        """Put all keys into the trie; return the group as nested leaf numbers."""
        if isinstance(dictionary, Group):
            return dictionary.policy, [self._add(member) for member in dictionary.members]
        number = len(self.leaves)
        self.leaves.append(dictionary)
        for key, value in dictionary.pairs().items():
            node = self.root
            for unit in units_of(key).tolist():
                node = node.children.setdefault(unit, _Node())
            node.found[number] = value
        return number

    def decide(self, shape: object, found: dict[int, _Match]) -> _Match | None:
        """Say what the group answers when each leaf has found its longest match."""
        if isinstance(shape, int):
            return found.get(shape)
        assert isinstance(shape, tuple)  # noqa: S101 -- for the type checker
        policy, members = shape
        best: _Match | None = None
        for member in members:
            match = self.decide(member, found)
            if match is not None and (best is None or match[0] > best[0]):
                best = match
            if best is not None and policy == "short_circuit":
                break
        return best

    def find_singles(self) -> None:
        for unit, node in self.root.children.items():
            found = {leaf: (1, value) for leaf, value in node.found.items()}
            if match := self.decide(self.shape, found):
                value = units_of(match[1])
                self.singles[unit] = int(value[0]) if len(value) == 1 else IRREGULAR

    def annotate(
        self, node: _Node, path: list[int], found: dict[int, _Match], inherited: _Node
    ) -> None:
        """Give every node below its answer; `found` is what the path has matched so far."""
        node.answer = inherited.answer
        node.flags = inherited.flags & EFFECTIVE_ABOVE
        if node.found:
            found = found | {leaf: (len(path), value) for leaf, value in node.found.items()}
            match = self.decide(self.shape, found)
            assert match is not None  # noqa: S101 -- this very node has a value
            length, value = match
            key = path[:length]
            units = units_of(value).tolist()
            self.longest = max(self.longest, len(path))
            if units == [self.singles.get(unit, unit) for unit in key]:
                node.answer = length
            else:
                entry = (length, tuple(units))
                node.answer = -1 - self.entries.setdefault(entry, len(self.entries))
                node.flags |= EFFECTIVE_ABOVE
        for unit, child in node.children.items():
            self.annotate(child, [*path, unit], found, node)
            if child.flags:
                node.flags |= EFFECTIVE_BELOW
        if node.flags & EFFECTIVE_ABOVE:
            node.flags |= EFFECTIVE_BELOW


def compile_dictionary(dictionary: Dictionary) -> Arrays:
    r"""Compile a dictionary or a group.

    >>> arrays = compile_dictionary(Leaf("x", "发\t發\n头发\t頭髮\n发展\t發展".encode()))
    >>> arrays.longest, len(arrays.entries)
    (2, 1)
    """
    compiler = _Compiler(dictionary)
    compiler.find_singles()
    compiler.annotate(compiler.root, [], {}, compiler.root)
    nodes = _breadth_first(compiler.root)
    alphabet = sorted({unit for node in nodes for unit in node.children})
    code = {unit: number for number, unit in enumerate(alphabet, 1)}
    base, check = _lay_out(nodes, code)
    answer = np.zeros(len(check), np.int32)
    flags = np.zeros(len(check), np.uint8)
    for node in nodes:
        # Effective entries are numbered after the lengths, now that the longest is known.
        number = node.answer if node.answer >= 0 else compiler.longest - node.answer
        answer[node.slot] = number
        flags[node.slot] = node.flags
    values: list[int] = []
    entries: list[tuple[int, int, int]] = []
    for length, value in compiler.entries:
        entries.append((length, len(values), len(value)))
        values += value
    pairs = [pair for pair in sorted(compiler.singles.items()) if pair[0] != pair[1]]
    units = np.array(alphabet, np.uint16)
    return Arrays(
        units,
        np.array(pairs, np.uint16).reshape(-1, 2),
        base,
        check,
        answer,
        flags,
        np.array(entries, np.int32).reshape(-1, 3),
        np.array(values, np.uint16),
        _pairs(units, base, check, flags),
        compiler.longest,
    )


def _pairs(
    alphabet: NDArray[np.uint16],
    base: NDArray[np.int32],
    check: NDArray[np.int32],
    flags: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Mark the pairs of neighbours that occur in keys, from the edges of the trie."""
    slots = np.flatnonzero(check > 0)  # below the root's children
    parents = check[slots]
    letters = np.concatenate([[0], alphabet]).astype(np.uint16)
    second = letters[slots - base[parents]]
    first = letters[parents - base[check[parents]]]
    begins = check[parents] == 0
    effective = begins & (flags[slots] & EFFECTIVE_BELOW > 0)
    bits = FEW_PAIR_BITS if len(slots) < FEW_PAIRS else PAIR_BITS
    pairs = np.zeros(1 << bits, np.uint8)
    places = hash_of(first, second, bits)
    np.bitwise_or.at(pairs, places, np.uint8(INSIDE))
    np.bitwise_or.at(pairs, places[begins], np.uint8(BEGINS))
    np.bitwise_or.at(pairs, places[effective], np.uint8(BEGINS_EFFECTIVE))
    return pairs


def _breadth_first(root: _Node) -> list[_Node]:
    nodes = [root]
    for node in nodes:
        nodes += (child for _, child in sorted(node.children.items()))
    return nodes


def _lay_out(
    nodes: list[_Node], code: dict[int, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Give every node a slot: big families first, only children fill the holes.

    Slots below the size of the alphabet stay empty but for the root, so that a base is never
    negative and a slot without children may keep base 0.
    """
    letters = len(code) + 1
    size = letters + 2 * len(nodes) + 2 * letters
    used = np.zeros(size, bool)
    used[:letters] = True
    base = np.zeros(size, np.int32)
    check = np.full(size, -1, np.int32)
    bases: dict[int, int] = {}
    families = [node for node in nodes if len(node.children) > 1]
    families.sort(key=lambda node: -len(node.children))
    start = siblings = 0
    for node in families:
        if len(node.children) != siblings:  # smaller families fit into earlier holes again
            siblings, start = len(node.children), 0
        codes = np.array(sorted(code[unit] for unit in node.children))
        bases[id(node)] = start = _first_fit(used, codes, start)
        used[start + codes] = True
        for unit, child in node.children.items():
            child.slot = start + code[unit]
    free = iter(np.flatnonzero(~used).tolist())
    for node in nodes:
        if len(node.children) == 1:
            [(unit, child)] = node.children.items()
            child.slot = next(free)
            bases[id(node)] = child.slot - code[unit]
    for node in nodes:
        if node.children:
            base[node.slot] = bases[id(node)]
            for child in node.children.values():
                check[child.slot] = node.slot
    end = max(node.slot for node in nodes) + letters + 2
    return base[:end], check[:end]


def _first_fit(used: NDArray[np.bool_], codes: NDArray[np.int64], start: int) -> int:
    """Return the first base from `start` at which all codes fall on free slots."""
    window = 512
    while True:
        tried = np.flatnonzero(~used[start + codes[0] : start + codes[0] + window]) + start
        tried = tried[tried + codes[-1] < len(used)]
        fits = ~used[tried[:, None] + codes].any(axis=1)
        if fits.any():
            return int(tried[int(fits.argmax())])
        start += window
