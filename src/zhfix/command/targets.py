"""Where results go: in place of the input, into a file or folder, or to standard output."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Self

from zhfix.command.atomic import AtomicFile, make_folder
from zhfix.command.compressed import codec_of_name, compressing
from zhfix.command.exits import reason_of
from zhfix.command.manifest import Entry, Manifest, digest

if TYPE_CHECKING:
    from contextlib import AbstractContextManager, ExitStack

    from zhfix.command.job import Outcome
    from zhfix.command.task import Input, Task

__all__ = ["Place", "Screen", "StandardOutput", "Unwritable"]

#: Results up to this size travel between processes; larger ones wait in a file.
IN_MEMORY = 4 << 20


class Unwritable(Exception):  # noqa: N818 -- it is about the output, which is no input's fault
    """Standard output cannot be written; no use going on."""

    def __init__(self, error: OSError) -> None:
        super().__init__(reason_of(error))
        self.error = error


class StandardOutput(io.RawIOBase):
    """Standard output as bytes: the locale has no say in what a filter writes."""

    def writable(self) -> bool:
        """It can be written."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write all of it; raises `Unwritable`."""
        left = memoryview(data)
        try:
            # Under PYTHONUNBUFFERED a write may take only a part, and says so by its count.
            while left:
                left = left[sys.stdout.buffer.write(left) :]
        except OSError as error:
            raise Unwritable(error) from None
        return len(data)

    def flush(self) -> None:
        """Hand on what is held; raises `Unwritable`."""
        try:
            sys.stdout.buffer.flush()
        except OSError as error:
            raise Unwritable(error) from None


class Screen:
    """What is shown: at once on standard output, or kept for the process that has it."""

    def __init__(self, stdout: BinaryIO | None, outcome: Outcome) -> None:
        self._stdout = stdout
        self._outcome = outcome
        self._held = io.BytesIO()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._file is not None:
            self._file.close()
        else:
            self._outcome.data = self._held.getvalue()

    def write(self, data: bytes) -> int:
        """Show bytes."""
        if self._stdout is not None:
            return self._stdout.write(data)
        if self._file is None and self._held.tell() + len(data) > IN_MEMORY:
            import tempfile

            handle, self._outcome.spool = tempfile.mkstemp(prefix="zhfix-")
            self._file = os.fdopen(handle, "wb")
            self._file.write(self._held.getvalue())
        return (self._file or self._held).write(data)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the result of one input goes; `target` is "" for standard output."""

    task: Task
    item: Input
    target: str

    @classmethod
    def of(cls, task: Task, item: Input) -> Place:
        """Find the place."""
        writing = task.writing
        if writing.in_place:
            return cls(task, item, item.path)
        if not writing.output:
            return cls(task, item, "")
        inside = os.path.join(writing.output, item.below)
        return cls(task, item, inside if writing.folder else writing.output)

    def file(self, stack: ExitStack) -> AtomicFile:
        """Begin the file."""
        writing = self.task.writing
        make_folder(self.target)
        like = None if self.item.path == "-" else self.item.path
        return stack.enter_context(
            AtomicFile(self.target, like=like, backup=writing.backup if writing.in_place else "")
        )

    def packing(
        self, file: AtomicFile, codec: str, *, members: bool
    ) -> AbstractContextManager[BinaryIO]:
        """Compress as the input was, or as the name of a single output says."""
        writing = self.task.writing
        by_name = not (writing.in_place or writing.folder)
        asked = codec_of_name(self.target) if by_name else codec
        return compressing(file.file, asked, members=members)

    def is_done(self, done: Entry, before: str) -> bool:
        """Tell whether an earlier run finished this: its result is what is there now."""
        if self.task.writing.in_place:
            return before == done.after
        try:
            return before == done.before and digest(self.target) == done.after
        except OSError:
            return False

    def log(self, before: str, after: str) -> None:
        """Note in the manifest what was made, if there is one."""
        if self.task.manifest:
            name = os.path.realpath(self.item.path)
            Manifest(self.task.manifest, self.task.key()).add(name, Entry(before, after))
