"""The verbs that list what there is: stages, decoders, rules."""

from __future__ import annotations

import click

from zhfix.command.options import Command
from zhfix.command.views import as_json
from zhfix.registry import decoders, stages

__all__ = ["list_rules", "list_stages"]


@click.command(name="stages", cls=Command, examples="zhfix stages")
def list_stages() -> None:
    """List the stages and decoders that can be used, and who brings them."""
    for title, registry in (("stages", stages), ("decoders", decoders)):
        click.echo(f"{title}:")
        for name in registry.names():
            click.echo(f"  {name:<28} {registry.origin(name)}")


@click.command(
    name="rules",
    cls=Command,
    examples="""
    zhfix rules
    zhfix rules --json | jq -r .id
    zhfix explain --rule damage/replacement
    """,
)
@click.option("--json", "listing", is_flag=True, help="One JSON object a rule.")
def list_rules(*, listing: bool) -> None:
    """List all rules with a summary of each; `zhfix explain --rule ID` tells more."""
    from zhfix.rules import catalogue

    for rule in catalogue().values():
        if listing:
            record = {"id": rule.id, "stage": rule.stage, "summary": rule.summary}
            click.echo(as_json({**record, "default": rule.default, "cause": rule.cause}))
        else:
            off = "" if rule.default else " (off)"
            click.echo(f"{rule.stage:<8} {rule.id:<40} {rule.summary}{off}")
