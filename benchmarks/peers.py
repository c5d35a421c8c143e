"""What one would build without zhfix: chains of the packages that there are."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

__all__ = ["Elsewhere", "best_chain", "default_chain"]

WORKER = Path(__file__).parents[1] / "tools" / "opencc_worker.py"


class Elsewhere:
    """A converter in another environment: OpenCC's C++ library, or opencc-py."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, mode: str, texts: list[str]) -> float:
        """Return the processor time that converting the texts takes there."""
        assert self.process.stdin is not None  # noqa: S101 -- for the type checker
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(json.dumps({"mode": mode, "texts": texts}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return float(answer["seconds"])


def best_chain(page: bytes) -> str:
    """Do what a careful user does."""
    import charset_normalizer
    import ftfy

    return ftfy.fix_encoding(str(charset_normalizer.from_bytes(page).best() or ""))


def default_chain(page: bytes) -> str:
    """Do what the packages' own pages show first."""
    import charset_normalizer
    import ftfy

    return _reimplemented("s2t")(
        ftfy.fix_text(str(charset_normalizer.from_bytes(page).best() or ""))
    )


_CONVERTERS: dict[str, Any] = {}


def _reimplemented(mode: str) -> Any:
    if mode not in _CONVERTERS:
        from opencc import OpenCC

        _CONVERTERS[mode] = OpenCC(mode).convert
        _CONVERTERS[mode]("汉字漢字")
    return _CONVERTERS[mode]
