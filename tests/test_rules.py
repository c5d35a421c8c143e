"""The catalogue has every rule that is emitted, and its examples do what they say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import zhfix
from zhfix import rules
from zhfix.decoding.encoder import encode
from zhfix.detecting import stage as detect
from zhfix.repairing import stage as repair

FIXTURES = Path(__file__).parent / "fixtures"
CATALOGUE = rules.catalogue()
#: Big5 has no bytes 80-9F, which alone tell Latin-1 from Windows-1252.
TOLD_AS = {"mojibake/big5-read-as-latin-1": "mojibake/big5-read-as-cp1252"}


def run(rule):
    """Run a rule's stage on its example; return the result and the ids it gave."""
    if rule.stage == "decode":
        decoded = zhfix.decode(bytes.fromhex(rule.example_before))
        return decoded.text, {finding.rule for finding in decoded.findings}
    if rule.stage == "encode":
        encoded = encode(rule.example_before, **rule.options)
        return encoded.data.decode(encoded.encoding), {f.rule for f in encoded.findings}
    slots = {rule.stage: rule.options} if rule.options else {}
    try:
        pipeline = zhfix.default(**slots)
    except zhfix.BackendError as error:
        pytest.skip(str(error))
    names = ("detect", "repair") if rule.stage == "repair" else (rule.stage,)
    document = pipeline.only(*names).run(rule.example_before)
    found = {remark.rule for remark in (*document.edits, *document.findings)}
    return document.text, found


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=CATALOGUE)
def test_an_example_does_what_it_says(rule):
    assert rule.example_before
    got, found = run(rule)
    assert got == rule.example_after
    assert TOLD_AS.get(rule.id, rule.id) in found


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=CATALOGUE)
def test_a_rule_is_explained(rule):
    for text in (rule.summary, rule.paragraph, rule.cause, rule.certainty):
        assert text.strip()
    assert rule.family == rule.id.split("/")[0]


@pytest.mark.parametrize("rule", [r for r in CATALOGUE.values() if not r.default], ids=str)
def test_a_rule_that_is_off_does_nothing_unless_named(rule):
    document = zhfix.default().only("detect", "repair").run(rule.example_before)
    assert rule.id not in {remark.rule for remark in (*document.edits, *document.findings)}
    family = zhfix.default(repair={"select": rule.family}, detect={"select": rule.family})
    assert rule.id not in {e.rule for e in family.only("repair").run(rule.example_before).edits}


def samples():
    for path in sorted(FIXTURES.glob("repair/*.json")):
        for case in json.loads(path.read_text("utf-8")):
            yield case["input"]
    for path in sorted((*FIXTURES.glob("strip/**/*.txt"), *FIXTURES.glob("seed/*.txt"))):
        yield path.read_text("utf-8")


def test_whatever_a_stage_emits_is_in_the_catalogue():
    pipelines = [zhfix.default(), zhfix.default("zh-Hans"), zhfix.default("s2twp")]
    seen = set()
    for number, text in enumerate(samples()):
        document = pipelines[number % len(pipelines)].run(text)
        seen |= {edit.rule for edit in document.edits}
        seen |= {edit.rule for one in document.revisions for edit in one.declined}
        seen |= {finding.rule for finding in detect()(zhfix.Document(text))}
    assert len(seen) > 20
    assert seen <= CATALOGUE.keys()


def test_select_and_ignore_go_by_ids_and_their_beginnings():
    text = "&#20013;&#22269;&#20154;&#27665;打开⽂件"
    document = zhfix.Document(text)

    def repaired(**options):
        return document.revise("repair", repair(**options)(document)).text

    assert repaired() == "中国人民打开文件"
    assert repaired(ignore="escape") == "&#20013;&#22269;&#20154;&#27665;打开文件"
    assert repaired(select=["escape/entity"]) == "中国人民打开⽂件"
    assert repaired(select=["escape", "code-point"], ignore=["code-point/radical"]) == (
        "中国人民打开⽂件"
    )
    assert {f.rule for f in detect(ignore="code-point")(document)} == {"escape/entity"}
    assert {f.rule for f in detect(select="code-point")(document)} == {"code-point/radical"}


def test_ignored_damage_stays_even_if_nothing_else_was_found():
    pipeline = zhfix.default(repair={"ignore": ["escape"]}).only("detect", "repair")
    assert pipeline.fix("&#20013;&#22269;&#20154;&#27665;") == "&#20013;&#22269;&#20154;&#27665;"


@pytest.mark.parametrize("make", [detect, repair])
@pytest.mark.parametrize("option", ["select", "ignore", "extend"])
def test_an_unknown_rule_names_those_that_are_near(make, option):
    with pytest.raises(zhfix.ConfigError, match="spam-mirror/gloss") as raised:
        make(**{option: ["spam-miror/glos"]})
    assert raised.value.path == option


def test_an_unknown_id_names_those_that_are_near():
    with pytest.raises(rules.UnknownRuleError, match="escape/unicode"):
        rules.find("escape/unicod")


def test_lost_text_is_kept_dropped_or_marked():
    text = "文件锟斤拷锟斤拷目录"
    got = {
        lost: zhfix.default(repair={"lost": lost}).only("detect", "repair").run(text)
        for lost in ("keep", "drop", "mark")
    }
    assert {lost: document.text for lost, document in got.items()} == {
        "keep": text,
        "drop": "文件目录",
        "mark": "文件\ufffd目录",
    }
    assert [f.rule for f in got["keep"].findings] == ["damage/replacement-read-as-gbk"]
    assert got["drop"].original == got["mark"].original == text
    with pytest.raises(zhfix.ConfigError, match="'drop'"):
        repair(lost="dorp")
