"""The cuts of a spam mirror that need no search: every lost byte is named by a gloss.

`?guī)` behind a character that ends with D2 names 規 (D28E), and so the byte 8E, when no other
character of that reading begins so. Then the bytes are pushed on until they are back in step.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from zhfix.repairing import cp936, readings
from zhfix.repairing.readings import characters_read, normal, reads
from zhfix.repairing.tokens import LOST, token_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zhfix.repairing.tokens import Token

__all__ = ["named_bytes", "solve"]

#: Tokens after which a stretch that is still out of step is left to the search.
LONGEST = 150

#: Readings that are remembered: with and without tones there are some 1,800.
REMEMBERED = 1 << 12


class _Bytes:
    """Bytes that are pushed one by one, and the text that they make."""

    __slots__ = ("broken", "last", "named", "pending", "text")

    def __init__(self, last: int) -> None:
        self.text = ""
        self.pending = -1
        self.last = last
        self.named: list[tuple[str, str]] = []
        self.broken = False
        """Whether a gloss stands inside the character that is not complete."""

    def push(self, byte: int) -> bool:
        """Append a byte; False when it makes no character."""
        self.last = byte
        if self.pending >= 0:
            char = cp936.character(self.pending, byte)
            self.text += char
            self.pending = -1
            return char != ""
        if byte < cp936.EURO:
            self.text += chr(byte)
        elif byte == cp936.EURO:
            self.text += "€"
        else:
            self.pending = byte
        return True


class Known(NamedTuple):
    """How far arithmetic gets: to where in the text, what stood there, which glosses named bytes.

    `pending` is a byte that waits for its trail, -1 where all is back in step, `last` the last one;
    `broken` says that a gloss stands inside the character that is not complete.
    """

    end: int
    text: str
    named: tuple[tuple[str, str], ...]
    pending: int
    last: int
    broken: bool


def solve(text: str, first: Token, *, context: str, glosses: Mapping[str, str]) -> Known | None:
    """Return what stood from a cut on, as far as all its bytes are known.

    >>> text = "家?guī)熧Y"
    >>> solve(text, token_at(text, 1), context="家", glosses={"規": "guī"})[:3]
    (8, '師資', (('規', 'guī'),))

    None where the first byte is none that a gloss names, or a bare character comes out that the
    page glosses wherever it stands.
    """
    data = cp936.encode(context)
    if not data or not first.swallowed:
        return None
    made = _Bytes(data[-1])
    token = first
    known: Known | None = None
    for _ in range(LONGEST):
        done = len(made.text)
        if not _pushed(made, token, text, glosses):
            return known
        fresh = made.text[done:]
        bare = fresh[made.broken : len(fresh) - bool(token.gloss)]
        if any(char in glosses for char in bare):
            return None
        made.broken = made.pending >= 0 and bool(token.gloss)
        named = tuple(made.named)
        known = Known(token.end, made.text, named, made.pending, made.last, made.broken)
        if made.pending < 0 or token.end >= len(text):
            return known
        token = token_at(text, token.end)
    return None


def _pushed(made: _Bytes, token: Token, text: str, glosses: Mapping[str, str]) -> bool:
    if token.swallowed:
        return _named(made, token, glosses)
    if token.char in LOST and not token.gloss:
        return False
    data = cp936.encode(token.char)
    if data is None:
        return False
    lead = made.pending
    if not all(map(made.push, data)):
        return False
    if token.gloss:
        pair = data if len(data) == 2 else bytes((max(lead, 0), *data))
        char = cp936.tables().decode.get(pair, "")
        if char and reads(char, token.gloss):
            made.named.append((char, token.gloss))
        elif made.pending < 0:
            made.text += text[token.start + 1 : token.end]
        else:
            return False
    return True


def _named(made: _Bytes, token: Token, glosses: Mapping[str, str]) -> bool:
    """Push the byte that a gloss names, if it names one alone."""
    found = named_bytes(token.gloss).get(made.last, ())
    known = [one for one in found if one[0] in glosses] or found
    if len(known) != 1:
        return False
    char, trail, _ = known[0]
    made.named.append((char, token.gloss))
    return (made.pending >= 0 or trail > cp936.EURO) and made.push(trail)


@lru_cache(maxsize=REMEMBERED)
def named_bytes(reading: str) -> Mapping[int, tuple[tuple[str, int, bool], ...]]:
    """Return by lead byte what a reading names: characters, trails, is it their first reading.

    >>> named_bytes("guī")[0xD2]
    (('規', 142, True),)
    """
    first, encode = readings.load().first, cp936.tables().encode
    found: dict[int, list[tuple[str, int, bool]]] = {}
    for char in characters_read(reading):
        lead, trail = encode[char]
        found.setdefault(lead, []).append((char, trail, first.get(char) == normal(reading)))
    return {lead: tuple(some) for lead, some in found.items()}
