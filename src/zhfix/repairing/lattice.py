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
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from zhfix.repairing.alignment import SWITCH
from zhfix.repairing.codecs import NONE, reading
from zhfix.repairing.holes import LEAST_CHANCE, UNKNOWN, Between, Seen, chances, script_of
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.search import Pair, reading_costs
from zhfix.repairing.triples import Triples

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Filled", "Piece", "fill"]

END = 0x0A
"""What follows the last character of a line."""
LOST = bytes(range(0x80, 0xFF))
"""A byte of which nothing is known but that it is not ASCII. Bytes are the sets of their values:
one that is known is a set of one."""
EATEN = b"\"'()<> \n,.;:!-0123456789=/"
"""An ASCII byte that a `?` swallowed: a trail byte below 0x40 that is no letter."""
UNDEFINED = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
"""A byte that Windows-1252 does not define: the C1 control it became was dropped."""
_ANY_PAIR = ((LOST, LOST),)
FIRST_PRIVATE = 0xE000
LAST_PRIVATE = 0xF8FF
#: First bytes, in the middle of UTF-8, of pairs that are private use; rows much alike are one.
PRIVATE_ROWS = (range(0xA1, 0xA8), range(0xA8, 0xAA), range(0xAA, 0xB0))

Template: TypeAlias = tuple[bytes, ...]
#: Bytes below may be no second byte of a character: any lead byte is lost before them.
FIRST_TRAIL = 0x40
#: What may follow a lost byte that is lost itself.
_FOLLOWING = range(0xA1, 0xFF)
_FOLLOWING_UTF8 = (*range(0x80, 0xC0), *range(0xE3, 0xEA), 0xEF)
#: Lead bytes of the characters of two bytes that Chinese text has (·, °, ×); with bytes lost, any
#: two would be a letter of some alphabet.
LATIN_LEADS = b"\xc2\xc3"
#: Python's strictest codec of each wide reading.
_STRICT = {"gbk": "gbk", "big5": "big5", "shift-jis": "shift_jis", "euc-kr": "euc_kr"}
#: Prices in nats: how much less likely each kind of loss is than none.
PRICE_LOST = 1.0
PRICE_TWO = 2.5
PRICE_EATEN = 3.0
PRICE_SPACE = 2.0
PRICE_GAP = 4.0
PRICE_TAIL = 1.0
#: Where what follows costs less than this, nothing vanished before it.
LIKELY = 7.0
PRICE_BROKEN = 20.0
#: States that are kept at each character, and how far behind the best one may be.
BEAM = 14
BEHIND = 13.0
#: No character is likelier than certain, but for what rounding adds.
ROUNDING = 1.0
#: Characters that are tried for one hole.
CHOICES = 12
#: How often holes are chosen again, each in view of the others.
ROUNDS = 3
#: All guesses of an edit together must be this likely, or some are given up.
LEAST_SURE = 0.36
#: Nobody but us cuts a text so long in the middle of a character.
CUT = 200
_QUESTION = ("?", "\ufffd")


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
        options = _options(character, codes[index], codes[index + 1], pair)
        if folded:
            options += _other_case(character, pair)
        switch = SWITCH if inside else 0.0
        here = _Here(index, character, ids[index + 1], codes[index], options, switch)
        states = _prune(walk.step(states, here))
        if not states:
            return None
    if after[:1] > "\x7f":  # the text goes on: nothing was cut here
        whole = [state for state in states if not state.pending]
        # Where a long text was cut in pieces, its last character belongs to the next one.
        states = whole or [s._replace(pending=()) for s in states if len(text) >= CUT]
    best = _finish(states, walk.reader, ids[-1], len(text))
    return None if best is None else _filled(text, best, walk.reader, before, after)


class _Here(NamedTuple):
    """A character of the damaged text, what it may stand for, and the price of a border there."""

    place: int
    character: str
    symbol: int
    code: int
    options: list[tuple[Template, float, bool]]
    switch: float


class _Walk:
    """One step of the search: what every state becomes behind the next character."""

    def __init__(self, pair: Pair) -> None:
        self.reader = _reader(pair.true)
        # Pairs of GBK and Big5 fit everywhere: what vanished between them nothing tells.
        self.gaps = _gaps(pair.wrong) if pair.true == "utf-8" else ()
        self.wide = reading(pair.wrong).wide

    def step(self, states: list[_State], here: _Here) -> list[_State]:
        """Return the states behind a character."""
        grown: list[list[_State]] = []
        gapped: list[tuple[list[_State], _State, Template, float]] = []
        for state in (*states, *_broken(states, here.place)):
            if not state.pending:
                grown.append([_unharmed(state, here)])
            start = state if state.damaged else state._replace(score=state.score - here.switch)
            for template, price, lossy in here.options:
                fed = self.reader.feed(start, template, price, here.place, lossy=lossy)
                grown.append(fed)
                if (
                    self.gaps
                    and state.pending
                    and here.code != NONE
                    and not self._reads(start, fed)
                ):
                    gapped.append((fed, start, template, price + PRICE_GAP))
        # Those that are so far behind are dropped in any case.
        least = max((one.score for fed in grown for one in fed), default=0.0) - BEHIND - ROUNDING
        for fed, start, template, price in gapped:
            if start.score - price > least:
                for gap in self.gaps:
                    both = gap + template
                    fed.extend(self.reader.feed(start, both, price, here.place, lossy=True))
        return [one for fed in grown for one in fed]

    def _reads(self, start: _State, fed: list[_State]) -> bool:
        """Whether what follows is so likely that nothing vanished before it."""
        least = start.score - LIKELY
        return self.wide and any(one.score > least for one in fed if one.earlier)


def _unharmed(state: _State, here: _Here) -> _State:
    """Return the state where a character is what it seems."""
    cost = _priced(state.earlier, state.symbol, here.symbol) - here.switch * state.damaged
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


def _options(
    character: str, code: int, following: int, pair: Pair
) -> list[tuple[Template, float, bool]]:
    """Return the byte templates of a character, each with its price.

    `following` is the code of the next character: a byte was lost because those two do not go
    together.
    """
    if character == "\n":
        return []
    found: list[tuple[Template, float, bool]] = []
    if code != NONE:
        found.append((_known(code), 0.0, False))
    if character in _QUESTION:
        first = following >> 8 or following
        if lost := refused(pair).get(NONE if following == NONE else first, LOST):
            found.append(((lost,), PRICE_LOST, True))
        if reading(pair.wrong).wide:
            found += [(two, PRICE_TWO, True) for two in _gaps(pair.wrong)]
            if character == "?" and following != END:
                found.append(((LOST, EATEN), PRICE_EATEN, True))
    elif character == " " and not reading(pair.wrong).wide:
        found.append(((b"\xa0",), PRICE_SPACE, True))
    return found


def _known(code: int) -> Template:
    """Return the bytes of a character that lost nothing."""
    data = bytes((code >> 8, code & 255)) if code > 0xFF else bytes((code,))
    return tuple(data[at : at + 1] for at in range(len(data)))


@cache
def _gaps(wrong: str) -> tuple[Template, ...]:
    """Return what can have vanished between two characters, or become one `?`.

    That are the pairs of bytes that CP936 reads as private use and other tables not at all.
    """
    if not reading(wrong).wide:
        return ((UNDEFINED,),)
    if wrong != "gbk":
        return _ANY_PAIR
    found = []
    for leads in PRIVATE_ROWS:
        trails = set()
        for lead in leads:
            row = reading(wrong).pairs[lead << 8 : (lead + 1) << 8]
            private = np.flatnonzero((row >= FIRST_PRIVATE) & (row <= LAST_PRIVATE))
            trails.update(private[private >= LOST[0]].tolist())
        found.append((bytes(leads), bytes(sorted(trails))))
    return tuple(found)


@cache
def refused(pair: Pair) -> dict[int, bytes]:
    """For each byte that may come next, the bytes that the wrong decoder refuses before it.

    The strictest table decides: what it refuses, another may have read. `NONE` stands for a next
    byte that is lost as well; bytes before which anything is refused are not in the table.
    """
    codec = _STRICT.get(pair.wrong)
    if codec is None:
        return {}
    found = {}
    for following in range(FIRST_TRAIL, 0x100):
        both = ((lead, bytes((lead, following))) for lead in LOST)
        found[following] = bytes(lead for lead, data in both if _unreadable(data, codec))
    likely = _FOLLOWING_UTF8 if pair.true == "utf-8" else _FOLLOWING
    found[NONE] = bytes(sorted(set().union(*(found[following] for following in likely))))
    return found


def _unreadable(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        return error.start == 0
    return False


def _other_case(character: str, pair: Pair) -> list[tuple[Template, float, bool]]:
    """Return the bytes of the letters that become this one when the case is changed."""
    return [((bytes((code,)),), 0.0, False) for code in _case_codes(pair.wrong).get(character, ())]


@cache
def _case_codes(wrong: str) -> dict[str, tuple[int, ...]]:
    """Map what changing the case makes of a letter to the bytes of that letter.

    It is a table of its own because case is no pair: `µ` becomes Greek `Μ`, which stays Greek.
    """
    found: dict[str, tuple[int, ...]] = {}
    for code, point in enumerate(reading(wrong).singles.tolist()):
        letter = chr(point) if point >= 0 else ""
        for changed in {letter.lower(), letter.upper()} - {letter}:
            found[changed] = (*found.get(changed, ()), code)
    return found


@lru_cache(maxsize=1 << 14)
def _priced(earlier: int, previous: int, following: int) -> float:
    """Return what one symbol is worth behind two: most paths ask the same."""
    worth = LanguageModel.load().step(previous, following)
    return worth + Triples.load().bonus_of(earlier, previous, following) if earlier else worth


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


def _finish(states: list[_State], reader: _Reader, last: int, length: int) -> _State | None:
    ended: list[_State] = []
    for state in (*states, *_broken(states, length)):
        if not state.pending:
            ended.append(state)
            continue
        if len(state.pending[0]) > 1:
            continue  # not a byte is known of it: there is no such character
        holes = (LOST,) * (_length(reader.true, state.pending[0]) - len(state.pending))
        ended += reader.feed(state, holes, PRICE_TAIL, length - 1, lossy=True)
    scored = [
        (s.score + LanguageModel.load().step(s.symbol, last), s) for s in ended if not s.pending
    ]
    return max(scored, key=lambda item: item[0])[1] if scored else None


def _filled(text: str, best: _State, reader: _Reader, left: str, right: str) -> Filled | None:
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
    steps: list[_Step], reader: _Reader, left: str, right: str
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


class _Plan(NamedTuple):
    """The characters that some bytes end, whether all of each is known, and what then waits."""

    characters: tuple[tuple[Template, bool], ...]
    rest: Template
    is_open: bool


@lru_cache(maxsize=1 << 14)
def _plan(true: str, pending: Template, template: Template) -> _Plan | None:
    """Tell what becomes of bytes behind others that wait; None if they cannot be read."""
    characters: list[tuple[Template, bool]] = []
    for byte in template:
        pending = (*pending, byte)
        size = _length(true, pending[0])
        if not size or not _fits(true, pending):
            return None
        if len(pending) == size:
            characters.append((pending, all(len(one) == 1 for one in pending)))
            pending = ()
    return _Plan(tuple(characters), pending, bool(pending))


def _length(true: str, lead: bytes) -> int:
    """Return how many bytes the character takes that begins so; 0 if none does."""
    if lead[-1] < 0x80:
        return 1
    if true != "utf-8":
        return 2 if lead[0] <= 0xFE and lead[-1] >= 0x81 else 0
    if len(lead) > 1:  # a lost lead byte was that of a Han character or of punctuation
        return 3 if lead[-1] >= 0xE2 else 0
    if lead[0] in LATIN_LEADS:
        return 2
    if 0xE0 <= lead[0] <= 0xEF:
        return 3
    return 4 if 0xF0 <= lead[0] <= 0xF4 else 0


def _fits(true: str, pending: Template) -> bool:
    """Whether the last of these bytes can stand behind the others."""
    if len(pending) == 1:
        return True
    last = pending[-1]
    return last[0] <= 0xBF and last[-1] >= 0x80 if true == "utf-8" else last[-1] >= 0x40


class _Reader:
    """Reads templates of bytes as a true encoding, one character after the other."""

    def __init__(self, true: str) -> None:
        self.true = true
        self.model = LanguageModel.load()
        self.known: dict[Template, tuple[NDArray[np.uint32], NDArray[np.uint16]]] = {}
        if true != "utf-8":
            pairs = reading(true).pairs
            self.pairs = np.where((pairs >= 0xE000) & (pairs <= 0xF8FF), 0, pairs)

    def feed(
        self,
        state: _State,
        template: Template,
        price: float,
        index: int,
        *,
        lossy: bool,
    ) -> list[_State]:
        """Return the states after these bytes: none where they cannot be read."""
        plan = _plan(self.true, state.pending, template)
        if plan is None:
            return []
        characters, rest, is_open = plan
        trail = state.trail
        if not characters:
            step = _Step(trail, index, "", lossy, True, is_open)
            return [_State(state.score - price, state.symbol, rest, True, step, state.earlier)]
        ways = [(state.score - price, state.symbol, state.earlier, "")]
        holes: tuple[tuple[int, Template], ...] = ()
        for place, (character, is_known) in enumerate(characters):
            if not is_known:
                holes = (*holes, (place, character))
            ways = [
                (score + worth, following, symbol, text + read)
                for score, symbol, earlier, text in ways
                for worth, following, read in self._choices(earlier, symbol, character)
            ]
        return [
            _State(
                score,
                symbol,
                rest,
                True,
                _Step(trail, index, text, lossy, True, is_open, holes),
                earlier,
            )
            for score, symbol, earlier, text in ways
        ]

    def _choices(
        self, earlier: int, symbol: int, pending: Template
    ) -> list[tuple[float, int, str]]:
        """Return what each of the likeliest characters is worth, its symbol and itself."""
        points, ids = self.points(pending)
        if not len(points):
            return []
        if len(points) == 1:
            following = ids.item(0)
            return [(_priced(earlier, symbol, following), following, chr(points[0]))]
        scores = self.model.steps(np.array([symbol], np.uint16), ids)
        if earlier:
            before = np.array([earlier]), np.array([symbol])
            scores += Triples.load().bonus(*before, ids)
        if len(points) > CHOICES:
            top = np.argpartition(-scores, CHOICES)[:CHOICES]
            points, ids, scores = points[top], ids[top], scores[top]
        return list(zip(scores.tolist(), ids.tolist(), map(chr, points.tolist()), strict=True))

    def points(self, pending: Template) -> tuple[NDArray[np.uint32], NDArray[np.uint16]]:
        """Return the characters that these bytes can be, and their symbols."""
        found = self.known.get(pending)
        if found is None:
            points = self._spelled(pending)
            found = self.known[pending] = points, self.model.symbols[points]
        return found

    def _spelled(self, pending: Template) -> NDArray[np.uint32]:
        """Return the characters that these bytes can be."""
        if len(pending) == 1:
            return np.frombuffer(pending[0], np.uint8).astype(np.uint32)
        if self.true == "utf-8":
            return _utf8_points(pending)
        return _pair_points(self.pairs, pending)


@cache
def _reader(true: str) -> _Reader:
    return _Reader(true)


#: Where two bytes are unknown only characters at least this likely are tried, where one is, these.
COMMON = -9.5
USED = -14.5
#: Lead bytes of UTF-8 that Chinese text has: punctuation, Han, full-width forms.
_LEADS = np.array((0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEF))


def _likely(points: NDArray[np.uint32], pending: Template) -> NDArray[np.uint32]:
    """Keep the characters that Chinese text really has, when much of them is a guess."""
    unknown = sum(len(byte) > len(UNDEFINED) for byte in pending)
    if not unknown:
        return points
    model = LanguageModel.load()
    floor = COMMON if unknown > 1 else USED
    return points[model.singles[model.symbols[points]] > floor]


def _pair_points(pairs: NDArray[np.uint32], pending: Template) -> NDArray[np.uint32]:
    leads, trails = (np.frombuffer(byte, np.uint8).astype(np.intp) for byte in pending)
    if len(leads) > 1:
        leads = leads[(leads >= 0xA1) & (leads <= 0xF9)]
    points: NDArray[np.uint32] = pairs[(leads[:, None] << 8 | trails[None, :]).ravel()]
    return _likely(points[points > 0], pending)


def _utf8_points(pending: Template) -> NDArray[np.uint32]:
    """Return the characters that UTF-8 writes with these bytes."""
    first, *rest = (np.frombuffer(byte, np.uint8).astype(np.int64) for byte in pending)
    if len(first) > 1:
        first = np.intersect1d(first, _LEADS)
    points = first & (0x7F >> len(pending))
    for byte in rest:
        tail = byte[(byte >= 0x80) & (byte <= 0xBF)] & 0x3F
        points = (points[:, None] << 6 | tail[None, :]).ravel()
    least = {2: 0x80, 3: 0x800, 4: 0x10000}[len(pending)]
    fine = (points >= least) & (points <= 0x10FFFF) & ((points < 0xD800) | (points > 0xDFFF))
    return _likely(points[fine].astype(np.uint32), pending)
