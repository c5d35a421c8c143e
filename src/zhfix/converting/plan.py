"""Which OpenCC modes bring a text to its target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zhfix.converting.scripts import evidence
from zhfix.locales import Locale, Target, modes

if TYPE_CHECKING:
    from zhfix.locales import Script


def plan(
    text: str, goal: Target, *, source: Locale | None = None, regional_words: bool = False
) -> tuple[str, ...]:
    """Return the modes to run, in order; none when the text is already as wanted.

    >>> from zhfix.locales import target
    >>> plan("鼠标在里面", target("zh-Hant-TW"))
    ('s2tw',)
    >>> plan("滑鼠在裡面", target("zh-Hant-TW"))
    ()

    `source` says where the text comes from; without it the script is read off the text, and
    text that is already in the wanted script stays as it is, whatever its region.
    """
    if goal.mode:
        return (goal.mode,)
    if source is not None and goal.locale is not None:
        return modes(source, goal.locale, regional_words=regional_words)
    seen = evidence(text)
    wanted = goal.locale or Locale(seen.majority)
    strays = seen.hant if wanted.script == "Hans" else seen.hans
    if not strays and (seen.hant or seen.hans or goal.auto):
        return ()
    other: Script = "Hant" if wanted.script == "Hans" else "Hans"
    return modes(Locale(other), wanted, regional_words=regional_words)
