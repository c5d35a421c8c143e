"""Peak memory and start-up, measured in interpreters of their own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["peak_of_stream", "to_first_answer"]

ROUNDS = 5
MEMORY = """
import sys
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
with open(sys.argv[1], encoding="utf-8") as file:
    before = peak()
    import numpy
    with_numpy = peak()
    import zhfix
    for block in zhfix.default(to="zh-Hant").stream(iter(lambda: file.read(1 << 16), "")):
        pass
print(peak() - before, with_numpy - before)
"""
START = """
import time
start = time.perf_counter()
import zhfix
zhfix.fix("网络")
print(time.perf_counter() - start)
"""


def _run(code: str, *words: str) -> list[float]:
    """Run code in a fresh interpreter and return the numbers that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return [float(word) for word in done.stdout.split()]


def peak_of_stream(text: str, scratch: Path) -> tuple[float, float]:
    """Return the MB over Python's own that streaming a text takes, and numpy's share of them."""
    file = scratch / "clean.txt"
    file.write_text(text, encoding="utf-8")
    whole, numpy = _run(MEMORY, str(file))
    file.unlink()
    return whole, numpy


def to_first_answer() -> float:
    """Return the seconds from `import zhfix` to the first answer."""
    return min(_run(START)[0] for _ in range(ROUNDS))
