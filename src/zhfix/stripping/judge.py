"""Decides which lines of a document go.

Zones are not numbers of lines: a walk comes in from an end, passes over what it removes, and
stops after a few lines that it keeps. So a removal never brings a new line into a zone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from zhfix.stripping import page, removal, repeats, spam
from zhfix.stripping.lines import Lines, is_prose
from zhfix.stripping.removal import Removal, by
from zhfix.stripping.rules import INDEX_LENGTHS, page_signs
from zhfix.stripping.scan import Scan, line_numbers
from zhfix.stripping.shadow import shadow as shadow_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zhfix.document import Document, Edit, Place
    from zhfix.stripping.boilerplate import StripStage
    from zhfix.stripping.rules import Rule, RuleSet

KEPT_LINES = 6
"""A zone ends when so many lines were kept: deeper lines are in the work."""
KEPT_PROSE = 2
"""... or so many lines of running text."""
HINT_EVIDENCE = 1.5
"""Hints count half: one sure rule and one hint, or three different hints, make a frame."""
TITLE_LINES = 3
"""A spam title stands in the first lines of a page."""
SIGN_LENGTH = 160
"""Longer lines are no sign of a page; its footers have shorter ones as well."""
LINK_LIST_LENGTH = 40
"""A heading such as "related articles" is followed by at most so many lines of links."""

SPAM_TITLE = Removal("spam/title", "a salad of keywords that the page does not speak of", 0.97)
SPAM_LINKS = Removal("spam/link-list", "a hidden list of links for search engines", 0.96)
EMPTY_TAGS = Removal("spam/empty-tags", "random empty tags of a mirror, shown as text", 0.96)
SPAM_LINE = Removal("spam/salad", "a salad of keywords for search engines", 0.97)
FRAME = Removal("boilerplate/page-frame", "outside the article on the dump of a web page", 0.93)
LINK_LIST = Removal("boilerplate/related-links", "links listed under such a heading", 0.93)
REPEAT = Removal("boilerplate/repeat", "the same line again and again", 0.95)

#: For each index of the rules, what `Seen.pairs` says that means one of its triggers.
_SAID = tuple(
    bytes(said >> number & 1 for said in range(256)) for number in range(1, 1 + len(INDEX_LENGTHS))
)


class Judge:
    """Decides about the lines of one document."""

    def __init__(self, stage: StripStage, rules: RuleSet, document: Document) -> None:
        self.stage = stage
        self.rules = rules
        self.place: Place = document.place
        self.lines = Lines(document.text)
        self._pairs = b""
        self.gone: dict[int, Removal] = {}
        self.spans: list[tuple[int, int, Removal]] = []
        self._matches: dict[tuple[int, str], Rule | None] = {}

    def decide(self) -> None:
        """Remove until nothing more would go: what is left then stays for ever."""
        dump = self.stage.whole_pages and self.place.first and self.place.last
        seen = _scan(self.rules, dump).look(self.lines.data)
        self._pairs = seen.pairs.tobytes()
        flagged, signs = (line_numbers(self.lines.ends, places) for places in seen.hits)
        signs = self._signs(signs)
        while True:
            before = len(self.gone)
            self._titles()
            self._anywhere(flagged)
            self._salad_lists(flagged)
            self._repeats()
            self._zones()
            if dump:
                self._link_list(signs)
                self._whole_page(signs)
            if len(self.gone) == before:
                return

    # ---- finding lines

    def _signs(self, lines: list[int]) -> list[int]:
        """Return those lines that say what only web pages say, and are no running text."""
        return [
            index
            for index in lines
            if len(line := self.lines.shadow(index)) <= SIGN_LENGTH
            and not is_prose(line)
            and any(map(line.__contains__, page_signs()))
        ]

    def _alive(self, order: Iterable[int]) -> Iterator[int]:
        for index in order:
            if index not in self.gone and self.lines.shadow(index):
                yield index

    def _match(self, index: int, zone: str) -> Rule | None:
        """Return the first rule of a zone ("" for all zones) that matches a line."""
        key = (index, zone)
        if key not in self._matches:
            shadow = self.lines.shadow(index)
            anchors = self._anchors(index, shadow)
            self._matches[key] = self.rules.matching(shadow, zone, anchors)
        return self._matches[key]

    def _anchors(self, index: int, shadow: str) -> list[bytes]:
        """Return the pairs of units on a line that may be of a trigger for its length."""
        start, end = self.lines.bounds(index)
        marks = self._pairs[start:end].translate(_SAID[bisect_left(INDEX_LENGTHS, len(shadow))])
        found = []
        at = marks.find(1)
        while at >= 0:
            found.append(self.lines.data[2 * (start + at) : 2 * (start + at) + 4])
            at = marks.find(1, at + 1)
        return found

    # ---- kinds of boilerplate

    def _titles(self) -> None:
        """Remove spam titles among the first lines."""
        if not self.place.first:
            return
        kept = 0
        for index in self._alive(range(len(self.lines))):
            seen = spam.salad(self.lines.shadow(index))
            if seen.heavy or (seen.suspect and self._is_spam_title(index)):
                self.gone[index] = SPAM_TITLE
                continue
            kept += 1
            if kept >= TITLE_LINES:
                return

    def _is_spam_title(self, index: int) -> bool:
        sample: list[str] = []
        length = 0
        for other in range(index + 1, len(self.lines)):
            sample.append(self.lines.shadow(other))
            length += len(sample[-1])
            if length > spam.TOPIC_SAMPLE:
                break
        after = self.lines.text[self.lines.starts[index + 1] :][: spam.TOPIC_SAMPLE]
        opposite = spam.opposite_scripts(self.lines.raw(index), after)
        return spam.is_spam_title(
            self.lines.shadow(index), "\n".join(sample), traditional_body=opposite
        )

    def _anywhere(self, flagged: list[int]) -> None:
        """Remove salad and what rules remove anywhere, among the flagged lines."""
        self.spans = []
        self._empty_tags()
        for index in self._alive(flagged):
            line = self.lines.shadow(index)
            if spam.salad(line).heavy:
                self.gone[index] = SPAM_LINE
                continue
            rule = next(
                (r for r in self.rules.anywhere if r.scope == "line" and r.matches(line)), None
            )
            if rule is not None:
                self.gone[index] = by(rule)
                continue
            for rule in self.rules.spans:
                found = rule.spans(line)
                if found:
                    self._span(index, rule, found)
                    break

    def _salad_lists(self, flagged: list[int]) -> None:
        """Remove runs of lines, blank lines aside, each of which is a salad's link."""
        words = {i for i in self._alive(flagged) if spam.is_salad_word(self.lines.shadow(i))}
        seen = -1
        for first in sorted(words):
            if first <= seen:
                continue
            run = [first]
            for index in range(first + 1, len(self.lines)):
                if index in words:
                    run.append(index)
                elif self.lines.shadow(index):
                    break
            seen = run[-1]
            if len(run) >= spam.LINK_RUN:
                self.gone.update(dict.fromkeys(run, SPAM_LINKS))

    def _empty_tags(self) -> None:
        """Remove random empty tags that stand in the text."""
        for start, end in spam.empty_tags(self.lines.text):
            starts = self.lines.starts
            line = bisect_right(starts, start) - 1
            rest = self.lines.text[starts[line] : start] + self.lines.text[end : starts[line + 1]]
            if rest.strip():
                self.spans.append((start, end, EMPTY_TAGS))
            else:
                self.gone[line] = EMPTY_TAGS

    def _span(self, index: int, rule: Rule, found: list[tuple[int, int]]) -> None:
        """Remove a part of a line, or the line if nothing else is on it."""
        line = self.lines.shadow(index)
        rest = line
        for start, end in reversed(found):
            rest = rest[:start] + rest[end:]
        if not any(character.isalnum() for character in rest):
            self.gone[index] = by(rule)
            return
        offsets = _offsets(self.lines.raw(index), line)
        if offsets is not None:
            start = self.lines.starts[index]
            for first, last in found:
                self.spans.append((start + offsets[first], start + offsets[last - 1] + 1, by(rule)))

    def _repeats(self) -> None:
        """Remove lines that come again and again, where asked to."""
        if not (self.stage.repeats or self.stage.known):
            return
        alive = list(self._alive(range(len(self.lines))))
        shadows = [self.lines.shadow(index) for index in alive]
        often = repeats.repeated(shadows, self.stage.repeats) | self.stage.known
        for index, line in zip(alive, shadows, strict=True):
            if line in often:
                self.gone[index] = REPEAT

    def _zones(self) -> None:
        """Walk in from both ends; hints count only where other rules matched as well."""
        found = self._both_ends(hints=True)
        if not found:
            return
        sure = {rule.id for rule in found.values() if rule.strength == "sure"}
        hints = {rule.id for rule in found.values() if rule.strength == "hint"}
        known = len({r.rule for r in self.gone.values()})
        if len(sure) + len(hints) / 2 + known < HINT_EVIDENCE:
            found = self._both_ends(hints=False)
        self.gone.update((index, by(rule)) for index, rule in found.items())

    def _both_ends(self, *, hints: bool) -> dict[int, Rule]:
        """Return the lines in the zones that rules match; of hints only if these count."""
        found: dict[int, Rule] = {}
        count = len(self.lines)
        if self.place.first:
            self._walk("head", range(count), found, hints)
        if self.place.last:
            self._walk("tail", range(count - 1, -1, -1), found, hints)
        return found

    def _walk(
        self,
        zone: str,
        order: Iterable[int],
        found: dict[int, Rule],
        hints: bool,  # noqa: FBT001
    ) -> None:
        kept = prose = 0
        for index in self._alive(order):
            rule = self._match(index, zone)
            if rule is not None and (hints or rule.strength == "sure"):
                found[index] = rule
                continue
            kept += 1
            prose += is_prose(self.lines.shadow(index))
            if kept >= KEPT_LINES or prose >= KEPT_PROSE:
                return

    def _link_list(self, signs: list[int]) -> None:
        """Remove a heading such as "related articles" with the bare lines after it, to the end."""
        for index in self._alive(reversed(signs)):
            rule = self._match(index, "tail")
            if rule is None or rule.id != "boilerplate/related-heading":
                continue
            after = list(self._alive(range(index + 1, len(self.lines))))
            if 0 < len(after) <= LINK_LIST_LENGTH and not any(
                "。" in self.lines.shadow(i) for i in after
            ):
                self.gone[index] = by(rule)
                self.gone.update(dict.fromkeys(after, LINK_LIST))
                return

    def _whole_page(self, signs: list[int]) -> None:
        """Keep only the article, if this is the dump of a whole page."""
        kinds = {
            rule.id
            for index in self._alive(signs)
            if (rule := self._match(index, "")) is not None and rule.strength == "sure"
        } | {removal.rule for removal in self.gone.values()}
        count = page.count_signs(kinds)
        if count < page.FEW_SIGNS:
            return
        self.lines.read_all()
        titles = page.headlines(self.lines)
        if not page.is_dump(self.lines, count, titles):
            return
        matched = [
            self._match(index, "") if self.lines.shadow(index) else None
            for index in range(len(self.lines))
        ]
        scores = [
            page.line_score(self.lines.shadow(index), rule) for index, rule in enumerate(matched)
        ]
        bylines = [i for i, r in enumerate(matched) if r is not None and r.id in page.BYLINES]
        core = page.find_core(scores, titles, bylines)
        if core is None:
            return
        headline = core.headline
        if headline in bylines:
            headline = page.headline_over(self.lines, headline, matched)
        for index in self._alive(range(len(self.lines))):
            rule = matched[index]
            if index == headline:
                continue
            if not core.start <= index < core.end:
                self.gone[index] = FRAME if rule is None else by(rule)
            elif rule is not None:
                self.gone[index] = by(rule)

    def edits(self) -> Iterator[Edit]:
        """Yield the edits that do it."""
        yield from removal.edits(self.lines, self.gone, self.spans)


@lru_cache(maxsize=64)
def _scan(rules: RuleSet, signs: bool) -> Scan:  # noqa: FBT001
    """Return what finds lines that are flagged wherever they stand, and the signs of a page."""
    flags = (*rules.everywhere, *spam.triggers())
    return Scan([flags, page_signs() if signs else ()], [index.words for index in rules.indexes])


def _offsets(raw: str, shadow: str) -> list[int] | None:
    """Return where each character of a shadow stands in its line; None if they don't align."""
    offsets = []
    position = 0
    for character in shadow:
        while position < len(raw) and shadow_of(raw[position]) != character.strip():
            position += 1
        if position >= len(raw):
            return None
        offsets.append(position)
        position += 1
    return offsets
