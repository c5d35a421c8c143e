"""The recipes of the docs, run over files of the kind that each is about."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/recipes.md"
STORY = "他说，这一天的新闻已经写完了，明天再去学校看望老师和同学们。"


def commands(title):
    section = PAGE.read_text("utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def follow(tmp_path):
    """Run the commands of a recipe in a folder, with the command under test as `zhfix`."""

    def run(title, codes=(0,)):
        for block in commands(title):
            script = f'set -e\nzhfix() {{ "{sys.executable}" -m zhfix "$@"; }}\n{block}'
            done = subprocess.run(
                ["bash", "-c", script], cwd=tmp_path, capture_output=True, check=False
            )
            assert done.returncode in codes, done.stderr.decode()
            assert b"Traceback" not in done.stderr
        return done

    return run


def test_a_dump(tmp_path, follow):
    wrong = STORY.encode("gbk").decode("latin-1")
    row = "INSERT INTO `news` VALUES (1,'{}','it\\'s \\n 100%');\n"
    (tmp_path / "dump.sql").write_text("-- MySQL dump\n" + row.format(wrong) * 20, "utf-8")
    follow("A GBK dump of MySQL")
    assert (tmp_path / "repaired.sql").read_text("utf-8") == (
        "-- MySQL dump\n" + row.format(STORY) * 20
    )
    assert "mojibake/gbk-read-as" in (tmp_path / "findings.txt").read_text("utf-8")
    assert f"+{row.format(STORY)}" in (tmp_path / "changes.diff").read_text("utf-8")


def test_a_site(tmp_path, follow):
    page = '<meta charset=big5><p>{}</p>\n<p class="x">這是一個很老的網站，歡迎光臨。</p>\n'
    (tmp_path / "site").mkdir()
    for name, text in (("a", "學生讀書與寫字的方法"), ("b", "許功蓋先生的書")):
        (tmp_path / f"site/{name}.html").write_bytes(page.format(text).encode("big5"))
    follow("An old Big5 web site")
    site = tmp_path / "site"
    text = (site / "b.html").read_text("utf-8")
    assert text == page.format("許功蓋先生的書").replace("=big5", "=utf-8")
    assert (site / "a.html.big5").read_bytes().decode("big5") == page.format("學生讀書與寫字的方法")
    assert (tmp_path / "lost.txt").read_text() == ""


def test_a_crawl(tmp_path, follow):
    (tmp_path / "crawl").mkdir()
    (tmp_path / "crawl/1.txt").write_text("網(wǎng)絡(luò)與網(wǎng)絡(luò)\n", "utf-8")
    (tmp_path / "crawl/2.txt").write_bytes(STORY.encode("gbk"))
    follow("A crawl")
    assert (tmp_path / "clean/1.txt").read_text("utf-8") == "网络与网络\n"
    assert (tmp_path / "clean/2.txt").read_text("utf-8") == STORY
    assert len((tmp_path / "done.jsonl").read_text().splitlines()) == 2
    assert "spam-mirror/gloss" in (tmp_path / "report.html").read_text("utf-8")


def test_novels(tmp_path, follow):
    (tmp_path / "novels").mkdir()
    (tmp_path / "novels/一.txt").write_bytes(f"第一章\n{STORY}\n".encode("gb18030"))
    (tmp_path / "novels/二.txt").write_bytes("第二章\n學生讀書與寫字的方法\n".encode("big5"))
    follow("A zip of novels")
    assert (tmp_path / "novels/一.txt").read_text("utf-8") == f"第一章\n{STORY}\n"
    assert (tmp_path / "novels/二.txt").read_text("utf-8") == "第二章\n学生读书与写字的方法\n"


def test_subtitles(tmp_path, follow):
    cue = "1\n00:00:01,000 --> 00:00:02,000\n<i>{}</i>\n"
    (tmp_path / "films").mkdir()
    film = tmp_path / "films/film.srt"
    film.write_bytes(cue.format("我的鼠标在哪里？").encode("gbk"))
    follow("Subtitles")
    assert film.read_bytes().decode("utf-8") == "\ufeff" + cue.format("我的滑鼠在哪裡？")
    assert film.with_suffix(".srt.old").exists()


def test_a_pull_request(tmp_path, follow):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/page.md").write_text("ä¸­æ–‡\n", "utf-8")
    told = follow("A pull request that must stay clean", codes=(1,)).stdout.decode()
    assert told.startswith("::warning file=docs/page.md,line=1,col=1")
