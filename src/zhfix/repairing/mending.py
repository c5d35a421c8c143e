"""Put right all that a mirror cut in a text: together what arithmetic can, the rest one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from zhfix.document import Proof
from zhfix.repairing.forwards import Repaired, give_back
from zhfix.repairing.glosses import CANDIDATE
from zhfix.repairing.model import LanguageModel
from zhfix.repairing.realign import Claim, Realigner
from zhfix.repairing.tokens import LOST, MOST_LOST_IN_A_ROW, SPLIT_MARKS, is_cut, token_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.repairing.forwards import Glosses
    from zhfix.repairing.realign import Realigned
    from zhfix.repairing.tokens import Token

__all__ = ["Mended", "mended"]

#: A character, two brackets, two spaces and the longest reading.
LONGEST_GLOSSED = 12

#: Log-likelihood a split repair must gain, in a page that shows the habit and elsewhere.
GAIN_IN_MIRROR = 3.0
GAIN_ALONE = 24.0

#: Hypotheses that a text may cost, and per code point more: dense pages need one for each. Without
#: a gloss in sight far fewer: text full of question marks is no mirror's.
HYPOTHESES = 20_000
HYPOTHESES_PER_CHARACTER = 4.0
HYPOTHESES_ALONE = 5_000
HYPOTHESES_PER_CHARACTER_ALONE = 0.2

#: Characters after a lone cut that are read, and what three steps of them cost together where
#: they may be out of step. Good text has such a place once in some fifty characters.
READ_ON = 12
BAD_READING = 24.0


class Mended(NamedTuple):
    """A stretch that was put right; `swallowed` says that a gloss lost its bracket there."""

    found: Realigned
    swallowed: bool
    proof: Proof


def mended(
    text: str, glosses: Glosses, cuts: Iterable[int]
) -> tuple[list[Mended], list[tuple[int, int]]]:
    """Return what was put right of a text that was cut at some places, and where it could not be.

    >>> found, left = mended("家?guī)熧Y", {"規": "guī"}, [1])
    >>> found[0].found.text, str(found[0].proof), left
    ('師資', 'proven', [])
    """
    mender = _Mender(text, glosses)
    for start in cuts:
        mender.mend(start)
    mender.settle()
    return list(mender.proven()), sorted(mender.left)


class _Mender:
    """Goes through the cuts of a text; what only a half at the end is missing of waits for others.

    That is asked of all together, at the latest when what follows depends on it.
    """

    def __init__(self, text: str, glosses: Glosses) -> None:
        self.text = text
        self.known = dict(glosses)
        """The page's glosses, and those that were found by arithmetic."""
        self.in_mirror = bool(glosses)
        allowance = (
            HYPOTHESES + HYPOTHESES_PER_CHARACTER * len(text)
            if self.in_mirror
            else HYPOTHESES_ALONE + HYPOTHESES_PER_CHARACTER_ALONE * len(text)
        )
        self.realigner = Realigner(text, self.known, allowance)
        self.waiting: list[tuple[Token, Claim]] = []
        self.solved: dict[int, tuple[Token, str, Realigned]] = {}
        """By where they end: the cut, the character before it, and what was found."""
        self.left: list[tuple[int, int]] = []
        self.done = 0

    def mend(self, start: int) -> None:
        """Put one cut right, unless that waits."""
        token = token_at(self.text, start)
        if start < self.done or not is_cut(token, self.text):
            return
        if not (self.in_mirror or token.swallowed or _improbable(self.text, start)):
            return
        if self.waiting and start <= max(self.waiting[-1][1].ends()):
            self.settle()
            if start < self.done:
                return
        context = self._context(start)
        claim = self.realigner.claim(token, context=context)
        if not isinstance(claim, Claim):
            self._decide(token, context, claim)
            return
        self.waiting.append((token, claim))
        self.done = max(self.done, min(claim.ends()))

    def settle(self) -> None:
        """Decide about all that waits."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, []
        found = self.realigner.settled([claim for _, claim in waiting])
        for (token, claim), one in zip(waiting, found, strict=True):
            self._decide(token, claim.context, one)

    def _decide(self, token: Token, context: str, found: Realigned | None) -> None:
        """Take what was found, or search for it; report the cut if it stays."""
        if found is None:
            found = self.realigner.search(token, context=context)
        certain = self.in_mirror and token.swallowed
        enough = GAIN_IN_MIRROR if self.in_mirror else GAIN_ALONE
        if found and (certain or self.realigner.gain(found, context) >= enough):
            self.known.update(found.named)
            self.solved[found.end] = token, context, found
            self.done = max(self.done, found.end)
        elif (self.in_mirror and (token.swallowed or found)) or _cuts_chinese(self.text, token):
            self.left.append((token.start, token.end))

    def _context(self, start: int) -> str:
        """The repaired character before a cut, looking through a gloss of its own."""
        text = self.text
        if start in self.solved and (repaired := self.solved[start][-1].text):
            return repaired[-1]
        if start and text[start - 1] == ")":
            for match in CANDIDATE.finditer(text, max(0, start - LONGEST_GLOSSED), start):
                if match.end() == start:
                    return text[match.start() - 1]
        return text[start - 1] if start else "\n"

    def proven(self) -> Iterator[Mended]:
        """Yield what was put right, in order, with the proof that running forwards gives."""
        solved = list(self._apart())
        stretches = []
        for _, context, found in solved:
            damaged = self.text[found.start : found.end]
            mark = self.text[found.end : found.end + 1]
            mark = mark if mark in SPLIT_MARKS else ""
            stretches.append(Repaired(context, found.text, damaged, mark))
        for (token, _, found), gives_back in zip(
            solved, give_back(stretches, self.known), strict=True
        ):
            proof = Proof.CONSISTENT if found.filled else Proof.PROVEN
            yield Mended(found, token.swallowed, proof if gives_back else Proof.GUESS)

    def _apart(self) -> Iterator[tuple[Token, str, Realigned]]:
        """Yield what was found in order; what waited may have grown over what did not."""
        done = 0
        for _, one in sorted(self.solved.items()):
            if one[-1].start >= done:
                yield one
                done = one[-1].end


def _cuts_chinese(text: str, token: Token) -> bool:
    """Whether a gloss stands behind Chinese without its bracket; `(?i)` is a pattern's."""
    return token.swallowed and token.start > 0 and text[token.start - 1] > "\u2e7f"


def _improbable(text: str, start: int) -> bool:
    """Whether what follows a lone cut reads badly, and nothing else is lost there.

    Without a gloss in sight nothing else shows that it is one; where every second word is lost,
    nothing can be put together.
    """
    follows = text[start + 1 : start + 1 + READ_ON]
    if any(mark in follows[MOST_LOST_IN_A_ROW - 1 :] for mark in LOST):
        return False
    costs = LanguageModel.load().costs(follows)
    return bool((costs[:-2] + costs[1:-1] + costs[2:] >= BAD_READING).any())
