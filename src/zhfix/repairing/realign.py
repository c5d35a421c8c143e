"""Put cut GBK byte pairs back together: the inverse of the spam mirror's misalignment.

The damaged text is read as the bytes it came from. A `?` stands for bytes that are gone:
half a pair at the end of a piece, a whole bad pair, or half a pair with the `(` of a gloss,
which then names the lost byte. Hypotheses about them are carried along, each with the lead
byte that still waits for its trail, until all are back in step; the language model chooses.
"""

from __future__ import annotations

import math
import re
from heapq import nlargest
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import named_bytes, solve
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
    symbol_of,
)
from zhfix.repairing.hypotheses import Fan, Path, Way, chosen, follow, mark_worth, merged, quotes_after
from zhfix.repairing.model import BORDER, LanguageModel
from zhfix.repairing.readings import characters_read, reads
from zhfix.repairing.tokens import LOST, SPLIT_MARKS, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]

#: Hypotheses kept after each token; more did not change a result in simulation.
BEAM = 24

#: Nats below the best hypothesis at which another is given up. One that is out of step has a
#: character less, and a rare one costs 20.
HOPELESS = 40.0

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

#: Nats against a line end that does not follow a mark that ends one, and a space that does.
MISPLACED_SPACE_PENALTY = 3.0

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

SCORE = attrgetter("score")
NO_PLACES = np.zeros(0, np.intp)


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
        self.allowance = allowance

    def realign(self, first: Token, *, context: str) -> Realigned | None:
        """Find what stood from this cut to where bytes and text are in step again.

        `context` is the repaired character before it; its last byte touched the cut even if
        its own gloss stands between them, for that may have been inserted later. None when
        no hypothesis survives but that nothing was cut.
        """
        known = solve(self.text, first, context=context, glosses=self.glosses)
        if known is not None and (found := self._reads_well(first, known, context)):
            return found
        last = (cp936.encode(context) or b"")[-1:]
        start = Path(
            context,
            symbol_of(context),
            last=last[0] if last else -1,
            quotes=self._open_quotes(first.start),
        )
        paths, fans = [start], list[Fan]()
        token = first
        lost_in_a_row = lost = 0
        for _ in range(LONGEST_SEGMENT):
            lost_in_a_row = lost_in_a_row + 1 if token.char in LOST else 0
            lost += token.char in LOST
            if lost_in_a_row > MOST_LOST_IN_A_ROW or lost > MOST_LOST or self.allowance < 0:
                return None
            paths, fans = self._step(paths, fans, token)
            if not paths and not fans:
                return None
            position = token.end
            waits = any(one.pending >= 0 for one in (*paths, *fans))
            if not waits or position >= len(self.text):
                return self._close(paths, fans, first.start, position, context)
            token = token_at(self.text, position)
        return None

    def gain(self, found: Realigned, context: str) -> float:
        """Return by how much a stretch that was put right is likelier than the damaged text."""
        unchanged = self.text[found.start : found.end] + self._beyond(found.end)
        return found.score - self.model.score(unchanged, before=context)

    def _beyond(self, end: int) -> str:
        return self.text[end] if end < len(self.text) else "\n"

    def _reads_well(
        self, first: Token, known: tuple[int, str, tuple[tuple[str, str], ...]], context: str
    ) -> Realigned | None:
        """Accept what arithmetic gives, unless the model finds it strange."""
        end, text, named = known
        symbols = list(map(symbol_of, (context, *text, self._beyond(end))))
        score = sum(map(self.model.step, symbols, symbols[1:]))
        if -score > MOST_COST * (len(text) + 1):
            return None
        score += self.model.step(symbols[-1], BORDER)
        return Realigned(first.start, end, text, 1.0, score, 0, named)

    def _open_quotes(self, start: int) -> str:
        """Return the quotes that are open where a cut stands in its line."""
        low = max(0, start - LINE_BEFORE)
        begins = self.text.rfind("\n", low, start) + 1 or low
        return quotes_after("", self.text[begins:start])

    def _step(
        self, paths: list[Path], fans: list[Fan], token: Token
    ) -> tuple[list[Path], list[Fan]]:
        """Extend every hypothesis by one token, and keep the best."""
        if token.char in LOST and not token.swallowed:
            paths = [*paths, *(path for fan in fans for path in fan.best(BEAM_AT_LOST_BYTES))]
            paths, fans = nlargest(BEAM_AT_LOST_BYTES, paths, key=SCORE), []
            if not token.gloss:
                return self._at_lost(paths, token)
        split = bool(token.gloss)
        ways: dict[tuple[int, int, bool], list[Way]] = {}
        grown: list[Path] = []
        for path in paths:
            if path.pending == UNKNOWN:
                continue
            key = (path.pending, path.last, path.split)
            if key not in ways:
                ways[key] = self._ways(path.pending, path.last, token, broken=path.split)
            grown += [follow(path, way, split=split) for way in ways[key]]
        for fan in fans:
            for way in self._ways(fan.pending, fan.last, token, broken=False):
                grown += chosen(fan, way, split=split)
        unknown = [path for path in paths if path.pending == UNKNOWN]
        return self._kept(grown, self._after_split(unknown, token) if unknown else [])

    def _at_lost(self, paths: list[Path], token: Token) -> tuple[list[Path], list[Fan]]:
        """Extend hypotheses by a bare `?`."""
        groups: dict[tuple[int, bool], list[Path]] = {}
        for path in paths:
            groups.setdefault((path.pending, path.split), []).append(path)
        grown: list[Path] = []
        fans: list[Fan] = []
        ranked: list[tuple[float, Path]] = []
        bridges_from = self._bridges(token.end)
        for (pending, split), members in groups.items():
            if pending == UNKNOWN:
                fans += self._after_split(members, token)
            elif pending >= 0:
                fans += self._completed(members, token.end, broken=split)
                ranked += self._bad_pairs(members, bridges_from(pending), broken=split)
            else:
                grown += [follow(path, Way(token.char, -1, -1)) for path in members]
                if self.text[token.end : token.end + 1] in SPLIT_MARKS:
                    grown += [path._replace(pending=UNKNOWN) for path in members]
        grown += [path for _, path in nlargest(BEAM, ranked, key=itemgetter(0))]
        return self._kept(grown, fans)

    def _kept(self, grown: list[Path], fans: list[Fan]) -> tuple[list[Path], list[Fan]]:
        """Keep the best.

        Two beams: many ways to be back in step must not crowd out the one still out of it.
        """
        if len(grown) > 1:
            least = max(path.score for path in grown) - HOPELESS
            grown = merged([path for path in grown if path.score >= least])
            if len(grown) > BEAM:
                waiting = [path for path in grown if path.pending >= 0]
                in_step = [path for path in grown if path.pending < 0]
                grown = nlargest(BEAM, in_step, key=SCORE) + nlargest(BEAM, waiting, key=SCORE)
        self.allowance -= len(grown) + BEAM * len(fans)
        return grown, fans

    def _ways(self, pending: int, last: int, token: Token, *, broken: bool) -> list[Way]:
        """The ways on at a token of which something is known.

        Characters that the page glosses everywhere do not stand bare.
        """
        if token.swallowed:
            ways = self._named_byte(pending, last, token)
        else:
            ways = self._plain(pending, token)
        charged = []
        for way in ways:
            checked = way.added[broken : len(way.added) - bool(token.gloss)]
            bare = sum(char in self.glosses for char in checked)
            charged.append(way._replace(worth=way.worth - UNGLOSSED_PENALTY * bare) if bare else way)
        return charged

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
        for char, trail, usual in named_bytes(token.gloss).get(last, ()):
            if pending < 0 and trail <= cp936.EURO:
                continue
            way = _pushed(pending, bytes((trail,)))
            if way is None:
                continue
            bonus = KNOWN_GLOSS_BONUS * (char in self.glosses) + FIRST_READING_BONUS * usual
            yield way._replace(worth=bonus, named=((char, token.gloss),))
        if pending < 0:
            chars = characters_read(token.gloss)
            for char in [c for c in chars if c in self.glosses] or chars:
                trail = cp936.tables().encode[char][1]
                yield Way(char, -1, trail, 2, -WHOLE_CHARACTER_PENALTY)

    def _each(self, members: Sequence[Path], halves: Halves, *, broken: bool) -> Matrix:
        """What each character that shares a known byte is worth for each hypothesis."""
        previous = np.array([path.symbol for path in members])[:, None]
        scores = step_costs(previous, halves.symbols)
        scores += np.array([path.score for path in members])[:, None]
        scores += halves.preference
        for column in halves.marks:
            char = halves.chars[column]
            scores[:, column] += [mark_worth(p.text[-1], p.quotes, char) for p in members]
        if not broken and self.glosses:
            scores -= self._bare(halves.chars)
        return scores

    def _bare(self, chars: str) -> Matrix:
        """The penalties for characters that the page glosses and that would stand bare."""
        return UNGLOSSED_PENALTY * np.array([char in self.glosses for char in chars])

    def _completed(self, members: list[Path], end: int, *, broken: bool) -> Iterator[Fan]:
        """A bare `?` that is a lone half, or a half and the ASCII character that it ate."""
        pending = members[0].pending
        halves = beginning_with(pending)
        scores = self._each(members, halves, broken=broken)
        if self._beyond(end) in SPLIT_MARKS + "\n":
            yield _fan(members, scores, halves, -1, pending)
        best = np.argpartition(-scores, SWALLOWING_PATHS, axis=1)[:, :SWALLOWING_PATHS]
        symbols, preference = swallowable()
        eaten = step_costs(halves.symbols.take(best)[..., None], symbols)
        eaten += np.take_along_axis(scores, best, axis=1)[..., None]
        eaten += preference
        eaten += self._swallowed(end).take(halves.ends_line.take(best), axis=0)

        flat = eaten.ravel()
        # What would be eaten is decided before the next character is seen: `?` is rare.
        kept = np.argpartition(-flat, BEAM)[:BEAM]
        rows, columns, eaten_ones = np.unravel_index(kept, eaten.shape)

        def swallow(place: int) -> tuple[Path, str]:
            row = rows[place]
            char = halves.chars[best[row, columns[place]]]
            return members[row], char + SWALLOWABLE[eaten_ones[place]]

        extra = np.array([path.total - path.score for path in members])
        yield Fan(
            flat.take(kept), extra.take(rows), symbols.take(eaten_ones), NO_PLACES, -1, -1, swallow
        )

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

    def _bad_pairs(
        self, members: list[Path], found: Bridges, *, broken: bool
    ) -> Iterator[tuple[float, Path]]:
        """Every bad pair whose halves complete this character and begin the next.

        The next character's other half is known, or its reading is, so those are ranked highest
        that begin a likely one.
        """
        if not found.here.chars:
            return
        scores = self._each(members, found.here, broken=broken)
        ranks = (scores + found.ahead).ravel()
        places = np.argpartition(-ranks, BEAM)[:BEAM] if len(ranks) > BEAM else range(len(ranks))
        for place in map(int, places):
            row, column = divmod(place, scores.shape[1])
            before, char, trail = members[row], found.here.chars[column], found.here.bytes[column]
            score = float(scores[row, column])
            yield float(ranks[place]), Path(
                before.text + char,
                int(found.here.symbols[column]),
                trail,
                trail,
                False,
                score,
                score + before.total - before.score,
                before.filled + 2,
                before.named,
                quotes_after(before.quotes, char),
            )

    def _bridges(self, position: int) -> Callable[[int], Bridges]:
        """Tell for a lead byte the bad pairs between it and what stands at a position."""
        token = token_at(self.text, position) if position < len(self.text) else None
        if token is None or not token.swallowed:
            trail = (cp936.encode(token.char) if token else None) or b"\0"
            return lambda lead: bridges(lead, trail[0])
        by_lead = named_bytes(token.gloss)
        return lambda lead: bridged(
            lead, lambda second: "".join(char for char, *_ in by_lead.get(second, ()))
        )

    def _after_split(self, members: list[Path], token: Token) -> list[Fan]:
        """The mark at a false split: its first byte ends a character of unknown lead."""
        data = cp936.encode(token.char.translate(FULL_WIDTH)) or b""
        if len(data) != 2 or token.gloss:
            return []
        halves = ending_with(data[0])
        scores = self._each(members, halves, broken=False)
        return [_fan(members, scores, halves, data[1], data[1])]

    def _close(
        self, paths: list[Path], fans: list[Fan], start: int, end: int, context: str
    ) -> Realigned | None:
        """Choose among hypotheses that are all in step, seeing one character beyond."""
        on = Way(self._beyond(end), -1, -1)
        ends = [follow(path, on) for path in paths if path.pending < 0]
        ends += [path for fan in fans if fan.pending < 0 for path in chosen(fan, on)]
        if not ends:
            return None
        different = {path.text: path for path in sorted(ends, key=SCORE)}.values()
        best = max(different, key=SCORE)
        text = best.text[len(context) : -1]
        if text == self.text[start:end]:
            return None
        odds = sum(math.exp(max(path.total - best.score, -700.0)) for path in different)
        return Realigned(start, end, text, 1.0 / odds, best.score, best.filled, best.named)


def _fan(
    members: Sequence[Path], scores: Matrix, halves: Halves, pending: int, last: int
) -> Fan:
    """Gather what each hypothesis may go on with."""
    rows, width = scores.shape

    def make(place: int) -> tuple[Path, str]:
        row, column = divmod(place, width)
        return members[row], halves.chars[column]

    extra = np.array([path.total - path.score for path in members])
    sentences = (width * np.arange(rows)[:, None] + halves.sentences).ravel()
    return Fan(
        scores.ravel(),
        extra.repeat(width),
        np.tile(halves.symbols, rows),
        sentences,
        pending,
        last,
        make,
    )


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
