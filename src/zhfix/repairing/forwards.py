"""The spam mirror forwards, which is what proves its repairs: gloss the bytes, cut, and read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from zhfix.repairing import cp936
from zhfix.repairing.channels.punctuation import FLATTEN
from zhfix.repairing.tokens import FULL_WIDTH_MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Glosses", "Repaired", "forwards", "give_back"]

#: Characters and their readings, as one page glosses them.
Glosses: TypeAlias = Mapping[str, str]

#: All orders of so many characters or marks are tried when a repair is run forwards.
MOST_PERMUTED = 3

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
    for char, reading in glosses.items():
        pair = pairs[char]
        if pair in data:
            data = data.replace(pair, pair + b"(" + (cp936.encode(reading) or b"") + b")")
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


def give_back(stretches: Sequence[Repaired], glosses: Glosses) -> list[bool]:
    """Tell of each repair whether the channel, run forwards on it, gives the damage again.

    >>> give_back([Repaired("家", "師資", "?guī)熧Y", "")], {"規": "guī"})
    [True]

    All are run together; only for those of which that is not enough other orders are tried in
    which the site may have replaced its characters and cut at its marks.
    """
    data = [cp936.encode(one.context + one.text + one.mark) for one in stretches]
    joined = b"".join((one or b"") + BETWEEN for one in data)
    served = forwards(joined, glosses, "").translate(FLATTEN).split("\0")
    if len(served) != len(stretches) + 1:  # a NUL stands in the text itself
        served = [""] * (len(stretches) + 1)
    told = []
    for one, own, there in zip(stretches, data, served, strict=False):
        wanted = (
            (one.damaged + one.mark).translate(FLATTEN).replace("\N{REPLACEMENT CHARACTER}", "?")
        )
        alone = there.removesuffix("\n\n" if there.endswith("\n\n") else "\n")
        told.append(
            own is not None and (alone.endswith(wanted) or _gives_back(own, wanted, glosses))
        )
    return told


def _gives_back(data: bytes, wanted: str, glosses: Glosses) -> bool:
    """Whether the damage comes out in some order of the replacements.

    That order is unknown and decides where matches overlap, so a few are tried.
    """
    pairs = cp936.tables().decode
    found = dict.fromkeys([pairs.get(data[at : at + 2], "") for at in range(len(data) - 1)])
    chars = [char for char in found if char in glosses]
    marks = [mark for mark in FULL_WIDTH_MARKS if mark in found]
    for ordered in permutations(chars) if len(chars) <= MOST_PERMUTED else (chars, chars[::-1]):
        some = {char: glosses[char] for char in ordered}
        for cut_at in {"", *marks, *map("".join, permutations(marks[:MOST_PERMUTED]))}:
            if forwards(data, some, cut_at).translate(FLATTEN).endswith(wanted):
                return True
    return False
