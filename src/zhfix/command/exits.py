"""How the command ends, and what it says when something is wrong."""

from __future__ import annotations

import os

from zhfix.errors import ZhfixError

__all__ = [
    "BROKEN_PIPE",
    "DONE",
    "FOUND",
    "INTERRUPTED",
    "SOME_FAILED",
    "USAGE",
    "InputError",
    "printable",
    "reason_of",
]

DONE = 0
"""Everything was done, or nothing was found."""
FOUND = 1
"""`detect` found something, or `--check` and `--diff` would change something."""
USAGE = 2
"""Wrong options, a wrong configuration, or a file that is not there."""
SOME_FAILED = 3
"""Some inputs could not be read, understood or written; the others are done."""
INTERRUPTED = 130
"""Ctrl-C."""
BROKEN_PIPE = 141
"""Whoever read the output stopped reading."""


class InputError(ZhfixError):
    """One input cannot be worked on; the others can."""


def printable(name: str) -> str:
    r"""Show a file name that is not valid UTF-8, or would steer a terminal, without harm.

    >>> printable("a\udcff\x1b[1m")
    'a\\xff\\x1b[1m'
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def reason_of(error: BaseException) -> str:
    """Say in one line why an input failed.

    >>> reason_of(FileNotFoundError(2, "No such file or directory"))
    'No such file or directory'
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, MemoryError):
        return "not enough memory"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return str(error) or type(error).__name__
