"""The entry point of the command; all of it is in `zhfix.command`."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from typing import NoReturn

import click

from zhfix.command.exits import BROKEN_PIPE, DONE, INTERRUPTED, SOME_FAILED, USAGE, reason_of
from zhfix.command.group import cli
from zhfix.errors import UnknownStageError, ZhfixError

__all__ = ["cli", "main"]


#: So many more objects before the collector looks for cycles: loading makes many, and none is one.
COLLECTED_AFTER = 50_000


def main() -> NoReturn:
    """Run the command and exit with its code; no traceback reaches a user."""
    _prepare_streams()
    # Nothing here multiplies matrices, and numpy takes a third longer to load with its threads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(COLLECTED_AFTER)
    try:
        # Outside standalone mode, click returns the code of `Exit`.
        code = cli.main(prog_name="zhfix", standalone_mode=False) or DONE
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = _complain("interrupted", INTERRUPTED)
    except UnknownStageError as error:
        code = _complain(f"{error}; see `zhfix stages`")
    except ZhfixError as error:
        code = _complain(str(error))
    except BrokenPipeError:
        code = BROKEN_PIPE
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror}", SOME_FAILED)
    except (MemoryError, RecursionError) as error:
        code = _complain(reason_of(error), SOME_FAILED)
    except Exception as error:
        if os.environ.get("ZHFIX_TRACEBACK"):
            raise
        told = f"a bug in zhfix: {type(error).__name__}: {error} (ZHFIX_TRACEBACK=1 shows where)"
        code = _complain(told, SOME_FAILED)
    _leave(code)


def _prepare_streams() -> None:
    """Let names of files and messages come out as they are, whatever the locale is."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Closed by the caller (`<&-`): a file opened later must not take its number.
            os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, open(number, "r" if number == 0 else "w"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")  # type: ignore[union-attr]
    with contextlib.suppress(ValueError, AttributeError):
        signal.signal(signal.SIGTERM, _terminated)


def _terminated(number: int, frame: object) -> NoReturn:  # noqa: ARG001 -- signal's signature
    # As an exception, so that files half written are removed on the way out.
    sys.exit(128 + number)


def _leave(code: int) -> NoReturn:
    if code == BROKEN_PIPE:
        # Python flushes stdout again at exit; give it somewhere to write to.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _complain(message: str, code: int = USAGE) -> int:
    with contextlib.suppress(OSError, ValueError):
        click.echo(f"zhfix: {message}", err=True)
    return code
