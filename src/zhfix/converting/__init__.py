"""Conversion between Simplified and Traditional Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zhfix.converting.backends import Backend, BackendName
    from zhfix.converting.converter import ConvertStage
    from zhfix.converting.scripts import ScriptEvidence

__all__ = [
    "convert_text",
    "opencc_cpp",
    "opencc_pure",
    "opencc_reimplemented",
    "script",
    "stage",
]

opencc_reimplemented: Backend
"""Stages around opencc-python-reimplemented, a hard dependency."""
opencc_cpp: Backend
"""Stages around OpenCC's C++ library, when its distribution owns the module `opencc`."""
opencc_pure: Backend
"""Stages around OpenCC's pure Python port, when its distribution owns the module `opencc`."""

_BACKENDS: dict[str, BackendName] = {
    "opencc_reimplemented": "opencc-python-reimplemented",
    "opencc_cpp": "opencc",
    "opencc_pure": "opencc-py",
}


def __getattr__(name: str) -> Backend:
    """Make the backends when they are first asked for: few texts need them."""
    if name not in _BACKENDS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from zhfix.converting.backends import Backend

    made = globals()[name] = Backend(_BACKENDS[name])
    return made


def stage(**options: Any) -> ConvertStage:
    """Make a stage that converts; see `zhfix.converting.converter.stage` for the options.

    >>> stage(to="zh-Hans").convert("漢字")
    '汉字'
    """
    from zhfix.converting.converter import stage as make

    return make(**options)


def convert_text(text: str, to: str, **options: Any) -> str:
    """Convert a text to a locale, or as an OpenCC mode does; the same object when unchanged.

    >>> convert_text("头发里的云", "zh-Hant-TW")
    '頭髮裡的雲'
    """
    return stage(to=to, **options).convert(text)


def script(text: str) -> ScriptEvidence:
    """Say which script a text is written in, with the evidence.

    >>> script("漢字").script
    'Hant'
    """
    from zhfix.converting.scripts import script as read

    return read(text)
