"""Strip scan: what vectors find in a text is what a search for each trigger finds."""

from __future__ import annotations

import random

import pytest

from zhfix import Document
from zhfix.stripping import stage
from zhfix.stripping.judge import Judge
from zhfix.stripping.rules import built_in, page_signs, rule_set
from zhfix.stripping.scan import FEW, Scan
from zhfix.stripping.shadow import folded, unfolded
from zhfix.stripping.spam import loaded_words

GROUPS = (loaded_words(), page_signs(), ("中", "月", "公", "版权 所有", "𠮷野家"))
LINES = [line for rule in built_in() for line in (*rule.examples, *rule.counters)]


def places(text, trigger):
    """Find a trigger up to its first blank, which may be doubled in the text."""
    data, word = folded(text), folded("".join(trigger.partition(" ")[:2]))
    return {at // 2 for at in range(0, len(data), 2) if data.startswith(word, at)}


def texts(count):
    rng = random.Random(7)
    words = [*LINES, *(trigger for group in GROUPS for trigger in group), "\n", "，", "版权  所有"]
    return ["".join(rng.choices(words, k=rng.choice((1, 3, 200)))) for _ in range(count)]


@pytest.mark.parametrize("groups", [GROUPS, (GROUPS[1], ("©",)), (("责任编辑",), ())])
def test_all_triggers_are_found_and_no_others(groups):
    scan = Scan(groups)
    sizes = set()
    for text in texts(30):
        found = [list(map(int, hits)) for hits in scan.look(folded(text)).hits]
        sizes.add(sum(map(len, found)))
        assert found == [sorted(set().union(*(places(text, t) for t in g))) for g in groups]
        at, numbers = scan.named(folded(text))
        named = sorted(zip(at.tolist(), numbers.tolist(), strict=True))
        every = [trigger for group in groups for trigger in group]
        assert named == sorted((p, n) for n, t in enumerate(every) for p in places(text, t))
    # Few places are compared one by one and many together: both are tried.
    assert min(sizes) < FEW < max(sizes) or groups is not GROUPS


def test_a_line_matches_the_same_rule_when_the_scan_has_seen_it():
    rules = rule_set()
    rng = random.Random(8)
    for _ in range(30):
        lines = rng.sample(LINES, 20)
        judge = Judge(stage(whole_pages=False), rules, Document("\n".join(lines)))
        judge.decide()
        for index in range(len(lines)):
            line = judge.lines.shadow(index)
            assert judge._match(index, "tail") == rules.matching(line, "tail"), line


def test_units_fold_one_by_one():
    text = "權Ａ：\u3000𠮷\ud800"
    assert unfolded(folded(text)) == "权a: 𠮷\ud800"
