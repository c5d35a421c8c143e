"""What once broke a stage or a reader, found by tools/fuzz_command.py, breaks nothing again.

The files are made by mutation; the first word of a name is the target.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CRASHES = sorted((ROOT / "tests/fixtures/command/crashes").glob("*.bin"))


@pytest.fixture(scope="module")
def run_target():
    return runpy.run_path(str(ROOT / "tools/fuzz_command.py"))["run_target"]


@pytest.mark.parametrize("path", CRASHES, ids=lambda path: path.stem)
def test_it_breaks_nothing(run_target, path):
    run_target(path.stem.split("-")[0], path.read_bytes())


@pytest.mark.parametrize("target", ["decode", "repair", "strip", "convert", "csv", "html", "warc"])
def test_seeds_of_the_fuzzer_break_nothing(run_target, target):
    module = runpy.run_path(str(ROOT / "tools/fuzz_command.py"))
    for seed in module["seeds"]()[-12:]:
        run_target(target, seed)
