"""Times the whole pipeline and its stages beside what one would build without zhfix.

    python benchmarks/pipeline.py [--opencc <environment>/bin/python] [--size 8] [--write]

Prints megabytes of UTF-8 a second of processor time on one core, ratios to the peers of the same
run, core-hours for a terabyte, memory and start-up. The peers: charset-normalizer, then ftfy's
`fix_encoding` (the best chain that repairs nothing Chinese), with OpenCC's C++ library behind it
where text is converted; and charset-normalizer, `ftfy.fix_text` and opencc-python-reimplemented
with their defaults. `--opencc` is the Python of an environment with OpenCC's C++ library, which
cannot share one with opencc-python-reimplemented. Timings are noisy: read the ratios.
`--write` puts the table into docs/speed.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import texts

import zhfix
from zhfix import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
WORKER = ROOT / "tools" / "opencc_worker.py"
PAGE = ROOT / "docs" / "speed.md"
MARKS = ("<!-- measured -->\n", "<!-- end of measured -->")
#: The slow peers get so much text, cut into pages as a crawl has them.
PEER_BYTES = 300_000
PEER_PAGE = 20_000
#: Bytes to core-hours: a terabyte at one megabyte a second.
HOURS = 1e12 / 1e6 / 3600
WARM = 400_000
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what ran, over what, and how fast in MB/s of UTF-8."""

    text: str
    what: str
    speed: float
    reference: float = 0.0

    def __str__(self) -> str:
        """Write it as Markdown."""
        ratio = f"{self.speed / self.reference:.1f} ×" if self.reference else ""
        return (
            f"| {self.text} | {self.what} | {self.speed:.1f} | {ratio} | {HOURS / self.speed:.1f} |"
        )


def seconds(run: Callable[..., object], *given: object, rounds: int = ROUNDS) -> float:
    """Return the least processor time of some rounds: what is measured, and not the neighbours.

    Every round gets new objects, so that nothing that was remembered of the last helps.
    """
    best = float("inf")
    for _ in range(rounds):
        new = [anew(one) for one in given]
        start = time.process_time()
        run(*new)
        best = min(best, time.process_time() - start)
    return best


def anew(given: object) -> object:
    """Copy a text, bytes or a list of them, so that it is another object."""
    if isinstance(given, str):
        return "".join((given[:1], given[1:]))
    if isinstance(given, bytes):
        return bytes(bytearray(given))
    return [anew(one) for one in given] if isinstance(given, list) else given


def megabytes(what: Sequence[str]) -> float:
    """Return the size of texts in UTF-8."""
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in what) / 1e6


def pages_of(text: str) -> list[str]:
    """Cut a text into what a crawl has: pages of some kilobytes."""
    return [text[at : at + PEER_PAGE // 3] for at in range(0, len(text), PEER_PAGE // 3)]


class OpenCC:
    """OpenCC's C++ library in another environment."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, mode: str, what: list[str]) -> float:
        """Return the processor time that converting takes there."""
        assert self.process.stdin is not None  # noqa: S101 -- for the type checker
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(json.dumps({"mode": mode, "texts": what}) + "\n")
        self.process.stdin.flush()
        return float(json.loads(self.process.stdout.readline())["seconds"])


def best_chain(pages: list[bytes]) -> list[str]:
    """Do what a careful user does with the tools there are."""
    import charset_normalizer
    import ftfy

    return [
        ftfy.fix_encoding(str(charset_normalizer.from_bytes(page).best() or "")) for page in pages
    ]


def default_chain(pages: list[bytes]) -> list[str]:
    """Do what the packages' own pages show first."""
    import charset_normalizer
    import ftfy
    from opencc import OpenCC as Reimplemented

    convert = Reimplemented("s2t").convert
    return [
        convert(ftfy.fix_text(str(charset_normalizer.from_bytes(page).best() or "")))
        for page in pages
    ]


def peers(clean: str, opencc: OpenCC | None) -> tuple[dict[str, float], list[Row]]:
    """Time the chains; return their speeds by name, and rows of the table."""
    sample = clean.encode()[:PEER_BYTES].decode("utf-8", "ignore")
    pages = [page.encode() for page in pages_of(sample)]
    size = megabytes([sample])
    best = seconds(best_chain, pages, rounds=1)
    speeds = {"best": size / best}
    if opencc is not None:
        speeds["best, converted"] = size / (best + opencc.seconds("s2t", pages_of(sample)))
    few = pages[: max(1, len(pages) // 6)]
    speeds["defaults, converted"] = sum(map(len, few)) / 1e6 / seconds(default_chain, few, rounds=1)
    names = {
        "best": "charset-normalizer, ftfy.fix_encoding",
        "best, converted": "the same, then OpenCC C++ s2t",
        "defaults, converted": "charset-normalizer, ftfy.fix_text, opencc-python-reimplemented s2t",
    }
    return speeds, [Row("clean, pages", names[name], speed) for name, speed in speeds.items()]


def measured(data: Path, size: int, opencc: OpenCC | None, *, compare: bool) -> list[Row]:
    """Time everything and return the rows of the table."""
    clean = texts.clean(data, size)
    raw = clean.encode()
    mb = len(raw) / 1e6
    plain, hant = zhfix.default(), zhfix.default(to="zh-Hant")
    for pipeline in (plain, hant):  # tables are loaded before the clock runs
        pipeline.fix_bytes(raw[:WARM])
    speeds, table = peers(clean, opencc) if compare else ({}, [])
    floor = mb / seconds(lambda data: data.decode().encode(), raw)
    table.append(Row("clean UTF-8", "decode and encode UTF-8: the floor", floor))
    for name, stage in hant.stages:
        speed = mb / seconds(lambda text, run: list(run(Document(text))), clean, stage)
        table.append(Row("clean UTF-8", f"stage {name}", speed, floor))
    ours = mb / seconds(plain.fix_bytes, raw)
    table.append(Row("clean UTF-8", "fix_bytes", ours, speeds.get("best", 0)))
    converted = mb / seconds(hant.fix_bytes, raw)
    table.append(Row("clean UTF-8", 'to="zh-Hant"', converted, speeds.get("best, converted", 0)))
    if compare:
        reference = speeds["defaults, converted"]
        table.append(Row("clean UTF-8", 'to="zh-Hant", to the defaults', converted, reference))
    hans = "".join(char for char in clean if char < "\u3400" or char.encode("gb18030"))
    table.append(over("clean GB18030", "fix_bytes", [hans], plain.fix_bytes, "gb18030"))
    table.append(over("one line", "fix", [clean.replace("\n", "")], plain.fix))
    rows = texts.rows(data, size)
    together = megabytes(rows) / seconds(plain.fix, "\n".join(rows))
    apart = megabytes(rows) / seconds(plain.fix_many, rows)
    table.append(Row(f"{len(rows)} short rows", "fix_many, to one text", apart, together))
    mirrored = texts.mirror_pages(data, size // 4)
    table.append(over("pages of a spam mirror", "fix, every stage", mirrored, hant.fix))
    table.append(over("wholly damaged", "fix", [texts.damaged(data, size // 4)], plain.fix))
    return table


def over(
    text: str, what: str, parts: list[str], run: Callable[..., object], encoding: str = ""
) -> Row:
    """Time one function over texts, or over their bytes in an encoding."""
    given = [part.encode(encoding) for part in parts] if encoding else parts
    spent = seconds(lambda new: [run(part) for part in new], given, rounds=1)
    return Row(text, what, megabytes(parts) / spent)


MEMORY = """
import sys
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
with open(sys.argv[1], encoding="utf-8") as file:
    before = peak()
    import zhfix
    for block in zhfix.default(to="zh-Hant").stream(iter(lambda: file.read(1 << 16), "")):
        pass
print(peak() - before)
"""
START = """
import time
start = time.perf_counter()
import zhfix
zhfix.fix("网络")
print(time.perf_counter() - start)
"""


def own_process(code: str, *words: str) -> float:
    """Run code in a fresh interpreter and return the number that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def memory_and_start(data: Path, size: int, scratch: Path) -> list[str]:
    """Measure peak memory of a stream, and the time to the first answer."""
    file = scratch / "clean.txt"
    file.write_text(texts.clean(data, size), encoding="utf-8")
    peak = own_process(MEMORY, str(file))
    first = min(own_process(START) for _ in range(ROUNDS))
    file.unlink()
    return [
        f"Peak memory of streaming {size / 1e6:.0f} MB to zh-Hant, over Python's: {peak:.0f} MB.",
        f"From `import zhfix` to the first answer: {first * 1e3:.0f} ms.",
    ]


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--size", type=float, default=8, help="megabytes of clean text")
    parser.add_argument("--opencc", help="Python of an environment with OpenCC's C++ library")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--scratch", type=Path, default=Path())
    parser.add_argument("--write", action="store_true", help="put the table into docs/speed.md")
    options = parser.parse_args()
    size = int(options.size * 1e6)
    opencc = OpenCC(options.opencc) if options.opencc else None
    rows = measured(options.data, size, opencc, compare=not options.alone)
    head = ["| text | what | MB/s | ratio | core-hours per TB |", "|---|---|---|---|---|"]
    table = [*head, *map(str, rows), "", *memory_and_start(options.data, size, options.scratch)]
    print("\n".join(table))
    if options.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        PAGE.write_text(before + "\n".join((MARKS[0], *table, "", MARKS[1])) + after, "utf-8")


if __name__ == "__main__":
    main()
