"""Measures the converter: exactness, wrong characters, naive conversion, good text left alone.

    PYTHONPATH=src python tools/measure_convert.py exact --opencc <environment>/bin/python
    PYTHONPATH=src python tools/measure_convert.py quality [--held-out DIR …] [--confusions 30]
    PYTHONPATH=src python tools/measure_convert.py naive   [--held-out DIR]
    PYTHONPATH=src python tools/measure_convert.py clean

`--data` names the folder of shared data (default ``../shared/data``). `--opencc` is the Python
of an environment that has OpenCC's C++ library. `--held-out` is a folder with weights made by
``tools/build_context.py --held-out N --target DIR``; only works of that fold are measured then,
so that nothing is measured on what was learned from. Four folders, one a fold, measure all works.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import subprocess
import sys
import zlib
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhfix.converting import context, naive, stage
from zhfix.converting.compare import EDITION_VARIANTS
from zhfix.converting.dictionaries import Group, data_text, load_config, parse_dictionary
from zhfix.converting.engine import engine
from zhfix.locales import MODES
from zhfix.packaged import unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Pairs = list[tuple[str, str]]
#: What was measured, by the names of `FLOORS`, where each has the most that is allowed.
Figures = dict[str, float]
FLOORS = Path(__file__).parent / "floors" / "convert.json"
WORKER = Path(__file__).with_name("opencc_worker.py")
COLLECTIONS = ("ud-gsd", "classics", "bible-cuv")
#: Of these a fold holds some works; of the others nothing was learned.
SPLIT = ("classics", "bible-cuv")
#: Traditional by birth; what they would be in Simplified is OpenCC's answer.
ONE_WAY, ONE_WAY_LINES = ("drcd-wiki.hant", "ud-pud-news.hant"), 3000
EDITION_OF = {char: group[0] for group in EDITION_VARIANTS.split() for char in group}
WEAK = "范准征云斗系伙干复"
FOLDS = 4


@contextmanager
def opencc(python: str | None) -> Iterator[Callable[[str, list[str]], dict[str, Any]]]:
    """Start OpenCC in its own environment; yield a function that asks it."""
    if python is None:
        sys.exit("--opencc is needed: the Python of an environment that has OpenCC")
    process = subprocess.Popen(
        [python, str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout  # noqa: S101, PT018 -- for the type checker

    def ask(mode: str, texts: list[str]) -> dict[str, Any]:
        process.stdin.write(json.dumps({"mode": mode, "texts": texts}) + "\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        answer: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        return answer

    yield ask
    process.stdin.close()
    process.wait()


def corpora(data: Path, script: str = "*") -> Iterator[tuple[str, str]]:
    """Yield name and text of the clean corpora."""
    for path in sorted((data / "clean").glob(f"*.{script}.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield path.name.removesuffix(".txt.gz"), file.read()


def exact(options: argparse.Namespace) -> Figures:
    """Compare every mode with OpenCC: all corpora, whole and by line, and fuzzed text."""
    different = 0
    with opencc(options.opencc) as ask:
        corpus = [] if options.only_fuzz else corpora(options.data)
        for name, text in itertools.chain(corpus, fuzz(options.fuzz)):
            lines = text.split("\n")
            for mode in MODES:
                ours = engine(mode)
                bad = int(ours.convert(text) != ask(mode, [text])["texts"][0])
                bad += sum(
                    ours.convert(line) != theirs
                    for line, theirs in zip(lines, ask(mode, lines)["texts"], strict=True)
                )
                if bad:
                    print(f"DIFFERENT {name} {mode}: {bad} texts")
                different += bad
            print(
                f"{name}: {len(text)} characters, {len(lines)} lines, {len(MODES)} modes",
                flush=True,
            )
    print("all identical" if not different else f"{different} texts differ")
    return {"exact/texts that differ": different}


def fuzz(characters: int) -> Iterator[tuple[str, str]]:
    """Yield random text of keys, pieces of keys, and everything else that may stand in text."""
    rng = random.Random(20)
    pieces: list[str] = []
    for mode in MODES:
        config = load_config(mode)
        for one in (*config.normalization, *config.chain):
            pieces += (key for pair in _pairs(one) for key in pair)
    pieces = sorted(set(pieces))
    plain = [*" \n\t，。！？“”「」abc012", "😀", "\uffff", "\u3000"]
    descriptions = [*"⿰⿱⿲⿳⿴⿻", "\u2ffe", "\u2fff"]
    block = 0
    while characters > 0:
        parts = []
        # Descriptions take the slow road piece by piece; one block in ten is full of them.
        block += 1
        others = plain + descriptions * (block % 10 == 0)
        for _ in range(60_000):
            kind = rng.random()
            if kind < 0.6:
                piece = rng.choice(pieces)
                parts.append(piece if rng.random() < 0.7 else piece[: rng.randint(1, len(piece))])
            elif kind < 0.9:
                parts.append(rng.choice(others))
            else:
                parts.append(
                    chr(
                        rng.choice(
                            (
                                rng.randint(0x3400, 0x9FFF),
                                rng.randint(0xF900, 0xFAFF),
                                rng.randint(0x20000, 0x2FA20),
                            )
                        )
                    )
                )
        text = "".join(parts)
        characters -= len(text)
        yield f"fuzz, {max(characters, 0)} to go", text


def _pairs(dictionary: Any) -> Iterator[tuple[str, str]]:
    if isinstance(dictionary, Group):
        for member in dictionary.members:
            yield from _pairs(member)
    else:
        yield from dictionary.pairs().items()


def folding(data: Path) -> dict[int, str]:
    """Return a table that maps variants and quotation marks to one of them."""
    table = {}
    for line in (data / "parallel" / "variant_fold.txt").read_text("utf-8").split():
        table |= {ord(char): line[0] for char in line}
    for key, values in parse_dictionary(data_text("TWVariants.txt"), "TWVariants").items():
        table.setdefault(ord(key), table.get(ord(values[0]), values[0]))
    return table | {ord(sign): '"' for sign in "“”‘’「」『』"}


def parallel(data: Path, name: str, fold: int | None) -> Pairs:
    """Return the pairs Simplified, Traditional of a collection, of one fold of its works."""
    lines = (data / "parallel" / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        (row["hans"], row["hant"])
        for row in rows
        if fold is None or name == "ud-gsd" or zlib.crc32(row["work"].encode()) % FOLDS == fold
    ]


def wrong(
    pairs: Pairs, made: list[str], table: dict[int, str]
) -> tuple[float, Counter[str], Counter[str]]:
    """Return wrong characters per 10,000, and by source character wrong and all."""
    bad, seen = Counter[str](), Counter[str]()
    characters = 0
    for (source, gold), line in zip(pairs, made, strict=True):
        one, other = line.translate(table), gold.translate(table)
        characters += len(other)
        seen.update(source)
        if len(one) == len(other) == len(source):
            bad.update(s for s, a, b in zip(source, one, other, strict=True) if a != b)
        else:
            bad[""] += abs(len(one) - len(other)) + 1
    return bad.total() / max(1, characters) * 1e4, bad, seen


class Tally:
    """Wrong characters of one converter on one collection."""

    def __init__(self) -> None:
        self.confused = Counter[str]()
        self.seen = Counter[str]()
        self.shown: dict[str, list[str]] = {}
        self.characters = 0

    def add(self, pairs: Pairs, made: list[str], table: dict[int, str]) -> None:
        """Count a text; a confusion is the source, what was written, what should stand."""
        for (source, gold), line in zip(pairs, made, strict=True):
            one, other = line.translate(table), gold.translate(table)
            self.characters += len(other)
            self.seen.update(source)
            if not len(one) == len(other) == len(source):
                self.confused[""] += abs(len(one) - len(other)) + 1
                continue
            for at, (mine, right) in enumerate(zip(one, other, strict=True)):
                if mine != right:
                    what = source[at] + line[at] + gold[at]
                    self.confused[what] += 1
                    self.shown.setdefault(what, []).append(source[max(0, at - 5) : at + 6])

    def __str__(self) -> str:
        """Say how many of 10,000 are wrong, and how many but for the habits of editions."""
        habits = sum(n for what, n in self.confused.items() if is_habit(what))
        total = self.confused.total()
        return f"{self.rate(total):.1f} ({self.rate(total - habits):.1f})"

    def rate(self, wrong: int) -> float:
        """Return wrong characters per 10,000."""
        return wrong / max(1, self.characters) * 1e4


def is_habit(confusion: str) -> bool:
    """Whether editions differ in the two forms, or the gold text has no Chinese there."""
    if not confusion:
        return False
    _, mine, right = confusion
    return EDITION_OF.get(mine, mine) == EDITION_OF.get(right, right) or right < "\u3400"


def quality(options: argparse.Namespace) -> Figures:
    """Print wrong characters per 10,000 of OpenCC's mode and of ours, with the confusions.

    In brackets: without those that editions differ in, which are no mistakes but no choice of
    ours either. The modes are OpenCC's own answers; `exact` proves that.
    """
    tallies: dict[tuple[str, str, str], Tally] = {}
    for number, folder in enumerate(options.held_out or [None]):
        fold = use_held_out(folder)
        names = (*COLLECTIONS, *ONE_WAY) if fold is None or not number else SPLIT
        for name in names:
            tally(tallies, name, collection(options.data, name, fold), folding(options.data))
    figures: Figures = {}
    for (name, to, label), found in tallies.items():
        print(f"{name} to {to}, {label}: {found}")
        if label == "ours":
            figures[f"quality/{name} to {to}"] = found.rate(found.confused.total())
            for what, times in found.confused.most_common(options.confusions):
                print(f"    {what} {times}: {' | '.join(found.shown.get(what, ())[:4])}")
    for char in WEAK:
        rates = []
        for label in ("OpenCC", "ours"):
            sides = [tallies[name, "zh-Hant", label] for name in COLLECTIONS]
            bad = sum(n for side in sides for what, n in side.confused.items() if what[:1] == char)
            of = sum(side.seen[char] for side in sides)
            rates.append(f"{label} {100 - 100 * bad / max(1, of):.1f} %")
        print(f"{char} ({of}): " + ", ".join(rates))
    return figures


def tally(
    tallies: dict[tuple[str, str, str], Tally], name: str, pairs: Pairs, table: dict[int, str]
) -> None:
    """Convert a collection both ways, by the mode and by the locale, and count."""
    for to, mode in (("zh-Hant", "s2t"), ("zh-Hans", "t2s")):
        if to == "zh-Hans" and name in ONE_WAY:
            continue
        turned = pairs if to == "zh-Hant" else [(b, a) for a, b in pairs]
        text = "\n".join(source for source, _ in turned)
        converters = {"OpenCC": engine(mode).convert, "ours": stage(to=to, naive=False).convert}
        for label, convert in converters.items():
            found = tallies.setdefault((name, to, label), Tally())
            found.add(turned, convert(text).split("\n"), table)


def collection(data: Path, name: str, fold: int | None) -> Pairs:
    """Return pairs of a parallel collection, or of a Traditional corpus read back by OpenCC."""
    if name not in ONE_WAY:
        return parallel(data, name, fold)
    text = next(text for one, text in corpora(data, "hant") if one == name)
    gold = text.split("\n")[:ONE_WAY_LINES]
    return [*zip(engine("t2s").convert("\n".join(gold)).split("\n"), gold, strict=True)]


def use_held_out(folder: Path | None) -> int | None:
    """Take the weights of a folder instead of the shipped ones; return their fold."""
    if folder is None:
        return None

    def load(script: str) -> context.Weights:
        path = folder / f"opencc-context-{script.lower()}.bin"
        return context.Weights(**unpack(path.read_bytes(), path.name))

    context.weights = load  # type: ignore[assignment]
    return int((folder / "fold").read_text())


def naive_texts() -> dict[str, Callable[[str], str]]:
    """Return the naive converters: left simplified, first candidate, always changed."""
    table = parse_dictionary(data_text("STCharacters.txt"), "STCharacters.txt")

    def left(char: str) -> str:
        values = table.get(char, (char,))
        return char if char in values else values[0]

    def changed(char: str) -> str:
        return next((v for v in table.get(char, ()) if v != char), char)

    return {
        "left simplified": lambda text: "".join(map(left, text)),
        "first candidate": lambda text: "".join(table.get(char, char)[0] for char in text),
        "always changed": lambda text: "".join(map(changed, text)),
    }


def measure_naive(options: argparse.Namespace) -> Figures:
    """Print wrong characters per 10,000 of naive text before and after, by document size."""
    table = folding(options.data)
    fold = use_held_out(options.held_out[0] if options.held_out else None)
    collections = {name: collection(options.data, name, fold) for name in (*COLLECTIONS, *ONE_WAY)}
    figures: Figures = {}
    for size in options.lines:
        for name, pairs in collections.items():
            for label, channel in naive_texts().items():
                hurt = [channel(source) for source, _ in pairs]
                made = []
                for start in range(0, len(hurt), size):
                    block = "\n".join(hurt[start : start + size])
                    made += naive.put_right(block, naive.inspect(block)).split("\n")
                before, after = wrong(pairs, hurt, table)[0], wrong(pairs, made, table)[0]
                print(f"{size:3} lines, {name}, {label}: {before:.1f} to {after:.1f}", flush=True)
                figures[f"naive/{size} lines, {name}, {label}"] = after
    return figures


def clean(options: argparse.Namespace) -> Figures:
    """Print changed characters per 10,000 of good text whose script is the wanted one."""
    figures: Figures = {}
    for script, target in (("hant", "zh-Hant-TW"), ("hant", None), ("hans", "zh-Hans")):
        run = stage(to=target)
        for name, text in corpora(options.data, script):
            lines = text.split("\n")
            row = []
            for size in (1, 100):
                changed = characters = 0
                for start in range(0, len(lines), size):
                    block = "\n".join(lines[start : start + size])
                    made = run.convert(block)
                    changed += sum(a != b for a, b in zip(block, made, strict=False))
                    characters += len(block)
                row.append(f"{size} lines {changed / characters * 1e4:.2f}")
                figures[f"clean/{name} to {target}, {size} lines"] = changed / characters * 1e4
            print(f"{name} to {target}: " + ", ".join(row), flush=True)
    return figures


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = {"exact": exact, "quality": quality, "naive": measure_naive, "clean": clean}
    parser.add_argument("what", choices=what)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--opencc", help="the Python that has OpenCC's C++ library")
    parser.add_argument(
        "--held-out", type=Path, nargs="+", help="folders with weights of other works"
    )
    parser.add_argument("--lines", type=int, nargs="+", default=[1, 10, 40], help="a document's")
    parser.add_argument("--check", action="store_true", help="fail over tools/floors/convert.json")
    parser.add_argument("--confusions", type=int, default=0, help="how many to list")
    parser.add_argument("--fuzz", type=int, default=10_000_000, help="characters of fuzz")
    parser.add_argument("--only-fuzz", action="store_true", help="leave the corpora out")
    options = parser.parse_args()
    figures = what[options.what](options)
    if options.check:
        limits = json.loads(FLOORS.read_text("utf-8"))
        worse = [
            f"{name}: {value:.2f} is over its limit of {limits[name]}"
            for name, value in figures.items()
            if name in limits and value > limits[name]
        ]
        sys.exit("\n".join(worse) or 0)


if __name__ == "__main__":
    main()
