"""What the verbs print: findings for people and for machines, rules, completions, exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile

import pytest

from zhfix.command import options
from zhfix.command.group import VERBS
from zhfix.command.walk import Walk

DAMAGED = "網(wǎng)絡(luò)與網(wǎng)絡(luò)\n"
REPAIRED = "網絡與網絡\n"


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "a,b:c.txt"
    path.write_text("干净\n" + DAMAGED + "锟斤拷锟斤拷\n", "utf-8")
    return path


def test_findings_as_text_and_json(zhfix, page):
    done = zhfix("detect", page)
    assert done.returncode == 1
    lines = done.stdout.decode().splitlines()
    assert lines[0].startswith(f"{page}:2:2: spam-mirror/gloss ")
    assert lines[0].endswith("%)")
    assert lines[-1].startswith(f"{page}:3:1: damage/replacement-read-as-gbk ")
    records = [
        json.loads(line) for line in zhfix("detect", "--format", "json", page).stdout.splitlines()
    ]
    assert [(r["line"], r["column"]) for r in records] == [
        tuple(map(int, line.removeprefix(str(page)).split(":")[1:3])) for line in lines
    ]
    assert all(0 < record["confidence"] <= 1 for record in records)


def test_findings_for_github(zhfix, page):
    line = zhfix("detect", "--format", "github", page).stdout.decode().splitlines()[0]
    name = str(page).replace(":", "%3A").replace(",", "%2C")
    assert line.startswith(
        f"::warning file={name},line=2,col=2,title=spam-mirror/gloss::spam-mirror/gloss "
    )
    assert "%25)" in line


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_findings_as_sarif(zhfix, page, tmp_path, jobs):
    clean = tmp_path / "clean.txt"
    clean.write_text("干净的文字。\n", "utf-8")
    done = zhfix("detect", "--format", "sarif", "-q", "-j", jobs, page, clean, page)
    assert done.returncode == 1
    log = json.loads(done.stdout)
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} <= rules
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 2}
    empty = zhfix("detect", "--format", "sarif", clean)
    assert (empty.returncode, json.loads(empty.stdout)["runs"][0]["results"]) == (0, [])


def test_select_and_ignore(zhfix, page):
    both = zhfix("detect", "--select", "damage,spam-mirror", page).stdout.decode()
    assert "gloss" in both
    assert "replacement-read-as-gbk" in both
    assert "gloss" not in zhfix("detect", "--select", "damage", page).stdout.decode()
    done = zhfix("detect", "--ignore", "damage", "--ignore", "spam-mirror", page)
    assert (done.returncode, done.stdout) == (0, b"")


def test_bad_bytes_are_found_with_their_place(zhfix):
    data = "第一行\n第二行有".encode() + b"\xff" + "坏字节。\n".encode()
    done = zhfix("detect", "--select", "decode", data=data)
    assert done.returncode == 1
    assert done.stdout.decode().startswith("<stdin>:2:5: decode/invalid byte 22: ff")


def test_findings_of_a_stream_have_lines_of_the_whole(zhfix, tmp_path):
    big = tmp_path / "big.txt"
    clean = "这是很长的一段干净的文字，什么也没有。\n"
    count = 3_000_000 // len(clean.encode())
    big.write_bytes((clean * count + DAMAGED + clean).encode("gb18030", "strict") + b"\xff\n")
    lines = zhfix("detect", big).stdout.decode().splitlines()
    assert lines[0].startswith(f"{big}:{count + 1}:2: spam-mirror/gloss")
    assert any(line.startswith(f"{big}:{count + 3}:1: decode/invalid") for line in lines)


def test_rules_are_listed_and_explained(zhfix):
    rules = [json.loads(line) for line in zhfix("rules", "--json").stdout.splitlines()]
    assert {"id", "stage", "summary", "cause", "default"} <= set(rules[0])
    assert b"spam-mirror/gloss" in zhfix("rules").stdout
    told = zhfix("explain", "--rule", "spam-mirror/gloss").stdout.decode()
    assert all(word in told for word in ("Cause: ", "How sure: ", "becomes:"))


def test_subtitles_and_books_keep_their_structure(zhfix, tmp_path):
    cue = "1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>汉字</i>{\\an8}\r\n"
    film = tmp_path / "film.srt"
    film.write_bytes(cue.encode("gb18030"))
    assert zhfix("convert", "--to", "zh-Hant", "-i", film).returncode == 0
    assert film.read_bytes().decode() == cue.replace("汉", "漢")
    done = zhfix(
        "convert", "--to", "zh-Hant", "--format-of-file", "json", data='{"汉": "汉"}'.encode()
    )
    assert done.stdout.decode() == '{"汉": "漢"}'
    assert (
        zhfix(
            "convert", "--to", "zh-Hant", "--format-of-file", "json", data=b'{"a": "\\x"}'
        ).returncode
        == 3
    )
    book = tmp_path / "book.epub"
    with zipfile.ZipFile(book, "w") as made:
        made.writestr("mimetype", "application/epub+zip")
        made.writestr("a.xhtml", '<html lang="zh-Hans"><p>汉字</p></html>')
    assert zhfix("convert", "--to", "zh-Hant-TW", "-i", book).returncode == 0
    with zipfile.ZipFile(book) as made:
        assert made.read("a.xhtml").decode() == '<html lang="zh-Hant-TW"><p>漢字</p></html>'
        assert made.infolist()[0].filename == "mimetype"
    book.write_bytes(b"no archive")
    assert zhfix("convert", "--to", "zh-Hant-TW", "-i", book).returncode == 3


def test_a_book_that_is_a_bomb_is_refused(zhfix, tmp_path):
    book = tmp_path / "book.epub"
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.xhtml", b" " * (80 << 20))
    done = zhfix("convert", "--to", "zh-Hant", "-i", book)
    assert (done.returncode, b"--max-expansion" in done.stderr) == (3, True)


def test_nested_entities_do_not_grow(zhfix):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    data = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "哈哈">{entities}]><x>&l9;</x>'.encode()
    for args in (
        ("repair",),
        ("--html",),
        ("convert", "--to", "zh-Hant", "--format-of-file", "html"),
    ):
        done = zhfix(*args, data=data)
        assert done.returncode == 0
        assert len(done.stdout) <= 2 * len(data)


def test_bench_measures_every_stage(zhfix, page):
    listed = zhfix("bench", "--repeat", "1", "--json", page).stdout.splitlines()
    stages = [json.loads(line)["stage"] for line in listed]
    assert stages == ["decode", "detect", "repair", "strip", "convert", "all"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_of_their_shell(zhfix, shell):
    script = zhfix("completion", shell).stdout
    assert b"_ZHFIX_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, check=True)


def test_verbs_and_options_are_completed(zhfix):
    env = {"_ZHFIX_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    done = zhfix(env={**env, "COMP_WORDS": "zhfix de"})
    assert done.stdout.decode().split() == ["plain,detect", "plain,decode"]
    done = zhfix(env={**env, "COMP_WORDS": "zhfix detect --for", "COMP_CWORD": "2"})
    assert b"--format" in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(zhfix, verb):
    done = zhfix(verb, "--help")
    assert done.returncode == 0
    assert "Examples" in done.stdout.decode()
    assert done.stdout.decode().count("zhfix ") >= 2


def test_output_of_processes_is_in_order(zhfix, tmp_path):
    for number in range(60):
        (tmp_path / f"{number:02}.txt").write_text(f"{number}\n" * (1 + 500 * (number % 3 == 0)))
    done = zhfix("decode", "-q", "-r", "-j", "3", tmp_path)
    assert done.stdout == zhfix("decode", "-q", "-r", tmp_path).stdout
    assert [int(line) for line in dict.fromkeys(done.stdout.split())] == list(range(60))


def test_a_large_result_of_a_process_is_shown_whole(zhfix, tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(f"{name * 50}\n" * 120_000)
    done = zhfix("decode", "-q", "-j", "2", tmp_path / "a", tmp_path / "b")
    assert done.stdout == (tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes()


def test_much_work_is_given_to_all_cores(tmp_path, monkeypatch):
    monkeypatch.setattr(options.os, "cpu_count", lambda: 7)
    for name in "ab":
        (tmp_path / name).write_bytes(b"a")
    walk = Walk((str(tmp_path),), lambda *_: None)
    assert [options.jobs_of(given, walk) for given in (None, 0, 3)] == [1, 7, 3]
    with open(tmp_path / "b", "wb") as file:
        file.truncate(options.MANY_BYTES)
    assert [options.jobs_of(given, walk) for given in (None, 1)] == [7, 1]
    alone = Walk((str(tmp_path / "b"),), lambda *_: None)
    assert options.jobs_of(None, alone) == 1
