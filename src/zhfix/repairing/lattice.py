"""Undo a wrong decode that also lost bytes: a beam search under what the bytes still say.

Each character of the damaged text stands for one of a few byte sequences, some bytes of which are
unknown: `?` may be a question mark, a byte that could not be read, or that and the byte after it;
a space may have been a no-break space; between two characters a byte may have vanished. The
search walks over the text, reads those bytes as the true encoding, and asks the language model
which characters the unknown bytes make. Text that was never damaged may stand at any point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.repairing.alignment import SWITCH
from zhfix.repairing.codecs import NONE, reading
from zhfix.repairing.holes import LEAST_CHANCE, UNKNOWN, Between, Seen, chances, script_of
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.search import Pair, reading_costs
from zhfix.repairing.spelling import length, plan, priced, reader
from zhfix.repairing.templates import END, LOST, Option, gaps, options, other_case

if TYPE_CHECKING:
    from zhfix.repairing.spelling import Reader
    from zhfix.repairing.templates import Template

__all__ = ["Filled", "Piece", "fill"]

#: Prices in nats, beside those of the bytes that a character may stand for: something vanished
#: before it, the last character lacks bytes, one is given up.
PRICE_GAP = 4.0
PRICE_TAIL = 1.0
PRICE_BROKEN = 20.0
#: Where what follows costs less than this, nothing vanished before it.
LIKELY = 7.0
#: States that are kept at each character, and how far behind the best one may be.
BEAM = 14
BEHIND = 13.0
#: No character is likelier than certain, but for what rounding adds.
ROUNDING = 1.0
#: How often holes are chosen again, each in view of the others.
ROUNDS = 3
#: All guesses of an edit together must be this likely, or some are given up.
LEAST_SURE = 0.36
#: Nobody but us cuts a text so long in the middle of a character.
CUT = 200


class Piece(NamedTuple):
    """A part of a repaired run: `lossy` where something was lost.

    `guessed` says that a character of it was chosen, `sure` how likely the choice is; what is
    too uncertain for a guess is U+FFFD.
    """

    start: int
    end: int
    after: str
    lossy: bool
    guessed: bool = False
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Filled:
    """The repaired runs of a text, in pieces, and what they gain together, in nats."""

    pieces: tuple[Piece, ...]
    gain: float


class _State(NamedTuple):
    score: float
    symbol: int
    pending: Template
    damaged: bool
    trail: _Step | None
    earlier: int = 0


class _Step(NamedTuple):
    """What one character of the damaged text became on one path.

    `at` is its index, `holes` are (index in `emitted`, bytes of the character, some unknown).
    """

    before: _Step | None
    at: int
    emitted: str
    lossy: bool
    damaged: bool
    open: bool
    holes: tuple[tuple[int, Template], ...] = ()


def fill(
    text: str, pair: Pair, *, before: str = "", after: str = "", folded: bool = False
) -> Filled | None:
    """Undo `pair` in a short text that lost bytes; None when nothing becomes likelier.

    >>> filled = fill("鍥句功棣?", Pair("utf-8", "gbk"))
    >>> "".join(piece.after for piece in filled.pieces)
    '图书馆'

    A guess is a guess. With `folded` every letter may have been of the other
    case, as after `str.lower`. Works in time linear in the length, some 0.1 ms a
    character.
    """
    model = LanguageModel.load()
    ids = model.encode(f"{before[-1:] or chr(10)}{text}{after[:1] or chr(10)}").tolist()
    ends = END if after[:1] in ("", "\n") else NONE
    codes = [*reading(pair.wrong).encode(text).tolist(), ends]
    states = [_State(0.0, ids[0], (), False, None)]
    walk = _Walk(pair)
    for index, character in enumerate(text):
        inside = character > "\x7f" and index > 0 and text[index - 1] > "\x7f"
        possible = options(character, codes[index], codes[index + 1], pair)
        if folded:
            possible += other_case(character, pair)
        switch = SWITCH if inside else 0.0
        here = _Here(index, character, ids[index + 1], codes[index], possible, switch)
        states = _prune(walk.step(states, here))
        if not states:
            return None
    if after[:1] > "\x7f":  # the text goes on: nothing was cut here
        whole = [state for state in states if not state.pending]
        # Where a long text was cut in pieces, its last character belongs to the next one.
        states = whole or [s._replace(pending=()) for s in states if len(text) >= CUT]
    best = walk.finish(states, ids[-1], len(text))
    return None if best is None else _filled(text, best, walk.reader, before, after)


class _Here(NamedTuple):
    """A character of the damaged text, what it may stand for, and the price of a border there."""

    place: int
    character: str
    symbol: int
    code: int
    options: list[Option]
    switch: float


class _Walk:
    """One step of the search: what every state becomes behind the next character."""

    def __init__(self, pair: Pair) -> None:
        self.reader = reader(pair.true)
        # Pairs of GBK and Big5 fit everywhere: what vanished between them nothing tells.
        self.gaps = gaps(pair.wrong) if pair.true == "utf-8" else ()
        self.wide = reading(pair.wrong).wide

    def step(self, states: list[_State], here: _Here) -> list[_State]:
        """Return the states behind a character."""
        grown: list[list[_State]] = []
        gapped: list[tuple[list[_State], _State, Option]] = []
        best = -math.inf
        for state in (*states, *_broken(states, here.place)):
            if not state.pending:
                grown.append([_unharmed(state, here)])
                best = max(best, grown[-1][0].score)
            start = state if state.damaged else state._replace(score=state.score - here.switch)
            for option in here.options:
                # What is dropped in any case need not be made, but for what `_reads` looks at.
                least = min(best - BEHIND - ROUNDING, start.score - LIKELY)
                fed = self._feed(start, option, here.place, least)
                best = max(best, *(one.score for one in fed), -math.inf)
                grown.append(fed)
                if (
                    self.gaps
                    and state.pending
                    and here.code != NONE
                    and not self._reads(start, fed)
                ):
                    gapped.append((fed, start, option))
        least = best - BEHIND - ROUNDING
        for fed, start, option in gapped:
            for gap in self.gaps:
                both = Option(gap + option.template, option.price + PRICE_GAP, True)
                fed.extend(self._feed(start, both, here.place, least))
        return [one for fed in grown for one in fed]

    def finish(self, states: list[_State], last: int, size: int) -> _State | None:
        """Return the best state behind the last character, before the symbol `last`."""
        ended: list[_State] = []
        for state in (*states, *_broken(states, size)):
            if not state.pending:
                ended.append(state)
                continue
            if len(state.pending[0]) > 1:
                continue  # not a byte is known of it: there is no such character
            missing = length(self.reader.true, state.pending[0]) - len(state.pending)
            tail = Option((LOST,) * missing, PRICE_TAIL, True)
            ended += self._feed(state, tail, size - 1, -math.inf)
        step = LanguageModel.load().step
        scored = [(s.score + step(s.symbol, last), s) for s in ended if not s.pending]
        return max(scored, key=lambda item: item[0])[1] if scored else None

    def _feed(self, state: _State, option: Option, place: int, least: float) -> list[_State]:
        """Return the states after these bytes: none where they cannot be read.

        Those that are worth no more than `least` may be left out.
        """
        template, price, lossy = option
        if state.score - price <= least:
            return []
        known = plan(self.reader.true, state.pending, template)
        if known is None:
            return []
        characters, rest, is_open = known
        trail = state.trail
        if not characters:
            step = _Step(trail, place, "", lossy, True, is_open)
            return [_State(state.score - price, state.symbol, rest, True, step, state.earlier)]
        ways = [(state.score - price, state.symbol, state.earlier, "")]
        holes: tuple[tuple[int, Template], ...] = ()
        for number, (character, is_known) in enumerate(characters):
            if not is_known:
                holes = (*holes, (number, character))
            ways = [
                (score + worth, following, symbol, text + read)
                for score, symbol, earlier, text in ways
                if score > least
                for worth, following, read in self.reader.choices(earlier, symbol, character)
            ]
        return [
            _State(
                score,
                symbol,
                rest,
                True,
                _Step(trail, place, text, lossy, True, is_open, holes),
                earlier,
            )
            for score, symbol, earlier, text in ways
        ]

    def _reads(self, start: _State, fed: list[_State]) -> bool:
        """Whether what follows is so likely that nothing vanished before it."""
        least = start.score - LIKELY
        return self.wide and any(one.score > least for one in fed if one.earlier)


def _unharmed(state: _State, here: _Here) -> _State:
    """Return the state where a character is what it seems."""
    cost = priced(state.earlier, state.symbol, here.symbol) - here.switch * state.damaged
    trail = _Step(state.trail, here.place, here.character, False, False, False)
    return _State(state.score + cost, here.symbol, (), False, trail, state.symbol)


def _broken(states: list[_State], index: int) -> list[_State]:
    """Give unfinished characters up: what is left of each is marked, and reading starts anew."""
    mark = int(LanguageModel.load().symbols[0xFFFD])
    best = max((state for state in states if state.pending), default=None, key=lambda s: s.score)
    if best is None:
        return []
    trail = _Step(best.trail, index - 1, "\ufffd", True, True, False)
    return [_State(best.score - PRICE_BROKEN, mark, (), True, trail)]


def _prune(states: list[_State]) -> list[_State]:
    """Keep the best of each kind of state, and of those the best."""
    best: dict[tuple[int, Template, bool], _State] = {}
    for state in states:
        key = (state.symbol, state.pending, state.damaged)
        held = best.get(key)
        if held is None or held.score < state.score:
            best[key] = state
    kept = sorted(best.values(), key=lambda state: -state.score)[:BEAM]
    return [state for state in kept if state.score > kept[0].score - BEHIND]


def _filled(text: str, best: _State, reader: Reader, left: str, right: str) -> Filled | None:
    """Follow the trail back and cut it where no character is unfinished."""
    steps: list[_Step] = []
    trail = best.trail
    while trail is not None:
        steps.append(trail)
        trail = trail.before
    steps.reverse()
    whole, chosen = _rechosen(steps, reader, left, right)
    pieces: list[Piece] = []
    held: list[_Step] = []
    after = ""
    guesses: dict[int, float] = {}  # how likely each is, by its place in `after`
    position = 0  # in `whole`, where the step's first character stands
    for number, step in enumerate(steps):
        emitted = whole[position : position + len(step.emitted)]
        if step.damaged:
            for offset, _ in step.holes:
                guesses[len(after) + offset] = chosen[position + offset]
            after += emitted
            held.append(step)
            same = number + 1 < len(steps) and steps[number + 1].at == step.at
            if not (step.open or same):
                lossy = any(one.lossy for one in held)
                after = _marked(after, guesses)
                sure = math.prod(guesses.values())
                pieces.append(Piece(held[0].at, step.at + 1, after, lossy, bool(guesses), sure))
                held, after, guesses = [], "", {}
        position += len(step.emitted)
    changed = [p for p in _joined(pieces) if text[p.start : p.end] != p.after]
    if not changed:
        return None
    # Many write `?` for ？ between Chinese: as such it is no wonder, and explaining it no gain.
    asked = text.replace("?", "\uff1f")
    old = float(reading_costs(asked, before=left, after=right).sum())
    new = -LanguageModel.load().score(whole, before=left, after=right)
    return Filled(tuple(changed), old - new)


def _marked(after: str, guesses: dict[int, float]) -> str:
    """Put U+FFFD for the least likely guesses, and forget them, until the rest can stand.

    An edit is made as a whole: one character that nobody knows would leave all others damaged.
    """
    characters = list(after)
    while guesses:
        place, least = min(guesses.items(), key=lambda item: item[1])
        if least >= LEAST_CHANCE and math.prod(guesses.values()) >= LEAST_SURE:
            break
        characters[place] = "\ufffd"
        del guesses[place]
    return "".join(characters)


def _rechosen(
    steps: list[_Step], reader: Reader, left: str, right: str
) -> tuple[str, dict[int, float]]:
    """Choose again for each hole, now that what stands around it is known.

    Returns the whole text, and how likely each choice is by its index. The beam saw pairs only,
    and what comes later not at all; what is whole elsewhere speaks for what recurs.
    """
    whole = list("".join(step.emitted for step in steps))
    holes: list[tuple[int, Template]] = []
    position = 0
    for step in steps:
        holes += ((position + offset, pending) for offset, pending in step.holes)
        position += len(step.emitted)
    if not holes:
        return "".join(whole), {}
    unsure = {at for at, _ in holes}
    known = "".join(UNKNOWN if at in unsure else c for at, c in enumerate(whole))
    seen, script = Seen(known), script_of(known)
    head, tail = left[-2:].rjust(2, UNKNOWN), right[:2].ljust(2, UNKNOWN)
    around = [*head, *whole, *tail]
    chosen: dict[int, float] = {}
    for _ in range(ROUNDS):
        before = around.copy()
        for at, pending in holes:
            points, _ = reader.points(pending)
            sides = ("".join(around[at : at + 2]), "".join(around[at + 3 : at + 5]))
            scores = chances(points, Between.of([sides], seen, script))[0]
            top = int(scores.argmax())
            around[at + 2] = chr(points[top])
            chosen[at] = float(1.0 / np.exp(scores - scores[top]).sum())
        if around == before:
            break
    return "".join(around[2:-2]), chosen


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Join neighbouring pieces that lost nothing."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and last.end == piece.start and not (last.lossy or piece.lossy):
            joined[-1] = Piece(last.start, piece.end, last.after + piece.after, False)
        else:
            joined.append(piece)
    return joined
