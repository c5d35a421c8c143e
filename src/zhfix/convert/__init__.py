"""Conversion between Simplified and Traditional Chinese."""

from __future__ import annotations

from typing import Any

from zhfix.convert.backends import Backend, BackendStage

__all__ = ["convert_text", "opencc_cpp", "opencc_pure", "opencc_reimplemented", "stage"]

opencc_reimplemented = Backend("opencc-python-reimplemented")
"""Stages around opencc-python-reimplemented, a hard dependency."""
opencc_cpp = Backend("opencc")
"""Stages around OpenCC's C++ library, when its distribution owns the module `opencc`."""
opencc_pure = Backend("opencc-py")
"""Stages around OpenCC's pure Python port, when its distribution owns the module `opencc`."""


def stage(*, to: str, **options: Any) -> BackendStage:
    """Make a stage that converts."""
    return opencc_reimplemented(to=to, **options)


def convert_text(text: str, to: str, **options: Any) -> str:
    """Convert a text."""
    return stage(to=to, **options).convert(text)
