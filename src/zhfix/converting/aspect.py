"""Characters that OpenCC keeps and Simplified divides in two: 著, 沈 and 雠.

著 in Simplified: 着 (the particle, "-ing") or 著 (to write; notable).

Taiwan writes both as 著, and OpenCC's t2s keeps it. Simplified keeps 著 only where it means
writing or renown: in the words below, before a title in 《》, and after an author's name in
brackets or behind a space.

沈 is a surname in Simplified, and 沉 "to sink", which Traditional text writes 沈 as well: in the
words below. 雠 is 校雠, to collate, and 仇雠; an enemy and revenge are 仇.
"""

from __future__ import annotations

from zhfix.patterns import lazy

#: 显著 notable, 专著 monograph, 名著 classic, 编著 to compile, 昭著 notorious, 土著 native, …
_BEFORE = "显专原名巨编合译论遗旧拙撰卓昭土所"
#: 著作 works, 著名 famous, 著称 known for, 著述 writings, 著录 to list, 著者 author.
_AFTER = "作名称述录者于《〈"

# A line feed is no space: lines are read apart.
_PARTICLE = lazy(rf"(?<![{_BEFORE}])(?<![^\S\n])著(?![{_AFTER}]|有《|书立说|[）)])")


#: 沉吟 to ponder, 沉湎 to wallow, 沉默 silent, 沉没 to sink, … but not what people are called.
_SINKING = lazy("沈(?=[吟湎默没溺睡淀沦痛郁寂浸迷闷疴冤稳])|(?<=[深阴消低浮])沈")
#: 校雠 and 雠校 to collate, 雠定 to establish a text, 仇雠 foes.
_ENEMY = lazy("(?<![校仇])雠(?![校定])")


def particles(text: str) -> str:
    """Write 着 where 著 is the particle, 沉 for 沈, 仇 for 雠; the same object when none is there.

    >>> particles("打著人权的旗号"), particles("著名著作《红楼梦》（曹雪芹著）")
    ('打着人权的旗号', '著名著作《红楼梦》（曹雪芹著）')
    >>> particles("沈先生沈吟不语"), particles("校雠，报雠")
    ('沈先生沉吟不语', '校雠，报仇')
    """
    if "著" in text:
        text = _PARTICLE.sub("着", text)
    if "沈" in text:
        text = _SINKING.sub("沉", text)
    return _ENEMY.sub("仇", text) if "雠" in text else text
