"""The tables that ship with zhfix: read as bytes, or mapped into memory.

A mapped table costs nothing until it is looked at, then only the pages that are, and all processes
share them. Where the package is not on disk, as in an archive, it is read instead.
"""

from __future__ import annotations

import os.path
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zhfix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["arrays", "pack", "read", "unpack"]

#: The first line of a file of arrays. The next one has their size in bytes, then comes a line for
#: each: name, type, offset, lengths; and an empty one.
_FORMAT = "zhfix arrays 1"
#: Each array begins at a multiple of this, in bytes: a line of the cache.
_ALIGNED = 64


def read(name: str, package: str = "zhfix.data") -> bytes:
    """Return a file of a package.

    >>> read("py.typed", "zhfix")
    b''

    Unlike `importlib.resources` this loads nothing that unpacks or encrypts. Raises `OSError`.
    """
    module: Any = import_module(package)
    content: bytes = module.__spec__.loader.get_data(_path_of(name, module))
    return content


def _path_of(name: str, module: Any) -> str:
    # Not by pathlib, which loads what parses addresses of the web.
    return os.path.join(module.__path__[0], name)  # noqa: PTH118


def pack(tables: Mapping[str, NDArray[Any]]) -> bytes:
    """Write arrays so that they can be mapped; see `unpack`."""
    lines, parts, size = [], [], 0
    for name, table in tables.items():
        lines.append(" ".join(map(str, (name, table.dtype.str, size, *table.shape))))
        part = table.tobytes()
        parts.append(part + bytes(-len(part) % _ALIGNED))
        size += len(parts[-1])
    head = "\n".join((_FORMAT, str(size), *lines, "", "")).encode("ascii")
    return head + bytes(-len(head) % _ALIGNED) + b"".join(parts)


def arrays(name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file in `zhfix.data`, read-only.

    >>> arrays("model.bin")["symbols"].shape
    (1114112,)

    Raises `OSError` when it is missing, and `DataError` when it is not whole.
    """
    return unpack(_mapped(name), name)


def unpack(data: Any, name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays that `pack` wrote, as views of the data; `name` is for errors."""
    import numpy as np

    end = max(data.find(b"\n\n"), 0)
    head = data[:end].decode("ascii", "replace").split("\n")
    start = end + 2 + -(end + 2) % _ALIGNED
    if head[:2] != [_FORMAT, str(len(data) - start)]:
        raise DataError("is not whole; reinstall zhfix", table=name)
    found = {}
    for line in head[2:]:
        key, kind, offset, *lengths = line.split(" ")
        found[key] = np.ndarray(tuple(map(int, lengths)), kind, data, start + int(offset))
    return found


def _mapped(name: str) -> Any:
    """Return the bytes of a file, mapped where it is one."""
    import mmap

    module: Any = import_module("zhfix.data")
    try:
        with open(_path_of(name, module), "rb") as file:  # noqa: PTH123 -- as above
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:  # perhaps in an archive
        return read(name)
    except ValueError:  # an empty file cannot be mapped
        return b""
