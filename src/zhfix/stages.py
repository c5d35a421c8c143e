"""The contract of a stage and of a decoder, and a wrapper for plain functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from zhfix.document import Decoded, Document, Edit, Finding, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.rows import Rows

__all__ = ["Batched", "Decoder", "FunctionStage", "Screened", "Stage", "from_function"]

Stage: TypeAlias = Callable[[Document], Iterable[Finding | Edit]]
"""A stage looks at a document and says what it sees and what it would change."""

Decoder: TypeAlias = Callable[[bytes], Decoded]
"""A decoder turns bytes into text and says which encoding it took, and how sure it is."""


class Screened(Protocol):
    """What a stage may offer as well, so that many short texts cost what their characters cost."""

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows about which the stage may say something; it says nothing of the others."""


class Batched(Protocol):
    """What a stage may offer instead, when it works best on many texts as one block."""

    def many(self, rows: Rows) -> Iterable[tuple[int, Iterable[Finding | Edit]]]:
        """Yield what the stage says of each row of which it says something, in any order.

        It must say of each text what it would say of that text by itself.
        """


@dataclass(frozen=True, slots=True)
class FunctionStage:
    """A `str -> str` function as a stage: one coarse edit when the text changed."""

    function: Callable[[str], str]
    rule: str
    reason: str
    confidence: float = 1.0

    def __call__(self, document: Document) -> Iterator[Edit]:
        """Propose whatever the function changes."""
        before = document.text
        after = self.function(before)
        if after is not before and after != before:
            span = Span(0, len(before))
            yield Edit(span, before, after, self.rule, self.confidence, self.reason)


def from_function(
    function: Callable[[str], str],
    *,
    rule: str | None = None,
    reason: str | None = None,
    confidence: float = 1.0,
) -> Stage:
    """Make a stage of a plain function from text to text.

    >>> stage = from_function(str.strip)
    >>> Document(" 中文 ").revise("trim", stage(Document(" 中文 "))).text
    '中文'

    `rule` and `reason` name the edits in explanations; they default to the function's name.
    """
    name = getattr(function, "__name__", type(function).__name__)
    return FunctionStage(
        function, rule or f"function/{name}", reason or f"{name}() changed it", confidence
    )
