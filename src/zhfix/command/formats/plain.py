"""Plain text, and web pages whose article is taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhfix.command.exits import printable
from zhfix.command.formats import Seen
from zhfix.command.text import Origin, open_text, read_whole
from zhfix.command.views import as_json
from zhfix.document import Document
from zhfix.pipeline import decoded_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.command.formats import Work

__all__ = ["page", "text"]


#: Remarks of the decoder that wait for the stages, each with a block of text.
WAITING = 16


def text(work: Work) -> Iterator[Seen]:
    """Work on a text: one document when it is small, a document a block when it is not."""
    if work.task.writing.metadata:
        yield from _with_metadata(work)
        return
    source = open_text(work.stream, work.pipeline.decoder, work.task.reading.encoding)
    work.out.begin(source.origin)
    if source.whole is not None:
        document = work.pipeline.run_document(decoded_document(source.whole))
        work.out.put(source.whole.text, document.text)
        yield Seen(document)
        return
    line = 1
    for document in work.pipeline.stream(source.pieces):
        before = document.original
        work.out.put(before, document.text)
        yield Seen(document, line)
        line += before.count("\n")
        # The decoder is ahead of the stages; what it saw is told about where it stands.
        # Of a line without end not all can wait.
        while source.remarks and (
            _last_line(*source.remarks[0]) < line or len(source.remarks) > WAITING
        ):
            at, remark = source.remarks.pop(0)
            yield Seen(remark, at)
    for at, remark in source.remarks:
        yield Seen(remark, at)
    work.out.end(source.late())


def _last_line(first: int, remark: Document) -> int:
    """Return the line of the last finding of a document that begins in line `first`."""
    return first + remark.text.count("\n", 0, max(f.span.start for f in remark.findings))


def page(work: Work) -> Iterator[Seen]:
    """Take the article out of a page of HTML, and work on that."""
    from zhfix import html as pages

    data = read_whole(work.stream, work.task.reading.max_record)
    encoding = work.task.reading.encoding
    decoded = work.pipeline.decoder(data) if encoding else pages.decode_html(data)
    article = pages.extract(decoded.text, extractor=work.task.reading.extractor or "zhfix")
    document = work.pipeline.run_document(Document(article, encoding=decoded.encoding))
    work.out.begin(Origin(decoded.encoding))
    if work.task.writing.metadata:
        facts = pages.metadata(decoded.text).as_dict()
        work.out.put("", _record(work, document, facts))
    else:
        work.out.put(decoded.text, document.text)
    yield Seen(document)


def _with_metadata(work: Work) -> Iterator[Seen]:
    """Write a record of the text and of what the site said about it."""
    from zhfix.stripping.facts import stripped_facts

    document = work.pipeline.run_bytes(read_whole(work.stream, work.task.reading.max_record))
    work.out.begin(Origin("utf-8"))
    work.out.put("", _record(work, document, stripped_facts(document).as_dict()))
    yield Seen(document)


def _record(work: Work, document: Document, facts: dict[str, str]) -> str:
    name = "<stdin>" if work.input.path == "-" else printable(work.input.path)
    record = {"file": name, "text": document.text, "metadata": facts}
    return as_json(record) + "\n"
