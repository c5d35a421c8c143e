"""What was asked for, as plain values that can be sent to another process."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zhfix import __version__
from zhfix.config import Config

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Input", "Reading", "Task", "Writing"]

#: Bytes of a record, of a file that is read as a whole, or of a CSV field, unless told otherwise.
MAX_RECORD = 16 << 20
#: How many times larger than its packed size a file may be; text packs to a tenth, not less.
MAX_EXPANSION = 200


@dataclass(frozen=True, slots=True)
class Input:
    """One file to work on; `path` is "-" for standard input.

    `below` is the name it gets in an output folder. `found` is whether a walk found it, rather
    than the user's naming it.
    """

    path: str
    below: str = ""
    found: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """How inputs are read."""

    kind: str = "auto"
    columns: tuple[str, ...] = ()
    header: bool = True
    extractor: str = ""
    encoding: str = ""
    max_record: int = MAX_RECORD
    max_expansion: int = MAX_EXPANSION


@dataclass(frozen=True, slots=True)
class Writing:
    """Where results go, and how they are written."""

    output: str = ""
    folder: bool = False
    in_place: bool = False
    backup: str = ""
    encoding: str = "utf-8"
    bom: str = "keep"
    lossy: bool = False
    metadata: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A verb with everything that its work on a file depends on.

    `view` is what is written: "text", "check", "diff", "encoding", "findings" or "explanation".
    """

    verb: str
    view: str
    config: Mapping[str, Any] = field(default_factory=dict)
    reading: Reading = Reading()
    writing: Writing = Writing()
    style: Mapping[str, Any] = field(default_factory=dict)
    errors: str = "report"
    manifest: str = ""
    resume: bool = False

    def pipeline(self) -> Any:
        """Build the pipeline.

        >>> Task("repair", "text", {"pipeline": {"order": ["repair"]}}).pipeline().names
        ('repair',)
        """
        return Config.from_mapping(self.config).pipeline()

    def key(self) -> str:
        """Name everything that decides what comes out for a content: a digest.

        >>> Task("fix", "text").key() == Task("fix", "text", manifest="m").key()
        True
        """
        reading, writing = self.reading, self.writing
        deciding = {
            "version": __version__,
            "verb": self.verb,
            "config": self.config,
            "reading": [
                reading.kind,
                reading.columns,
                reading.header,
                reading.extractor,
                reading.encoding,
            ],
            "writing": [writing.encoding, writing.bom, writing.lossy, writing.metadata],
        }
        import hashlib

        text = json.dumps(deciding, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
