"""Put cut GBK byte pairs back together: the inverse of the spam mirror's misalignment.

The damaged text is read as the bytes it came from. A `?` stands for bytes that are gone:
half a pair at the end of a piece, a whole bad pair, or half a pair with the `(` of a gloss,
which then names the lost byte. Hypotheses about them are carried along, each with the lead
byte that still waits for its trail, until all are back in step; the language model chooses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from zhfix.patterns import lazy
from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import Known, advance, named_next, solve
from zhfix.repairing.completions import QUOTES, symbol_of
from zhfix.repairing.frontier import SCORE, Front, Frontier
from zhfix.repairing.hypotheses import Path, Way, chosen, follow, quotes_after
from zhfix.repairing.lone_halves import Answer, Question, answers
from zhfix.repairing.model import BORDER, LanguageModel
from zhfix.repairing.tokens import LOST, MOST_LOST_IN_A_ROW, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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


#: What is known of a stretch, and what is asked about a half at its end, None where there is none.
Ending: TypeAlias = tuple[Known, Question | None]


class Claim(NamedTuple):
    """A stretch that arithmetic puts right but for single halves at its end, in one way or more.

    `context` is the repaired character before it.
    """

    start: int
    context: str
    ways: tuple[Ending, ...]

    def ends(self) -> set[int]:
        """Return where it may end.

        >>> sorted(Claim(0, "", ((Known(3), None), (Known(4), None))).ends())
        [3, 4]
        """
        return {question.end if question else known.end for known, question in self.ways}


class Realigner:
    """Puts the stretches of a damaged text right; `glosses` are the page's own, with readings.

    `allowance` is how many hypotheses may be made in all: when they are used up only arithmetic
    goes on, so that no text takes longer than its length allows.
    """

    def __init__(self, text: str, glosses: Mapping[str, str], allowance: float = math.inf) -> None:
        self.text = text
        self.glosses = glosses
        self.model = LanguageModel.load()
        self.frontier = Frontier(text, glosses, allowance)

    def claim(self, first: Token, *, context: str) -> Realigned | Claim | None:
        """Put right what arithmetic can, from this cut to where bytes and text are in step again.

        `context` is the repaired character before it; its last byte touched the cut even if
        its own gloss stands between them, for that may have been inserted later. None where there
        is more to it than a half at the end that nothing names.
        """
        start = first.start
        if not first.swallowed:
            return self._split(first, context)
        options = solve(self.text, first, context=context, glosses=self.glosses)
        if len(options) == 1:
            known = options[0]._replace(worth=0.0)
            if known.pending < 0:
                return self._whole(start, known, context)
            well_read = -WELL_READ * len(known.text)
            options = [known] if self._followed(start, known, context).score >= well_read else []
        ways: list[Ending] = []
        for known in options:
            further = list(self._ways(start, known, context))
            if not further:
                return None
            ways += further
        return Claim(start, context, tuple(ways)) if ways else None

    def _whole(self, start: int, known: Known, context: str) -> Realigned | None:
        """Take what arithmetic gives by itself, if it reads well."""
        score = self._reads_well(known, context)
        if score is None:
            return None
        return Realigned(start, known.end, known.text, 1.0, score, 0, known.named)

    def _ways(self, start: int, known: Known, context: str) -> Iterator[Ending]:
        """Yield how what is known may go on: one way, or one for each character of a gloss.

        None where neither a question nor a gloss would do.
        """
        if known.pending < 0:
            yield known, None
        elif question := self._question(start, known, context):
            yield known, question
        else:
            yield from ((one, None) for one in named_next(self.text, known, self.glosses))

    def settled(self, claims: Sequence[Claim]) -> Iterator[Realigned | None]:
        """Yield what each claim becomes: the likeliest way, None where that reads badly."""
        asked = [question for claim in claims for _, question in claim.ways if question]
        told = answers(self.text, asked, self.frontier.lost.glossed)
        for claim in claims:
            found = [
                (self._answered(claim, known, question, next(told) if question else None), known)
                for known, question in claim.ways
            ]
            yield self._likeliest(claim, found)

    def _answered(
        self, claim: Claim, known: Known, question: Question | None, answer: Answer | None
    ) -> Realigned | None:
        start, context, _ = claim
        if question is None or answer is None:
            path = self._followed(start, known, context)
            return self._close(Front([path], [], []), start, known.end, context)
        text = answer.text[len(context) : -1]
        if text == self.text[start : question.end]:
            return None
        return Realigned(start, question.end, text, answer.share, answer.score, 1, known.named)

    def _likeliest(
        self, claim: Claim, ways: Sequence[tuple[Realigned | None, Known]]
    ) -> Realigned | None:
        """Choose among ways, all of which must be possible."""
        found = [(one, known) for one, known in ways if one]
        if len(found) < len(ways):
            return None
        if len(found) == 1:
            return found[0][0]
        best, known = max(found, key=lambda one: one[0].score)
        odds = sum(math.exp(one.score - best.score) / one.share for one, _ in found)
        reads_well = self._reads_well(known, claim.context) is not None
        return best._replace(share=1.0 / odds) if reads_well else None

    def search(self, first: Token, *, context: str) -> Realigned | None:
        """Find the same among all that may have been; None when none survives but no cut at all."""
        start = first.start
        if first.swallowed:
            options = solve(self.text, first, context=context, glosses=self.glosses)
            if len(options) == 1:
                path = self._followed(start, options[0]._replace(worth=0.0), context)
                if path.score >= -WELL_READ * len(options[0].text) and (
                    found := self._searched(path, start, options[0].end, context)
                ):
                    return found
        last = (cp936.encode(context) or b"\xff")[-1]
        return self._searched(self._path(start, context, last), start, start, context)

    def _followed(self, start: int, known: Known, context: str) -> Path:
        """Price what arithmetic gives as a hypothesis."""
        way = Way(known.text, known.pending, known.last, worth=known.worth, named=known.named)
        return follow(self._path(start, context), way, split=known.broken)

    def _split(self, first: Token, context: str) -> Realigned | None:
        """Choose the byte before a mark that is none, where all behind it is known."""
        if first.end >= len(self.text) or self._in_step(first.end):
            return None
        mark = token_at(self.text, first.end)
        path = self._path(first.start, context)
        for fan in self.frontier.lost.after_split([path], mark):
            begun = Known(mark.end, pending=fan.pending, last=fan.last)
            known = advance(self.text, begun, self.glosses, self.glosses)
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

    def _question(self, start: int, known: Known, context: str) -> Question | None:
        """Ask for a byte that nothing names, where what follows is in step again for certain."""
        if known.end >= len(self.text):
            return None
        token = token_at(self.text, known.end)
        if token.swallowed or token.gloss or token.char not in LOST or not self._in_step(token.end):
            return None
        return Question(self._followed(start, known, context), token.end)

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
        return quotes_after("", "".join(QUOTE.findall(self.text, begins, start)))

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
