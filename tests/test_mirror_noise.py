"""What mirrors put in beside glosses goes where the document shows the habit, and stays elsewhere."""

from __future__ import annotations

import pytest

import zhfix
from zhfix.edits import apply
from zhfix.repairing.channels.mirror_noise import MirrorNoise

CHANNEL = MirrorNoise(5)
PROSE = (
    "山里的图书馆昨天开门了，第一天就来了三百多人。馆长说，这里的每一本书都是读者送来的。"
    "孩子们坐在窗边看书，一直看到天黑才回家。村里的老人也来了，他们想学会用电脑写信。"
)


def repaired(text):
    return apply(text, list(CHANNEL.repair(text, list(CHANNEL.detect(text)))))


def test_noise_before_marks_goes():
    damaged = CHANNEL.damage(PROSE)
    assert damaged != PROSE
    assert repaired(damaged) == PROSE
    assert all(e.confidence < 0.9 for e in CHANNEL.repair(damaged, list(CHANNEL.detect(damaged))))


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "乱码后忿偷，还是这样。我们明天去看电影，他说他很忙，不能来。我们只好自己去，看完再吃饭。",
        "佢哋去咗邊度㗎？我都唔知吖！你問佢囉，佢唔應你嘅啫。係咁㗎喇，冇計㗎嘞。",
        # Words explained one by one, stores counted, dishes named.
        "木谓之剫，玉谓之雕，金谓之镂，木谓之刻，骨谓之切，像谓之磋，玉谓之琢，石谓之磨。" * 2,
        "荷，芙渠。其茎茄，其叶蕸，其本蔤，其华菡萏，其实莲，其根藕，其中的，的中薏。",
        "地字第二廒，貯米一千石。玄字第三廒，貯米二百石。黃字第四廒，貯米九百石。" * 3,
        "浮沙羹、宽片粉添些杂糁，酸黄韭、烂豆腐休调啖，万余斤黑面从教暗，我将这五千人做馒头馅。",
        "关关雎鸠，在河之洲。窈窕淑女，君子好逑。参差荇菜，左右流之。窈窕淑女，寤寐求之。",
    ],
)
def test_rare_words_before_marks_stay(text):
    assert repaired(text) == text


def test_lost_spaces_of_an_indentation_come_back():
    text = "????今天天气很好。\n????我们去公园。\n????大家都很高兴。\n"
    assert repaired(text) == text.replace("?", "\u00a0")


@pytest.mark.parametrize(
    "text",
    [
        "???你在干嘛\n没干嘛\n???真的吗\n真的\n",
        "????今天天气很好。\n我们去公园。\n大家都很高兴。\n你也来吧。\n????好。",
        "什么????\n为什么????\n????",
    ],
)
def test_questions_stay(text):
    assert repaired(text) == text


def test_empty_tags_go_even_inside_of_glosses():
    text = '網<tr id="yyy80"></tr>(wǎng)絡(luò)與<b id="0qk2s"></b>網(wǎng)絡(luò)'
    assert zhfix.repair(text) == "網絡與網絡"
    assert repaired('在页面里写 <div id="root"></div>，再运行程序。').endswith("再运行程序。")
    assert "<div" in repaired('在页面里写 <div id="root"></div>，再运行程序。')


@pytest.mark.parametrize(
    "text",
    [
        "小(xiǎo)朋(péng)友(yǒu)们(men)，我(wǒ)们(men)一(yī)起(qǐ)去(qù)公(gōng)园(yuán)玩(wán)吧(ba)！",
        "今天我们学习新词：学(xué)校(xiào)、老(lǎo)师(shī)、朋(péng)友(yǒu)、公(gōng)园(yuán)。",
        "我(wo)是(shi)学(xue)生(sheng)，你(ni)好(hao)吗(ma)？他(ta)是(shi)老(lao)师(shi)。",
        "我(wǒ)是(shì)學(xué)生(shēng)，你(nǐ)是(shì)老(lǎo)師(shī)，他(tā)是(shì)誰(shuí)？",
        "全片 26 处「行(háng)」被读成 xíng，尴尬 (gān gà)。",
    ],
)
def test_lessons_keep_their_pinyin(text):
    assert zhfix.repair(text) == text


def test_toneless_readings_behind_most_characters_go():
    text = (
        "滿(man)滿(man)的(de)人(ren)群(qun)在(zai)街(jie)上(shang)走(zou)來(lai)走(zou)去(qu)，"
        "天氣(qi)很(hen)好(hao)。"
    )
    assert zhfix.repair(text) == "滿滿的人群在街上走來走去，天氣很好。"


def test_spaces_inside_of_glosses_do_not_matter():
    assert zhfix.repair("網(wǎng )絡(luò )與網( wǎng)絡(luò )的發( fā )展") == "網絡與網絡的發展"
