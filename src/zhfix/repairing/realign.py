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
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing import cp936, readings
from zhfix.repairing.arithmetic import solve
from zhfix.repairing.completions import (
    CLOSING_MARKS,
    SENTENCE_MARKS,
    SWALLOWABLE,
    Halves,
    bad_halves,
    beginning_with,
    ending_with,
    form_preference,
    step_costs,
    swallowable,
)
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.readings import characters_read, normal, reads
from zhfix.repairing.tokens import LOST, SPLIT_MARKS, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

#: Hypotheses kept after each token; more did not change a result in simulation.
BEAM = 48

#: Hypotheses that are extended by bytes that nothing names.
BEAM_AT_LOST_BYTES = 12

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

#: Nats for a mark that we choose: pairs charge the word after it for beginning a sentence.
SENTENCE_MARK_BONUS = 1.5
DOUBLED_MARK_PENALTY = 3.0

#: Nats for closing the quote that is open, and against closing one that is not.
MATCHED_QUOTE_BONUS = 3.0

FULL_WIDTH = str.maketrans(",.!?;:()", "，。！？；：（）")

#: `Path.pending` for a lead byte that is lost: larger than any byte.
UNKNOWN = 0x100


class Path(NamedTuple):
    """One hypothesis: the text so far, the bytes that wait, and how probable it is.

    `split` says that a gloss stands between the byte that waits and its trail. A search makes
    hundreds of these for each lost byte, so they are built by position.
    """

    text: str
    pending: int = -1
    last: int = -1
    score: float = 0.0
    scored: int = 1
    filled: int = 0
    split: bool = False
    named: tuple[tuple[str, str], ...] = ()

    def push(self, byte: int) -> Path | None:
        """Append a byte; None when it makes no character."""
        text, pending, _, score, scored, filled, split, named = self
        if pending < 0:
            if byte <= cp936.EURO:
                char = "€" if byte == cp936.EURO else chr(byte)
                return Path(text + char, -1, byte, score, scored, filled, split, named)
            return Path(text, byte, byte, score, scored, filled, split, named)
        char = cp936.character(pending, byte)
        if not char:
            return None
        return Path(text + char, -1, byte, score, scored, filled, split, named)

    def push_all(self, data: bytes) -> Path | None:
        """Append bytes, as long as they make characters."""
        path: Path | None = self
        for byte in data:
            path = path.push(byte) if path else None
        return path

    def append(self, added: str) -> Path | None:
        """Append characters that stand by themselves; None inside a character."""
        text, pending, _, score, scored, filled, split, named = self
        if pending >= 0:
            return None
        return Path(text + added, pending, -1, score, scored, filled, split, named)

    def plus(self, added: float = 0.0, filled: int = 0) -> Path:
        """Return the path with a penalty or bonus, and a count of bytes that were chosen."""
        text, pending, last, score, scored, before, split, named = self
        return Path(text, pending, last, score + added, scored, before + filled, split, named)


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
        self.start = 0
        self._begun: tuple[int, dict[int, list[str]]] = (-1, {})
        self.allowance = allowance

    def realign(self, first: Token, *, context: str) -> Realigned | None:
        """Find what stood from this cut to where bytes and text are in step again.

        `context` is the repaired character before it; its last byte touched the cut even if
        its own gloss stands between them, for that may have been inserted later. None when
        no hypothesis survives but that nothing was cut.
        """
        self.start = first.start
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
            paths = self._prune(self._step(paths, token))
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

    def _step(self, paths: Iterable[Path], token: Token) -> list[Path]:
        """Extend every hypothesis by one token."""
        extended: list[Path] = []
        if token.char in LOST and not token.swallowed:
            # Each of them branches into hundreds.
            paths = self._best(paths, BEAM_AT_LOST_BYTES)
        for path in paths:
            for longer in self._extend(path, token):
                text, pending, last, score, scored, filled, _, named = longer
                score += self._unglossed(path, longer, token)
                split = pending >= 0 and bool(token.gloss)
                extended.append(Path(text, pending, last, score, scored, filled, split, named))
        self.allowance -= len(extended)
        return extended

    def _unglossed(self, before: Path, after: Path, token: Token) -> float:
        """Penalise characters that the page glosses everywhere and that stand bare here."""
        fresh = after.text[len(before.text) :]
        penalty = 0.0
        for index, char in enumerate(fresh):
            broken = index == 0 and before.pending >= 0 and before.split
            glossed = bool(token.gloss) and index == len(fresh) - 1
            if char in self.glosses and not broken and not glossed:
                penalty -= UNGLOSSED_PENALTY
        return penalty

    def _extend(self, path: Path, token: Token) -> Iterator[Path]:
        if path.pending == UNKNOWN:
            yield from self._after_split(path, token)
        elif token.swallowed:
            yield from self._named_byte(path, token)
        elif token.char in LOST and not token.gloss:
            yield from self._lost_bytes(path, token)
        else:
            yield from self._plain(path, token)

    def _plain(self, path: Path, token: Token) -> Iterator[Path]:
        """A character that was decoded, maybe from halves of two."""
        data = cp936.encode(token.char)
        longer = path.append(token.char) if data is None else path.push_all(data)
        if longer is None:
            return
        if token.gloss:
            if char := self._glossed(path, token):
                longer = longer._replace(named=(*longer.named, (char, token.gloss)))
            else:
                longer = longer.append(self.text[token.start + 1 : token.end])
        if longer is not None:
            yield longer

    def _glossed(self, before: Path, token: Token) -> str:
        """The character that a gloss names: the one its last two bytes make."""
        data = cp936.encode(token.char) or b""
        pair = data if len(data) == 2 else bytes((max(before.pending, 0), *data))
        char = cp936.tables().decode.get(pair, "")
        return char if char and reads(char, token.gloss) else ""

    def _named_byte(self, path: Path, token: Token) -> Iterator[Path]:
        """`?guī)`: the lost byte and the one before it are a character read `guī`."""
        known = readings.load()
        chars = characters_read(token.gloss)
        for char in chars:
            lead, trail = cp936.tables().encode[char]
            if lead != path.last:
                continue
            longer = path.push(trail) if path.pending >= 0 or trail > cp936.EURO else None
            if longer is None:
                continue
            bonus = KNOWN_GLOSS_BONUS * (char in self.glosses)
            bonus += FIRST_READING_BONUS * (known.first.get(char) == normal(token.gloss))
            named = (*path.named, (char, token.gloss))
            yield longer._replace(score=longer.score + bonus, named=named)
        if path.pending < 0:
            for char in [c for c in chars if c in self.glosses] or chars:
                whole = path.append(char)
                if whole is not None:
                    trail = cp936.tables().encode[char][1]
                    yield whole._replace(last=trail).plus(-WHOLE_CHARACTER_PENALTY, 2)

    def _lost_bytes(self, path: Path, token: Token) -> Iterator[Path]:
        """A bare `?`: itself, a lone half, a whole bad pair, or a half and what it ate."""
        following = self.text[token.end] if token.end < len(self.text) else "\n"
        at_split = following in SPLIT_MARKS
        if path.pending < 0:
            literal = path.append(token.char)
            if literal is not None:
                yield literal
            if at_split:
                yield path._replace(pending=UNKNOWN)
            return
        completed = self._chosen(path, beginning_with(path.pending), -1)
        if at_split or following == "\n":
            yield from completed
        yield from self._bad_pairs(path, token.end)
        yield from self._swallowing(completed[:SWALLOWING_PATHS], token.end)

    def _chosen(self, path: Path, halves: Halves, pending: int) -> list[Path]:
        """The likeliest characters that share a known byte, best first, already scored."""
        text, _, _, score, _, filled, split, named = path
        previous = self.model.symbols[ord(text[-1])]
        scores = step_costs(previous, halves.symbols) + halves.preference
        for mark in halves.marks:
            scores[mark] += self._preference(text + halves.chars[mark], halves.chars[mark])
        size, found = len(text) + 1, []
        for index in np.argsort(-scores, kind="stable")[:BEAM].tolist():
            total = score + float(scores[index])
            last = halves.bytes[index] if pending < 0 else pending
            char = halves.chars[index]
            found.append(Path(text + char, pending, last, total, size, filled + 1, split, named))
        return found

    def _swallowing(self, completed: list[Path], end: int) -> Iterator[Path]:
        """The likeliest ASCII characters that the lost byte can have eaten."""
        if not completed:
            return
        symbols, preference = swallowable()
        before = np.array([self.model.symbols[ord(path.text[-1])] for path in completed])
        scores = step_costs(before[:, None], symbols[None, :]) + preference
        scores += np.array([self._swallowed(path.text[-1], end) for path in completed])
        scores += np.array([path.score for path in completed])[:, None]
        for place in np.argsort(-scores, axis=None, kind="stable")[:BEAM].tolist():
            row, column = divmod(place, len(SWALLOWABLE))
            text, _, _, _, _, filled, split, named = completed[row]
            longer, total = text + SWALLOWABLE[column], float(scores[row, column])
            yield Path(longer, -1, -1, total, len(longer), filled + 1, split, named)

    def _swallowed(self, previous: str, end: int) -> NDArray[np.float64]:
        """What the model can't tell of eaten characters: years, line ends, spaces."""
        bonus = np.zeros(len(SWALLOWABLE))
        if YEAR_TAIL.match(self.text, end):
            bonus[SWALLOWABLE.index("1")] = YEAR_BONUS
        misplaced = " " if previous in LINE_ENDING_MARKS else "\n"
        bonus[SWALLOWABLE.index(misplaced)] = -MISPLACED_SPACE_PENALTY
        return bonus

    def _bad_pairs(self, path: Path, end: int) -> Iterator[Path]:
        """Every bad pair whose halves complete this character and begin the next.

        The next character's other half is known, or its reading is, so both are scored at once.
        """
        if self._begun[0] != end:
            self._begun = (end, {})
        begun = self._begun[1]
        found: list[tuple[str, int]] = []
        for here, trail in bad_halves(path.pending):
            if (after := begun.get(trail)) is None:
                after = begun[trail] = self._begun_by(trail, end)
            found += [(here + char, trail) for char in after]
        if not found:
            return
        scores = [
            float(score) + self._preference(path.text + both, both)
            for (both, _), score in zip(found, self._steps(path.text, found), strict=True)
        ]
        for index in np.argsort(scores)[::-1][:BEAM]:
            (here, _), trail = found[index]
            yield path._replace(
                text=path.text + here,
                pending=trail,
                last=trail,
                score=path.score + scores[index],
                scored=len(path.text) + 2,
                filled=path.filled + 2,
            )

    def _begun_by(self, lead: int, position: int) -> list[str]:
        """The characters of that lead byte that what follows can complete."""
        if position >= len(self.text):
            return []
        token = token_at(self.text, position)
        if token.swallowed:
            encode = cp936.tables().encode
            return [char for char in characters_read(token.gloss) if encode[char][0] == lead]
        data = cp936.encode(token.char) or b"\0"
        return [char] if (char := cp936.character(lead, data[0])) else []

    def _steps(self, text: str, found: list[tuple[str, int]]) -> NDArray[np.float64]:
        """Log-probability of each pair of characters after a text."""
        previous = self.model.encode(text[-1])
        ids = self.model.encode("".join(both for both, _ in found)).reshape(-1, 2)
        return step_costs(previous, ids[:, 0]) + step_costs(ids[:, 0], ids[:, 1])

    def _after_split(self, path: Path, token: Token) -> Iterator[Path]:
        """The mark at a false split: its first byte ends a character of unknown lead."""
        data = cp936.encode(token.char.translate(FULL_WIDTH)) or b""
        if len(data) != 2 or token.gloss:
            return
        yield from self._chosen(path, ending_with(data[0]), data[1])

    def _prune(self, paths: list[Path]) -> list[Path]:
        """Score what is new, merge equal ones, keep the best."""
        best: dict[tuple[str, int], Path] = {}
        for path in self._scored(paths):
            key = (path.text, path.pending)
            if key not in best or best[key].score < path.score:
                best[key] = path
        # Two beams: many ways to be back in step must not crowd out the one still out of it.
        in_step = [path for path in best.values() if path.pending < 0]
        waiting = [path for path in best.values() if path.pending >= 0]
        return self._best(in_step, BEAM) + self._best(waiting, BEAM)

    def _best(self, paths: Iterable[Path], count: int) -> list[Path]:
        return sorted(paths, key=lambda path: -path.score)[:count]

    def _scored(self, paths: list[Path]) -> list[Path]:
        """Add the model's steps for the characters that are new, in one look-up."""
        waiting = [path for path in paths if len(path.text) > path.scored]
        done = [path for path in paths if len(path.text) <= path.scored]
        if not waiting:
            return done
        fresh = [path.text[path.scored - 1 :] for path in waiting]
        lengths = np.array([len(text) for text in fresh], dtype=np.intp)
        ids = self.model.encode("".join(fresh))
        starts = np.cumsum(lengths) - lengths
        steps = np.zeros(len(ids))
        steps[1:] = step_costs(ids[:-1], ids[1:])
        steps[starts] = 0.0
        totals = np.add.reduceat(steps, starts)
        return done + [
            path._replace(
                score=path.score + float(total) + self._preference(path.text, text[1:]),
                scored=len(path.text),
            )
            for path, text, total in zip(waiting, fresh, totals, strict=True)
        ]

    def _preference(self, text: str, fresh: str) -> float:
        """What pairs of characters can't tell: the page's script, and which quote is open."""
        preference = 0.0
        for previous, char in pairwise(text[-len(fresh) - 1 :]):
            if char in SENTENCE_MARKS:
                doubled = previous in SENTENCE_MARKS
                preference += -DOUBLED_MARK_PENALTY if doubled else SENTENCE_MARK_BONUS
            elif char in CLOSING_MARKS:
                is_open = self._last_open(text[1 : -len(fresh)]) == CLOSING_MARKS[char]
                preference += MATCHED_QUOTE_BONUS if is_open else -MATCHED_QUOTE_BONUS
            else:
                preference += form_preference(char)
        return preference

    def _last_open(self, text: str) -> str:
        """The opening mark that waits to be closed, in this line and hypothesis."""
        line = self.text[self.text.rfind("\n", 0, self.start) + 1 : self.start] + text
        stack: list[str] = []
        for char in line:
            if char in CLOSING_MARKS.values():
                stack.append(char)
            elif stack and CLOSING_MARKS.get(char) == stack[-1]:
                stack.pop()
        return stack[-1] if stack else ""

    def _literal(self, token: Token) -> str:
        return self.text[token.start : token.end]

    def _close(
        self, paths: list[Path], start: int, end: int, literal: str, context: str
    ) -> Realigned | None:
        """Choose among hypotheses that are all in step, seeing one character beyond."""
        beyond = token_at(self.text, end).char if end < len(self.text) else "\n"
        ended = [path.append(beyond) for path in paths]
        ranked = self._best(self._scored([path for path in ended if path is not None]), BEAM)
        if not ranked:
            return None
        best = ranked[0]
        text = best.text[len(context) : -1]
        unchanged = self.model.score(literal[len(context) :] + beyond, before=context)
        gain = best.score - unchanged
        if text == literal[len(context) :]:
            return None
        rivals: dict[str, float] = {}
        for path in ranked[::-1]:
            rivals[path.text] = path.score - best.score
        odds = sum(math.exp(max(score, -700.0)) for score in rivals.values())
        return Realigned(start, end, text, 1.0 / odds, gain, best.filled, best.named)
