"""Reading WARC and HTTP: two formats of headers and lengths, and nothing about them is trusted."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from zhfix.command.exits import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Record", "body_of", "read_records"]

#: Bytes of a header line, and lines of a header; real ones stay far below.
MAX_LINE = 1 << 16
MAX_LINES = 1000


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a web archive: its headers as they are written, and its content."""

    version: str
    headers: tuple[tuple[str, str], ...]
    content: bytes

    def get(self, name: str) -> str:
        """Return a header, whose name has no case; "" when there is none.

        >>> Record("WARC/1.0", (("WARC-Type", "response"),), b"").get("warc-type")
        'response'
        """
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def read_records(stream: BinaryIO, most: int) -> Iterator[Record]:
    r"""Yield the records of a web archive; raises `InputError` for one over `most` bytes.

    >>> import io
    >>> data = b"WARC/1.0\r\nWARC-Type: x\r\nContent-Length: 2\r\n\r\nab\r\n\r\n"
    >>> [record.content for record in read_records(io.BytesIO(data), 100)]
    [b'ab']
    """
    number = 0
    while (line := _line(stream)) is not None:
        if not line:
            continue
        number += 1
        if not line.startswith("WARC/"):
            raise InputError(f"record {number}: broken web archive: {line[:40]!r} is no WARC head")
        headers = tuple(_headers(stream))
        record = Record(line, headers, b"")
        length = record.get("Content-Length")
        if not length.isascii() or not length.isdigit():
            raise InputError(f"record {number}: broken web archive: no Content-Length")
        size = int(length)
        if size > most:
            raise InputError(
                f"record {number}: more than {most:,} bytes; --max-record raises the limit"
            )
        content = stream.read(size)
        if len(content) < size:
            raise InputError(f"record {number}: broken web archive: it ends inside a record")
        yield Record(line, headers, content)


def body_of(message: bytes, most: int) -> tuple[str, bytes]:
    r"""Return the content type of an HTTP response and its body, unpacked.

    >>> body_of(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=x\r\n\r\n<p>", 100)
    ('text/html', b'<p>')
    """
    head, _, body = message.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode("latin-1").split("\r\n")[1:]:
        key, _, value = line.partition(":")
        headers[key.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _joined_chunks(body)
    if (packing := headers.get("content-encoding", "").lower()) in WINDOWS:
        body = _inflated(body, WINDOWS[packing], most)
    return headers.get("content-type", "").partition(";")[0].strip().lower(), body


#: How zlib is told which format it reads.
WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def _inflated(body: bytes, window: int, most: int) -> bytes:
    """Unpack a body; archives also hold bodies that their crawler had unpacked already."""
    unpacker = zlib.decompressobj(window)
    try:
        data = unpacker.decompress(body, most)
    except zlib.error:
        return body
    if unpacker.unconsumed_tail:
        raise InputError(f"a page of more than {most:,} bytes; --max-record raises the limit")
    return data


def _joined_chunks(body: bytes) -> bytes:
    """Join the chunks of a body; one that is not in chunks is as it is."""
    parts: list[bytes] = []
    at = 0
    while (end := body.find(b"\r\n", at, at + 80)) >= 0:
        try:
            size = int(body[at:end].partition(b";")[0], 16)
        except ValueError:
            break
        if size <= 0:
            return b"".join(parts)
        parts.append(body[end + 2 : end + 2 + size])
        at = end + 4 + size
    return b"".join(parts) if parts else body


def _line(stream: BinaryIO) -> str | None:
    line = stream.readline(MAX_LINE)
    if not line:
        return None
    if len(line) == MAX_LINE:
        raise InputError("broken web archive: a header without an end")
    return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _headers(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    for _ in range(MAX_LINES):
        line = _line(stream)
        if not line:
            return
        key, _, value = line.partition(":")
        yield key.strip(), value.strip()
    raise InputError("broken web archive: a header without an end")
