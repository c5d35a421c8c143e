"""The crawl-to-corpus job: the same bytes from every engine, also when workers are killed."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")
pytest.importorskip("fastwarc", reason="the extra `warc` is not installed")

import pyarrow.parquet as pq  # noqa: E402

EXAMPLE = Path(__file__).parents[2] / "examples" / "crawl_to_corpus"
sys.path.insert(0, str(EXAMPLE))

import crawl  # noqa: E402
import job as drivers  # noqa: E402
import sample  # noqa: E402

from etl.engines import java  # noqa: E402
from zhfix.etl import Counters  # noqa: E402
from zhfix.etl.rows import undo  # noqa: E402

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.filterwarnings("error:::zhfix")]

FILES, PAGES = 8, 40


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    return sample.make(tmp_path_factory.mktemp("archives"), files=FILES, pages=PAGES)


@pytest.fixture(scope="module")
def reference(archives, tmp_path_factory):
    """What one process makes."""
    job = crawl.Job.of(archives, str(tmp_path_factory.mktemp("one-process")))
    drivers.run_job(job, drivers.on_process)
    return job


def contents(job):
    folder = Path(job.out)
    files = [*sorted((folder / "corpus").glob("*.parquet")), folder / "counters.json"]
    return {path.name: path.read_bytes() for path in files}


def rows(job):
    return [
        row
        for path in sorted((Path(job.out) / "corpus").glob("*.parquet"))
        for row in pq.read_table(path).to_pylist()
    ]


def test_the_sample_is_the_same_every_time(archives, tmp_path):
    again = sample.make(tmp_path, files=FILES, pages=PAGES)
    assert [Path(a).read_bytes() for a in archives] == [Path(b).read_bytes() for b in again]


def test_the_corpus_is_clean_and_explained(reference):
    found = rows(reference)
    assert len(found) > FILES * PAGES / 2
    assert {row["encoding"] for row in found} >= {"utf-8", "gb18030"}
    assert not any("caf\u00e9" in row["text"] or "滬ICP備" in row["text"] for row in found)
    for row in found:
        shares = [row[name] for name in ("damage", "boilerplate", "spam", "repeated")]
        assert row["score"] == pytest.approx(max(0.0, 1 - sum(shares)), abs=1e-3)
        before = undo(row["text"], row["edits"])
        assert len(before) >= len(row["text"]) - 200
    assert any(row["damage"] > 0 for row in found)
    assert any(row["spam"] > 0 for row in found)
    assert any(row["repeated"] > 0 for row in found)


def test_no_long_line_stands_twice_and_none_is_lost(reference):
    lines = [
        line.strip()
        for row in rows(reference)
        for line in row["text"].split("\n")
        if len(line.strip()) >= crawl.LEAST_LINE
    ]
    assert len(lines) == len(set(lines))
    cleaned = {
        line.strip()
        for part in range(FILES)
        for text in pq.read_table(reference.file("clean", part))["text"].to_pylist()
        for line in text.split("\n")
        if len(line.strip()) >= crawl.LEAST_LINE
    }
    assert set(lines) == cleaned


def test_counters_of_parts_add_up(reference):
    counters = Counters.from_json((Path(reference.out) / "counters.json").read_text("utf-8"))
    by_row = Counters()
    for part in range(FILES):
        for row in pq.read_table(reference.file("clean", part)).to_pylist():
            by_row.add_remarks(row["edits"])
    assert counters.rows == by_row.rows
    assert counters.changed == by_row.changed
    assert {k: v for k, v in counters.rules.items() if not k.startswith("crawl/")} == by_row.rules
    assert counters.rules["crawl/repeated-line"] == counters.stages["dedup"] > 0
    assert counters.rules["crawl/not-chinese"] > 0


def test_a_stopped_job_goes_on_where_it_was(archives, reference, tmp_path):
    job = crawl.Job.of(archives, str(tmp_path))
    for number in (0, 3):
        crawl.run(job, job.name, "clean", number)
    made = {n: job.file("clean", n).stat().st_mtime_ns for n in (0, 3)}
    assert job.tasks("clean") == [n for n in range(FILES) if n not in made]
    drivers.run_job(job, drivers.on_process)
    assert {n: job.file("clean", n).stat().st_mtime_ns for n in made} == made
    assert contents(job) == contents(reference)
    assert not any(job.tasks(kind) for kind in crawl.KINDS)
    assert crawl.Job.of(archives, str(tmp_path), to="zh-Hans").tasks("clean") == list(range(FILES))


def test_a_task_that_fails_leaves_no_file(archives, tmp_path, monkeypatch):
    job = crawl.Job.of(archives[:1], str(tmp_path))

    def break_off(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(crawl, "write_lines", break_off)
    with pytest.raises(KeyboardInterrupt):
        crawl.run(job, job.name, "clean", 0)
    assert list(tmp_path.rglob("*.parquet*")) == []


def test_records_that_cannot_be_read_are_counted(archives, tmp_path, monkeypatch):
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(Path(archives[0]).read_bytes()[:-5000])
    job = crawl.Job.of([str(cut)], str(tmp_path / "out"))
    drivers.run_job(job, drivers.on_process)
    assert rows(job)

    def fail(*_, **__):
        raise ValueError("no page")

    monkeypatch.setattr(crawl, "extract", fail)
    job = crawl.Job.of([archives[0]], str(tmp_path / "bad"))
    drivers.run_job(job, drivers.on_process)
    assert rows(job) == []
    assert crawl.total(job).rules["crawl/unreadable"] > 0


def test_the_command_runs_as_its_page_says(archives, tmp_path):
    command = [sys.executable, EXAMPLE / "job.py", tmp_path, *archives[:2], "--to", "zh-Hans"]
    subprocess.run(command, check=True)
    assert json.loads((tmp_path / "counters.json").read_text("utf-8"))["rows"] > 0


# Real workers: processes of their own, of which one is killed in mid-job.


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


@contextmanager
def spark_cluster(folder):
    """A master and two workers of Spark as processes; yields its address and the workers."""
    import pyspark

    java()
    home = Path(pyspark.__file__).parent
    port = free_port()
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m",
    }

    def start(kind, name, *arguments):
        command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", *arguments]
        log = (folder / f"{name}.log").open("wb")
        return subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )

    host = ("--host", "127.0.0.1", "--webui-port", "0")
    master = start("master.Master", "master", *host, "--port", str(port))
    address = f"spark://127.0.0.1:{port}"
    workers = [
        start(
            "worker.Worker",
            f"worker-{n}",
            *host,
            "-c",
            "1",
            "-m",
            "1g",
            "-d",
            str(folder / f"w{n}"),
            address,
        )
        for n in range(2)
    ]
    try:
        yield address, workers
    finally:
        for process in (*workers, master):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def when_first_part_is_done(job, act):
    """Do something in mid-job: some parts are there, and others are not."""
    seen = []

    def watch():
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            left = len(job.tasks("clean"))
            if left < FILES:
                seen.append(left)
                act()
                return
            time.sleep(0.05)

    thread = threading.Thread(target=watch)
    thread.start()
    return thread, seen


SPARK_DRIVER = """
import sys, warnings
warnings.simplefilter("ignore")
example, master, out, *inputs = sys.argv[1:]
sys.path.insert(0, example)
import crawl, job
from pyspark.sql import SparkSession
SparkSession.builder.config("spark.executor.memory", "512m").config(
    "spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").config(
    "spark.ui.enabled", "false").master(master).getOrCreate()
job.run_job(crawl.Job.of(inputs, out), job.on_spark, session=job.spark_session(master))
"""


@pytest.mark.parametrize("kill", [False, True], ids=["two-workers", "one-is-killed"])
def test_spark_makes_the_same_bytes(archives, reference, tmp_path, kill):
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed")
    job = crawl.Job.of(archives, str(tmp_path / "out"))
    with spark_cluster(tmp_path) as (master, workers):
        if kill:
            # The worker and its executor are one group of processes.
            killer, seen = when_first_part_is_done(
                job, lambda: os.killpg(workers[0].pid, signal.SIGKILL)
            )
        # A process of its own: this one may have a Spark already.
        command = [sys.executable, "-c", SPARK_DRIVER, EXAMPLE, master, job.out, *archives]
        python = {**os.environ, "PYSPARK_PYTHON": sys.executable}
        done = subprocess.run(command, check=False, capture_output=True, timeout=300, env=python)
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        if kill:
            killer.join()
            assert seen
            assert seen[0] > 0
            assert workers[0].wait(10) == -signal.SIGKILL
    assert contents(job) == contents(reference)


RAY_DRIVER = """
import sys, threading, time
example, kill, out, *inputs = sys.argv[1:]
sys.path.insert(0, example)
import crawl, job, ray
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
ray.init(address=cluster.address, runtime_env={"working_dir": example}, log_to_driver=False)
made = crawl.Job.of(inputs, out)
def watch():
    while len(made.tasks("clean")) == len(inputs):
        time.sleep(0.05)
    left = len(made.tasks("clean"))
    cluster.remove_node(nodes[0], allow_graceful=False)
    print("killed with", left, "tasks left", flush=True)
if kill == "True":
    thread = threading.Thread(target=watch)
    thread.start()
job.run_job(made, job.on_ray)
if kill == "True":
    thread.join()
ray.shutdown()
cluster.shutdown()
"""


@pytest.mark.parametrize("kill", [False, True], ids=["two-workers", "one-is-killed"])
def test_ray_makes_the_same_bytes(archives, reference, tmp_path, kill):
    if importlib.util.find_spec("ray") is None:
        pytest.skip("ray is not installed")
    job = crawl.Job.of(archives, str(tmp_path / "out"))
    command = [sys.executable, "-c", RAY_DRIVER, EXAMPLE, str(kill), job.out, *archives]
    done = subprocess.run(command, check=False, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    if kill:
        left = int(done.stdout.decode().split("killed with ")[1].split()[0])
        assert left > 0
    assert contents(job) == contents(reference)
