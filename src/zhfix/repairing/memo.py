"""Remember the last answer: `detect` and `repair` ask the same question of the same text."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def cache_last(function: Callable[[str], T]) -> Callable[[str], T]:
    """Keep the result for the last text only, so that no more than one block is held.

    Threads at worst compute again: the pair is replaced whole.
    """
    last: tuple[str, T] | None = None

    @wraps(function)
    def remembered(text: str) -> T:
        nonlocal last
        held = last
        if held is not None and held[0] is text:
            return held[1]
        result = function(text)
        last = (text, result)
        return result

    return remembered
