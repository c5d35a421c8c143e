"""A damaged text while its cuts are put right: where it is in step, and how well it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhfix.patterns import lazy
from zhfix.repairing.completions import QUOTES, symbol_of
from zhfix.repairing.hypotheses import Path, Way, follow, quotes_after
from zhfix.repairing.model import BORDER, LanguageModel
from zhfix.repairing.tokens import FULL_WIDTH_MARKS, LOST, token_at

if TYPE_CHECKING:
    from zhfix.repairing.arithmetic import Known

__all__ = ["WELL_READ", "Passage", "Realigned", "followed"]

#: Nats per character where more is taken from it: that a lost byte is the only one. Text that is
#: out of step costs 10 and more, or holds letters that were second halves; so many steps tell.
WELL_READ = 8.0
READ_ON = 3

#: Nats per character that a stretch costs at most which arithmetic alone put right: prose costs
#: 5 to 7, names and old texts up to 9.
MOST_COST = 10.0

#: So much of a line is searched for an open quote.
LINE_BEFORE = 2000
QUOTE = lazy(f"[{''.join(sorted(QUOTES))}]")


class Realigned(NamedTuple):
    """A stretch put right: where it stands in the damaged text, and what it was.

    `share` is the part of all hypotheses' probability that this text has; `score` its
    log-likelihood; `filled` counts bytes that nothing names; `named` are the glosses whose
    character was found by arithmetic.
    """

    start: int
    end: int
    text: str
    share: float
    score: float
    filled: int
    named: tuple[tuple[str, str], ...]


class Passage:
    """Reads a damaged text.

    >>> passage = Passage("說“家?guī)熧Y”")
    >>> passage.begun(3, "家").quotes, passage.in_step(3)
    ('“', False)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._step = LanguageModel.load().step

    def begun(self, start: int, context: str, last: int = -1) -> Path:
        """Begin a hypothesis behind a character, with the byte that it ends with."""
        low = max(0, start - LINE_BEFORE)
        begins = self.text.rfind("\n", low, start) + 1 or low
        quotes = quotes_after("", "".join(QUOTE.findall(self.text, begins, start)))
        return Path(context, symbol_of(context), last=last, quotes=quotes)

    def beyond(self, end: int) -> str:
        """Return the character behind a stretch."""
        return self.text[end] if end < len(self.text) else "\n"

    def in_step(self, position: int) -> bool:
        """Whether the text reads well from here on, and no letter is the second half of a pair."""
        chars = ""
        while len(chars) <= READ_ON:
            if position >= len(self.text):
                return False
            token = token_at(self.text, position)
            if token.swallowed or token.char in LOST or "@" <= token.char <= "~":
                return False
            chars += token.char
            position = token.end
        # Behind a mark a word begins, and the first word is dear.
        steps = READ_ON + (chars[0] in FULL_WIDTH_MARKS)
        return -self._cost(chars) <= WELL_READ * steps

    def reads_well(self, known: Known, context: str) -> float | None:
        """Return the score of what arithmetic gives, or None where the model finds it strange."""
        beyond = self.beyond(known.end) if known.pending < 0 else ""
        text = context + known.text + beyond
        score = self._cost(text)
        if -score > MOST_COST * (len(text) - 1):
            return None
        return score + self._step(symbol_of(text[-1]), BORDER)

    def _cost(self, text: str) -> float:
        symbols = list(map(symbol_of, text))
        return sum(map(self._step, symbols, symbols[1:]))


def followed(begun: Path, known: Known) -> Path:
    """Price what arithmetic gives as a hypothesis."""
    way = Way(known.text, known.pending, known.last, worth=known.worth, named=known.named)
    return follow(begun, way, split=known.broken)
