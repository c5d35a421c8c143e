"""Measure what the job costs: core-hours per terabyte of WARC, and what 100 TB need.

    python cost.py CHINESE OTHER [--share 0.05]

Both are folders with pages (`*.html`, `*.html.gz`): Chinese ones, and pages that are not
Chinese, of which a crawl has many more. Each is packed as Common Crawl packs pages, one member
of gzip a record, and the job is run over it in one process. Counted is the time of the processor.
`--share` is the share of a crawl's bytes that Chinese pages have; Common Crawl publishes the
languages of each crawl.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import crawl
import sample

TERABYTE = 1e12
TARGET = 100
"""Terabytes: about one crawl of Common Crawl, as WARC."""


def measure(folder: Path, scratch: Path) -> tuple[float, dict[str, float]]:
    """Return the bytes of the archive of a folder's pages, and seconds by kind of task."""
    pages = list(sample.real_pages(folder))
    scratch.mkdir()
    path = scratch / "pages.warc.gz"
    sample.write_warc(path, pages)
    job = crawl.Job.of([str(path)], str(scratch))
    seconds = {}
    for kind in crawl.KINDS:
        start = time.process_time()
        for number in job.tasks(kind):
            crawl.run(job, job.name, kind, number)
        seconds[kind] = time.process_time() - start
    size = path.stat().st_size
    html = sum(len(page.body) for page in pages)
    rows = crawl.total(job).rows
    print(f"{folder}: {len(pages)} pages, {html / 1e6:.1f} MB of HTML, {size / 1e6:.2f} MB as WARC")
    print(
        f"  {rows} documents kept; seconds {', '.join(f'{k} {s:.2f}' for k, s in seconds.items())}"
    )
    return size, seconds


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("chinese", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("--share", type=float, default=0.05)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        # Tables are loaded once a process: what follows is the cost of a long job.
        warm = crawl.Job.of(sample.make(Path(scratch) / "warm", files=2, pages=10), scratch)
        for kind in crawl.KINDS:
            for number in warm.tasks(kind):
                crawl.run(warm, warm.name, kind, number)
        hours = []
        for name, folder in (("chinese", chosen.chinese), ("other", chosen.other)):
            size, seconds = measure(folder, Path(scratch) / name)
            hours.append(sum(seconds.values()) / size * TERABYTE / 3600)
    mean = chosen.share * hours[0] + (1 - chosen.share) * hours[1]
    print(f"core-hours per TB of WARC: {hours[0]:.0f} Chinese, {hours[1]:.0f} other")
    print(f"{TARGET} TB with {chosen.share:.0%} Chinese: {TARGET * mean:,.0f} core-hours, ", end="")
    print(f"or {TARGET * mean / 24 / 1000:,.1f} days of 1,000 cores")
    print(f"{TARGET} TB of Chinese alone: {TARGET * hours[0]:,.0f} core-hours")


if __name__ == "__main__":
    main()
