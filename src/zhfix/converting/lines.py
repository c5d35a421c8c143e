"""Which lines of a text need converting: text in the wanted script stays as it is."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Literal

import numpy as np

from zhfix.converting.scripts import HANS, HANT, class_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zhfix.locales import Script

__all__ = ["convert_lines"]

#: In text that may be Traditional already these stay as they are: 台灣 and 臺灣 are both right.
_BOTH_WRITTEN = frozenset({"台臺", "污汙", "秘祕", "祕秘", "群羣", "床牀"})

Treatment = Literal["convert", "strays", "keep"]


def convert_lines(text: str, wanted: Script, convert: Callable[[str], str]) -> str:
    """Convert the lines that are in the other script.

    In a line that is mostly in the wanted script only the strays are converted: characters
    that this script does not have. A line that shows no script follows the whole text.
    """
    foreign, own = _counts_by_line(text, wanted)
    if not foreign.any():
        # 后面 could be either script: then what was asked for decides.
        return text if own.any() else _neutral(text, convert(text))
    follows = "convert" if foreign.sum() >= own.sum() else "keep"
    kinds = np.where(foreign > own, "convert", np.where(foreign > 0, "strays", "keep"))
    kinds[(foreign == 0) & (own == 0)] = follows
    if (kinds == "convert").all():
        return convert(text)
    pairs = zip(kinds.tolist(), text.split("\n"), strict=True)
    return "\n".join(_runs(groupby(pairs, key=lambda pair: pair[0]), wanted, convert))


def _neutral(text: str, made: str) -> str:
    """Take back what is no conversion but a choice between two forms that both are written."""
    if len(text) != len(made):
        return made
    pairs = zip(text, made, strict=True)
    return "".join(old if old + new in _BOTH_WRITTEN else new for old, new in pairs)


def _runs(
    runs: Iterator[tuple[Treatment, Iterator[tuple[Treatment, str]]]],
    wanted: Script,
    convert: Callable[[str], str],
) -> Iterator[str]:
    for kind, members in runs:
        run = "\n".join(line for _, line in members)
        if kind == "keep":
            yield run
        elif kind == "convert":
            yield convert(run)
        else:
            yield from _strays(run, convert(run), wanted)


def _strays(run: str, converted: str, wanted: Script) -> Iterator[str]:
    """Take from the conversion only what stands in place of characters of the other script."""
    table = class_table()
    other = HANT if wanted == "Hans" else HANS
    for line, made in zip(run.split("\n"), converted.split("\n"), strict=True):
        if len(line) != len(made):
            yield line
            continue
        yield "".join(
            new if ord(old) < 65536 and table[ord(old)] == other else old
            for old, new in zip(line, made, strict=True)
        )


def _counts_by_line(text: str, wanted: Script) -> tuple[np.ndarray, np.ndarray]:
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    classes = class_table().take(units)
    starts = np.concatenate([[0], np.flatnonzero(units == 0x0A) + 1])
    sums = []
    for kind in (HANT, HANS):
        total = np.concatenate([[0], np.cumsum(classes == kind)])
        sums.append(total[np.append(starts[1:], len(units))] - total[starts])
    return (sums[0], sums[1]) if wanted == "Hans" else (sums[1], sums[0])
