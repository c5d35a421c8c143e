"""What numpy has as well, but not without a module that takes 3 MB and 20 milliseconds to load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["distinct"]


def distinct(values: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the different values in order, as `numpy.unique` does.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(values)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
