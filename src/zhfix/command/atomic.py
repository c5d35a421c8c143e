"""Writing files so that a crash, a full disk or a kill never loses what was there."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from zhfix.command.exits import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AtomicFile", "is_leftover", "remove_unfinished"]

#: Names of unfinished files; a run that was killed may leave some behind.
LEFTOVER = re.compile(r"\.zhfix-[0-9a-f]{16}\.tmp(?:\.old)?")
#: What is added to their names for the old file, while it becomes a backup.
OLD = ".old"
#: Those that this process has begun.
_unfinished: set[str] = set()


def is_leftover(name: str) -> bool:
    """Tell whether a file is what a killed run left unfinished.

    >>> is_leftover(".zhfix-0123456789abcdef.tmp"), is_leftover("page.txt")
    (True, False)
    """
    return LEFTOVER.fullmatch(name) is not None


def remove_unfinished() -> None:
    """Remove what this process has half written, before it ends in the middle of its work."""
    for path in tuple(_unfinished):
        for each in (path, path + OLD):
            with contextlib.suppress(OSError):
                os.unlink(each)


class AtomicFile:
    """A file that appears complete and synced, or not at all.

    It is written beside its target and renamed over it by `commit`; without a commit it is
    removed. `like` is the file whose mode, times and, where possible, owner it takes.
    """

    def __init__(self, target: str, *, like: str | None = None, backup: str = "") -> None:
        # A link stays a link: what it points to is replaced.
        self.target = os.path.realpath(target)
        self._like = like
        self._backup = backup
        name = f".zhfix-{os.urandom(8).hex()}.tmp"
        self._path = os.path.join(os.path.dirname(self.target), name)
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        mode = 0o600 if like is not None else 0o666
        # Noted before it is there: a signal may come in between.
        _unfinished.add(self._path)
        self.file: BinaryIO = os.fdopen(os.open(self._path, flags, mode), "w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(OSError):
            self.file.close()
        with contextlib.suppress(OSError):
            os.unlink(self._path)
        _unfinished.discard(self._path)

    def commit(self, before_rename: Callable[[], None] | None = None) -> None:
        """Sync, take over mode and times, keep a backup if asked, and rename.

        `before_rename` runs when the new content is safe on disk and the old is still there.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        if self._like is not None:
            _take_over(self._path, self._like)
        if self._backup:
            self._keep_old()
        if before_rename is not None:
            before_rename()
        os.replace(self._path, self.target)
        _sync_folder(os.path.dirname(self.target))

    def digest(self) -> str:
        """Return a digest of what was written."""
        from zhfix.command.manifest import digest

        return digest(self._path)

    def _keep_old(self) -> None:
        """Keep the old file under its backup name; the backup appears complete, too."""
        kept = self.target + self._backup
        beside = self._path + OLD
        with contextlib.suppress(FileNotFoundError):
            try:
                os.link(self.target, beside)
            except OSError:
                # File systems without hard links.
                import shutil

                shutil.copy2(self.target, beside)
            os.replace(beside, kept)


def unchanged_since(path: str, before: os.stat_result) -> None:
    """Raise `InputError` when a file is not the one that was read, or grew meanwhile."""
    now = os.stat(path)
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    ):
        raise InputError("changed while it was read; left as it is")


def require_regular(path: str) -> None:
    """Raise `InputError` unless the path is a file that can be replaced."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise InputError("is not a regular file and cannot be changed in place")


def make_folder(path: str) -> None:
    """Make the folder in which a file is to stand."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)


def _take_over(path: str, like: str) -> None:
    known = os.stat(like)
    if hasattr(os, "chown") and (known.st_uid, known.st_gid) != (os.getuid(), os.getgid()):
        # Only root may give files away; the mode below matters more.
        with contextlib.suppress(OSError):
            os.chown(path, known.st_uid, known.st_gid)
    import shutil

    shutil.copystat(like, path)


def _sync_folder(folder: str) -> None:
    """Make the rename itself durable; not every file system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
