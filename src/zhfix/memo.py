"""Remember the last answers: `detect` and `repair` ask the same questions of the same texts."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["cache_last", "remembering"]

T = TypeVar("T")

#: Answers that a function keeps: for a text, for what a repair made of it, and for a passage.
KEPT = 3
#: Answers for the texts of a batch, by function and text.
_batch: ContextVar[dict[tuple[object, str], Any] | None] = ContextVar("batch", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Keep all answers within: one stage looks at all texts of a batch before the next one does.

    >>> with remembering():
    ...     pass
    """
    token = _batch.set({})
    try:
        yield
    finally:
        _batch.reset(token)


def cache_last(function: Callable[[str], T]) -> Callable[[str], T]:
    """Keep the results for the last few texts.

    >>> answer = cache_last(len)
    >>> text = "中文"
    >>> answer(text), answer(text)
    (2, 2)

    Threads at worst compute again: what is held is replaced whole.
    """
    last: tuple[tuple[str, T], ...] = ()

    @wraps(function)
    def remembered(text: str) -> T:
        nonlocal last
        for known, result in last:
            if known is text or known == text:
                return result
        batch = _batch.get()
        if batch is not None and (function, text) in batch:
            return batch[function, text]  # type: ignore[no-any-return]
        result = function(text)
        last = ((text, result), *last[: KEPT - 1])
        if batch is not None:
            batch[function, text] = result
        return result

    return remembered
