"""Edits: applying, undoing, composing and tracing are exact for any text."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import edits_of, texts
from zhfix import Document, Edit, Finding, Span, StageError, edits
from zhfix.many import ManyEdits
from zhfix.many_findings import ManyFindings, carried

text_and_edits = texts.flatmap(lambda text: st.tuples(st.just(text), edits_of(text)))


@given(text_and_edits)
def test_undo_gives_the_text_back(case):
    text, made = case
    assert edits.undo(edits.apply(text, made), made) == text


@given(text_and_edits, st.data())
def test_composed_edits_do_what_both_lists_do(case, data):
    text, first = case
    middle = edits.apply(text, first)
    second = data.draw(edits_of(middle, rule="test/second"))
    composed = edits.check(text, edits.compose(text, first, second), "test")
    after = edits.apply(middle, second)
    assert edits.apply(text, composed) == after
    assert edits.undo(after, composed) == text


@given(text_and_edits, st.data())
def test_document_undoes_all_revisions(case, data):
    text, first = case
    document = Document(text).revise("one", first)
    document = document.revise("two", data.draw(edits_of(document.text)))
    assert document.original == text


@given(text_and_edits)
def test_origin_of_untouched_characters_is_exact(case):
    text, made = case
    document = Document(text).revise("one", made)
    before = after = 0
    for edit in [*made, None]:
        end = edit.span.start if edit else len(text)
        for step in range(end - before):
            origin = document.origin(Span(after + step, after + step + 1))
            assert origin == Span(before + step, before + step + 1)
        if edit:
            after += end - before + len(edit.after)
            before = edit.span.end


@given(text_and_edits)
def test_refined_edits_make_the_same_change(case):
    text, made = case
    fine = [run for edit in made for run in edit.refine()]
    assert edits.apply(text, edits.check(text, fine, "test")) == edits.apply(text, made)


def test_findings_move_with_their_text_and_close_when_touched():
    before = Finding(Span(0, 1), "r", 0.9, "first")
    touched = Finding(Span(2, 3), "r", 0.9, "second")
    behind = Finding(Span(4, 5), "r", 0.9, "third")
    document = Document("甲乙丙丁戊", findings=(before, touched, behind))
    edit = Edit(Span(2, 3), "丙", "丙丙", "r", 1.0, "because")
    left = document.revise("s", [edit]).findings
    assert [(f.reason, f.span) for f in left] == [("first", (0, 1)), ("third", (5, 6))]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ([Edit(Span(0, 1), "乙", "x", "r", 1.0, "")], "expects '乙'"),
        ([Edit(Span(0, 9), "甲", "x", "r", 1.0, "")], "outside the text"),
        (
            [
                Edit(Span(0, 2), "甲乙", "x", "r", 1.0, ""),
                Edit(Span(1, 2), "乙", "y", "r", 1.0, ""),
            ],
            "overlaps",
        ),
        (
            [Edit(Span(1, 1), "", "x", "r", 1.0, ""), Edit(Span(1, 1), "", "y", "r", 1.0, "")],
            "overlaps",
        ),
    ],
)
def test_a_broken_stage_is_told_so(made, message):
    with pytest.raises(StageError, match=message) as caught:
        Document("甲乙丙").revise("broken", made)
    assert caught.value.stage == "broken"
    assert caught.value.edit is not None


def test_edits_below_the_threshold_are_recorded_and_not_made():
    edit = Edit(Span(0, 1), "甲", "乙", "r", 0.5, "unsure")
    document = Document("甲").revise("s", [edit], min_confidence=0.9)
    assert document.text == "甲"
    assert document.revisions[0].declined == (edit,)


@given(text_and_edits, st.data())
def test_many_edits_in_columns_do_what_a_list_of_them_does(case, data):
    text, first = case
    first = [edit for edit in first if edit.before != edit.after]
    many = ManyEdits.of(text, first)
    assert list(many) == first
    assert many.applied == edits.apply(text, first)
    many.check(text, "test")
    second = data.draw(edits_of(many.applied, rule="test/second"))
    second = [edit for edit in second if edit.before != edit.after]
    both = many.then(second)
    both.check(text, "test")
    assert list(both) == edits.compose(text, first, second)
    others = data.draw(edits_of(text, rule="test/other"))
    assert list(many.apart(others)) == list(edits.apart(others, first))


@given(text_and_edits, st.data())
def test_findings_move_over_many_edits_as_over_a_list(case, data):
    text, made = case
    seen = data.draw(edits_of(text, rule="test/seen"))
    findings = [Finding(edit.span, edit.rule, 1.0, "") for edit in seen]
    wanted = list(edits.carry_forward(findings, made))
    assert list(carried(findings, ManyEdits.of(text, made))) == wanted
    many = ManyFindings(ManyEdits.of(text, seen))
    told = [Finding(edit.span, edit.rule, edit.confidence, edit.reason) for edit in seen]
    wanted = list(edits.carry_forward(told, made))
    assert list(carried(many, ManyEdits.of(text, made))) == wanted


@given(text_and_edits, st.floats(0, 1), st.lists(st.sampled_from([0.2, 0.8]), max_size=8))
def test_a_document_takes_many_edits_as_it_takes_a_list(case, least, chances):
    text, made = case
    chances = (*chances, *[0.5] * len(made))
    made = [replace(edit, confidence=chance) for edit, chance in zip(made, chances, strict=False)]
    found = tuple(Finding(edit.span, edit.rule, 0.9, "seen") for edit in made)
    document = Document(text, findings=found)
    one_by_one = document.revise("s", made, min_confidence=least)
    at_once = document.revise("s", ManyEdits.of(text, made), min_confidence=least)
    assert at_once == one_by_one
    assert one_by_one == at_once
    assert (hash(at_once), repr(at_once)) == (hash(one_by_one), repr(one_by_one))
    assert pickle.loads(pickle.dumps(at_once)) == one_by_one
    seen = Document(text).revise("s", ManyFindings(ManyEdits.of(text, made)))
    assert [finding.span for finding in seen.findings] == [edit.span for edit in made]


@pytest.mark.parametrize("spans", [[(0, 2), (1, 3)], [(0, 9)], [(1, 0)]])
def test_many_edits_that_cannot_be_are_told(spans):
    made = [Edit(Span(*span), "", "", "r", 1.0, "") for span in spans]
    with pytest.raises(StageError):
        Document("甲乙丙").revise("broken", ManyEdits.of("甲乙丙", made))
    with pytest.raises(StageError):
        Document("甲乙丁").revise("broken", ManyEdits.of("甲乙丙", made[:1]))
