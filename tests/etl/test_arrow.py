"""The kernel: types, nulls, chunks and slices are kept; a bad row never fails a batch."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow", reason="the extra `arrow` is not installed")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

import zhfix  # noqa: E402
from zhfix.document import Decoded, Edit, Span  # noqa: E402
from zhfix.errors import ConfigError  # noqa: E402
from zhfix.etl import Counters, Spec  # noqa: E402
from zhfix.etl.arrow import REPORT, FixTable, count_report, fix_array, fix_table  # noqa: E402
from zhfix.etl.rows import FAILED, fix_rows, noted_cells, remarks  # noqa: E402

HANS = Spec.of("zh-Hans", stages=("detect", "repair", "convert"))
STRINGS = (pa.string(), pa.large_string(), pa.string_view())
BINARIES = {
    pa.binary(): pa.string(),
    pa.large_binary(): pa.large_string(),
    pa.binary_view(): pa.string_view(),
    pa.binary(8): pa.string(),
}
cells = st.lists(
    st.one_of(st.none(), st.sampled_from(["", "漢字", "汉字", "網(wǎng)與網(wǎng)", "a"]))
)


def fussy(document):
    """A stage of a third party that fails on some texts."""
    if "惡" in document.text:
        raise ValueError("no evil")
    if "滅" in document.text:
        yield Edit(Span(0, 1), "not there", "", "x/y", 1.0, "breaks its contract")
    if "半" in document.text:
        yield Edit(Span(0, 1), document.text[:1], "\ud800", "x/y", 1.0, "half a pair")


def fussy_decoder():
    return decode_fussily


def decode_fussily(data):
    if data.startswith(b"!"):
        raise ValueError("no marks")
    return Decoded(data.decode(), "utf-8", 1.0)


FUSSY = Spec.of(stages=("detect",), detect=fussy)


@pytest.mark.parametrize("kind", STRINGS, ids=str)
@given(cells)
def test_columns_of_text_keep_type_nulls_and_slices(kind, rows):
    wanted = [None if c is None else zhfix.fix(c, "zh-Hans") for c in rows]
    array = pa.array(["x", *rows, "y"], kind).slice(1, len(rows))
    fixed = fix_array(array, HANS)
    assert fixed.type == kind
    assert fixed.to_pylist() == wanted
    fixed.validate(full=True)
    assert (fixed is array) == (wanted == rows)


@pytest.mark.parametrize("kind", STRINGS, ids=str)
@given(st.lists(cells, max_size=4))
def test_chunks_are_kept(kind, parts):
    column = pa.chunked_array([pa.array(part, kind) for part in parts], kind)
    fixed, report = fix_array(column, HANS, report=True)
    assert [len(chunk) for chunk in fixed.chunks] == [len(part) for part in parts]
    assert [len(chunk) for chunk in report.chunks] == [len(part) for part in parts]
    assert fixed.type == kind
    assert report.type == REPORT
    assert fixed.to_pylist() == [
        row and zhfix.fix(row, "zh-Hans") for part in parts for row in part
    ]


def test_chunks_without_change_are_the_same_objects():
    clean, damaged = pa.array(["汉字", None]), pa.array(["漢字"])
    fixed = fix_array(pa.chunked_array([clean, damaged]), HANS)
    assert fixed.chunk(0).buffers()[2].address == clean.buffers()[2].address
    assert fixed.chunk(1).to_pylist() == ["汉字"]


@pytest.mark.parametrize("values", STRINGS, ids=str)
@pytest.mark.parametrize("index", [pa.int8(), pa.uint32()], ids=str)
def test_dictionaries_keep_their_type_and_stay_without_doubles(values, index):
    dictionary = pa.array(["漢字", "汉字", "惡", "unused", "x"], values)
    indices = pa.array([0, 1, None, 4, 0], index)
    array = pa.DictionaryArray.from_arrays(indices, dictionary)
    spec = Spec.of("zh-Hans", stages=("detect", "convert"), detect=fussy)
    fixed, report = fix_array(array, spec, report=True)
    assert fixed.type == array.type
    assert fixed.to_pylist() == ["汉字", "汉字", None, "x", "汉字"]
    assert len(set(fixed.dictionary.to_pylist())) == len(fixed.dictionary)
    assert [None if r is None else len(r) for r in report.to_pylist()] == [1, 0, None, 0, 1]
    clean = array.take(pa.array([1, 2, 3]))
    assert fix_array(clean, HANS) is clean


def test_chunked_dictionaries_may_differ():
    column = pa.chunked_array(
        [pa.array(["漢字", "a"]).dictionary_encode(), pa.array(["b", "漢字"]).dictionary_encode()]
    )
    fixed = fix_array(column, HANS)
    assert fixed.type == column.type
    assert fixed.to_pylist() == ["汉字", "a", "b", "汉字"]


@pytest.mark.parametrize("kind", BINARIES, ids=str)
def test_columns_of_bytes_are_decoded(kind):
    rows = ["漢字漢字".encode("gbk"), None, "汉字汉字".encode("gbk")]
    fixed, report = fix_array(pa.array(rows, kind), HANS, report=True)
    assert fixed.type == BINARIES[kind]
    assert fixed.to_pylist() == ["汉字汉字", None, "汉字汉字"]
    assert [r["rule"] for r in report.to_pylist()[2]] == ["decode/gb18030"]
    encoded = pa.array(rows, pa.binary()).dictionary_encode()
    assert fix_array(encoded, HANS).to_pylist() == ["汉字汉字", None, "汉字汉字"]


def test_text_that_is_not_utf_8_is_decoded_as_bytes_are():
    raw = pa.array(["汉字".encode(), "没有这样的汉字".encode("gbk"), None])
    lying = pa.StringArray.from_buffers(3, *raw.buffers()[1:], raw.buffers()[0], 1)
    for column in (lying, lying.cast(pa.binary()).cast(pa.large_binary()).view(pa.large_string())):
        fixed, report = fix_array(column, HANS, report=True)
        assert fixed.to_pylist() == ["汉字", "没有这样的汉字", None]
        fixed.validate(full=True)
        assert [row and [r["kind"] for r in row] for row in report.to_pylist()] == [
            [],
            ["decoded"],
            None,
        ]


def test_nothing_at_all():
    for column in (pa.nulls(3), pa.array([], pa.string()), pa.chunked_array([], pa.string())):
        fixed, report = fix_array(column, HANS, report=True)
        assert fixed is column
        assert len(report) == len(column)


def test_other_columns_are_refused():
    with pytest.raises(TypeError, match="int64"):
        fix_array(pa.array([1]), HANS)


def test_a_bad_row_is_a_finding():
    rows = ["好", "惡", None, "滅", "半", "好的"]
    fixed, report = fix_array(pa.array(rows), FUSSY, report=True)
    assert fixed.to_pylist() == rows
    found = [row and [(r["kind"], r["rule"]) for r in row] for row in report.to_pylist()]
    bad = [("finding", FAILED)]
    assert found == [[], bad, None, bad, bad, []]
    assert report.to_pylist()[1][0]["before"] == "惡"
    assert "no evil" in report.to_pylist()[1][0]["reason"]


def test_a_bad_cell_of_bytes_is_a_finding(monkeypatch):
    from zhfix.registry import decoders

    monkeypatch.setitem(decoders._added, "fussy", fussy_decoder)
    spec = Spec.of(stages=("detect",), decoder="fussy", detect=fussy)
    rows = [b"ok", b"!bad", "惡".encode()]
    fixed, report = fix_array(pa.array(rows), spec, report=True)
    assert fixed.to_pylist() == ["ok", "!bad", "惡"]
    assert [row[-1]["rule"] for row in report.to_pylist()] == ["decode/utf-8", FAILED, FAILED]


def test_equal_values_are_worked_on_once():
    seen = []

    def count(document):
        seen.append(document.text)
        return ()

    noted_cells(["a", "b", "a", None, "b"], zhfix.default().replace(detect=count))
    assert sorted(seen) == ["a", "b"]


def test_tables_keep_what_is_not_asked_for():
    schema = pa.schema(
        [pa.field("id", pa.int64()), pa.field("t", pa.string(), metadata={"k": "v"})], {"a": "b"}
    )
    table = pa.table({"id": [1, 2], "t": ["漢字", "汉字"]}, schema=schema)
    fixed = fix_table(table, "t", HANS)
    assert fixed.schema.equals(schema, check_metadata=True)
    clean = table.slice(1)
    assert fix_table(clean, ["t"], HANS) is clean
    batch = table.to_batches()[0]
    assert fix_table(batch, "t", HANS, report_column="r").column("t").to_pylist() == ["汉字"] * 2


def test_several_columns_have_reports_of_their_own():
    table = pa.table({"a": ["漢"], "b": ["字"], "r": [1]})
    fixed = fix_table(table, ["a", "b"], HANS, report_column={"a": "r"})
    assert fixed.column_names == ["a", "b", "r"]
    assert fixed.schema.field("r").type == REPORT
    with pytest.raises(ConfigError, match="map each"):
        fix_table(table, ["a", "b"], HANS, report_column="r")
    with pytest.raises(ConfigError, match="did you mean 'a'"):
        fix_table(table, "aa", HANS)


@pytest.mark.parametrize("report", [None, "r"])
def test_the_schema_is_known_beforehand(report):
    table = pa.table({"a": pa.array([b"x"], pa.large_binary()), "b": [1]})
    step = FixTable(("a",), HANS, report)
    assert step(table).schema == step.schema(table.schema)


@given(cells)
def test_counters_of_parts_add_up(rows):
    whole = Counters()
    _, report = fix_array(pa.array(rows, pa.string()), HANS, report=True, counters=whole)
    parts = Counters()
    for start in range(0, len(rows), 2):
        fix_array(pa.array(rows[start : start + 2], pa.string()), HANS, counters=parts)
    by_row = Counters()
    for document in fix_rows(rows, HANS):
        if document is not None:
            by_row += (one := Counters())
            one.add(document)
            by_row += one
    assert whole == parts == by_row == count_report(report)
    assert whole.rows == sum(row is not None for row in rows)
    assert Counters.from_json((whole + parts).to_json()).rows == 2 * whole.rows
    encoded = Counters()
    fix_array(pa.array(rows, pa.string()).dictionary_encode(), HANS, counters=encoded)
    assert encoded == whole


def test_the_report_says_all():
    text = "恐怖網(wǎng)絡(luò)蔓延擴展??植澜M織 锟斤拷锟斤拷"
    _, report = fix_array(pa.array([text]), Spec.of("zh-Hans"), report=True)
    document = zhfix.explain(text, "zh-Hans")
    assert report.to_pylist() == [remarks(document)]
    made = [r for r in report.to_pylist()[0] if r["kind"] == "edit"]
    assert [(r["start"], r["end"], r["before"], r["after"]) for r in made] == [
        (*edit.span, edit.before, edit.after) for edit in document.edits
    ]
    assert {r["stage"] for r in made} >= {"repair", "convert"}
    open_ones = [r for r in report.to_pylist()[0] if r["kind"] == "finding"]
    assert [r["before"] for r in open_ones] == [
        document.text[slice(*f.span)] for f in document.findings
    ]
