"""Strip: what goes from whole texts, what stays, and the contract of the stage."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhfix import Document, Place
from zhfix.errors import ConfigError
from zhfix.stripping import PRESETS, common_lines, metadata, stage, strip
from zhfix.stripping.rules import built_in

FIXTURES = Path(__file__).parent / "fixtures"
SEED = (FIXTURES / "seed" / "page.txt").read_text("utf-8")
PAGES = sorted((FIXTURES / "strip" / "pages").glob("*.txt"))
UNTOUCHED = [
    document
    for path in sorted((FIXTURES / "strip" / "untouched").glob("*.txt"))
    for document in path.read_text("utf-8").split("----\n")
]


def rules_of(text, **options):
    return [edit.rule for edit in stage(**options)(Document(text))]


# ---- the seed page


def test_seed_page_loses_its_junk_and_keeps_every_line_of_the_work():
    lines = SEED.split("\n")
    junk = {lines[0], lines[2], lines[6]} | {
        line for line in lines if "責(zé)編" in line or line.startswith("版權(quán)")
    }
    assert len(junk) == 5
    kept = strip(SEED)
    assert kept.split("\n") == _without(lines, junk)
    assert strip(kept) == kept


def _without(lines, junk):
    """Drop lines, each with one blank line beside it, and what stands blank at the end."""
    kept = []
    for line in lines:
        if line not in junk and (line.strip() or (kept and kept[-1].strip())):
            kept.append(line)
    while not kept[-1].strip():
        kept.pop()
    return [*kept, ""]


def test_seed_page_after_repair_is_stripped_alike():
    import zhfix

    repaired = zhfix.repair(SEED)
    assert repaired != SEED
    assert strip(repaired).count("\n") == strip(SEED).count("\n")
    assert "責編" not in strip(repaired)


def test_seed_page_metadata():
    facts = metadata(SEED).as_dict()
    assert facts["title"] == "踐行全球安全倡議,推進國際反恐合作"
    assert facts["date"] == "2023-09-21T15:34:00"
    assert facts["source"] == "外交部網站"
    assert facts["editor"] == "陳濛濛"
    assert facts["licence"].startswith("版權聲明")


# ---- pages and prose


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_keeps_the_lines_of_the_work_only(path):
    lines = path.read_text("utf-8").splitlines()
    preset = lines.pop(0).removeprefix("# preset: ") if lines[0].startswith("# ") else "news"
    page = "".join(f"{line[2:]}\n" for line in lines)
    work = [line[2:] for line in lines if line.startswith("+ ")]
    stripped = strip(page, preset=preset)
    assert stripped.splitlines() == work
    assert strip(stripped, preset=preset) == stripped


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("text", UNTOUCHED, ids=lambda text: text.split("\n")[0][:12])
def test_prose_of_all_kinds_is_the_same_object(text, preset):
    assert strip(text, preset=preset) is text


def test_light_takes_spam_and_copyright_only():
    page = "首页 > 新闻 > 国内\n标题在这里\n来源：新华网 作者：张三\n正文有句号。\n未经授权，不得转载本网文章。\n"
    assert strip(page, preset="light") == page.rsplit("未经", 1)[0]


def test_facts_of_other_bylines():
    page = (
        "標題在此\n記者林小明／台北報導\n2020年1月2日 來源：晨報\n" + "正文有一句話，也有句號。" * 4
    )
    facts = metadata(page).as_dict()
    assert facts == {
        "title": "標題在此",
        "date": "2020-01-02",
        "source": "晨報",
        "author": "林小明",
    }
    assert not metadata("只有一句话。")


# ---- zones and streams


def test_zones_exist_only_in_the_first_and_last_block_of_a_stream():
    prose = "这是正文里的一句话，说的是一件事，而且够长，也有句号。\n" * 9
    text = f"首页 > 新闻 > 国内\n{prose}责任编辑：张三\n"
    inner = Document(text, place=Place(100, first=False, last=False))
    assert not list(stage()(inner))
    head = Document(text, place=Place(0, first=True, last=False))
    assert [edit.rule for edit in stage()(head)] == ["boilerplate/breadcrumb"]
    tail = Document(text, place=Place(9, first=False, last=True))
    assert [edit.rule for edit in stage()(tail)] == ["boilerplate/editor"]


def test_a_line_deep_in_the_work_stays():
    prose = [
        f"第{n}句正文很长很长，说的是一件与网站毫不相干的事情，而且还有句号。" for n in range(20)
    ]
    text = "\n".join([*prose[:10], "责任编辑：张三", *prose[10:]])
    assert strip(text) is text


def test_blank_lines_of_the_work_stay_and_those_around_boilerplate_go():
    text = "\n首页 > 新闻 > 国内\n\n标题\n\n正文。\n\n\n责任编辑：张三\n\n"
    assert strip(text) == "标题\n\n正文。\n"


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_line_ends_go_with_their_lines(end):
    text = end.join(["首页 > 新闻 > 国内", "标题", "正文。", "责任编辑：张三"])
    edits = list(stage()(Document(text)))
    assert edits[0].before == f"首页 > 新闻 > 国内{end}"
    assert strip(text) == end.join(["标题", "正文。", ""])


def test_astral_characters_and_glosses_do_not_move_the_edits():
    text = "𠮷野家𠮷野家\n網(wǎng)路(lù)𠮷。\n(責(zé)編:陳濛濛)\n"
    (edit,) = stage()(Document(text))
    assert edit.before == "(責(zé)編:陳濛濛)\n"


# ---- options


def test_repeats_go_only_when_asked_for():
    text = "\n".join(f"每日一句的页眉\n第{n}页的正文，各不相同。" for n in range(5))
    assert strip(text) is text
    document = Document(text)
    stripped = document.revise("strip", stage(repeats=3)(document)).text
    assert stripped.split("\n") == [f"第{n}页的正文，各不相同。" for n in range(5)]


def test_common_lines_of_a_corpus_are_judged_without_regard_to_script():
    known = common_lines(["晨光新闻网友好\n甲甲", "晨光新聞網友好\n乙乙", "丙丙"], least=2)
    document = Document("標題\n晨光新聞網友好\n正文。")
    assert document.revise("strip", stage(known=known)(document)).text == "標題\n正文。"


def test_own_rules_from_a_file_add_to_the_preset(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        '[[rule]]\nid = "own/slogan"\nzone = "anywhere"\n'
        "patterns = ['晨光网,天天.{1,9}']\ntriggers = [\"晨光网\"]\n",
        "utf-8",
    )
    text = "甲甲甲。\n晨光網，天天有你\n乙乙乙。\n责任编辑：张三"
    assert rules_of(text, rules=path) == ["own/slogan", "boilerplate/editor"]
    assert rules_of(text, rules=str(path)) == rules_of(text, rules=path)


def test_own_rule_replaces_the_built_in_one_of_its_id():
    (editor,) = (rule for rule in built_in() if rule.id == "boilerplate/editor")
    from dataclasses import replace

    never = replace(editor, patterns=("没有这样的行",))
    assert rules_of("正文。\n责任编辑：张三", rules=[never]) == []


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ('[[rule]]\nid = "a"', "patterns"),
        ('[[rule]]\nid = "a"\npatterns = ["甲"]', "triggers"),
        ('[[rule]]\nid = "a"\npatterns = ["("]\ntriggers = ["("]', "patterns"),
        ('[[rule]]\nid = "a"\npatterns = ["甲"]\ntriggers = ["甲"]\nzone = "haed"', "'head'"),
        ('[[rule]]\nid = "a"\npatern = ["甲"]', "'patterns'"),
        ('[[rule]]\nid = "a"\npatterns = ["{DAET}"]\ntriggers = ["甲"]', "DAET"),
        ('[[rules]]\nid = "a"', "'rule'"),
        ("[[rule", "rules"),
    ],
)
def test_wrong_rules_name_what_is_wrong(tmp_path, toml, named):
    path = tmp_path / "own.toml"
    path.write_text(toml, "utf-8")
    with pytest.raises(ConfigError, match=named):
        stage(rules=path)


def test_unknown_preset_names_the_nearest():
    with pytest.raises(ConfigError, match="'novel'"):
        stage("novels")


def test_stage_pickles_and_decides_alike():
    made = stage("novel", repeats=3, known={"甲甲甲甲"})
    again = pickle.loads(pickle.dumps(made))
    assert again == made
    assert list(again(Document(SEED))) == list(made(Document(SEED)))


# ---- properties

_LINES = st.sampled_from(
    [
        *(line for rule in built_in() for line in (*rule.examples, *rule.counters)),
        *(line for document in UNTOUCHED for line in document.split("\n")),
        *SEED.split("\n"),
        "",
        "  ",
        "国产精品",
        "欧美_日韩_无码_久久",
        '<tr id="yyy80"></tr>',
    ]
)
_TEXTS = st.lists(_LINES, max_size=40).map("\n".join)


@settings(max_examples=300, deadline=None)
@given(text=_TEXTS, preset=st.sampled_from(PRESETS))
def test_edits_quote_the_text_undo_and_converge(text, preset):
    made = stage(preset)
    document = Document(text)
    stripped = document.revise("strip", made(document))
    assert stripped.original == text
    assert all(edit.after == "" for edit in stripped.edits)
    assert not list(made(Document(stripped.text)))


@settings(max_examples=100, deadline=None)
@given(text=st.text())
def test_any_text_is_accepted(text):
    document = Document(text)
    assert document.revise("strip", stage()(document)).original == text


def test_time_is_linear():
    import time

    def seconds(text):
        start = time.perf_counter()
        strip(text)
        return time.perf_counter() - start

    page = "\n".join(
        f"{a}\n{b}"
        for a, b in zip(
            SEED.split("\n") * 40,
            ["责任编辑：张三", "上一篇：甲", "首页", "正文，有句号。" * 5] * 400,
            strict=False,
        )
    )
    strip(page)
    once, eightfold = (
        min(seconds(page) for _ in range(3)),
        min(seconds("\n".join([page] * 8)) for _ in range(3)),
    )
    assert eightfold < 30 * once
