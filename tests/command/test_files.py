"""Files and folders: what is read, where results go, and that nothing is ever lost."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import stat
import subprocess
import sys

import pytest
import zstandard

DAMAGED = "網(wǎng)絡(luò)與網(wǎng)絡(luò)\n"
REPAIRED = "網絡與網絡\n"


def text(path):
    return path.read_bytes().decode("utf-8")


def test_a_folder_is_worked_on_in_place(zhfix, folder):
    before = (folder / "b.txt").stat()
    done = zhfix("-r", "-i", folder)
    assert done.returncode == 0, done.stderr
    assert text(folder / "a.txt") == text(folder / "sub/c.md") == REPAIRED
    assert (folder / "picture.png").read_bytes() == b"\x89PNG\r\n\x1a\n\x00\x01"
    after = (folder / "b.txt").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    summary = done.stderr.decode()
    assert "changed" in summary
    assert "spam-mirror/gloss" in summary


def test_include_exclude_and_gitignore(zhfix, folder):
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("*.log\n!keep.log\n")
    (folder / "keep.log").write_text(DAMAGED, "utf-8")
    done = zhfix("--check", "-r", folder)
    assert done.returncode == 1
    assert [
        line.split(":")[0].rsplit("/", 1)[-1] for line in done.stdout.decode().splitlines()
    ] == [
        "a.txt",
        "keep.log",
        "c.md",
    ]
    listed = zhfix("--check", "-r", "--no-gitignore", "--include", "*.log", folder).stdout.decode()
    assert "d.log" in listed
    assert "a.txt" not in listed
    assert "sub" not in zhfix("--check", "-r", "--exclude", "sub/", folder).stdout.decode()


def test_an_outer_gitignore_counts_for_a_folder_inside(zhfix, folder):
    (folder / ".git").mkdir()
    (folder / ".gitignore").write_text("/sub/d.log\n")
    listed = zhfix("--check", "-r", folder / "sub").stdout.decode()
    assert "c.md" in listed
    assert "d.log" not in listed


def test_a_backup_is_kept_and_mode_and_times_stay(zhfix, tmp_path):
    page = tmp_path / "page.txt"
    page.write_text(DAMAGED, "utf-8")
    page.chmod(0o640)
    os.utime(page, ns=(10**18, 10**18))
    done = zhfix("-i=.bak", page)
    assert done.returncode == 0
    assert text(page) == REPAIRED
    assert text(tmp_path / "page.txt.bak") == DAMAGED
    known = page.stat()
    assert (stat.S_IMODE(known.st_mode), known.st_mtime_ns) == (0o640, 10**18)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.txt", "page.txt.bak"]


def test_a_link_stays_a_link(zhfix, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/page.txt").write_text(DAMAGED, "utf-8")
    (tmp_path / "link.txt").symlink_to("real/page.txt")
    assert zhfix("-i", tmp_path / "link.txt").returncode == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert text(tmp_path / "real/page.txt") == REPAIRED


def test_output_into_a_file_and_into_a_folder(zhfix, folder, tmp_path):
    assert zhfix(folder / "a.txt", "-o", tmp_path / "out.txt").returncode == 0
    assert text(tmp_path / "out.txt") == REPAIRED
    assert zhfix("-r", folder, "-o", tmp_path / "out").returncode == 0
    assert text(tmp_path / "out/sub/c.md") == REPAIRED
    assert text(tmp_path / "out/b.txt") == "干净的文字。\n"
    assert text(folder / "a.txt") == DAMAGED


@pytest.mark.parametrize(
    ("suffix", "pack", "unpack"),
    [
        (".gz", gzip.compress, gzip.decompress),
        (".bz2", bz2.compress, bz2.decompress),
        (".xz", lzma.compress, lzma.decompress),
        (".zst", zstandard.compress, zstandard.decompress),
    ],
)
def test_compressed_files_by_content(zhfix, tmp_path, suffix, pack, unpack):
    named = tmp_path / "named-otherwise.txt"
    named.write_bytes(pack(DAMAGED.encode()))
    assert zhfix(named).stdout.decode() == REPAIRED
    assert zhfix(data=pack(DAMAGED.encode())).stdout.decode() == REPAIRED
    assert zhfix("-i", named).returncode == 0
    assert unpack(named.read_bytes()).decode() == REPAIRED
    out = tmp_path / f"out.txt{suffix}"
    assert zhfix("-o", out, data=DAMAGED.encode()).returncode == 0
    assert unpack(out.read_bytes()).decode() == REPAIRED


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_a_bomb_is_refused_and_the_limit_can_be_raised(zhfix, tmp_path, pack):
    bomb = tmp_path / "bomb"
    bomb.write_bytes(pack(b" " * (100 << 20)))
    done = zhfix("decode", bomb, "-o", tmp_path / "out")
    assert done.returncode == 3
    assert "--max-expansion" in done.stderr.decode()
    assert not (tmp_path / "out").exists()
    done = zhfix("decode", "--max-expansion", "0", bomb, "-o", tmp_path / "out")
    assert done.returncode == 0
    assert (tmp_path / "out").stat().st_size == 100 << 20


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress])
def test_broken_archives_are_told_and_left(zhfix, tmp_path, pack):
    data = pack(os.urandom(5000))[:3000]
    (tmp_path / "cut").write_bytes(data)
    (tmp_path / "good").write_text(DAMAGED, "utf-8")
    done = zhfix("-i", tmp_path / "cut", tmp_path / "good")
    assert done.returncode == 3
    assert b"cut: " in done.stderr
    assert (tmp_path / "cut").read_bytes() == data
    assert text(tmp_path / "good") == REPAIRED


def test_line_ends_and_marks_are_kept(zhfix):
    data = "網(wǎng)絡(luò)與\r\n網(wǎng)絡(luò)\n行\r尾\x0b\u2028完".encode("utf-8-sig")
    done = zhfix("repair", data=data).stdout
    assert done == "網絡與\r\n網絡\n行\r尾\x0b\u2028完".encode("utf-8-sig")
    assert zhfix("repair", "--bom", "drop", data=data).stdout == done[3:]
    assert zhfix("repair", "--bom", "add", data=data[3:]).stdout == done
    wide = "中文與文字\r\n".encode("utf-16")
    assert zhfix("repair", data=wide).stdout.decode() == "中文與文字\r\n"
    assert zhfix("repair", "-t", "same", data=wide).stdout == wide


def test_encodings_as_with_iconv(zhfix, tmp_path):
    data = "漢字與文字".encode("big5")
    assert zhfix("decode", "-f", "big5", data=data).stdout.decode() == "漢字與文字"
    assert zhfix("decode", "-t", "gb18030", data=data).stdout.decode("gb18030") == "漢字與文字"
    assert zhfix("decode", "-t", "same", data=data).stdout == data
    done = zhfix("decode", "-t", "big5", data="汉字".encode(), env={})
    assert done.returncode == 3
    assert "big5 has no code for '汉'" in done.stderr.decode()
    assert zhfix(
        "decode", "-t", "big5", "--lossy", data="汉字".encode()
    ).stdout == b"?" + "字".encode("big5")
    assert zhfix("decode", "-t", "no-such", data=b"x").returncode == 2
    (tmp_path / "old.txt").write_bytes(data * 20)
    listed = zhfix("decode", "--list", tmp_path / "old.txt").stdout.decode()
    assert "old.txt: big5 (" in listed


def test_what_could_not_be_read_is_never_lost_in_place(zhfix, tmp_path):
    page = tmp_path / "page.txt"
    data = "中文的文字和编码，很长的一段。".encode() + b"\xff\xfe\xff" + "完。".encode()
    page.write_bytes(data)
    done = zhfix("-i", page)
    assert done.returncode == 3
    assert "could not be read as utf-8" in done.stderr.decode()
    assert page.read_bytes() == data
    assert zhfix("-i", "--lossy", page).returncode == 0
    assert "\ufffd" in text(page)


def test_check_and_diff_change_nothing(zhfix, folder):
    done = zhfix("--diff", folder / "a.txt")
    assert done.returncode == 1
    assert done.stdout.decode().splitlines()[2:] == [
        "@@ -1,1 +1,1 @@",
        "-" + DAMAGED.rstrip(),
        "+" + REPAIRED.rstrip(),
    ]
    assert zhfix("--diff", folder / "b.txt").returncode == 0
    assert zhfix("--check", folder / "b.txt").stdout == b""
    assert zhfix("--check", folder / "a.txt").returncode == 1
    assert text(folder / "a.txt") == DAMAGED


def test_a_diff_can_be_applied(zhfix, tmp_path):
    lines = ["干净的文字。", DAMAGED.rstrip(), *["另一行。"] * 20, "網(wǎng)絡(luò)完"]
    page = tmp_path / "page.txt"
    page.write_text("\n".join(lines), "utf-8")
    made = zhfix("--diff", "page.txt", cwd=tmp_path).stdout
    subprocess.run(["patch", "-s", "-p0"], input=made, cwd=tmp_path, check=True)
    assert zhfix("--check", page).returncode == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-i"], "-i needs files"),
        (["-i", "--check", "x"], "exclude each other"),
        (["--resume", "x"], "need -i or -o"),
        (["--include", "*.txt", "x"], "need -r"),
        (["--jsonl", "--csv", "x"], "exclude each other"),
        (["--max-record", "many", "x"], "is no size"),
        (["convert", "x"], "convert to what"),
        (["detect", "--select", "no-such", "x"], "no rule 'no-such'"),
        (["explain", "--rule", "no-such"], "no rule 'no-such'"),
        (["-f", "no-such", "x"], "no-such"),
    ],
)
def test_wrong_use_is_code_2(zhfix, tmp_path, args, message):
    (tmp_path / "x").write_text("中", "utf-8")
    done = zhfix(*args, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_one_bad_file_does_not_stop_the_rest(zhfix, folder):
    (folder / "a0.txt").write_bytes(gzip.compress(b"x" * 99)[:-9])
    for errors, code, stops in (("report", 3, False), ("skip", 0, False), ("stop", 3, True)):
        done = zhfix("-r", "--errors", errors, folder, "-o", folder.parent / errors)
        assert done.returncode == code
        assert (folder.parent / errors / "b.txt").exists() is not stops
        assert (b"a0.txt: broken gzip" in done.stderr) is (errors != "skip")


def test_names_that_are_not_utf_8(zhfix, tmp_path):
    name = os.fsencode(tmp_path) + b"/\xd6\xd0\xce\xc4\xff.txt"
    with open(name, "wb") as file:
        file.write(DAMAGED.encode())
    for env in ({}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        done = zhfix("detect", "--json", "-r", tmp_path, env=env)
        assert done.returncode == 1
        assert b"\\\\xd6\\\\xd0" in done.stdout
    done = zhfix("-r", "-i", "--resume", "--manifest", tmp_path.parent / "m", tmp_path)
    assert done.returncode == 0
    with open(name, "rb") as file:
        assert file.read().decode() == REPAIRED


def test_unreadable_folders_and_files_are_told(zhfix, folder):
    if os.geteuid() == 0:
        # Root reads everything; a name too long for the file system stands in for it.
        command = ["-m", "zhfix", "-i", "x" * 300]
        done = subprocess.run([sys.executable, *command], capture_output=True, check=False)
        assert done.returncode in (2, 3)
        return
    (folder / "a.txt").chmod(0)
    done = zhfix("-r", "--check", folder)
    assert done.returncode == 3
    assert b"a.txt: " + os.strerror(errno.EACCES).encode() in done.stderr
