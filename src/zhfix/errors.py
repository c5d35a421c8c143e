"""Everything that zhfix raises.

Damage in text is never an exception: it is a `Finding`. These are for wrong arguments,
wrong configuration, broken stages and broken tables::

    ZhfixError(Exception)
    ├─ ConfigError(ValueError)          .path     "stages.convert.to"
    ├─ UnknownNameError(LookupError)    .name .available
    │  ├─ UnknownStageError
    │  └─ UnknownDecoderError
    ├─ DecodeError(UnicodeError)        .encoding .offset
    ├─ StageError(RuntimeError)         .stage .edit
    ├─ BackendError(ImportError)        .distribution
    └─ DataError(RuntimeError)          .table
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhfix.document import Edit

__all__ = [
    "BackendError",
    "ConfigError",
    "DataError",
    "DecodeError",
    "StageError",
    "UnknownDecoderError",
    "UnknownNameError",
    "UnknownStageError",
    "ZhfixError",
]


class ZhfixError(Exception):
    """The root of all errors that zhfix raises on purpose."""


class ConfigError(ZhfixError, ValueError):
    """A setting is unknown or has a value that cannot be used.

    `path` is the dotted key, such as ``"stages.convert.to"``.
    """

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class UnknownNameError(ZhfixError, LookupError):
    """A name is not among those that exist; the message lists those that do."""

    kind = "name"

    def __init__(self, name: str, available: Iterable[str]) -> None:
        self.name = name
        self.available = tuple(sorted(available))
        super().__init__(f"unknown {self.kind} {name!r}{did_you_mean(name, self.available)}")


class UnknownStageError(UnknownNameError):
    """No stage of that name is in the pipeline or in the registry."""

    kind = "stage"


class UnknownDecoderError(UnknownNameError):
    """No decoder of that name is in the registry, and no encoding has that label."""

    kind = "decoder"


class DecodeError(ZhfixError, UnicodeError):
    """Bytes do not fit the encoding that the caller insisted on.

    `offset` counts bytes from the start.
    """

    def __init__(self, message: str, *, encoding: str, offset: int) -> None:
        super().__init__(f"{message} (encoding {encoding}, byte {offset})")
        self.encoding = encoding
        self.offset = offset


class StageError(ZhfixError, RuntimeError):
    """A stage broke its contract: overlapping edits, or a `before` that is not there.

    This is a bug in the stage, never a property of the text.
    """

    def __init__(self, message: str, *, stage: str, edit: Edit | None = None) -> None:
        super().__init__(f"stage {stage!r}: {message}")
        self.stage = stage
        self.edit = edit


class BackendError(ZhfixError, ImportError):
    """An optional package is absent, or another distribution took its module's name."""

    def __init__(self, message: str, *, distribution: str) -> None:
        super().__init__(message)
        self.distribution = distribution


class DataError(ZhfixError, RuntimeError):
    """A table is missing or is not the one that was built."""

    def __init__(self, message: str, *, table: str) -> None:
        super().__init__(f"table {table!r}: {message}")
        self.table = table


def did_you_mean(name: str, available: Iterable[str]) -> str:
    """Say what would have been right: the nearest name, or all of them."""
    from difflib import get_close_matches

    names = sorted(available)
    if near := get_close_matches(name, names, n=1):
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(names)}" if names else ""
