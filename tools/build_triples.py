"""Build the table of triples: what two characters before say of the next, for lost bytes.

    PYTHONPATH=src python tools/build_triples.py --jieba dict.txt

`--data` holds the clean texts, `--jieba` is `dict.txt` of the jieba 0.42.1 distribution on PyPI.
Sources and weights are those of tools/build_model.py, without the other languages. Besides the
triples the table says which of the forms that the model folds together a script writes.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from build_model import SOURCES, chinese, jieba_words

from zhfix.repairing.model import LanguageModel, code_points
from zhfix.repairing.triples import keys_of

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src/zhfix/data/triples.npz"
PROVENANCE = ROOT / "src/zhfix/data/triples-provenance.toml"

#: Triples that are kept: four times as many restored no more in measure_repair.py lossy.
TRIPLES = 250_000
#: Two characters seen c times trust their own triples with weight c/(c+PRIOR).
PRIOR = 12.0
#: A triple must say at least this much beyond its pairs, in nats, and weigh this much.
LEAST = 0.7
LEAST_WEIGHT = 1.6
#: Bounds of what is stored, in nats.
MOST = 7.5
#: Weight of a form in the other script's texts, and of one never seen.
OTHER = 0.02
UNSEEN = 0.05
LOWEST = -8.0
#: So many characters share a symbol only where it stands for a kind of them.
KIND = 64


def count(arguments: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Weigh triples of symbols: (sorted keys, weights). Borders are no evidence."""
    model = LanguageModel.load()
    size = model.size
    keys, weights = [], []

    def add(ids: np.ndarray, weight: np.ndarray | float) -> None:
        inside = (ids[:-2] != 0) & (ids[1:-1] != 0) & (ids[2:] != 0)
        key = ((ids[:-2] * size + ids[1:-1]) * size + ids[2:])[inside]
        if isinstance(weight, float):
            unique, number = np.unique(key, return_counts=True)
            keys.append(unique)
            weights.append(number * weight)
        else:
            unique, inverse = np.unique(key, return_inverse=True)
            keys.append(unique)
            weights.append(np.bincount(inverse, weight[:-2][inside]))

    for source in chinese(arguments.data, set(arguments.exclude)):
        text = "\n" + "\n".join(source.lines) + "\n"
        add(model.symbols[code_points(text)].astype(np.int64), source.weight)
    words, shares = jieba_words(arguments.jieba)
    per_point = np.repeat(shares, [len(word) + 1 for word in words])
    add(model.symbols[code_points("\n".join(words) + "\n")].astype(np.int64), per_point)
    every, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    return every, np.bincount(inverse, np.concatenate(weights))


def choose(keys: np.ndarray, weights: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep the triples that say most beyond their pairs: (hashes, nats), sorted."""
    model = LanguageModel.load()
    size = model.size
    first, second, third = keys // size // size, keys // size % size, keys % size
    pair = keys // size
    _, inverse = np.unique(pair, return_inverse=True)
    history = np.bincount(inverse, weights)[inverse]
    known = np.exp(model.steps(second, third).astype(np.float64))
    gain = np.log((weights + PRIOR * known) / (history + PRIOR) / known)
    usable = (gain > LEAST) & (weights >= LEAST_WEIGHT)
    worth = np.where(usable, weights * gain, -np.inf)
    kept = np.argsort(-worth, kind="stable")[: min(limit, int(usable.sum()))]
    hashes = keys_of(first[kept], second[kept], third[kept])
    order = np.argsort(hashes, kind="stable")
    hashes, gain = hashes[order], np.minimum(gain[kept][order], MOST)
    alone = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    return hashes[alone], gain[alone]


def pack(hashes: np.ndarray, gain: np.ndarray) -> dict[str, np.ndarray]:
    """Lay the sorted hashes out as gaps; a gap too wide is bridged by entries worth nothing."""
    gaps = np.diff(hashes.astype(np.int64), prepend=0)
    bridges = gaps // 65535
    total = len(gaps) + int(bridges.sum())
    wide = np.full(total, 65535, np.uint16)
    ends = np.cumsum(bridges + 1) - 1
    wide[ends] = gaps - bridges * 65535
    values = np.zeros(total, np.uint8)
    values[ends] = np.rint(gain / MOST * 15)
    if total % 2:
        values = np.append(values, 0)
    return {
        "gap_high": (wide >> 8).astype(np.uint8),
        "gap_low": (wide & 255).astype(np.uint8),
        "value": (values[::2] << 4 | values[1::2]).astype(np.uint8),
        "most": np.float32(MOST),
    }


def forms(arguments: argparse.Namespace) -> dict[str, np.ndarray]:
    """Price each form that shares its symbol with others, in Simplified and Traditional text."""
    model = LanguageModel.load()
    points = np.arange(0x3400, 0xA000)
    sharing = np.bincount(model.symbols, minlength=model.size)[model.symbols[points]]
    points = points[(sharing > 1) & (sharing < KIND)]
    counts = {script: np.zeros(0x110000) for script in ("hans", "hant")}
    for source in chinese(arguments.data, set(arguments.exclude)):
        found = np.bincount(code_points("".join(source.lines)), minlength=0x110000)
        counts[source.name.rsplit(".")[-1]] += found * source.weight
    words, shares = jieba_words(arguments.jieba)
    repeated = np.repeat(shares, [len(word) for word in words])
    counts["hans"] += np.bincount(code_points("".join(words)), repeated, minlength=0x110000)
    prices = []
    for script, other in (("hans", "hant"), ("hant", "hans")):
        weight = counts[script] + OTHER * counts[other] + UNSEEN
        group = np.bincount(model.symbols[points], weight[points], minlength=model.size)
        share = np.log(weight[points] / group[model.symbols[points]])
        prices.append(np.rint(np.maximum(share, LOWEST) / LOWEST * 255).astype(np.uint8))
    return {
        "forms": np.diff(points, prepend=0).astype(np.uint16),
        "hans": prices[0],
        "hant": prices[1],
        "lowest": np.float32(LOWEST),
    }


def provenance(arguments: argparse.Namespace, number: int) -> str:
    """Write down where the table comes from, as TOML."""
    used = [name for name in SOURCES if name not in arguments.exclude]
    names = ", ".join(f'"{name}"' for name in used)
    licences = "; ".join(dict.fromkeys(licence for licence, _ in SOURCES.values()))
    rows = [
        "# Written by tools/build_triples.py; do not edit.",
        'command = "PYTHONPATH=src python tools/build_triples.py --jieba dict.txt"',
        f'license = "statistics of ship-safe texts: {licences}; jieba 0.42.1 dict.txt (MIT)"',
        f"clean = [{names}]",
        f'jieba = "{hashlib.sha256(arguments.jieba.read_bytes()).hexdigest()}"',
        "",
        '[tables."triples.npz"]',
        'what = "triples of characters that say more than their pairs; forms by script"',
        f"triples = {number}",
        f'sha256 = "{hashlib.sha256(arguments.output.read_bytes()).hexdigest()}"',
    ]
    return "\n".join(rows) + "\n"


def main() -> None:
    """Parse arguments, build, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--jieba", type=Path, required=True)
    parser.add_argument("--exclude", nargs="*", default=[], help="sources to leave out")
    parser.add_argument("--triples", type=int, default=TRIPLES)
    parser.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    hashes, gain = choose(*count(arguments), arguments.triples)
    np.savez_compressed(arguments.output, **pack(hashes, gain), **forms(arguments))
    print(
        f"{len(hashes)} triples, {arguments.output.stat().st_size} bytes: {arguments.output}",
        file=sys.stderr,
    )
    if arguments.output == TABLE:
        PROVENANCE.write_text(provenance(arguments, len(hashes)), "utf-8")


if __name__ == "__main__":
    main()
