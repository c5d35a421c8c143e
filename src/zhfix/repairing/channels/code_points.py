"""Characters at the wrong code point (M30, M31, M35): radicals, private use, invisible ones.

PDF files hold `⽂` (a Kangxi radical) where 文 was meant, old fonts put characters of GBK and
HKSCS into the private use area, and word processors leave marks that nobody sees. Each is
replaced or removed only between Chinese characters: emoji, Indic and Persian text need joiners,
and a page about radicals writes them one at a time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.errors import DataError
from zhfix.memo import cache_last
from zhfix.packaged import read
from zhfix.patterns import lazy
from zhfix.repairing.channels import as_findings, for_findings
from zhfix.repairing.channels.transcode import explained
from zhfix.repairing.kinds import INVISIBLE, Kind
from zhfix.repairing.look import look
from zhfix.repairing.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zhfix.rows import Rows

    Find: TypeAlias = Callable[[re.Pattern[str]], Iterator[re.Match[str]]]

__all__ = ["RULES", "CodePoints"]

RADICAL_RULE = "code-point/radical"
PRIVATE_RULE = "code-point/private-use"
INVISIBLE_RULE = "code-point/invisible"
NUL_RULE = "code-point/nul"

COMPATIBILITY_RULE = "code-point/compatibility"
WIDTH_RULE = "code-point/width"
KANA_RULE = "code-point/kana"
VARIATION_RULE = "code-point/variation-selector"
SURROGATE_RULE = "code-point/surrogates"

#: Rules that must be asked for: what they look for, and what they say.
OPTIONAL = {
    COMPATIBILITY_RULE: (
        lazy("[\uf900-\ufaff\U0002f800-\U0002fa1f]"),
        "a compatibility ideograph, and the character it is a copy of",
    ),
    WIDTH_RULE: (
        lazy("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+"),
        "the usual width of letters and digits",
    ),
    KANA_RULE: (lazy("[\uff66-\uff9f]+"), "the usual width of kana"),
    VARIATION_RULE: (
        lazy("(?<=[\u3400-\u9fff\U00020000-\U0003ffff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"),
        "chooses one form of the character before it",
    ),
}

RULES = {
    COMPATIBILITY_RULE: (
        "A compatibility ideograph, which normalisation replaces by the character it is a copy "
        "of. Korean and Japanese names and old standards need them, so they stay unless this "
        "rule is named."
    ),
    WIDTH_RULE: (
        "Full-width letters and digits, made ASCII. Many want to keep them, so they stay unless "
        "this rule is named. Punctuation is not touched."
    ),
    KANA_RULE: ("Half-width kana, made full-width. They stay unless this rule is named."),
    VARIATION_RULE: (
        "A variation selector behind a Chinese character, removed. Names of people and places may "
        "need the form that it chooses, so it stays unless this rule is named."
    ),
    SURROGATE_RULE: (
        "A high and a low surrogate, each as a character of its own: the two UTF-16 units of one "
        "character beyond U+FFFF, which are joined."
    ),
    RADICAL_RULE: (
        "A Kangxi or CJK radical that stands for the character of the same shape, as PDF files "
        "have it: ⽂件 for 文件. Text about radicals keeps them."
    ),
    PRIVATE_RULE: (
        "A private-use character of GBK, GB18030-2000 or Big5-HKSCS between Chinese characters, "
        "which Unicode has had a place for since. Which table is meant goes by the script."
    ),
    INVISIBLE_RULE: (
        "A zero-width or direction character, a soft hyphen or a byte-order mark between two "
        "Chinese characters, where it does nothing. Emoji and other scripts keep theirs."
    ),
    NUL_RULE: "A NUL in Chinese text, left by a program that writes fields of fixed length.",
}

TABLE = "codepoints-homes.tsv"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
#: Chinese characters and marks, and what may itself be damaged.
NEAR = rf"[{HAN}\u3001-\u3029\uff01-\uff65\u2e80-\u2fd5\ue000-\uf8ff]"
HALVES = lazy("[\ud800-\udbff][\udc00-\udfff]")
RADICAL = lazy(r"[\u2e80-\u2fd5]")
PRIVATE = lazy(rf"(?<={NEAR})[\ue000-\uf8ff]|[\ue000-\uf8ff](?={NEAR})")
HIDDEN = lazy(rf"(?<={NEAR})[{INVISIBLE}]+(?={NEAR})")
NULS = lazy(rf"(?<={NEAR})\x00+|\x00+(?={NEAR})")
HAN_ONE = lazy(f"[{HAN}]")
NOT_HAN = lazy(f"[^{HAN}\u2e80-\u2fd5]+")
#: A passage about radicals says so, or lists them.
ABOUT_RADICALS = lazy(r"[⿰-⿿]|部首|偏旁|笔画|筆畫|康熙|[⺀-⿕][\s、，,/|]{0,2}[⺀-⿕]")
#: Characters on each side that are read together with one.
CONTEXT = 40
#: Characters on each side by which prose is told from a table of characters.
NEARBY = 8
#: Where more than one character in so many may be at the wrong place, all are looked at.
FEW = 64
#: Nats per character: prose has 5 to 8, a table of characters 11 and more.
MOST_COST = 10.0


@dataclass(frozen=True, slots=True)
class CodePoints:
    """The channel in both directions; `damage` writes radicals.

    `extra` are rules that change what many want to keep: they are off unless they are named.

    >>> CodePoints().damage("文件")
    '⽂件'
    """

    extra: frozenset[str] = frozenset()
    name: ClassVar[str] = "code-point"
    rules: ClassVar[Mapping[str, str]] = RULES

    def damage(self, text: str) -> str:
        """Write Kangxi radicals for the characters that have one."""
        return text.translate(_kangxi())

    def detect(self, text: str) -> Iterator[Finding]:
        """Report every such character that would be changed."""
        return as_findings(analyse(text, self.extra))

    def suspects(self, rows: Rows) -> NDArray[np.bool_]:
        """Mark the rows that hold such a character; a rule that was asked for looks at all."""
        if self.extra:
            return rows.mask(rows.starts)
        return rows.mask(look(rows.text).where(Kind.MOVED))

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterator[Edit]:
        """Propose the edits for those findings."""
        return for_findings(analyse(text, self.extra), findings)


def analyse(text: str, extra: frozenset[str] = frozenset()) -> tuple[Edit, ...]:
    """Find everything in one text."""
    found = _accidents(text)
    asked = [edit for rule in sorted(extra & OPTIONAL.keys()) for edit in _optional(text, rule)]
    return tuple(sorted((*found, *asked), key=lambda edit: edit.span)) if asked else found


def _optional(text: str, rule: str) -> Iterator[Edit]:
    """Yield the edits of a rule that must be asked for."""
    pattern, what = OPTIONAL[rule]
    for match in pattern.finditer(text):
        home = "" if rule == VARIATION_RULE else unicodedata.normalize("NFKC", match[0])
        if home != match[0]:
            yield Edit(Span(*match.span()), match[0], home, rule, 0.99, what, Proof.CONSISTENT)


@cache_last
def _accidents(text: str) -> tuple[Edit, ...]:
    """Find what is an accident wherever it stands."""
    if Kind.MOVED not in look(text).all:
        return ()
    find = _finder(text)
    edits = [*_radicals(text, find), *_private(text, find), *_halves(find)]
    for pattern, rule, what in (
        (HIDDEN, INVISIBLE_RULE, "invisible, and without effect between Chinese characters"),
        (NULS, NUL_RULE, "a NUL is no part of Chinese text"),
    ):
        for match in find(pattern):
            span = Span(*match.span())
            edits.append(Edit(span, match[0], "", rule, 0.97, what, Proof.CONSISTENT))
    return tuple(sorted(edits, key=lambda edit: edit.span))


def _finder(text: str) -> Find:
    """Search only where a character stands that may be at the wrong place: they are few."""
    places = _unexplained(text, look(text).where(Kind.MOVED))
    breaks = np.flatnonzero(np.diff(places) > 1) + 1
    if len(breaks) * FEW > len(text):
        return lambda pattern: pattern.finditer(text)
    runs = [(int(run[0]), int(run[-1]) + 1) for run in np.split(places, breaks) if len(run)]
    # One character more, for a pattern may want to see what stands behind.
    return lambda pattern: (
        match for start, end in runs for match in pattern.finditer(text, start, end + 1)
    )


def _unexplained(text: str, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Leave out what stands in mojibake: it is full of private use, and means other characters."""
    if not any(PRIVATE.match(text, at) for at in places.tolist()):
        return places
    wrong = np.array(explained(text), np.intp).reshape(-1, 2)
    if not len(wrong):
        return places
    last = np.searchsorted(wrong[:, 0], places, "right") - 1
    outside: NDArray[np.intp] = places[(last < 0) | (wrong[last, 1] <= places)]
    return outside


def _radicals(text: str, find: Find) -> Iterator[Edit]:
    for at, home in _in_prose(text, find(RADICAL), _homes("radical")):
        if ABOUT_RADICALS.search(text, max(0, at - CONTEXT), at + 1 + CONTEXT):
            continue
        radical = text[at]
        proof = Proof.PROVEN if _kangxi().get(ord(home)) == radical else Proof.CONSISTENT
        reason = f"U+{ord(radical):04X} is the radical; the character is {home}"
        yield Edit(Span(at, at + 1), radical, home, RADICAL_RULE, 0.98, reason, proof)


def _halves(find: Find) -> Iterator[Edit]:
    for match in find(HALVES):
        whole = match[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        reason = f"two UTF-16 units of U+{ord(whole):04X}"
        yield Edit(
            Span(*match.span()), match[0], whole, SURROGATE_RULE, 0.999, reason, Proof.PROVEN
        )


def _in_prose(
    text: str, matches: Iterable[re.Match[str]], homes: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """Yield the places, and their homes, that stand in Chinese text, not in a table of it."""
    found: list[tuple[int, str]] = []
    passages: list[str] = []
    for match in matches:
        at, home = match.start(), homes.get(match[0])
        if home and HAN_ONE.search(text, max(0, at - 1), at + 2):
            passage = text[max(0, at - NEARBY) : at] + home + text[at + 1 : at + 1 + NEARBY]
            found.append((at, home))
            passages.append(NOT_HAN.sub("", passage).translate(_to_home()))
    if not found:
        return
    scores = LanguageModel.load().scores(passages).tolist()
    for place, passage, score in zip(found, passages, scores, strict=True):
        if -score <= MOST_COST * (len(passage) + 1):
            yield place


def _private(text: str, find: Find) -> Iterator[Edit]:
    """Yield the private-use characters whose home fits where they stand."""
    matches = list(find(PRIVATE))
    if not matches:
        return
    around = "".join(text[max(0, m.start() - CONTEXT) : m.start() + CONTEXT] for m in matches)
    simplified, traditional = LanguageModel.load().script(around)
    table = _homes("hkscs" if traditional > simplified else "gbk")
    for at, home in _in_prose(text, matches, table):
        reason = f"U+{ord(text[at]):04X} was the place of {home} before Unicode had one"
        span = Span(at, at + 1)
        yield Edit(span, text[at], home, PRIVATE_RULE, 0.9, reason, Proof.CONSISTENT)


@cache
def _homes(kind: str) -> Mapping[str, str]:
    """Read a kind from the table: character to its home."""
    homes: dict[str, str] = {}
    try:
        table = read(TABLE).decode("utf-8")
        for line in table.splitlines():
            if line.startswith(f"{kind}\t"):
                _, source, home = line.split("\t")
                homes[chr(int(source, 16))] = chr(int(home, 16))
    except (OSError, ValueError) as error:
        raise DataError(f"cannot be read: {error}; reinstall zhfix", table=TABLE) from error
    return homes


@cache
def _kangxi() -> Mapping[int, str]:
    radicals = _homes("radical")
    return {ord(home): radical for radical, home in radicals.items() if radical >= "\u2f00"}


@cache
def _to_home() -> Mapping[int, str]:
    return {ord(radical): home for radical, home in _homes("radical").items()}
