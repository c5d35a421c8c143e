"""Measure repair: recovery by pair and length, real samples, and false changes on clean text.

    PYTHONPATH=src python tools/measure_repair.py lossless --lines 100 --check
    PYTHONPATH=src python tools/measure_repair.py real
    PYTHONPATH=src python tools/measure_repair.py clean
    PYTHONPATH=src python tools/measure_repair.py lossy --whole --lines 60 --check

`lossless` damages fragments of sources that the model has not seen, for every pair of encodings
in which the fragment is strictly decodable. Figures are exact lines. `lossy` takes fragments of
the longest length, or whole lines with `--whole`. With `--check` it fails when a figure is under
its floor in tools/floors/repair.json; a floor is only ever raised, unless its commit says why.
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
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from damages import KINDS

import zhfix
from zhfix.repairing.search import PAIRS, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
#: Sources that the model was not built from.
UNSEEN = {
    "hans": ("msra-news.hans", "thucnews-titles.hans", "nus-sms.hans", "cmrc2018-wiki.hans",
             "manpages.hans"),
    "hant": ("drcd-wiki.hant", "ptt-titles.hant", "ted-yue.hant", "ud-pud-news.hant",
             "debian-reference.hant"),
}  # fmt: skip
#: Whole lines with fewer Han characters are not measured.
LEAST_HAN = 9
#: What figures are held to, and what a sample of few lines may be below it, in per cent.
FLOORS = ROOT / "tools/floors/repair.json"
SLACK = 2.0
STAGES = zhfix.default().only("detect", "repair")


def peel(text: str) -> tuple[str, float]:
    """Repair as `zhfix.repair` does: (text, lowest confidence of an edit)."""
    document = STAGES.run(text)
    return document.text, min((edit.confidence for edit in document.edits), default=1.0)


def read(data: Path, name: str) -> list[str]:
    """Return the lines of a clean source."""
    with gzip.open(data / "clean" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        return file.read().split("\n")


def fragments(data: Path, script: str, number: int, length: int) -> list[str]:
    """Cut strings of so many Han characters, with what punctuation stands between them.

    Whole lines where `length` is 0.
    """
    lines = [line for name in UNSEEN[script] for line in read(data, name)]
    random.shuffle(lines)
    found = []
    for line in lines:
        starts = [m.start() for m in re.finditer(r"[一-鿿]", line)]
        if not length and len(starts) >= LEAST_HAN:
            found.append(line)
        elif length and len(starts) >= length:
            first = random.randrange(len(starts) - length + 1)
            found.append(line[starts[first] : starts[first + length - 1] + 1])
        if len(found) == number:
            break
    return found


def lossless(args: argparse.Namespace) -> dict[str, float]:  # noqa: C901, PLR0912 - a table
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
                    total[str(pair), length] += 1
                    expected = args.before + good + args.after
                    fixed = peel(args.before + bad + args.after)[0]
                    if fixed != expected:
                        wrong[str(pair), length].append((expected, bad, fixed))
    figures: dict[str, float] = {}
    for pair in PAIRS:
        cells = []
        for length in args.lengths:
            key = str(pair), length
            share = 1 - len(wrong[key]) / total[key] if total[key] else float("nan")
            if total[key]:
                figures[f"lossless/{pair}/{length}"] = 100 * share
            cells.append(f"{share:7.1%} ({total[key]:3})")
        print(f"{pair!s:32}", *cells)
    if args.show:
        for key, cases in wrong.items():
            for case in cases[: args.show]:
                print(key, *map(repr, case))
    return figures


def lossy(args: argparse.Namespace) -> dict[str, float]:
    """Print characters and lines restored for each kind of loss, and how sure edits were."""
    stated: list[tuple[float, bool, str]] = []
    sums = np.zeros(4)
    figures: dict[str, float] = {}
    for name, kind in KINDS.items():
        if args.only and args.only not in name:
            continue
        result = np.zeros(4)  # characters, those restored, lines, those restored
        left = 0
        begun = time.perf_counter()
        for good in goods(args, kind.true):
            bad = kind(good)
            if bad is None or bad == good:
                continue
            document = STAGES.run(bad)
            fixed = document.text
            exact = kind.restores(good, fixed)
            result += (len(good), len(good) if exact else restored(good, fixed), 1, exact)
            left += fixed == bad
            if not kind.hopeless:
                stated += judged(document, good)
            if args.show and not exact and result[2] % args.show == 0:
                print("   ", repr(good), repr(bad), repr(fixed), sep="\n    ")
        spent = time.perf_counter() - begun
        if not kind.hopeless:
            sums += result
            figures[f"lossy/{name}/characters"] = 100 * result[1] / result[0]
            figures[f"lossy/{name}/lines"] = 100 * result[3] / result[2]
        print(
            f"{name:28} {result[1] / result[0]:6.1%} characters {result[3] / result[2]:6.1%} lines "
            f"({result[2]:.0f}, {left} untouched, {spent / result[2] * 1e3:.1f} ms)"
            + " hopeless"
            * kind.hopeless
        )
    print(
        f"{'all but hopeless':28} {sums[1] / sums[0]:6.1%} characters "
        f"{sums[3] / sums[2]:6.1%} lines"
    )
    curve(stated)
    if args.dump:
        args.dump.write_text(json.dumps(stated), "utf-8")
    return figures


def goods(args: argparse.Namespace, true: str) -> Iterator[str]:
    """Yield clean fragments, or whole lines, of the scripts that an encoding has."""
    for script in {"utf-8": ("hans", "hant"), "gbk": ("hans",), "big5": ("hant",)}[true]:
        yield from fragments(args.data, script, args.lines, 0 if args.whole else args.lengths[-1])


def restored(good: str, fixed: str) -> int:
    """Count the characters that two texts have in common, in order."""
    matcher = SequenceMatcher(None, good, fixed, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def judged(document: zhfix.Document, good: str) -> Iterator[tuple[float, bool, str]]:
    """Yield for each edit how sure it was, whether it is right, and its proof."""
    blocks = SequenceMatcher(None, document.text, good, autojunk=False).get_matching_blocks()
    moved = 0
    for edit in sorted(document.edits, key=lambda edit: edit.span):
        start = edit.span.start + moved
        moved += len(edit.after) - len(edit.before)
        # A mark says nothing that could be wrong; the rest must be.
        kept = [match.span() for match in re.finditer("[^\ufffd]+", edit.after)]
        if kept:
            right = all(
                any(b.a <= start + low and start + high <= b.a + b.size for b in blocks)
                for low, high in kept
            )
            yield edit.confidence, right, edit.proof.value


def curve(stated: Sequence[tuple[float, bool, str]]) -> None:
    """Print the reliability curve: what was stated, and the share that was right."""
    edges = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.01)
    for low, high in pairwise(edges):
        for proof in ("guess", "consistent", "proven"):
            inside = [(c, right) for c, right, kind in stated if low <= c < high and kind == proof]
            if inside:
                said, right = (sum(column) / len(inside) for column in zip(*inside, strict=True))
                print(
                    f"stated {low:.2f}-{high:.2f} {proof:10} mean {said:.3f} "
                    f"right {right:.3f} of {len(inside)}"
                )


def real(args: argparse.Namespace) -> dict[str, float]:
    """Print what becomes of the real samples."""
    figures: dict[str, float] = {}
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
        figures |= {
            f"{name}/{kind}": float(count) for (kind, right), count in good.items() if right
        }
    return figures


def clean(args: argparse.Namespace) -> dict[str, float]:
    """Print every change to clean text."""
    changed = lines = 0
    started = time.perf_counter()
    for path in sorted((args.data / "clean").glob("*.gz")):
        text = "\n".join(read(args.data, path.name.removesuffix(".txt.gz")))
        lines += text.count("\n")
        begun = time.perf_counter()
        document = STAGES.run(text)
        speed = len(text) / (time.perf_counter() - begun) / 1e6
        print(f"{path.name} {speed:.1f} M characters/s", file=sys.stderr)
        for edit in document.edits:
            start, end = edit.span
            changed += 1
            print(
                path.name,
                edit.rule,
                f"{edit.confidence:.3f}",
                repr(text[max(start - 10, 0) : start]),
                repr(edit.before),
                "->",
                repr(edit.after),
                repr(text[end : end + 10]),
            )
    print(f"{changed} changes in {lines} lines, {time.perf_counter() - started:.0f} s")
    return {}


def below(figures: dict[str, float]) -> list[str]:
    """Return a line for each figure that is under its floor."""
    floors = json.loads(FLOORS.read_text("utf-8"))
    return [
        f"{name}: {figures[name]:.1f} is under its floor of {floor}"
        for name, floor in floors.items()
        if figures.get(name, floor) < floor - SLACK
    ]


def main() -> int:
    """Parse arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("lossless", "lossy", "real", "clean"))
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--lines", type=int, default=200)
    parser.add_argument("--lengths", type=int, nargs="*", default=[2, 3, 4, 8, 16])
    parser.add_argument("--before", default="")
    parser.add_argument("--after", default="")
    parser.add_argument("--twice", help="a second layer: UTF-8 read as this")
    parser.add_argument("--whole", action="store_true", help="whole lines instead of fragments")
    parser.add_argument("--only", help="kinds of loss with this in their name")
    parser.add_argument("--dump", type=Path, help="write what edits stated, as JSON")
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=["lost", "lossless"])
    parser.add_argument("--check", action="store_true", help="fail under tools/floors/repair.json")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random.seed(args.seed)
    measure = {"lossless": lossless, "lossy": lossy, "real": real, "clean": clean}[args.what]
    figures = measure(args)
    missed = below(figures) if args.check else []
    print("\n".join(missed))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
