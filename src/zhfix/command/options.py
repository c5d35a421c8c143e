"""The options: the same letters mean the same everywhere."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from zhfix.command.task import MAX_EXPANSION, MAX_RECORD, Reading, Task, Writing
from zhfix.command.walk import STDIN, Walk, check_names
from zhfix.config import Config, find_config, load_config, parse_value
from zhfix.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Command", "Size", "changing", "configured", "reading", "task_of", "working"]

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Size(click.ParamType[int]):
    """A number of bytes: 500, 64K, 16M, 2G."""

    name = "size"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Read a size."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d+)([kmg]?)(?:i?b)?", str(value).strip().lower())
        if match is None:
            self.fail(f"{value!r} is no size; write 500, 64K, 16M or 2G", param, ctx)
        return int(match[1]) * UNITS[match[2]]


class Command(click.Command):
    """A verb: `-i=.bak` is understood, and examples stand at the end of the help."""

    def __init__(self, *args: Any, examples: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Split `-i=.bak`: click has no option whose value may be left out before a name."""
        split: list[str] = []
        for place, arg in enumerate(args):
            if arg == "--":
                split += args[place:]
                break
            name, equals, suffix = arg.partition("=")
            if equals and name in {"-i", "--in-place"}:
                split += ["--in-place", "--backup", suffix]
            else:
                split.append(arg)
        return super().parse_args(ctx, split)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples.strip().splitlines():
                    formatter.write(f"  {line.strip()}\n")


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that decide what is done to a text."""
    return _with(
        command,
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
        click.option("-f", "--from-encoding", metavar="LABEL", help="The encoding of the input."),
    )


KINDS = ("auto", "text", "page", "jsonl", "csv", "tsv", "parquet", "warc", "epub")
STRUCTURED = ("srt", "ass", "lrc", "md", "html", "po", "json")


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which inputs there are, and how they are read."""
    return _with(
        command,
        click.argument("files", nargs=-1, metavar="[FILES]..."),
        click.option("-r", "--recursive", is_flag=True, help="Work on what is in folders."),
        click.option("--include", multiple=True, metavar="GLOB", help="In folders, only these."),
        click.option("--exclude", multiple=True, metavar="GLOB", help="In folders, not these."),
        click.option("--no-gitignore", is_flag=True, help="Do not heed .gitignore files."),
        click.option("--jsonl", is_flag=True, help="Input is JSON Lines; name --field."),
        click.option("--field", multiple=True, metavar="A.B.C", help="A field of JSON Lines."),
        click.option("--csv", is_flag=True, help="Input is CSV; name --column."),
        click.option("--tsv", is_flag=True, help="Input is TSV; name --column."),
        click.option("--column", multiple=True, metavar="NAME", help="Of CSV, TSV or Parquet."),
        click.option("--no-header", is_flag=True, help="Columns have numbers from 1 on."),
        click.option(
            "--format-of-file",
            "kind",
            type=click.Choice([*KINDS, *STRUCTURED]),
            default="auto",
            help="What the files are, when name and content do not tell.",
        ),
        click.option(
            "--max-record",
            type=Size(),
            default=MAX_RECORD,
            metavar="SIZE",
            help="Refuse records, and files that are read whole, over this size.  [default: 16M]",
        ),
        click.option(
            "--max-expansion",
            type=click.IntRange(min=0),
            default=MAX_EXPANSION,
            show_default=True,
            metavar="TIMES",
            help="Refuse compressed files that grow by more; 0 for no limit.",
        ),
    )


def changing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where results go."""
    return _with(
        command,
        click.option("-o", "--output", metavar="PATH", help="Write to this file or folder."),
        click.option("-i", "--in-place", is_flag=True, help="Change files; -i=.bak keeps the old."),
        click.option("--backup", hidden=True, default=""),
        click.option("--check", is_flag=True, help="Change nothing; exit 1 if anything would."),
        click.option("--diff", is_flag=True, help="Show what would change; exit 1 if anything."),
        click.option(
            "-t",
            "--to-encoding",
            metavar="LABEL",
            default="utf-8",
            show_default=True,
            help="The encoding of the output; `same` for the input's.",
        ),
        click.option(
            "--bom",
            type=click.Choice(["keep", "drop", "add"]),
            default="keep",
            show_default=True,
            help="The byte order mark.",
        ),
        click.option("--lossy", is_flag=True, help="Write ? for what the encoding lacks."),
        click.option("--manifest", metavar="FILE", help="Note finished files here."),
        click.option("--resume", is_flag=True, help="Skip what the manifest says is done."),
    )


def working(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how the work is done."""
    return _with(
        command,
        click.option(
            "-j",
            "--jobs",
            type=click.IntRange(min=0),
            default=None,
            help="Processes; 0 for one a core, as for much work when it is not said.",
        ),
        click.option(
            "--errors",
            type=click.Choice(["report", "skip", "stop"]),
            default="report",
            show_default=True,
            help="What a file or row that fails leads to.",
        ),
        click.option("-q", "--quiet", is_flag=True, help="No summary and no progress."),
    )


def _with(command: Callable[..., Any], *decorators: Any) -> Callable[..., Any]:
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def task_of(verb: str, view: str, given: dict[str, Any]) -> tuple[Task, Walk, list[Any]]:
    """Make the task and the inputs of what was given; the list gathers what cannot be walked.

    Raises `click.UsageError` and `ConfigError` for what does not fit together.
    """
    _check(given)
    names: tuple[str, ...] = given["files"]
    check_names(names, recursive=given["recursive"])
    if given.get("in_place") and (not names or STDIN in names):
        raise click.UsageError("-i needs files; standard input cannot be changed in place")
    config = config_of(verb, given)
    view = "check" if given.get("check") else "diff" if given.get("diff") else view
    task = Task(
        verb,
        view,
        config.to_mapping(),
        _reading(given),
        _writing(given),
        errors=given["errors"],
        manifest=_manifest(given),
        resume=given.get("resume", False),
    )
    failures: list[Any] = []
    walk = Walk(
        names,
        lambda name, why: failures.append((name, why)),
        given["include"],
        given["exclude"],
        not given["no_gitignore"],
    )
    return task, walk, failures


def config_of(verb: str, given: dict[str, Any]) -> Config:
    """Build the configuration of file and options for a verb."""
    path = None if given["no_config"] else given["config"] or find_config()
    chosen = load_config(path) if path else Config()
    order = ORDERS.get(verb)
    if given["order"] is not None:
        order = tuple(name.strip() for name in given["order"].split(",") if name.strip())
    if order is not None:
        # What the file says about stages that this verb does not run is not wrong.
        kept = {name: slot for name, slot in chosen.slots.items() if name in order}
        chosen = Config(order, chosen.min_confidence, chosen.decoder, kept)
    if given["to"] is not None and "convert" in chosen.order:
        chosen = chosen.with_setting("convert.to", given["to"])
    for setting in given["settings"]:
        key, equals, value = setting.partition("=")
        if not equals:
            raise click.UsageError(f"--set needs STAGE.OPTION=VALUE, not {setting!r}")
        parsed = parse_value(value.strip())
        if isinstance(parsed, str) and value.strip()[:1] in {"[", "{"}:
            raise click.UsageError(f"--set {key}: {value.strip()!r} is no TOML; quote its words")
        chosen = chosen.with_setting(key.strip(), parsed)
    if given["from_encoding"]:
        chosen = chosen.with_setting("decoder.use", given["from_encoding"])
    slot = chosen.slots.get("convert")
    if verb == "convert" and "to" not in (slot.options if slot else {}):
        raise click.UsageError("convert to what? --to zh-Hans, --to zh-Hant-TW, --to s2twp …")
    try:
        chosen.pipeline()
    except (TypeError, AttributeError) as error:
        # A factory that was given a list for a number, or the like.
        raise ConfigError(f"a setting has a value that does not fit: {error}") from None
    return chosen


#: Stages of each verb; `fix` runs those of the configuration.
ORDERS: dict[str, tuple[str, ...]] = {
    "detect": ("detect",),
    "repair": ("detect", "repair"),
    "strip": ("strip",),
    "convert": ("convert",),
    "decode": (),
}


def _check(given: dict[str, Any]) -> None:
    """Refuse options that contradict each other."""
    where = [name for name in ("output", "in_place", "check", "diff") if given.get(name)]
    if len(where) > 1:
        shown = " and ".join("--" + name.replace("_", "-") for name in where)
        raise click.UsageError(f"{shown} exclude each other")
    kinds = [name for name in ("jsonl", "csv", "tsv") if given[name]]
    if len(kinds) > 1:
        raise click.UsageError(f"--{kinds[0]} and --{kinds[1]} exclude each other")
    if (given.get("manifest") or given.get("resume")) and not (
        given["output"] or given["in_place"]
    ):
        raise click.UsageError("--manifest and --resume need -i or -o")
    if given.get("to_encoding", "utf-8") != "same":
        _known_encoding(given.get("to_encoding", "utf-8"))
    if (include := given["include"] or given["exclude"]) and not given["recursive"]:
        raise click.UsageError(f"--include and --exclude need -r (got {include[0]!r})")


def _known_encoding(label: str) -> None:
    if label == "utf-8":
        return
    from zhfix.decoding import labels
    from zhfix.decoding.labels import normalized

    name = normalized(label)
    if name is None:
        raise ConfigError(f"unknown encoding {label!r}{did_you_mean(label, labels())}")
    if name == "iso-2022-cn":
        raise ConfigError("iso-2022-cn is only read; write utf-8 or gb18030 instead")


def _reading(given: dict[str, Any]) -> Reading:
    kind = next((name for name in ("jsonl", "csv", "tsv") if given[name]), given["kind"])
    if given.get("html"):
        kind = "page"
    return Reading(
        kind=kind,
        columns=(*given["field"], *given["column"]),
        header=not given["no_header"],
        extractor=given.get("extractor", ""),
        encoding=given["from_encoding"] or "",
        max_record=given["max_record"],
        max_expansion=given["max_expansion"],
    )


def _writing(given: dict[str, Any]) -> Writing:
    output = given.get("output") or ""
    several = len(given["files"]) > 1 or given["recursive"]
    folder = bool(output) and (several or output.endswith(os.sep) or os.path.isdir(output))
    if folder and os.path.lexists(output) and not os.path.isdir(output):
        raise click.UsageError(f"-o {output}: is a file; several inputs need a folder")
    return Writing(
        output=output,
        folder=folder,
        in_place=given.get("in_place", False),
        backup=given.get("backup", ""),
        encoding=given.get("to_encoding", "utf-8"),
        bom=given.get("bom", "keep"),
        lossy=given.get("lossy", False),
        metadata=given.get("keep_metadata", False),
    )


def _manifest(given: dict[str, Any]) -> str:
    named: str = given.get("manifest") or ""
    return os.path.abspath(named or MANIFEST) if named or given.get("resume") else ""


#: Where `--resume` looks when no file is named.
MANIFEST = "zhfix-manifest.jsonl"


#: From so many files or bytes on, work is given to all cores unless the user says otherwise:
#: to start processes takes as long as to fix some megabytes.
MANY_FILES = 1000
MANY_BYTES = 16_000_000


def jobs_of(count: int | None, walk: Walk) -> int:
    """Return how many processes to use; None stands for one a core when there is much to do."""
    if count is None and not _is_much(walk):
        return 1
    return count or os.cpu_count() or 1


def _is_much(walk: Walk) -> bool:
    size = 0
    for number, item in enumerate(replace(walk, complain=lambda *_: None), 1):
        with contextlib.suppress(OSError):
            size += os.stat(item.path).st_size
        if number >= MANY_FILES or size >= MANY_BYTES:
            return number > 1
    return False


def names_several(names: Sequence[str], *, recursive: bool) -> bool:
    """Tell whether a run has more than one input, so that a summary helps."""
    return recursive or len(names) > 1
