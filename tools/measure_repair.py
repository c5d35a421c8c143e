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
from difflib import SequenceMatcher
from pathlib import Path

import zhfix
from zhfix.repairing.channels.transcode import _examine
from zhfix.repairing.codecs import encode_true, reading
from zhfix.repairing.search import PAIRS, Pair

ROOT = Path(__file__).resolve().parent.parent
#: Sources that the model was not built from.
UNSEEN = {
    "hans": ("msra-news.hans", "thucnews-titles.hans", "nus-sms.hans", "cmrc2018-wiki.hans",
             "manpages.hans"),
    "hant": ("drcd-wiki.hant", "ptt-titles.hant", "ted-yue.hant", "ud-pud-news.hant",
             "debian-reference.hant"),
}  # fmt: skip


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


def lossless(args: argparse.Namespace) -> None:  # noqa: C901 - a table of a table
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


def python_marks(data: bytes, codec: str) -> str:
    """Decode as Python does with errors="replace"."""
    return data.decode(codec, "replace")


def eaten(data: bytes, wrong: str) -> str:
    """Decode as PHP and others do: a bad pair is one `?` and takes its second byte along."""
    table = reading(wrong)
    out, offset = [], 0
    while offset < len(data):
        point = int(table.singles[data[offset]])
        if point >= 0:
            out.append(chr(point))
            offset += 1
            continue
        code = data[offset] << 8 | data[offset + 1] if offset + 1 < len(data) else 0
        pair = int(table.pairs[code])
        out.append(chr(pair) if pair else "?")
        offset += 2
    return "".join(out)


def dropped(text: str, low: str, high: str) -> str:
    """Drop the characters of a range, as cleaning tools do."""
    return "".join(c for c in text if not low <= c <= high)


#: kind: (true encoding, damage).
LOSSY = {
    "gbk U+FFFD": ("utf-8", lambda b: python_marks(b, "gbk")),
    "gb18030 U+FFFD": ("utf-8", lambda b: python_marks(b, "gb18030")),
    "gbk ? for each": ("utf-8", lambda b: python_marks(b, "gbk").replace("\ufffd", "?")),
    "cp936 ? eats": ("utf-8", lambda b: eaten(b, "gbk")),
    "gbk private use dropped": ("utf-8", lambda b: dropped(eaten(b, "gbk"), "\ue000", "\uf8ff")),
    "cp1252 C1 dropped": ("utf-8", lambda b: dropped(reading("cp1252").decode(b), "\x80", "\x9f")),
    "latin-1 C1 dropped, utf-8": ("utf-8", lambda b: dropped(b.decode("latin-1"), "\x80", "\x9f")),
    "cp1252 NBSP to space": ("utf-8", lambda b: reading("cp1252").decode(b).replace("\xa0", " ")),
    "cp1252 cut": ("utf-8", lambda b: reading("cp1252").decode(b[:-1])),
    "gbk cut": ("utf-8", lambda b: python_marks(b[:-1], "gbk")),
    "big5 ? for each": ("utf-8", lambda b: python_marks(b, "cp950").replace("\ufffd", "?")),
    "big5 as cp1252 NBSP": ("big5", lambda b: reading("cp1252").decode(b).replace("\xa0", " ")),
    "gbk as cp1252 C1 dropped": (
        "gbk",
        lambda b: dropped(reading("cp1252").decode(b), "\x80", "\x9f"),
    ),
    "gbk as big5 ?": ("gbk", lambda b: python_marks(b, "cp950").replace("\ufffd", "?")),
    "big5 as gbk ?": ("big5", lambda b: python_marks(b, "gbk").replace("\ufffd", "?")),
}


def lossy(args: argparse.Namespace) -> None:
    """Print characters and lines restored for each kind of loss, and how sure guesses were."""
    bins: dict[float, list[int]] = defaultdict(lambda: [0, 0])
    for kind, (true, damage) in LOSSY.items():
        chars = same = exact = lines = left = 0
        begun = time.perf_counter()
        for script in {"utf-8": ("hans", "hant"), "gbk": ("hans",), "big5": ("hant",)}[true]:
            for good in fragments(args.data, script, args.lines, args.lengths[-1]):
                data = encode_true(good, true)
                if data is None:
                    continue
                bad = damage(data)
                fixed = peel(bad)[0]
                lines += 1
                exact += fixed == good
                left += fixed == bad
                matcher = SequenceMatcher(None, good, fixed, autojunk=False)
                chars += len(good)
                same += sum(block.size for block in matcher.get_matching_blocks())
                for found in _examine(bad):
                    slot = bins[round(found.sure, 1)]
                    slot[1] += 1
                    slot[0] += found.repair.after in good
                if args.show and fixed != good and lines % 7 == 0:
                    print("   ", repr(good), repr(bad), repr(fixed))
        spent = time.perf_counter() - begun
        print(
            f"{kind:28} {same / chars:6.1%} characters {exact / lines:6.1%} lines "
            f"({lines}, {left} untouched, {spent / lines * 1e3:.1f} ms)"
        )
    for level, (right, number) in sorted(bins.items()):
        print(f"sure {level:.1f}: {right / number:.1%} of {number}")


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


def main() -> None:
    """Parse arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("lossless", "lossy", "real", "clean"))
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
    {"lossless": lossless, "lossy": lossy, "real": real, "clean": clean}[args.what](args)


if __name__ == "__main__":
    main()
