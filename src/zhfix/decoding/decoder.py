"""The decoders: bytes in, text and a full report out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from zhfix.decoding import others
from zhfix.decoding.doubts import SHORT_BYTES, doubtful, second_thoughts
from zhfix.decoding.faults import Raw
from zhfix.decoding.labels import codec, normalized
from zhfix.decoding.marks import ESCAPES, Guess, by_mark, declared_in
from zhfix.document import Decoded, Finding, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from zhfix.decoding.faults import Fault
    from zhfix.decoding.plain import Plain
    from zhfix.stages import Decoder

__all__ = ["charset_normalizer", "chinese_first", "decode", "decode_many", "fixed", "utf_8"]

#: Faults listed one by one; a file in the wrong encoding has millions.
LISTED = 1000
#: How sure it is that a line is in another encoding: nearly all of them are right.
OTHER_ENCODING = 0.95
#: Encodings whose text is the same for these purposes: a declaration of one is no lie.
FAMILY = {"gbk": "gb18030", "iso-8859-1": "windows-1252"}


def decode(data: bytes, *, declared: str | None = None, encoding: str | None = None) -> Decoded:
    """Turn bytes into text, whatever encoding they are in.

    >>> decode("汉字编码".encode("gbk")).text, decode("漢字編碼".encode("big5")).encoding
    ('汉字编码', 'big5')

    `declared` is what HTTP or markup says, a hint that the bytes may contradict; a
    declaration inside the bytes is found by itself. `encoding` is an order: it is obeyed,
    and damage becomes findings whose reasons name byte offsets. Never raises for bytes;
    raises `UnknownDecoderError` for an `encoding` that nobody knows.
    """
    if encoding is not None:
        return _report(data, _ordered(data, encoding), declared)
    if data.isascii() and b"\x1b" not in data and b"~{" not in data and b"\x00" not in data:
        plainest = data.decode("ascii")
        accident = _accident(data, plainest, declared)
        return accident or Decoded(plainest, "utf-8", 1.0, declared=declared)
    if marked := by_mark(data):
        return _report(data, marked, declared or declared_in(data))
    plain = b"\x1b" not in data and b"\x00" not in data
    if plain and (text := _utf_8(data)) is not None:
        accident = _accident(data, text, declared)
        return accident or _utf_8_text(text, data, declared)
    return _other(data, declared or declared_in(data), plain=plain)


def _other(data: bytes, said: str | None, *, plain: bool) -> Decoded:
    """Read bytes that are not UTF-8; `plain` ones have no byte of empty halves or escapes."""
    # Imported here, as in `decode_many`: numpy and the language model, which UTF-8 never needs.
    from zhfix.decoding.detect import detect
    from zhfix.decoding.plain import plainly_chinese

    if plain and data.find(b"~{", 0, ESCAPES) < 0 and (found := plainly_chinese(data, said)):
        return _searched(data, found.guess, said, found)
    return _searched(data, detect(data, said), said)


def _utf_8(data: bytes) -> str | None:
    """Read UTF-8; None for all else, and for ASCII, which may be HZ here."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if text.isascii() else text


def _accident(data: bytes, text: str, declared: str | None) -> Decoded | None:
    """Read short bytes that are valid UTF-8 by accident; None for all others."""
    if len(data) > SHORT_BYTES or not doubtful(text):
        return None
    guess = second_thoughts(data, text, declared)
    return _report(data, guess, declared) if guess else None


def _searched(
    data: bytes, guess: Guess, declared: str | None, plain: Plain | None = None
) -> Decoded:
    """Read bytes in the encoding that was found, line by line where they need it."""
    # Imported here: most bytes are UTF-8 and need none of it.
    from zhfix.decoding.mixed import read

    if plain:
        found = read(data, guess.encoding, plain.raw, plain.laid)
    else:
        found = read(data[guess.mark :], guess.encoding)
    remarks = [
        *findings(Raw(found.text, found.faults), guess.encoding, data, guess.mark),
        *(
            Finding(
                Span(island.at, island.until),
                "decode/other-encoding",
                OTHER_ENCODING,
                f"bytes {island.start + guess.mark} to {island.end + guess.mark} are "
                f"{island.encoding}, not {guess.encoding}",
            )
            for island in found.islands[:LISTED]
        ),
    ]
    return Decoded(
        found.text,
        guess.encoding,
        guess.confidence,
        tuple(sorted(remarks, key=lambda remark: remark.span)),
        guess.runner_up,
        guess.margin,
        declared,
        _lied(declared, guess.encoding),
    )


def _utf_8_text(text: str, data: bytes, declared: str | None) -> Decoded:
    said = declared or declared_in(data)
    return Decoded(text, "utf-8", 0.999, declared=said, declared_was_wrong=_lied(said, "utf-8"))


def decode_many(cells: Sequence[bytes]) -> list[Decoded]:
    """Decode the cells of one column or the lines of one file, which lend each other evidence.

    >>> [cell.text for cell in decode_many(["北京".encode("gbk"), b"abc"])]
    ['北京', 'abc']
    """
    # Imported here: it brings numpy and the language model.
    from zhfix.decoding.columns import decode_cells

    return decode_cells(cells, decode)


def _ordered(data: bytes, label: str) -> Guess:
    """Obey a label; a byte order mark decides what plain "utf-16" means."""
    name = codec(label).name
    marked = by_mark(data)
    if marked is None:
        return Guess(name, 1.0)
    open_order = name[:6] == marked.encoding[:6] and not label.lower().endswith(("le", "be"))
    if open_order or marked.encoding == FAMILY.get(name, name):
        return marked if name.startswith("utf") else Guess(name, 1.0, mark=marked.mark)
    return Guess(name, 1.0)


def _lied(declared: str | None, encoding: str) -> bool:
    if declared is None:
        return False
    said = normalized(declared)
    return said is None or FAMILY.get(said, said) != FAMILY.get(encoding, encoding)


def _report(data: bytes, guess: Guess, declared: str | None) -> Decoded:
    raw = codec(guess.encoding).decode(data[guess.mark :])
    return Decoded(
        raw.text,
        guess.encoding,
        guess.confidence,
        tuple(findings(raw, guess.encoding, data, guess.mark)),
        guess.runner_up,
        guess.margin,
        declared,
        _lied(declared, guess.encoding),
    )


def findings(raw: Raw, encoding: str, data: bytes, offset: int = 0) -> Iterable[Finding]:
    """Say of each fault where it is and which bytes it was, of very many only the first."""
    for fault in raw.faults[:LISTED]:
        yield Finding(
            Span(fault.at, fault.at + 1),
            "decode/invalid",
            1.0,
            f"byte {fault.start + offset}: {_hex(data, fault, offset)} means nothing in {encoding}",
        )
    if len(raw.faults) > LISTED:
        rest = raw.faults[LISTED:]
        yield Finding(
            Span(rest[0].at, rest[-1].at + 1),
            "decode/invalid",
            1.0,
            f"{len(rest)} more places from byte {rest[0].start + offset} on mean nothing in "
            f"{encoding}",
        )


def _hex(data: bytes, fault: Fault, offset: int) -> str:
    return data[fault.start + offset : fault.end + offset].hex(" ")


@dataclass(frozen=True, slots=True)
class _ChineseFirst:
    declared: str | None = None

    def __call__(self, data: bytes) -> Decoded:
        return decode(data, declared=self.declared)

    def many(self, cells: Sequence[bytes]) -> list[Decoded]:
        return decode_many(cells)


@dataclass(frozen=True, slots=True)
class _Fixed:
    label: str

    def __call__(self, data: bytes) -> Decoded:
        return decode(data, encoding=self.label)


@dataclass(frozen=True, slots=True)
class _CharsetNormalizer:
    def __call__(self, data: bytes) -> Decoded:
        name, order = others.guess(data)
        return _report(data, by_mark(data) or Guess(name, order), None)


def chinese_first(*, declared: str | None = None) -> Decoder:
    """Make the decoder that zhfix uses unless told otherwise.

    >>> chinese_first()("中文编码".encode("gbk")).text
    '中文编码'
    """
    return _ChineseFirst(declared)


def fixed(label: str) -> Decoder:
    """Make a decoder of one encoding; raises `UnknownDecoderError` for an unknown label.

    >>> fixed("big5")("中文".encode("big5")).text
    '中文'
    """
    return _Fixed(codec(label).name)


def by_label(label: str) -> Callable[[], Decoder] | None:
    """Return a factory of decoders of that encoding, or None when nobody knows the label.

    >>> by_label("big5")()("中文".encode("big5")).text, by_label("no such label")
    ('中文', None)
    """
    return partial(fixed, label) if normalized(label) else None


def charset_normalizer() -> Decoder:
    """Make a decoder that takes charset-normalizer's word for the encoding.

    >>> charset_normalizer()(b"abc").text
    'abc'
    """
    return _CharsetNormalizer()


def utf_8() -> Decoder:
    r"""Make a decoder of UTF-8, with or without its mark.

    >>> utf_8()(b"\xef\xbb\xbfabc").text
    'abc'
    """
    return _Fixed("utf-8")
