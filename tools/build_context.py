"""Learns the weights of `zhfix.converting.context`: `src/zhfix/data/opencc-context-*.bin`.

    PYTHONPATH=src python tools/build_context.py --data ../shared/data --words phrase.occ
    PYTHONPATH=src python tools/build_context.py … --held-out 0 --target DIR

The first writes both tables; the second leaves a quarter of the works out, for measuring on them.
`phrase.occ` is the word list of the input method McBopomofo (MIT), from
`Source/Data/phrase.occ` of openvanilla/McBopomofo at commit 73d0379eca62.

Every ambiguous character of the training text is one example: its features, and which of its
forms stands there. A logistic regression over hashed features (Adagrad, a little ridge) learns
from them; weights are rounded to bytes. An example counts as the dictionary's own answer when
the text differs from it only by an edition variant (裏/裡), so that no edition's spelling is
learned.

Sources are ship-safe (public domain, law, MIT, MPL-2.0, CC-BY-4.0, Apache-2.0) and weighted,
so that no register drowns the others; see `SOURCES`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting import context
from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.engine import engine
from zhfix.converting.trie import units_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

TARGET = Path(__file__).parents[1] / "src" / "zhfix" / "data"
#: file below clean/, weight of each example. Tang poetry (quantangshi) is left out: its
#: Traditional side is machine-made (複, 禦, 曆 for 復, 御, 歷); so is gutenberg-modern in part.
SOURCES = {
    "Hant": {
        "milo-novels.hant": 0.3,
        "tw-law.hant": 0.2,
        "libreoffice-help.hant": 0.5,
        "react-docs.hant": 0.5,
    },
    "Hans": {
        "niutrans-classics.hans": 0.5,
        "niutrans-modern.hans": 0.5,
        "cn-law.hans": 0.2,
        "python-docs.hans": 0.3,
        "react-docs.hans": 0.5,
        "libreoffice-help.hans": 0.3,
    },
}
#: file below parallel/ (public-domain works), weight 1: both sides are independent editions.
PARALLEL = ("classics", "bible-cuv")
PHRASES = ("STPhrases.txt", "STPhrases_GeneratedFromRegionalPhrases.txt")
PHRASE_WEIGHT = 0.3
#: Noncharacters that no text has, between phrases: as many as a decision looks at neighbours.
BESIDE = "\ufddf\ufddf\ufddf"
MODE = {"Hant": "s2t", "Hans": "t2s"}
BACK = {"Hant": "t2s", "Hans": "s2t"}
#: Surnames whose character is also the Simplified form of another word.
SURNAMES = dict(
    zip("范余钟于郁岳姜谷干沈朱卜云叶党后", "范余鍾于郁岳姜谷干沈朱卜云葉黨后", strict=True)
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉建国文志海晓小大子美雅婷怡君家豪宗翰冠廷柏"
    "仲增冰光中祥振宁德永春兰梅红雪琳佳欣俊浩然宇轩思雨成龙天佑景良贵生福安邦正义仁信树林森山川江河"
)
#: The commonest signs of foreign names.
SOUNDS = "阿埃艾奥巴贝比博布查达德迪杜多尔恩法菲弗戈格哈海赫霍吉加卡克库拉莱兰勒雷丽利卢鲁罗洛马玛"
SOUNDS += "迈曼米莫姆纳娜尼诺帕佩皮普乔萨塞桑沙斯史苏索塔泰特托瓦威维沃西希亚耶伊尤扎兹"
TITLES = (
    *(
        "先生",
        "小姐",
        "女士",
        "太太",
        "老师",
        "教授",
        "博士",
        "医生",
        "律师",
        "经理",
        "老板",
        "主任",
    ),
    *(
        "部长",
        "局长",
        "校长",
        "将军",
        "大人",
        "公子",
        "姑娘",
        "师傅",
        "同学",
        "某",
        "氏",
        "家",
        "姓",
    ),
)
BEFORE_NAMES = (
    "",
    "，",
    "。",
    "「",
    "是",
    "和",
    "与",
    "对",
    "问",
    "请",
    "姓",
    "、",
    "叫",
    "由",
    "向",
)
AFTER_NAMES = (
    "",
    "，",
    "。",
    "说",
    "的",
    "和",
    "是",
    "在",
    "、",
    "来",
    "表示",
    "认为",
    "道",
    "先生",
)
NAMES_EACH, NAME_WEIGHT = 1500, 0.1
FOREIGN_NAMES, FEWEST_SOUNDS = 6000, 2
WORD_WEIGHT = 0.3
#: Where pieces of text to put foreign names into come from.
AROUND = "niutrans-modern.hans"
EPOCHS, BATCH, RATE, RIDGE, SEED = 5, 2048, 0.12, 1e-3, 0
FOLDS = 4


@dataclass(frozen=True)
class Examples:
    """What is learned from: a row an example."""

    hashed: NDArray[np.uint32]
    forms: NDArray[np.uint16]
    label: NDArray[np.int64]
    said: NDArray[np.bool_]


def same_but_for_edition(data: Path) -> NDArray[np.uint16]:
    """Return a table that maps variants to one of them: regional standards, editions."""
    table = np.arange(65536, dtype=np.uint16)
    for line in (data / "parallel" / "variant_fold.txt").read_text("utf-8").split():
        table[[ord(char) for char in line]] = ord(line[0])
    regional = np.arange(65536, dtype=np.uint16)
    for key, values in parse_dictionary(data_text("TWVariants.txt"), "TWVariants").items():
        regional[ord(key)] = ord(values[0])
    return table[regional]


def examples(script: str, source: list[str], gold: list[str], fold: NDArray[np.uint16]) -> Examples:
    """Compare what the dictionary writes with what stands in the gold lines."""
    made = engine(MODE[script]).convert("\n".join(source)).split("\n")
    rows = [
        row
        for row in zip(source, made, gold, strict=True)
        if len({len(units_of(text)) for text in row}) == 1
    ]
    units, written, truth = (units_of("\n".join(column)) for column in zip(*rows, strict=True))
    matcher = engine(MODE[script]).chain[0]
    return _label(context.look(script, matcher, units, written), truth, fold)


def _label(places: context.Places, truth: NDArray[np.uint16], fold: NDArray[np.uint16]) -> Examples:
    fits = (fold[places.forms] == fold[truth[places.at]][:, None]) & (places.forms > 0)
    said = places.forms == places.answer[:, None]
    usable = fits.any(axis=1) & said.any(axis=1)
    fits, said = fits[usable], said[usable]
    right = (fits & said).any(axis=1)
    label = np.where(right, said.argmax(axis=1), fits.argmax(axis=1))
    return Examples(places.hashed[usable], places.forms[usable], label, said)


def phrases(fold: NDArray[np.uint16]) -> Examples:
    """Take OpenCC's phrases as text without phrases: what they know, neighbours may learn."""
    keys, values = [], []
    for name in PHRASES:
        for key, candidates in parse_dictionary(data_text(name), name).items():
            if len(units_of(key)) == len(units_of(candidates[0])):
                keys.append(key)
                values.append(candidates[0])
    # What stands beside a phrase is unknown, not the end of a line.
    units, truth = units_of(BESIDE.join(keys)), units_of(BESIDE.join(values))
    written = engine("s2t").chain[0].singles.take(units)
    places = context.look_at(
        "Hant", units, written, np.ones(len(units), np.uint8), np.zeros(len(units), np.uint16)
    )
    return _label(places, truth, fold)


def word_list(path: Path, fold: NDArray[np.uint16]) -> list[Examples]:
    """Take words that are Traditional by birth, as text with OpenCC's phrases and without."""
    gold = [line.split()[0] for line in path.read_text("utf-8").splitlines() if line.strip()]
    gold = [word for word in gold if len(word) > 1]
    source = engine("t2s").convert("\n".join(gold)).split("\n")
    made = engine("s2t").convert("\n".join(source)).split("\n")
    same = [
        row
        for row in zip(source, made, gold, strict=True)
        if {len(units_of(word)) for word in row} == {len(row[0])}
    ]
    units, written, truth = (units_of(BESIDE.join(column)) for column in zip(*same, strict=True))
    matcher = engine("s2t").chain[0]
    plain = context.look_at(
        "Hant",
        units,
        matcher.singles.take(units),
        np.ones(len(units), np.uint8),
        np.zeros(len(units), np.uint16),
    )
    return [
        _label(plain, truth, fold),
        _label(context.look("Hant", matcher, units, written), truth, fold),
    ]


def names(fold: NDArray[np.uint16], around: list[str]) -> Examples:
    """Write sentences with surnames that are also other words: in names they keep their form.

    `around` are pieces of text to put foreign names into.
    """
    rng = random.Random(SEED)
    source, gold = [], []
    for surname, form in SURNAMES.items():
        for _ in range(NAMES_EACH):
            before = rng.choice(BEFORE_NAMES)
            given = "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))
            after = rng.choice((rng.choice(TITLES), given, given, given)) + rng.choice(AFTER_NAMES)
            source.append(before + surname + after)
            rest = engine("s2t").convert(after)
            gold.append(before + form + rest)
    for _ in range(FOREIGN_NAMES):
        # Foreign names are spelled with 里, never 裏: 埃里克, 加布里埃尔, 里昂, 墨里.
        one, other = ("".join(rng.choices(SOUNDS, k=rng.randint(0, 3))) for _ in range(2))
        if len(one + other) < FEWEST_SOUNDS:
            continue
        before, after = (rng.choice(around) for _ in range(2))
        source.append(before[:2] + one + "里" + other + rng.choice(("·", "", "")) + after[-2:])
        made = engine("s2t").convert(source[-1].replace("里", "，"))
        gold.append(
            "".join("里" if a == "里" else b for a, b in zip(source[-1], made, strict=True))
        )
    return examples("Hant", source, gold, fold)


def learn(parts: list[tuple[Examples, float]]) -> NDArray[np.int8]:
    """Fit the weights and round them to bytes."""
    hashed = np.concatenate([part.hashed for part, _ in parts])
    forms = np.concatenate([part.forms for part, _ in parts]) > 0
    label = np.concatenate([part.label for part, _ in parts])
    prior = np.concatenate([part.said for part, _ in parts]) * np.float32(context.PRIOR)
    weight = np.concatenate([np.full(len(part.label), w, np.float32) for part, w in parts])
    values = np.zeros(1 << context.BITS, np.float32)
    squares = np.full(1 << context.BITS, 1e-2, np.float32)
    rng = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        order = rng.permutation(len(label))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            places, valid = context.slots(hashed[batch]), forms[batch]
            score = values[places].sum(axis=2) + prior[batch]
            score[~valid] = -np.inf
            chance = np.exp(score - score.max(axis=1)[:, None])
            chance /= chance.sum(axis=1)[:, None]
            chance[np.arange(len(batch)), label[batch]] -= 1
            chance *= weight[batch][:, None]
            touched = places[valid]
            gradient = np.broadcast_to(chance[valid][:, None], touched.shape)
            slot, inverse = np.unique(touched, return_inverse=True)
            total = np.bincount(inverse.ravel(), gradient.ravel()).astype(np.float32)
            total += RIDGE * values[slot]
            squares[slot] += total * total
            values[slot] -= RATE * total / np.sqrt(squares[slot])
    return np.clip(np.rint(values / context.STEP), -127, 127).astype(np.int8)


def fold_of(row: dict[str, str]) -> int:
    """Put each work on one side, so that no work is learned from and measured on."""
    return zlib.crc32(row["work"].encode()) % FOLDS


def build(script: str, data: Path, words: Path, held_out: int | None) -> NDArray[np.int8]:
    """Learn the decisions towards a script."""
    fold = same_but_for_edition(data)
    parts: list[tuple[Examples, float]] = []
    if script == "Hant":
        with gzip.open(data / "clean" / f"{AROUND}.txt.gz", "rt", encoding="utf-8") as file:
            around = [line[:4] for line in file if "里" not in line[:4]]
        parts = [(phrases(fold), PHRASE_WEIGHT), (names(fold, around), NAME_WEIGHT)]
        parts += [(part, WORD_WEIGHT) for part in word_list(words, fold)]
    unseen: set[str] = set()
    for name in PARALLEL:
        lines = (data / "parallel" / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        if held_out is not None:
            unseen |= {g for row in rows if fold_of(row) == held_out for g in grams(row, script)}
            rows = [row for row in rows if fold_of(row) != held_out]
        columns = [row["hans"] for row in rows], [row["hant"] for row in rows]
        source, gold = columns if script == "Hant" else columns[::-1]
        parts.append((examples(script, source, gold, fold), 1.0))
    for name, weight in SOURCES[script].items():
        with gzip.open(data / "clean" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
            gold = [line.rstrip("\n") for line in file]
        gold = [line for line in gold if not unseen.intersection(windows(line))]
        source = engine(BACK[script]).convert("\n".join(gold)).split("\n")
        parts.append((examples(script, source, gold, fold), weight))
    return learn(parts)


def windows(text: str) -> set[str]:
    """Return all stretches of ten characters, the length at which overlap is no accident."""
    return {text[i : i + 10] for i in range(len(text) - 9)}


def grams(row: dict[str, str], script: str) -> set[str]:
    """Return the stretches of the side that training texts could share."""
    return windows(row["hant" if script == "Hant" else "hans"])


def provenance(folder: Path) -> str:
    """Say where the tables come from."""
    used = sorted({name for sources in SOURCES.values() for name in sources})
    lines = [
        "# Written by tools/build_context.py; do not edit.",
        'command = "PYTHONPATH=src python tools/build_context.py --words phrase.occ"',
        'license = "statistics of ship-safe texts: public domain, law, MIT, PSF-2.0, MPL-2.0, "',
    ]
    lines[-1] = lines[-1].replace(', "', ', CC-BY-4.0, Apache-2.0 (OpenCC phrases)"')
    lines.append(f"clean = {json.dumps(used)}")
    lines.append(
        'words = "openvanilla/McBopomofo, Source/Data/phrase.occ, commit 73d0379eca62 (MIT)"'
    )
    lines.append(f"parallel = {json.dumps(list(PARALLEL))}")
    for path in sorted(folder.glob("opencc-context-*.bin")):
        lines += ["", f'[tables."{path.name}"]']
        lines.append(f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both tables, or keep a fold out and save the weights elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--words", type=Path, required=True, help="phrase.occ of McBopomofo")
    parser.add_argument("--held-out", type=int, choices=range(FOLDS))
    parser.add_argument("--target", type=Path, help="where to; needed with --held-out")
    options = parser.parse_args()
    if options.held_out is not None and options.target is None:
        parser.error("--held-out needs --target: the shipped tables know all works")
    options.target = options.target or TARGET
    for script in ("Hant", "Hans"):
        block = zlib.compress(
            build(script, options.data, options.words, options.held_out).tobytes(), 9
        )
        data = hashlib.sha256(block).digest()[:8] + block
        options.target.mkdir(parents=True, exist_ok=True)
        (options.target / f"opencc-context-{script.lower()}.bin").write_bytes(data)
        print(f"{script}: {len(data)} bytes")
    if options.held_out is None:
        (options.target / "opencc-context-provenance.toml").write_text(provenance(options.target))
    if options.held_out is not None:
        (options.target / "fold").write_text(str(options.held_out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
