"""How far a run is, on a terminal only: files, bytes, rate and time left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhfix.command.job import Outcome
    from zhfix.command.task import Input

__all__ = ["Progress"]


class Progress:
    """A bar on standard error; `inputs` are counted first, so that time left can be told."""

    def __init__(self, inputs: Iterable[Input], *, live: bool) -> None:
        # Imported here: rich takes longer to import than most texts take to fix.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Bar

        columns: tuple[Any, ...] = (
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
        # With one process, bytes are told as they are read; otherwise when a file is done.
        self._live = live
        sizes = [_size(item.path) for item in inputs]
        self._files = 0
        self._count = len(sizes)
        self._task = self._bar.add_task(f"0/{self._count}", total=sum(sizes) or None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def read(self, count: int) -> None:
        """Count bytes that were read."""
        if self._live:
            self._bar.advance(self._task, count)

    def advance(self, outcome: Outcome) -> None:
        """Count a finished file."""
        self._files += 1
        self._bar.update(self._task, description=f"{self._files:,}/{self._count:,}")
        if not self._live:
            self._bar.advance(self._task, outcome.size)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
