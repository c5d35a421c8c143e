"""Gives people back the Chinese text they should have had.

>>> import zhfix
>>> zhfix.fix("網(wǎng)絡(luò)與網(wǎng)絡(luò)", to="zh-Hans")
'网络与网络'
"""

from zhfix._version import __version__
from zhfix.api import (
    convert,
    decode,
    detect,
    explain,
    explain_bytes,
    fix,
    fix_bytes,
    fix_html,
    repair,
    script,
    strip,
)
from zhfix.document import (
    WHOLE,
    Decoded,
    Document,
    Edit,
    Finding,
    Place,
    Proof,
    Revision,
    Span,
)
from zhfix.errors import (
    BackendError,
    ConfigError,
    DataError,
    DecodeError,
    StageError,
    UnknownDecoderError,
    UnknownNameError,
    UnknownStageError,
    ZhfixError,
)
from zhfix.pipeline import Pipeline, default
from zhfix.registry import Registry
from zhfix.stages import Decoder, Stage, from_function

__all__ = [
    "WHOLE",
    "BackendError",
    "ConfigError",
    "DataError",
    "DecodeError",
    "Decoded",
    "Decoder",
    "Document",
    "Edit",
    "Finding",
    "Pipeline",
    "Place",
    "Proof",
    "Registry",
    "Revision",
    "Span",
    "Stage",
    "StageError",
    "UnknownDecoderError",
    "UnknownNameError",
    "UnknownStageError",
    "ZhfixError",
    "__version__",
    "convert",
    "decode",
    "default",
    "detect",
    "explain",
    "explain_bytes",
    "fix",
    "fix_bytes",
    "fix_html",
    "from_function",
    "repair",
    "script",
    "strip",
]
