"""Build the pages of the verbs, `docs/command/*.md`, from the help of the command.

python tools/build_command_pages.py
"""

from __future__ import annotations

from pathlib import Path

import click

from zhfix.command.group import VERBS, cli

OUT = Path(__file__).resolve().parent.parent / "docs/command"
WIDTH = 96
#: What stands below the help of a verb.
MORE = {
    "report": "![The report: before and after, with the reason of an edit](report.png)\n",
    "play": "![The playground](play.png)\n",
    "detect": "What each rule means: [rules](../rules.md).\n",
    "rules": "The same as a page: [rules](../rules.md).\n",
    "convert": "More about [converting](../convert.md).\n",
    "decode": "More about [decoding](../decode.md).\n",
    "strip": "More about [stripping](../strip.md).\n",
}
END = "Files, output and exit codes are the same for all verbs: [the command](../command.md).\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    group = click.Context(cli, info_name="zhfix", **cli.context_settings)
    made = {}
    for verb in VERBS:
        command = cli.get_command(group, verb)
        if command is None:
            raise SystemExit(f"no verb {verb}")
        context = click.Context(
            command, info_name=verb, parent=group, terminal_width=WIDTH, max_content_width=WIDTH
        )
        parts = [
            f"# zhfix {verb}\n",
            f"```text\n{command.get_help(context).rstrip()}\n```\n",
            *filter(None, [MORE.get(verb)]),
            END,
        ]
        made[f"{verb}.md"] = "\n".join(parts)
    return made


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for name, text in pages().items():
        (OUT / name).write_text(text, "utf-8")
