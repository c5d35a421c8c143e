"""The verb that prints what makes shells complete verbs and options."""

from __future__ import annotations

import click

from zhfix.command.options import Command

__all__ = ["completion"]


@click.command(
    cls=Command,
    examples="""
    zhfix completion bash > ~/.local/share/bash-completion/completions/zhfix
    zhfix completion zsh > ~/.zfunc/_zhfix
    zhfix completion fish > ~/.config/fish/completions/zhfix.fish
    """,
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    from zhfix.command.group import cli

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"no completion for {shell}")
    # Built without running the shell: its version is checked where the script is used.
    script = made(cli, {}, "zhfix", "_ZHFIX_COMPLETE")
    click.echo(script.source_template % script.source_vars())
