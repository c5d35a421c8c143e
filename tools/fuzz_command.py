"""Feed the stages and the readers what nobody would write, and keep what breaks them.

    python tools/fuzz_command.py --seconds 900                 all targets, by coverage (atheris)
    python tools/fuzz_command.py --target csv --seconds 60     one of them
    python tools/fuzz_command.py --plain --seconds 60          by mutation alone, without atheris

A target breaks when something else than a typed error comes out of it, when it takes longer
than ten seconds, or when a promise does not hold: with no stages a reader writes what it read;
undoing all edits gives the text that went in. Inputs that broke a target are written to
`--crashes`; those that matter become fixtures in `tests/fixtures/command/crashes`, which the
tests replay. Prints how many inputs each target had.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
import time
import traceback
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ("tests/fixtures/seed/page.txt", "README.md", "docs/rules.md", "tests/fixtures/strip")
#: Longer inputs are slower and seldom find more.
LONGEST = 4096
READERS = {
    "text": (),
    "jsonl": ("text", "a.b"),
    "csv": ("1", "2"),
    "tsv": ("1", "2"),
    "parquet": ("text",),
    "warc": (),
    "page": (),
    "epub": (),
    **dict.fromkeys(("srt", "ass", "lrc", "md", "html", "po", "json"), ()),
}
STAGES = ("decode", "repair", "strip", "convert")
#: Readers that give back what they read, when nothing is done to it.
FAITHFUL = ("text", "jsonl", "csv", "tsv")


@cache
def pipeline_of(*order: str) -> Any:
    """Build a pipeline once."""
    from zhfix.config import Config

    made = Config().with_order(*order)
    return (
        made.with_setting("convert.to", "zh-Hant-TW") if "convert" in order else made
    ).pipeline()


def stage(name: str, data: bytes) -> None:
    """Run one stage over bytes that are decoded first."""
    order = {"decode": (), "repair": ("detect", "repair")}.get(name, (name,))
    pipeline = pipeline_of(*order)
    before = pipeline.decoder(data).text
    document = pipeline.run_bytes(data)
    if document.original != before:
        raise AssertionError("undoing all edits does not give the text that went in")


def reader(kind: str, data: bytes) -> None:
    """Read and write one format, with all stages and with none."""
    from zhfix.command.compressed import unpacked
    from zhfix.command.exits import InputError
    from zhfix.command.formats import Problems, Work, handler
    from zhfix.command.output import Output
    from zhfix.command.task import Input, Reading, Task, Writing

    for order in ((), ("detect", "repair", "strip", "convert")):
        reading = Reading(kind, READERS[kind], header=False, max_record=1 << 20)
        task = Task("fix", "text", reading=reading, writing=Writing(bom="keep"))
        sink = io.BytesIO()
        out = Output(sink, task.writing)
        stream, codec = unpacked(io.BytesIO(data), max_expansion=200)
        pipeline = pipeline_of(*order)
        work = Work(Input("-"), kind, stream, out, pipeline, task, Problems())
        try:
            for _ in handler(kind)(work):
                pass
        except InputError:
            return
        if not order and not codec and kind in FAITHFUL:
            decoded = pipeline.decoder(data)
            mark = "\ufeff" * (out.origin.marked and out.origin.encoding == "utf-8")
            if sink.getvalue() != (mark + decoded.text).encode("utf-8", "surrogatepass"):
                raise AssertionError(f"{kind} does not write what it read")


def run_target(name: str, data: bytes) -> None:
    """Run a target; whatever it raises is a crash, unless it is a typed error."""
    from zhfix.errors import StageError, ZhfixError

    try:
        if name in STAGES:
            stage(name, data)
        else:
            reader(name, data)
    except StageError:
        raise
    except ZhfixError:
        return


class Fuzzer:
    """Counts inputs, keeps crashes and stops in time."""

    def __init__(self, targets: tuple[str, ...], crashes: Path, seconds: float) -> None:
        self.targets = targets
        self.crashes = crashes
        self.until = time.monotonic() + seconds
        self.counts: Counter[str] = Counter()
        self.seen: set[str] = set()

    def __call__(self, data: bytes) -> None:
        """Take one input: its first byte chooses the target."""
        if time.monotonic() > self.until:
            self.finish()
        if not data:
            return
        name = self.targets[data[0] % len(self.targets)]
        self.counts[name] += 1
        started = time.process_time()
        try:
            run_target(name, data[1:])
        except Exception as error:  # noqa: BLE001 (whatever it is, it is kept)
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.keep(
                name, data[1:], f"{type(error).__name__}-{Path(place.filename).stem}-{place.lineno}"
            )
        if time.process_time() - started > 10:
            self.keep(name, data[1:], "slow")

    def keep(self, name: str, data: bytes, what: str) -> None:
        """Write down an input that broke a target, once for each way of breaking."""
        if (label := f"{name}-{what}") in self.seen:
            return
        self.seen.add(label)
        self.crashes.mkdir(parents=True, exist_ok=True)
        (self.crashes / f"{label}.bin").write_bytes(data)
        print(f"CRASH {label}", flush=True)
        traceback.print_exc()

    def finish(self) -> None:
        """Say what was done, and leave."""
        print(
            f"{sum(self.counts.values()):,} inputs: {dict(self.counts)}; {len(self.seen)} crashes"
        )
        sys.stdout.flush()
        os._exit(1 if self.seen else 0)


def seeds() -> list[bytes]:
    """Small pieces of the fixtures in several encodings, and a small file of every format."""
    texts = []
    for name in SEEDS:
        path = ROOT / name
        files = sorted(path.rglob("*.txt"))[:20] if path.is_dir() else [path]
        texts += [file.read_text("utf-8", errors="replace") for file in files]
    pieces = [text[at : at + 300] for text in texts for at in range(0, min(len(text), 6000), 300)]
    made = [piece.encode(code, "ignore") for piece in pieces for code in ("utf-8", "gbk", "big5")]
    made += [
        b'{"text": "\\u7db2(w\xc7\x8eng)", "a": [{"b": "x"}]}\n',
        b'a,b\r\n"x ""y""\n",2\r\n',
        b"1\n00:00:01,000 --> 00:00:02,000\n<i>x</i>\n",
        (
            b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 44\r\n\r\n"
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>\r\n\r\n"
        ),
        b'msgid "a"\nmsgstr "b"\n',
        b"&#20013;&#22269; %E4%B8%AD \\u4e2d ~{VP9z~} =?gb2312?B?1tC5+g==?=",
        "中文".encode("utf-16"),
    ]
    return made


def mutated(rng: random.Random, corpus: list[bytes]) -> bytes:
    """Change a seed here and there, and mix it with another."""
    data = bytearray(rng.choice(corpus))
    for _ in range(rng.randint(0, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[at : at + rng.randint(1, 8)] = rng.randbytes(rng.randint(0, 8))
            case 1:
                other = rng.choice(corpus)
                start = rng.randrange(len(other) + 1)
                data[at:at] = other[start : start + rng.randint(1, 60)]
            case 2:
                data[at : at + rng.randint(1, 40)] = b""
            case _:
                data[at:at] = bytes(data[at : at + 8]) * rng.randint(1, 30)
    return bytes(data[:LONGEST])


def main() -> None:
    """Read the command line and fuzz."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--target", action="append", choices=[*STAGES, *READERS])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--plain", action="store_true", help="mutate without atheris")
    parser.add_argument("--crashes", type=Path, default=Path("crashes"))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    targets = tuple(chosen.target or (*STAGES, *READERS))
    if chosen.plain:
        fuzzer: Callable[[bytes], None] = Fuzzer(targets, chosen.crashes, chosen.seconds)
        rng, corpus = random.Random(chosen.seed), seeds()
        while True:
            fuzzer(bytes([rng.randrange(256)]) + mutated(rng, corpus))
    import tempfile

    import atheris

    with atheris.instrument_imports(include=["zhfix"]):
        from zhfix.command.formats import handler

        for kind in READERS:
            handler(kind)
        pipeline_of("detect", "repair", "strip", "convert").fix_bytes(
            "網(wǎng)絡(luò)與網(wǎng)絡(luò)".encode("gbk", "ignore")
        )
    folder = Path(tempfile.mkdtemp(prefix="zhfix-corpus-"))
    for number, seed in enumerate(seeds()):
        (folder / f"{number:05}").write_bytes(bytes([number % 256]) + seed)
    fuzzer = Fuzzer(targets, chosen.crashes, chosen.seconds)
    # What is learnt of the coverage grows with every input: the limit is for that, not for us.
    limits = ["-timeout=60", "-rss_limit_mb=6000"]
    options = [f"-max_len={LONGEST}", f"-seed={chosen.seed + 1}", *limits, str(folder)]
    atheris.Setup([sys.argv[0], *options], fuzzer)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
