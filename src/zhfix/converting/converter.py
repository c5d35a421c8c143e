"""The converter as a stage: options in, edits out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhfix.converting import conventions
from zhfix.converting.aspect import particles
from zhfix.converting.engine import engine
from zhfix.converting.lines import convert_lines
from zhfix.converting.naive import inspect, put_right
from zhfix.converting.scripts import evidence, script
from zhfix.converting.spans import Words, check_kinds, convert_around
from zhfix.document import Edit, Span
from zhfix.edits import minimal_runs
from zhfix.errors import ConfigError
from zhfix.locales import Locale, Target, locale_of, modes, target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zhfix.converting.naive import Naive, Place
    from zhfix.document import Document
    from zhfix.locales import Script

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
        after, _ = self._convert(text)
        return text if after == text else after

    def __call__(self, document: Document) -> Iterator[Edit]:
        """Propose one coarse edit, or one edit for each place that naive conversion hurt."""
        text = document.text
        after, repaired = self._convert(text)
        if after == text:
            return
        name = str(target(self.to)) if self.to else "its own script"
        if repaired is None or len(after) != len(text):
            exact = self.to is not None and not target(self.to).locale
            yield Edit(
                Span(0, len(text)),
                text,
                after,
                f"convert/{name}",
                EXACT if exact else WHOLE,
                f"written as {name}",
            )
            return
        places = {place.at: place for place in repaired.places}
        for start, end, changed in minimal_runs(text, after):
            for at in range(start, end):
                place = places.get(at)
                yield Edit(
                    Span(at, at + 1),
                    text[at],
                    changed[at - start],
                    f"convert/{place.channel}" if place else f"convert/{name}",
                    repaired.probability if place else WHOLE,
                    _reason(place, repaired.evidence) if place else f"written as {name}",
                )

    def _convert(self, text: str) -> tuple[str, Naive | None]:
        """Return the converted text, and what was found out about naive conversion."""
        if text.isascii():
            return text, None
        goal = target(self.to) if self.to is not None else None
        if goal is not None and (goal.mode or goal.config):
            name = goal.mode or goal.config
            script_of = _script_of(name) if self.context else None
            return self._run((name,), text, script_of), None
        seen = evidence(text)
        wanted = goal.locale if goal and goal.locale else Locale(seen.majority)
        repaired: Naive | None = None
        if (
            self.naive
            and wanted.script == "Hant"
            and seen.hant
            and seen.hant >= MOSTLY * (seen.hans + seen.hant)
        ):
            repaired = inspect(text)
            if repaired.places:
                text = put_right(text, repaired, standard=bool(goal and wanted.region))
        if goal is not None:
            text = self._to_locale(text, goal, wanted, bool(repaired and repaired.places))
        return text, repaired if repaired and repaired.places else None

    def _to_locale(self, text: str, goal: Target, wanted: Locale, repaired: bool) -> str:  # noqa: FBT001
        context = wanted.script if self.context is not False else None
        if self.source is not None and goal.locale is not None:
            source = locale_of(self.source, path="source")
            steps = modes(source, goal.locale, regional_words=self.regional_words)
            text = self._run(steps, text, context)
        else:
            seen = evidence(text)
            strays = seen.hant if wanted.script == "Hans" else seen.hans
            if strays or not (seen.hans or seen.hant):
                steps = modes(
                    self._source(text, wanted), wanted, regional_words=self.regional_words
                )
                text = self._steps_by_line(steps, text, wanted, context)
            elif repaired and wanted.region:
                # The text never had a regional standard: it gets the reader's.
                text = self._run(modes(Locale("Hant"), wanted), text, None)
            elif self.words or self.quotes or self.full_width:
                text = self._run((), text, None)
        if self.quotes:
            text = conventions.quotes(text, wanted.script)
        return conventions.full_width(text) if self.full_width else text

    def _source(self, text: str, wanted: Locale) -> Locale:
        """Say where a text comes from: its region matters for its words only."""
        if wanted.script == "Hant":
            return Locale("Hans")
        return Locale("Hant", script(text).region if self.regional_words else "")

    def _steps_by_line(
        self, steps: tuple[str, ...], text: str, wanted: Locale, context: Script | None
    ) -> str:
        if self.context is False:
            return self._run(steps, text, None)
        return convert_lines(text, wanted.script, lambda part: self._run(steps, part, context))

    def _run(self, steps: tuple[str, ...], text: str, context: Script | None) -> str:
        def convert(part: str) -> str:
            for mode in steps:
                part = engine(mode, tofu=self.tofu).convert(part, context=context)
            return particles(part) if steps and context == "Hans" else part

        return convert_around(text, convert, protect=self.protect, keep=self.keep, words=self.words)


def _script_of(mode: str) -> Script | None:
    """Return the script a mode leads to when it crosses from one to the other."""
    source, _, to = mode.partition("2")
    if source == "s":
        return "Hant"
    return "Hans" if to.startswith("s") else None


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
    words: Mapping[str, str] | Words = (),
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
    - `words`: the user's answers, word to word. `keep`: words that stay.
    - `protect`: kinds of stretches that stay: urls, emails, code, markup, placeholders, titles.
    - `tofu`: allow characters that few fonts show.

    Raises `ConfigError` for a target or kind that does not exist.
    """
    if to is not None:
        target(to, path="stages.convert.to")
    if source is not None:
        locale_of(source, path="stages.convert.source")
    check_kinds(tuple(protect))
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
