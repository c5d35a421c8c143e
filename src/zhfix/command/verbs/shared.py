"""What the verbs that work on files have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from zhfix.command.exits import BROKEN_PIPE, SOME_FAILED
from zhfix.command.options import jobs_of, names_several, task_of
from zhfix.command.run import on_terminal, run
from zhfix.command.targets import Unwritable

__all__ = ["carry_out"]


def carry_out(
    verb: str, view: str, given: dict[str, Any], style: dict[str, Any] | None = None
) -> None:
    """Run a verb over its inputs and leave with the exit code."""
    task, walk, failures = task_of(verb, view, given)
    task = replace(task, style=style or {})
    several = names_several(given["files"], recursive=given["recursive"])
    jobs = jobs_of(given["jobs"], walk) if several else 1
    summary = several and not given["quiet"] and view != "explanation"
    progress = None
    writes_files = task.writing.in_place or task.writing.output
    if not given["quiet"] and on_terminal() and (writes_files or given.get("check")):
        # Imported here: rich takes longer to import than most texts take to fix.
        from zhfix.command.progress import Progress

        progress = Progress(walk, live=jobs == 1)
    try:
        code = run(task, walk, jobs=jobs, summary=summary, progress=progress, failures=failures)
    except Unwritable as error:
        if isinstance(error.error, BrokenPipeError):
            raise click.exceptions.Exit(BROKEN_PIPE) from None
        click.echo(f"zhfix: output: {error}", err=True)
        raise click.exceptions.Exit(SOME_FAILED) from None
    if code:
        raise click.exceptions.Exit(code)
