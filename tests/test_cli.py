"""The installed command, run as people run it: pipes, files, bad input, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SEED = Path(__file__).parent / "fixtures/seed/page.txt"
COMMAND = [sys.executable, "-m", "zhfix"]


def zhfix(*args, data=b"", cwd=None, env=None):
    return subprocess.run(
        [*COMMAND, *map(os.fspath, args)],
        input=data,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )


def test_it_is_a_filter():
    done = zhfix("--to", "zh-Hans", data="網(wǎng)絡(luò)與網(wǎng)絡(luò)\n".encode())
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "网络与网络\n", b"")


def test_without_a_word_it_fixes_standard_input():
    assert zhfix(data="中文文字编码".encode("gb18030")).stdout.decode() == "中文文字编码"


def test_a_file_is_fixed_to_standard_output():
    done = zhfix("fix", SEED)
    assert done.returncode == 0
    assert "恐怖網絡蔓延擴展。恐怖組織利用新興技術" in done.stdout.decode()


@pytest.mark.parametrize("data", [b"", b"\x00", b"\n", b"\xff", b"\xed\xa0\x80"])
def test_odd_input_comes_through(data):
    done = zhfix(data=data)
    assert (done.returncode, done.stderr) == (0, b"")
    if data != b"\xff" and data[:1] != b"\xed":
        assert done.stdout == data


def test_stages_and_settings_on_the_command_line():
    data = "網(wǎng)絡(luò)與網(wǎng)絡(luò)".encode()
    done = zhfix("--stages", "convert", "--set", "convert.to=zh-Hans", data=data)
    assert done.stdout.decode() == "网(wǎng)络(luò)与网(wǎng)络(luò)"
    done = zhfix(
        "fix", "--stages", "detect,repair,convert", "--set", "convert.to=zh-Hant-TW", data=data
    )
    assert done.stdout.decode() == "網絡與網絡"


def test_a_configuration_file_is_found_and_can_be_left_out(tmp_path):
    (tmp_path / "zhfix.toml").write_text('[stages.convert]\nto = "zh-Hans"\n', "utf-8")
    assert zhfix(data="漢字".encode(), cwd=tmp_path).stdout.decode() == "汉字"
    assert zhfix("--no-config", data="漢字".encode(), cwd=tmp_path).stdout.decode() == "漢字"


def test_detect_is_a_linter(tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("乾淨\n網(wǎng)絡(luò)與網(wǎng)絡(luò)\n", "utf-8")
    done = zhfix("detect", page)
    assert done.returncode == 1
    first = done.stdout.decode().splitlines()[0]
    assert first.startswith(f"{page}:2:2: spam-mirror/gloss")
    record = json.loads(zhfix("detect", "--json", page).stdout.splitlines()[0])
    assert (record["line"], record["column"], record["text"]) == (2, 2, "(wǎng)")
    page.write_text("乾淨\n", "utf-8")
    done = zhfix("detect", page)
    assert (done.returncode, done.stdout) == (0, b"")


def test_explain_shows_edits_and_json_holds_them_all():
    done = zhfix("explain", "--to", "zh-Hans", SEED)
    assert "spam-mirror/gloss" in done.stdout.decode()
    assert b"\x1b[" not in done.stdout, "colour in a pipe"
    record = json.loads(zhfix("explain", "--json", "--to", "zh-Hans", SEED).stdout)
    assert record["original"] == SEED.read_text("utf-8")
    assert {revision["stage"] for revision in record["revisions"]} == {"repair", "strip", "convert"}
    assert (
        b"\x1b["
        in zhfix("explain", "--color", data="網(wǎng)絡(luò)與網(wǎng)絡(luò)".encode()).stdout
    )


def test_stages_lists_what_there_is():
    listed = zhfix("stages").stdout.decode()
    assert all(name in listed for name in ("detect", "repair", "strip", "convert", "decoders:"))


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["no-such-file.txt"], "no-such-file.txt: no such file"),
        (["."], ".: is a directory"),
        (["--to", "zh-Hanx"], "zh-Han"),
        (["--stages", "detect,repiar"], "did you mean 'repair'"),
        (["--set", "convert.too=x"], "did you mean 'to'"),
        (["--set", "convert"], "STAGE.OPTION=VALUE"),
        (["--config", "missing.toml"], "missing.toml: No such file"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_wrong_use_is_code_2_and_one_clear_message(args, message):
    done = zhfix(*args, data="中".encode())
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert done.stdout == b""


def test_invalid_toml_is_code_2_and_names_the_key(tmp_path):
    (tmp_path / "zhfix.toml").write_text("[pipeline]\nordr = []\n", "utf-8")
    done = zhfix(data=b"x", cwd=tmp_path)
    assert done.returncode == 2
    assert "pipeline.ordr" in done.stderr.decode()
    assert "did you mean 'order'" in done.stderr.decode()


def test_a_closed_pipe_is_quiet(tmp_path):
    big = tmp_path / "big.txt"
    big.write_text("干净的文字。\n" * 200_000, "utf-8")
    command = " ".join([*COMMAND, str(big)])
    script = f"{command} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == ["干净的文字。", "141"]


def test_a_c_locale_changes_nothing():
    env = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    done = zhfix(
        "explain", "--to", "zh-Hans", data="網(wǎng)絡(luò)與網(wǎng)絡(luò)".encode(), env=env
    )
    assert done.returncode == 0
    assert "网络与网络" in done.stdout.decode()


def test_help_has_examples():
    done = zhfix("--help")
    assert done.returncode == 0
    assert "zhfix < page.txt" in done.stdout.decode()


def test_html_is_taken_apart_as_browsers_do():
    page = '<meta charset="gbk"><nav><a>首页</a></nav><h1>网络的安全</h1><p>来源：新华网</p>'
    page += "<p>网络的安全，是大家共同的事业。" * 8
    done = zhfix("--html", "--to", "zh-Hant", data=page.encode("gbk"))
    assert done.returncode == 0
    assert done.stdout.decode().splitlines()[-1] == "網絡的安全，是大家共同的事業。"
    record = json.loads(zhfix("--html", "--keep-metadata", data=page.encode("gbk")).stdout)
    assert record["metadata"]["title"] == "网络的安全"
    assert "首页" not in record["text"]
    done = zhfix("--html", "--extractor", "no-such", data=b"<p>x")
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


def test_what_was_stripped_is_kept_as_fields():
    record = json.loads(zhfix("--keep-metadata", SEED).stdout)
    assert record["metadata"]["date"] == "2023-09-21T15:34:00"
    assert "外交部" in record["metadata"]["source"]
    assert "責編" not in record["text"]
