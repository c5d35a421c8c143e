"""Build `data/pinyin.tsv`: the readings of every GBK character, the first one apart.

    python tools/build_pinyin.py PYPINYIN_WHEEL

The source is pypinyin's `pinyin_dict.json` (MIT), itself generated from mozillazg/pinyin-data
(MIT), which collects Unihan's readings. The wheel is read, not imported.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
import zipfile
from collections import defaultdict
from pathlib import Path

TABLE = Path(__file__).parent.parent / "src/zhfix/data/pinyin.tsv"

HEADER = """\
# Mandarin readings of the characters of GBK, one reading a line.
# reading <TAB> characters whose first reading it is <TAB> characters that also have it
# Written by tools/build_pinyin.py from {source} (MIT). Do not edit by hand.
"""


def in_gbk(char: str) -> bool:
    """Whether the character has a two-byte GBK code."""
    try:
        return len(char.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


def main() -> None:
    """Read the wheel, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheel", type=Path)
    wheel = parser.parse_args().wheel
    with zipfile.ZipFile(wheel) as archive:
        table = json.loads(archive.read("pypinyin/pinyin_dict.json"))
    first: dict[str, list[str]] = defaultdict(list)
    other: dict[str, list[str]] = defaultdict(list)
    for code, readings in sorted(table.items(), key=lambda item: int(item[0])):
        char = chr(int(code))
        if not in_gbk(char):
            continue
        names = [unicodedata.normalize("NFC", name) for name in readings.split(",")]
        first[names[0]].append(char)
        for name in dict.fromkeys(names[1:]):
            other[name].append(char)
    source = "-".join(wheel.name.split("-")[:2])
    rows = [
        f"{name}\t{''.join(first[name])}\t{''.join(other[name])}\n"
        for name in sorted({*first, *other})
    ]
    TABLE.write_text(HEADER.format(source=source) + "".join(rows), encoding="utf-8")
    print(f"{TABLE.name}: {len(rows)} readings, {sum(map(len, first.values()))} characters")


if __name__ == "__main__":
    main()
