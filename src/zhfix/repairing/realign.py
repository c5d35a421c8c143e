"""Put cut GBK byte pairs back together: the inverse of the spam mirror's misalignment.

The damaged text is read as the bytes it came from. A `?` stands for bytes that are gone:
half a pair at the end of a piece, a whole bad pair, or half a pair with the `(` of a gloss,
which then names the lost byte. Hypotheses about them are carried along, each with the lead
byte that still waits for its trail, until all are back in step; the language model chooses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import Known, advance, solve
from zhfix.repairing.claims import Claim, claim, settled
from zhfix.repairing.frontier import SCORE, Front, Frontier
from zhfix.repairing.hypotheses import Path, Way, chosen, follow
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.passage import WELL_READ, Passage, Realigned, followed
from zhfix.repairing.tokens import LOST, MOST_LOST_IN_A_ROW, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: A segment that has not come back into step after so many tokens is given up.
LONGEST_SEGMENT = 150


#: A stretch with so many is no cut text either; real ones have one to four.
MOST_LOST = 8

__all__ = ["Claim", "Realigned", "Realigner"]


class Realigner:
    """Puts the stretches of a damaged text right; `glosses` are the page's own, with readings.

    `allowance` is how many hypotheses may be made in all: when they are used up only arithmetic
    goes on, so that no text takes longer than its length allows.
    """

    def __init__(self, text: str, glosses: Mapping[str, str], allowance: float = math.inf) -> None:
        self.text = text
        self.glosses = glosses
        self.passage = Passage(text)
        self.frontier = Frontier(text, glosses, allowance)

    def claim(self, first: Token, *, context: str) -> Realigned | Claim | None:
        """Put right what arithmetic can, from this cut to where bytes and text are in step again.

        `context` is the repaired character before it; its last byte touched the cut even if
        its own gloss stands between them, for that may have been inserted later. None where there
        is more to it than a half at the end that nothing names.
        """
        if first.swallowed:
            return claim(self.passage, first, context, self.glosses)
        return self._split(first, context)

    def settled(self, claims: Sequence[Claim]) -> Iterator[Realigned | None]:
        """Yield what each claim becomes: the likeliest way, None where that reads badly."""
        return settled(self.passage, claims, self.glosses, self.frontier.lost.glossed)

    def search(self, first: Token, *, context: str) -> Realigned | None:
        """Find the same among all that may have been; None when none survives but no cut at all."""
        start = first.start
        if first.swallowed:
            options = solve(self.text, first, context=context, glosses=self.glosses)
            if len(options) == 1:
                known = options[0]._replace(worth=0.0)
                path = followed(self.passage.begun(start, context), known)
                if path.score >= -WELL_READ * len(known.text) and (
                    found := self._searched(path, start, known.end, context)
                ):
                    return found
        last = (cp936.encode(context) or b"\xff")[-1]
        path = self.passage.begun(start, context, last)
        return self._searched(path, start, start, context)

    def _split(self, first: Token, context: str) -> Realigned | None:
        """Choose the byte before a mark that is none, where all behind it is known."""
        if first.end >= len(self.text) or self.passage.in_step(first.end):
            return None
        mark = token_at(self.text, first.end)
        path = self.passage.begun(first.start, context)
        for fan in self.frontier.lost.after_split([path], mark):
            begun = Known(mark.end, pending=fan.pending, last=fan.last)
            known = advance(self.text, begun, self.glosses, self.glosses)
            if known is None or known.doubtful or known.pending >= 0 or not known.text:
                return None
            rest = known._replace(text=known.text[1:])
            if self.passage.reads_well(rest, known.text[0]) is None:
                return None
            ends = chosen(fan, Way(known.text, -1, known.last, named=known.named))
            return self._close(Front(ends, [], []), first.start, known.end, context)
        return None

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
        unchanged = self.text[found.start : found.end] + self.passage.beyond(found.end)
        return found.score - LanguageModel.load().score(unchanged, before=context)

    def _close(self, front: Front, start: int, end: int, context: str) -> Realigned | None:
        """Choose among hypotheses that are all in step, seeing one character beyond."""
        on = Way(self.passage.beyond(end), -1, -1)
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
