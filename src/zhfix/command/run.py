"""One run of the command over all inputs: order, errors, progress, the summary, the exit code."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

import click

from zhfix.command.exits import DONE, FOUND, SOME_FAILED
from zhfix.command.job import Worker
from zhfix.command.manifest import Manifest
from zhfix.command.targets import StandardOutput
from zhfix.command.views import sarif_head, sarif_tail
from zhfix.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.command.job import Outcome
    from zhfix.command.manifest import Entry
    from zhfix.command.progress import Progress
    from zhfix.command.task import Input, Task

__all__ = ["Total", "on_terminal", "run"]


@dataclass(slots=True)
class Total:
    """What a run did."""

    states: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    findings: int = 0
    problems: int = 0
    lost: int = 0
    size: int = 0
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count one input."""
        self.states[outcome.state] += 1
        self.edits.update(outcome.edits)
        self.findings += outcome.findings
        self.problems += outcome.problems.count
        self.lost += outcome.lost
        self.size += outcome.size

    def table(self, verb: str) -> str:
        """Return the summary as a table for standard error."""
        files = sum(self.states.values())
        rate = self.size / 1e6 / self.seconds if self.seconds else 0.0
        rows = [("files", f"{files:,}"), *((name, f"{self.states[name]:,}") for name in STATES)]
        rows += [("edits", f"{sum(self.edits.values()):,}"), ("findings", f"{self.findings:,}")]
        if self.problems:
            rows.append(("rows failed", f"{self.problems:,}"))
        if self.lost:
            rows.append(("written as ?", f"{self.lost:,}"))
        rows += [("read", f"{self.size / 1e6:,.1f} MB"), ("time", f"{self.seconds:,.1f} s")]
        rows.append(("rate", f"{rate:,.1f} MB/s"))
        lines = [f"zhfix {verb}", *(f"  {name:<14}{value:>14}" for name, value in rows)]
        if self.edits:
            lines.append("  edits by rule")
            lines += [f"    {rule:<38}{n:>12,}" for rule, n in self.edits.most_common(MOST_RULES)]
        return "\n".join(lines) + "\n"


STATES = ("changed", "same", "skipped", "failed")
#: Rules in the summary.
MOST_RULES = 12


def run(  # noqa: PLR0913 -- each is an option of its own
    task: Task,
    inputs: Iterable[Input],
    *,
    jobs: int = 1,
    summary: bool = False,
    progress: Progress | None = None,
    failures: Iterable[tuple[str, str]] = (),
) -> int:
    """Work on all inputs and return the exit code; raises `Unwritable` and `KeyboardInterrupt`.

    `failures` grows while the inputs are walked: folders that could not be read.
    """
    started = time.perf_counter()
    total = Total()
    code = DONE
    stdout = StandardOutput()
    envelope = _Envelope(task, stdout)
    with progress if progress is not None else nullcontext():
        for outcome in _outcomes(task, inputs, jobs, stdout, progress):
            if outcome.misused:
                raise ConfigError(outcome.error)
            envelope.show(outcome)
            total.add(outcome)
            if progress is not None:
                progress.advance(outcome)
            code = max(code, _complain(task, outcome), _verdict(task, outcome))
            if outcome.state == "failed" and task.errors == "stop":
                break
    envelope.end()
    for name, reason in failures:
        if task.errors != "skip":
            code = SOME_FAILED
            click.echo(f"zhfix: {name}: {reason}", err=True)
    total.seconds = time.perf_counter() - started
    if summary:
        click.echo(total.table(task.verb), nl=False, err=True)
    return code


def _outcomes(
    task: Task,
    inputs: Iterable[Input],
    jobs: int,
    stdout: StandardOutput,
    progress: Progress | None,
) -> Iterator[Outcome]:
    done = _done(task)
    pairs = ((item, done.get(os.path.realpath(item.path)) if done else None) for item in inputs)
    if jobs > 1:
        # Imported here: it brings multiprocessing.
        from zhfix.command.pool import in_order

        yield from in_order(task, pairs, jobs)
        return
    tell = progress.read if progress is not None else None
    direct = cast("BinaryIO", stdout) if task.view in {"text", "diff"} else None
    worker = Worker(task, task.pipeline(), direct, tell)
    for item, entry in pairs:
        yield worker.process(item, entry)


def _done(task: Task) -> dict[str, Entry]:
    if not task.manifest:
        return {}
    manifest = Manifest(task.manifest, task.key())
    manifest.mend()
    return manifest.load() if task.resume else {}


def _verdict(task: Task, outcome: Outcome) -> int:
    """Say whether an input makes a linter fail."""
    if task.view == "findings":
        return FOUND if outcome.data or outcome.spool else DONE
    changed = outcome.state == "changed" and task.view in {"check", "diff"}
    return FOUND if changed else DONE


def _complain(task: Task, outcome: Outcome) -> int:
    """Tell what went wrong with an input."""
    if task.view == "check" and outcome.state == "changed":
        click.echo(f"{outcome.name}: would change")
    failed = outcome.state == "failed"
    if not failed and not outcome.problems.count:
        return DONE
    if task.errors == "skip":
        return DONE
    for problem in outcome.problems.told:
        click.echo(f"zhfix: {outcome.name}: {problem}", err=True)
    if more := outcome.problems.count - len(outcome.problems.told):
        click.echo(f"zhfix: {outcome.name}: and {more:,} rows more", err=True)
    if failed:
        click.echo(f"zhfix: {outcome.name}: {outcome.error}", err=True)
    return SOME_FAILED


class _Envelope:
    """Shows what other processes or other views have kept; a SARIF log is one document."""

    def __init__(self, task: Task, stdout: StandardOutput) -> None:
        self._stdout = stdout
        self._sarif = task.view == "findings" and task.style["format"] == "sarif"
        self._between = b"\n"
        if self._sarif:
            stdout.write(sarif_head().encode())

    def show(self, outcome: Outcome) -> None:
        """Write what an input brought; unlink the file in which it waited."""
        if outcome.data:
            self._write(outcome.data)
        if outcome.spool:
            try:
                with open(outcome.spool, "rb") as file:
                    if self._sarif:
                        for line in file:
                            self._write(line)
                    else:
                        while part := file.read(1 << 20):
                            self._stdout.write(part)
            finally:
                os.unlink(outcome.spool)
        self._stdout.flush()

    def _write(self, data: bytes) -> None:
        if not self._sarif:
            self._stdout.write(data)
            return
        for line in data.splitlines():
            self._stdout.write(self._between + line)
            self._between = b",\n"

    def end(self) -> None:
        """Close what was opened."""
        if self._sarif:
            self._stdout.write(sarif_tail().encode())
        self._stdout.flush()


def on_terminal() -> bool:
    """Tell whether someone is watching standard error."""
    return sys.stderr is not None and sys.stderr.isatty()
