"""When Python's collector of cycles has nothing to find."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["no_collecting"]


@contextmanager
def no_collecting() -> Iterator[None]:
    """Keep the collector off: it walks all that was made again for each few hundred objects.

    >>> with no_collecting():
    ...     gc.isenabled()
    False

    That takes a quarter of the time of many documents, which have no cycles, and a fifth of that
    of loading numpy.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
