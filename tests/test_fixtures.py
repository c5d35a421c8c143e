"""Every case through every door: fix, explain, bytes and stream; edits replayed and undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import zhfix
from zhfix import edits
from zhfix.repairing.channels.punctuation import FLATTEN

FIXTURES = Path(__file__).parent / "fixtures"
PIPELINE = zhfix.default().only("detect", "repair")


def cases(name):
    path = FIXTURES / "repair" / f"{name}.json"
    return [
        pytest.param(case, id=f"{index}-{case['label']}")
        for index, case in enumerate(json.loads(path.read_text("utf-8")))
    ]


def same(case, got, wanted):
    if case.get("fold") == "width":
        return got.translate(FLATTEN) == wanted.translate(FLATTEN)
    return got == wanted


@pytest.mark.parametrize("case", [*cases("in-the-wild"), *cases("synthetic")])
def test_damage_is_repaired(case):
    document = PIPELINE.run(case["input"])
    assert same(case, document.text, case["expect"])
    assert document.original == case["input"]
    replayed = case["input"]
    for revision in document.revisions:
        replayed = edits.apply(replayed, revision.edits)
    assert replayed == document.text
    assert PIPELINE.fix_bytes(case["input"].encode("utf-8")) == document.text
    assert "".join(b.text for b in PIPELINE.stream([case["input"]])) == document.text
    assert all(edit.rule.startswith(tuple(case["rules"])) for edit in document.edits)
    assert all(edit.proof for edit in document.edits)


@pytest.mark.parametrize("case", cases("untouched"))
def test_good_text_is_the_same_object(case):
    assert zhfix.repair(case["input"]) is case["input"]


@pytest.mark.parametrize("case", cases("known-failures"))
def test_known_failures_still_fail(case):
    got = zhfix.repair(case["input"])
    assert not same(case, got, case["expect"]), "it passes now: move the case to another file"


def test_every_case_says_where_it_comes_from():
    for path in FIXTURES.glob("repair/*.json"):
        for case in json.loads(path.read_text("utf-8")):
            assert case["source"], path
            assert case["license"], path
