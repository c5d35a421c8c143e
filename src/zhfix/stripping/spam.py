"""Keyword salad: the titles, links and lines that hacked and mirrored sites carry.

A line is judged by its structure first: cut into pieces by separators, no sentence in it, its
pieces made of few words that repeat. What the words are, whether the page speaks of the same
things, and whether a Simplified title stands over a Traditional body decide the rest.
An article *about* such things has sentences and verbs, and its title shares words with it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from zhfix.packaged import read
from zhfix.patterns import lazy
from zhfix.stripping.shadow import simplified

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What separates the pieces of a salad; a blank does too.
_SEPARATORS = lazy(r"[_,\-|、/~·+&;\s—–]+")
#: Marks of a sentence: salad has none of them.
_SENTENCE = lazy(r"[。!?:;“”「」『』《》\"…]")
#: Words that tie a clause together; salad hardly has any.
_FUNCTION = lazy(
    r"[了是在和与将被把这那我你他她它们对为及因所就也都还要让从向到说称已曾并但或其以于案]"
    r"|警方|记者|公布|发布|举行|宣布|打击|治理|调查|研究|问题|关于|如何|怎么|什么"
)
_WORD = lazy(r"[\u3400-\u9fff]|[a-z0-9]+")

_ANY_TAG = lazy(r"</?[a-zA-Z][^<>]{0,60}>")
_EMPTY_TAGS = lazy(
    r"(?:<[a-z][a-z0-9]{0,9}(?: (?:id|class)=[\"'][a-z0-9]{4,8}[\"']){0,2}>){1,12}"
    r"(?:</[a-z][a-z0-9]{0,9}>){1,12}"
)
_ID = lazy(r"(?:id|class)=[\"']([a-z0-9]{5})[\"']")

LONGEST_COMMON = 2
"""So few Latin letters are found in clean lines as well."""
LONGEST_LINK = 24
"""A link of a list, in characters."""
FUNCTION_EVERY = 12
"""A salad has at most one function word in so many characters, by accident."""
LINK_RUN = 4
"""So many links of a salad one after the other are a hidden list of links."""
MIN_PIECES = 3
"""Fewer pieces are a title and its site, not a salad."""
HEAVY_COVER = 0.75
"""So much of the line being salad words suffices by itself."""
COVER = 0.45
"""So much is enough where the page speaks of something else."""
LIGHT_COVER = 0.25
"""So much is enough where script, topic and repetition all speak against the title."""
FOREIGN_TOPIC = 0.15
"""At most this share of the title's character pairs occur in the page: another topic."""
TOPIC_SAMPLE = 20_000
"""Characters of the page that are compared with its title: a bounded sample ranks well."""
MIN_TOPIC = 40
"""A page with fewer characters has no topic to compare with."""


class Words(NamedTuple):
    """The salad's words as patterns, longest first."""

    loaded: re.Pattern[str]
    any: re.Pattern[str]


@cache
def _words() -> Words:
    loaded = loaded_words()
    return Words(_pattern(loaded), _pattern([*loaded, *_lists()["filler"]]))


@cache
def _lists() -> dict[str, list[str]]:
    tables: dict[str, list[str]] = json.loads(read("strip.json"))["spam"]
    return tables


@cache
def loaded_words() -> tuple[str, ...]:
    """Return the words of which a salad holds one at least."""
    return tuple(dict.fromkeys([*_lists()["adult"], *_lists()["gambling"]]))


@cache
def _beginnings() -> frozenset[str]:
    """The first two characters of each loaded word, or its only one."""
    return frozenset(word[:2] for word in loaded_words())


@cache
def triggers() -> tuple[str, ...]:
    """Return the loaded words by which the scan finds salad inside and at the end of pages."""
    # One character, or a few Latin letters, would flag too many clean lines.
    return tuple(
        word for word in loaded_words() if len(word) > (LONGEST_COMMON if word.isascii() else 1)
    )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return lazy("|".join(map(re.escape, sorted(set(words), key=len, reverse=True))))


@dataclass(frozen=True, slots=True)
class Salad:
    """What a line looks like as keyword salad; `cover` and the others are shares of 1."""

    pieces: int
    cover: float
    loaded: int
    repeated: bool
    sentence: bool

    @property
    def heavy(self) -> bool:
        """Salad beyond doubt, wherever it stands."""
        return (
            not self.sentence
            and self.cover >= HEAVY_COVER
            and self.loaded >= 3
            and (self.pieces >= MIN_PIECES or self.loaded >= 5)
        )

    @property
    def suspect(self) -> bool:
        """Salad if the page speaks of something else."""
        return self.pieces >= MIN_PIECES and self.loaded > 0 and self.cover >= LIGHT_COVER


#: What no more needs to be known of.
_SENTENCE_SEEN = Salad(0, 0.0, 0, repeated=False, sentence=True)
_HARMLESS = Salad(0, 0.0, 0, repeated=False, sentence=False)


def salad(line: str) -> Salad:
    """Measure a line, given as its shadow.

    >>> salad("国产精品一区_亚洲无码在线_欧美毛片").heavy
    True
    >>> salad("警方打击色情网站的专项行动取得成效").heavy
    False
    """
    if _SENTENCE.search(line):
        return _SENTENCE_SEEN
    # A first text, if it may, should not wait for a pattern of all words.
    beginnings = _beginnings()
    if beginnings.isdisjoint(line) and beginnings.isdisjoint(map(add, line, line[1:])):
        return _HARMLESS
    words = _words()
    if not words.loaded.search(line):
        return _HARMLESS
    if _ties_clauses(words.any.sub("", line), len(line)):
        return _SENTENCE_SEEN
    pieces = [piece for piece in _SEPARATORS.split(line) if piece]
    letters = sum(map(len, pieces))
    loaded = sum(len(words.loaded.findall(piece)) for piece in pieces)
    covered = sum(len(match[0]) for piece in pieces for match in words.any.finditer(piece))
    return Salad(
        len(pieces),
        covered / max(letters, 1),
        loaded,
        repeated=_repeated(pieces),
        sentence=False,
    )


def _ties_clauses(rest: str, length: int) -> bool:
    """Tell whether what is no salad word has more function words than a salad of that length."""
    return len(_FUNCTION.findall(rest)) * FUNCTION_EVERY > length + FUNCTION_EVERY - 1


def _repeated(pieces: list[str]) -> bool:
    """Tell whether half of the pieces, three at least, begin or end with the same pair."""
    if len(pieces) < MIN_PIECES:
        return False
    ends: dict[str, int] = {}
    for piece in pieces:
        for stem in {piece[:2], piece[-2:]}:
            ends[stem] = ends.get(stem, 0) + 1
    most = max(ends.values())
    return most >= MIN_PIECES and most * 2 >= len(pieces)


def is_spam_title(line: str, body: str, *, traditional_body: bool | None = None) -> bool:
    """Tell whether a line at the head of a page is a spam title.

    >>> is_spam_title("澳门金沙官网-金沙娱乐场-金沙注册", "物料编码的十个知识点" * 9)
    True
    >>> is_spam_title("世界杯竞彩_新浪体育_新浪网", "世界杯竞彩今天开售" * 9)
    False

    Line and body are shadows; `traditional_body` tells that the line is Simplified while the
    body is Traditional, if that is known.
    """
    seen = salad(line)
    if seen.heavy:
        return True
    if not seen.suspect or len(body) < MIN_TOPIC or topic_overlap(line, body) > FOREIGN_TOPIC:
        return False
    if seen.cover >= COVER and seen.loaded >= 2:
        return True
    return bool(traditional_body) or seen.repeated


def is_salad_word(line: str) -> bool:
    """Tell whether a short line, one of a list, is a salad's link.

    >>> is_salad_word("亚洲精品一区"), is_salad_word("亚洲各国的文化精神")
    (True, False)
    """
    seen = salad(line) if len(line) <= LONGEST_LINK else None
    return seen is not None and seen.loaded > 0 and seen.cover >= HEAVY_COVER


def empty_tags(text: str) -> list[tuple[int, int]]:
    """Return where a mirror's random empty tags stand as text, in code points.

    >>> empty_tags('正文<tr id="yyy80"></tr>正文')
    [(2, 22)]
    >>> empty_tags('<div id="root"></div>')
    []

    Such tags are all the markup that the text has; a text about HTML has other tags as well.
    """
    if "></" not in text:
        return []
    found = [match for match in _EMPTY_TAGS.finditer(text) if _is_random(match[0])]
    inside = sum(len(_ANY_TAG.findall(match[0])) for match in found)
    if not found or inside < len(_ANY_TAG.findall(text)):
        return []
    return [match.span() for match in found]


def _is_random(tags: str) -> bool:
    """Tell whether the tags carry an id that nobody would write: five signs, with digits."""
    return any(any(map(str.isdigit, name)) for name in _ID.findall(tags))


def topic_overlap(line: str, body: str) -> float:
    """Return the share of the line's character pairs that occur in the page.

    >>> topic_overlap("物料编码", "物料的编码")
    0.6666666666666666
    """
    sample = body[:TOPIC_SAMPLE]
    pairs = {a + b for a, b in pairwise(line) if a.isalnum() and b.isalnum()}
    return sum(pair in sample for pair in pairs) / len(pairs) if pairs else 0.0


def opposite_scripts(title: str, body: str) -> bool:
    """Tell that a title is Simplified while the text under it is Traditional.

    >>> opposite_scripts("国产视频", "國產視頻與網絡")
    True

    Takes the texts themselves, not their shadows.
    """
    sample = body[:TOPIC_SAMPLE]
    traditional = sum(a != b for a, b in zip(sample, simplified(sample), strict=False))
    if traditional * 20 < len(sample):
        return False
    return simplified(title) == title
