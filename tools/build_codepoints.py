"""Build `codepoints-homes.tsv`: characters that stand in for a unified one, and which.

    python tools/build_codepoints.py [--check]

Nothing is read but this file, Python's own tables and the package's. Radicals: the decompositions
of Python's `unicodedata` for the Kangxi radicals, which Unicode never changes, and for the CJK
radicals the property Equivalent_Unified_Ideograph of Unicode 14, written down below. Private use:
GBK and GB18030-2000 bytes as Python's `gb18030` decodes them, against the same bytes in the 2022
edition, as the Encoding Standard has it and `zhfix.decoding.gb18030` decodes; HKSCS: bytes in
Windows' user-defined rows of Big5, against Python's `big5hkscs`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import unicodedata
from pathlib import Path

from zhfix.decoding import gb18030

OUT = Path(__file__).resolve().parent.parent / "src/zhfix/data/codepoints-homes.tsv"
PROVENANCE = OUT.with_name("codepoints-provenance.toml")
NOTE = """# Written by tools/build_codepoints.py; do not edit.
source = "Unicode 14 properties; GB18030 of the Encoding Standard, Big5-HKSCS as CPython decodes it"
license = "Unicode-3.0 (properties); the mappings of the encodings are facts of public standards"
command = "python tools/build_codepoints.py"

[tables."codepoints-homes.tsv"]
sha256 = "{digest}"
"""
KANGXI = range(0x2F00, 0x2FD6)
#: CJK radicals and the ideographs that they are: EquivalentUnifiedIdeograph-14.0.0.txt.
SUPPLEMENT = (
    "⺁厂 ⺂乛 ⺃乚 ⺄乙 ⺅亻 ⺆冂 ⺇𠘨 ⺈刀 ⺉刂 ⺊卜 ⺋㔾 ⺌小 ⺍小 ⺎兀 ⺏尣 ⺐尢 "
    "⺑𡯂 ⺒巳 ⺓幺 ⺔彑 ⺕彐 ⺖忄 ⺗心 ⺘扌 ⺙攵 ⺛旡 ⺜日 ⺝月 ⺞歺 ⺟母 ⺠民 ⺡氵 "
    "⺢氺 ⺣灬 ⺤爫 ⺥爫 ⺦丬 ⺧牛 ⺨犭 ⺩王 ⺪𤴔 ⺫目 ⺬示 ⺭礻 ⺮𥫗 ⺯糹 ⺰纟 ⺱罓 "
    "⺲罒 ⺳㓁 ⺴冗 ⺵𦉫 ⺶羊 ⺷𦍌 ⺸𦍋 ⺹耂 ⺺肀 ⺻聿 ⺼肉 ⺽𦥑 ⺾艹 ⺿艹 ⻀艹 ⻁虎 "
    "⻂衤 ⻃覀 ⻄西 ⻅见 ⻆角 ⻇𧢲 ⻈讠 ⻉贝 ⻊𧾷 ⻋车 ⻌辶 ⻍辶 ⻎辶 ⻏邑 ⻐钅 ⻑長 "
    "⻒镸 ⻓长 ⻔门 ⻕𨸏 ⻖阝 ⻗雨 ⻘青 ⻙韦 ⻚页 ⻛风 ⻜飞 ⻝食 ⻞𩙿 ⻟飠 ⻠饣 ⻡𩠐 "
    "⻢马 ⻣骨 ⻤鬼 ⻥鱼 ⻦鸟 ⻧卤 ⻨麦 ⻩黄 ⻪黾 ⻫斉 ⻬齐 ⻭歯 ⻮齿 ⻯竜 ⻰龙 ⻱龜 "
    "⻲亀 ⻳龟 "
)
PRIVATE = range(0xE000, 0xF900)
#: Windows' user-defined rows of Big5: first lead, last lead, first private-use character.
BIG5_ROWS = (
    (0xFA, 0xFE, 0xE000),
    (0x8E, 0xA0, 0xE311),
    (0x81, 0x8D, 0xEEB8),
    (0xC6, 0xC8, 0xF672),  # U+F672 would be C640, so that C6A1 is U+F6B1
)
BIG5_TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))


#: GB18030-2005 and -2022 name these of extension B; the Encoding Standard keeps the old places.
EXTENSION_B = {0xFE51: "𠂇", 0xFE52: "𠂉", 0xFE53: "𠃌", 0xFE6C: "𡗗", 0xFE76: "𢦏", 0xFE91: "𤇾"}


def radicals() -> dict[str, str]:
    """Map radicals to unified ideographs."""
    found = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in KANGXI}
    return found | {pair[0]: pair[1] for pair in SUPPLEMENT.split()}


def standard(pair: bytes) -> str:
    """Decode two bytes as the 2022 edition does."""
    return EXTENSION_B.get(int.from_bytes(pair, "big")) or gb18030.decode(pair).text


def gbk() -> dict[str, str]:
    """Map the private use of GBK and GB18030-2000 to where Unicode put the characters."""
    trails = (*range(0x40, 0x7F), *range(0x80, 0xFF))
    found: dict[str, str] = {}
    for lead in (0xA2, 0xA6, 0xA8, 0xA9, 0xFE):
        for trail in trails:
            pair = bytes((lead, trail))
            old, new = pair.decode("gb18030", "replace"), standard(pair)
            if len(old) == 1 and ord(old) in PRIVATE and new and ord(new[0]) not in PRIVATE:
                found[old] = new
    # CP936 gave all of FE50–FEA0 to U+E815 on, in order.
    for index, trail in enumerate((*range(0x50, 0x7F), *range(0x80, 0xA1))):
        new = standard(bytes((0xFE, trail)))
        if new and ord(new[0]) not in PRIVATE:
            found[chr(0xE815 + index)] = new
    return found


def hkscs() -> dict[str, str]:
    """Map Big5 user-defined private use to what HKSCS has in those cells."""
    found: dict[str, str] = {}
    for first, last, start in BIG5_ROWS:
        cells = [(lead, trail) for lead in range(first, last + 1) for trail in BIG5_TRAILS]
        for index, pair in enumerate(cells):
            try:
                char = bytes(pair).decode("big5hkscs")
            except UnicodeDecodeError:
                continue
            is_user_defined = pair[0] != 0xC6 or pair[1] >= 0xA1
            if is_user_defined and len(char) == 1 and unicodedata.category(char) == "Lo":
                found[chr(start + index)] = char
    return found


def main() -> None:
    """Write the table, or tell whether it is the one that would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    rows = [
        f"{kind}\t{ord(source):04X}\t{ord(target):04X}"
        for kind, table in (("radical", radicals()), ("gbk", gbk()), ("hkscs", hkscs()))
        for source, target in sorted(table.items())
        if len(target) == 1
    ]
    head = "# kind, code point, its home; made by tools/build_codepoints.py from Unicode 14"
    table = "\n".join([head, *rows]) + "\n"
    if options.check:
        sys.exit(0 if OUT.read_text("utf-8") == table else f"{OUT.name} is not up to date")
    OUT.write_text(table, "utf-8")
    digest = hashlib.sha256(OUT.read_bytes()).hexdigest()
    PROVENANCE.write_text(NOTE.format(digest=digest), "utf-8")
    print(len(rows), "rows")


if __name__ == "__main__":
    main()
