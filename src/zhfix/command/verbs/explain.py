"""The verb that says what was done, and why."""

from __future__ import annotations

import sys
from typing import Any

import click

from zhfix.command.options import Command, configured, reading, working
from zhfix.command.verbs.shared import carry_out
from zhfix.errors import ConfigError, did_you_mean

__all__ = ["explain"]


@click.command(
    cls=Command,
    examples="""
    zhfix explain page.txt
    zhfix explain --to zh-Hans --no-text page.txt
    zhfix explain --json page.txt | jq .revisions
    zhfix explain --rule spam-mirror/gloss
    """,
)
@reading
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.option("--text/--no-text", default=True, help="Print the fixed text first.")
@click.option("--color/--no-color", default=None, help="Colour even when piped, or never.")
@click.option("--rule", metavar="ID", help="Explain a rule instead.")
@configured
@working
def explain(
    *, as_json: bool, text: bool, color: bool | None, rule: str | None, **given: Any
) -> None:
    """Show the fixed text, then every edit with its rule, confidence and reason."""
    if rule is not None:
        click.echo(_rule(rule), nl=False)
        return
    colored = sys.stdout.isatty() if color is None else color
    style = {"json": as_json, "text": text, "color": colored}
    carry_out("explain", "explanation", given, style)


def _rule(name: str) -> str:
    """Tell all that is known about a rule."""
    from zhfix.rules import catalogue

    rules = catalogue()
    if name not in rules:
        raise ConfigError(f"no rule {name!r}{did_you_mean(name, rules)}")
    rule = rules[name]
    parts = [rule.id, "", rule.paragraph, "", f"Cause: {rule.cause}"]
    parts.append(f"How sure: {rule.certainty}")
    if not rule.default:
        parts.append("Off unless it is named by its full id.")
    if rule.example_before == rule.example_after:
        parts += ["Example (reported, and left as it is):", _indented(rule.example_before)]
    else:
        before, after = _indented(rule.example_before), _indented(rule.example_after)
        parts += ["Example:", before, "becomes:", after]
    return "\n".join(parts) + "\n"


def _indented(text: str) -> str:
    shown = "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode-escape").decode()
        for char in text.strip("\n")
    )
    return "\n".join(f"  {line}" for line in shown.split("\n"))
