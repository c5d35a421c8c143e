"""The installed command, run as people run it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "zhfix"]
DAMAGED = "網(wǎng)絡(luò)與網(wǎng)絡(luò)\n"
REPAIRED = "網絡與網絡\n"


def run(*args, data=b"", cwd=None, env=None, **options):
    return subprocess.run(
        [*COMMAND, *map(os.fsdecode, args)],
        input=data,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        **options,
    )


@pytest.fixture(name="zhfix")
def command():
    """Run the command and make sure that no traceback reaches the user."""

    def ran(*args, **options):
        done = run(*args, **options)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

    return ran


@pytest.fixture
def folder(tmp_path):
    """A folder with damaged, clean, hidden and ignored files."""
    root = tmp_path / "texts"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text(DAMAGED, "utf-8")
    (root / "b.txt").write_text("干净的文字。\n", "utf-8")
    (root / "sub/c.md").write_text(DAMAGED, "utf-8")
    (root / "sub/d.log").write_text(DAMAGED, "utf-8")
    (root / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x01")
    return root
