"""Speed and accuracy of `zhfix.decode` beside other detectors, in one run.

    python benchmarks/decode.py --data ../shared/data

Peers that are not installed are left out: charset-normalizer, chardet, cchardet and
faust-cchardet (the last two share a module name; whichever is installed is named).
A peer is timed for detecting and decoding, as a caller has to do both, in processor time.
Ratios of one run mean something; absolute numbers depend on the machine.
"""

from __future__ import annotations

import argparse
import gzip
import random
import time
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING

from zhfix.decoding import decode, decode_many

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCES = {"GB18030": ("msra-news.hans", "gb18030"), "Big5": ("drcd-wiki.hant", "big5")}
SIZE = 1_000_000
CELLS = 1000
SMALL = 50
AT_LEAST = 3
#: Characters of pages, and how many bytes of them are read.
PAGES = (100, 1000, 3333, 10_000, 33_333)
READ = 600_000


def peers() -> dict[str, Callable[[bytes], str | None]]:
    """Return the detectors that are installed, as functions from bytes to an encoding."""
    found: dict[str, Callable[[bytes], str | None]] = {}
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        pass
    else:
        found["charset-normalizer"] = lambda data: getattr(
            from_bytes(data).best(), "encoding", None
        )
    for module, names in (("chardet", ("chardet",)), ("cchardet", ("faust-cchardet", "cchardet"))):
        try:
            detect = import_module(module).detect
        except ImportError:
            continue
        name = next(name for name in names if _installed(name))
        found[name] = lambda data, detect=detect: detect(data)["encoding"]  # type: ignore[misc]
    return found


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def reader(detect: Callable[[bytes], str | None]) -> Callable[[bytes], str]:
    """Make a decoder of a detector."""

    def read(data: bytes) -> str:
        try:
            return data.decode(detect(data) or "utf-8", "replace")
        except LookupError:
            return data.decode("utf-8", "replace")

    return read


def seconds(function: Callable[[], object], at_least: float = 0.3) -> float:
    """Return the best processor time of three runs or more; the first run loads the tables."""
    function()
    best = float("inf")
    spent = 0.0
    runs = 0
    while spent < at_least or runs < AT_LEAST:
        start = time.process_time()
        function()
        took = time.process_time() - start
        best, spent, runs = min(best, took), spent + took, runs + 1
    return best


def pages(text: str, python: str) -> None:
    """Print what pages of several sizes cost, beside the codec that is told the encoding.

    No page is read twice.
    """
    start = 0
    row = []
    for size in PAGES:
        count = max(3, READ // (2 * size))
        found = []
        for _ in range(count):
            if start + size > len(text):
                start = 0
            found.append(text[start : start + size].encode(python, "ignore"))
            start += size
        floor = _spent(lambda data: data.decode(python), found)
        decode(found[0])
        took = _spent(decode, found)
        row.append(f"{sum(map(len, found)) / took / 1e6:9.1f} {took / floor:6.1f} ×")
    print("".join(f"{cell:>18}" for cell in row))


def _spent(function: Callable[[bytes], object], found: list[bytes]) -> float:
    start = time.process_time()
    for data in found:
        function(data)
    return time.process_time() - start


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    texts = {}
    for name, (source, python) in SOURCES.items():
        text = gzip.decompress((arguments.data / f"clean/{source}.txt.gz").read_bytes()).decode()
        texts[name] = (text, python)
    texts["UTF-8"] = (texts["GB18030"][0], "utf-8")
    decoders: dict[str, Callable[[bytes], str]] = {"zhfix": lambda data: decode(data).text}
    decoders |= {name: reader(detect) for name, detect in peers().items()}
    files = {}
    cells = {}
    random_ = random.Random(7)
    for name, (text, python) in texts.items():
        encoded = text[: SIZE // 2].encode(python, "ignore")[:SIZE]
        files[name] = encoded.decode(python, "ignore").encode(python)
        lines = [line for line in text.splitlines() if len(line) > 20]
        cells[name] = [random_.choice(lines)[4:12].encode(python, "ignore") for _ in range(CELLS)]
    print(f"files of {SIZE // 1_000_000} MB, MB/s, detection included")
    print(f"{'':22}" + "".join(f"{name:>12}" for name in files))
    for decoder, read in decoders.items():
        row = [len(data) / seconds(lambda d=data, r=read: r(d)) / 1e6 for data in files.values()]
        print(f"{decoder:22}" + "".join(f"{value:12.1f}" for value in row))
    print("\npages, MB/s, and the time of Python's own codec; by characters")
    print(f"{'':22}" + "".join(f"{size:>18}" for size in PAGES))
    for name, (text, python) in texts.items():
        print(f"{name:22}", end="")
        pages(text, python)
    print("\ncells of 8 characters: microseconds each, and per cent right")
    print(f"{'':22}" + "".join(f"{name:>18}" for name in cells))
    many = {
        f"zhfix, columns of {size}": lambda column, size=size: [
            cell.text
            for start in range(0, len(column), size)
            for cell in decode_many(column[start : start + size])
        ]
        for size in (CELLS, SMALL)
    }
    many |= {name: lambda column, r=read: [r(cell) for cell in column]
             for name, read in decoders.items()}  # fmt: skip
    for decoder, read_all in many.items():
        row = []
        for name, column in cells.items():
            found = read_all(column)
            took = seconds(lambda c=column, r=read_all: r(c)) / len(column) * 1e6
            python = texts[name][1]
            right = sum(a == b.decode(python) for a, b in zip(found, column, strict=True))
            row.append(f"{took:10.0f} {100 * right / len(column):6.1f}%")
        print(f"{decoder:22}" + "".join(f"{value:>18}" for value in row))


if __name__ == "__main__":
    main()
