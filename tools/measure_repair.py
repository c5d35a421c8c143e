"""Measure repair: recovery by pair and length, real samples, and false changes on clean text.

    PYTHONPATH=src python tools/measure_repair.py lossless --lines 200
    PYTHONPATH=src python tools/measure_repair.py real
    PYTHONPATH=src python tools/measure_repair.py clean

`lossless` damages fragments of sources that the model has not seen, for every pair of encodings
in which the fragment is strictly decodable. Figures are exact lines.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from zhfix.document import Document
from zhfix.edits import apply
from zhfix.repair.channels.transcode import Transcode
from zhfix.repair.search import PAIRS, Pair

ROOT = Path(__file__).resolve().parent.parent
#: Sources that the model was not built from.
UNSEEN = {
    "hans": ("msra-news.hans", "thucnews-titles.hans", "nus-sms.hans", "cmrc2018-wiki.hans",
             "manpages.hans"),
    "hant": ("drcd-wiki.hant", "ptt-titles.hant", "ted-yue.hant", "ud-pud-news.hant",
             "debian-reference.hant"),
}  # fmt: skip
LAYERS = 5


def peel(text: str) -> tuple[str, float]:
    """Repair layer by layer, as the stage does: (text, lowest confidence)."""
    channel = Transcode()
    sure = 1.0
    for _ in range(LAYERS):
        edits = sorted(
            (e for e in channel.repair(text, list(channel.detect(text))) if e.confidence >= 0.9),
            key=lambda e: e.span,
        )
        if not edits:
            break
        sure = min(sure, *(e.confidence for e in edits))
        text = apply(text, edits)
    return text, sure


def read(data: Path, name: str) -> list[str]:
    """Return the lines of a clean source."""
    with gzip.open(data / "clean" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        return file.read().split("\n")


def fragments(data: Path, script: str, number: int, length: int) -> list[str]:
    """Cut strings of so many Han characters, with what punctuation stands between them."""
    lines = [line for name in UNSEEN[script] for line in read(data, name)]
    random.shuffle(lines)
    found = []
    for line in lines:
        starts = [m.start() for m in re.finditer(r"[一-鿿]", line)]
        if len(starts) >= length:
            first = random.randrange(len(starts) - length + 1)
            found.append(line[starts[first] : starts[first + length - 1] + 1])
        if len(found) == number:
            break
    return found


def lossless(args: argparse.Namespace) -> None:
    """Print exact recovery for each pair and length."""
    wrong: dict[tuple[str, int], list[tuple[str, str, str]]] = defaultdict(list)
    total: dict[tuple[str, int], int] = defaultdict(int)
    for length in args.lengths:
        for pair in PAIRS:
            scripts = {"utf-8": ("hans", "hant"), "gbk": ("hans",), "big5": ("hant",)}[pair.true]
            for script in scripts:
                for good in fragments(args.data, script, args.lines // len(scripts), length):
                    bad = pair.forwards(good)
                    if args.twice and bad is not None:
                        bad = Pair("utf-8", args.twice).forwards(bad)
                    if bad is None or bad == good:
                        continue
                    bad, good = args.before + bad + args.after, args.before + good + args.after
                    total[str(pair), length] += 1
                    if peel(bad)[0] != good:
                        wrong[str(pair), length].append((good, bad, peel(bad)[0]))
    for pair in PAIRS:
        cells = []
        for length in args.lengths:
            key = str(pair), length
            share = 1 - len(wrong[key]) / total[key] if total[key] else float("nan")
            cells.append(f"{share:7.1%} ({total[key]:3})")
        print(f"{pair!s:32}", *cells)
    if args.show:
        for key, cases in wrong.items():
            for case in cases[: args.show]:
                print(key, *map(repr, case))


def real(args: argparse.Namespace) -> None:
    """Print what becomes of the real samples."""
    for name in ("real_dev", "real_short_dev"):
        rows = [json.loads(r) for r in (args.data / f"mojibake/{name}.jsonl").open("rb")]
        good = defaultdict(int)
        for row in rows:
            kind = "lost" if row["truth"] is None else "lossy" if row["lossy"] else "lossless"
            expected = row["damaged"] if row["truth"] is None else row["truth"]
            fixed = peel(row["damaged"])[0]
            good[kind, fixed == expected] += 1
            if fixed != expected and kind in args.kinds:
                print(kind, row["chain"], repr(row["damaged"]), repr(fixed), repr(expected))
        print(name, dict(good))


def clean(args: argparse.Namespace) -> None:
    """Print every change to clean text."""
    changed = lines = 0
    started = time.perf_counter()
    for path in sorted((args.data / "clean").glob("*.gz")):
        text = "\n".join(read(args.data, path.name.removesuffix(".txt.gz")))
        lines += text.count("\n")
        channel = Transcode()
        begun = time.perf_counter()
        edits = list(channel.repair(text, list(channel.detect(text))))
        speed = len(text) / (time.perf_counter() - begun) / 1e6
        print(f"{path.name} {speed:.1f} M characters/s", file=sys.stderr)
        Document(text).revise("repair", edits)
        for edit in edits:
            start, end = edit.span
            changed += edit.confidence >= 0.9
            print(
                path.name,
                edit.rule,
                round(edit.confidence, 3),
                repr(text[start - 8 : start]),
                repr(edit.before),
                "->",
                repr(edit.after),
                repr(text[end : end + 8]),
                re.findall(r"\d+ nats", edit.reason),
            )
    print(f"{changed} changes in {lines} lines, {time.perf_counter() - started:.0f} s")


def main() -> None:
    """Parse arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("lossless", "real", "clean"))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--lengths", type=int, nargs="*", default=[2, 3, 4, 8, 16])
    parser.add_argument("--before", default="")
    parser.add_argument("--after", default="")
    parser.add_argument("--twice", help="a second layer: UTF-8 read as this")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=["lost", "lossless"])
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    {"lossless": lossless, "real": real, "clean": clean}[args.what](args)


if __name__ == "__main__":
    main()
