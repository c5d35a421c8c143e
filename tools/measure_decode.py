"""Print how well `zhfix.decode` does on text that it was not made from.

    python tools/measure_decode.py [short broken mixed files calibration] --data ../shared/data \
        --files chardet-5.2.0/tests

Chinese text comes from the sources that the language model leaves out (`HELD_OUT`);
`--files` is a folder of folders named by encoding, such as the tests of the sdist of
chardet 5.2.0. Lines are cut by a fixed seed, so runs repeat.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from zhfix.decoding import decode, decode_many, encode
from zhfix.decoding.labels import normalized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The name of what was measured, and per cent.
Figure = tuple[str, float]
FLOORS = Path(__file__).parent / "floors" / "decode.json"
HELD_OUT = {
    "hans": ("msra-news", "thucnews-titles", "nus-sms", "cmrc2018-wiki", "manpages"),
    "hant": ("drcd-wiki", "ud-pud-news", "ud-hk-subtitles-legco"),
    "yue": ("ted-yue", "ud-cantonese"),
}
SHORT = (
    ("Simplified, GBK", "hans", "gb18030"),
    ("Traditional, Big5", "hant", "big5"),
    ("Simplified, UTF-16LE", "hans", "utf-16le"),
    ("Traditional, UTF-16LE", "hant", "utf-16le"),
    ("Traditional, GBK", "hant", "gb18030"),
    ("Cantonese, HKSCS", "yue", "big5"),
    ("Simplified, UTF-8", "hans", "utf-8"),
)
LENGTHS = (2, 4, 6, 8, 16, 40)
HAN = re.compile("[\u4e00-\u9fff]+")


def lines_of(data: Path, script: str) -> list[str]:
    """Read the held-out lines of a script, mixed so that each source counts alike."""
    found: list[str] = []
    for name in HELD_OUT[script]:
        suffix = "hans" if script == "hans" else "hant"
        path = data / "clean" / f"{name}.{suffix}.txt.gz"
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        random.Random(name).shuffle(lines)
        found += lines[:4000]
    random.Random(script).shuffle(found)
    return found


def pieces(lines: list[str], length: int, encoding: str, count: int) -> Iterator[str]:
    """Cut pieces of Han characters (with punctuation, from 16 on) that the encoding has."""
    random_ = random.Random(length)
    made = 0
    for line in lines:
        if length < 16:
            runs = [run for run in HAN.findall(line) if len(run) >= length]
            if not runs:
                continue
            line = random_.choice(runs)  # noqa: PLW2901
        if len(line) < length:
            continue
        start = random_.randrange(len(line) - length + 1)
        piece = line[start : start + length].strip()
        if len(piece) < length or not HAN.search(piece):
            continue
        if encode(piece, encoding).findings:
            continue
        yield piece
        made += 1
        if made == count:
            return


def fitting(text: str, encoding: str) -> str:
    """Leave out what the encoding lacks."""
    unfit = {finding.span.start for finding in encode(text, encoding).findings}
    return "".join(char for at, char in enumerate(text) if at not in unfit)


def short(data: Path, count: int) -> Iterator[Figure]:
    """Short strings, each on its own, and as the cells of a column."""
    print(f"\nshort strings, per cent decoded to the true text ({count} each)")
    print(f"{'characters':24}" + "".join(f"{length:>8}" for length in LENGTHS))
    for name, script, encoding in SHORT:
        lines = lines_of(data, script)
        alone, column = [], []
        for length in LENGTHS:
            texts = list(pieces(lines, length, encoding, count))
            cells = [encode(text, encoding).data for text in texts]
            alone.append(
                share(decode(cell).text == text for cell, text in zip(cells, texts, strict=True))
            )
            batch = [cells[i : i + 50] for i in range(0, len(cells), 50)]
            decoded = [cell.text for cells_ in batch for cell in decode_many(cells_)]
            column.append(share(a == b for a, b in zip(decoded, texts, strict=True)))
        print(f"{name:24}" + "".join(f"{value:8.2f}" for value in alone))
        for length, one, many in zip(LENGTHS, alone, column, strict=True):
            yield f"short/{name}/{length}", one
            yield f"column/{name}/{length}", many
        print(f"{'  in a column of 50':24}" + "".join(f"{value:8.2f}" for value in column))


def share(hits: Iterator[bool]) -> float:
    """Return the percentage of hits."""
    values = list(hits)
    return 100 * sum(values) / len(values) if values else float("nan")


def flipped(data: bytes, at: int, random_: random.Random) -> bytes:
    """Change one bit."""
    return data[:at] + bytes((data[at] ^ 1 << random_.randrange(8),)) + data[at + 1 :]


def inserted(data: bytes, at: int, random_: random.Random) -> bytes:
    """Put any byte in between."""
    return data[:at] + bytes((random_.randrange(256),)) + data[at:]


DAMAGE: dict[str, Callable[[bytes, int, random.Random], bytes]] = {
    "first byte lost": lambda data, _at, _random: data[1:],
    "last byte lost": lambda data, _at, _random: data[:-1],
    "one dropped": lambda data, at, _random: data[:at] + data[at + 1 :],
    "one flipped": flipped,
    "one inserted": inserted,
    "one NUL": lambda data, at, _random: data[:at] + b"\0" + data[at + 1 :],
    "NUL inserted": lambda data, at, _random: data[:at] + b"\0" + data[at:],
}


def recovered(true: str, found: str) -> float:
    """Return the share of the true characters that are there, in order (common ends, then LCS)."""
    head = 0
    while head < min(len(true), len(found)) and true[head] == found[head]:
        head += 1
    tail = 0
    while tail < min(len(true), len(found)) - head and true[-1 - tail] == found[-1 - tail]:
        tail += 1
    return (
        head + tail + lcs(true[head : len(true) - tail], found[head : len(found) - tail])
    ) / len(true)


def lcs(a: str, b: str) -> int:
    """Return the length of the longest common subsequence."""
    if not a or not b:
        return 0
    row = [0] * (len(b) + 1)
    for char in a:
        before = 0
        for j, other in enumerate(b):
            above = row[j + 1]
            row[j + 1] = before + 1 if char == other else max(above, row[j])
            before = above
    return row[-1]


def broken(data: Path, count: int) -> Iterator[Figure]:
    """One byte hurt in 30 and in 300 characters."""
    print(f"\none byte hurt, per cent of characters recovered ({count} each)")
    print(f"{'':28}" + "".join(f"{name:>17}" for name in DAMAGE))
    for name, script, encoding in SHORT:
        if "UTF-16LE" in name and script == "hant":
            continue
        lines = lines_of(data, script)
        joined = "".join(lines[:6000])
        for length in (30, 300):
            random_ = random.Random(length)
            texts = []
            while len(texts) < count:
                start = random_.randrange(len(joined) - length)
                piece = joined[start : start + length]
                texts.append(fitting(piece, encoding))
            row = []
            for hurt in DAMAGE.values():
                kept = 0.0
                for text in texts:
                    encoded = encode(text, encoding).data
                    kept += recovered(
                        text, decode(hurt(encoded, random_.randrange(len(encoded)), random_)).text
                    )
                row.append(100 * kept / count)
            print(f"{name + ', ' + str(length):28}" + "".join(f"{value:17.2f}" for value in row))
            for kind, value in zip(DAMAGE, row, strict=True):
                yield f"broken/{name}/{length}/{kind}", value


MIXES = (
    ("GBK and UTF-8", "hans", ("gb18030", "utf-8"), 0.5),
    ("Big5 and UTF-8", "hant", ("big5", "utf-8"), 0.5),
    ("GBK and Big5", "hant", ("gb18030", "big5"), 0.5),
    ("UTF-8, 5 % GBK", "hans", ("utf-8", "gb18030"), 0.05),
    ("GBK, 5 % UTF-8", "hans", ("gb18030", "utf-8"), 0.05),
)


def mixed(data: Path, count: int) -> Iterator[Figure]:
    """Lines in different encodings in one file."""
    print(f"\nmixed files of 60 lines, per cent of lines right ({count // 10} files each)")
    for name, script, encodings, part in MIXES:
        lines = [line for line in lines_of(data, script) if "\n" not in line]
        random_ = random.Random(name)
        right = total = 0
        for _ in range(max(1, count // 10)):
            chosen = random_.sample(lines, 60)
            coded = []
            texts = []
            for line in chosen:
                encoding = encodings[random_.random() < part]
                texts.append(fitting(line, encoding))
                coded.append(encode(texts[-1], encoding).data)
            found = decode(b"\n".join(coded)).text.split("\n")
            total += len(texts)
            right += sum(a == b for a, b in zip(found, texts, strict=False))
        print(f"{name:24}{100 * right / total:8.2f}")
        yield f"mixed/{name}", 100 * right / total


#: Borders between the rows of the reliability curve.
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.01)


def calibration(data: Path, count: int) -> Iterator[Figure]:
    """How often a stated confidence is right: strings of 1 to 12 characters, by themselves."""
    said: list[tuple[float, bool, int]] = []
    for _, script, encoding in SHORT:
        lines = lines_of(data, script)
        for length in (1, 2, 3, 4, 5, 6, 8, 12):
            for text in pieces(lines, length, encoding, count):
                decoded = decode(encode(text, encoding).data)
                said.append((decoded.confidence, decoded.text == text, length))
    print(f"\nconfidence of strings of 1 to 12 characters ({len(said)} strings)")
    print(f"{'stated':>12}{'strings':>10}{'mean stated':>13}{'right':>8}")
    for low, high in pairwise(BINS):
        rows = [(sure, right) for sure, right, _ in said if low <= sure < high]
        if rows:
            mean = 100 * sum(sure for sure, _ in rows) / len(rows)
            right = share(right for _, right in rows)
            print(f"{f'{low:.2f}-{min(high, 1):.2f}':>12}{len(rows):10}{mean:13.1f}{right:8.1f}")
    for name, few in (("under six characters", True), ("six and more", False)):
        rows = [(sure, right) for sure, right, length in said if (length < 6) == few]
        mean = 100 * sum(sure for sure, _ in rows) / len(rows)
        print(f"{name}: mean stated {mean:.1f}, right {share(right for _, right in rows):.1f}")
    yield "calibration/stated 0.95 or more", share(right for sure, right, _ in said if sure >= 0.95)


#: Folder names that are not what a browser calls the encoding, and true encodings of their files.
TRUE = {
    "iso-8859-1": "windows-1252",
    "iso-8859-9": "windows-1254",
    "tis-620": "windows-874",
    "maccyrillic": "x-mac-cyrillic",
    "macroman": "macintosh",
    "cp949": "euc-kr",
    "johab": "johab",
    "ibm855": "cp855",
}
CHINESE = ("Big5", "GB2312", "EUC-TW", "HZ", "ISO-2022-CN", "GB18030", "GBK")


def files(folder: Path) -> Iterator[Figure]:
    """Real files in folders named by encoding; equal text counts, not equal names."""
    print(f"\nfiles of {folder.name}: decoded to the text that the named encoding gives")
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for path in sorted(folder.glob("*/*")):
        named = path.parent.name.lower()
        label = re.sub(r"^(iso-8859-\d+|windows-\d+)-.*", r"\1", named)
        label = TRUE.get(label, label)
        if normalized(label) is None:
            continue
        data = path.read_bytes()
        decoded = decode(data)
        truth = decode(data, encoding=label).text
        group = "Chinese" if path.parent.name in CHINESE else "other"
        total[group] += 1
        if decoded.text == truth:
            right[group] += 1
        else:
            print(f"  {path.parent.name}/{path.name}: {decoded.encoding} {decoded.confidence:.2f}")
    for group in total:
        print(f"{group:12}{right[group]} of {total[group]}")
        yield f"files/{group}", 100 * right[group] / total[group]


def below(figures: dict[str, float], floors: dict[str, float]) -> list[str]:
    """Return a line for each figure that is under its floor."""
    return [
        f"{name}: {figures[name]:.2f} is under its floor of {floor}"
        for name, floor in floors.items()
        if name in figures and figures[name] < floor
    ]


def main() -> int:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["short", "broken", "mixed", "files"])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--files", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--check", action="store_true", help="fail under tools/floors/decode.json")
    arguments = parser.parse_args()
    data, count = arguments.data, arguments.count
    found: dict[str, float] = {}
    if "short" in arguments.parts:
        found |= short(data, count)
    if "calibration" in arguments.parts:
        found |= calibration(data, max(50, count // 4))
    if "broken" in arguments.parts:
        found |= broken(data, max(20, count // 10))
    if "mixed" in arguments.parts:
        found |= mixed(data, count // 5)
    if "files" in arguments.parts and arguments.files:
        found |= files(arguments.files)
    missed = below(found, json.loads(FLOORS.read_text(encoding="utf-8"))) if arguments.check else []
    print("\n".join(missed))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
