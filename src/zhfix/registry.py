"""Names to factories, over entry points: what is built in and what others bring are equal."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from zhfix.collector import no_collecting
from zhfix.errors import (
    ConfigError,
    UnknownDecoderError,
    UnknownNameError,
    UnknownStageError,
    did_you_mean,
)
from zhfix.stages import Decoder, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.metadata import EntryPoint

__all__ = ["Registry", "decoders", "stages"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Factories by name: built-in ones, those added here, and those of entry points.

    >>> "convert" in stages.names()
    True

    A factory takes keyword options and returns a stage or a decoder. Built-in names are
    "module:attribute" strings and win, so the default pipeline never has to scan the
    environment for entry points (which takes longer the more packages are installed).
    `otherwise` names a function that makes a factory of any other name, or None.
    """

    def __init__(
        self,
        group: str,
        unknown: type[UnknownNameError],
        built_in: Mapping[str, str] = MappingProxyType({}),
        otherwise: str = "",
    ) -> None:
        self.group = group
        self._unknown = unknown
        self._built_in = dict(built_in)
        self._otherwise = otherwise
        self._added: dict[str, Callable[..., T]] = {}

    def names(self) -> tuple[str, ...]:
        """All names, sorted, without loading anything.

        >>> "repair" in stages.names()
        True
        """
        return tuple(sorted({*self._built_in, *self._added, *_entry_points(self.group)}))

    def add(self, name: str, factory: Callable[..., T]) -> None:
        """Register a factory for this process.

        >>> registry = Registry("example", UnknownStageError)
        >>> registry.add("upper", lambda: str.upper)
        >>> registry.create("upper")("abc")
        'ABC'

        Raises `ConfigError` for a built-in name.
        """
        if name in self._built_in:
            raise ConfigError(f"{name!r} is built in; choose another name", path=name)
        self._added[name] = factory

    def factory(self, name: str) -> Callable[..., T]:
        """Load the factory of that name; raises the group's unknown-name error.

        >>> stages.factory("strip").__name__
        'stage'
        """
        if name in self._added:
            return self._added[name]
        if name in self._built_in:
            return cast("Callable[..., T]", _attribute(self._built_in[name]))
        if (entry := _entry_points(self.group).get(name)) is not None:
            return cast("Callable[..., T]", entry.load())
        if self._otherwise and (made := _attribute(self._otherwise)(name)) is not None:
            return cast("Callable[..., T]", made)
        raise self._unknown(name, self.names())

    def create(self, name: str, **options: Any) -> T:
        """Make the stage or decoder of that name with these options.

        >>> stage = stages.create("strip", preset="light")

        Raises `ConfigError` when the factory has no such option.
        """
        factory = self.factory(name)
        accepted, required = option_names(factory)
        for unknown in sorted(set(options) - set(accepted)):
            raise ConfigError(
                f"{name!r} has no option {unknown!r}{did_you_mean(unknown, accepted)}",
                path=unknown,
            )
        for missing in sorted(set(required) - set(options)):
            raise ConfigError(f"{name!r} needs the option {missing!r}", path=missing)
        return factory(**options)

    def origin(self, name: str) -> str:
        """Tell who brings the name: `zhfix`, a distribution, or `this process`.

        >>> stages.origin("convert")
        'zhfix'
        """
        if name in self._built_in:
            return "zhfix"
        entry = _entry_points(self.group).get(name)
        if name in self._added or entry is None or entry.dist is None:
            return "this process"
        return f"{entry.dist.name} {entry.dist.version}"


def option_names(factory: Callable[..., object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the keyword options of a factory, and those of them that it cannot do without.

    >>> option_names(lambda *, to, width=2: None)
    (('to', 'width'), ('to',))
    """
    from inspect import Parameter, signature

    named = [
        p for p in signature(factory).parameters.values() if p.kind is not Parameter.VAR_KEYWORD
    ]
    return tuple(p.name for p in named), tuple(
        p.name for p in named if p.default is Parameter.empty
    )


def _attribute(path: str) -> Any:
    """Import what "module:attribute" names."""
    module, _, attribute = path.partition(":")
    with no_collecting():
        return getattr(import_module(module), attribute)


@cache
def _entry_points(group: str) -> Mapping[str, EntryPoint]:
    # Imported here: importlib.metadata takes longer than the rest of `import zhfix`.
    from importlib.metadata import entry_points

    return {entry.name: entry for entry in entry_points(group=group)}


stages: Registry[Stage] = Registry(
    "zhfix.stages",
    UnknownStageError,
    {
        "detect": "zhfix.detecting:stage",
        "repair": "zhfix.repairing:stage",
        "strip": "zhfix.stripping:stage",
        "convert": "zhfix.converting.converter:stage",
        "opencc-python-reimplemented": "zhfix.converting:opencc_reimplemented",
        "opencc": "zhfix.converting:opencc_cpp",
        "opencc-py": "zhfix.converting:opencc_pure",
    },
)
"""Everything that can fill a slot of a pipeline."""

decoders: Registry[Decoder] = Registry(
    "zhfix.decoders",
    UnknownDecoderError,
    {
        "zhfix": "zhfix.decoding:chinese_first",
        "charset-normalizer": "zhfix.decoding:charset_normalizer",
        "utf-8": "zhfix.decoding:utf_8",
    },
    otherwise="zhfix.decoding:by_label",
)
"""Everything that turns bytes into text; any label of an encoding is a name, too."""
