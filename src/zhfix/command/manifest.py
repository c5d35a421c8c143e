"""The record of finished files, so that a run that was cut short can go on.

A line is written when a result is safe on disk and just before it takes the place of the old
file. After a kill, a file's content tells which of the two it is: both digests are known.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from zhfix.command.exits import InputError

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Entry", "Manifest", "digest"]


class Entry(NamedTuple):
    """The digests of what a file was and of what was made of it."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file of JSON Lines; several processes may append to it at once."""

    path: str
    key: str

    def load(self) -> dict[str, Entry]:
        """Read what was done with this configuration; a line cut short by a kill is no entry."""
        done: dict[str, Entry] = {}
        try:
            with open(self.path, "rb") as file:
                for line in file:
                    try:
                        record = json.loads(line)
                        if record["key"] == self.key:
                            done[record["file"]] = Entry(record["before"], record["after"])
                    except (ValueError, KeyError, TypeError):
                        continue
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise InputError(f"{self.path}: {error.strerror}") from None
        return done

    def mend(self) -> None:
        """End a line that a kill cut short, so that the next one is whole."""
        try:
            with open(self.path, "r+b") as file:
                if file.seek(0, os.SEEK_END) and _last_byte(file) != b"\n":
                    file.write(b"\n")
        except FileNotFoundError:
            return

    def add(self, name: str, entry: Entry) -> None:
        """Append an entry: one write, so that lines of several processes never mix."""
        record = {"file": name, "key": self.key, "before": entry.before, "after": entry.after}
        line = json.dumps(record).encode() + b"\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)


def digest(path: str) -> str:
    """Return a digest of a file's content."""
    import hashlib

    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _last_byte(file: BinaryIO) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)
