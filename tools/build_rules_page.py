"""Build `docs/rules.md`, the page of all rules.

python tools/build_rules_page.py
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from zhfix.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.rules import Rule

OUT = Path(__file__).resolve().parent.parent / "docs/rules.md"
HEAD = """# Rules

Everything that a stage can report or change has a rule with a stable id. `detect` and `repair`
take `select` and `ignore`: ids, or the beginnings of ids (`spam-mirror`). A rule that is *off*
changes what many want to keep, and is in force only where `extend` or `select` has its full id.

```toml
[stages.repair]
ignore = ["punctuation", "escape/percent"]
extend = ["code-point/compatibility"]
lost = "mark"                # what cannot be repaired: "keep", "drop" or "mark"
```

What stands in examples as `\\u200b` is that character; the examples are run by the tests. Made by
`tools/build_rules_page.py` from `zhfix.rules.catalogue()`; do not edit.
"""
STAGES = {
    "decode": "Decoding",
    "repair": "Damage, found by `detect` and undone by `repair`",
    "strip": "Boilerplate",
    "convert": "Conversion",
    "encode": "Encoding",
}
#: Longer examples stand in the tables of the stages and are told by their lines that change.
LONG = 120


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for stage, rules in groupby(catalogue().values(), key=lambda rule: rule.stage):
        parts.append(f"## {STAGES[stage]}\n")
        members = sorted(rules, key=lambda rule: rule.id)
        parts.append("| id | |\n|---|---|")
        parts += [f"| [`{rule.id}`](#{anchor(rule.id)}) | {cell(rule)} |" for rule in members]
        parts.append("")
        parts += [section for rule in members for section in described(rule)]
    return "\n".join(parts)


def anchor(name: str) -> str:
    """The anchor that a heading of this id gets."""
    return name.replace("/", "")


def cell(rule: Rule) -> str:
    """A summary, for a cell of a table."""
    summary = rule.summary.replace("|", "\\|").replace("<", "&lt;")
    return summary if rule.default else f"{summary} (off)"


def described(rule: Rule) -> Iterator[str]:
    """Yield the section of one rule."""
    yield f"### `{rule.id}`\n"
    if not rule.default:
        yield "*Off unless it is named by its full id.*\n"
    yield f"{rule.paragraph}\n"
    yield f"- **Cause:** {rule.cause}"
    yield f"- **How sure:** {rule.certainty}"
    if rule.options:
        given = ", ".join(f"`{key} = {value!r}`" for key, value in rule.options.items())
        yield f"- **Example with** {given}:"
    else:
        yield "- **Example:**"
    yield f"\n```text\n{example(rule)}\n```\n"


def example(rule: Rule) -> str:
    """Both texts of an example, or what is found in the one."""
    before, after = rule.example_before, rule.example_after
    if before == after:
        return f"{shown(before)}\n(reported, and left as it is)"
    if len(before) > LONG and rule.stage == "strip":
        kept = set(after.split("\n"))
        gone = [line for line in before.split("\n") if line not in kept]
        return "\n".join(f"- {line}" for line in gone)
    return f"{shown(before)}\n→ {shown(after)}"


def shown(text: str) -> str:
    """Write what nobody sees as an escape."""
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode-escape").decode()
        for char in text.strip("\n")
    )


if __name__ == "__main__":
    OUT.write_text(page(), "utf-8")
