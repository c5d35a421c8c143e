"""Build `codepoints-homes.tsv`: characters that stand in for a unified one, and which.

    python tools/build_codepoints.py

Radicals: the properties Decomposition_Mapping (Kangxi) and Equivalent_Unified_Ideograph (CJK
radicals) of Unicode 14, as Perl's `Unicode::UCD` has them. Private use: GBK and GB18030-2000
bytes as Python's `gb18030` decodes them, against the same bytes as glibc's `iconv` does, whose
table is newer (GB18030-2005 and -2022); HKSCS: bytes in Windows' user-defined rows of Big5,
against Python's `big5hkscs`.
"""

from __future__ import annotations

import hashlib
import subprocess
import unicodedata
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "src/zhfix/data/codepoints-homes.tsv"
PROVENANCE = OUT.with_name("codepoints-provenance.toml")
NOTE = """# Written by tools/build_codepoints.py; do not edit.
source = "Unicode 14 properties; GB18030 and Big5-HKSCS as CPython and iconv decode them"
license = "Unicode-3.0 (properties); the mappings of the encodings are facts of public standards"
command = "python tools/build_codepoints.py"

[tables."codepoints-homes.tsv"]
sha256 = "{digest}"
"""
PERL = (
    "use Unicode::UCD 'prop_invmap'; my ($l,$m)=prop_invmap('EqUIdeo');"
    "for my $i (0..$#$l){ next unless $m->[$i]; my $e=$i<$#$l?$l->[$i+1]:$l->[$i]+1;"
    "printf('%d %d'.chr(10),$_,$m->[$i]) for $l->[$i]..$e-1 }"
)
KANGXI = range(0x2F00, 0x2FD6)
SUPPLEMENT = range(0x2E80, 0x2EF4)
PRIVATE = range(0xE000, 0xF900)
#: Windows' user-defined rows of Big5: first lead, last lead, first private-use character.
BIG5_ROWS = (
    (0xFA, 0xFE, 0xE000),
    (0x8E, 0xA0, 0xE311),
    (0x81, 0x8D, 0xEEB8),
    (0xC6, 0xC8, 0xF672),  # U+F672 would be C640, so that C6A1 is U+F6B1
)
BIG5_TRAILS = (*range(0x40, 0x7F), *range(0xA1, 0xFF))


def radicals() -> dict[str, str]:
    """Map radicals to unified ideographs."""
    found = {chr(c): unicodedata.normalize("NFKC", chr(c)) for c in KANGXI}
    perl = subprocess.run(["perl", "-e", PERL], capture_output=True, text=True, check=True)
    for line in perl.stdout.splitlines():
        source, target = map(int, line.split())
        if source in SUPPLEMENT:
            found[chr(source)] = chr(target)
    return found


def iconv(data: bytes) -> str:
    """Decode with glibc; empty when it can't."""
    done = subprocess.run(
        ["iconv", "-f", "GB18030", "-t", "UTF-8"], input=data, capture_output=True, check=False
    )
    return done.stdout.decode() if done.returncode == 0 else ""


def gbk() -> dict[str, str]:
    """Map the private use of GBK and GB18030-2000 to where Unicode put the characters."""
    trails = (*range(0x40, 0x7F), *range(0x80, 0xFF))
    found: dict[str, str] = {}
    for lead in (0xA2, 0xA6, 0xA8, 0xA9, 0xFE):
        for trail in trails:
            pair = bytes((lead, trail))
            old, new = pair.decode("gb18030", "replace"), iconv(pair)
            if len(old) == 1 and ord(old) in PRIVATE and new and ord(new[0]) not in PRIVATE:
                found[old] = new
    # CP936 gave all of FE50–FEA0 to U+E815 on, in order.
    for index, trail in enumerate((*range(0x50, 0x7F), *range(0x80, 0xA1))):
        new = iconv(bytes((0xFE, trail)))
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
    """Write the table."""
    rows = [
        f"{kind}\t{ord(source):04X}\t{ord(target):04X}"
        for kind, table in (("radical", radicals()), ("gbk", gbk()), ("hkscs", hkscs()))
        for source, target in sorted(table.items())
        if len(target) == 1
    ]
    head = "# kind, code point, its home; made by tools/build_codepoints.py from Unicode 14"
    OUT.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    digest = hashlib.sha256(OUT.read_bytes()).hexdigest()
    PROVENANCE.write_text(NOTE.format(digest=digest), "utf-8")
    print(len(rows), "rows")


if __name__ == "__main__":
    main()
