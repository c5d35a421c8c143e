"""Writes sentences with names, and the marks of plays, that `build_context.py` learns from."""

from __future__ import annotations

import random

from zhfix.converting.engine import engine

SEED = 0
#: Surnames whose character is also the Simplified form of another word.
SURNAMES = dict(
    zip("范余钟于郁岳姜谷干沈朱卜云叶党后", "范余鍾于郁岳姜谷干沈朱卜云葉黨后", strict=True)
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉建国文志海晓小大子美雅婷怡君家豪宗翰冠廷柏"
    "仲增冰光中祥振宁德永春兰梅红雪琳佳欣俊浩然宇轩思雨成龙天佑景良贵生福安邦正义仁信树林森山川江河"
)
#: The commonest signs of foreign names.
SOUNDS = "阿埃艾奥巴贝比博布查达德迪杜多尔恩法菲弗戈格哈海赫霍吉加卡克库拉莱兰勒雷丽利卢鲁罗洛马玛"
SOUNDS += "迈曼米莫姆纳娜尼诺帕佩皮普乔萨塞桑沙斯史苏索塔泰特托瓦威维沃西希亚耶伊尤扎兹"
PROFESSIONS = "先生小姐女士太太老师教授博士医生律师经理老板主任部长局长校长将军大人公子姑娘师傅同学"
TITLES = (*(PROFESSIONS[at : at + 2] for at in range(0, len(PROFESSIONS), 2)), *"某氏家姓")
BEFORE_NAMES = ("", *"，。「是和与对问请姓、叫由向")
AFTER_NAMES = ("", *"，。说的和是在、来", "表示", "认为", "道", "先生")
NAMES_EACH = 1500
#: Foreign names are spelled with these, never 裏 or 鬆: 埃里克, 加布里埃尔, 安德松.
FOREIGN, FOREIGN_NAMES, FEWEST_SOUNDS = "里里松", 9000, 2


def names(around: list[str]) -> tuple[list[str], list[str]]:
    """Write sentences with surnames that are also other words: in names they keep their form.

    `around` are pieces of text to put foreign names into.
    """
    rng = random.Random(SEED)
    source, gold = [], []
    for surname, form in SURNAMES.items():
        for _ in range(NAMES_EACH):
            before = rng.choice(BEFORE_NAMES)
            given = "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))
            after = rng.choice((rng.choice(TITLES), given, given, given)) + rng.choice(AFTER_NAMES)
            source.append(before + surname + after)
            rest = engine("s2t").convert(after)
            gold.append(before + form + rest)
    for at in range(FOREIGN_NAMES):
        char = FOREIGN[at % len(FOREIGN)]
        one, other = ("".join(rng.choices(SOUNDS, k=rng.randint(0, 3))) for _ in range(2))
        if len(one + other) < FEWEST_SOUNDS:
            continue
        before, after = (rng.choice(around) for _ in range(2))
        line = before[:2] + one + char + other + rng.choice(("·", "", "")) + after[-2:]
        source.append(line)
        made = engine("s2t").convert(line.replace(char, "，"))
        gold.append("".join(a if a == char else b for a, b in zip(line, made, strict=True)))
    return source, gold


#: Who acts in a play: 丑 is the clown, not what is ugly.
ROLES, DOES = "生旦净末丑外贴", ("", "", "", "上", "下", "云", "笑介", "白", "扮", "引")
BRACKETS = ("［］", "（）", "【】", "〔〕")


def roles() -> tuple[list[str], list[str]]:
    """Write the marks of plays: ［丑］, （丑上）."""
    source = [f"{a}{role}{does}{b}" for a, b in BRACKETS for role in ROLES for does in DOES]
    made = engine("s2t").convert("\n".join(source)).replace("醜", "丑").replace("雲", "云")
    return source, made.split("\n")
