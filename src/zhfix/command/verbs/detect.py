"""The verb that reports damage and changes nothing."""

from __future__ import annotations

from typing import Any

import click

from zhfix.command.options import Command, configured, reading, working
from zhfix.command.verbs.shared import carry_out
from zhfix.command.views import FORMATS
from zhfix.errors import ConfigError, did_you_mean

__all__ = ["detect"]


@click.command(
    cls=Command,
    examples="""
    zhfix detect page.txt
    zhfix detect -r --include '*.md' docs/
    zhfix detect --select mojibake --ignore mojibake/gbk-read-as-latin-1 page.txt
    zhfix detect --format github -r .
    zhfix detect --format sarif -r . > zhfix.sarif
    zhfix detect --jsonl --field text crawl.jsonl
    """,
)
@reading
@click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="text, a JSON object a line, GitHub annotations, or a SARIF log.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--select", multiple=True, metavar="RULE", help="Only these; beginnings will do.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these; beginnings will do.")
@configured
@working
def detect(
    *, format_: str, as_json: bool, select: tuple[str, ...], ignore: tuple[str, ...], **given: Any
) -> None:
    """Report damage as FILE:LINE:COLUMN: RULE message, and exit 1 when there is any.

    Columns count characters. Rules are listed by `zhfix rules`.
    """
    style: dict[str, Any] = {"format": "json" if as_json else format_}
    if select or ignore:
        style["wanted"] = {"select": _rules(select) or ("",), "ignore": _rules(ignore)}
    carry_out("detect", "findings", given, style)


def _rules(given: tuple[str, ...]) -> tuple[str, ...]:
    """Check names of rules or their beginnings; commas separate several."""
    from zhfix.rules import catalogue

    names = tuple(name.strip() for each in given for name in each.split(",") if name.strip())
    for name in names:
        if not any(rule.startswith(name) for rule in catalogue()):
            raise ConfigError(f"no rule {name!r}{did_you_mean(name, catalogue())}")
    return names
