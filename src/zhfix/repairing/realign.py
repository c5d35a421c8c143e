"""Put cut GBK byte pairs back together: the inverse of the spam mirror's misalignment.

The damaged text is read as the bytes it came from. A `?` stands for bytes that are gone:
half a pair at the end of a piece, a whole bad pair, or half a pair with the `(` of a gloss,
which then names the lost byte. Hypotheses about them are carried along, each with the lead
byte that still waits for its trail, until all are back in step; the language model chooses.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from zhfix.repairing import cp936, readings
from zhfix.repairing.arithmetic import solve
from zhfix.repairing.completions import (
    SWALLOWABLE,
    Bridges,
    Halves,
    beginning_with,
    bridged,
    bridges,
    ending_with,
    step_costs,
    swallowable,
)
from zhfix.repairing.hypotheses import (
    Growth,
    Path,
    Way,
    best_of,
    follow,
    mark_worth,
    priced,
    symbols_of,
)
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.readings import characters_read, normal, reads
from zhfix.repairing.tokens import LOST, SPLIT_MARKS, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]

#: Hypotheses kept after each token; more did not change a result in simulation.
BEAM = 24

#: Hypotheses that are extended by bytes that nothing names.
BEAM_AT_LOST_BYTES = 6

#: A segment that has not come back into step after so many tokens is given up.
LONGEST_SEGMENT = 150

#: More lost characters in a row than this are no cut but text that was thrown away.
MOST_LOST_IN_A_ROW = 2

#: A stretch with so many is no cut text either; real ones have one to four.
MOST_LOST = 8

#: Nats per character that a stretch costs at most which arithmetic alone put right: prose costs
#: 5 to 7, names and old texts up to 9.
MOST_COST = 10.0

#: Nats added when a lost byte makes a character that the page glosses elsewhere.
KNOWN_GLOSS_BONUS = 4.0

#: Nats added when a gloss is the first reading of the character it is said to name.
FIRST_READING_BONUS = 2.0

#: Nats against a line end that does not follow one of these, and a space that does.
MISPLACED_SPACE_PENALTY = 3.0
LINE_ENDING_MARKS = "。！？；：」』”…）"

#: So much of a line is searched for an open quote.
LINE_BEFORE = 2000

#: Nats for a 1 before 946年 and the like: nearly all years that are written are of our era's
#: second thousand.
YEAR_BONUS = 3.0
YEAR_TAIL = re.compile(r"\d{3}年|\d{3}-\d\d")

#: Completions that are tried with every character of `SWALLOWABLE`.
SWALLOWING_PATHS = 8

#: Nats against a bare character that the page glosses wherever it stands.
UNGLOSSED_PENALTY = 8.0

#: Nats for supposing that a `?` ate a whole glossed character and not half of it.
WHOLE_CHARACTER_PENALTY = 10.0

FULL_WIDTH = str.maketrans(",.!?;:()", "，。！？；：（）")

#: `Path.pending` for a lead byte that is lost: larger than any byte.
UNKNOWN = 0x100


@dataclass(frozen=True, slots=True)
class Realigned:
    """A stretch put right: `span` of the damaged text, and what it was.

    `share` is the part of all hypotheses' probability that this text has; `gain` the
    log-likelihood gained over the damaged text; `filled` counts bytes that nothing names;
    `named` are the glosses whose character was found by arithmetic.
    """

    start: int
    end: int
    text: str
    share: float
    gain: float
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
        self.line = ""
        """What stands before the cut in its line: it may hold an open quote."""
        self.allowance = allowance

    def realign(self, first: Token, *, context: str) -> Realigned | None:
        """Find what stood from this cut to where bytes and text are in step again.

        `context` is the repaired character before it; its last byte touched the cut even if
        its own gloss stands between them, for that may have been inserted later. None when
        no hypothesis survives but that nothing was cut.
        """
        low = max(0, first.start - LINE_BEFORE)
        begins = self.text.rfind("\n", low, first.start) + 1 or low
        self.line = self.text[begins : first.start]
        known = solve(self.text, first, context=context, glosses=self.glosses)
        if known is not None and (found := self._reads_well(first, known, context)):
            return found
        last = (cp936.encode(context) or b"")[-1:]
        paths = [Path(context, last=last[0] if last else -1)]
        literal = context
        token = first
        lost_in_a_row = lost = 0
        for _ in range(LONGEST_SEGMENT):
            lost_in_a_row = lost_in_a_row + 1 if token.char in LOST else 0
            lost += token.char in LOST
            if lost_in_a_row > MOST_LOST_IN_A_ROW or lost > MOST_LOST or self.allowance < 0:
                return None
            paths = self._step(paths, token)
            literal += self._literal(token)
            if not paths:
                return None
            position = token.end
            if all(path.pending < 0 for path in paths) or position >= len(self.text):
                return self._close(paths, first.start, position, literal, context)
            token = token_at(self.text, position)
        return None

    def _reads_well(
        self, first: Token, known: tuple[int, str, tuple[tuple[str, str], ...]], context: str
    ) -> Realigned | None:
        """Accept what arithmetic gives, unless the model finds it strange."""
        end, text, named = known
        beyond = self.text[end : end + 1]
        score = self.model.score(text, before=context, after=beyond)
        if -score > MOST_COST * (len(text) + 1):
            return None
        unchanged = self.model.score(self.text[first.start : end], before=context, after=beyond)
        return Realigned(first.start, end, text, 1.0, score - unchanged, 0, named)

    def _step(self, paths: list[Path], token: Token) -> list[Path]:
        """Extend every hypothesis by one token, and keep the best.

        Two beams: many ways to be back in step must not crowd out the one still out of it.
        """
        if token.char in LOST and not token.swallowed:
            paths = sorted(paths, key=lambda path: -path.score)[:BEAM_AT_LOST_BYTES]
        groups: dict[tuple[int, int, bool], list[Path]] = {}
        for path in paths:
            groups.setdefault((path.pending, path.last, path.split), []).append(path)
        in_step: list[Growth] = []
        waiting: list[Growth] = []
        pairs: list[list[tuple[Path, Way]]] = [[], []]
        bridges_from = self._bridges(token.end)
        for (pending, last, split), members in groups.items():
            if pending == UNKNOWN:
                waiting += self._after_split(members, token)
                continue
            if token.char in LOST and not token.gloss and pending >= 0:
                in_step += self._completed(members, token.end, broken=split)
                waiting += self._bad_pairs(members, bridges_from(pending), broken=split)
                continue
            for way in self._ways(pending, last, token):
                charged = self._charged(way, token, broken=split and pending >= 0)
                pairs[way.pending >= 0] += [(path, charged) for path in members]
        for growths, some in zip((in_step, waiting), pairs, strict=True):
            if some:
                growths.append(follow(some, self.line, split=bool(token.gloss)))
        kept = best_of(in_step, BEAM) + best_of(waiting, BEAM)
        self.allowance -= len(kept)
        return kept

    def _charged(self, way: Way, token: Token, *, broken: bool) -> Way:
        """Price a way on; characters that the page glosses everywhere do not stand bare."""
        checked = way.added[broken : len(way.added) - bool(token.gloss)]
        bare = sum(char in self.glosses for char in checked)
        return priced(way._replace(worth=way.worth - UNGLOSSED_PENALTY * bare))

    def _ways(self, pending: int, last: int, token: Token) -> Iterator[Way]:
        """The ways on at a token that are few."""
        if token.swallowed:
            yield from self._named_byte(pending, last, token)
        elif token.char in LOST and not token.gloss:
            yield Way(token.char, -1, -1)
            if token.end < len(self.text) and self.text[token.end] in SPLIT_MARKS:
                yield Way("", UNKNOWN, last)
        else:
            yield from self._plain(pending, token)

    def _plain(self, pending: int, token: Token) -> Iterator[Way]:
        """A character that was decoded, maybe from halves of two."""
        data = cp936.encode(token.char)
        if data is None:
            way = Way(token.char, -1, -1) if pending < 0 else None
        else:
            way = _pushed(pending, data)
        if way is None:
            return
        if token.gloss:
            pair = bytes((max(pending, 0), *data)) if data and len(data) == 1 else data or b""
            char = cp936.tables().decode.get(pair, "")
            if char and reads(char, token.gloss):
                way = way._replace(named=((char, token.gloss),))
            elif way.pending >= 0:
                return
            else:
                literal = self.text[token.start + 1 : token.end]
                way = way._replace(added=way.added + literal, last=-1)
        yield way

    def _named_byte(self, pending: int, last: int, token: Token) -> Iterator[Way]:
        """`?guī)`: the lost byte and the one before it are a character read `guī`."""
        known = readings.load()
        chars = characters_read(token.gloss)
        for char in chars:
            lead, trail = cp936.tables().encode[char]
            if lead != last or (pending < 0 and trail <= cp936.EURO):
                continue
            way = _pushed(pending, bytes((trail,)))
            if way is None:
                continue
            bonus = KNOWN_GLOSS_BONUS * (char in self.glosses)
            bonus += FIRST_READING_BONUS * (known.first.get(char) == normal(token.gloss))
            yield way._replace(worth=bonus, named=((char, token.gloss),))
        if pending < 0:
            for char in [c for c in chars if c in self.glosses] or chars:
                trail = cp936.tables().encode[char][1]
                yield Way(char, -1, trail, 2, -WHOLE_CHARACTER_PENALTY)

    def _each(self, members: Sequence[Path], halves: Halves, *, broken: bool) -> Matrix:
        """What each character that shares a known byte is worth for each hypothesis."""
        scores = np.array([path.score for path in members])[:, None] + halves.preference
        scores += step_costs(symbols_of(members)[:, None], halves.symbols[None, :])
        for column in halves.marks:
            char = halves.chars[column]
            scores[:, column] += [mark_worth(self.line, path.text, char) for path in members]
        if not broken and self.glosses:
            scores -= self._bare(halves.chars)
        return scores

    def _bare(self, chars: str) -> Matrix:
        """The penalties for characters that the page glosses and that would stand bare."""
        return UNGLOSSED_PENALTY * np.array([char in self.glosses for char in chars])

    def _completed(self, members: list[Path], end: int, *, broken: bool) -> Iterator[Growth]:
        """A bare `?` that is a lone half, or a half and the ASCII character that it ate."""
        halves = beginning_with(members[0].pending)
        scores = self._each(members, halves, broken=broken)
        following = self.text[end] if end < len(self.text) else "\n"
        if following in SPLIT_MARKS or following == "\n":

            def complete(row: int, column: int) -> Path:
                text, pending, _, _, filled, _, named = members[row]
                score = float(scores[row, column])
                return Path(
                    text + halves.chars[column], -1, pending, score, filled + 1, named=named
                )

            yield Growth(scores, scores, complete)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :SWALLOWING_PATHS]
        symbols, preference = swallowable()
        eaten = np.take_along_axis(scores, best, axis=1)[..., None] + preference
        eaten = eaten + step_costs(halves.symbols[best][..., None], symbols)
        ends_line = np.array([char in LINE_ENDING_MARKS for char in halves.chars], dtype=np.intp)
        eaten += self._swallowed(end)[ends_line[best]]
        flat = eaten.reshape(len(members), -1)

        def swallow(row: int, column: int) -> Path:
            text, _, _, _, filled, _, named = members[row]
            place, which = divmod(column, len(SWALLOWABLE))
            longer = text + halves.chars[best[row, place]] + SWALLOWABLE[which]
            return Path(longer, -1, -1, float(flat[row, column]), filled + 1, named=named)

        yield Growth(flat, flat, swallow)

    def _swallowed(self, end: int) -> Matrix:
        """What the model can't tell of eaten characters: years, line ends, spaces.

        Two rows: behind a character that ends no line, and behind one that does.
        """
        bonus = np.zeros((2, len(SWALLOWABLE)))
        if YEAR_TAIL.match(self.text, end):
            bonus[:, SWALLOWABLE.index("1")] = YEAR_BONUS
        bonus[0, SWALLOWABLE.index("\n")] = -MISPLACED_SPACE_PENALTY
        bonus[1, SWALLOWABLE.index(" ")] = -MISPLACED_SPACE_PENALTY
        return bonus

    def _bad_pairs(self, members: list[Path], found: Bridges, *, broken: bool) -> Iterator[Growth]:
        """Every bad pair whose halves complete this character and begin the next.

        The next character's other half is known, or its reading is, so those are ranked highest
        that begin a likely one.
        """
        if not found.here.chars:
            return
        scores = self._each(members, found.here, broken=broken)

        def cut(row: int, column: int) -> Path:
            text, _, _, _, filled, _, named = members[row]
            trail = found.here.bytes[column]
            score = float(scores[row, column])
            longer = text + found.here.chars[column]
            return Path(longer, trail, trail, score, filled + 2, named=named)

        yield Growth(scores, scores + found.ahead, cut)

    def _bridges(self, position: int) -> Callable[[int], Bridges]:
        """Tell for a lead byte the bad pairs between it and what stands at a position."""
        token = token_at(self.text, position) if position < len(self.text) else None
        if token is None or not token.swallowed:
            trail = (cp936.encode(token.char) if token else None) or b"\0"
            return lambda lead: bridges(lead, trail[0])
        by_lead: dict[int, str] = {}
        for char in characters_read(token.gloss):
            lead = cp936.tables().encode[char][0]
            by_lead[lead] = by_lead.get(lead, "") + char
        return lambda lead: bridged(lead, lambda second: by_lead.get(second, ""))

    def _after_split(self, members: list[Path], token: Token) -> Iterator[Growth]:
        """The mark at a false split: its first byte ends a character of unknown lead."""
        data = cp936.encode(token.char.translate(FULL_WIDTH)) or b""
        if len(data) != 2 or token.gloss:
            return
        halves = ending_with(data[0])
        scores = self._each(members, halves, broken=False)

        def chosen(row: int, column: int) -> Path:
            text, _, _, _, filled, _, named = members[row]
            score = float(scores[row, column])
            return Path(
                text + halves.chars[column], data[1], data[1], score, filled + 1, named=named
            )

        yield Growth(scores, scores, chosen)

    def _literal(self, token: Token) -> str:
        return self.text[token.start : token.end]

    def _close(
        self, paths: list[Path], start: int, end: int, literal: str, context: str
    ) -> Realigned | None:
        """Choose among hypotheses that are all in step, seeing one character beyond."""
        beyond = token_at(self.text, end).char if end < len(self.text) else "\n"
        in_step = [path for path in paths if path.pending < 0]
        if not in_step:
            return None
        on = priced(Way(beyond, -1, -1))
        ranked = best_of([follow([(path, on) for path in in_step], self.line)], BEAM)
        best = ranked[0]
        text = best.text[len(context) : -1]
        unchanged = self.model.score(literal[len(context) :] + beyond, before=context)
        gain = best.score - unchanged
        if text == literal[len(context) :]:
            return None
        odds = sum(math.exp(max(path.score - best.score, -700.0)) for path in ranked[::-1])
        return Realigned(start, end, text, 1.0 / odds, gain, best.filled, best.named)


def _pushed(pending: int, data: bytes) -> Way | None:
    """Append bytes to one that waits or to none; None where they make no character."""
    added, last = "", -1
    for last in data:
        if pending >= 0:
            char = cp936.character(pending, last)
            if not char:
                return None
            added += char
            pending = -1
        elif last <= cp936.EURO:
            added += "€" if last == cp936.EURO else chr(last)
        else:
            pending = last
    return Way(added, pending, last)
