"""Cut stretches that arithmetic puts right but for what single glosses or halves leave open.

A gloss may name several characters; the last half before a mark is named by none. Which it was the
language model says of all together, once the ways that are possible are known.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from zhfix.repairing.arithmetic import Known, named_bytes, named_worth, solve
from zhfix.repairing.completions import form_preference, step_cost, symbol_of
from zhfix.repairing.hypotheses import Path, Way, follow, mark_worth
from zhfix.repairing.lone_halves import Question, answers
from zhfix.repairing.passage import WELL_READ, Realigned, followed
from zhfix.repairing.tokens import LOST, Token, token_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from zhfix.repairing.passage import Passage

__all__ = ["Claim", "Ending", "claim", "settled"]


class Ending(NamedTuple):
    """What is known of a stretch, and where it ends.

    A byte that waits is answered by a `question` about a half, or by `token`: a gloss that may name
    several characters.
    """

    known: Known
    end: int
    path: Path
    question: Question | None = None
    token: Token | None = None


class Claim(NamedTuple):
    """A stretch, the character before it, and the ways that it may have been."""

    start: int
    context: str
    endings: tuple[Ending, ...]

    def ends(self) -> list[int]:
        """Return where it may end.

        >>> Claim(0, "", (Ending(Known(3), 3, Path("", 0)),)).ends()
        [3]
        """
        return [ending.end for ending in self.endings]


def claim(
    passage: Passage, first: Token, context: str, glosses: Mapping[str, str]
) -> Realigned | Claim | None:
    """Put right what arithmetic can, from a gloss that swallowed a byte to where all is in step.

    None where there is more to it than a half at the end that nothing names, or one gloss.
    """
    start = first.start
    options = solve(passage.text, first, context=context, glosses=glosses)
    if len(options) == 1:
        known = options[0]._replace(worth=0.0)
        if known.pending < 0:
            score = passage.reads_well(known, context)
            if score is None:
                return None
            return Realigned(start, known.end, known.text, 1.0, score, 0, known.named)
        options = [known]
    begun = passage.begun(start, context)
    endings: list[Ending] = []
    for known in options:
        path = followed(begun, known)
        if len(options) == 1 and path.score < -WELL_READ * len(known.text):
            return None
        ending = _ending(passage, known, path)
        if ending is None:
            return None
        endings.append(ending)
    return Claim(start, context, tuple(endings)) if endings else None


def _ending(passage: Passage, known: Known, path: Path) -> Ending | None:
    """Tell how what is known ends; None where neither a half nor a gloss would do."""
    text = passage.text
    if known.pending < 0:
        return Ending(known, known.end, path)
    if known.end >= len(text):
        return None
    token = token_at(text, known.end)
    if token.swallowed:
        # Another cut behind it may tell more.
        if text[token.end : token.end + 1] in LOST or known.last not in named_bytes(token.gloss):
            return None
        return Ending(known, token.end, path, token=token)
    if token.gloss or token.char not in LOST or not passage.in_step(token.end):
        return None
    return Ending(known, token.end, path, question=Question(path, token.end))


def settled(
    passage: Passage,
    claims: Sequence[Claim],
    glosses: Mapping[str, str],
    glossed: NDArray[np.bool_],
) -> Iterator[Realigned | None]:
    """Yield what each claim becomes: the likeliest way, None where that reads badly.

    `glossed` marks the code points of `glosses`.
    """
    asked = [ending.question for one in claims for ending in one.endings if ending.question]
    told = answers(passage.text, asked, glossed)
    for one in claims:
        found = []
        for ending in one.endings:
            if ending.question:
                text, score, share = next(told)
                known = ending.known
                text = text[len(one.context) : -1]
                realigned = Realigned(one.start, ending.end, text, share, score, 1, known.named)
            else:
                known, score, share = _named(passage, ending, glosses)
                realigned = Realigned(
                    one.start, ending.end, known.text, share, score, 0, known.named
                )
            found.append((realigned, known))
        yield _likeliest(passage, one, found)


def _named(
    passage: Passage, ending: Ending, glosses: Mapping[str, str]
) -> tuple[Known, float, float]:
    """Choose the character that the last gloss names; its score and its share among them."""
    known, end, path, _, token = ending
    beyond = passage.beyond(end)
    if token is None:
        return known, follow(path, Way(beyond, -1, -1)).score, 1.0
    following = symbol_of(beyond)
    names = named_bytes(token.gloss)[known.last]
    scores = [
        step_cost(path.symbol, symbol)
        + step_cost(symbol, following)
        + form_preference(char)
        + named_worth(char, glosses, usual=usual)
        for char, _, usual in names
        for symbol in (symbol_of(char),)
    ]
    best = max(scores)
    char, trail, _ = names[scores.index(best)]
    named = (*known.named, (char, token.gloss))
    chosen = Known(end, known.text + char, named, last=trail)
    share = 1.0 / sum(math.exp(score - best) for score in scores)
    beside = form_preference(beyond) + mark_worth(char, path.quotes, beyond)
    return chosen, path.score + best + beside, share


def _likeliest(
    passage: Passage, one: Claim, found: Sequence[tuple[Realigned, Known]]
) -> Realigned | None:
    """Choose among ways, none of which leaves the text as it is."""
    if any(passage.text[way.start : way.end] == way.text for way, _ in found):
        return None
    if len(found) == 1 and not one.endings[0].token:
        return found[0][0]
    best, known = max(found, key=lambda way: way[0].score)
    odds = sum(math.exp(way.score - best.score) / way.share for way, _ in found)
    reads_well = passage.reads_well(known, one.context) is not None
    return best._replace(share=1.0 / odds) if reads_well else None
