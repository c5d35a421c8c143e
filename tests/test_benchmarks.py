"""The benchmarks run, on little text; nothing here judges time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"


@pytest.mark.skipif(not DATA.exists(), reason="the benchmarks read ../shared/data")
def test_the_pipeline_is_measured_beside_its_peers(tmp_path):
    command = [sys.executable, ROOT / "benchmarks" / "pipeline.py"]
    command += ["--size", "0.03", "--sizes", "3", "10"]
    done = subprocess.run(
        [*command, "--scratch", tmp_path], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    for what in (
        "clean UTF-8",
        "short rows",
        "spam mirror",
        "wholly damaged",
        "ftfy.fix_text",
        "10 kB",
    ):
        assert what in done.stdout
