"""Files with a structure that conversion leaves alone: subtitles, pages, catalogues, books."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from zhfix.command.exits import InputError
from zhfix.command.formats import Seen
from zhfix.command.text import Origin, read_whole
from zhfix.document import Document, Edit, Span
from zhfix.pipeline import decoded_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.command.formats import Work

__all__ = ["epub", "structured"]

RULE = "convert/file"


def structured(work: Work) -> Iterator[Seen]:
    """Convert the text in a file of a format; tags, times, keys and codes stay."""
    from zhfix.converting.formats import convert_format

    data = read_whole(work.stream, work.task.reading.max_record)
    decoded = work.pipeline.decoder(data)
    mark = data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    work.out.begin(Origin(decoded.encoding, decoded.confidence, mark))
    try:
        after = convert_format(decoded.text, work.kind, work.pipeline.fix)
    except ValueError as error:
        raise InputError(f"is not {work.kind}: {error}") from None
    document = _changed(decoded_document(decoded), after, work.kind)
    work.out.put(decoded.text, after)
    yield Seen(document)


def epub(work: Work) -> Iterator[Seen]:
    """Convert the chapters, contents and titles of a book."""
    from zhfix.converting.formats import convert_epub

    reading = work.task.reading
    data = read_whole(work.stream, reading.max_record)
    _refuse_bomb(data, reading.max_expansion)
    texts: list[tuple[str, str]] = []

    def convert(text: str) -> str:
        after = work.pipeline.fix(text)
        if after != text:
            texts.append((text, after))
        return after

    try:
        made = convert_epub(data, convert, language=_language(work))
    except (UnicodeDecodeError, RuntimeError, NotImplementedError) as error:
        raise InputError(f"cannot be read as EPUB: {error}") from None
    work.out.raw(made if texts else data, changed=bool(texts))
    for before, after in texts:
        yield Seen(_changed(Document(before), after, "epub"))


def _changed(document: Document, after: str, kind: str) -> Document:
    if document.text == after:
        return document
    span = Span(0, len(document.text))
    reason = f"the text in the {kind} file was converted"
    return document.revise("convert", [Edit(span, document.text, after, RULE, 0.99, reason)])


def _language(work: Work) -> str | None:
    """Return the tag that a book gets: the locale that was asked for."""
    stages = work.task.config.get("stages", {})
    asked = stages.get("convert", {}).get("to", "")
    return asked if str(asked).startswith("zh") else None


def _refuse_bomb(data: bytes, most: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            size = sum(item.file_size for item in book.infolist())
    except zipfile.BadZipFile:
        raise InputError("is not EPUB: the file is no ZIP archive") from None
    if most and size > max(len(data) * most, 64 << 20):
        raise InputError(
            f"unpacks to more than {most} times its size, as a bomb does; "
            "--max-expansion raises the limit"
        )
