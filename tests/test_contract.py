"""Every registered stage keeps the contract; what breaks it is caught."""

from __future__ import annotations

import pytest

from zhfix import BackendError, Edit, Span
from zhfix.registry import stages
from zhfix.testing import SAMPLES, check_stage

OPTIONS = {
    "convert": [{}, {"to": "zh-Hans"}, {"to": "zh-Hant-TW"}],
    "opencc-python-reimplemented": [{"to": "zh-Hans"}, {"to": "s2t"}],
    "opencc": [{"to": "zh-Hans"}],
    "opencc-py": [{"to": "zh-Hans"}],
    "strip": [{}, {"preset": "light"}],
}


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, options) for name in stages.names() for options in OPTIONS.get(name, [{}])],
)
def test_registered_stages_keep_the_contract(name, options):
    try:
        stage = stages.create(name, **options)
    except BackendError as error:
        # Only one of the three distributions can own the module `opencc`.
        assert error.distribution in ("opencc", "opencc-py")  # noqa: PT017
        return
    check_stage(stage)


def bad_span(document):
    yield Edit(Span(0, 99_999), "x", "y", "bad/span", 1.0, "wrong")


def never_done(document):
    yield Edit(Span(0, 0), "", "x", "bad/grows", 1.0, "again")


def no_reason(document):
    yield Edit(Span(0, 0), "", "", "bad/reason", 1.0, "")


def text_for_edits(document):
    return "text"


@pytest.mark.parametrize(
    ("stage", "check"),
    [
        (bad_span, "edits_fit"),
        (never_done, "converges"),
        (no_reason, "remarks"),
        (text_for_edits, "remarks"),
        (lambda _: (), "pickles"),
    ],
)
def test_a_broken_stage_is_named_with_its_check(stage, check):
    with pytest.raises(AssertionError, match=check):
        check_stage(stage, SAMPLES[:4])
