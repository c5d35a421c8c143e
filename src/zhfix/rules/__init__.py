"""The catalogue of rules: every id that a finding or an edit of a built-in stage can have.

>>> from zhfix import rules
>>> rules.catalogue()["spam-mirror/gloss"].stage
'repair'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from zhfix.errors import ConfigError, UnknownNameError
from zhfix.packaged import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["EVERY_RULE", "Rule", "Selection", "UnknownRuleError", "catalogue", "find", "selection"]

StageName: TypeAlias = Literal["decode", "repair", "strip", "convert", "encode"]

TEXTS = "rules.toml"

#: So many near names are suggested for an unknown one, when they are this much alike.
SUGGESTIONS = 3
LIKENESS = 0.5


class UnknownRuleError(UnknownNameError):
    """No rule has that id."""

    kind = "rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule means, with an example that the tests run.

    >>> rule = find("escape/hz")
    >>> rule.example_before, rule.example_after, rule.default
    ('~{VP9zHKCq~}的新闻', '中国人民的新闻', True)

    Attributes:
        id: stable; the part before the slash is the family.
        summary: one line.
        paragraph: what it is, and when it is left alone.
        cause: which software does this, and how.
        certainty: how sure one can be.
        stage: the slot that emits it; those of "repair" are reported by `detect` as well.
        example_before: a text; of `decode`, bytes in hexadecimal; of `encode`, the text.
        example_after: what the stage makes of it; the same text where it only reports.
        options: what the stage must be given for the example.
        default: whether it is in force without being named in `extend`.
    """

    id: str
    summary: str
    paragraph: str
    cause: str
    certainty: str
    stage: StageName
    example_before: str
    example_after: str
    options: Mapping[str, Any] = field(default_factory=dict)
    default: bool = True

    @property
    def family(self) -> str:
        """The part of the id before the slash.

        >>> find("escape/hz").family
        'escape'
        """
        return self.id.partition("/")[0]


@cache
def catalogue() -> Mapping[str, Rule]:
    """Return all rules by id, in the order of the stages.

    >>> {rule.stage for rule in catalogue().values()} == {
    ...     "decode", "repair", "strip", "convert", "encode"}
    True

    A user's own rules and functions (`function/…`) are not in it.
    """
    # Imported here: the texts of the channels come with their tables.
    from zhfix.rules.stages import all_rules

    return MappingProxyType({rule.id: rule for rule in all_rules(_texts())})


def find(name: str) -> Rule:
    """Return the rule of an id.

    >>> find("escape/hz").summary
    'HZ read as ASCII'

    Raises `UnknownRuleError`, a `LookupError`, that says which ids are near.
    """
    if name in catalogue():
        return catalogue()[name]
    raise UnknownRuleError(name, _near(name, catalogue()) or _families(catalogue()))


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rules are in force; made and checked by `selection`.

    >>> Selection(ignore=("escape",))("escape/hz")
    False
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend: tuple[str, ...] = ()

    def __call__(self, rule: str) -> bool:
        """Whether a rule is in force, by its id alone."""
        if self.select and not rule.startswith((*self.select, *self.extend)):
            return False
        return not (self.ignore and rule.startswith(self.ignore))

    @property
    def named(self) -> frozenset[str]:
        """What is asked for by its full id: only so a rule that is off by default comes on."""
        return frozenset(self.select + self.extend) - set(self.ignore)


EVERY_RULE = Selection()
"""All rules that are on by default."""


def selection(
    known: Callable[[], Iterable[str]],
    *,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    extend: str | Sequence[str] = (),
) -> Selection:
    """Make a selection of rules, by ids or by beginnings of them.

    >>> selection(lambda: ["escape/hz"], ignore="escape")
    Selection(select=(), ignore=('escape',), extend=())
    >>> selection(lambda: ["escape/hz"], select=["escpe/hz"])
    Traceback (most recent call last):
    zhfix.errors.ConfigError: select: no rule 'escpe/hz'; near: escape/hz, escape

    With `select` only those are in force; `ignore` takes out of them; `extend` adds rules that
    are off by default. Raises `ConfigError` when a name begins none of the `known` ids, which
    are asked for only where there is a name.
    """
    if not (select or ignore or extend):
        return EVERY_RULE
    ids = tuple(known())
    chosen = []
    for option, names in (("select", select), ("ignore", ignore), ("extend", extend)):
        listed = (names,) if isinstance(names, str) else tuple(names)
        for name in listed:
            if not any(rule.startswith(name) for rule in ids):
                near = _near(name, ids)
                hint = f"near: {', '.join(near)}" if near else f"families: {_families(ids)}"
                raise ConfigError(f"no rule {name!r}; {hint}", path=option)
        chosen.append(listed)
    return Selection(*chosen)


def _near(name: str, ids: Iterable[str]) -> list[str]:
    """The ids and families that look like a name."""
    from difflib import get_close_matches

    every = [*ids]
    every += sorted({rule.partition("/")[0] for rule in every})
    return get_close_matches(name, every, n=SUGGESTIONS, cutoff=LIKENESS)


def _families(ids: Iterable[str]) -> list[str]:
    return sorted({rule.partition("/")[0] for rule in ids})


@cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    """Read the texts of the rules that are not derived from a table of their stage."""
    import tomllib

    data = tomllib.loads(read(TEXTS).decode("utf-8"))
    return dict(_flat(data))


def _flat(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for family, members in data.items():
        for name, entry in members.items():
            yield f"{family}/{name}", entry
