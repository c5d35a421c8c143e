"""Texts that are damaged from end to end: recognised at once, undone line by line, the rest searched."""

from __future__ import annotations

import numpy as np
import pytest

import zhfix
from zhfix.document import Proof
from zhfix.edits import apply
from zhfix.repairing import look, losses, misreadings
from zhfix.repairing.channels.transcode import Transcode
from zhfix.repairing.search import PAIRS, Pair, reading_costs, undo
from zhfix.repairing.wholesale import undo_lines

LINES = (
    "今天下午三点，市政府在新闻中心召开发布会，介绍了今年上半年的经济运行情况。",
    "会上，有关负责人回答了记者提出的问题，并对下一步的工作做了说明。",
    "气象台预计，未来三天我省大部分地区将有一次明显的降温过程。",
    "专家提醒市民注意添衣保暖，出行时留意道路交通安全。",
    "图书馆从下周一开始延长开放时间，读者可以在网上预约座位。",
    "这本书讲的是一个年轻人离开家乡，到大城市寻找工作的故事。",
    "他想了很久，终于决定把这件事情告诉自己的父母和朋友。",
    "比赛在北京举行，来自各地的运动员参加了二十多个项目的角逐。",
)
TRADITIONAL = (
    "這個問題其實沒有那麼簡單，我們應該先把所有的資料整理清楚。",
    "昨天晚上的會議討論了學校明年的計畫，大家都提出了自己的意見。",
    "他們在山上住了三天，每天早上都可以看到非常美麗的日出。",
    "圖書館的開放時間從下個星期開始延長，歡迎各位讀者多加利用。",
)
UTF8_AS_GBK, UTF8_AS_1252 = Pair("utf-8", "gbk"), Pair("utf-8", "cp1252")


def damaged(pair: Pair, lines: tuple[str, ...] = LINES) -> list[tuple[str, str]]:
    """Lines and what they become, as far as nothing is lost; the ends of some are cut for that."""
    found = []
    for line in lines:
        for end in range(len(line), 8, -1):
            bad = pair.forwards(line[:end])
            if bad is not None:
                found.append((line[:end], bad))
                break
    return found


def edited(text: str) -> str:
    channel = Transcode()
    edits = sorted(channel.repair(text, list(channel.detect(text))), key=lambda edit: edit.span)
    return apply(text, edits)


def test_two_kinds_of_damage_are_undone_at_once() -> None:
    """What a second pair explains does not put off the lines of the first."""
    pairs = [*damaged(UTF8_AS_GBK), *damaged(UTF8_AS_1252)]
    text = "\n".join(bad for _, bad in pairs)
    assert edited(text) == "\n".join(good for good, _ in pairs)


def test_what_is_no_whole_line_of_a_damaged_text_is_searched() -> None:
    bad = damaged(UTF8_AS_GBK)
    part = UTF8_AS_GBK.forwards("系统找不到指定的文件")
    odd = [
        ("这一行没有损坏，应该保持原样。", "这一行没有损坏，应该保持原样。"),
        ("plain ASCII", "plain ASCII"),
        ("错误：系统找不到指定的文件 (2)", f"错误：{part} (2)"),
    ]
    pairs = [*bad * 6, *odd, *bad * 6]
    text = "\n".join(after for _, after in pairs)
    assert len(text) > 3000
    assert edited(text) == "\n".join(good for good, _ in pairs)


def test_edits_of_whole_lines_say_what_they_are() -> None:
    good, bad = zip(*damaged(UTF8_AS_GBK), strict=True)
    document = zhfix.explain("\n".join(bad))
    assert document.text == "\n".join(good)
    assert document.original == "\n".join(bad)
    assert {(edit.rule, edit.proof) for edit in document.edits} == {
        ("mojibake/utf-8-read-as-gbk", Proof.PROVEN)
    }
    assert [edit.before for edit in document.edits] == list(bad)


def test_a_text_damaged_throughout_is_recognised_before_anything_dear_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good, bad = zip(*damaged(UTF8_AS_GBK), strict=True)

    def never(*_: object) -> None:
        raise AssertionError("the second question was asked")

    monkeypatch.setattr(look, "answers", never)
    assert edited("\n".join(bad * 5)) == "\n".join(good * 5)


def test_suspicious_places_do_not_depend_on_when_they_are_asked() -> None:
    """A text that is damaged throughout is asked late, the same in longer clean text at once."""
    text = "\n".join(bad for _, bad in damaged(Pair("big5", "gbk"), TRADITIONAL) * 3)
    clean = "".join(f"\n{line}" for line in LINES) * 20
    late, early = look.look(text), look.look(text + clean)
    assert late.mostly_hot
    assert not early.mostly_hot
    for places in ("found", "strong"):
        ours, theirs = (
            np.unique(np.concatenate([getattr(one, places) for one in seen.hits]))
            for seen in (late, early)
        )
        border = len(text) - look.OVERLAP
        assert len(ours) > 50
        assert ours[ours < border].tolist() == theirs[theirs < border].tolist()


def test_what_two_double_byte_encodings_explain_is_not_searched_for_lost_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    good, bad = zip(*damaged(Pair("big5", "gbk"), TRADITIONAL), strict=True)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("lost bytes were sought")

    monkeypatch.setattr(losses, "fill", never)
    assert edited("\n".join(bad)) == "\n".join(good)


def test_a_question_mark_behind_ascii_is_not_taken_for_a_lost_byte() -> None:
    """The last byte of such a line may be a letter: what stands behind it is a question."""
    pair = Pair("big5", "shift-jis")
    good = ("嘉義市市政最高決策機構是哪個機構", "武漢大學從哪一年開始舉行校慶")
    bad = [pair.forwards(line) for line in good]
    text = f"{bad[0]}?\n{bad[1]}"
    assert zhfix.repair(text) == f"{good[0]}?\n{good[1]}"


@pytest.mark.parametrize("pair", [Pair("utf-8", "cp1252"), Pair("gbk", "latin-1")], ids=str)
def test_a_mark_of_loss_that_was_damaged_itself_is_no_fault(pair: Pair) -> None:
    good = "系统找不到\ufffd指定的文件，请检查路径。"
    bad = pair.forwards(good)
    assert bad is not None
    assert [line.after for line in undo_lines(f"{bad}\n", pair, margin=8)] == [good]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_runs_are_judged_alone_though_they_are_priced_together(pair: Pair) -> None:
    lines = TRADITIONAL if pair.true == "big5" else LINES
    bad = [line for _, line in damaged(pair, lines)]
    if len(bad) < 2:
        pytest.skip("these bytes are not valid there")
    text = "\n".join(bad)
    together = undo(text, pair, margin=8, costs=reading_costs(text))
    start, alone = 0, []
    for line in bad:
        found = undo(line, pair, margin=8, costs=reading_costs(line))
        alone += (one._replace(start=one.start + start, end=one.end + start) for one in found)
        start += len(line) + 1
    assert [one[:3] for one in together] == [one[:3] for one in alone]
    assert [one.gain for one in together] == pytest.approx([one.gain for one in alone])


def test_damage_far_away_makes_nothing_suspicious(monkeypatch):
    bad = Pair("gbk", "big5").forwards("它们的工作人员已经开始了这一次的服务")
    weak = "聽說這位敦王爺不是要錢的﹔京中大臣哪個不求些好處。\n"
    clean = "干净的文字，没有什么可以说的。\n"
    text = f"{bad}\n" * 3 + clean + weak + clean * 9000 + weak
    searched = []
    lossless = misreadings._lossless

    def watched(text, region, evidence):
        searched.append(region.start)
        return lossless(text, region, evidence)

    monkeypatch.setattr(misreadings, "_lossless", watched)
    assert bad not in zhfix.repair(text)
    near = text.index(weak)
    assert any(near <= start < near + len(weak) for start in searched)
    assert max(searched) < len(text) - len(weak) - 1
