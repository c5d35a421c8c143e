"""Which lines of texts need converting: text in the wanted script stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.converting.scripts import HANS, HANT, class_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from zhfix.locales import Script

__all__ = ["Counts", "convert_lines", "convert_together", "count_lines"]

#: In text that may be Traditional already these stay as they are: 台灣 and 臺灣 are both right.
_BOTH_WRITTEN = frozenset({"台臺", "污汙", "秘祕", "祕秘", "群羣", "床牀"})
#: What becomes of a line: it stays, is converted, gives up its strays, or could be either script.
_KEEP, _CONVERT, _STRAYS, _NEUTRAL = range(4)


class Counts(NamedTuple):
    """How many characters only Simplified and only Traditional text has, by line.

    `rows` says how many lines each text has.
    """

    hans: NDArray[np.intp]
    hant: NDArray[np.intp]
    rows: NDArray[np.intp]

    def of_rows(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the sums by text."""
        if len(self.rows) == len(self.hans):
            return self.hans, self.hant
        first = np.cumsum(self.rows) - self.rows
        return np.add.reduceat(self.hans, first), np.add.reduceat(self.hant, first)

    def part(self, chosen: NDArray[np.intp]) -> Counts:
        """Return the counts of some of the texts."""
        keep = np.zeros(len(self.rows), bool)
        keep[chosen] = True
        lines = np.repeat(keep, self.rows)
        return Counts(self.hans[lines], self.hant[lines], self.rows[chosen])


def count_lines(block: str, rows: NDArray[np.intp]) -> Counts:
    r"""Count by line in texts that line feeds join; `rows` says how many lines each text has.

    >>> count_lines("这\n\n這裡", np.array([2, 1]))
    Counts(hans=array([1, 0, 0]), hant=array([0, 0, 2]), rows=array([2, 1]))
    """
    units = np.frombuffer(block.encode("utf-16-le", "surrogatepass"), "<u2")
    classes = class_table().take(units)
    ends = (units == 0x0A).nonzero()[0]
    return Counts(_by_line(classes == HANS, ends), _by_line(classes == HANT, ends), rows)


def _by_line(marked: NDArray[np.bool_], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """Count the marked units of each line; all but the last have an end."""
    places = marked.nonzero()[0]
    up_to = np.empty(len(ends) + 1, np.intp)
    up_to[:-1] = places.searchsorted(ends)
    up_to[-1] = len(places)
    up_to[1:] -= up_to[:-1].copy()
    return up_to


def convert_lines(
    texts: Sequence[str],
    counts: Counts,
    wanted: Script,
    convert: Callable[[str], str],
    *,
    apart: bool = True,
) -> list[str]:
    r"""Convert the lines of texts that are in the other script, all of them in one call.

    In a line that is mostly in the wanted script only the strays are converted: characters
    that this script does not have. A line that shows no script follows the whole of its text.
    `apart` says that `convert` treats lines apart, so that only those in need are given to it.

    >>> convert_lines(["这", "這"], count_lines("这\n這", np.array([1, 1])), "Hant",
    ...               lambda text: text.replace("这", "這"))
    ['這', '這']
    """
    kinds = _kinds(counts, wanted)
    if (kinds == _CONVERT).all():
        return convert_together(texts, counts.rows, convert)
    todo = np.flatnonzero(kinds).tolist()
    if not todo:
        return list(texts)
    lines = "\n".join(texts).split("\n")
    if apart:
        made = convert("\n".join([lines[at] for at in todo])).split("\n")
    else:
        whole = convert("\n".join(lines)).split("\n")
        made = [whole[at] for at in todo] if len(whole) == len(lines) else []
    if len(made) != len(todo):  # a word of the user's has a line feed
        made = [convert(lines[at]) for at in todo]
    for at, kind, new in zip(todo, kinds[todo].tolist(), made, strict=True):
        if kind == _CONVERT:
            lines[at] = new
        elif lines[at] != new:
            old = lines[at]
            lines[at] = _strays(old, new, wanted) if kind == _STRAYS else _neutral(old, new)
    return _regroup(lines, counts.rows)


def convert_together(
    texts: Sequence[str], rows: NDArray[np.intp], convert: Callable[[str], str]
) -> list[str]:
    r"""Convert texts in one call; `rows` says how many lines each has, `convert` treats them apart.

    >>> convert_together(["这", "这\n"], np.array([1, 2]), lambda text: text.replace("这", "這"))
    ['這', '這\n']
    """
    if len(texts) == 1:
        return [convert(texts[0])]
    return _regroup(convert("\n".join(texts)).split("\n"), rows)


def _regroup(lines: list[str], rows: NDArray[np.intp]) -> list[str]:
    if len(lines) == len(rows):
        return lines
    ends = np.cumsum(rows)
    starts = (ends - rows).tolist()
    return ["\n".join(lines[start:end]) for start, end in zip(starts, ends.tolist(), strict=True)]


def _kinds(counts: Counts, wanted: Script) -> NDArray[np.int8]:
    """Say for each line what becomes of it."""
    foreign, own = counts.hans, counts.hant
    foreign_of, own_of = counts.of_rows()
    if wanted == "Hans":
        foreign, own, foreign_of, own_of = own, foreign, own_of, foreign_of
    # 后面 could be either script: then what was asked for decides.
    follows = np.where(foreign_of >= own_of, _CONVERT, _KEEP)
    follows[foreign_of == 0] = _KEEP
    follows[(foreign_of == 0) & (own_of == 0)] = _NEUTRAL
    kinds = np.where(foreign > own, _CONVERT, np.where(foreign > 0, _STRAYS, _KEEP))
    shows_none = (foreign == 0) & (own == 0)
    kinds[shows_none] = np.repeat(follows, counts.rows)[shows_none]
    return kinds.astype(np.int8)


def _neutral(text: str, made: str) -> str:
    """Take back what is no conversion but a choice between two forms that both are written."""
    if len(text) != len(made):
        return made
    pairs = zip(text, made, strict=True)
    return "".join(old if old + new in _BOTH_WRITTEN else new for old, new in pairs)


def _strays(line: str, made: str, wanted: Script) -> str:
    """Take from the conversion only what stands in place of characters of the other script."""
    if len(line) != len(made):
        return line
    table = class_table()
    other = HANT if wanted == "Hans" else HANS
    return "".join(
        new if ord(old) < 65536 and table[ord(old)] == other else old
        for old, new in zip(line, made, strict=True)
    )
