"""From what the user named to files: folders, globs and `.gitignore`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from zhfix.command.atomic import is_leftover
from zhfix.command.exits import printable
from zhfix.command.task import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["STDIN", "Walk", "check_names"]

STDIN = "-"
#: Folders of version control, which nobody means.
NEVER = frozenset({".git", ".hg", ".svn", ".bzr", ".jj"})
RULES = ".gitignore"


def check_names(names: Sequence[str], *, recursive: bool) -> None:
    """Raise a usage error for a name that is no file, before any work is done."""
    for name in names:
        if name == STDIN:
            continue
        if not os.path.lexists(name):
            raise click.UsageError(f"{printable(name)}: no such file")
        if os.path.isdir(name) and not recursive:
            raise click.UsageError(f"{printable(name)}: is a directory; -r works on what is in it")


@dataclass(frozen=True, slots=True)
class Walk:
    """The inputs, in the order of the names and sorted below each folder.

    Files that the user named are always taken. In folders, `include` and `exclude` are globs
    as in `.gitignore`; links are not followed. `complain` hears of folders that cannot be read.
    """

    names: tuple[str, ...]
    complain: Callable[[str, str], None]
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    gitignore: bool = True

    def __iter__(self) -> Iterator[Input]:
        """Walk again from the start."""
        wanted = _Globs(self.include, self.exclude)
        for name in self.names or (STDIN,):
            if name != STDIN and os.path.isdir(name):
                rules = _above(name) if self.gitignore else ()
                yield from self._below(name, "", wanted, rules)
            else:
                yield Input(name, _kept_name(name))

    def _below(self, folder: str, inside: str, wanted: _Globs, rules: Rules) -> Iterator[Input]:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            self.complain(folder, error.strerror or str(error))
            return
        if self.gitignore and any(entry.name == RULES for entry in entries):
            rules = (*rules, *_read_rules(folder))
        real = os.path.realpath(folder) if rules else folder
        for entry in entries:
            if entry.is_symlink() or is_leftover(entry.name):
                continue
            below = os.path.join(inside, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if not (
                    entry.name in NEVER
                    or wanted.skips_folder(below)
                    or _ignored(rules, os.path.join(real, entry.name, ""))
                ):
                    yield from self._below(entry.path, below, wanted, rules)
            elif (
                entry.is_file(follow_symlinks=False)
                and wanted.takes(below)
                and not _ignored(rules, os.path.join(real, entry.name))
            ):
                yield Input(entry.path, below, found=True)


#: Patterns, each with the folder that they are relative to; the nearest folder comes last.
Rules = tuple[tuple[str, Any], ...]


class _Globs:
    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        self._include = _spec(include) if include else None
        self._exclude = _spec(exclude) if exclude else None

    def skips_folder(self, path: str) -> bool:
        return self._exclude is not None and bool(self._exclude.match_file(path + "/"))

    def takes(self, path: str) -> bool:
        if self._include is not None and not self._include.match_file(path):
            return False
        return self._exclude is None or not self._exclude.match_file(path)


def _kept_name(name: str) -> str:
    """Return the name that a named file gets in an output folder."""
    path = os.path.normpath(name)
    return os.path.basename(path) if os.path.isabs(path) or ".." in path.split(os.sep) else path


def _spec(lines: Sequence[str]) -> Any:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)


def _read_rules(folder: str) -> Rules:
    """Read a folder's `.gitignore`; one that cannot be read has no rules."""
    try:
        with open(os.path.join(folder, RULES), encoding="utf-8", errors="replace") as file:
            return ((os.path.realpath(folder), _spec(file.read().splitlines())),)
    except (OSError, ValueError):
        return ()


def _above(folder: str) -> Rules:
    """Read the `.gitignore` files above a folder, if it lies in a repository, up to its root."""
    here = os.path.realpath(folder)
    rules: Rules = ()
    while not os.path.exists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return ()
        here = parent
        rules = (*_read_rules(here), *rules)
    return rules


def _ignored(rules: Rules, path: str) -> bool:
    """Ask the nearest `.gitignore` first; the first that has something to say decides."""
    for root, spec in reversed(rules):
        decision = spec.check_file(path[len(root.rstrip(os.sep)) + 1 :]).include
        if decision is not None:
            return bool(decision)
    return False
