"""Several processes, with results in the order of the inputs."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from zhfix.command.atomic import remove_unfinished
from zhfix.command.job import Outcome, Worker, shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from zhfix.command.manifest import Entry
    from zhfix.command.task import Input, Task

__all__ = ["in_order"]

#: Inputs that wait for each process: enough that none is idle while a large file is written.
WAITING = 16
#: Seconds that processes have to remove what they have half written.
GRACE = 5.0

#: What every job of this process needs; set once, when the process starts.
_worker: list[Worker] = []


def in_order(
    task: Task, jobs: Iterable[tuple[Input, Entry | None]], processes: int
) -> Iterator[Outcome]:
    """Work in so many processes and yield the outcomes in the order of the jobs.

    When a process dies, the inputs that were in work are done again one by one: the one that
    kills its process fails, and the others do not suffer.
    """
    executor = _executor(task, processes)
    waiting: deque[tuple[tuple[Input, Entry | None], Future[Outcome]]] = deque()
    source = iter(jobs)
    try:
        while True:
            while len(waiting) < processes * WAITING and (job := next(source, None)) is not None:
                waiting.append((job, executor.submit(_work, *job)))
            if not waiting:
                executor.shutdown()
                return
            job, future = waiting[0]
            try:
                outcome = future.result()
            except BrokenProcessPool:
                again = [job for job, _ in waiting]
                waiting.clear()
                yield from _one_by_one(task, again)
                executor = _executor(task, processes)
                continue
            waiting.popleft()
            yield outcome
    finally:
        _stop(executor)


def _one_by_one(task: Task, jobs: list[tuple[Input, Entry | None]]) -> Iterator[Outcome]:
    for job in jobs:
        executor = _executor(task, 1)
        try:
            yield executor.submit(_work, *job).result()
        except BrokenProcessPool:
            why = "the process that worked on it was killed (out of memory?)"
            yield Outcome(shown_name(job[0].path), "failed", why)
        finally:
            _stop(executor)


def _executor(task: Task, processes: int) -> ProcessPoolExecutor:
    # Not a fork of this process: threads of numpy and of the progress bar would not survive it.
    method = "forkserver" if sys.platform.startswith("linux") else "spawn"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(["zhfix.command.warm"])
    return ProcessPoolExecutor(processes, context, _start, (task,))


def _stop(executor: ProcessPoolExecutor) -> None:
    """End the processes that still run; those in work remove what they have half written."""
    processes = list((executor._processes or {}).values())  # noqa: SLF001 -- there is no public way
    executor.shutdown(wait=False, cancel_futures=True)
    until = time.monotonic() + GRACE
    with contextlib.suppress(OSError, ValueError, AttributeError):
        for each in processes:
            each.terminate()
        for each in processes:
            each.join(max(0.0, until - time.monotonic()))
            if each.is_alive():
                each.kill()


def _start(task: Task) -> None:
    """Prepare a process: Ctrl-C is the first process's business, and its death is ours."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _worker[:] = [Worker(task, task.pipeline())]


def _die_with_parent() -> None:
    # A signal that this thread took would not wake the other one, which is to end its work.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        remove_unfinished()
        os._exit(1)


def _end(number: int, _frame: object) -> None:
    # Not by an exception: the pool ends the others as soon as one has ended, and a second signal
    # would come while the first one's exception removes what is half written. In the middle of
    # the pool's own work it would be caught, too, with the lock of its queue lost.
    remove_unfinished()
    os._exit(128 + number)


def _work(item: Input, done: Entry | None) -> Outcome:
    return _worker[0].process(item, done)
