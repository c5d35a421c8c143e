"""Remember the last answers: `detect` and `repair` ask the same questions of the same texts."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

#: Of many texts `detect` looks at all that are suspicious before `repair` does. So many code points
#: of them are remembered, those of longer texts not: of a stream only the last block is.
HELD = 1 << 20
LONGEST = 1 << 15
#: What keeping the answer for a text costs by itself, in code points.
EACH = 200


def cache_last(function: Callable[[str], T]) -> Callable[[str], T]:
    """Keep the results for the last texts; of long ones for one only.

    Threads at worst compute again: what is held is replaced whole.
    """
    last: tuple[str, T] | None = None
    rows: dict[str, T] = {}
    held = 0

    @wraps(function)
    def remembered(text: str) -> T:
        nonlocal last, held
        known = last
        if known is not None and known[0] is text:
            return known[1]
        if text in rows:
            return rows[text]
        result = function(text)
        last = (text, result)
        if len(text) <= LONGEST:
            rows[text] = result
            held += len(text) + EACH
            while held > HELD and (oldest := next(iter(rows), None)) is not None:
                held -= len(oldest) + EACH
                rows.pop(oldest, None)
        return result

    return remembered
