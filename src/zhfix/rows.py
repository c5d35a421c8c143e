"""Many short texts as one block with bounds: a million titles cost what their characters cost."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["Rows"]


class Rows:
    r"""Texts joined by line feeds, so that one pass over `text` looks at all of them.

    >>> rows = Rows(["一二", "", "三"])
    >>> rows.text, rows.starts.tolist(), rows.of([0, 4]).tolist()
    ('一二\n\n三', [0, 3, 4], [0, 2])

    Positions count code points of `text`. A text may itself hold line feeds.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.text = "\n".join(texts)
        self.lengths = np.fromiter(map(len, texts), np.intp, len(texts))
        """Code points of each row."""
        self.starts = np.zeros(len(texts), np.intp)
        """Where each row begins."""
        np.cumsum(self.lengths[:-1] + 1, out=self.starts[1:])

    def __len__(self) -> int:
        return len(self.texts)

    def of(self, positions: Iterable[int] | NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the rows in which these positions are."""
        if not isinstance(positions, np.ndarray):
            positions = np.fromiter(positions, np.intp)
        found: NDArray[np.intp] = np.searchsorted(self.starts, positions, "right") - 1
        return found

    def count(self, positions: Iterable[int] | NDArray[np.intp]) -> NDArray[np.intp]:
        """Count the positions in each row.

        >>> Rows(["一二", "", "三"]).count([0, 1, 4]).tolist()
        [2, 0, 1]
        """
        return np.bincount(self.of(positions), minlength=len(self))

    def mask(
        self, positions: Iterable[int] | NDArray[np.intp], least: int = 1
    ) -> NDArray[np.bool_]:
        """Mark the rows that hold at least so many of the positions.

        >>> Rows(["一二", "", "三"]).mask([0, 1, 4], least=2).tolist()
        [True, False, False]
        """
        marked: NDArray[np.bool_] = self.count(positions) >= least
        return marked

    def containing(self, *literals: str) -> NDArray[np.bool_]:
        """Mark the rows that hold one of these strings.

        >>> Rows(["一二", "", "三"]).containing("三", "五").tolist()
        [False, False, True]
        """
        places = [
            match.start()
            for literal in literals
            if literal in self.text
            for match in re.finditer(re.escape(literal), self.text)
        ]
        return self.mask(places)

    def of_lines(self, numbers: Sequence[int] | NDArray[np.intp]) -> NDArray[np.intp]:
        r"""Return the rows in which these lines of `text` are; lines end at line feeds.

        >>> Rows(["一\n二", "三"]).of_lines([0, 1, 2]).tolist()
        [0, 0, 1]
        """
        first = np.cumsum(self.line_counts) - self.line_counts
        found: NDArray[np.intp] = np.searchsorted(first, numbers, "right") - 1
        return found

    @cached_property
    def points(self) -> NDArray[np.uint32]:
        """The code points of `text`.

        >>> Rows(["一", "𠮷"]).points.tolist()
        [19968, 10, 134071]
        """
        return np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), np.uint32)

    @cached_property
    def line_counts(self) -> NDArray[np.intp]:
        r"""How many lines each row has, one at least.

        >>> Rows(["一\n二", ""]).line_counts.tolist()
        [2, 1]
        """
        if self.text.count("\n") == len(self) - 1:
            return np.ones(len(self), np.intp)
        return np.fromiter((text.count("\n") + 1 for text in self.texts), np.intp, len(self))
