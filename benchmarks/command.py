"""Measures the installed command: peak memory by size of input, several processes, start-up.

    python benchmarks/command.py [--sizes 10 100 1000] [--folder 256] [--data FOLDER]

Sizes are megabytes, of ordinary lines and of one single line; the text of the inputs is new for
the first 8 MB and goes round after that, which says nothing about time but all about memory. The
last lines compare one process and two over a folder, in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
NEW = 8_000_000
FILE = 500_000
CLEAN, DAMAGED = "干净的文字。\n", "網(wǎng)絡(luò)與網(wǎng)絡(luò)\n"


def run(*words: str | Path, source: Path | None = None) -> tuple[float, float, float]:
    """Run the command; return seconds, seconds of processor time, and peak memory in MB."""
    started = time.perf_counter()
    pid = os.fork()
    if not pid:
        nowhere = os.open(os.devnull, os.O_RDWR)
        given = os.open(source, os.O_RDONLY) if source else nowhere
        os.dup2(given, 0)
        os.dup2(nowhere, 1)
        os.execv(sys.executable, [sys.executable, "-m", "zhfix", *map(str, words)])
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"zhfix {words} failed")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def make(path: Path, text: bytes, size: int) -> Path:
    """Write a file of so many bytes."""
    with path.open("wb") as file:
        while size > 0:
            size -= file.write(text[:size] if size < len(text) else text)
    return path


def memory(folder: Path, data: Path, sizes: Sequence[int]) -> None:
    """Print peak memory and speed for each size, as lines and as one line."""
    some = texts.clean(data, NEW).encode()
    print("| input | MB | peak MB | MB/s |\n| --- | ---: | ---: | ---: |")
    for name, text in (("lines", some + b"\n"), ("one line", some.replace(b"\n", b""))):
        for size in sizes:
            source = make(folder / "in", text, size * 1_000_000)
            _, busy, peak = run("--no-config", source=source)
            print(f"| {name} | {size:,} | {peak:.0f} | {size / busy:.1f} |", flush=True)
            source.unlink()


def processes(folder: Path, data: Path, megabytes: int) -> None:
    """Print what a second process brings over a folder."""
    some = texts.clean(data, NEW).encode()
    for number in range(megabytes * 1_000_000 // FILE):
        start = number * FILE % (len(some) - FILE)
        page = some[start : start + FILE].decode("utf-8", "ignore")
        (folder / f"{number:04}.txt").write_text(page, "utf-8")
    taken = {}
    for jobs in (1, 2, 1, 2):
        seconds, *_ = run(
            *("--no-config", "-r", "-q", "-j", str(jobs), "-o", folder / f"out{jobs}", folder),
            *("--exclude", "out*"),
        )
        taken[jobs] = min(seconds, taken.get(jobs, seconds))
    print(f"folder of {megabytes} MB: -j 2 is {taken[1] / taken[2]:.2f} times as fast as -j 1")


def start_up(folder: Path) -> None:
    """Print what a small file costs."""
    for name, text in (("ASCII", "hello\n"), ("clean", CLEAN), ("damaged", DAMAGED)):
        source = folder / "small.txt"
        source.write_text(text, "utf-8")
        took = [run("--no-config", source=source) for _ in range(7)]
        wall, busy = min(took)[0], min(busy for _, busy, _ in took)
        print(f"a small file, {name}: {wall * 1000:.0f} ms, {busy * 1000:.0f} of the processor")


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--folder", type=int, default=256, help="megabytes; 0 for none")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start_up(folder)
        memory(folder, chosen.data, chosen.sizes)
        if chosen.folder:
            (folder / "many").mkdir()
            processes(folder / "many", chosen.data, chosen.folder)


if __name__ == "__main__":
    main()
