"""The verb that measures how fast each stage is on one's own files."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from zhfix.command.options import Command, config_of, configured, reading
from zhfix.command.views import as_json
from zhfix.command.walk import STDIN, Walk, check_names
from zhfix.document import Document
from zhfix.pipeline import decoded_document

__all__ = ["bench"]

#: Read at most so much: enough for a figure that is stable to a few per cent.
SAMPLE = 8 << 20


@click.command(
    cls=Command,
    examples="""
    zhfix bench page.txt
    zhfix bench -r novels/ --to zh-Hans
    zhfix bench --repeat 5 --json page.txt
    """,
)
@reading
@click.option("--repeat", type=click.IntRange(min=1), default=3, show_default=True, help="Runs.")
@click.option("--json", "listing", is_flag=True, help="One JSON object a stage.")
@configured
def bench(*, repeat: int, listing: bool, **given: Any) -> None:
    """Measure processor time by stage over files, the best of several runs.

    Compressed files and rows are taken as plain bytes; of many files, the first 8 MB count.
    """
    check_names(given["files"], recursive=given["recursive"])
    pipeline = config_of("fix", given).pipeline()
    data = _sample(given)
    size = sum(map(len, data)) / 1e6
    best: dict[str, float] = {}
    for _ in range(repeat):
        for name, seconds in _measured(pipeline, data).items():
            best[name] = min(seconds, best.get(name, seconds))
    best["all"] = sum(best.values())
    for name, seconds in best.items():
        rate = size / seconds if seconds else 0.0
        if listing:
            click.echo(as_json({"stage": name, "seconds": seconds, "mb_per_second": rate}))
        else:
            click.echo(f"{name:<12}{seconds:>10.3f} s{rate:>12.2f} MB/s")


def _sample(given: dict[str, Any]) -> list[bytes]:
    data: list[bytes] = []
    left = SAMPLE
    walk = Walk(given["files"], lambda _name, _why: None, given["include"], given["exclude"])
    for item in walk:
        if left <= 0:
            break
        path = sys.stdin.fileno() if item.path == STDIN else item.path
        with open(path, "rb", closefd=item.path != STDIN) as stream:
            data.append(stream.read(left))
        left -= len(data[-1])
    return data


def _measured(pipeline: Any, data: list[bytes]) -> dict[str, float]:
    seconds: dict[str, float] = {"decode": 0.0} | dict.fromkeys(pipeline.names, 0.0)
    for each in data:
        started = time.process_time()
        document: Document = decoded_document(pipeline.decoder(each))
        seconds["decode"] += time.process_time() - started
        for name, stage in pipeline.stages:
            started = time.process_time()
            document = document.revise(
                name, stage(document), min_confidence=pipeline.min_confidence
            )
            seconds[name] += time.process_time() - started
    return seconds
