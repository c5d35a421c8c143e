"""Write the tables of `zhfix.decode` and the fixture that its codecs are tested against.

    python tools/build_encodings.py --indexes text-encoding/lib --unihan /usr/share/unicode

`--indexes` is the `lib` folder of the npm package text-encoding 0.7.0 (the indexes and labels
of the WHATWG Encoding Standard as of 2018); `AMENDMENTS` brings its index of GB18030 to that of
2026, which was compared with the standard's own file entry by entry. `--unihan` holds
Unihan_IRGSources.txt.bz2 of Unicode 15 (Debian package unicode-data): CNS 11643 by plane.

It writes src/zhfix/decoding/tables.py, src/zhfix/decoding/euc_tw.bin and
tests/fixtures/decode/indexes.txt.xz.
"""

from __future__ import annotations

import argparse
import bz2
import json
import lzma
import re
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src/zhfix/decoding"

#: Pointers whose characters the standard took from GB18030-2022; before they were private use.
AMENDMENTS = dict(
    zip(
        (
            *range(7182, 7189),
            7201,
            7202,
            7208,
            23775,
            23783,
            23788,
            23789,
            23795,
            23812,
            23829,
            23845,
        ),
        "︐︒︑︓︔︕︖︗︘︙龴龵龶龷龸龹龺龻",
        strict=True,
    )
)
#: The planes of CNS 11643 that EUC-TW texts use.
PLANES = (1, 2, 3, 4, 5, 6, 7, 15)
#: The signs of plane 1 follow Big5 in order (first Big5 code, last, first code in plane 1).
SIGNS = (
    (0xA140, 0xA1F5, 0x2121),
    (0xA1F6, 0xA1F6, 0x2258),
    (0xA1F7, 0xA1F7, 0x2257),
    (0xA1F8, 0xA2AE, 0x2259),
    (0xA2AF, 0xA3BF, 0x2421),
    (0xA3C0, 0xA3E0, 0x4221),
)
ENUMERATORS = "①②③④⑤⑥⑦⑧⑨⑩⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ"
HOLE = "\uffff"


def indexes(folder: Path) -> dict[str, list[int | None]]:
    """Read the indexes of gb18030 and big5, amended to today's."""
    source = (folder / "encoding-indexes.js").read_text(encoding="utf-8")
    start = source.index("{", source.index('encoding-indexes"] ='))
    found = json.JSONDecoder().raw_decode(source, start)[0]
    for pointer, char in AMENDMENTS.items():
        found["gb18030"][pointer] = ord(char)
    return found


def labels(folder: Path) -> dict[str, list[str]]:
    """Read the labels of each encoding."""
    source = (folder / "encoding.js").read_text(encoding="utf-8")
    start = source.index("[", source.index("var encodings ="))
    end = source.index("];", start) + 1
    text = re.sub(r'^\s*"?(\w+)"?:', r'"\1":', source[start:end], flags=re.MULTILINE)
    text = re.sub(r",(\s*[\]}])", r"\1", text).replace("'", '"')
    rows = [row for group in json.loads(text) for row in group["encodings"]]
    return {row["name"].lower(): row["labels"] for row in rows}


def big5_code(pointer: int) -> int:
    """Return the two bytes of a pointer into the index."""
    lead, trail = divmod(pointer, 157)
    return (lead + 0x81) << 8 | trail + (0x40 if trail < 0x3F else 0x62)


def added_to_big5(index: list[int | None]) -> list[str]:
    """Return the entries that Python's big5hkscs lacks, as runs: first code, characters."""
    runs: list[str] = []
    expected = 0
    for pointer, point in enumerate(index):
        code = big5_code(pointer)
        if point is None or _decodes(code):
            continue
        if pointer != expected:
            runs.append(f"{code:04x}")
        runs[-1] += chr(point)
        expected = pointer + 1
    return runs


def _decodes(code: int) -> bool:
    try:
        code.to_bytes(2, "big").decode("big5hkscs")
    except UnicodeDecodeError:
        return False
    return True


def wrapped(words: list[str], width: int = 72) -> list[str]:
    """Break words into lines; long ones are cut."""
    lines = [""]
    for word in words:
        for piece in (word[i : i + 30] for i in range(0, len(word), 30)):
            start = piece is word or word.startswith(piece)
            if len(lines[-1]) + len(piece) > width:
                lines.append("")
            lines[-1] += (" " if start and lines != [""] else "") + piece
    return lines


def cns(unihan: Path, big5: list[int | None]) -> bytes:
    """Return the planes of CNS 11643, 94 × 94 characters each, as UTF-32."""
    planes = {plane: [HOLE] * 94 * 94 for plane in PLANES}

    def put(plane: int, code: int, char: str) -> None:
        planes[plane][((code >> 8) - 0x21) * 94 + (code & 0xFF) - 0x21] = char

    for first, last, code in SIGNS:
        place = ((code >> 8) - 0x21) * 94 + (code & 0xFF) - 0x21
        for pointer, point in enumerate(big5):
            if first <= big5_code(pointer) <= last:
                if point is not None:
                    planes[1][place] = chr(point)
                place += 1
    for offset, char in enumerate(ENUMERATORS):
        put(1, 0x2621 + offset, char)
    pattern = re.compile(r"U\+([0-9A-F]+)\tkIRG_TSource\tT([0-9A-F]+)-([0-9A-F]{4})")
    with bz2.open(unihan / "Unihan_IRGSources.txt.bz2", "rt", encoding="utf-8") as lines:
        for line in lines:
            if (found := pattern.match(line)) and int(found[2], 16) in planes:
                put(int(found[2], 16), int(found[3], 16), chr(int(found[1], 16)))
    return "".join("".join(planes[plane]) for plane in PLANES).encode("utf-32-le")


def main() -> None:
    """Write all tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--indexes", type=Path, required=True)
    parser.add_argument("--unihan", type=Path, required=True)
    arguments = parser.parse_args()
    index = indexes(arguments.indexes)
    gb, big5 = index["gb18030"], index["big5"]
    lines = [
        '"""Tables of encodings; written by tools/build_encodings.py, not by hand."""',
        "",
        "#: Big5 of the Encoding Standard, where Python's big5hkscs has nothing: code, characters.",
        "BIG5_ADDED = (",
        *(f'    "{line}"' for line in wrapped(added_to_big5(big5))),
        ")",
        "",
        "#: The labels of the Encoding Standard, each encoding's own name first.",
        "LABELS = {",
    ]
    for name, all_labels in labels(arguments.indexes).items():
        if name in ("replacement", "x-user-defined"):
            continue
        lines.append(f'    "{name}": (')
        rest = [label for label in all_labels if label != name]
        lines += [f'        "{line.strip()} "' for line in wrapped(rest)]
        lines.append("    ),")
    lines.append("}")
    (PACKAGE / "tables.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (PACKAGE / "euc_tw.bin").write_bytes(zlib.compress(cns(arguments.unihan, big5), 9))
    rows = [
        "# Indexes of the WHATWG Encoding Standard (CC-BY-4.0 / BSD-3-Clause), by pointer;",
        "# a line of gb18030, then of big5, U+FFFF for a hole. From tools/build_encodings.py.",
        *(
            "".join(HOLE if point is None else chr(point) for point in part).replace("\n", "")
            for part in (gb, big5)
        ),
    ]
    fixture = ROOT / "tests/fixtures/decode/indexes.txt.xz"
    fixture.write_bytes(lzma.compress("\n".join(rows).encode(), preset=9))


if __name__ == "__main__":
    main()
