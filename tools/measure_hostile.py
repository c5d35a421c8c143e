"""Show that the time for hostile text grows with its length: 1 kB to 10 MB of one unit each.

    python tools/measure_hostile.py [--largest 10000000] [--only UNIT]

Each unit is repeated until the text has so many bytes, and is detected and repaired. What is
printed is processor time in microseconds per byte of UTF-8; it must not grow.
"""

from __future__ import annotations

import argparse
import time

import zhfix

UNITS = (
    *("u4e2d ", "u4e2du56fd ", "&#20013;", "&#", "&amp;", "&nbsp;", "#x4e2d;", "%E4", "%u4E2D"),
    *("%E4=", "a%E4 ", "=E4", "=E4=B8=AD", "=\n", "+A", "+Ti1W/Q-", "&Ti1W,Q-", "~{", "~{VP9z~}"),
    *('"\\u4e2d', "'\\u4e2d\\u56fd'", "\\u4e2d\\u56fd", "\\xe4\\xb8\\xad", "\\344\\270\\255"),
    *(
        "=?gb2312?B?",
        "=?gb2312?B?1tC5+g==?= ",
        "U+4E2D",
        "<U+4E2D>",
        "[\\u4e00-\\u9fff]",
        "{;",
        "x = ",
    ),
    *("⽂", "⽂件", "中\u200b", "中\x00", "\ue81e", "中\ue81e", "\uf900", "Ａ", "N-噀W", "-\x00N"),
    *("網(wǎng)", "滿(man)", "中(", "(wǎng)", "?guī)", "?", "??", "？?", "?，", "中?，", "?\ufffd"),
    *("「C(wō)", "家?guī)熧", "??植澜", "滿(man)滿(man)的(de)", '<tr id="yyy80"></tr>'),
    *(
        "今天,",
        "今天(周一),",
        "(",
        "中,文:",
        "锟斤拷",
        "锟",
        "\ufffd",
        "\ufffdé",
        "烫",
        "屯屯",
        "□",
        "???? ",
    ),
    *("\ud800", "中\ud800", "鏂囦欢", "锛?", "é", "ä¸\xad", "的"),
)
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)


def main() -> None:
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--only", help="this unit alone")
    parser.add_argument("--ignore", default="", help="families of rules to leave out, by commas")
    options = parser.parse_args()
    ignore = [name for name in options.ignore.split(",") if name]
    slots = {"detect": {"ignore": ignore}, "repair": {"ignore": ignore}} if ignore else {}
    pipeline = zhfix.default(**slots).only("detect", "repair")
    sizes = [size for size in SIZES if size <= options.largest]
    print(f"{'unit':24}" + "".join(f"{size:>12,}" for size in sizes) + "  microseconds per byte")
    for unit in [options.only] if options.only else UNITS:
        width = len(unit.encode("utf-8", "surrogatepass"))
        row = []
        for size in sizes:
            text = unit * (size // width)
            start = time.process_time()
            pipeline.fix(text)
            row.append((time.process_time() - start) * 1e6 / size)
        print(f"{unit!r:24}" + "".join(f"{each:12.2f}" for each in row), flush=True)


if __name__ == "__main__":
    main()
