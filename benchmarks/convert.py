"""Times the converters side by side in one run: megabytes of UTF-8 a second, and ratios.

    PYTHONPATH=src python benchmarks/convert.py --opencc <environment>/bin/python

`--opencc` is the Python of an environment with OpenCC's C++ library; `--pure` that of one with
opencc-py. opencc-python-reimplemented runs in this one. Text is new to every converter: each
round takes another part of the corpus, so no cache of earlier answers helps. All times are of
the processor; those of other environments are taken inside them, without the pipe. Loading is
measured in fresh processes.
Rows of tables go through the whole pipeline.
"""

from __future__ import annotations

import argparse
import gzip
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import texts
from peers import Elsewhere

import zhfix
from zhfix.converting import stage
from zhfix.converting.engine import engine
from zhfix.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from zhfix.converting.converter import ConvertStage

MODES = ("s2t", "t2s", "s2tw", "s2twp", "tw2sp", "s2hk")
ROUNDS = 3
#: Rows of a table: titles, captions, clauses.
ROW_BYTES, MOST_ROWS = 13_000_000, 200_000
#: opencc-python-reimplemented would take minutes for all.
FEW_CHARACTERS = 60_000

LOADING = """
import time
import numpy
def held():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))
from zhfix.converting.converter import stage
before, ready = held(), time.process_time()
stage(to="{to}").convert("汉字漢字" * 150)
print((time.process_time() - ready) * 1e3, held() - before)
"""


def seconds(convert: Callable[[str], str], texts: list[str]) -> float:
    """Return the processor time that converting the texts took here."""
    start = time.process_time()
    for text in texts:
        convert(text)
    return time.process_time() - start


def seconds_of_rows(run: ConvertStage) -> Callable[[list[str]], float]:
    """Return a clock for converting lines that are given together, each for itself."""

    def clock(texts: list[str]) -> float:
        start = time.process_time()
        for _ in run.many(Rows(texts)):
            pass
        return time.process_time() - start

    return clock


def main() -> None:
    """Print one row a mode, for whole text and by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--corpus", default="msra-news.hans")
    parser.add_argument("--opencc")
    parser.add_argument("--pure")
    parser.add_argument("--only-rows", action="store_true", help="time rows and nothing else")
    options = parser.parse_args()
    rows(options.data)
    if options.only_rows:
        return
    path = options.data / "clean" / f"{options.corpus}.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.read().split("\n")
    others = {"opencc": Elsewhere(options.opencc)} if options.opencc else {}
    if options.pure:
        others["opencc-py"] = Elsewhere(options.pure)
    for mode in MODES:
        source = (
            lines if mode.startswith("s") else engine("s2tw").convert("\n".join(lines)).split("\n")
        )
        parts = [source[number::ROUNDS] for number in range(ROUNDS)]
        for how in ("whole", "lines"):
            texts = [["\n".join(part)] if how == "whole" else part for part in parts]
            size = sum(len(text.encode()) for part in texts for text in part) / 1e6
            ours = engine(mode)
            ours.convert("汉字漢字")
            row = {"zhfix": size / sum(seconds(ours.convert, part) for part in texts)}
            if how == "lines":
                together = stage(to=mode)
                row["lines as one block"] = size / sum(map(seconds_of_rows(together), texts))
            for name, other in others.items():
                row[name] = size / sum(other.seconds(mode, part) for part in texts)
            if how == "whole":
                row["reimplemented"] = reimplemented(mode, texts[0][0][:FEW_CHARACTERS])
                target = {"s2t": "zh-Hant", "t2s": "zh-Hans", "s2tw": "zh-Hant-TW"}.get(mode)
                if target:
                    run = stage(to=target)
                    run.convert("汉字漢字")
                    row[target] = size / sum(seconds(run.convert, part) for part in texts)
            ratios = {name: row["zhfix"] / speed for name, speed in row.items() if name != "zhfix"}
            print(
                f"{mode:6}{how:6}",
                ", ".join(f"{name} {speed:.1f} MB/s" for name, speed in row.items()),
                "| times faster than",
                ", ".join(f"{name} {ratio:.1f}" for name, ratio in ratios.items()),
                flush=True,
            )
    for to in ("s2t", "t2s", "s2twp", "zh-Hant", "zh-Hans"):
        command = [sys.executable, "-c", LOADING.format(to=to)]
        runs = [
            subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(3)
        ]
        loads = sorted([float(value) for value in run.stdout.split()] for run in runs)
        print(f"{to} loads in {loads[0][0]:.0f} ms and {loads[0][1]:.0f} MB")


def rows(data: Path) -> None:
    """Time the whole pipeline over short rows, beside the same characters as one text."""
    short = texts.rows(data, ROW_BYTES)[:MOST_ROWS]
    size = sum(len(row.encode()) for row in short) / 1e6
    for to in (None, "zh-Hant", "zh-Hans"):
        pipeline = zhfix.default(to=to)
        pipeline.fix_many(short[:1000])
        one = "\n".join(short)
        start = time.process_time()
        pipeline.fix(one)
        whole = time.process_time() - start
        start = time.process_time()
        pipeline.fix_many(short)
        apart = time.process_time() - start
        print(
            f"{len(short)} rows to {to}: one text {size / whole:.1f} MB/s, fix_many "
            f"{size / apart:.1f} MB/s, {100 * whole / apart:.0f} % of one text",
            flush=True,
        )


def reimplemented(mode: str, text: str) -> float:
    """Return the speed of opencc-python-reimplemented in MB/s."""
    from opencc import OpenCC

    convert = OpenCC(mode).convert
    convert("汉字漢字")
    return len(text.encode()) / 1e6 / seconds(convert, [text])


if __name__ == "__main__":
    main()
