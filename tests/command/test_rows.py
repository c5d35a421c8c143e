"""JSON Lines, CSV, TSV, Parquet and web archives: fields change, everything else stays."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zhfix.command.formats.jsonl import Row, rewritten
from zhfix.command.formats.tables import _csv_rows, quoted, unquoted
from zhfix.command.text import lines

DAMAGED = "網(wǎng)絡(luò)與網(wǎng)絡(luò)"
REPAIRED = "網絡與網絡"


def test_fields_of_json_lines(zhfix, tmp_path):
    def data(text, title, item):
        return (
            f'{{"id": 1e2, "text": "{text}", "meta" : {{"title":"{title}", "n": 1.50}}, "o": "{DAMAGED}"}}\n'
            f'{{"text": ["{item}", {{"x": "{DAMAGED}"}}], "meta": {{"title": null}}, "z": "{DAMAGED}"}}\r\n\n'
        )

    before = data(DAMAGED, DAMAGED, DAMAGED)
    done = zhfix("--jsonl", "--field", "text", "--field", "meta.title", data=before.encode())
    assert (done.returncode, done.stdout.decode()) == (0, data(REPAIRED, REPAIRED, REPAIRED))
    escaped = json.dumps({"text": DAMAGED}) + "\n"
    done = zhfix("--jsonl", "--field", "text", data=escaped.encode())
    assert done.stdout.decode() == json.dumps({"text": REPAIRED}) + "\n"


def test_a_row_that_is_wrong_is_told_and_stays(zhfix):
    deep = '{"text": ' + "[" * 200_000 + "\n"
    data = f'{{"text": "{DAMAGED}"}}\nnot json\n{deep}{{"text": "中"}}\n'
    done = zhfix("--jsonl", "--field", "text", data=data.encode())
    assert done.returncode == 3
    assert "line 2: not JSON" in done.stderr.decode()
    assert "line 3: not JSON: nested too deep" in done.stderr.decode()
    assert done.stdout.decode() == data.replace(DAMAGED, REPAIRED)
    quiet = zhfix("--jsonl", "--field", "text", "--errors", "skip", data=data.encode())
    assert (quiet.returncode, quiet.stderr) == (0, b"")
    assert (
        zhfix("--jsonl", "--field", "text", "--errors", "stop", data=data.encode()).returncode == 3
    )
    done = zhfix("--jsonl", "--field", "txet", data=b'{"text": "x"}\n')
    assert (done.returncode, b"'txet'" in done.stderr) == (3, True)


def test_a_finding_in_a_row_names_line_and_field(zhfix):
    data = f'{{"text": "干净"}}\n{{"text": "{DAMAGED}"}}\n'
    done = zhfix("detect", "--jsonl", "--field", "text", data=data.encode())
    assert done.returncode == 1
    assert done.stdout.decode().startswith("<stdin>:2:2: spam-mirror/gloss text: ")


def test_columns_of_csv(zhfix, tmp_path):
    data = (
        f'id,"标题",正文\r\n1,{DAMAGED},"a ""{DAMAGED}""\n, b"\r\n'
        f'2,5" disk,x{DAMAGED}\n\r\n3,{DAMAGED}\r\n'
    )
    done = zhfix("--csv", "--column", "标题", "--column", "正文", data=data.encode("utf-8-sig"))
    expected = data.replace(DAMAGED, REPAIRED).encode("utf-8-sig")
    assert (done.returncode, done.stdout) == (0, expected), done.stderr
    page = tmp_path / "page.csv"
    page.write_text(data, "utf-8")
    done = zhfix("--check", "--column", "3", "--no-header", page)
    assert done.returncode == 1
    done = zhfix("--column", "题", page)
    assert done.returncode == 3
    assert "no column '题'" in done.stderr.decode()
    done = zhfix("--csv", "--column", "1", "--max-record", "1K", data=b'a,b\n"' + b"x\n" * 1000)
    assert (done.returncode, b"--max-record" in done.stderr) == (3, True)
    assert zhfix("--csv", "--column", "1", data=b'a\n"open').returncode == 3


def test_columns_of_tsv(zhfix):
    data = f'id\ttext\n1\t"{DAMAGED}\n2\t{DAMAGED}\n'
    done = zhfix("--tsv", "--column", "text", data=data.encode())
    assert done.stdout.decode() == data.replace(DAMAGED, REPAIRED)


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
)
def test_parquet_keeps_schema_metadata_and_row_groups(zhfix, tmp_path, kind):
    schema = pa.schema(
        [pa.field("id", pa.int64()), pa.field("text", kind, metadata={"k": "v"})],
        metadata={"origin": "here"},
    )
    texts = pa.array([DAMAGED, None, "干净", DAMAGED], pa.string()).cast(kind)
    table = pa.table([pa.array(range(4)), texts], schema=schema)
    path = tmp_path / "table.parquet"
    pq.write_table(table, path, row_group_size=2, compression={"id": "none", "text": "zstd"})
    assert zhfix("--check", "--column", "text", path).returncode == 1
    done = zhfix("-i", "--column", "text", path)
    assert (done.returncode, done.stderr) == (0, b"")
    made = pq.ParquetFile(path)
    assert made.schema_arrow.equals(schema, check_metadata=True)
    assert made.num_row_groups == 2
    assert [made.metadata.row_group(0).column(n).compression for n in (0, 1)] == [
        "UNCOMPRESSED",
        "ZSTD",
    ]
    assert made.read().column("text").to_pylist() == [REPAIRED, None, "干净", REPAIRED]
    assert zhfix("--check", "--column", "text", path).returncode == 0
    piped = zhfix("--column", "text", data=path.read_bytes())
    assert pq.read_table(io.BytesIO(piped.stdout)).column("text").to_pylist()[0] == REPAIRED
    if kind != pa.string():
        return
    for args, message in (
        (["--column", "id"], "holds int64"),
        (["--column", "txt"], "no column"),
        ([], "--column"),
    ):
        done = zhfix(*args, path)
        assert (done.returncode, message in done.stderr.decode()) == (3, True)
    path.write_bytes(path.read_bytes()[:-20])
    assert zhfix("--column", "text", path).returncode == 3


def record(kind, headers, body):
    head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\n{head}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body + b"\r\n\r\n"


ADDRESS = {
    "WARC-Record-ID": "<urn:uuid:1>",
    "WARC-Date": "2026-01-01T00:00:00Z",
    "WARC-Target-URI": "http://example.org/",
}


def test_wet_stays_wet(zhfix, tmp_path):
    info = record(
        "warcinfo",
        {"WARC-Filename": "x.warc.wet.gz", "Content-Type": "application/warc-fields"},
        b"a: b\r\n",
    )
    body = record("conversion", {**ADDRESS, "Content-Type": "text/plain"}, f"{DAMAGED}\n".encode())
    for data in (info + body, gzip.compress(info) + gzip.compress(body)):
        done = zhfix(data=data)
        assert done.returncode == 0
        assert done.stdout == info + record(
            "conversion", {**ADDRESS, "Content-Type": "text/plain"}, f"{REPAIRED}\n".encode()
        )
    packed = tmp_path / "x.warc.wet.gz"
    packed.write_bytes(data)
    assert zhfix("-i", packed).returncode == 0
    # Each record is packed by itself, so that readers can jump to it.
    reader = zlib.decompressobj(31)
    assert reader.decompress(packed.read_bytes()) == info
    assert gzip.decompress(reader.unused_data) == done.stdout[len(info) :]


def test_pages_of_a_warc_become_json_lines(zhfix):
    page = '<meta charset="gbk"><title>题</title><nav><a>首页</a></nav><h1>网络的安全</h1>'
    page += "<p>网络的安全，是大家共同的事业。" * 8
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page.encode("gbk")
    data = record(
        "response", {**ADDRESS, "Content-Type": "application/http; msgtype=response"}, http
    )
    done = zhfix(data=data)
    made = json.loads(done.stdout)
    assert made["url"] == "http://example.org/"
    assert made["encoding"] == "gb18030"
    assert "共同的事业" in made["text"]
    assert "首页" not in made["text"]
    assert made["metadata"]["title"] == "网络的安全"


texts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.lists(st.lists(texts, min_size=1, max_size=4), max_size=5), st.sampled_from(["\n", "\r\n"])
)
@example([["\r", "\n"]], "\n")
@settings(max_examples=150, deadline=None)
def test_csv_is_read_as_python_reads_it(table, end):
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator=end).writerows(table)
    data = sink.getvalue()
    rows = list(_csv_rows(lines([data], 10**6), 10**6))
    expected = list(csv.reader(io.StringIO(data, newline="")))
    # A lone "\r" ends a row for Python and belongs to the text for RFC 4180.
    if "\r" not in data.replace("\r\n", ""):
        assert [[unquoted(field) for field in row.fields] for row in rows] == [
            row or [""] for row in expected
        ]
    assert "".join(",".join(row.fields) + row.end for row in rows) == data


@given(texts, st.sampled_from(["x", '"x"']))
def test_a_field_comes_back_from_its_quotes(value, like):
    made = quoted(value, like, ",")
    assert unquoted(made) == value


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), values), st.booleans(), texts)
@settings(max_examples=200, deadline=None)
def test_only_the_named_strings_of_a_row_change(value, ascii_only, new):
    from zhfix.command.formats.jsonl import _strings

    line = json.dumps(value, ensure_ascii=ascii_only)
    paths = [("a",), ("b", "a")]
    found = [text for _, text in _strings(value, (), paths)]
    row = Row(line, 1, found, ["" for _ in found])
    made = json.loads(rewritten(row, paths, [new for _ in found]))
    assert [text for _, text in _strings(made, (), paths)] == [new for _ in found]

    def without(tree, path=()):
        if isinstance(tree, dict):
            return {key: without(item, (*path, key)) for key, item in tree.items()}
        if isinstance(tree, list):
            return [without(item, path) for item in tree]
        return None if isinstance(tree, str) and path in paths else tree

    assert without(made) == without(value)
