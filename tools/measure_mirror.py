"""Measure the repair of spam-mirror damage on clean Traditional documents.

    python tools/measure_mirror.py [--documents 300] [--data ../shared/data]

Each document of eight lines is damaged by the channel run forwards, with a random set of 30 to
all characters glossed, and repaired as `zhfix.repair` does. "Exact" means equal to the clean
document after folding the width of punctuation. Documents are told apart by what was lost:
nothing but bytes that a gloss names; whole pairs or halves that nothing names; or also an ASCII
character that a `?` ate (a digit that is gone can't be known).
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
from collections import Counter, defaultdict
from pathlib import Path

import zhfix
from zhfix.repairing import cp936, readings
from zhfix.repairing.channels.punctuation import FLATTEN
from zhfix.repairing.channels.spam_mirror import SpamMirror
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.tokens import PINYIN

SHARED = Path(__file__).resolve().parent.parent.parent / "shared/data"
SOURCES = (
    *("milo-novels.hant", "drcd-wiki.hant", "tw-law.hant"),
    *("gutenberg-modern.hant", "react-docs.hant", "ud-pud-news.hant"),
)
LINES = 8
ALL = 10_000
GLOSSED = (30, 100, 300, 1000, ALL)
EATEN = "\n 0123456789,.:;!-/"
NAMED = re.compile(rf"\?{PINYIN}\s?\)")


def documents(data: Path) -> dict[str, list[str]]:
    """Cut each source into documents of eight lines that code page 936 can hold."""
    made: dict[str, list[str]] = {}
    for source in SOURCES:
        path = data / "clean" / f"{source}.txt.gz"
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
        cut = ["\n".join(lines[i : i + LINES]) for i in range(0, len(lines) - LINES, LINES)]
        made[source] = [text for text in cut if cp936.encode(text) is not None]
    return made


def glossable(made: dict[str, list[str]], *, everything: bool) -> list[str]:
    """The characters a site may gloss: those that conversion changes, or all."""
    counts = Counter(char for texts in made.values() for text in texts for char in text)
    first = readings.load().first
    flags = LanguageModel.load().script
    return [
        char
        for char, count in sorted(counts.items())
        if count >= 5 and char in first and (everything or flags(char)[1])
    ]


def kind_of(clean: str, damaged: str) -> str:
    """Say what the damage lost."""
    lost = damaged.count("?") + damaged.count("？") - clean.count("?") - clean.count("？")
    if clean == damaged:
        return "undamaged"
    if any(damaged.count(char) < clean.count(char) for char in EATEN):
        return "ASCII eaten"
    return "named bytes" if lost <= len(NAMED.findall(damaged)) else "pairs lost"


def main() -> None:
    """Damage, repair, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--data", type=Path, default=SHARED)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--marks", default="", help="also cut at these full-width marks")
    parser.add_argument("--everything", action="store_true", help="gloss any character")
    parser.add_argument("--show", type=int, default=0, help="print so many failures")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    made = documents(options.data)
    chars = glossable(made, everything=options.everything)
    first = readings.load().first
    results: dict[object, list[int]] = defaultdict(list)
    proofs: Counter[tuple[str, str]] = Counter()
    for _ in range(options.documents):
        clean = chance.choice(made[chance.choice(SOURCES)])
        count = chance.choice(GLOSSED)
        glosses = {char: first[char] for char in chance.sample(chars, min(count, len(chars)))}
        marks = "".join(chance.sample(options.marks, len(options.marks)))
        damaged = SpamMirror(glosses, marks).damage(clean)
        document = zhfix.default().only("detect", "repair").run(damaged)
        exact = document.text.translate(FLATTEN) == clean.translate(FLATTEN)
        kind = kind_of(clean, damaged)
        results[kind].append(exact)
        results[f"{kind}, {'all' if count == ALL else count} glossed"].append(exact)
        proofs.update((edit.rule, str(edit.proof)) for edit in document.edits)
        if not exact and options.show > 0:
            options.show -= 1
            show(clean, damaged, document)
    for key in sorted(results, key=str):
        done = results[key]
        print(f"{key:28} {sum(done):4} of {len(done):4} exact  {sum(done) / len(done):.1%}")
    for (rule, proof), count in sorted(proofs.items()):
        print(f"{rule:34} {proof:12} {count}")


def show(clean: str, damaged: str, document: zhfix.Document) -> None:
    """Print the neighbourhood of the first difference."""
    got, wanted = document.text.translate(FLATTEN), clean.translate(FLATTEN)
    pairs = enumerate(zip(got, wanted, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(got), len(wanted)))
    origin = document.origin(zhfix.Span(at, min(at + 1, len(got)))).start
    print(f"got     {got[max(0, at - 8) : at + 12]!r}")
    print(f"wanted  {wanted[max(0, at - 8) : at + 12]!r}")
    print(f"damaged {damaged[max(0, origin - 20) : origin + 20]!r}\n")


if __name__ == "__main__":
    main()
