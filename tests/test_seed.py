"""The page that started it: the article comes out, exactly, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import zhfix
from zhfix.repairing.channels.punctuation import FLATTEN
from zhfix.repairing.glosses import glosses_in

SEED = Path(__file__).parent / "fixtures/seed"
PAGE = (SEED / "page.txt").read_text("utf-8")
ARTICLE = (SEED / "article.zh-Hans.txt").read_text("utf-8")


def test_the_article_comes_out_in_simplified_with_its_punctuation():
    fixed = zhfix.fix(PAGE, to="zh-Hans")
    got = [line.strip() for line in fixed.splitlines() if line.strip()]
    assert got == [line.strip() for line in ARTICLE.splitlines() if line.strip()]


def test_it_reads_as_a_newspaper_in_taiwan_would_print_it():
    fixed = zhfix.fix(PAGE, to="zh-Hant-TW")
    # What the character-by-character conversion had left Simplified: "prevent", "struggle",
    # "devoted to", "partner", "expect, and", "root out", "appeal".
    for word in ("防範", "鬥爭", "致力於", "夥伴", "期待並", "剷除", "呼籲"):
        assert word in fixed
    for word in ("防范", "斗爭", "致力于", "伙伴", "期待并", "鏟除", "呼吁"):
        assert word not in fixed


@pytest.mark.parametrize(
    "junk", ["自拍", "即时新闻", "发布时间", "责编", "版权", "转载", "(wǎng)", "打著"]
)
def test_nothing_of_the_site_is_left(junk):
    assert junk not in zhfix.fix(PAGE, to="zh-Hans")


def test_repair_takes_out_the_damage_and_nothing_else():
    repaired = zhfix.repair(PAGE)
    assert "擴展。恐怖組織利用新興技術" in repaired
    wanted = PAGE.replace("??植澜M織", "。恐怖組織")
    for start, end, *_ in reversed(list(glosses_in(wanted))):
        wanted = wanted[:start] + wanted[end:]
    assert repaired.translate(FLATTEN) == wanted.translate(FLATTEN)


def test_everything_can_be_undone():
    document = zhfix.explain(PAGE, to="zh-Hans")
    assert document.original == PAGE
    assert zhfix.fix(document.text, to="zh-Hans") == document.text


def test_proofs_are_honest():
    document = zhfix.explain(PAGE)
    proofs = {edit.rule: edit.proof for edit in document.edits if edit.proof}
    assert proofs["spam-mirror/gloss"] == zhfix.Proof.PROVEN
    assert proofs["spam-mirror/punctuation-split"] == zhfix.Proof.CONSISTENT
