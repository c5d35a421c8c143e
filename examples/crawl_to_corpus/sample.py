"""Make WARC and WET files to try the job on, from the pages of the test fixtures.

    python sample.py FOLDER [--files 6] [--pages 60] [--html DIR]

Half of the files are WARC, half WET. Pages are put together, always in the same way, from real
damaged pages, clean paragraphs and boilerplate, and sent in several encodings with right, wrong
or no declaration; some of their lines come again on other pages, and some pages are no Chinese.
`--html` takes pages from `*.html` and `*.html.gz` below a folder instead: to measure costs.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"

#: Encoding of the bytes, and what the header and the page say about it.
SENT = (
    ("utf-8", "utf-8", "utf-8"),
    ("utf-8", None, "utf-8"),
    ("gb18030", None, "gbk"),
    ("gb18030", "gb2312", None),
    ("gb18030", None, None),
    ("utf-8", "gbk", None),
)
REPEATED = 0.3
"""So many paragraphs stand on a page as they stand on others."""
FOREIGN = 0.1
"""So many pages are not Chinese."""


class Page(NamedTuple):
    """A page as a server sends it."""

    url: str
    charset: str | None
    body: bytes
    text: str


def paragraphs() -> list[str]:
    """Return clean paragraphs."""
    folder = FIXTURES / "strip" / "untouched"
    lines = [line for path in sorted(folder.glob("*.txt")) for line in read_lines(path)]
    cases = json.loads((FIXTURES / "repair" / "untouched.json").read_text("utf-8"))
    texts = [*lines, *(line for case in cases for line in case["input"].split("\n"))]
    return [text for text in texts if len(text) >= 12 and "----" not in text]


def damaged() -> list[str]:
    """Return damaged texts: of a spam mirror, and other real ones."""
    cases = json.loads((FIXTURES / "repair" / "in-the-wild.json").read_text("utf-8"))
    page = (FIXTURES / "seed" / "page.txt").read_text("utf-8")
    return [page, *(case["input"] for case in cases)]


def furniture() -> list[tuple[list[str], list[str]]]:
    """Return the lines of sites: those over the work, and those below."""
    found = []
    for path in sorted((FIXTURES / "strip" / "pages").glob("*.txt")):
        lines = [line for line in read_lines(path) if line[:2] in ("+ ", "- ")]
        works = [n for n, line in enumerate(lines) if line[0] == "+"]
        over, below = lines[: works[0]], lines[works[-1] + 1 :]
        found.append(([line[2:] for line in over], [line[2:] for line in below]))
    return found


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file that are not empty."""
    return [line for line in path.read_text("utf-8").split("\n") if line.strip()]


def made_pages(count: int, seed: int) -> Iterator[Page]:
    """Put pages together."""
    chance = random.Random(seed)  # noqa: S311 -- a sample that is the same every time
    clean, hurt, sites = paragraphs(), damaged(), furniture()
    for number in range(count):
        url = f"http://example.org/{seed}/{number}"
        if chance.random() < FOREIGN:
            body = f"<p>Page {number}: caf\u00e9, na\u00efve, {chance.random()}</p>" * 40
            yield Page(url, "utf-8", body.encode("utf-8"), body)
            continue
        lines = [chance.choice(clean) for _ in range(chance.randint(3, 12))]
        work = [
            line if chance.random() < REPEATED else f"{line}（见第{seed}卷第{number}号之{n}）"
            for n, line in enumerate(lines)
        ]
        if chance.random() < 0.2:
            work += [line for line in chance.choice(hurt).split("\n") if line.strip()]
        over, below = chance.choice(sites)
        text = "\n".join([*over, *work, *below])
        encoding, header, declared = chance.choice(SENT)
        page = page_of(over, work, below, declared).encode(encoding, "xmlcharrefreplace")
        yield Page(url, header, page, text)


def page_of(over: list[str], work: list[str], below: list[str], declared: str | None) -> str:
    """Write a page of HTML."""
    meta = f'<meta charset="{declared}">' if declared else ""
    parts = (
        f"<!doctype html><html><head>{meta}<title>{html.escape(over[0] if over else '')}</title>",
        "</head><body><div class=nav>",
        *(f"<div>{html.escape(line)}</div>" for line in over),
        "</div><div class=content>",
        *(f"<p>{html.escape(line)}</p>" for line in work),
        "</div><div class=footer>",
        *(f"<div>{html.escape(line)}</div>" for line in below),
        "</div></body></html>",
    )
    return "\n".join(parts)


def real_pages(folder: Path) -> Iterator[Page]:
    """Take pages from files."""
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.html.gz")]):
        data = path.read_bytes()
        body = gzip.decompress(data) if path.suffix == ".gz" else data
        yield Page(f"file:///{path.name}", None, body, "")


def record(kind: str, url: str, number: int, content: str, body: bytes) -> bytes:
    """Write a record as one member of gzip, as Common Crawl does."""
    head = (
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012x}>",
        "WARC-Date: 2026-01-01T00:00:00Z",
        f"Content-Type: {content}",
        f"Content-Length: {len(body)}",
    )
    data = "\r\n".join([*head, "", ""]).encode("utf-8") + body + b"\r\n\r\n"
    return gzip.compress(data, mtime=0)


def write_warc(path: Path, pages: Iterable[Page]) -> None:
    """Write pages as they were sent."""
    with path.open("wb") as out:
        for number, page in enumerate(pages):
            charset = f"; charset={page.charset}" if page.charset else ""
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html{charset}\r\n\r\n"
            body = head.encode("ascii") + page.body
            content = "application/http; msgtype=response"
            out.write(record("response", page.url, number, content, body))


def write_wet(path: Path, pages: Iterable[Page]) -> None:
    """Write pages as the text that they show."""
    with path.open("wb") as out:
        for number, page in enumerate(pages):
            out.write(record("conversion", page.url, number, "text/plain", page.text.encode()))


def make(folder: Path, *, files: int = 6, pages: int = 60) -> list[str]:
    """Make files, and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(files):
        suffix, writer = (".warc.gz", write_warc) if number % 2 == 0 else (".wet.gz", write_wet)
        path = folder / f"sample-{number:03d}{suffix}"
        writer(path, made_pages(pages, number))
        made.append(str(path))
    return made


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=6)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--html", type=Path)
    chosen = parser.parse_args()
    if chosen.html:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        path = chosen.folder / "pages.warc.gz"
        write_warc(path, real_pages(chosen.html))
        print(path)
    else:
        print("\n".join(make(chosen.folder, files=chosen.files, pages=chosen.pages)))


if __name__ == "__main__":
    main()
