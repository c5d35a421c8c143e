"""The group of verbs: `fix` may be left out, and a verb is loaded when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from zhfix import __version__
from zhfix.command.exits import BROKEN_PIPE

__all__ = ["VERBS", "cli"]

#: Where each verb lives, in the order of the help.
VERBS = {
    "fix": "zhfix.command.verbs.change:fix",
    "detect": "zhfix.command.verbs.detect:detect",
    "repair": "zhfix.command.verbs.change:repair",
    "strip": "zhfix.command.verbs.change:strip",
    "convert": "zhfix.command.verbs.change:convert",
    "decode": "zhfix.command.verbs.change:decode",
    "explain": "zhfix.command.verbs.explain:explain",
    "report": "zhfix.pages.commands:report",
    "play": "zhfix.pages.commands:play",
    "stages": "zhfix.command.verbs.lists:list_stages",
    "rules": "zhfix.command.verbs.lists:list_rules",
    "bench": "zhfix.command.verbs.bench:bench",
    "completion": "zhfix.command.verbs.completion:completion",
}

OWN_OPTIONS = ("--help", "-h", "--version")


class Verbs(click.Group):
    """A group whose `fix` may be left out: `zhfix --to zh-Hans < in` and `zhfix page.txt`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Name the verbs without loading them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load a verb."""
        if cmd_name not in VERBS:
            return None
        module, _, attribute = VERBS[cmd_name].partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb; click itself would end with 1 when the reader of the output is gone."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            ctx.exit(BROKEN_PIPE)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `fix` in front when the first word is no verb."""
        # Where a shell asks what may follow, nothing is known yet.
        if (
            not args
            and not ctx.resilient_parsing
            and sys.stdin is not None
            and not sys.stdin.isatty()
        ):
            args = ["fix"]
        elif args and args[0] not in OWN_OPTIONS and args[0] not in VERBS:
            args = ["fix", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.version_option(__version__, prog_name="zhfix")
def cli() -> None:
    """Give back the Chinese text you should have had.

    Decodes bytes of unknown encoding, repairs encoding damage, strips boilerplate and
    converts between Simplified and Traditional. Without a verb, it fixes.

    \b
      zhfix < page.txt > article.txt            a filter
      zhfix -r -i --to zh-Hans novels/          a folder, in place
      zhfix detect -r novels/                   a linter: file:line:column: rule message
      zhfix explain page.txt                    what was done, and why
      zhfix VERB --help                         options and examples of a verb

    \b
    Exit codes: 0 done or clean, 1 findings or changes (detect, --check, --diff),
    2 wrong use or a missing file, 3 some inputs failed, 130 Ctrl-C, 141 closed pipe.
    """
