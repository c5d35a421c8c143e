"""Times the whole pipeline and its stages beside what one would build without zhfix.

    python benchmarks/pipeline.py [--opencc <environment>/bin/python] [--size 8] [--write]

Prints megabytes of UTF-8 a second of processor time on one core, ratios to the peers of the same
run, core-hours for a terabyte, the same by the size of a text, memory and start-up. The peers:
charset-normalizer, then ftfy's `fix_encoding` (the best chain that repairs nothing Chinese), with
OpenCC's C++ library behind it where text is converted; and charset-normalizer, `ftfy.fix_text` and
opencc-python-reimplemented with their defaults. `--opencc` is the Python of an environment with
OpenCC's C++ library, which cannot share one with opencc-python-reimplemented. Timings are noisy:
read the ratios. `--write` puts the tables into docs/speed.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import fresh
import texts
from clock import Row, megabytes, seconds, speed
from peers import Elsewhere, best_chain, default_chain

import zhfix
from zhfix import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "speed.md"
MARKS = ("<!-- measured -->\n", "<!-- end of measured -->")
#: The slow peers get so much text, cut into pages as a crawl has them.
PEER_BYTES = 300_000
PEER_PAGE = 20_000
#: Bytes of the pages that are fixed one by one, and as rows.
PAGE_BYTES = 10_000
WARM = 130_000
#: Of damaged text less is timed than of clean text.
DAMAGED_SHARE = 0.25


def peers(clean: str, opencc: Elsewhere | None) -> tuple[dict[str, float], list[Row]]:
    """Time the chains; return their speeds by name, and rows of the table."""
    pages = texts.cut(clean[: PEER_BYTES // 3], PEER_PAGE)
    size = megabytes(pages)
    best = seconds(best_chain, pages, encoding="utf-8", rounds=1)
    speeds = {"best": size / best}
    if opencc is not None:
        speeds["best, converted"] = size / (best + opencc.seconds("s2t", pages))
    few = pages[: max(1, len(pages) // 6)]
    speeds["defaults, converted"] = speed(default_chain, few, encoding="utf-8", rounds=1)
    names = {
        "best": "charset-normalizer, ftfy.fix_encoding",
        "best, converted": "the same, then OpenCC C++ s2t",
        "defaults, converted": "charset-normalizer, ftfy.fix_text, opencc-python-reimplemented s2t",
    }
    return speeds, [Row("clean, pages", names[name], value) for name, value in speeds.items()]


def measured(data: Path, size: int, opencc: Elsewhere | None, *, compare: bool) -> Iterator[Row]:
    """Time everything and yield the rows of the table."""
    clean = texts.clean(data, size)
    plain, hant = zhfix.default(), zhfix.default(to="zh-Hant")
    for pipeline in (plain, hant):  # tables are loaded before the clock runs
        pipeline.fix_bytes(clean[-WARM:].encode())
    speeds: dict[str, float] = {}
    if compare:
        speeds, table = peers(clean, opencc)
        yield from table
    whole = [clean]
    floor = speed(lambda raw: raw.decode().encode(), whole, encoding="utf-8")
    yield Row("clean UTF-8", "decode and encode UTF-8: the floor", floor)
    for name, stage in hant.stages:
        alone = speed(lambda text, run=stage: list(run(Document(text))), whole)
        yield Row("clean UTF-8", f"stage {name}", alone, floor)
    ours = speed(plain.fix_bytes, whole, encoding="utf-8")
    yield Row("clean UTF-8", "fix_bytes", ours, speeds.get("best", 0))
    converted = speed(hant.fix_bytes, whole, encoding="utf-8")
    yield Row("clean UTF-8", 'to="zh-Hant"', converted, speeds.get("best, converted", 0))
    if compare:
        reference = speeds["defaults, converted"]
        yield Row("clean UTF-8", 'to="zh-Hant", to the defaults', converted, reference)
    pages = texts.cut(clean, PAGE_BYTES)
    kind = f"{len(pages)} pages of {PAGE_BYTES // 1000} kB"
    yield Row(kind, "fix, to one text", speed(plain.fix, pages), ours)
    yield Row(kind, "fix_many, to one text", speed(plain.fix_many, pages, together=True), ours)
    rows = texts.rows(data, size)
    one = megabytes(rows) / seconds(plain.fix, ["\n".join(rows)])
    apart = speed(plain.fix_many, rows, together=True)
    yield Row(f"{len(rows)} short rows", "fix_many, to one text", apart, one)
    yield Row("clean GB18030", "fix_bytes", speed(plain.fix_bytes, whole, encoding="gb18030"))
    yield Row("one line", "fix", speed(plain.fix, [clean.replace("\n", "")]))
    mirrored = texts.mirror_pages(data, size // 4)
    yield Row("pages of a spam mirror", "fix, every stage", speed(hant.fix, mirrored, rounds=1))
    damaged = [texts.damaged(data, size // 4)]
    yield Row("wholly damaged", "fix", speed(plain.fix, damaged, rounds=1))


def by_size(data: Path, sizes: Sequence[int], least: int) -> Iterator[str]:
    """Yield a table of megabytes a second by kind and size of text, of so many bytes at least."""
    plain, hant = zhfix.default(), zhfix.default(to="zh-Hant")
    kinds: tuple[tuple[str, Callable[..., object], str, Callable[[Path, int], str]], ...] = (
        ("clean UTF-8", plain.fix_bytes, "utf-8", texts.clean),
        ('clean UTF-8, to="zh-Hant"', hant.fix_bytes, "utf-8", texts.clean),
        ("clean GB18030", plain.fix_bytes, "gb18030", texts.clean),
        ("one line", plain.fix, "", texts.one_line),
        ("pages of a spam mirror", hant.fix, "", texts.mirrored),
        ("wholly damaged", plain.fix, "", texts.damaged),
    )
    yield "| MB/s by size of a text | " + " | ".join(map(named, sizes)) + " |"
    yield "|---" * (len(sizes) + 1) + "|"
    for name, run, encoding, make in kinds:
        share = DAMAGED_SHARE if make in (texts.mirrored, texts.damaged) else 1
        cells = []
        for size in sizes:
            found = texts.cut(_text_of(make, data, size, least, share), size)
            rounds = 1 if size > least or share < 1 else 2
            cells.append(f"{speed(run, found, encoding=encoding, rounds=rounds):.1f}")
        yield f"| {name} | " + " | ".join(cells) + " |"


def _text_of(
    make: Callable[[Path, int], str], data: Path, size: int, least: int, share: float
) -> str:
    """Make a text of so many bytes at least; a clean one is the same text over and over.

    Farther on the corpora hold some damage of their own.
    """
    if share < 1:
        return make(data, max(int(least * share), size))
    between = "" if make is texts.one_line else "\n"
    return between.join([make(data, least)] * max(1, size // least))


def named(size: int) -> str:
    """Write a number of bytes."""
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} kB"


def memory_and_start(clean: str, scratch: Path) -> Iterator[str]:
    """Say how much memory a stream takes, and how long the first answer."""
    whole, numpy = fresh.peak_of_stream(clean, scratch)
    size = megabytes([clean])
    yield f"Peak memory of streaming {size:.0f} MB to zh-Hant, over Python's: {whole:.0f} MB."
    yield f"Of these numpy alone takes {numpy:.0f} MB."
    yield f"From `import zhfix` to the first answer: {fresh.to_first_answer() * 1e3:.0f} ms."


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--size", type=float, default=8, help="megabytes of clean text")
    parser.add_argument("--opencc", help="Python of an environment with OpenCC's C++ library")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000, 10_000, 100_000],
                        help="kilobytes of texts that are compared")  # fmt: skip
    parser.add_argument("--scratch", type=Path, default=Path())
    parser.add_argument("--write", action="store_true", help="put the tables into docs/speed.md")
    options = parser.parse_args()
    size = int(options.size * 1e6)
    opencc = Elsewhere(options.opencc) if options.opencc else None
    table = ["| text | what | MB/s | ratio | core-hours per TB |", "|---|---|---|---|---|"]
    table += map(str, measured(options.data, size, opencc, compare=not options.alone))
    sizes = [kilobytes * 1000 for kilobytes in options.sizes]
    table += ["", *by_size(options.data, sizes, size // 2), ""]
    table += memory_and_start(texts.clean(options.data, size), options.scratch)
    print("\n".join(table))
    if options.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(MARKS[0])
        after = rest.split(MARKS[1])[1]
        PAGE.write_text(before + "\n".join((MARKS[0], *table, "", MARKS[1])) + after, "utf-8")


if __name__ == "__main__":
    main()
