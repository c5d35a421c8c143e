"""Kills, full disks, closed pipes, files that vanish or grow: nothing is lost, all is told."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from zhfix.command import atomic
from zhfix.command.job import Worker
from zhfix.command.task import Input, Task, Writing

COMMAND = [sys.executable, "-m", "zhfix"]
FILES = 2000
#: Conversion of its own result is not the same again, so working twice would show.
OPTIONS = ["convert", "--to", "zh-Hant-TW", "--no-config", "--set", 'convert.words={"网" = "网网"}']


def fill(folder, files=FILES):
    folder.mkdir()
    for number in range(files):
        inside = folder / f"{number % 20:02}"
        inside.mkdir(exist_ok=True)
        (inside / f"{number:05}.txt").write_text(f"第{number}个网络的文件。\n", "utf-8")


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.txt"))
    }


@pytest.mark.parametrize(("jobs", "files"), [(1, 400), (2, FILES)])
def test_killed_in_the_middle_and_resumed(tmp_path, jobs, files):
    fill(tmp_path / "undisturbed", files)
    fill(tmp_path / "killed", files)
    before = contents(tmp_path / "killed")
    done = subprocess.run(
        [*COMMAND, *OPTIONS, "-q", "-r", "-i", tmp_path / "undisturbed"], check=False
    )
    assert done.returncode == 0
    after = contents(tmp_path / "undisturbed")
    manifest = tmp_path / "manifest"
    command = [*COMMAND, *OPTIONS, "-q", "-r", "-i", "-j", str(jobs), "--resume", "--manifest"]
    command += [manifest, tmp_path / "killed"]
    for _ in range(2):
        started = manifest.stat().st_size if manifest.exists() else 0
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        while running.poll() is None and (
            not manifest.exists() or manifest.stat().st_size < started + files * 30
        ):
            time.sleep(0.01)
        running.send_signal(signal.SIGKILL)
        running.communicate()
        now = contents(tmp_path / "killed")
        changed = sum(now[name] == after[name] for name in now)
        assert 0 < changed < files
        assert all(now[name] in (before[name], after[name]) for name in now)
    assert subprocess.run(command, check=False).returncode == 0
    assert contents(tmp_path / "killed") == after
    done = subprocess.run([*command[:-1], "--errors", "stop", command[-1]], check=False)
    assert done.returncode == 0
    assert contents(tmp_path / "killed") == after, "what is done is not done again"


def test_resume_into_a_folder(zhfix, tmp_path):
    fill(tmp_path / "in", 5)
    args = [*OPTIONS, "-r", tmp_path / "in", "-o", tmp_path / "out", "--resume"]
    args += ["--manifest", tmp_path / "m"]
    assert b"changed                    5" in zhfix(*args).stderr
    (tmp_path / "in/00/00000.txt").write_text("另一个网络。\n", "utf-8")
    (tmp_path / "out/01/00001.txt").unlink()
    with open(tmp_path / "m", "ab") as file:
        file.write(b'{"file": "cut sho')
    done = zhfix(*args)
    assert b"changed                    2" in done.stderr
    assert b"skipped                    3" in done.stderr
    # Another configuration is another work.
    assert b"skipped                    0" in zhfix(*args, "--set", "convert.quotes=true").stderr


def test_ctrl_c_leaves_whole_files_and_nothing_else(tmp_path):
    fill(tmp_path / "in")
    first = tmp_path / "in/00/00000.txt"
    size = first.stat().st_size
    running = subprocess.Popen(
        [*COMMAND, *OPTIONS, "-r", "-i", "-j", "2", tmp_path / "in"],
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Where the tests run in the background, a shell has made them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    while first.stat().st_size == size and running.poll() is None:
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate()
    assert running.returncode == 130, told.decode()
    assert told.decode().strip().endswith("zhfix: interrupted")
    assert b"Traceback" not in told
    after = contents(tmp_path / "in")
    assert len(after) == FILES
    assert {len(text.split("网".encode())) for text in after.values()} <= {1, 2, 3}
    time.sleep(0.3)
    assert not list((tmp_path / "in").rglob(".zhfix-*"))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_loses_nothing(tmp_path, monkeypatch, call):
    page = tmp_path / "page.txt"
    page.write_text("汉字\n", "utf-8")
    task = Task(
        "convert",
        "text",
        {"pipeline": {"order": ["convert"]}, "stages": {"convert": {"to": "zh-Hant"}}},
        writing=Writing(in_place=True),
    )

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.os, call, full)
    outcome = Worker(task, task.pipeline()).process(Input(str(page)))
    assert (outcome.state, outcome.error) == ("failed", "No space left on device")
    assert page.read_text("utf-8") == "汉字\n"
    assert [path.name for path in tmp_path.iterdir()] == ["page.txt"]


def test_a_write_that_really_fails_loses_nothing(zhfix, tmp_path):
    big, small = tmp_path / "big.txt", tmp_path / "small.txt"
    big.write_text("汉字\n" * 50_000, "utf-8")
    small.write_text("汉字\n", "utf-8")

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    done = zhfix("convert", "--to", "zh-Hant", "-i", big, small, preexec_fn=limited)
    assert done.returncode == 3
    assert os.strerror(errno.EFBIG).encode() in done.stderr
    assert big.read_text("utf-8") == "汉字\n" * 50_000
    assert small.read_text("utf-8") == "漢字\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.txt", "small.txt"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
def test_standard_output_on_a_full_disk():
    for verb in ("decode", "detect"):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [*COMMAND, verb],
                input="網(wǎng)絡(luò)與網(wǎng)絡(luò)\n".encode() * 5000,
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert done.returncode == 3
        assert done.stderr.decode() == "zhfix: output: No space left on device\n"


@pytest.mark.parametrize(
    "args", ["detect {big}", "-j 2 {big} {big}", "--diff {big}", "rules", "explain --json {big}"]
)
def test_a_closed_pipe_is_quiet(tmp_path, args):
    big = tmp_path / "big.txt"
    big.write_text("網(wǎng)絡(luò)與網(wǎng)絡(luò)\n" * 3000, "utf-8")
    script = (
        " ".join([*COMMAND, args.format(big=big)])
        + " | head -c 10 >/dev/null; echo ${PIPESTATUS[0]}"
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.stdout.strip() in {b"141"} | ({b"0"} if args == "rules" else set())


def test_a_file_that_vanishes(tmp_path):
    fill(tmp_path / "in", 3)
    task = Task("decode", "text", {"pipeline": {"order": []}}, writing=Writing(in_place=True))
    gone = Input(str(tmp_path / "in/00/gone.txt"), found=True)
    outcome = Worker(task, task.pipeline()).process(gone)
    assert (outcome.state, outcome.error) == ("failed", "No such file or directory")


def test_a_file_that_grows_while_it_is_read_is_left(tmp_path):
    page = tmp_path / "log.txt"
    page.write_bytes("汉字\n".encode("gbk") * 100)
    task = Task("decode", "text", {"pipeline": {"order": []}}, writing=Writing(in_place=True))

    def grow(_count):
        if page.stat().st_size == 500:
            with open(page, "ab") as file:
                file.write("又一行\n".encode("gbk"))

    outcome = Worker(task, task.pipeline(), tell=grow).process(Input(str(page)))
    assert (outcome.state, outcome.error) == ("failed", "changed while it was read; left as it is")
    assert page.read_bytes() == "汉字\n".encode("gbk") * 100 + "又一行\n".encode("gbk")


def test_files_are_closed_again(zhfix, tmp_path):
    fill(tmp_path / "in", 500)

    def limited():
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

    done = zhfix("decode", "-q", "-r", "-i", "-j", "2", tmp_path / "in", preexec_fn=limited)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_process_that_dies_fails_one_file_only(tmp_path):
    """A stage that kills its process on one file: the others are done."""
    fill(tmp_path / "in", 40)
    (tmp_path / "in/00/00000.txt").write_text("致命\n", "utf-8")
    (tmp_path / "deadly.py").write_text(
        "import os\n"
        "def stage():\n"
        "    return look\n"
        "def look(document):\n"
        "    if '致命' in document.text:\n"
        "        os._exit(9)\n"
        "    return ()\n"
    )
    info = tmp_path / "deadly-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: deadly\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[zhfix.stages]\ndeadly = deadly:stage\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*COMMAND, "--stages", "deadly", "-r", "-j", "2", tmp_path / "in", "-o", tmp_path / "out"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert b"00000.txt: the process that worked on it was killed" in done.stderr
    assert len(contents(tmp_path / "out")) == 39
