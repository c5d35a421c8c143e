"""The verbs that make pages: `zhfix report` and `zhfix play`."""

from __future__ import annotations

import contextlib
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhfix.command.exits import DONE, SOME_FAILED, USAGE, printable
from zhfix.command.options import Command, Size, config_of, configured
from zhfix.command.task import MAX_RECORD
from zhfix.command.walk import STDIN, Walk, check_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zhfix.pages.gather import Gathered

__all__ = ["play", "report"]


@click.command(
    cls=Command,
    examples="""
    zhfix report crawl/ -o report.html
    zhfix report --to zh-Hans --worst 25 -o report.html page1.txt page2.txt
    zhfix report --counters counters.json -o job.html
    """,
)
@click.argument("files", nargs=-1, metavar="[PATHS]...")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to write the page.")
@click.option("--worst", default=10, show_default=True, help="Files shown before and after.")
@click.option("--listed", default=200, show_default=True, help="Files listed, worst first.")
@click.option("--include", multiple=True, metavar="GLOB", help="In folders, only these.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="In folders, not these.")
@click.option("--no-gitignore", is_flag=True, help="Do not heed .gitignore files.")
@click.option("--counters", metavar="FILE", help="Report the counters of a job instead.")
@click.option(
    "--max-size",
    type=Size(),
    default=MAX_RECORD,
    metavar="SIZE",
    help="Leave out files over this size.  [default: 16M]",
)
@click.option("--title", default="zhfix report", show_default=True, help="Of the page.")
@configured
def report(files: tuple[str, ...], *, output: str, counters: str | None, **given: Any) -> None:
    """Write one page of HTML: damage by kind, encoding and file, and the worst before and after."""
    from zhfix.pages.report import render, render_counters

    code = DONE
    if counters is not None:
        page = render_counters(_read_counters(counters), title=given["title"])
    else:
        gathered = _gather(files or (".",), given)
        page = render(gathered, title=given["title"])
        code = SOME_FAILED if gathered.failed else DONE
        told = f"{gathered.seen:,} files, {gathered.counters.changed:,} with changes"
        click.echo(f"{told}, {len(gathered.failed):,} could not be read: {output}", err=True)
    _write(output, page)
    click.get_current_context().exit(code)


def _gather(names: tuple[str, ...], given: dict[str, Any]) -> Gathered:
    from zhfix.pages.gather import gather

    check_names(names, recursive=True)
    failures: list[tuple[str, OSError]] = []
    walk = Walk(
        names,
        lambda folder, reason: failures.append((folder, OSError(0, reason))),
        given["include"],
        given["exclude"],
        not given["no_gitignore"],
    )

    def inputs() -> Iterator[tuple[str, bytes | OSError]]:
        for one in walk:
            yield printable(one.path), _read(one.path, given["max_size"])
        yield from failures

    return gather(
        inputs(),
        config_of("report", given).pipeline(),
        worst=given["worst"],
        listed=given["listed"],
    )


def _read(name: str, most: int) -> bytes | OSError:
    """Read a file, or say why not."""
    if name == STDIN:
        return sys.stdin.buffer.read()
    try:
        path = Path(name)
        if path.stat().st_size > most:
            return OSError(0, f"larger than {most:,} bytes; raise --max-size")
        return path.read_bytes()
    except OSError as error:
        return error


def _read_counters(name: str) -> Any:
    from zhfix.etl.counters import Counters

    try:
        return Counters.from_json(Path(name).read_text("utf-8"))
    except OSError as error:
        raise click.UsageError(f"{printable(name)}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{printable(name)}: no counters of a zhfix job") from error


def _write(output: str, page: str) -> None:
    if output == STDIN:
        click.echo(page, nl=False)
        return
    from zhfix.command.atomic import AtomicFile

    with AtomicFile(output) as target:
        target.file.write(page.encode("utf-8", "replace"))
        target.commit()


@click.command(
    cls=Command,
    examples="""
    zhfix play
    zhfix play --port 8000 --no-browser
    """,
)
@click.option("--port", default=0, metavar="N", help="Listen here.  [default: a free one]")
@click.option("--browser/--no-browser", default=True, help="Open the page.")
def play(*, port: int, browser: bool) -> None:
    """Open a page on this machine to paste text or drop a file and see the stages work."""
    from zhfix.pages.play import Playground

    if not 0 <= port <= 65535:  # ports have 16 bits
        raise click.UsageError(f"--port {port}: ports go from 1 to 65535")
    try:
        playground = Playground(port)
    except OSError as error:
        click.echo(f"zhfix: port {port}: {error.strerror}", err=True)
        click.get_current_context().exit(USAGE)
    with playground:
        click.echo(f"{playground.url}\nCtrl-C ends it.", err=True)
        if browser:
            webbrowser.open(playground.url)
        with contextlib.suppress(KeyboardInterrupt):
            playground.serve()
