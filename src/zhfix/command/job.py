"""The work on one input, in whichever process it is done."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from zhfix.command import views
from zhfix.command.atomic import require_regular, unchanged_since
from zhfix.command.compressed import unpacked
from zhfix.command.exits import printable, reason_of
from zhfix.command.formats import Problems, Seen, Work, handler, kind_of
from zhfix.command.manifest import digest
from zhfix.command.output import Output
from zhfix.command.targets import Place, Screen, Unwritable
from zhfix.command.text import WIDE
from zhfix.errors import ConfigError, UnknownNameError, ZhfixError

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable

    from zhfix.command.manifest import Entry
    from zhfix.command.task import Input, Task
    from zhfix.pipeline import Pipeline

__all__ = ["Outcome", "Worker", "shown_name"]

#: What makes a file binary: first bytes of formats without text, or a NUL without UTF-16.
BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"RIFF")
HEAD = 8192


@dataclass(slots=True)
class Outcome:
    """What became of one input."""

    name: str
    state: str = "same"
    """"same", "changed", "failed" or "skipped"."""
    error: str = ""
    problems: Problems = field(default_factory=Problems)
    edits: Counter[str] = field(default_factory=Counter)
    findings: int = 0
    size: int = 0
    lost: int = 0
    data: bytes = b""
    spool: str = ""
    misused: bool = False
    """Whether an option is wrong, which no other input will change."""


def shown_name(path: str) -> str:
    """Return the name of an input as people see it."""
    return "<stdin>" if path == "-" else printable(path)


@dataclass(frozen=True, slots=True)
class Worker:
    """Does a task on one input after another.

    What is to be shown goes to `stdout`, or without one into the outcome; `tell` hears how many
    bytes were read.
    """

    task: Task
    pipeline: Pipeline
    stdout: BinaryIO | None = None
    tell: Callable[[int], None] | None = None

    def process(self, item: Input, done: Entry | None = None) -> Outcome:
        """Work on one input; whatever is wrong with it is told in the outcome.

        `done` is what an earlier run made of it. Raises `Unwritable` when what is to be shown
        cannot be.
        """
        problems = Problems(stop=self.task.errors == "stop")
        outcome = Outcome(shown_name(item.path), problems=problems)
        try:
            with ExitStack() as stack:
                self._run(item, done, outcome, stack)
        except (ConfigError, UnknownNameError) as error:
            outcome.state, outcome.error, outcome.misused = "failed", reason_of(error), True
        except (OSError, ZhfixError, MemoryError, RecursionError) as error:
            outcome.state, outcome.error = "failed", reason_of(error)
        except Unwritable:
            raise
        except Exception as error:
            if os.environ.get("ZHFIX_TRACEBACK"):
                raise
            outcome.state = "failed"
            outcome.error = f"a bug in zhfix: {type(error).__name__}: {error}"
        return outcome

    def _run(self, item: Input, done: Entry | None, outcome: Outcome, stack: ExitStack) -> None:
        task = self.task
        place = Place.of(task, item)
        if task.writing.in_place:
            require_regular(item.path)
        before = digest(item.path) if task.manifest else ""
        if done is not None and place.is_done(done, before):
            outcome.state = "skipped"
            return
        raw = _opened(item.path, stack)
        status = os.fstat(raw.fileno())
        outcome.size = status.st_size
        stream, codec = unpacked(raw, max_expansion=task.reading.max_expansion, tell=self.tell)
        head = stream.peek(HEAD)[:HEAD]
        if item.found and task.reading.kind == "auto" and _is_binary(head, self.pipeline):
            outcome.state = "skipped"
            return
        kind = kind_of(item.path, head, task)
        if kind == "parquet" and not codec and item.path != "-":
            # Read from its end, which only the file itself allows.
            stream = cast("io.BufferedReader", _opened(item.path, stack))
        file = place.file(stack) if task.view == "text" and place.target else None
        with Screen(self.stdout, outcome) as screen:
            with place.packing(file, codec) if file is not None else nullcontext(screen) as sink:
                shows = task.view in {"text", "diff"}
                diff = outcome.name if task.view == "diff" else ""
                out = Output(cast("BinaryIO", sink) if shows else None, task.writing, diff=diff)
                work = Work(item, kind, stream, out, self.pipeline, task, outcome.problems)
                self._show(work, outcome, screen)
            outcome.lost = out.lost
        if file is not None and task.writing.in_place:
            unchanged_since(item.path, status)
            if not out.changed:
                outcome.state = "same"
                place.log(before, before)
                return
        outcome.state = "changed" if out.changed else "same"
        if file is not None:
            file.commit((lambda: place.log(before, file.digest())) if task.manifest else None)

    def _show(self, work: Work, outcome: Outcome, screen: Screen) -> None:
        """Let the handler of the format run, count what it did, and show what is asked for."""
        for seen in handler(work.kind)(work):
            _tally(outcome, work.out, seen)
            for line in _lines(self.task, outcome.name, seen):
                screen.write(line.encode("utf-8", "surrogatepass"))
        if self.task.view == "encoding":
            screen.write(_encoding(outcome.name, work.out).encode())


def _opened(path: str, stack: ExitStack) -> BinaryIO:
    if path == "-":
        return sys.stdin.buffer
    return stack.enter_context(open(path, "rb", buffering=0))


def _tally(outcome: Outcome, out: Output, seen: Seen) -> None:
    """Count what was done and seen."""
    for edit in seen.document.edits:
        outcome.edits[edit.rule] += 1
    for finding in seen.document.findings:
        outcome.findings += 1
        if finding.rule.startswith("decode/"):
            # The text is not what plain decoding gives, so the bytes will not be the same.
            out.changed = True
            if finding.rule == "decode/invalid":
                out.refuse_damage(1)


def _lines(task: Task, name: str, seen: Seen) -> Iterable[str]:
    if task.view == "findings":
        return views.findings(name, seen, task.style)
    if task.view == "explanation":
        return views.explanation(name, seen, task.style)
    return ()


def _encoding(name: str, out: Output) -> str:
    mark = " with BOM" if out.origin.marked else ""
    return f"{name}: {out.origin.encoding}{mark} ({out.origin.confidence:.0%})\n"


def _is_binary(head: bytes, pipeline: Pipeline) -> bool:
    """Tell pictures, archives and programs from text; nobody named them, a walk found them."""
    if head.startswith(BINARY):
        return True
    if b"\0" not in head or head.startswith((b"PAR1", b"\xff\xfe", b"\xfe\xff")):
        return False
    return not pipeline.decoder(head).encoding.startswith(WIDE)
