"""The command: a filter first, and a thin one. All it does is a few lines of the library."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from zhfix import __version__
from zhfix.config import Config, find_config, load_config, parse_value
from zhfix.document import Document
from zhfix.errors import UnknownStageError, ZhfixError
from zhfix.registry import decoders, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zhfix.pipeline import Pipeline

DONE = 0
FOUND = 1
USAGE = 2
SOME_FAILED = 3
INTERRUPTED = 130
BROKEN_PIPE = 141

STDIN = "-"


class DefaultsToFix(click.Group):
    """A group whose `fix` may be left out: `zhfix --to zh-Hans < in` and `zhfix page.txt`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `fix` in front when the first word is no command."""
        own = {"--help", "-h", "--version"}
        if not args and sys.stdin is not None and not sys.stdin.isatty():
            args = ["fix"]
        elif args and args[0] not in own and args[0] not in self.commands:
            args = ["fix", *args]
        return super().parse_args(ctx, args)


def pipeline_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that every command which runs a pipeline understands."""
    for option in reversed(
        (
            click.option("--to", metavar="LOCALE", help="zh-Hans, zh-Hant-TW, s2twp, auto, …"),
            click.option("--stages", "order", metavar="NAMES", help="Stages to run, in order."),
            click.option(
                "--set",
                "settings",
                multiple=True,
                metavar="STAGE.OPTION=VALUE",
                help="Change one setting; may be given again.",
            ),
            click.option("--config", metavar="FILE", help="Use this configuration file."),
            click.option("--no-config", is_flag=True, help="Use no configuration file."),
        )
    ):
        command = option(command)
    return command


files_argument = click.argument("files", nargs=-1, metavar="[FILES]...")


@click.group(
    cls=DefaultsToFix,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96},
)
@click.version_option(__version__, prog_name="zhfix")
def cli() -> None:
    """Give back the Chinese text you should have had.

    Decodes bytes of unknown encoding, repairs encoding damage, strips boilerplate and
    converts between Simplified and Traditional. Without a command, it fixes.

    \b
      zhfix < page.txt > article.txt
      zhfix --to zh-Hans page.txt
      zhfix explain page.txt
    """


@cli.command()
@files_argument
@click.option("--html", is_flag=True, help="Input is HTML: take the article out of the page.")
@click.option("--extractor", default="zhfix", show_default=True, help="Who takes it out.")
@click.option(
    "--keep-metadata",
    is_flag=True,
    help="Write one JSON object a file: text, and title, date, source, author, licence if found.",
)
@pipeline_options
def fix(
    files: tuple[str, ...], *, html: bool, extractor: str, keep_metadata: bool, **options: Any
) -> None:
    """Fix files, or standard input, and write UTF-8 to standard output."""
    from zhfix import html as pages
    from zhfix.stripping.facts import stripped_facts

    if html:
        options["settings"] = ("strip.whole_pages=false", *options["settings"])
    pipeline = _pipeline(**options)
    facts: dict[str, str] = {}

    def run(data: bytes) -> Document:
        facts.clear()
        if html:
            page = pages.decode_html(data)
            facts.update(pages.metadata(page.text).as_dict())
            text = pages.extract(page.text, extractor=extractor)
            return pipeline.run_document(Document(text, encoding=page.encoding))
        document = pipeline.run_bytes(data)
        if keep_metadata:
            facts.update(stripped_facts(document).as_dict())
        return document

    def write(name: str, document: Document) -> int:
        if keep_metadata:
            record = {"file": name, "text": document.text, "metadata": facts}
            _write(json.dumps(record, ensure_ascii=not _encodable(document.text)) + "\n")
        else:
            _write(document.text)
        return DONE

    _finish(_for_each(files, run, write))


@cli.command()
@files_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
@pipeline_options
def detect(files: tuple[str, ...], *, as_json: bool, **options: Any) -> None:
    """Report damage as FILE:LINE:COLUMN and change nothing; exit 1 when there is any."""
    from zhfix.report import line_and_column

    options["order"] = options["order"] or "detect"
    pipeline = _pipeline(**options)

    def write(name: str, document: Document) -> int:
        for finding in document.findings:
            line, column = line_and_column(document.text, finding.span.start)
            shown = document.text[slice(*finding.span)]
            record = {
                "file": name,
                "line": line,
                "column": column,
                "rule": finding.rule,
                "text": shown,
                "confidence": round(finding.confidence, 4),
                "reason": finding.reason,
            }
            if as_json:
                _write(json.dumps(record, ensure_ascii=not _encodable(shown)) + "\n")
            else:
                _write(f"{name}:{line}:{column}: {finding.rule} {finding.reason}\n")
        return FOUND if document.findings else DONE

    _finish(_for_each(files, pipeline.run_bytes, write))


@cli.command()
@files_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.option("--text/--no-text", default=True, help="Print the fixed text first.")
@click.option("--color/--no-color", default=None, help="Colour even when piped, or never.")
@pipeline_options
def explain(
    files: tuple[str, ...], *, as_json: bool, text: bool, color: bool | None, **options: Any
) -> None:
    """Show the fixed text, then every edit with its rule, confidence and reason."""
    from zhfix import report

    pipeline = _pipeline(**options)

    def write(name: str, document: Document) -> int:
        if as_json:
            _write(json.dumps({"file": name})[:-1] + ", " + report.as_json(document)[1:] + "\n")
            return DONE
        if text:
            _write(document.text if document.text.endswith("\n") else document.text + "\n")
            _write("\n")
        colored = sys.stdout.isatty() if color is None else color
        _write(report.rendered(document, color=colored))
        return DONE

    _finish(_for_each(files, pipeline.run_bytes, write))


@cli.command(name="stages")
def list_stages() -> None:
    """List the stages and decoders that can be used, and who brings them."""
    for title, registry in (("stages", stages), ("decoders", decoders)):
        _write(f"{title}:\n")
        for name in registry.names():
            _write(f"  {name:<28} {registry.origin(name)}\n")


def main() -> NoReturn:
    """Run the command and exit with its code; no traceback reaches a user."""
    # On a C locale, names of files and messages must still come out as they are.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    try:
        # Outside standalone mode, click returns the code of `Exit`.
        code = cli.main(standalone_mode=False) or DONE
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except UnknownStageError as error:
        code = _complain(f"{error}; see `zhfix stages`")
    except ZhfixError as error:
        code = _complain(str(error))
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror}", SOME_FAILED)
    sys.exit(code)


def _pipeline(
    *,
    to: str | None,
    order: str | None,
    settings: tuple[str, ...],
    config: str | None,
    no_config: bool,
) -> Pipeline:
    """Build the pipeline of the configuration file and the options."""
    path = None if no_config else Path(config) if config else find_config()
    chosen = load_config(path) if path else Config()
    if order is not None:
        chosen = chosen.with_order(*(name.strip() for name in order.split(",") if name.strip()))
    if to is not None and "convert" in chosen.order:
        chosen = chosen.with_setting("convert.to", to)
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set needs STAGE.OPTION=VALUE, not {setting!r}")
        chosen = chosen.with_setting(key.strip(), parse_value(value.strip()))
    return chosen.pipeline()


def _for_each(
    files: Iterable[str],
    run: Callable[[bytes], Document],
    write: Callable[[str, Document], int],
) -> Iterator[int]:
    """Run on each input, write what comes out, and yield an exit code for each."""
    names = tuple(files) or (STDIN,)
    for name in names:
        if name != STDIN and (problem := _unusable(Path(name))):
            raise click.UsageError(f"{_printable(name)}: {problem}")
    for name in names:
        try:
            data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        except OSError as error:
            yield _complain(f"{_printable(name)}: {error.strerror}", SOME_FAILED)
            continue
        shown = "<stdin>" if name == STDIN else _printable(name)
        yield write(shown, run(data))


def _unusable(path: Path) -> str:
    if path.is_dir():
        return "is a directory; name its files"
    return "" if path.exists() else "no such file"


def _finish(codes: Iterable[int]) -> None:
    """Leave with the worst code of all inputs."""
    if worst := max(codes, default=DONE):
        raise click.exceptions.Exit(worst)


def _complain(message: str, code: int = USAGE) -> int:
    click.echo(f"zhfix: {message}", err=True)
    return code


def _write(text: str) -> None:
    """Write UTF-8, as bytes: the locale has no say in what a filter writes."""
    left = memoryview(text.encode("utf-8", "surrogatepass"))
    try:
        # Under PYTHONUNBUFFERED a write may take only a part, and says so by its count.
        while left:
            left = left[sys.stdout.buffer.write(left) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes stdout again at exit; give it somewhere to write to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(BROKEN_PIPE) from None


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _printable(name: str) -> str:
    """Show a file name that is not valid UTF-8 without failing."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
