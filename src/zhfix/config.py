"""Configuration: TOML to a pipeline and back.

The file has the shape of the objects::

    [pipeline]
    order = ["detect", "repair", "strip", "convert"]
    min_confidence = 0.9

    [decoder]
    use = "zhfix"

    [stages.convert]
    use = "convert"           # a registered name; the slot's own name when left out
    to = "zh-Hant-TW"         # the factory's own keywords

It stands in `zhfix.toml`, or in `pyproject.toml` below `[tool.zhfix]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from zhfix.errors import ConfigError, UnknownNameError, UnknownStageError, did_you_mean
from zhfix.pipeline import DEFAULT_ORDER, MIN_CONFIDENCE, Pipeline
from zhfix.registry import decoders, stages

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Config", "find_config", "load_config", "parse_value"]

CONFIG_FILE = "zhfix.toml"
PROJECT_FILE = "pyproject.toml"


@dataclass(frozen=True, slots=True)
class Slot:
    """What fills a slot: a registered name and the keywords of its factory."""

    use: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """A pipeline as data: it can be written down, changed by key, and built.

    >>> Config().with_setting("convert.to", "zh-Hant-TW").pipeline().fix("汉字")
    '漢字'
    """

    order: tuple[str, ...] = DEFAULT_ORDER
    min_confidence: float = MIN_CONFIDENCE
    decoder: Slot = Slot("zhfix")
    slots: Mapping[str, Slot] = field(default_factory=dict)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Config:
        """Make a configuration of parsed TOML.

        >>> Config.from_mapping({"pipeline": {"order": ["repair"]}}).order
        ('repair',)

        Raises `ConfigError` with the dotted path of an unknown key or unfit value.
        """
        _reject_unknown(data, ("pipeline", "decoder", "stages"), "")
        pipeline = _table(data, "pipeline", "")
        _reject_unknown(pipeline, ("order", "min_confidence"), "pipeline")
        tables = _table(data, "stages", "")
        order = pipeline.get("order", DEFAULT_ORDER)
        if not isinstance(order, (list, tuple)) or not all(isinstance(n, str) for n in order):
            raise ConfigError(
                f"must be a list of stage names, not {order!r}", path="pipeline.order"
            )
        if len(set(order)) < len(order):
            raise ConfigError("names a stage twice", path="pipeline.order")
        confidence = pipeline.get("min_confidence", MIN_CONFIDENCE)
        if isinstance(confidence, bool) or not isinstance(confidence, (int, float)):
            raise ConfigError(
                f"must be a number, not {confidence!r}", path="pipeline.min_confidence"
            )
        slots = {
            name: _slot(_table(tables, name, "stages"), name, f"stages.{name}") for name in tables
        }
        decoder = _slot(_table(data, "decoder", ""), "zhfix", "decoder")
        return cls(tuple(order), float(confidence), decoder, slots)

    def with_setting(self, key: str, value: object) -> Config:
        """Return the configuration with one dotted key changed.

        >>> Config().with_setting("strip.preset", "light").slots["strip"].options
        {'preset': 'light'}

        `key` is `stage.option`, `decoder.option`, `pipeline.order` or
        `pipeline.min_confidence`; a leading `stages.` may stand before it.
        """
        section, _, option = key.removeprefix("stages.").rpartition(".")
        if not section or not option:
            raise ConfigError(f"a setting is SECTION.OPTION, not {key!r}", path=key)
        data = self.to_mapping()
        if section in ("pipeline", "decoder"):
            data[section] = {**data.get(section, {}), option: value}
        else:
            if section not in self.order and section not in self.slots:
                raise UnknownStageError(section, self.order)
            tables = data.get("stages", {})
            data["stages"] = {**tables, section: {**tables.get(section, {}), option: value}}
        return Config.from_mapping(data)

    def with_order(self, *names: str) -> Config:
        """Return the configuration with these stages, in this order.

        >>> Config().with_order("detect", "repair").pipeline().names
        ('detect', 'repair')
        """
        return replace(self, order=names)

    def pipeline(self) -> Pipeline:
        """Build the pipeline; raises `ConfigError` or `UnknownStageError` with the path.

        >>> Config().pipeline().names
        ('detect', 'repair', 'strip', 'convert')
        """
        for name in self.slots:
            if name not in self.order:
                raise ConfigError(
                    f"is not in pipeline.order{did_you_mean(name, self.order)}",
                    path=f"stages.{name}",
                )
        made = []
        for name in self.order:
            slot = self.slots.get(name, Slot(name))
            made.append((name, _create(stages, slot, f"stages.{name}")))
        decoder = _create(decoders, self.decoder, "decoder")
        return Pipeline(tuple(made), decoder, self.min_confidence)

    def to_mapping(self) -> dict[str, Any]:
        """Return what `from_mapping` takes, leaving out what is default.

        >>> Config().to_mapping()
        {}
        """
        data: dict[str, Any] = {}
        pipeline: dict[str, Any] = {}
        if self.order != DEFAULT_ORDER:
            pipeline["order"] = list(self.order)
        if self.min_confidence != MIN_CONFIDENCE:
            pipeline["min_confidence"] = self.min_confidence
        if pipeline:
            data["pipeline"] = pipeline
        if self.decoder != Slot("zhfix"):
            data["decoder"] = {"use": self.decoder.use, **self.decoder.options}
        if self.slots:
            data["stages"] = {
                name: ({"use": slot.use} if slot.use != name else {}) | dict(slot.options)
                for name, slot in self.slots.items()
            }
        return data


def load_config(path: Path | str) -> Config:
    """Read a configuration file, or the `[tool.zhfix]` table of a `pyproject.toml`.

    >>> load_config("no-such-file.toml")
    Traceback (most recent call last):
    zhfix.errors.ConfigError: no-such-file.toml: No such file or directory

    Raises `ConfigError` with the file, and the dotted path of what is wrong in it.
    """
    import tomllib
    from pathlib import Path

    path = Path(path)
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: invalid TOML: {error}") from None
    if path.name == PROJECT_FILE:
        data = data.get("tool", {}).get("zhfix", {})
    try:
        return Config.from_mapping(data)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}", path="") from None


def find_config(start: Path | str = ".") -> Path | None:
    """Find the nearest configuration at or above a folder; None when there is none.

    >>> find_config("/") is None
    True
    """
    from pathlib import Path

    folder = Path(start).resolve()
    for parent in (folder, *folder.parents):
        if (candidate := parent / CONFIG_FILE).is_file():
            return candidate
        project = parent / PROJECT_FILE
        if project.is_file() and "[tool.zhfix" in project.read_text("utf-8", errors="replace"):
            return project
    return None


def parse_value(text: str) -> object:
    """Read a value as TOML writes it; what is no TOML value is a plain string.

    >>> parse_value("0.5"), parse_value("zh-Hans"), parse_value('["a"]')
    (0.5, 'zh-Hans', ['a'])
    """
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _create(registry: Any, slot: Slot, path: str) -> Any:
    try:
        return registry.create(slot.use, **slot.options)
    except UnknownNameError as error:
        if path.removeprefix("stages.") == slot.use:
            raise
        raise ConfigError(str(error), path=f"{path}.use") from None
    except ConfigError as error:
        inner = f"{path}.{error.path}" if error.path else path
        message = str(error).removeprefix(f"{error.path}: ")
        raise ConfigError(message, path=inner) from None


def _slot(table: Mapping[str, Any], name: str, path: str) -> Slot:
    options = dict(table)
    use = options.pop("use", name)
    if not isinstance(use, str):
        raise ConfigError(f"must be a registered name, not {use!r}", path=f"{path}.use")
    return Slot(use, options)


def _table(data: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError(f"must be a table, not {value!r}", path=f"{path}.{key}".lstrip("."))
    return cast("Mapping[str, Any]", value)


def _reject_unknown(data: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
    for key in data:
        if key not in known:
            raise ConfigError(
                f"unknown key{did_you_mean(key, known)}", path=f"{path}.{key}".lstrip(".")
            )
