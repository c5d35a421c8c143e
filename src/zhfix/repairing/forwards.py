"""The spam mirror forwards, which is what proves its repairs: gloss the bytes, cut, and read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from zhfix.repairing import cp936
from zhfix.repairing.channels.punctuation import FLATTEN
from zhfix.repairing.glosses import REMEMBERED
from zhfix.repairing.tokens import FULL_WIDTH_MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Glosses", "Repaired", "forwards", "give_back"]

#: Characters and their readings, as one page glosses them.
Glosses: TypeAlias = Mapping[str, str]

#: All orders of so many characters or marks are tried when a repair is run forwards.
MOST_PERMUTED = 3

#: Most sites cut at none, or at these.
USUAL_MARKS = ("", "，。")

#: What stands between stretches that are run forwards together: no byte of it is half of a pair,
#: and the first is there for a half before it to eat.
BETWEEN = b"\n\n\0"


#: Width is not compared, for marks may have been flattened later, nor how a lost byte is written.
WITHOUT_WIDTH = {**FLATTEN, 0xFFFD: "?"}


class Repaired(NamedTuple):
    """A stretch that was put right, with the character before it, and what it was.

    `mark` stands behind it if the text was cut there.
    """

    context: str
    text: str
    damaged: str
    mark: str


def forwards(data: bytes, glosses: Glosses, marks: str) -> str:
    """Gloss and cut the bytes of a text as a site does, and read what it serves.

    >>> forwards("家師".encode("gbk"), {"規": "guī"}, "")
    '家?guī)?'
    """
    pairs = cp936.tables().encode
    for gloss in glosses.items():
        data = data.replace(*_glossed(*gloss))
    pieces = [data]
    for mark in marks:
        pair = pairs[mark]
        pieces = [
            piece
            for whole in pieces
            for index, part in enumerate(whole.split(pair))
            for piece in ((pair, part) if index else (part,))
        ]
    return "".join(map(cp936.decode, pieces))


@lru_cache(maxsize=REMEMBERED)
def _glossed(char: str, reading: str) -> tuple[bytes, bytes]:
    """Return the bytes of a character, and the same with its gloss."""
    pair = cp936.tables().encode[char]
    return pair, pair + b"(" + (cp936.encode(reading) or b"") + b")"


def give_back(stretches: Sequence[Repaired], glosses: Glosses) -> list[bool]:
    """Tell of each repair whether the channel, run forwards on it, gives the damage again.

    >>> give_back([Repaired("家", "師資", "?guī)熧Y", "")], {"規": "guī"})
    [True]

    All are run together, cut at the usual marks; only for those of which that is not enough other
    orders are tried in which the site may have replaced its characters and cut.
    """
    data = [cp936.encode(one.context + one.text + one.mark) for one in stretches]
    wanted = [(one.damaged + one.mark).translate(WITHOUT_WIDTH) for one in stretches]
    there_are = _pairs(b"".join(one or b"" for one in data))
    glosses = {char: glosses[char] for char in glosses if char in there_are}
    told = [False] * len(stretches)
    left = [place for place, own in enumerate(data) if own is not None]
    for marks in USUAL_MARKS:
        served = _served([data[place] or b"" for place in left], glosses, marks)
        for place, there in zip(left, served, strict=True):
            told[place] = there.endswith(wanted[place])
        left = [place for place in left if not told[place]]
    for place in left:
        told[place] = _gives_back(data[place] or b"", wanted[place], glosses)
    return told


def _pairs(data: bytes) -> dict[str, None]:
    """Return the characters of all pairs of neighbours, in step or not, in order."""
    return dict.fromkeys(map(cp936.character, data, data[1:]))


def _served(data: Sequence[bytes], glosses: Glosses, marks: str) -> list[str]:
    """Run the channel forwards on many pieces of data at once; nothing if a NUL stands in one."""
    joined = b"".join(one + BETWEEN for one in data)
    served = forwards(joined, glosses, marks).translate(FLATTEN).split("\0")
    if len(served) != len(data) + 1:
        return [""] * len(data)
    return [one.removesuffix("\n\n" if one.endswith("\n\n") else "\n") for one in served[:-1]]


def _gives_back(data: bytes, wanted: str, glosses: Glosses) -> bool:
    """Whether the damage comes out in some order of the replacements.

    That order is unknown and decides where matches overlap, so a few are tried.
    """
    found = _pairs(data)
    chars = [char for char in found if char in glosses]
    marks = [mark for mark in FULL_WIDTH_MARKS if mark in found]
    for ordered in permutations(chars) if len(chars) <= MOST_PERMUTED else (chars, chars[::-1]):
        some = {char: glosses[char] for char in ordered}
        for cut_at in {"", *marks, *map("".join, permutations(marks[:MOST_PERMUTED]))}:
            if forwards(data, some, cut_at).translate(FLATTEN).endswith(wanted):
                return True
    return False
