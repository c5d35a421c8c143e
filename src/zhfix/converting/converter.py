"""The converter as a stage: options in, edits out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from os import PathLike
from typing import TYPE_CHECKING, overload

import numpy as np

from zhfix.converting import conventions
from zhfix.converting.lines import Counts, convert_lines, convert_together, count_lines
from zhfix.converting.scripts import counts, script
from zhfix.converting.spans import Words, check_kinds, convert_around, load_words
from zhfix.document import Edit, Span
from zhfix.edits import minimal_runs
from zhfix.errors import ConfigError
from zhfix.locales import AUTO, Locale, Target, locale_of, modes, target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from zhfix.converting.naive import Naive, Place
    from zhfix.document import Document
    from zhfix.locales import Script
    from zhfix.rows import Rows

__all__ = ["ConvertStage", "convert_text", "stage"]

#: A text with fewer characters of its own script than this among a hundred telling ones is
#: not looked at for naive conversion: it is Simplified.
MOSTLY = 0.9
#: How sure an edit of an exact mode is: OpenCC says so, and that is what was asked for.
EXACT = 1.0
#: How sure a whole conversion to a locale is: some 10 in 10,000 characters are wrong.
WHOLE = 0.99


@dataclass(frozen=True, slots=True)
class ConvertStage:
    """A converter with its options; made by `stage`, cheap to pickle."""

    to: str | None
    source: str | None = None
    context: bool | None = None
    naive: bool = True
    regional_words: bool = False
    quotes: bool = False
    full_width: bool = False
    words: Words = ()
    keep: tuple[str, ...] = ()
    protect: tuple[str, ...] = ()
    tofu: bool = True

    def convert(self, text: str) -> str:
        """Convert a text; the same object when nothing changes."""
        after, _ = self.read(text)
        return text if after == text else after

    def __call__(self, document: Document) -> Iterator[Edit]:
        """Propose one coarse edit, or one edit for each place that naive conversion hurt."""
        after, repaired = self.read(document.text)
        if after != document.text:
            yield from self._edits(document.text, after, repaired)

    def many(self, rows: Rows) -> Iterator[tuple[int, Iterable[Edit]]]:
        """Propose for each of many texts what it would be proposed by itself.

        >>> from zhfix.rows import Rows
        >>> found = stage(to="zh-Hans").many(Rows(["漢字", "汉字"]))
        >>> [(row, [edit.after for edit in edits]) for row, edits in found]
        [(0, ['汉字'])]
        """
        from zhfix.converting.many import convert_rows

        for row, (after, repaired) in convert_rows(self, rows).items():
            if after != rows.texts[row]:
                yield row, self._edits(rows.texts[row], after, repaired)

    def _edits(self, text: str, after: str, repaired: Naive | None) -> Iterable[Edit]:
        rule, confidence, reason = _label(self.to)
        if repaired is None or len(after) != len(text):
            return (Edit(Span(0, len(text)), text, after, rule, confidence, reason),)
        return self._fine_edits(text, after, repaired)

    def _fine_edits(self, text: str, after: str, repaired: Naive) -> Iterator[Edit]:
        rule, _, reason = _label(self.to)
        places = {place.at: place for place in repaired.places}
        for start, end, changed in minimal_runs(text, after):
            for at in range(start, end):
                place = places.get(at)
                yield Edit(
                    Span(at, at + 1),
                    text[at],
                    changed[at - start],
                    f"convert/{place.channel}" if place else rule,
                    repaired.probability if place else WHOLE,
                    _reason(place, repaired.evidence) if place else reason,
                )

    @property
    def goal(self) -> Target | None:
        """What `to` means."""
        return _target(self.to) if self.to is not None else None

    @property
    def cuts(self) -> bool:
        """Whether stretches are cut out of the text before it is converted."""
        return bool(self.words or self.keep or self.protect)

    @property
    def signs(self) -> bool:
        """Whether punctuation is converted as well."""
        return self.quotes or self.full_width

    @property
    def needs_region(self) -> bool:
        """Whether a text is searched for words that tell its region."""
        return self.regional_words and self.source is None

    @property
    def inspects(self) -> bool:
        """Whether Traditional text is looked at for naive conversion."""
        goal = self.goal
        to_hans = bool(goal and goal.locale and goal.locale.script == "Hans")
        return self.naive and not (goal and (goal.mode or goal.config)) and not to_hans

    def read(
        self, text: str, look: Callable[[str], Naive | None] | None = None
    ) -> tuple[str, Naive | None]:
        """Return the converted text, and what was found out about naive conversion.

        `look` is what finds that out in Traditional text, if not `zhfix.converting.naive.find`.
        """
        if text.isascii():
            return text, None
        goal = self.goal
        if goal is None:
            if not (self.naive and mostly_hant(*counts(text))):
                return text, None
            repaired = (look or _naive_in)(text)
            return _put_right(text, repaired), repaired
        if goal.mode or goal.config:
            return self.run_mode(text), None
        hans, hant = counts(text)
        repaired = None
        region = bool(goal.locale and goal.locale.region)
        if self.inspects and mostly_hant(hans, hant):
            repaired = (look or _naive_in)(text)
            if repaired:
                text = _put_right(text, repaired, standard=region)
                hans, hant = counts(text)
        wanted = goal.locale or Locale("Hant" if hant > hans else "Hans")
        strays = hant if wanted.script == "Hans" else hans
        if self.words and not (strays or hans + hant == 0 or self.known_source):
            text = self._run((), text, None)
        made = self.to_locale([text], _counted(text, hans, hant), wanted)[0]
        if repaired and region and not strays and not self.known_source:
            # The text never had a regional standard: it gets the reader's.
            made = self._run(modes(Locale("Hant"), wanted), made, None)
        return made, repaired

    def to_locale(self, texts: Sequence[str], counts: Counts, wanted: Locale) -> list[str]:
        """Convert texts to a locale: those lines that are not written so."""
        hans, hant = counts.of_rows()
        needs = ((hans if wanted.script == "Hant" else hant) > 0) | (hans + hant == 0)
        source = self.known_source or self._source(texts[0], wanted)
        steps = modes(source, wanted, regional_words=self.regional_words)
        context = wanted.script if self.context is not False else None

        def convert(part: str) -> str:
            return self._run(steps, part, context)

        if self.known_source:
            made = convert_together(texts, counts.rows, convert)
        elif context is None:
            made = list(texts)
            numbers = np.flatnonzero(needs).tolist()
            parts = convert_together([texts[at] for at in numbers], counts.rows[needs], convert)
            for at, part in zip(numbers, parts, strict=True):
                made[at] = part
        else:
            made = convert_lines(texts, counts, wanted.script, convert, apart=not self.cuts)
        return [self._signs(text, wanted) for text in made] if self.signs else made

    def run_mode(self, text: str) -> str:
        """Convert a text as an OpenCC mode or a config file does."""
        goal = self.goal
        name = goal.mode or goal.config if goal else ""
        return self._run((name,), text, _script_of(name) if self.context else None)

    @property
    def known_source(self) -> Locale | None:
        """Where every text comes from, if that was said."""
        goal = self.goal
        return locale_of(self.source) if self.source and goal and goal.locale else None

    def _source(self, text: str, wanted: Locale) -> Locale:
        """Say where a text comes from: its region matters for its words only."""
        if wanted.script == "Hant":
            return Locale("Hans")
        return Locale("Hant", script(text).region if self.regional_words else "")

    def _run(self, steps: tuple[str, ...], text: str, context: Script | None) -> str:
        # Imported here, as below: Simplified text that stays so needs none of it.
        from zhfix.converting.aspect import particles
        from zhfix.converting.engine import engine

        def convert(part: str) -> str:
            for mode in steps:
                part = engine(mode, tofu=self.tofu).convert(part, context=context)
            return particles(part) if steps and context == "Hans" else part

        return convert_around(text, convert, protect=self.protect, keep=self.keep, words=self.words)

    def _signs(self, text: str, wanted: Locale) -> str:
        if self.quotes:
            text = conventions.quotes(text, wanted.script)
        return conventions.full_width(text) if self.full_width else text


@overload
def mostly_hant(hans: int, hant: int) -> bool: ...
@overload
def mostly_hant(hans: NDArray[np.intp], hant: NDArray[np.intp]) -> NDArray[np.bool_]: ...
def mostly_hant(
    hans: int | NDArray[np.intp], hant: int | NDArray[np.intp]
) -> bool | NDArray[np.bool_]:
    """Say by counts of telling characters whether texts are Traditional.

    >>> mostly_hant(1, 9), mostly_hant(2, 9), mostly_hant(0, 0)
    (True, False, False)
    """
    return (hant > 0) & (hant >= MOSTLY * (hans + hant))


@lru_cache(maxsize=64)
def _target(to: str) -> Target:
    return target(to)


@lru_cache(maxsize=64)
def _label(to: str | None) -> tuple[str, float, str]:
    """Return rule, confidence and reason of an edit that converts."""
    goal = _target(to) if to is not None else None
    name = str(goal) if goal else "its own script"
    confidence = EXACT if goal and not goal.locale else WHOLE
    return f"convert/{name}", confidence, f"written as {name}"


def _counted(text: str, hans: int, hant: int) -> Counts:
    """Return the counts of one text; as of one line when all its lines are of one script."""
    if bool(hans) != bool(hant):
        return Counts(*(np.array([count]) for count in (hans, hant, 1)))
    return count_lines(text, np.array([text.count("\n") + 1]))


def _script_of(mode: str) -> Script | None:
    """Return the script a mode leads to when it crosses from one to the other."""
    source, _, to = mode.partition("2")
    if source == "s":
        return "Hant"
    return "Hans" if to.startswith("s") else None


def _naive_in(text: str) -> Naive | None:
    from zhfix.converting.naive import find

    return find(text)


def _put_right(text: str, repaired: Naive | None, *, standard: bool = False) -> str:
    from zhfix.converting.naive import put_right

    return put_right(text, repaired, standard=standard) if repaired else text


def _reason(place: Place, evidence: int) -> str:
    how = "left as in Simplified text" if place.channel == "left-simplified" else "over-converted"
    return f"{place.before} was {how}; {evidence} places of the text show that habit"


def stage(  # noqa: PLR0913 -- each is an option of its own
    *,
    to: str | None = None,
    source: str | None = None,
    context: bool | None = None,
    naive: bool = True,
    regional_words: bool = False,
    quotes: bool = False,
    full_width: bool = False,
    words: Mapping[str, str] | Words | str | PathLike[str] = (),
    keep: tuple[str, ...] = (),
    protect: tuple[str, ...] = (),
    tofu: bool = True,
) -> ConvertStage:
    """Make a stage that converts.

    >>> from zhfix.document import Document
    >>> run = stage(to="zh-Hant-TW")
    >>> doc = Document("鼠标在里面")
    >>> doc.revise("convert", run(doc)).text
    '鼠標在裡面'

    - `to`: a BCP 47 tag, an OpenCC mode, a config file, ``"auto"``, or None: keep the script.
    - `source`: the tag of the text, when it is known; otherwise its script is read off it.
    - `context`: decide ambiguous characters by their neighbours. Default: for locales, not for
      modes. With False a locale gives exactly what its mode gives.
    - `naive`: put naively converted Traditional text right, whatever `to` is.
    - `regional_words`: also change vocabulary (鼠标, 滑鼠).
    - `quotes`, `full_width`: write the signs that the locale's readers expect.
    - `words`: the user's answers, word to word, or the path of a TSV or TOML file of them
      (see `zhfix.converting.spans.load_words`). `keep`: words that stay.
    - `protect`: kinds of stretches that stay: urls, emails, code, markup, placeholders, titles.
    - `tofu`: allow characters that few fonts show.

    Raises `ConfigError` for a target or kind that does not exist.
    """
    if to is not None:
        target(to, path="stages.convert.to")
    if source is not None:
        locale_of(source, path="stages.convert.source")
    check_kinds(tuple(protect))
    if isinstance(words, (str, PathLike)):
        words = load_words(words, to or AUTO)
    pairs = tuple(words.items()) if hasattr(words, "items") else tuple(words)
    if any(not word for word, _ in pairs):
        raise ConfigError("a word to replace is empty", path="stages.convert.words")
    return ConvertStage(
        to,
        source,
        context,
        naive,
        regional_words,
        quotes,
        full_width,
        pairs,
        tuple(keep),
        tuple(protect),
        tofu,
    )


def convert_text(text: str, to: str, **options: object) -> str:
    """Convert a text to a locale, or as an OpenCC mode does; the same object when unchanged.

    >>> convert_text("头发里的云", "zh-Hant-TW")
    '頭髮裡的雲'
    >>> convert_text("鼠标", "s2twp")
    '滑鼠'

    Options are those of `stage`. Raises `ConfigError` for an unknown target.
    """
    return stage(to=to, **options).convert(text)  # type: ignore[arg-type]
