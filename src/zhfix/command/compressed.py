"""Compressed files, told by their first bytes and never by their names."""

from __future__ import annotations

import io
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from zhfix.command.exits import InputError
from zhfix.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["codec_of", "codec_of_name", "compressing", "unpacked"]

#: First bytes of each codec.
MAGIC = {
    "gzip": b"\x1f\x8b\x08",
    "zstd": b"\x28\xb5\x2f\xfd",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
}
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".bz2": "bzip2", ".xz": "xz"}
#: Below so many unpacked bytes nothing is called a bomb.
SMALL = 64 << 20
#: Memory that a decoder may use for its window; 128 MiB is what `zstd --long=27` needs.
WINDOW = 128 << 20


def codec_of(head: bytes) -> str:
    r"""Name the codec of a file by its first bytes; "" for none.

    >>> codec_of(b"\x1f\x8b\x08\x00"), codec_of(b"BZh is no archive"), codec_of(b"text")
    ('gzip', '', '')
    """
    for name, magic in MAGIC.items():
        if head.startswith(magic):
            # "BZh" alone may begin a text; a size and a block's magic follow in an archive.
            if name == "bzip2" and head[4:10] not in (b"1AY&SY", b"\x17rE8P\x90"):
                continue
            return name
    return ""


def codec_of_name(name: str) -> str:
    """Name the codec that a file name asks for.

    >>> codec_of_name("out.txt.gz"), codec_of_name("out.txt")
    ('gzip', '')
    """
    return next((codec for suffix, codec in SUFFIXES.items() if name.endswith(suffix)), "")


class Counted(io.RawIOBase):
    """A stream that counts what was read from it, and tells it to who wants to know."""

    def __init__(self, raw: BinaryIO, tell: Callable[[int], None] | None = None) -> None:
        self._raw = raw
        self._tell = tell
        self.count = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read, and count."""
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        if self._tell is not None and data:
            self._tell(len(data))
        return len(data)


class Guarded(io.RawIOBase):
    """An unpacked stream that refuses to grow beyond all reason."""

    def __init__(self, stream: Any, packed: Counted, codec: str, most: int) -> None:
        self._stream = stream
        self._packed = packed
        self._codec = codec
        self._most = most
        self._count = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read; raises `InputError` for a bomb or broken data."""
        with _told(self._codec):
            data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._count += len(data)
        limit = max(SMALL, self._packed.count * self._most)
        if self._most and self._count > limit:
            raise InputError(
                f"unpacks to more than {self._most} times its size, as a bomb does; "
                "--max-expansion raises the limit"
            )
        return len(data)


def unpacked(
    raw: BinaryIO, *, max_expansion: int, tell: Callable[[int], None] | None = None
) -> tuple[io.BufferedReader, str]:
    """Return the bytes inside a stream, and the codec they were packed with.

    `max_expansion` is how many times larger than the packed bytes they may be; 0 for any size.
    Raises `InputError`, later, when a read shows a bomb or broken data.
    """
    counted = Counted(raw, tell)
    plain = cast("io.BufferedReader", io.BufferedReader(counted, 1 << 16))
    codec = codec_of(plain.peek(16)[:16])
    if not codec:
        return plain, ""
    stream = Guarded(_decompressor(codec, plain), counted, codec, max_expansion)
    return cast("io.BufferedReader", io.BufferedReader(stream, 1 << 16)), codec


@contextmanager
def compressing(sink: BinaryIO, codec: str) -> Iterator[BinaryIO]:
    """Give a file to write into whose packed content goes to `sink`."""
    if not codec:
        yield sink
        return
    packer = _compressor(codec, sink)
    try:
        yield packer
    finally:
        packer.close()


def _decompressor(codec: str, stream: io.BufferedReader) -> Any:
    if codec == "gzip":
        import gzip

        return gzip.GzipFile(fileobj=stream, mode="rb")
    if codec == "bzip2":
        import bz2

        return bz2.BZ2File(stream, "rb")
    if codec == "xz":
        import lzma

        return lzma.LZMAFile(stream, "rb")
    decompressor = _zstandard().ZstdDecompressor(max_window_size=WINDOW)
    return decompressor.stream_reader(stream, read_across_frames=True)


def _compressor(codec: str, sink: BinaryIO) -> BinaryIO:
    if codec == "gzip":
        import gzip

        # No name and no time inside: equal content gives equal files.
        return cast("BinaryIO", gzip.GzipFile(filename="", fileobj=sink, mode="wb", mtime=0))
    if codec == "bzip2":
        import bz2

        return cast("BinaryIO", bz2.BZ2File(sink, "wb"))
    if codec == "xz":
        import lzma

        return cast("BinaryIO", lzma.LZMAFile(sink, "wb"))
    return cast("BinaryIO", _zstandard().ZstdCompressor().stream_writer(sink, closefd=False))


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise BackendError(
            "zstd files need another package: pip install 'zhfix[zstd]'", distribution="zstandard"
        ) from None
    return zstandard


@contextmanager
def _told(codec: str) -> Iterator[None]:
    """Turn what the codecs raise for broken data into one error."""
    try:
        yield
    except InputError:
        raise
    except (EOFError, zlib.error) as error:
        raise InputError(f"broken {codec} data: {error}") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise InputError(f"broken {codec} data: {error}") from None
    except Exception as error:
        # lzma.LZMAError and zstandard.ZstdError derive from Exception alone.
        if type(error).__name__ not in ("LZMAError", "ZstdError"):
            raise
        raise InputError(f"broken {codec} data: {error}") from None
