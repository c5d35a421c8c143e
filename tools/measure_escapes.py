"""Measure the repair of escapes: recovery of clean lines damaged forwards, and false changes.

    python tools/measure_escapes.py [--lines 2000] [--data ../shared/data] [--clean]

Recovery is over lines with at least four Han characters; with `--clean`, the channels of escapes
and code points run over every clean line instead, and each line that they would change is shown.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zhfix.edits import apply
from zhfix.repairing.channels.code_points import CodePoints
from zhfix.repairing.channels.escape_forms import WRITERS
from zhfix.repairing.channels.escapes import Escapes

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parent.parent.parent / "shared/data"
HAN = re.compile("[\u3400-\u9fff]")
SHOWN = 3


def lines(data: Path) -> Iterator[str]:
    """Yield every clean line."""
    for path in sorted((data / "clean").glob("*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from (line.rstrip("\n") for line in file)


def repaired(text: str) -> str:
    """Repair the escapes and code points of one text."""
    for channel in (Escapes(), CodePoints()):
        text = apply(text, list(channel.repair(text, list(channel.detect(text)))))
    return text


def recovery(chosen: list[str]) -> None:
    """Print the share of exact lines for each form."""
    for name, write in WRITERS.items():
        total = right = 0
        missed: list[tuple[str, str]] = []
        for line in chosen:
            try:
                damaged = write(line)
            except UnicodeEncodeError:
                continue
            total += 1
            got = repaired(damaged)
            right += got == line
            if got != line and len(missed) < SHOWN:
                missed.append((line[:70], got[:70]))
        print(f"{name:16} {right / max(1, total):8.2%} of {total}")
        for line, got in missed:
            print(f"    {line!r}\n    {got!r}")


def main() -> None:
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--clean", action="store_true")
    options = parser.parse_args()
    if options.clean:
        changed = total = 0
        for line in lines(options.data):
            total += 1
            got = repaired(line)
            if got != line:
                changed += 1
                print(f"{line[:200]!r}\n  -> {got[:200]!r}")
        print(f"{changed} of {total} clean lines changed")
        return
    pool = [line for line in lines(options.data) if len(HAN.findall(line)) >= 4]
    recovery(random.Random(7).sample(pool, options.lines))


if __name__ == "__main__":
    main()
