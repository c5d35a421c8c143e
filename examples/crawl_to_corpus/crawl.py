"""Common Crawl to a corpus: three kinds of tasks, each a function from files to one file.

    clean  one WARC or WET file     -> its documents, fixed; hashes of their lines by bucket
    merge  one bucket of hashes     -> the lines that an earlier document has, by part
    write  one part of documents    -> the same without those lines, with scores: Parquet

A task writes its file under another name and then renames it, so a file that is there is whole.
A task whose file is there is not run again: a job that was stopped goes on where it was, and a
task that ran twice, because its worker was lost, writes the same bytes. `job.py` runs the tasks
of each kind on an engine; nothing here knows which.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from zhfix import script
from zhfix.document import Document
from zhfix.etl import Counters, Spec
from zhfix.etl.arrow import REPORT, report_array
from zhfix.etl.rows import Remark, fix_rows, remarks
from zhfix.html import decode_html, extract
from zhfix.html.blocks import read as read_blocks

KINDS = ("clean", "merge", "write")

BATCH = 256
"""Documents that are worked on, and written, at a time: bounds the memory of a task."""
LEAST_HAN = 0.2
"""A page is Chinese when so much of its visible text is Han characters."""
LEAST_LINE = 12
"""Shorter lines may come again: lines of dialogue, headings, dates."""
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: Bytes that a page of ASCII has when it writes Chinese as escapes.
ESCAPES = re.compile(rb"&#|\\u")

PAGES = pa.schema(
    [
        ("url", pa.string()),
        ("encoding", pa.string()),
        ("text", pa.string()),
        ("seen", pa.int64()),
        ("came", pa.int64()),
        ("edits", REPORT),
    ]
)
LINES = pa.schema([("line", pa.binary(8)), ("page", pa.int64()), ("start", pa.int64())])
REPEATED = pa.schema([("page", pa.int64()), ("start", pa.int64())])
CORPUS = pa.schema(
    [
        ("text", pa.string()),
        ("url", pa.string()),
        ("encoding", pa.string()),
        ("script", pa.string()),
        ("score", pa.float64()),
        ("damage", pa.float64()),
        ("boilerplate", pa.float64()),
        ("spam", pa.float64()),
        ("repeated", pa.float64()),
        ("edits", REPORT),
    ]
)


@dataclass(frozen=True)
class Job:
    """What is to be done: which files, to which folder, by which pipeline.

    `pages` is for the text of whole pages (WET), `articles` for what was taken out of HTML.
    """

    inputs: tuple[str, ...]
    out: str
    pages: Spec
    articles: Spec
    buckets: int = 16

    @classmethod
    def of(cls, inputs: Sequence[str], out: str, to: str | None = None, buckets: int = 16) -> Job:
        """Make the job of the default pipeline."""
        articles = Spec.of(to, strip={"whole_pages": False})
        return cls(tuple(inputs), out, Spec.of(to), articles, buckets)

    @property
    def name(self) -> str:
        """Equal for jobs with equal output: files of another job are not taken for this one's."""
        sizes = [(Path(path).name, Path(path).stat().st_size) for path in self.inputs]
        text = f"{self.pages.fingerprint} {self.articles.fingerprint} {self.buckets} {sizes}"
        return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]

    def file(self, kind: str, number: int) -> Path:
        """Return the file that a task makes."""
        folder = Path(self.out) / ("corpus" if kind == "write" else f"work/{kind}")
        return folder / f"part-{number:05d}.parquet"

    def tasks(self, kind: str) -> list[int]:
        """Return the tasks of a kind that remain to be done."""
        count = self.buckets if kind == "merge" else len(self.inputs)
        return [n for n in range(count) if not is_done(self.file(kind, n), self.name)]


def run(job: Job, name: str, kind: str, number: int) -> None:
    """Run one task: the function that an engine sends to its workers."""
    {"clean": clean, "merge": merge, "write": write}[kind](job, name, number)


class Page(NamedTuple):
    """A record of an archive as text: `seen` counts the characters that the page shows."""

    url: str
    encoding: str
    text: str
    seen: int
    is_article: bool


def clean(job: Job, name: str, number: int) -> None:
    """Fix the documents of one archive."""
    with Output(job.file("clean", number), PAGES, name) as out:
        hashes: list[Line] = []
        count = 0
        pages = read_archive(job.inputs[number], out.counters)
        while batch := list(islice(pages, BATCH)):
            rows = [row_of(page, document) for page, document in fix_pages(job, batch)]
            for place, row in enumerate(rows):
                hashes += line_hashes(row["text"], count + place)
                out.counters.add_remarks(row["edits"])
            out.write(rows)
            count += len(rows)
        write_lines(job, name, number, hashes)


def fix_pages(job: Job, pages: list[Page]) -> list[tuple[Page, Document]]:
    """Fix a batch of pages, articles and whole pages each by its pipeline."""
    done: dict[int, Document | None] = {}
    for spec, is_article in ((job.articles, True), (job.pages, False)):
        places = [n for n, page in enumerate(pages) if page.is_article == is_article]
        texts = [pages[n].text for n in places]
        done.update(zip(places, fix_rows(texts, spec), strict=True))
    return [(page, fixed) for n, page in enumerate(pages) if (fixed := done[n]) is not None]


def row_of(page: Page, document: Document) -> dict[str, Any]:
    """Return a row of `PAGES`."""
    return {
        "url": page.url,
        "encoding": page.encoding,
        "text": document.text,
        "seen": page.seen,
        "came": len(page.text),
        "edits": remarks(document),
    }


def read_archive(path: str, counters: Counters) -> Iterator[Page]:
    """Yield the Chinese pages of a WARC or WET file; a record that cannot be read is counted."""
    from fastwarc import ArchiveIterator, WarcRecordType

    wanted = WarcRecordType.response | WarcRecordType.conversion
    with Path(path).open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=wanted, parse_http=True):
            url = record.headers.get("WARC-Target-URI") or ""
            data = record.reader.read()
            if data.isascii() and not ESCAPES.search(data):
                counters.rules["crawl/not-chinese"] += 1
                continue
            try:
                page = read_record(url, data, record)
            except Exception:  # noqa: BLE001 -- one page among billions must not stop a job
                counters.rules["crawl/unreadable"] += 1
                continue
            if len(HAN.findall(page.text)) < LEAST_HAN * max(1, len(page.text)):
                counters.rules["crawl/not-chinese"] += 1
                continue
            yield page


def read_record(url: str, data: bytes, record: Any) -> Page:
    """Turn the body of a record into text: WET is UTF-8 text, WARC the page as it was sent."""
    if not record.is_http:
        text = data.decode("utf-8", "replace")
        return Page(url, "utf-8", text, len(text), is_article=False)
    decoded = decode_html(data, charset=record.http_charset)
    if (record.http_content_type or "text/html").startswith("text/plain"):
        return Page(url, decoded.encoding, decoded.text, len(decoded.text), is_article=False)
    seen = sum(len(block.text) for block in read_blocks(decoded.text).blocks)
    return Page(url, decoded.encoding, extract(decoded.text), seen, is_article=True)


class Line(NamedTuple):
    """A line that counts as repeated when it comes again: its hash, its page, and where it is."""

    line: bytes
    page: int
    start: int


def line_hashes(text: str, page: int) -> Iterator[Line]:
    """Yield the lines of a page that are long enough."""
    start = 0
    for line in text.split("\n"):
        if len(line.strip()) >= LEAST_LINE:
            digest = hashlib.blake2b(line.strip().encode("utf-8", "replace"), digest_size=8)
            yield Line(digest.digest(), page, start)
        start += len(line) + 1


def bucket_of(digest: bytes, buckets: int) -> int:
    """Return the bucket that merges a hash."""
    return int.from_bytes(digest[:4], "big") % buckets


def write_lines(job: Job, name: str, number: int, hashes: list[Line]) -> None:
    """Write the hashes of a part, a row group for each bucket."""
    buckets: list[list[dict[str, Any]]] = [[] for _ in range(job.buckets)]
    for each in hashes:
        buckets[bucket_of(each.line, job.buckets)].append(each._asdict())
    with Output(lines_file(job, number), LINES, name) as out:
        for rows in buckets:
            out.write(rows)


def lines_file(job: Job, number: int) -> Path:
    """Return the file with the hashes of a part."""
    return Path(job.out) / "work" / "lines" / f"part-{number:05d}.parquet"


def merge(job: Job, name: str, number: int) -> None:
    """Find the lines of one bucket that an earlier part, or an earlier page of a part, has."""
    known: set[bytes] = set()
    with Output(job.file("merge", number), REPEATED, name) as out:
        for part in range(len(job.inputs)):
            rows = pq.ParquetFile(lines_file(job, part)).read_row_group(number).to_pylist()
            repeated = []
            for row in rows:
                if row["line"] in known:
                    repeated.append({"page": row["page"], "start": row["start"]})
                known.add(row["line"])
            out.write(repeated)


def write(job: Job, name: str, number: int) -> None:
    """Write one part of the corpus: without repeated lines, with scores."""
    repeated: dict[int, list[int]] = {}
    for bucket in range(job.buckets):
        group = pq.ParquetFile(job.file("merge", bucket)).read_row_group(number)
        for row in group.to_pylist():
            repeated.setdefault(row["page"], []).append(row["start"])
    source = pq.ParquetFile(job.file("clean", number))
    with Output(job.file("write", number), CORPUS, name) as out:
        out.counters += counters_of(source.metadata)
        dropped = sum(map(len, repeated.values()))
        out.counters.rules["crawl/repeated-line"] += dropped
        out.counters.stages["dedup"] += dropped
        count = 0
        for group in range(source.num_row_groups):
            rows = source.read_row_group(group).to_pylist()
            made = [finish(row, repeated.get(count + n, [])) for n, row in enumerate(rows)]
            count += len(rows)
            out.write([row for row in made if row["text"].strip()])


def finish(row: dict[str, Any], starts: list[int]) -> dict[str, Any]:
    """Drop the repeated lines of a page, each as an edit of its report, and score it."""
    text, report = row["text"], row["edits"]
    drops = [drop_line(text, start) for start in sorted(starts)]
    for drop in reversed(drops):
        text = text[: drop["start"]] + text[drop["end"] :]
    report = report + drops
    shares = shares_of(report, row["seen"], row["came"])
    return {
        "text": text,
        "url": row["url"],
        "encoding": row["encoding"],
        "script": script(text).script,
        "score": max(0.0, round(1.0 - sum(shares.values()), 4)),
        "edits": report,
        **shares,
    }


def drop_line(text: str, start: int) -> Remark:
    """Return the edit that takes out a line and its end."""
    end = text.find("\n", start) + 1 or len(text)
    return Remark(
        kind="edit",
        stage="dedup",
        rule="crawl/repeated-line",
        start=start,
        end=end,
        before=text[start:end],
        after="",
        confidence=1.0,
        proof=None,
        reason="an earlier page of the crawl has this line",
    )


def shares_of(report: list[Remark], seen: int, came: int) -> dict[str, float]:
    """Return which shares of what the page shows were damaged, boilerplate, spam, and repeated.

    `damage` counts characters that were repaired or stay damaged, `boilerplate` those that the
    article was taken out of and those that were stripped from it.
    """
    sizes = {"damage": 0, "boilerplate": max(0, seen - came), "spam": 0, "repeated": 0}
    for remark in report:
        size = len(remark["before"] or "")
        if remark["stage"] == "dedup":
            sizes["repeated"] += size
        elif remark["kind"] == "finding" or remark["stage"] == "repair":
            sizes["damage"] += size
        elif remark["kind"] == "edit" and remark["stage"] == "strip":
            kind = "spam" if remark["rule"].startswith("spam/") else "boilerplate"
            sizes[kind] += size
    return {name: round(min(1.0, size / max(1, seen)), 4) for name, size in sizes.items()}


class Output:
    """A Parquet file that is there only when it is whole; its metadata hold job and counters."""

    def __init__(self, path: Path, schema: pa.Schema, name: str) -> None:
        self._path = path
        self._schema = schema
        self._name = name
        self._half = path.with_name(f".{path.name}.{uuid4().hex}")
        self.counters = Counters()

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(self._half, self._schema, compression="zstd")
        return self

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Write a row group."""
        columns = [
            report_array([row[field.name] for row in rows])
            if field.type == REPORT
            else pa.array([row[field.name] for row in rows], field.type)
            for field in self._schema
        ]
        table = pa.Table.from_arrays(columns, schema=self._schema)
        self._writer.write_table(table, row_group_size=max(1, len(rows)))

    def __exit__(self, kind: object, *_: object) -> None:
        metadata = {"job": self._name, "counters": self.counters.to_json()}
        self._writer.add_key_value_metadata(metadata)
        self._writer.close()
        if kind is None:
            self._half.replace(self._path)
        else:
            self._half.unlink()


def is_done(path: Path, name: str) -> bool:
    """Tell whether a task of this very job wrote the file."""
    return path.exists() and (pq.read_metadata(path).metadata or {}).get(b"job") == name.encode()


def total(job: Job) -> Counters:
    """Add up the counters of all parts."""
    files = [pq.read_metadata(job.file("write", n)) for n in range(len(job.inputs))]
    return sum(map(counters_of, files), Counters())


def counters_of(metadata: pq.FileMetaData) -> Counters:
    """Return the counters that a file carries."""
    return Counters.from_json(metadata.metadata[b"counters"].decode("utf-8"))
