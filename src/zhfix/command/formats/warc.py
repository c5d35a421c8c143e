"""Web archives: WET keeps its form, and pages of a WARC become articles in JSON Lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zhfix.command.exits import InputError
from zhfix.command.formats import Seen
from zhfix.command.text import Origin
from zhfix.document import Document
from zhfix.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.command.formats import Work

__all__ = ["records"]

PAGES = ("text/html", "application/xhtml+xml")


def records(work: Work) -> Iterator[Seen]:
    """Work on the text records of a WET file, or on the pages of a WARC file.

    A WET file comes out as a WET file. Of a WARC file, every page comes out as a JSON object
    with its address, date, encoding, text, and what the page says about itself.
    """
    warc = _fastwarc()
    work.out.begin(Origin("utf-8"))
    number = 0
    try:
        for record in warc.ArchiveIterator(work.stream, parse_http=True):
            number += 1
            if record.record_type == warc.WarcRecordType.conversion:
                yield from _conversion(work, record, number)
            elif record.record_type == warc.WarcRecordType.response and record.is_http:
                yield from _response(work, record, number)
            elif record.record_type == warc.WarcRecordType.warcinfo:
                _info(work, record)
    except ValueError as error:
        raise InputError(f"record {number}: broken web archive: {error}") from None


def _conversion(work: Work, record: Any, number: int) -> Iterator[Seen]:
    data = _content(work, record)
    document = work.pipeline.run_bytes(data)
    made = document.text.encode("utf-8", "surrogatepass")
    work.out.raw(_written(record, made), changed=made != data)
    yield Seen(document, number, str(record.headers.get("WARC-Target-URI", "")))


def _response(work: Work, record: Any, number: int) -> Iterator[Seen]:
    from zhfix import html as pages

    kind = (record.http_content_type or "").lower()
    if kind not in PAGES and not kind.startswith("text/plain"):
        return
    address = str(record.headers.get("WARC-Target-URI", ""))
    data = _content(work, record)
    if kind in PAGES:
        decoded = pages.decode_html(data)
        article = pages.extract(decoded.text, extractor=work.task.reading.extractor or "zhfix")
        document = work.pipeline.run_document(Document(article, encoding=decoded.encoding))
        facts = pages.metadata(decoded.text).as_dict()
    else:
        document = work.pipeline.run_bytes(data)
        facts = {}
    made = {
        "url": address,
        "date": str(record.headers.get("WARC-Date", "")),
        "encoding": document.encoding,
        "text": document.text,
        **({"metadata": facts} if facts else {}),
    }
    lone = any("\ud800" <= char <= "\udfff" for char in document.text)
    line = json.dumps(made, ensure_ascii=lone) + "\n"
    work.out.raw(line.encode(), changed=True)
    yield Seen(document, number, address)


def _info(work: Work, record: Any) -> None:
    """Keep the head of a WET file; a WARC file becomes JSON Lines and has none."""
    data = _content(work, record)
    if b"wet" in data.lower() or str(record.headers.get("WARC-Filename", "")).find(".wet") >= 0:
        work.out.raw(_written(record, data), changed=False)


def _content(work: Work, record: Any) -> bytes:
    most = work.task.reading.max_record
    data: bytes = record.reader.read(most + 1)
    if len(data) > most:
        raise InputError(f"a record of more than {most:,} bytes; --max-record raises the limit")
    return data


def _written(record: Any, data: bytes) -> bytes:
    """Write a record with its own headers and the right length; digests of old text go."""
    gone = {"content-length", "warc-block-digest", "warc-payload-digest"}
    head = [f"{key}: {value}" for key, value in record.headers if key.lower() not in gone]
    text = "\r\n".join(["WARC/1.0", *head, f"Content-Length: {len(data)}", "", ""])
    return text.encode("utf-8", "surrogateescape") + data + b"\r\n\r\n"


def _fastwarc() -> Any:
    try:
        import fastwarc.warc
    except ImportError:
        raise BackendError(
            "web archives need another package: pip install 'zhfix[warc]'", distribution="fastwarc"
        ) from None
    return fastwarc.warc
