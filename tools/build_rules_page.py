"""Build `docs/rules.md`, the page of all rules of damage.

python tools/build_rules_page.py
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from zhfix.repairing.channels import all_channels

OUT = Path(__file__).resolve().parent.parent / "docs/rules.md"
HEAD = """# Rules of damage

What `detect` reports and `repair` undoes. Each id can be given to `select` and `ignore`, also
its beginning alone. Made by `tools/build_rules_page.py` from the channels; do not edit.
"""


def page() -> str:
    """Return the page."""
    rules = {rule: text for channel in all_channels() for rule, text in channel.rules.items()}
    parts = [HEAD]
    for family, members in groupby(sorted(rules), key=lambda rule: rule.split("/")[0]):
        parts.append(f"## {family}\n")
        parts += [f"### `{rule}`\n\n{rules[rule]}\n" for rule in members]
    return "\n".join(parts)


if __name__ == "__main__":
    OUT.write_text(page(), "utf-8")
