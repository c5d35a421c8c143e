"""From text to the bytes of the output, and what has changed on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from zhfix.command.diff import unified
from zhfix.command.exits import InputError
from zhfix.command.text import WIDE, Origin

if TYPE_CHECKING:
    from zhfix.command.task import Writing

__all__ = ["Output"]

#: The same bytes for these purposes.
FAMILY = {"gbk": "gb18030", "iso-8859-1": "windows-1252"}
#: How sure the encoding must be before a file is replaced by what was read in it.
SURE_ENOUGH = 0.8


class Output:
    """Takes what came out, piece by piece, with what went in.

    `sink` is where bytes go, or None when only the change matters. With `diff`, a name, the
    difference is written instead of the text.
    """

    def __init__(self, sink: BinaryIO | None, writing: Writing, *, diff: str = "") -> None:
        self._sink = sink
        self._writing = writing
        self._diff = diff
        self._line = [1, 1]
        self._encoding = ""
        self._recodes = False
        self.origin = Origin("utf-8")
        self.changed = False
        self.lost = 0

    def begin(self, origin: Origin) -> None:
        """Say what the input was, before anything is put."""
        self.origin = origin
        asked = self._writing.encoding
        self._encoding = origin.encoding if asked == "same" else asked
        if self._writing.in_place and origin.confidence < SURE_ENOUGH:
            raise InputError(
                f"its encoding is not certain ({origin.encoding}, {origin.confidence:.0%}); "
                "left as it is; name it with --from-encoding"
            )
        self.refuse_damage(origin.damaged)
        from zhfix.decoding.labels import normalized

        target = normalized(self._encoding) or self._encoding
        self._recodes = FAMILY.get(target, target) != FAMILY.get(origin.encoding, origin.encoding)
        wide = origin.encoding.startswith(WIDE) or target.startswith(WIDE)
        unicode = target.startswith("utf") or target == "gb18030"
        keeps = self._writing.bom == "keep" and origin.marked and not self._recodes
        mark = unicode and (keeps or self._writing.bom == "add")
        self.changed |= (self._recodes and wide) or mark != origin.marked
        if mark:
            self._write("\ufeff")

    def refuse_damage(self, count: int) -> None:
        """Raise `InputError` when bytes that could not be read would be lost for good."""
        if count and self._writing.in_place and not self._writing.lossy:
            places = "1 place" if count == 1 else f"{count} places"
            raise InputError(
                f"{places} could not be read as {self.origin.encoding}; left as it is; "
                "--lossy writes U+FFFD there"
            )

    def put(self, before: str, after: str) -> None:
        """Take a piece of the text that was read, and what became of it."""
        changed = before is not after and before != after
        self.changed |= changed or (self._recodes and not after.isascii())
        if self._diff:
            made = unified(before, after, self._diff, self._line)
            if made and self._sink is not None:
                self._sink.write(made.encode("utf-8", "surrogatepass"))
                self._diff = "\0"
            return
        if self._sink is not None and after:
            self._write(after)

    def end(self, encoding: str) -> None:
        """Say which encoding the input turned out to be when all of it was read."""
        family = FAMILY.get(encoding, encoding)
        if not self._recodes and family != FAMILY.get(self.origin.encoding, self.origin.encoding):
            self.changed = True

    def raw(self, data: bytes, *, changed: bool) -> None:
        """Take bytes of a format that is no text."""
        self.changed |= changed
        if self._sink is not None and not self._diff:
            self._sink.write(data)

    def _write(self, text: str) -> None:
        if self._sink is None or self._diff:
            return
        if self._encoding == "utf-8":
            self._sink.write(text.encode("utf-8", "surrogatepass"))
            return
        # Imported here: it brings the tables of all encodings.
        from zhfix.decoding import encode

        encoded = encode(text, self._encoding)
        if encoded.findings:
            if not self._writing.lossy:
                raise InputError(f"{encoded.findings[0].reason.split(';')[0]}; --lossy writes ?")
            self.lost += len(encoded.findings)
        self._sink.write(encoded.data)
