"""著 in Simplified: 着 (the particle, "-ing") or 著 (to write; notable).

Taiwan writes both as 著, and OpenCC's t2s keeps it. Simplified keeps 著 only where it means
writing or renown: in the words below, before a title in 《》, and after an author's name in
brackets or behind a space.
"""

from __future__ import annotations

import re

#: 显著 notable, 专著 monograph, 名著 classic, 编著 to compile, 昭著 notorious, 土著 native, …
_BEFORE = "显专原名巨编合译论遗旧拙撰卓昭土所"
#: 著作 works, 著名 famous, 著称 known for, 著述 writings, 著录 to list, 著者 author.
_AFTER = "作名称述录者于《〈"

# A line feed is no space: lines are read apart.
_PARTICLE = re.compile(rf"(?<![{_BEFORE}])(?<![^\S\n])著(?![{_AFTER}]|有《|书立说|[）)])")


def particles(text: str) -> str:
    """Write 着 where 著 is the particle; the same object when there is none.

    >>> particles("打著人权的旗号"), particles("著名著作《红楼梦》（曹雪芹著）")
    ('打着人权的旗号', '著名著作《红楼梦》（曹雪芹著）')
    """
    return _PARTICLE.sub("着", text) if "著" in text else text
