"""The text of a stream of bytes: whole when it is small, in pieces when it is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from zhfix.command.exits import InputError
from zhfix.document import Decoded, Document, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zhfix.decoding.stream import IncrementalDecoder
    from zhfix.stages import Decoder

__all__ = ["WHOLE_FILE", "Origin", "Source", "lines", "open_text", "read_whole"]

#: Files of up to so many bytes are one document: evidence is gathered over all of it.
WHOLE_FILE = 2 << 20
PIECE = 1 << 16
#: Encodings in which every text is in code units wider than a byte.
WIDE = ("utf-16", "utf-32")


@dataclass(frozen=True, slots=True)
class Origin:
    """What the bytes were: encoding, how sure that is, and whether a BOM stood in front.

    `damaged` counts the places that mean nothing in that encoding, as far as is known.
    """

    encoding: str
    confidence: float = 1.0
    marked: bool = False
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """A text, and where it came from.

    `whole` is set when the text is one document; otherwise `pieces` gives it bit by bit.
    `remarks` are documents that hold only findings of the decoder, each with its line; a
    caller takes them whenever it likes. `late` says, at the end, which encoding it was:
    a head of plain ASCII does not tell.
    """

    origin: Origin
    whole: Decoded | None
    pieces: Iterable[str]
    remarks: list[tuple[int, Document]]
    late: Callable[[], str]


def open_text(stream: BinaryIO, decoder: Decoder, encoding: str = "") -> Source:
    """Decode a stream; `encoding` is an order, and otherwise `decoder` finds it out.

    >>> import io
    >>> from zhfix.decoding import chinese_first
    >>> open_text(io.BytesIO("中文编码".encode("gbk")), chinese_first()).whole.text
    '中文编码'
    """
    from zhfix.decoding.marks import by_mark

    head = read_up_to(stream, WHOLE_FILE + 1)
    mark = by_mark(head[:4])
    if len(head) <= WHOLE_FILE:
        decoded = decoder(head)
        marked = mark is not None and not decoded.text.startswith("\ufeff")
        damaged = sum(finding.rule == "decode/invalid" for finding in decoded.findings)
        origin = Origin(decoded.encoding, decoded.confidence, marked, damaged)
        return Source(origin, decoded, (decoded.text,), [], lambda: decoded.encoding)
    return _streamed(stream, head, decoder, encoding)


def _streamed(stream: BinaryIO, head: bytes, decoder: Decoder, encoding: str) -> Source:
    # Imported here: it brings numpy and the language model.
    from zhfix.decoding.marks import by_mark
    from zhfix.decoding.stream import IncrementalDecoder

    mark = by_mark(head[:4])
    first = decoder(head[: 1 << 18])
    marked = mark is not None and not first.text.startswith("\ufeff")
    if mark is not None and marked:
        head = head[mark.mark :]
    # What is ASCII for long says nothing yet about what follows.
    known = encoding or ("" if head[: 1 << 18].isascii() else first.encoding)
    made = IncrementalDecoder(
        encoding=known or None, confidence=first.confidence, fixed=bool(encoding)
    )
    remarks: list[tuple[int, Document]] = []
    pieces = _decoded(_parts(stream, head), made, remarks)
    origin = Origin(first.encoding, first.confidence, marked)
    return Source(origin, None, pieces, remarks, lambda: made.encoding or first.encoding)


def _decoded(
    parts: Iterator[bytes], decoder: IncrementalDecoder, remarks: list[tuple[int, Document]]
) -> Iterator[str]:
    """Yield text as it becomes certain; file the decoder's findings with their lines."""
    line, points = 1, 0
    waiting = next(parts, b"")
    while True:
        following = next(parts, None)
        text = decoder.decode(waiting, final=following is None)
        if decoder.findings and (found := _remarks(text, decoder, points)).findings:
            remarks.append((line, found))
        points += len(text)
        line += text.count("\n")
        if text:
            yield text
        if following is None:
            return
        waiting = following


def _remarks(text: str, decoder: IncrementalDecoder, points: int) -> Document:
    """Take the decoder's findings and put them on the text in which they are."""
    found = decoder.findings
    moved = tuple(
        replace(each, span=Span(each.span.start - points, each.span.end - points))
        for each in found
        if points <= each.span.start and each.span.end <= points + len(text)
    )
    found.clear()
    return Document(text, findings=moved)


def _parts(stream: BinaryIO, head: bytes) -> Iterator[bytes]:
    for start in range(0, len(head), PIECE):
        yield head[start : start + PIECE]
    while data := stream.read(PIECE):
        yield data


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """Read so many bytes, or all when there are less; pipes give them in small portions."""
    parts: list[bytes] = []
    left = size
    while left and (data := stream.read(min(left, 1 << 20))):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def read_whole(stream: BinaryIO, most: int) -> bytes:
    """Read all of a file whose format needs all of it; raises `InputError` over `most` bytes."""
    data = read_up_to(stream, most + 1)
    if len(data) > most:
        raise InputError(
            f"is larger than {most:,} bytes, and its format needs all of it at once; "
            "--max-record raises the limit"
        )
    return data


def lines(pieces: Iterable[str], most: int) -> Iterator[str]:
    r"""Yield lines with their ends; only "\n" ends one. Raises `InputError` for a longer one.

    >>> list(lines(["a\r\nb", "c\u2028d\ne"], 100))
    ['a\r\n', 'bc\u2028d\n', 'e']
    """
    held: list[str] = []
    size = 0
    number = 1
    for piece in pieces:
        start = 0
        while (end := piece.find("\n", start) + 1) > 0:
            line = piece[start:end]
            if held:
                held.append(line)
                line = "".join(held)
                held, size = [], 0
            yield _short(line, most, number)
            number += 1
            start = end
        if start < len(piece):
            held.append(piece[start:])
            size += len(piece) - start
            if size > most:
                too_long(number, most)
    if held:
        yield _short("".join(held), most, number)


def _short(line: str, most: int, number: int) -> str:
    if len(line) > most:
        too_long(number, most)
    return line


def too_long(number: int, most: int) -> None:
    """Refuse a record that is longer than the limit."""
    raise InputError(
        f"line {number}: a record of more than {most:,} characters; --max-record raises the limit"
    )
