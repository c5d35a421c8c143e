"""Remember the last answers: `detect` and `repair` ask the same questions of the same texts."""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


#: Texts of a table that are remembered, and how long they may be: `detect` looks at all suspicious
#: rows of a batch before `repair` does.
ROWS = 4096
SHORT = 200


def cache_last(function: Callable[[str], T]) -> Callable[[str], T]:
    """Keep the result for the last text only, so that no more than one block is held.

    Of short texts some thousand are kept. Threads at worst compute again: the pair is replaced
    whole.
    """
    last: tuple[str, T] | None = None
    of_row = lru_cache(ROWS)(function)

    @wraps(function)
    def remembered(text: str) -> T:
        nonlocal last
        if len(text) <= SHORT:
            return of_row(text)
        held = last
        if held is not None and held[0] is text:
            return held[1]
        result = function(text)
        last = (text, result)
        return result

    return remembered
