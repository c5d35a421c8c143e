"""Strip: remove what belongs to the site and not to the work, and never a sentence of the work.

>>> strip("踐行倡議\\n\\n(責編：陳濛濛)\\n")
'踐行倡議\\n'

How it decides, its rules and its figures: docs/strip.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zhfix.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from zhfix.stages import Stage
    from zhfix.stripping.boilerplate import StripStage
    from zhfix.stripping.facts import Metadata
    from zhfix.stripping.repeats import common_lines
    from zhfix.stripping.rules import PRESETS, Rule, load_rules, parse_rules

__all__ = [
    "PRESETS",
    "Metadata",
    "Rule",
    "StripStage",
    "common_lines",
    "load_rules",
    "metadata",
    "parse_rules",
    "stage",
    "strip",
]


# Loaded on first use: numpy and the tables take longer than the rest of `import zhfix`.
_HOMES = {
    "Metadata": "facts",
    "common_lines": "repeats",
    "PRESETS": "rules",
    "Rule": "rules",
    "load_rules": "rules",
    "parse_rules": "rules",
    "StripStage": "boilerplate",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def stage(
    preset: str = "news",
    rules: str | PathLike[str] | Iterable[Rule] | None = None,
    *,
    repeats: int = 0,
    known: Iterable[str] = (),
    whole_pages: bool = True,
) -> Stage:
    """Make the stage that removes boilerplate.

    >>> [edit.rule for edit in stage()(Document("正文。\\n责任编辑：张三"))]
    ['boilerplate/editor']

    `preset` is "news", "light" (spam and copyright only), "novel" or "forum". `rules` are a
    user's own, as a TOML file's path or as `Rule`s. `repeats` removes lines that occur so many
    times in a document, `known` the lines of `common_lines`. `whole_pages` lets it cut the
    article out of the dump of a whole web page.
    Raises `ConfigError` for an unknown preset or a rule that cannot be used.
    """
    from os import PathLike

    from zhfix.stripping.boilerplate import StripStage
    from zhfix.stripping.rules import load_rules

    if rules is None:
        own: tuple[Rule, ...] = ()
    elif isinstance(rules, (str, PathLike)):
        own = load_rules(rules)
    else:
        own = tuple(rules)
    # Cutting whole pages would take the posts of a forum apart and is not light.
    whole_pages = whole_pages and preset in {"news", "novel"}
    return StripStage(preset, own, repeats, frozenset(known), whole_pages)


def strip(text: str, *, preset: str = "news") -> str:
    """Return a text without boilerplate; the same object when there is none.

    >>> strip("首页 > 新闻 > 国内\\n标题\\n正文。")
    '标题\\n正文。'
    """
    document = Document(text)
    return document.revise("strip", stage(preset)(document)).text


def metadata(text: str, *, preset: str = "news") -> Metadata:
    """Return what the site said about a work: title, date, source, author, editor, licence.

    >>> metadata("标题\\n来源：新华网 作者：张三\\n正文有句号。").as_dict()
    {'title': '标题', 'source': '新华网', 'author': '张三'}

    Reads the lines that `strip` with that preset removes. Fields not found are None.
    """
    from zhfix.stripping.facts import metadata_of

    document = Document(text)
    stripped = document.revise("strip", stage(preset)(document))
    return metadata_of(stripped.edits, stripped.text)
