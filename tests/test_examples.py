"""The example package is installed for real, and its stage is used by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parent.parent / "examples/zhfix-reader-footer"
NOVEL = "第一章\n\n正文一段，说明情况。\n本书首发于某某小说网\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    target = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--target", target, EXAMPLE], check=True, capture_output=True)
    return {**os.environ, "PYTHONPATH": os.fspath(target)}


def run(env, *args, data=""):
    command = [sys.executable, "-m", "zhfix", *args]
    return subprocess.run(
        command, input=data.encode(), capture_output=True, check=True, env=env
    ).stdout.decode()


def test_the_stage_is_listed_with_who_brings_it(installed):
    (line,) = (line for line in run(installed, "stages").splitlines() if "reader-footer" in line)
    assert line.split() == ["reader-footer", "zhfix-reader-footer", "0.1.0"]


def test_it_runs_by_name_and_takes_options(installed):
    stages = ("--stages", "detect,reader-footer")
    assert run(installed, *stages, data=NOVEL) == "第一章\n\n正文一段，说明情况。\n"
    other = ("--set", "reader-footer.site=别的网站")
    assert run(installed, *stages, *other, data=NOVEL) == NOVEL


def test_it_keeps_the_contract(installed):
    code = "from zhfix.testing import check_stage; from zhfix_reader_footer import stage; check_stage(stage())"
    subprocess.run([sys.executable, "-c", code], check=True, env=installed)
