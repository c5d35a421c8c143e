"""What the benchmarks share: a clock that no cache deceives, and the rows of their tables."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Row", "megabytes", "seconds", "speed"]

#: Bytes to core-hours: a terabyte at one megabyte a second.
HOURS = 1e12 / 1e6 / 3600
ROUNDS = 3
#: Characters by which the next text is rotated: none is timed twice.
_ROTATION = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what ran, over what, and how fast in MB/s of UTF-8."""

    text: str
    what: str
    speed: float
    reference: float = 0.0

    def __str__(self) -> str:
        """Write it as Markdown."""
        share = self.speed / self.reference if self.reference else 0
        ratio = f"{share:.{1 if share >= 1 else 3}f} ×" if share else ""
        return (
            f"| {self.text} | {self.what} | {self.speed:.1f} | {ratio} | {HOURS / self.speed:.1f} |"
        )


def seconds(
    run: Callable[..., object],
    texts: Sequence[str],
    *,
    encoding: str = "",
    together: bool = False,
    rounds: int = ROUNDS,
) -> float:
    """Return the least processor time of some rounds: what is measured, and not the neighbours.

    Runs over each text, over its bytes in an encoding, or over all texts `together`. Every round
    gets other texts of the same characters, so that nothing that is remembered helps.
    """
    best = float("inf")
    for _ in range(rounds):
        number = next(_ROTATION)
        new: list[str | bytes] = [text[number:] + text[:number] for text in texts]
        if encoding:
            new = [text.encode(encoding, "ignore") for text in new]  # type: ignore[union-attr]
        start = time.process_time()
        if together:
            run(new)
        else:
            for one in new:
                run(one)
        best = min(best, time.process_time() - start)
    return best


def speed(
    run: Callable[..., object],
    texts: Sequence[str],
    *,
    encoding: str = "",
    together: bool = False,
    rounds: int = ROUNDS,
) -> float:
    """Return megabytes of UTF-8 a second, measured as `seconds` does."""
    took = seconds(run, texts, encoding=encoding, together=together, rounds=rounds)
    return megabytes(texts) / took


def megabytes(texts: Sequence[str]) -> float:
    """Return the size of texts in UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) / 1e6
