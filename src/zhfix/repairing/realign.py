"""Put cut GBK byte pairs back together: the inverse of the spam mirror's misalignment.

The damaged text is read as the bytes it came from. A `?` stands for bytes that are gone:
half a pair at the end of a piece, a whole bad pair, or half a pair with the `(` of a gloss,
which then names the lost byte. Hypotheses about them are carried along, each with the lead
byte that still waits for its trail, until all are back in step; the language model chooses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import Known, advance, solve
from zhfix.repairing.completions import symbol_of
from zhfix.repairing.frontier import (
    FIRST_READING_BONUS,
    KNOWN_GLOSS_BONUS,
    SCORE,
    Front,
    Frontier,
)
from zhfix.repairing.hypotheses import Path, Way, chosen, follow, quotes_after
from zhfix.repairing.model import BORDER, LanguageModel
from zhfix.repairing.tokens import LOST, MOST_LOST_IN_A_ROW, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Nats per character where more is taken from it: that a lost byte is the only one. Text that is
#: out of step costs 10 and more, or holds letters that were second halves; so many steps tell.
WELL_READ = 8.0
READ_ON = 3

#: A segment that has not come back into step after so many tokens is given up.
LONGEST_SEGMENT = 150


#: A stretch with so many is no cut text either; real ones have one to four.
MOST_LOST = 8

#: Nats per character that a stretch costs at most which arithmetic alone put right: prose costs
#: 5 to 7, names and old texts up to 9.
MOST_COST = 10.0

#: So much of a line is searched for an open quote.
LINE_BEFORE = 2000


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


class Realigner:
    """Searches one damaged text; `glosses` are the page's own, character to reading.

    `allowance` is how many hypotheses may be made in all: when they are used up only arithmetic
    goes on, so that no text takes longer than its length allows.
    """

    def __init__(self, text: str, glosses: Mapping[str, str], allowance: float = math.inf) -> None:
        self.text = text
        self.glosses = glosses
        self.model = LanguageModel.load()
        self.frontier = Frontier(text, glosses, allowance)

    def realign(self, first: Token, *, context: str) -> Realigned | None:
        """Find what stood from this cut to where bytes and text are in step again.

        `context` is the repaired character before it; its last byte touched the cut even if
        its own gloss stands between them, for that may have been inserted later. None when
        no hypothesis survives but that nothing was cut.
        """
        start = first.start
        if first.swallowed:
            options = solve(self.text, first, context=context, glosses=self.glosses)
            if found := self._settled(start, options, context):
                return found
            path = self._begun(start, options[0], context) if len(options) == 1 else None
            if path and (found := self._searched(path, start, options[0].end, context)):
                return found
        elif found := self._split(first, context):
            return found
        last = (cp936.encode(context) or b"\xff")[-1]
        return self._searched(self._path(start, context, last), start, start, context)

    def _settled(self, start: int, options: Sequence[Known], context: str) -> Realigned | None:
        """Choose where arithmetic leaves at most one byte, and what follows is in step."""
        if len(options) == 1:
            known = options[0]
            if known.pending >= 0:
                path = self._begun(start, known, context)
                return self._alone(path, start, known.end, context) if path else None
            score = self._reads_well(known, context)
            if score is None:
                return None
            return Realigned(start, known.end, known.text, 1.0, score, 0, known.named)
        found: list[tuple[Realigned, Known]] = []
        for known in options:
            bonus = KNOWN_GLOSS_BONUS * (known.named[0][0] in self.glosses)
            bonus += FIRST_READING_BONUS * known.usual
            path = self._followed(start, known, context, bonus)
            if known.pending >= 0:
                one = self._alone(path, start, known.end, context)
            else:
                one = self._close(Front([path], [], []), start, known.end, context)
            if one is None:
                return None
            found.append((one, known))
        if not found:
            return None
        best, known = max(found, key=lambda one: one[0].score)
        odds = sum(math.exp(one.score - best.score) / one.share for one, _ in found)
        reads_well = self._reads_well(known, context) is not None
        return best._replace(share=1.0 / odds) if reads_well else None

    def _followed(self, start: int, known: Known, context: str, worth: float = 0.0) -> Path:
        """Price what arithmetic gives as a hypothesis."""
        way = Way(known.text, known.pending, known.last, worth=worth, named=known.named)
        return follow(self._path(start, context), way, split=known.broken)

    def _begun(self, start: int, known: Known, context: str) -> Path | None:
        """Begin with what arithmetic gives before a lost byte, if it can be nothing else."""
        path = self._followed(start, known, context)
        return path if path.score >= -WELL_READ * len(known.text) else None

    def _split(self, first: Token, context: str) -> Realigned | None:
        """Choose the byte before a mark that is none, where all behind it is known."""
        if first.end >= len(self.text) or self._in_step(first.end):
            return None
        mark = token_at(self.text, first.end)
        path = self._path(first.start, context)
        for fan in self.frontier.lost.after_split([path], mark):
            begun = Known(mark.end, pending=fan.pending, last=fan.last)
            known = advance(self.text, begun, self.glosses)
            if known is None or known.doubtful or known.pending >= 0 or not known.text:
                return None
            rest = known._replace(text=known.text[1:])
            if self._reads_well(rest, known.text[0]) is None:
                return None
            ends = chosen(fan, Way(known.text, -1, known.last, named=known.named))
            return self._close(Front(ends, [], []), first.start, known.end, context)
        return None

    def _path(self, start: int, context: str, last: int = -1) -> Path:
        """Begin behind a character, with the byte that it ends with."""
        quotes = self._open_quotes(start)
        return Path(context, symbol_of(context), last=last, quotes=quotes)

    def _alone(self, path: Path, start: int, end: int, context: str) -> Realigned | None:
        """Choose for a byte that nothing names, where what follows is in step again for certain."""
        if end >= len(self.text):
            return None
        token = token_at(self.text, end)
        if token.swallowed or token.gloss or token.char not in LOST or not self._in_step(token.end):
            return None
        fan = self.frontier.lost.completed([path], token.end, broken=path.split)
        return self._close(Front([], [fan], []), start, token.end, context)

    def _in_step(self, position: int) -> bool:
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
        symbols = list(map(symbol_of, chars))
        return -sum(map(self.model.step, symbols, symbols[1:])) <= WELL_READ * READ_ON

    def _searched(self, path: Path, start: int, position: int, context: str) -> Realigned | None:
        """Search on with all that can be."""
        front = Front([path], [], [])
        lost_in_a_row = lost = 0
        for _ in range(LONGEST_SEGMENT):
            if position >= len(self.text):
                return None
            token = token_at(self.text, position)
            lost_in_a_row = lost_in_a_row + 1 if token.char in LOST else 0
            lost += token.char in LOST
            if (
                lost_in_a_row > MOST_LOST_IN_A_ROW
                or lost > MOST_LOST
                or self.frontier.allowance < 0
            ):
                return None
            front = self.frontier.step(front, token)
            if not any(front):
                return None
            position = token.end
            if not front.waits or position >= len(self.text):
                return self._close(front, start, position, context)
        return None

    def gain(self, found: Realigned, context: str) -> float:
        """Return by how much a stretch that was put right is likelier than the damaged text."""
        unchanged = self.text[found.start : found.end] + self._beyond(found.end)
        return found.score - self.model.score(unchanged, before=context)

    def _beyond(self, end: int) -> str:
        return self.text[end] if end < len(self.text) else "\n"

    def _reads_well(self, known: Known, context: str) -> float | None:
        """Return the score of what arithmetic gives, or None where the model finds it strange."""
        beyond = self._beyond(known.end) if known.pending < 0 else ""
        symbols = list(map(symbol_of, (context, *known.text, *beyond)))
        score = sum(map(self.model.step, symbols, symbols[1:]))
        if -score > MOST_COST * (len(symbols) - 1):
            return None
        return score + self.model.step(symbols[-1], BORDER)

    def _open_quotes(self, start: int) -> str:
        """Return the quotes that are open where a cut stands in its line."""
        low = max(0, start - LINE_BEFORE)
        begins = self.text.rfind("\n", low, start) + 1 or low
        return quotes_after("", self.text[begins:start])

    def _close(self, front: Front, start: int, end: int, context: str) -> Realigned | None:
        """Choose among hypotheses that are all in step, seeing one character beyond."""
        on = Way(self._beyond(end), -1, -1)
        ends = [follow(path, on) for path in front.paths if path.pending < 0]
        ends += [path for fan in front.fans if fan.pending < 0 for path in chosen(fan, on)]
        if not ends:
            return None
        different = {path.text: path for path in sorted(ends, key=SCORE)}.values()
        best = max(different, key=SCORE)
        text = best.text[len(context) : -1]
        if text == self.text[start:end]:
            return None
        odds = sum(math.exp(max(path.total - best.score, -700.0)) for path in different)
        return Realigned(start, end, text, 1.0 / odds, best.score, best.filled, best.named)
