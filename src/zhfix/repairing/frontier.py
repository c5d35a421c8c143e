"""All that a stretch of cut bytes may have been so far, and one token more of it.

Hypotheses are carried along, each with the lead byte that still waits for its trail.
"""

from __future__ import annotations

import math
from heapq import nlargest
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from zhfix.repairing import cp936
from zhfix.repairing.arithmetic import named_bytes, named_worth
from zhfix.repairing.hypotheses import FEW, Fan, Path, Way, chosen, follow, merged
from zhfix.repairing.lost_bytes import UNGLOSSED_PENALTY, Crossing, LostBytes
from zhfix.repairing.readings import characters_read, reads
from zhfix.repairing.tokens import LOST, SPLIT_MARKS, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["SCORE", "Front", "Frontier"]

#: Nats below the best hypothesis at which another is given up. One that is out of step has a
#: character less, and a rare one costs 20.
HOPELESS = 30.0

#: Hypotheses that are extended by bytes that nothing names.
MOST_AT_LOST_BYTES = 6

#: Nats for supposing that a `?` ate a whole glossed character and not half of it.
WHOLE_CHARACTER_PENALTY = 10.0

#: `Path.pending` for a lead byte that is lost: larger than any byte.
UNKNOWN = 0x100

SCORE = attrgetter("score")


class Front(NamedTuple):
    """All hypotheses of a stretch up to some token: single ones, and those that are many."""

    paths: list[Path]
    fans: list[Fan]
    crossings: list[Crossing]

    @property
    def waits(self) -> bool:
        """Whether a byte waits in one of them."""
        return (
            bool(self.crossings)
            or any(path.pending >= 0 for path in self.paths)
            or any(fan.pending >= 0 for fan in self.fans)
        )


class Frontier:
    """Extends the hypotheses for a damaged text; `glosses` are the page's own.

    `allowance` is how many may be made in all.
    """

    def __init__(self, text: str, glosses: Mapping[str, str], allowance: float = math.inf) -> None:
        self.text = text
        self.glosses = glosses
        self.allowance = allowance
        self.lost = LostBytes(text, glosses)

    def step(self, front: Front, token: Token) -> Front:
        """Extend every hypothesis by one token, and keep the best."""
        paths, fans, crossings = front
        if token.char in LOST and not token.swallowed:
            paths = [*paths, *(path for fan in fans for path in fan.best(MOST_AT_LOST_BYTES))]
            paths += [path for over in crossings for path in over.best()]
            paths, fans, crossings = nlargest(MOST_AT_LOST_BYTES, paths, key=SCORE), [], []
            if not token.gloss:
                return self._at_lost(paths, token)
        grown: list[Path] = []
        fresh: list[Fan] = []
        split = bool(token.gloss)
        if split:
            paths = [*paths, *(path for over in crossings for path in over.best())]
        else:
            fresh += [fan for over in crossings for fan in self.lost.crossed(over, token)]
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
        fresh += self.lost.after_split(unknown, token) if unknown else []
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
                fans += self.lost.after_split(members, token)
            elif pending >= 0:
                fans.append(self.lost.completed(members, token.end, broken=split))
                crossings += self.lost.bad_pairs(members, following, broken=split)
            else:
                grown += [follow(path, Way(token.char, -1, -1)) for path in members]
                if (self.text[token.end : token.end + 1] or "\n") in SPLIT_MARKS:
                    grown += [path._replace(pending=UNKNOWN) for path in members]
        return self._kept(grown, fans, crossings)

    def _kept(self, grown: list[Path], fans: list[Fan], crossings: list[Crossing]) -> Front:
        """Keep the best.

        Two beams: many ways to be back in step must not crowd out the one still out of it.
        """
        if len(grown) > 1:
            least = max(path.score for path in grown) - HOPELESS
            grown = merged([path for path in grown if path.score >= least])
            if len(grown) > FEW:
                waiting = [path for path in grown if path.pending >= 0]
                in_step = [path for path in grown if path.pending < 0]
                grown = nlargest(FEW, in_step, key=SCORE) + nlargest(FEW, waiting, key=SCORE)
        self.allowance -= len(grown) + FEW * (len(fans) + len(crossings))
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
            charged.append(
                way._replace(worth=way.worth - UNGLOSSED_PENALTY * bare) if bare else way
            )
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
            worth = named_worth(char, self.glosses, usual=usual)
            yield way._replace(worth=worth, named=((char, token.gloss),))
        if pending < 0:
            chars = characters_read(token.gloss)
            for char in [c for c in chars if c in self.glosses] or chars:
                trail = cp936.tables().encode[char][1]
                yield Way(char, -1, trail, 2, -WHOLE_CHARACTER_PENALTY)


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
