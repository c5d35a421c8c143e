"""Count the clean lines that repair changes, line by line and file by file.

    python tools/measure_clean.py [--data ../shared/data]

Every change is printed: a change to clean text is our worst bug.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from pathlib import Path

import zhfix

SHARED = Path(__file__).resolve().parent.parent.parent / "shared/data"


def main() -> None:
    """Run, print, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SHARED)
    options = parser.parse_args()
    pipeline = zhfix.default().only("detect", "repair")
    lines = changed = changed_in_files = 0
    for path in sorted((options.data / "clean").glob("*.txt.gz")):
        text = gzip.decompress(path.read_bytes()).decode("utf-8")
        changed_in_files += report(path.name, pipeline.run(text))
        for line in text.split("\n"):
            lines += 1
            document = pipeline.run(line)
            changed += document.text != line
            report(path.name, document)
    print(f"{lines} lines: {changed} changed alone, {changed_in_files} edits in whole files")


def report(name: str, document: zhfix.Document) -> int:
    """Print the edits of a document; return how many there are."""
    for edit in document.edits:
        where = document.original[max(0, edit.span.start - 10) : edit.span.end + 10]
        print(f"{name}: {where!r}: {edit.before!r} -> {edit.after!r} {edit.rule}", file=sys.stderr)
    return len(document.edits)


if __name__ == "__main__":
    main()
