"""Hypothesis strategies: Chinese text, odd text, and lists of edits that fit a text."""

from __future__ import annotations

from hypothesis import strategies as st

from zhfix import Edit, Span

COMMON = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可"
)
TRADITIONAL = "網絡學習國際發展與應對實現經濟關係說話時間東風書馬鳥龍門車長開見語言電腦"
MARKS = "，。！？；：、“”「」《》（）…—"
ODD = "\x00\t\r\n \u3000\u200b\ufeff\ufffd?()[]<>&;#%\\=@Aaz09éÃ¤鏂锛銆锟斤拷ξж가あ\ue000𠮷\U0001f600\ud800"

chinese = st.text(st.sampled_from(COMMON + TRADITIONAL + MARKS), max_size=60)
lines = st.lists(chinese, max_size=6).map("\n".join)
odd = st.text(st.sampled_from(COMMON[:20] + TRADITIONAL[:12] + MARKS + ODD), max_size=80)
anything = st.text(st.characters(), max_size=60)  # surrogates included
texts = st.one_of(chinese, lines, odd, anything)


@st.composite
def edits_of(draw: st.DrawFn, text: str, rule: str = "test/edit") -> list[Edit]:
    """Edits that fit a text: in order, not overlapping, some of them insertions."""
    points = draw(st.lists(st.integers(0, len(text)), max_size=8))
    points = sorted(set(points))
    made = []
    for start, end in zip(points[::2], points[1::2], strict=False):
        after = draw(st.text(st.sampled_from("甲乙x"), max_size=3))
        made.append(Edit(Span(start, end), text[start:end], after, rule, 1.0, "because"))
    if len(points) % 2:
        point = points[-1]
        if not made or made[-1].span.end < point:
            made.append(Edit(Span(point, point), "", "+", rule, 1.0, "because"))
    return made
