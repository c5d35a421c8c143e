"""Regular expressions that are compiled when they are first used, not when a module is read.

Most texts need few of the patterns, and compiling all of them takes longer than fixing a page.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast

__all__ = ["lazy"]

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Pattern:
    """Stands for a compiled pattern, and has its methods from the first use on."""

    def __init__(self, source: Any, flags: int) -> None:
        self._made = (source, flags)

    def __getattr__(self, name: str) -> object:
        # Called only until the methods are attributes of this object: after that, using them
        # costs what using those of a compiled pattern costs.
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(*self._made)
        for method in METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)

    def __repr__(self) -> str:
        """Show the source."""
        return f"lazy({self._made[0]!r})"


def lazy(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """Return a pattern that is compiled when it is first used.

    >>> lazy("[一-龥]+").findall("abc中文def")
    ['中文']

    It has what `re.compile` returns; raises `re.error` at the first use of a wrong source.
    """
    return cast("re.Pattern[AnyStr]", _Pattern(source, flags))
