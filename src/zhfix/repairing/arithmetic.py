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
    from collections.abc import Mapping, Sequence

    from zhfix.repairing.tokens import Token

__all__ = ["Known", "advance", "named_bytes", "named_worth", "solve"]

#: Tokens after which a stretch that is still out of step is left to the search.
LONGEST = 150

#: Nats added when a lost byte makes a character that the page glosses elsewhere.
KNOWN_GLOSS_BONUS = 4.0

#: Nats added when a gloss is the first reading of the character it is said to name.
FIRST_READING_BONUS = 2.0

#: Readings that are remembered: with and without tones there are some 1,800.
REMEMBERED = 1 << 12


class _Bytes:
    """Bytes that are pushed one by one, and the text that they make."""

    __slots__ = ("broken", "last", "named", "pending", "text")

    def __init__(self, begun: Known) -> None:
        self.text = begun.text
        self.pending = begun.pending
        self.last = begun.last
        self.named = begun.named
        self.broken = begun.broken
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

    def push_all(self, data: bytes) -> bool:
        """Append the bytes of a character; False when one makes none."""
        return self.push(data[0]) and (len(data) == 1 or self.push(data[1]))

    def known(self, end: int, worth: float, *, doubtful: bool = False) -> Known:
        """Write down what is known at a place of the text."""
        return Known(
            end, self.text, self.named, self.pending, self.last, self.broken, worth, doubtful
        )


class Known(NamedTuple):
    """How far arithmetic gets: to where in the text, what stood there, which glosses named bytes.

    `pending` is a byte that waits for its trail, -1 where all is back in step, `last` the last one;
    `broken` says that a gloss stands inside the character that is not complete, and `doubtful` that
    a bare character comes out next that the page glosses wherever it stands. `worth` are nats for
    the characters that ambiguous glosses are taken to name.
    """

    end: int
    text: str = ""
    named: tuple[tuple[str, str], ...] = ()
    pending: int = -1
    last: int = -1
    broken: bool = False
    worth: float = 0.0
    doubtful: bool = False


def solve(text: str, first: Token, *, context: str, glosses: Mapping[str, str]) -> list[Known]:
    """Return what stood from a gloss that swallowed a byte on, as far as all bytes are known.

    >>> text = "家?guī)熧Y"
    >>> solve(text, token_at(text, 1), context="家", glosses={"規": "guī"})[0][:3]
    (8, '師資', (('規', 'guī'),))

    There is one for each character that a gloss may name, but only that one where one is known to
    be glossed; none where any is doubtful.
    """
    data = cp936.encode(context)
    if not data:
        return []
    named = named_bytes(first.gloss).get(data[-1], ())
    known = [one for one in named if one[0] in glosses]
    trusted = glosses if len(known) == 1 else {}
    found = []
    for char, trail, usual in known if trusted else named:
        if trail <= cp936.EURO:
            continue
        worth = named_worth(char, glosses, usual=usual)
        begun = Known(first.end, "", ((char, first.gloss),), trail, trail, True, worth)
        if reached := advance(text, begun, glosses, trusted):
            found.append(reached)
    return [] if any(known.doubtful for known in found) else found


def named_worth(char: str, glosses: Mapping[str, str], *, usual: bool) -> float:
    """Return what it is worth, in nats, that a gloss names this character.

    >>> named_worth("規", {"規": "guī"}, usual=True) > named_worth("規", {}, usual=True) > 0
    True
    """
    return KNOWN_GLOSS_BONUS * (char in glosses) + FIRST_READING_BONUS * usual


def advance(
    text: str, begun: Known, glosses: Mapping[str, str], trusted: Mapping[str, str]
) -> Known | None:
    """Push what stands behind a byte that waits, until all is in step or a byte is lost.

    >>> advance("熧Y", Known(0, pending=0x8E), {}, {})[:2]
    (2, '師資')

    None where a byte makes no character. Of the characters that a gloss may name, the only one
    that is among the `trusted` is believed to be it.
    """
    made = _Bytes(begun)
    end = begun.end
    for _ in range(LONGEST):
        if end >= len(text):
            break
        char = text[end]
        done = len(made.text)
        if char in LOST or text.startswith("(", end + 1):
            token = token_at(text, end)
            pushed = _pushed(made, token, text, trusted)
            glossed, end_after = token.gloss != "", token.end
        else:
            # By far the most, so without the detour of a token.
            data = cp936.encode(char)
            pushed = None if data is None else made.push_all(data)
            glossed, end_after = False, end + 1
        if pushed is None:
            break
        if not pushed:
            return None
        fresh = made.text[done:]
        if not glosses.keys().isdisjoint(fresh[made.broken : len(fresh) - glossed]):
            return made.known(end, begun.worth, doubtful=True)
        made.broken = glossed and made.pending >= 0
        end = end_after
        if made.pending < 0:
            break
    else:
        return None
    return made.known(end, begun.worth)


def _pushed(made: _Bytes, token: Token, text: str, trusted: Mapping[str, str]) -> bool | None:
    """Push the bytes of a token; None where one is lost or several fit, False where none does."""
    if token.swallowed:
        named = _named(token, made.last, trusted)
        if len(named) != 1:
            return None if named else False
        char, trail, _ = named[0]
        made.named = (*made.named, (char, token.gloss))
        return made.push(trail)
    data = cp936.encode(token.char)
    if data is None or (token.char in LOST and not token.gloss):
        return None
    lead = made.pending
    if not made.push_all(data):
        return False
    if token.gloss:
        pair = data if len(data) == 2 else bytes((max(lead, 0), *data))
        char = cp936.tables().decode.get(pair, "")
        if char and reads(char, token.gloss):
            made.named = (*made.named, (char, token.gloss))
        elif made.pending < 0:
            made.text += text[token.start + 1 : token.end]
        else:
            return False
    return True


def _named(token: Token, last: int, trusted: Mapping[str, str]) -> Sequence[tuple[str, int, bool]]:
    """The characters that a gloss names behind a byte: those that are trusted, if any."""
    found = named_bytes(token.gloss).get(last, ())
    return [one for one in found if one[0] in trusted] or found


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
