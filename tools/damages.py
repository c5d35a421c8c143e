"""Kinds of damage that lose something, as software does it: what `measure_repair.py` measures.

Each takes the bytes of a text in its true encoding and returns what a reader then saw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhfix.repairing.codecs import encode_true, reading

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KINDS", "Kind"]


class Kind(NamedTuple):
    """A kind of damage: the true encoding, and what became of its bytes.

    `hopeless` kinds lose so much that the text must stay as it is. Where the end was `cut`, a mark
    for the last character is as right as the character.
    """

    true: str
    damage: Callable[[bytes], str]
    hopeless: bool = False
    cut: bool = False

    def __call__(self, text: str) -> str | None:
        """Damage a text; None where it has no bytes in the true encoding."""
        data = encode_true(text, self.true)
        return None if data is None else self.damage(data)

    def restores(self, good: str, fixed: str) -> bool:
        """Whether a repaired text is the good one, or as near to it as what is left allows."""
        if not self.cut:
            return fixed == good
        marked = good[:-1] + ("" if good[-1:].isascii() else "\ufffd")
        return fixed in (good, marked)


def marks(data: bytes, codec: str) -> str:
    """Decode as Python does with errors="replace"."""
    return data.decode(codec, "replace")


def questions(data: bytes, codec: str) -> str:
    """The same with a `?` for each bad byte."""
    return marks(data, codec).replace("\ufffd", "?")


def eaten(data: bytes, wrong: str) -> str:
    """Decode as PHP and others do: a bad pair is one `?` and takes its second byte along."""
    table = reading(wrong)
    out, offset = [], 0
    while offset < len(data):
        point = int(table.singles[data[offset]])
        if point >= 0:
            out.append(chr(point))
            offset += 1
            continue
        code = data[offset] << 8 | data[offset + 1] if offset + 1 < len(data) else 0
        pair = int(table.pairs[code])
        out.append(chr(pair) if pair else "?")
        offset += 2
    return "".join(out)


def dropped(text: str, low: str, high: str) -> str:
    """Drop the characters of a range, as cleaning tools do."""
    return "".join(c for c in text if not low <= c <= high)


def western(data: bytes) -> str:
    """Read as Windows-1252, as browsers do."""
    return reading("cp1252").decode(data) or ""


KINDS = {
    "gbk U+FFFD": Kind("utf-8", lambda b: marks(b, "gbk")),
    "gb18030 U+FFFD": Kind("utf-8", lambda b: marks(b, "gb18030")),
    "gbk ? for each": Kind("utf-8", lambda b: questions(b, "gbk")),
    "cp936 ? eats": Kind("utf-8", lambda b: eaten(b, "gbk")),
    "gbk private use dropped": Kind(
        "utf-8", lambda b: dropped(eaten(b, "gbk"), "\ue000", "\uf8ff")
    ),
    "cp1252 C1 dropped": Kind("utf-8", lambda b: dropped(western(b), "\x80", "\x9f")),
    "cp1252 NBSP to space": Kind("utf-8", lambda b: western(b).replace("\xa0", " ")),
    "cp1252 cut": Kind("utf-8", lambda b: western(b[:-1]), cut=True),
    "gbk cut": Kind("utf-8", lambda b: marks(b[:-1], "gbk"), cut=True),
    "big5 as cp1252 NBSP": Kind("big5", lambda b: western(b).replace("\xa0", " ")),
    "gbk as cp1252 C1 dropped": Kind("gbk", lambda b: dropped(western(b), "\x80", "\x9f")),
    "gbk as big5 ?": Kind("gbk", lambda b: questions(b, "cp950")),
    "big5 as gbk ?": Kind("big5", lambda b: questions(b, "gbk")),
    "big5 ? for each": Kind("utf-8", lambda b: questions(b, "cp950"), hopeless=True),
    "latin-1 C1 dropped": Kind(
        "utf-8", lambda b: dropped(b.decode("latin-1"), "\x80", "\x9f"), hopeless=True
    ),
}  # fmt: skip
