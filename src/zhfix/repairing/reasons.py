"""What repairs of wrong decodes say of themselves: the rule, how sure, and why."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from zhfix.document import Edit, Proof, Span
from zhfix.repairing.found import BORROWED_MARGIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.repairing.found import Found
    from zhfix.repairing.search import Pair

__all__ = ["as_edits", "explanation"]

#: A choice that the model finds so likely is right somewhat more seldom, but for those without an
#: alternative; measured on unseen text (tools/measure_repair.py lossy).
GUESS_SHARE = 0.84
NO_CHOICE = 0.15
ONLY_THERE = 40
#: No repair is surer than this; the doubt halves with so many nats of gain.
SUREST = 0.999
FIRST_DOUBT = 0.1
HALVED = 8


def as_edits(text: str, found: Iterable[Found]) -> Iterator[Edit]:
    """Yield the edits of a text that make these repairs.

    >>> from zhfix.repairing.found import Found
    >>> from zhfix.repairing.alignment import Repair
    >>> from zhfix.repairing.search import Pair
    >>> found = Found(Repair(0, 3, "文件", 20.0), Pair("utf-8", "gbk"))
    >>> [(edit.rule, edit.after) for edit in as_edits("鏂囦欢", [found])]
    [('mojibake/utf-8-read-as-gbk', '文件')]
    """
    for (start, end, after, gain, *_), pair, proof, sure in found:
        rule, cause = _told(pair)
        if proof is Proof.GUESS:
            confidence = GUESS_SHARE * sure + NO_CHOICE * sure**ONLY_THERE
            why = f"{cause} and lost bytes here: the likeliest characters that fit what is left"
        else:
            doubt = FIRST_DOUBT * math.exp2(-max(gain - BORROWED_MARGIN, 0.0) / HALVED)
            confidence = min(SUREST, 1 - doubt)
            why = (
                f"{cause}: undoing it makes the text likelier by {gain:.0f} nats, "
                "and doing it again gives these characters back"
            )
        yield Edit(Span(start, end), text[start:end], after, rule, confidence, why, proof)


@cache
def _told(pair: Pair) -> tuple[str, str]:
    """Return the rule of a pair and the cause that it names."""
    return f"mojibake/{pair}", f"{_NAMES[pair.true]} that was read as {_NAMES[pair.wrong]}"


def explanation(pair: Pair) -> str:
    """Return what a rule page says of a pair.

    >>> from zhfix.repairing.search import Pair
    >>> explanation(Pair("utf-8", "gbk"))[:43]
    'Bytes of UTF-8 text were decoded as GBK. 文件'
    """
    example = pair.forwards("文件")
    shown = f" 文件 then looks like {example!r}." if example else ""
    return (
        f"Bytes of {_NAMES[pair.true]} text were decoded as {_NAMES[pair.wrong]}.{shown} "
        "Nothing is lost: encoding the run back and decoding it truly restores the text, and the "
        "repair is proven by running the damage again. It is made only where the language model "
        "finds the result far likelier than what stands there."
    )


_NAMES = {
    "utf-8": "UTF-8", "gbk": "GBK", "big5": "Big5", "cp1252": "Windows-1252",
    "latin-1": "Latin-1", "cp1250": "Windows-1250", "cp1251": "Windows-1251",
    "cp437": "code page 437", "cp866": "code page 866", "mac-roman": "Mac Roman",
    "shift-jis": "Shift-JIS", "euc-kr": "EUC-KR",
}  # fmt: skip
