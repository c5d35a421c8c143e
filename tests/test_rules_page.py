"""The page of rules is in step with the channels."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_page_is_the_one_that_the_tool_makes():
    page = runpy.run_path(str(ROOT / "tools/build_rules_page.py"))["page"]()
    assert (ROOT / "docs/rules.md").read_text("utf-8") == page
