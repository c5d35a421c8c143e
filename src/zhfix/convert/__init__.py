"""Conversion between Simplified and Traditional Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zhfix.convert.backends import Backend, BackendStage

if TYPE_CHECKING:
    from zhfix.document import Document

__all__ = ["convert_text", "opencc_cpp", "opencc_pure", "opencc_reimplemented", "stage"]

opencc_reimplemented = Backend("opencc-python-reimplemented")
"""Stages around opencc-python-reimplemented, a hard dependency."""
opencc_cpp = Backend("opencc")
"""Stages around OpenCC's C++ library, when its distribution owns the module `opencc`."""
opencc_pure = Backend("opencc-py")
"""Stages around OpenCC's pure Python port, when its distribution owns the module `opencc`."""


def stage(*, to: str | None = None, regional_words: bool = False) -> BackendStage | KeepScript:
    """Make a stage that converts; without a target it keeps the script.

    >>> stage(to="zh-Hans").convert("漢字")
    '汉字'
    """
    if to is None:
        return KeepScript()
    return opencc_reimplemented(to=to, regional_words=regional_words)


@dataclass(frozen=True, slots=True)
class KeepScript:
    """A stage that does nothing: what `convert` is when no target is given."""

    def __call__(self, document: Document) -> tuple[()]:
        """Propose nothing."""
        return ()


def convert_text(text: str, to: str, **options: Any) -> str:
    """Convert a text."""
    return opencc_reimplemented(to=to, **options).convert(text)
