"""Web archives: WET keeps its form, and pages of a WARC become articles in JSON Lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zhfix.command.exits import InputError
from zhfix.command.formats import Seen
from zhfix.command.formats.archive import body_of, read_records
from zhfix.command.text import Origin
from zhfix.command.views import as_json
from zhfix.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.command.formats import Work
    from zhfix.command.formats.archive import Record

__all__ = ["records"]

PAGES = ("text/html", "application/xhtml+xml")
#: Headers that are not true any more once the text has changed.
OF_CONTENT = ("content-length", "warc-block-digest", "warc-payload-digest")


def records(work: Work) -> Iterator[Seen]:
    """Work on the text records of a WET file, or on the pages of a WARC file.

    A WET file comes out as a WET file. Of a WARC file, every page comes out as a JSON object
    with its address, date, encoding, text, and what the page says about itself.
    """
    work.out.begin(Origin("utf-8"))
    info: list[Record] = []
    for number, record in enumerate(read_records(work.stream, work.task.reading.max_record), 1):
        kind = record.get("WARC-Type")
        if kind == "warcinfo":
            info.append(record)
        elif kind == "conversion":
            # What the file is, only its first record of text says; the head waits for it.
            for each in info:
                work.out.raw(_written(each, each.content), changed=False)
            info.clear()
            yield _conversion(work, record, number)
        elif kind == "response" and record.content.startswith(b"HTTP/"):
            if work.task.writing.in_place:
                raise InputError("pages become JSON Lines and cannot replace their archive; use -o")
            yield from _response(work, record, number)


def _conversion(work: Work, record: Record, number: int) -> Seen:
    document = work.pipeline.run_bytes(record.content)
    made = document.text.encode("utf-8", "surrogatepass")
    work.out.raw(_written(record, made), changed=made != record.content)
    return Seen(document, number, record.get("WARC-Target-URI"))


def _response(work: Work, record: Record, number: int) -> Iterator[Seen]:
    from zhfix import html as pages

    kind, body = body_of(record.content, work.task.reading.max_record)
    facts: dict[str, Any] = {}
    if kind in PAGES:
        decoded = pages.decode_html(body)
        article = pages.extract(decoded.text, extractor=work.task.reading.extractor or "zhfix")
        document = work.pipeline.run_document(Document(article, encoding=decoded.encoding))
        facts = {"metadata": pages.metadata(decoded.text).as_dict()}
    elif kind == "text/plain":
        document = work.pipeline.run_bytes(body)
    else:
        return
    made = {
        "url": record.get("WARC-Target-URI"),
        "date": record.get("WARC-Date"),
        "encoding": document.encoding,
        "text": document.text,
        **facts,
    }
    work.out.raw(f"{as_json(made)}\n".encode(), changed=True)
    yield Seen(document, number, record.get("WARC-Target-URI"))


def _written(record: Record, data: bytes) -> bytes:
    """Write a record with the right length; digests of the old text go when it changed."""
    same = data == record.content
    head = [record.version]
    for key, value in record.headers:
        if key.lower() == "content-length":
            head.append(f"{key}: {len(data)}")
        elif same or key.lower() not in OF_CONTENT:
            head.append(f"{key}: {value}")
    text = "\r\n".join([*head, "", ""])
    return text.encode("utf-8", "surrogateescape") + data + b"\r\n\r\n"
