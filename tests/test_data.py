"""Every table that ships is the one whose provenance is written down."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

import zhfix

DATA = Path(zhfix.__file__).parent / "data"
PROVENANCE = tomllib.loads((DATA / "PROVENANCE.toml").read_text("utf-8"))
OTHERS = [tomllib.loads(path.read_text("utf-8")) for path in DATA.glob("*-provenance.toml")]
TABLES = {**PROVENANCE, **{name: row for other in OTHERS for name, row in other["tables"].items()}}


@pytest.mark.parametrize("name", [name for name, row in TABLES.items() if "sha256" in row])
def test_a_table_is_the_one_that_was_built(name):
    digest = hashlib.sha256((DATA / name).read_bytes()).hexdigest()
    assert digest == TABLES[name]["sha256"]


def test_no_table_is_without_provenance():
    shipped = {
        p.name for p in DATA.iterdir() if p.suffix in (".npz", ".bin", ".tsv", ".toml", ".json")
    }
    shipped -= {"PROVENANCE.toml", *(path.name for path in DATA.glob("*-provenance.toml"))}
    shipped |= {f"../decoding/{p.name}" for p in (DATA.parent / "decoding").glob("*.bin")}
    assert shipped == set(TABLES)


@pytest.mark.parametrize("name", PROVENANCE)
def test_sources_may_ship(name):
    for source in PROVENANCE[name]["sources"]:
        licence = source["licence"]
        assert not any(word in licence for word in ("NC", "-SA", "research", "GPL")), source


def test_the_rules_of_stripping_are_those_that_are_read():
    read = json.loads((DATA / "strip.json").read_text("utf-8"))
    for name in ("rules", "spam"):
        written = tomllib.loads((DATA / f"strip-{name}.toml").read_text("utf-8"))
        assert read[name] == written, "run tools/build_strip_rules.py"
