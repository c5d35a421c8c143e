"""Other people's converters, each behind the same factory as our own.

Three distributions install a module of the same name, ``opencc``, and the last one installed
wins. So each adapter first asks *who owns the module* and refuses politely when it is not
the converter that was asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from zhfix.converting.plan import plan
from zhfix.document import Edit, Span
from zhfix.errors import BackendError, ConfigError
from zhfix.locales import MODES, target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from zhfix.document import Document

__all__ = ["BACKENDS", "Backend", "BackendStage", "module_owner"]

BackendName = Literal["opencc-python-reimplemented", "opencc", "opencc-py"]

#: The distributions that install a module named `opencc`, and the modes each can do.
BACKENDS: dict[str, tuple[str, ...]] = {
    "opencc-python-reimplemented": (
        *("s2t", "t2s", "s2tw", "tw2s", "s2twp", "tw2sp", "s2hk", "hk2s", "t2tw", "t2hk"),
    ),
    "opencc": MODES,
    "opencc-py": MODES,
}
_MODULE = "opencc"


def module_owner() -> str | None:
    """Name the installed distribution whose files the module `opencc` now consists of.

    >>> module_owner()
    'opencc-python-reimplemented'

    It is the one whose record holds the checksum of the ``__init__.py`` on disk; None when
    the module is absent, or was not put there by any of them.
    """
    # Imported here: a first text should not wait for what parses e-mail and encrypts.
    import base64
    import hashlib
    from importlib import metadata
    from pathlib import Path

    spec = importlib.util.find_spec(_MODULE)
    if spec is None or not spec.origin:
        return None
    origin = Path(spec.origin)
    digest = base64.urlsafe_b64encode(hashlib.sha256(origin.read_bytes()).digest())
    checksum = digest.rstrip(b"=").decode("ascii")
    for name in BACKENDS:
        try:
            files = metadata.files(name) or ()
        except metadata.PackageNotFoundError:
            continue
        for file in files:
            if file.as_posix() == f"{_MODULE}/__init__.py" and file.hash:
                if file.hash.value == checksum:
                    return name
                break
    return None


def _require(name: str) -> None:
    from importlib import metadata

    owner = module_owner()
    if owner == name:
        return
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        said = f"{name!r} is not installed"
        if owner is not None:
            said += f" (the module {_MODULE!r} belongs to {owner!r}; they exclude each other)"
    else:
        by = f"by {owner!r}" if owner else "by files that no distribution owns"
        said = f"{name!r} is installed, but its module {_MODULE!r} was overwritten {by}"
    raise BackendError(
        f"{said}; install it into an environment of its own: pip install {name}",
        distribution=name,
    )


@lru_cache(maxsize=32)
def _converter(name: str, mode: str) -> Callable[[str], str]:
    """Return the converter's own function for a mode; one object per mode, they are costly."""
    _require(name)
    function: Callable[[str], str] = importlib.import_module(_MODULE).OpenCC(mode).convert
    return function


@dataclass(frozen=True, slots=True)
class BackendStage:
    """A stage that lets another converter do the work; made by a `Backend`."""

    backend: str
    to: str
    regional_words: bool = False

    def convert(self, text: str) -> str:
        """Convert a text; the same object when there is nothing to do."""
        after = text
        for mode in plan(text, target(self.to), regional_words=self.regional_words):
            if mode not in BACKENDS[self.backend]:
                known = ", ".join(BACKENDS[self.backend])
                message = f"{self.backend} has no mode {mode!r}; it has {known}"
                raise ConfigError(message, path="stages.convert.to")
            after = _converter(self.backend, mode)(after)
        return text if after == text else after

    def __call__(self, document: Document) -> Iterator[Edit]:
        """Propose one coarse edit when the text changes."""
        after = self.convert(document.text)
        if after is not document.text:
            yield Edit(
                Span(0, len(document.text)),
                document.text,
                after,
                f"convert/{self.backend}",
                1.0,
                f"{self.backend} writes this text as {target(self.to)}",
            )


@dataclass(frozen=True, slots=True)
class Backend:
    """A factory of stages around one distribution; the same signature as `convert.stage`.

    >>> stage = Backend("opencc-python-reimplemented")(to="s2t")
    >>> stage.convert("汉字")
    '漢字'
    """

    distribution: BackendName

    def __call__(self, *, to: str, regional_words: bool = False) -> BackendStage:
        """Make a stage; raises `BackendError` when the distribution is absent or shadowed."""
        _require(self.distribution)
        goal = target(to)
        if goal.mode and goal.mode not in BACKENDS[self.distribution]:
            known = ", ".join(BACKENDS[self.distribution])
            message = f"{self.distribution} has no mode {goal.mode!r}; it has {known}"
            raise ConfigError(message, path="stages.convert.to")
        return BackendStage(self.distribution, to, regional_words)
