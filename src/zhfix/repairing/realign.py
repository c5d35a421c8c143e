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
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import Known, advance, named_bytes, solve
from zhfix.repairing.completions import (
    SWALLOWABLE,
    Bridges,
    Halves,
    beginning_with,
    bridges,
    bridges_to,
    ending_with,
    step_costs,
    swallowable,
    swallowing,
    symbol_of,
)
from zhfix.repairing.hypotheses import Fan, Path, Way, chosen, follow, mark_worth, merged, quotes_after
from zhfix.repairing.model import BORDER, LanguageModel
from zhfix.repairing.readings import characters_read, reads
from zhfix.repairing.tokens import LOST, SPLIT_MARKS, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]

#: Hypotheses kept after each token; more did not change a result in simulation.
BEAM = 24

#: Nats below the best hypothesis at which another is given up. One that is out of step has a
#: character less, and a rare one costs 20.
HOPELESS = 30.0

#: The same of bad pairs with what follows, of which there are hundreds.
UNLIKELY = 15.0

#: So many steps behind a lost byte tell whether the text is in step again, in nats a step: text
#: that is out of step costs 10 and more, or holds letters that were second halves.
READ_ON = 3
WELL_READ = 8.0

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

#: A half may be all that a `?` stands for before these: the text was cut there.
LONE_BEFORE = SPLIT_MARKS + "\n"

SCORE = attrgetter("score")


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
        self.glossed = np.zeros(0x10000, np.bool_)
        """Which characters the page glosses."""
        self.counted = 0

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
            if len(options) == 1 and self._reads_well(options[0], context) is not None:
                path = self._path(start, context, options[0])
                if found := self._searched(path, start, options[0].end, context):
                    return found
        elif found := self._split(first, context):
            return found
        last = (cp936.encode(context) or b"\xff")[-1]
        path = self._path(start, context, Known(start, last=last))
        return self._searched(path, start, start, context)

    def _settled(self, start: int, options: Sequence[Known], context: str) -> Realigned | None:
        """Choose where arithmetic leaves at most one byte, and what follows is in step."""
        if len(options) == 1:
            known = options[0]
            score = self._reads_well(known, context)
            if score is None:
                return None
            if known.pending >= 0:
                return self._alone(self._path(start, context, known), start, known.end, context)
            return Realigned(start, known.end, known.text, 1.0, score, 0, known.named)
        found: list[tuple[Realigned, Known]] = []
        begun = self._path(start, context, Known(start))
        for known in options:
            bonus = KNOWN_GLOSS_BONUS * (known.named[0][0] in self.glosses)
            bonus += FIRST_READING_BONUS * known.usual
            way = Way(known.text, known.pending, known.last, worth=bonus, named=known.named)
            path = follow(begun, way, split=known.broken)
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

    def _split(self, first: Token, context: str) -> Realigned | None:
        """Choose the byte before a mark that is none, where all behind it is known."""
        if first.end >= len(self.text) or self._in_step(first.end):
            return None
        mark = token_at(self.text, first.end)
        path = self._path(first.start, context, Known(first.start))
        for fan in self._after_split([path], mark):
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

    def _path(self, start: int, context: str, known: Known) -> Path:
        """Begin where arithmetic ends; what it gave needs no price, for there is no choice."""
        text = context + known.text
        return Path(
            text,
            symbol_of(text[-1]),
            known.pending,
            known.last,
            known.broken,
            named=known.named,
            quotes=quotes_after(self._open_quotes(start), known.text),
        )

    def _alone(self, path: Path, start: int, end: int, context: str) -> Realigned | None:
        """Choose for a byte that nothing names, where what follows is in step again for certain."""
        if end >= len(self.text):
            return None
        token = token_at(self.text, end)
        if token.swallowed or token.gloss or token.char not in LOST or not self._in_step(token.end):
            return None
        fan = self._completed([path], token.end, broken=path.split)
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
            if lost_in_a_row > MOST_LOST_IN_A_ROW or lost > MOST_LOST or self.allowance < 0:
                return None
            front = self._step(front, token)
            if not any(front):
                return None
            position = token.end
            waits = front.crossings or any(one.pending >= 0 for one in (*front.paths, *front.fans))
            if not waits or position >= len(self.text):
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

    def _step(self, front: Front, token: Token) -> Front:
        """Extend every hypothesis by one token, and keep the best."""
        paths, fans, crossings = front
        if token.char in LOST and not token.swallowed:
            paths = [*paths, *(path for fan in fans for path in fan.best(BEAM_AT_LOST_BYTES))]
            paths += [path for over in crossings for path in over.best()]
            paths, fans, crossings = nlargest(BEAM_AT_LOST_BYTES, paths, key=SCORE), [], []
            if not token.gloss:
                return self._at_lost(paths, token)
        grown: list[Path] = []
        fresh: list[Fan] = []
        split = bool(token.gloss)
        if split:
            paths = [*paths, *(path for over in crossings for path in over.best())]
        else:
            fresh += [fan for over in crossings for fan in self._crossed(over, token)]
        ways: dict[tuple[int, int, bool], list[Way]] = {}
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
        fresh += self._after_split(unknown, token) if unknown else []
        return self._kept(grown, fresh, [])

    def _at_lost(self, paths: list[Path], token: Token) -> Front:
        """Extend hypotheses by a bare `?`."""
        groups: dict[tuple[int, bool], list[Path]] = {}
        for path in paths:
            groups.setdefault((path.pending, path.split), []).append(path)
        grown: list[Path] = []
        fans: list[Fan] = []
        crossings: list[Crossing] = []
        following = token_at(self.text, token.end) if token.end < len(self.text) else None
        for (pending, split), members in groups.items():
            if pending == UNKNOWN:
                fans += self._after_split(members, token)
            elif pending >= 0:
                fans.append(self._completed(members, token.end, broken=split))
                crossings += self._bad_pairs(members, following, broken=split)
            else:
                grown += [follow(path, Way(token.char, -1, -1)) for path in members]
                if self._beyond(token.end) in SPLIT_MARKS:
                    grown += [path._replace(pending=UNKNOWN) for path in members]
        return self._kept(grown, fans, crossings)

    def _kept(self, grown: list[Path], fans: list[Fan], crossings: list[Crossing]) -> Front:
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
        self.allowance -= len(grown) + BEAM * (len(fans) + len(crossings))
        return Front(grown, fans, crossings)

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
        for column in halves.marks.tolist():
            char = chr(halves.points.item(column))
            scores[:, column] += [mark_worth(p.text[-1], p.quotes, char) for p in members]
        if not broken:
            scores -= self._bare(halves)
        return scores

    def _bare(self, halves: Halves) -> Matrix:
        """The penalties for characters that the page glosses and that would stand bare."""
        if len(self.glosses) != self.counted:
            self.counted = len(self.glosses)
            self.glossed[[ord(char) for char in self.glosses]] = True
        return UNGLOSSED_PENALTY * self.glossed.take(halves.points)

    def _completed(self, members: list[Path], end: int, *, broken: bool) -> Fan:
        """A bare `?` that is a lone half, or a half and the ASCII character that it ate.

        Those that eat are decided before the next character is seen: `?` itself is rare.
        """
        pending = members[0].pending
        halves = beginning_with(pending)
        scores = self._each(members, halves, broken=broken)
        width = len(halves.points)
        best = np.argpartition(-scores, SWALLOWING_PATHS, axis=1)[:, :SWALLOWING_PATHS]
        eaten = swallowing(pending).take(best, axis=0)
        eaten += np.take_along_axis(scores, best, axis=1)[..., None]
        eaten += self._swallowed(end).take(halves.ends_line.take(best), axis=0)
        flat = eaten.ravel()
        kept = np.argpartition(-flat, BEAM)[:BEAM]
        rows, columns, which = np.unravel_index(kept, eaten.shape)
        points = halves.points.take(best[rows, columns])
        worth, symbols = flat.take(kept), swallowable().take(which)
        sentence = np.zeros(BEAM, np.bool_)
        if self._beyond(end) in LONE_BEFORE:
            rows = np.concatenate((rows, np.arange(len(members)).repeat(width)))
            worth = np.concatenate((worth, scores.ravel()))
            symbols = np.concatenate((symbols, np.tile(halves.symbols, len(members))))
            sentence = np.concatenate((sentence, np.tile(halves.sentence, len(members))))

        def added(place: int) -> str:
            if place < BEAM:
                return chr(points.item(place)) + SWALLOWABLE[which.item(place)]
            return chr(halves.points.item((place - BEAM) % width))

        return Fan(members, rows, worth, symbols, sentence, added, pending=-1, last=-1, filled=1)

    def _bad_pairs(
        self, members: list[Path], token: Token | None, *, broken: bool
    ) -> Iterator[Crossing]:
        """Every bad pair whose halves complete this character and begin the next."""
        if token is None:
            return
        lead = members[0].pending
        if token.swallowed:
            named = named_bytes(token.gloss).items()
            found = bridges_to(lead, [(second, one[0]) for second, some in named for one in some])
        else:
            found = bridges(lead, (cp936.encode(token.char) or b"\0")[0])
        if len(found.ahead):
            halves = beginning_with(lead)
            scores = self._each(members, halves, broken=broken).take(found.columns, axis=1)
            yield Crossing(members, halves, scores, found)

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

    def _crossed(self, over: Crossing, token: Token) -> list[Fan]:
        """Go on over the character behind a bad pair: all that it may be, at once."""
        data = cp936.encode(token.char)
        if data is None:
            return []
        after, columns = over.found.after, over.found.columns
        scores = over.scores + over.found.ahead
        scores -= self._bare(after)
        width, members = len(columns), over.members

        def added(place: int) -> str:
            column = place % width
            here = over.halves.points.item(columns.item(column))
            return chr(here) + chr(after.points.item(column))

        return [
            Fan(
                members,
                np.arange(len(members)).repeat(width),
                scores.ravel(),
                np.tile(after.symbols, len(members)),
                np.tile(after.sentence, len(members)),
                added,
                pending=data[1] if len(data) > 1 else -1,
                last=data[-1],
                filled=2,
            )
        ]

    def _after_split(self, members: list[Path], token: Token) -> list[Fan]:
        """The mark at a false split: its first byte ends a character of unknown lead."""
        data = cp936.encode(token.char.translate(FULL_WIDTH)) or b""
        if len(data) != 2 or token.gloss:
            return []
        halves = ending_with(data[0])
        scores = self._each(members, halves, broken=False)
        width = len(halves.points)

        def added(place: int) -> str:
            return chr(halves.points.item(place % width))

        return [
            Fan(
                members,
                np.arange(len(members)).repeat(width),
                scores.ravel(),
                np.tile(halves.symbols, len(members)),
                np.tile(halves.sentence, len(members)),
                added,
                pending=data[1],
                last=data[1],
                filled=1,
            )
        ]

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


class Front(NamedTuple):
    """All hypotheses of a stretch up to some token: single ones, and those that are many."""

    paths: list[Path]
    fans: list[Fan]
    crossings: list[Crossing]


class Crossing(NamedTuple):
    """Bad pairs behind some hypotheses: a matrix of what they are worth; they wait for trails."""

    members: Sequence[Path]
    halves: Halves
    scores: Matrix
    found: Bridges

    def best(self) -> list[Path]:
        """Write out those that begin a likely character."""
        ranks = (self.scores + self.found.ahead).ravel()
        places = np.flatnonzero(ranks >= ranks.max() - UNLIKELY)
        if len(places) > BEAM:
            places = np.argpartition(-ranks, BEAM)[:BEAM]
        paths = []
        for place in places.tolist():
            row, column = divmod(place, len(self.found.columns))
            here = self.found.columns.item(column)
            before, char = self.members[row], chr(self.halves.points.item(here))
            trail, score = self.found.waiting.item(column), self.scores.item(place)
            paths.append(
                before._replace(
                    text=before.text + char,
                    symbol=self.halves.symbols.item(here),
                    pending=trail,
                    last=trail,
                    split=False,
                    score=score,
                    total=score + before.total - before.score,
                    filled=before.filled + 2,
                    quotes=quotes_after(before.quotes, char),
                )
            )
        return paths


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
