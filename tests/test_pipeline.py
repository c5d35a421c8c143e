"""Pipelines: order, swapping by name, object and function, streaming, and honest errors."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

import zhfix
from strategies import lines, texts
from zhfix import ConfigError, Edit, Finding, Pipeline, Span, StageError

PIPELINE = zhfix.default()


@given(texts)
def test_fix_never_raises_and_converges(text):
    once = zhfix.fix(text)
    assert zhfix.fix(once) == once


@given(texts)
def test_everything_can_be_undone_and_replayed(text):
    document = zhfix.explain(text, to="zh-Hans")
    assert document.original == text
    replayed = text
    for revision in document.revisions:
        replayed = zhfix.edits.apply(replayed, revision.edits)
    assert replayed == document.text


@given(texts)
def test_findings_and_edits_lie_inside_their_text(text):
    document = PIPELINE.run(text)
    for finding in document.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(document.text)


@pytest.mark.parametrize(
    "text", ["干净的一行文字。", "乾淨的一行文字。", "", "plain English", "a, b: c; d?"]
)
def test_clean_text_is_the_same_object(text):
    assert zhfix.fix(text) is text
    assert zhfix.repair(text) is text
    assert PIPELINE.run(text).revisions == ()


@given(st.lists(lines, max_size=5), st.integers(1, 50))
def test_a_stream_does_not_depend_on_how_its_input_is_cut(parts, size):
    text = "\n".join(parts)
    cut = [text[i : i + size] for i in range(0, len(text), size)]
    pipeline = PIPELINE.without("strip")
    whole = [block.text for block in pipeline.stream([text], block_size=40)]
    assert [block.text for block in pipeline.stream(cut, block_size=40)] == whole


@given(lines, st.integers(1, 200))
def test_block_size_does_not_matter_to_what_a_line_decides_alone(text, size):
    pipeline = PIPELINE.only("detect", "repair")
    damaged = text.replace("学", "瀛\ue219")  # whatever it is, each line shows all of it
    blocks = pipeline.stream([damaged], block_size=size)
    assert "".join(block.original for block in blocks) == damaged


def test_a_stream_tells_where_each_block_stands():
    blocks = list(PIPELINE.stream(["一\n", "二\n", "三\n"], block_size=1))
    assert [block.place for block in blocks] == [
        (0, True, False),
        (2, False, False),
        (4, False, True),
    ]


def test_a_stage_is_replaced_by_a_function_of_the_document():
    def shout(document):
        yield Edit(Span(0, 1), document.text[0], "！", "test/shout", 1.0, "loud")

    assert zhfix.default().replace(strip=shout).fix("中文") == "！文"


def test_a_stage_is_replaced_by_a_plain_function():
    stage = zhfix.from_function(lambda text: text.replace("甲", "乙"))
    assert zhfix.default().replace(convert=stage).fix("甲") == "乙"


def test_a_stage_is_replaced_by_a_registered_name():
    pipeline = zhfix.default(to="zh-Hant", convert="opencc-python-reimplemented")
    assert pipeline.run("汉字").edits[0].rule == "convert/opencc-python-reimplemented"
    again = zhfix.default().replace(convert="detect")
    assert again.names == PIPELINE.names
    with pytest.raises(ConfigError, match="needs the option 'to'"):
        zhfix.default(convert="opencc-python-reimplemented")


def test_names_that_do_not_exist_are_answered_with_those_that_do():
    with pytest.raises(zhfix.UnknownStageError, match="did you mean 'strip'"):
        PIPELINE.replace(stripp=lambda _: ())
    with pytest.raises(zhfix.UnknownStageError, match="did you mean 'convert'"):
        PIPELINE.replace(convert="convertt")
    with pytest.raises(zhfix.UnknownDecoderError):
        PIPELINE.with_decoder("no such decoder")
    with pytest.raises(ConfigError, match="stages.convert.to"):
        zhfix.default(to="zh-Hanx")


def test_text_and_bytes_never_share_a_parameter():
    with pytest.raises(TypeError, match=r"use fix_bytes\(\)"):
        zhfix.fix(b"bytes")
    with pytest.raises(TypeError, match=r"use fix\(\)"):
        zhfix.fix_bytes("text")


def test_an_exception_in_a_stage_names_the_stage():
    def broken(_document):
        raise ZeroDivisionError("oops")

    with pytest.raises(StageError, match=r"'strip'.*ZeroDivisionError: oops"):
        PIPELINE.replace(strip=broken).fix("中文")


def test_what_no_edit_touches_stays_open():
    seen = Finding(Span(0, 1), "test/seen", 0.9, "there")
    pipeline = Pipeline.of(look=lambda _: [seen])
    assert pipeline.run("中").findings == (seen,)


def test_a_pipeline_pickles_and_does_the_same():
    copy = pickle.loads(pickle.dumps(zhfix.default(to="zh-Hans")))
    assert copy.fix("漢字") == "汉字"


def test_confidence_must_be_a_probability():
    with pytest.raises(ConfigError, match=r"pipeline\.min_confidence"):
        Pipeline(min_confidence=2)


def test_a_decoder_reports_where_bytes_are_bad():
    data = "干净的一行文字，后面还有一行。".encode("gb18030")
    document = PIPELINE.run_bytes(data[:9] + data[10:] + data)
    assert document.encoding == "gb18030"
    assert document.findings or "\ufffd" not in document.text
    assert document.text.endswith("干净的一行文字，后面还有一行。")


@pytest.mark.parametrize(
    "unit",
    ["?", "(", "(a)", "��", "锟斤拷", "網(wǎng)", "??，", "\udcff", "&#", "%E4", "= ", "\n", " > "],
)
def test_hostile_text_comes_through(unit):
    """Each of these once had, or could have, a pattern that takes quadratic time."""
    text = unit * (20_000 // len(unit))
    assert zhfix.explain(text).original == text
