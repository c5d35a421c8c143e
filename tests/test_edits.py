"""Edits: applying, undoing, composing and tracing are exact for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies import edits_of, texts
from zhfix import Document, Edit, Finding, Span, StageError, edits

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
