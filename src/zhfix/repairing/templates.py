"""The bytes that a character of damaged text may stand for, some of them lost.

`?` may be a question mark, a byte that could not be read, or that and the byte after it; a space
may have been a no-break space; between two characters a byte may have vanished.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from zhfix.repairing.codecs import NONE, reading

if TYPE_CHECKING:
    from zhfix.repairing.search import Pair

__all__ = [
    "END",
    "LOST",
    "UNDEFINED",
    "Option",
    "Template",
    "gaps",
    "options",
    "other_case",
    "refused",
]

END = 0x0A
"""What follows the last character of a line."""
LOST = bytes(range(0x80, 0xFF))
"""A byte of which nothing is known but that it is not ASCII. Bytes are the sets of their values:
one that is known is a set of one."""
EATEN = b"\"'()<> \n,.;:!-0123456789=/"
"""An ASCII byte that a `?` swallowed: a trail byte below 0x40 that is no letter."""
UNDEFINED = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
"""A byte that Windows-1252 does not define: the C1 control it became was dropped."""
_ANY_PAIR = ((LOST, LOST),)
FIRST_PRIVATE = 0xE000
LAST_PRIVATE = 0xF8FF
#: First bytes, in the middle of UTF-8, of pairs that are private use; rows much alike are one.
PRIVATE_ROWS = (range(0xA1, 0xA8), range(0xA8, 0xAA), range(0xAA, 0xB0))

Template: TypeAlias = tuple[bytes, ...]
#: Bytes below may be no second byte of a character: any lead byte is lost before them.
FIRST_TRAIL = 0x40
#: What may follow a lost byte that is lost itself.
_FOLLOWING = range(0xA1, 0xFF)
_FOLLOWING_UTF8 = (*range(0x80, 0xC0), *range(0xE3, 0xEA), 0xEF)
#: Python's strictest codec of each wide reading.
_STRICT = {"gbk": "gbk", "big5": "big5", "shift-jis": "shift_jis", "euc-kr": "euc_kr"}
#: Prices in nats: how much less likely each kind of loss is than none.
PRICE_LOST = 1.0
PRICE_TWO = 2.5
PRICE_EATEN = 3.0
PRICE_SPACE = 2.0
_QUESTION = ("?", "\ufffd")


class Option(NamedTuple):
    """Bytes that a character may stand for, what that costs, and whether some are lost."""

    template: Template
    price: float
    lossy: bool


def options(character: str, code: int, following: int, pair: Pair) -> list[Option]:
    """Return the byte templates of a character, each with its price.

    `following` is the code of the next character: a byte was lost because those two do not go
    together.

    >>> from zhfix.repairing.search import Pair
    >>> len(options("?", 0x3F, 0x61, Pair("utf-8", "gbk"))) > 1
    True
    """
    if character == "\n":
        return []
    found: list[Option] = []
    if code != NONE:
        found.append(Option(_known(code), 0.0, False))
    if character in _QUESTION:
        first = following >> 8 or following
        if lost := refused(pair).get(NONE if following == NONE else first, LOST):
            found.append(Option((lost,), PRICE_LOST, True))
        if reading(pair.wrong).wide:
            found += [Option(two, PRICE_TWO, True) for two in gaps(pair.wrong)]
            if character == "?" and following != END:
                found.append(Option((LOST, EATEN), PRICE_EATEN, True))
    elif character == " " and not reading(pair.wrong).wide:
        found.append(Option((b"\xa0",), PRICE_SPACE, True))
    return found


def _known(code: int) -> Template:
    """Return the bytes of a character that lost nothing."""
    data = bytes((code >> 8, code & 255)) if code > 0xFF else bytes((code,))
    return tuple(data[at : at + 1] for at in range(len(data)))


@cache
def gaps(wrong: str) -> tuple[Template, ...]:
    """Return what can have vanished between two characters, or become one `?`.

    That are the pairs of bytes that CP936 reads as private use and other tables not at all.

    >>> len(gaps("gbk"))
    3
    """
    if not reading(wrong).wide:
        return ((UNDEFINED,),)
    if wrong != "gbk":
        return _ANY_PAIR
    found = []
    for leads in PRIVATE_ROWS:
        trails = set()
        for lead in leads:
            row = reading(wrong).pairs[lead << 8 : (lead + 1) << 8]
            private = np.flatnonzero((row >= FIRST_PRIVATE) & (row <= LAST_PRIVATE))
            trails.update(private[private >= LOST[0]].tolist())
        found.append((bytes(leads), bytes(sorted(trails))))
    return tuple(found)


@cache
def refused(pair: Pair) -> dict[int, bytes]:
    """For each byte that may come next, the bytes that the wrong decoder refuses before it.

    The strictest table decides: what it refuses, another may have read. `NONE` stands for a next
    byte that is lost as well; bytes before which anything is refused are not in the table.
    """
    codec = _STRICT.get(pair.wrong)
    if codec is None:
        return {}
    found = {}
    for following in range(FIRST_TRAIL, 0x100):
        both = ((lead, bytes((lead, following))) for lead in LOST)
        found[following] = bytes(lead for lead, data in both if _unreadable(data, codec))
    likely = _FOLLOWING_UTF8 if pair.true == "utf-8" else _FOLLOWING
    found[NONE] = bytes(sorted(set().union(*(found[following] for following in likely))))
    return found


def _unreadable(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        return error.start == 0
    return False


def other_case(character: str, pair: Pair) -> list[Option]:
    """Return the bytes of the letters that become this one when the case is changed.

    >>> from zhfix.repairing.search import Pair
    >>> [one.template for one in other_case("é", Pair("utf-8", "cp1252"))] == [(b"\\xc9",)]
    True
    """
    return [
        Option((bytes((code,)),), 0.0, False) for code in _case_codes(pair.wrong).get(character, ())
    ]


@cache
def _case_codes(wrong: str) -> dict[str, tuple[int, ...]]:
    """Map what changing the case makes of a letter to the bytes of that letter.

    It is a table of its own because case is no pair: `µ` becomes Greek `Μ`, which stays Greek.
    """
    found: dict[str, tuple[int, ...]] = {}
    for code, point in enumerate(reading(wrong).singles.tolist()):
        letter = chr(point) if point >= 0 else ""
        for changed in {letter.lower(), letter.upper()} - {letter}:
            found[changed] = (*found.get(changed, ()), code)
    return found
