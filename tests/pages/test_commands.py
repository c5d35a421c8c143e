"""`zhfix report` and the server of `zhfix play`, without a browser."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from http.client import HTTPConnection

import pytest

from zhfix.pages.play import LIMIT, Playground

GLOSSED = "網(wǎng)絡(luò)與網(wǎng)絡(luò)"


def run(*words, **options):
    command = [sys.executable, "-m", "zhfix", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_a_folder_becomes_one_page(tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text(GLOSSED, "utf-8")
    (folder / "deep" / "b.txt").write_bytes("干净的文字，没有什么不对。".encode("gb18030"))
    done = run("report", folder, "-o", tmp_path / "r.html", "--to", "zh-Hans")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("2 files, 1 with changes, 0 could not be read")
    page = (tmp_path / "r.html").read_text("utf-8")
    for told in ("spam-mirror/gloss", "gb18030", "<del>", "deep", "% sure"):
        assert told in page
    assert "http:" not in page
    assert "https:" not in page


def test_what_cannot_be_read_is_told(tmp_path):
    (tmp_path / "big.txt").write_text("字" * 100, "utf-8")
    done = run("report", tmp_path / "big.txt", "-o", tmp_path / "r.html", "--max-size", "10")
    assert done.returncode == 3
    assert "larger than 10 bytes" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["report", "no such file", "-o", "x.html"], "no such file"),
        (["report", ".", "--counters", "missing.json", "-o", "x.html"], "missing.json"),
        (["play", "--port", "99999"], "ports go from"),
        (["report", "."], "--output"),
    ],
)
def test_wrong_use_is_told_in_a_line(words, told, tmp_path):
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_counters_of_a_job(tmp_path):
    (tmp_path / "c.json").write_text('{"rows": 9, "changed": 3, "rules": {"a/b": 4}, "stages": {}}')
    assert run("report", "--counters", "c.json", "-o", "r.html", cwd=tmp_path).returncode == 0
    assert "a/b" in (tmp_path / "r.html").read_text("utf-8")
    (tmp_path / "c.json").write_text('{"rows": "<b>"')
    assert run("report", "--counters", "c.json", "-o", "r.html", cwd=tmp_path).returncode == 2


@pytest.fixture
def playground():
    with Playground() as running:
        thread = threading.Thread(target=running.serve, daemon=True)
        thread.start()
        yield running
        running.server.shutdown()
        thread.join()


def ask(playground, path="/run", body=None, method=None, **headers):
    connection = HTTPConnection("127.0.0.1", playground.port, timeout=30)
    payload = None if body is None else json.dumps(body)
    given = {"X-Zhfix-Token": playground.token, **headers}
    connection.request(method or ("POST" if body is not None else "GET"), path, payload, given)
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8"), answer


STAGES = ["detect", "repair", "strip", "convert"]


def test_the_stages_work_one_by_one(playground):
    _, body, _ = ask(playground, body={"text": GLOSSED, "stages": STAGES, "to": "zh-Hans"})
    given = json.loads(body)
    assert given["text"] == "网络与网络"
    assert given["original"] == GLOSSED
    assert "<h3>repair" in given["html"]
    assert "<h3>convert" in given["html"]
    _, body, _ = ask(playground, body={"text": GLOSSED, "stages": ["convert"], "to": "zh-Hans"})
    assert json.loads(body)["text"] == "网(wǎng)络(luò)与网(wǎng)络(luò)"


def test_a_file_is_decoded(playground):
    data = base64.b64encode("中国人民的新闻".encode("gb18030")).decode()
    _, body, _ = ask(playground, body={"data": data, "stages": STAGES})
    assert json.loads(body)["text"] == "中国人民的新闻"
    _, body, _ = ask(playground, body={"data": data, "stages": [], "encoding": "big5"})
    assert "big5" in json.loads(body)["summary"]


def test_examples_change_something(playground):
    _, body, _ = ask(playground, "/examples")
    examples = json.loads(body)
    assert len(examples) > 5
    for example in examples:
        _, body, _ = ask(playground, body={"text": example["text"], "stages": STAGES})
        assert "0 edits, 0 still open" not in json.loads(body)["summary"], example


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Host": "evil.example"}, "/run"),
        ({"Origin": "http://evil.example"}, "/run"),
        ({"X-Zhfix-Token": "guessed"}, "/run"),
        ({"X-Zhfix-Token": ""}, "/examples"),
    ],
)
def test_other_sites_are_refused(playground, headers, path):
    body = {"text": "x", "stages": []} if path == "/run" else None
    status, told, _ = ask(playground, path, body, **headers)
    assert status == 403
    assert json.loads(told)["error"]


def test_the_page_needs_its_token_and_allows_nothing_foreign(playground):
    assert ask(playground, "/")[0] == 403
    status, page, answer = ask(playground, f"/?token={playground.token}")
    assert status == 200
    assert "default-src 'none'" in answer.getheader("Content-Security-Policy")
    assert "http" not in page
    assert playground.server.server_address[0] == "127.0.0.1"
    assert ask(playground, "/../../etc/passwd")[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"text": 3, "stages": []},
        {"text": "x"},
        {"data": "not base64!", "stages": []},
        {"text": "x", "stages": ["convert"], "to": "klingon"},
        {"text": "x", "stages": [], "encoding": "no such label"},
    ],
)
def test_wrong_requests_get_a_message(playground, body):
    status, told, _ = ask(playground, body=body)
    assert status == 400
    assert json.loads(told)["error"]


def test_too_much_is_refused_before_it_is_read(playground):
    connection = HTTPConnection("127.0.0.1", playground.port, timeout=30)
    connection.putrequest("POST", "/run")
    connection.putheader("X-Zhfix-Token", playground.token)
    connection.putheader("Content-Length", str(LIMIT + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
