"""The pages of the verbs are in step with the help."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_pages_are_those_that_the_tool_makes():
    pages = runpy.run_path(str(ROOT / "tools/build_command_pages.py"))["pages"]()
    written = {path.name: path.read_text("utf-8") for path in (ROOT / "docs/command").glob("*.md")}
    assert written == pages
