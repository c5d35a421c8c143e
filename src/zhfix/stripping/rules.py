"""Boilerplate rules are data: read from TOML, checked, and compiled on first use.

The built-in rules and their format: `data/strip-rules.toml`. A user's own file has the same
format and is added to a preset, or replaces rules of the same id.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, fields
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from zhfix.errors import ConfigError, did_you_mean
from zhfix.packaged import read
from zhfix.patterns import lazy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

Preset = Literal["news", "light", "novel", "forum"]
Zone = Literal["head", "tail", "edge", "anywhere"]
Strength = Literal["sure", "hint"]
Scope = Literal["line", "span"]
Ends = Literal["", "often", "always"]

PRESETS: tuple[str, ...] = get_args(Preset)

INDEX_LENGTHS = (24, 60, 140, float("inf"))
"""Rules are indexed by the length of lines: most look at short lines only, and prose is long."""

LONGEST_LINE = 20_000
"""No longer line is boilerplate: whoever leaves out line ends has put the article into it."""

_TABLES = ("macros", "page_signs", "rule")
_BUILT_IN = "strip.json"
_MACRO = lazy(r"\{([A-Z]+)\}")


@dataclass(frozen=True)
class Rule:
    """One kind of boilerplate line: what it looks like, and where it may stand.

    >>> rule = Rule("user/slogan", ("每日新闻,天天.{1,9}",), ("每日",))
    >>> rule.matches("每日新闻,天天有你"), rule.matches("每日新闻写道")
    (True, False)

    `patterns` are regular expressions over the shadow of a line (see `shadow`), and every line
    that they match has one of the `triggers`.
    """

    id: str
    patterns: tuple[str, ...]
    triggers: tuple[str, ...]
    zone: Zone = "edge"
    strength: Strength = "sure"
    scope: Scope = "line"
    presets: tuple[str, ...] = PRESETS
    longest: int = 120
    unless: str = ""
    ends: Ends = ""
    examples: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()
    reason: str = "a rule of the user"
    confidence: float = 0.95

    @cached_property
    def compiled(self) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
        """Return the patterns as one, and that of `unless`; compiled when first asked for."""
        joined = "|".join(f"(?:{pattern})" for pattern in self.patterns)
        return re.compile(joined), re.compile(self.unless) if self.unless else None

    def matches(self, shadow: str) -> bool:
        """Tell whether the whole line, given as its shadow, is this kind of boilerplate.

        >>> Rule("user/x", ("广告",), ("广告",)).matches("广告位")
        False
        """
        if len(shadow) > self.longest or not any(map(shadow.__contains__, self.triggers)):
            return False
        return self.fits(shadow)

    def fits(self, shadow: str) -> bool:
        """Tell the same of a line that is known to hold a trigger and not to be too long.

        >>> Rule("user/x", ("广告",), ("广告",)).fits("广告")
        True
        """
        pattern, unless = self.compiled
        return pattern.fullmatch(shadow) is not None and not (unless and unless.search(shadow))

    def spans(self, shadow: str) -> list[tuple[int, int]]:
        """Return the parts of a line, in offsets of its shadow, that are boilerplate.

        >>> Rule("user/x", ("广告",), ("广告",), scope="span").spans("前广告后")
        [(1, 3)]
        """
        if not any(map(shadow.__contains__, self.triggers)):
            return []
        pattern, unless = self.compiled
        if unless and unless.search(shadow):
            return []
        return [match.span() for match in pattern.finditer(shadow) if match[0]]


#: What a rule may say of itself.
_FIELDS = tuple(field.name for field in fields(Rule))


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules of a preset, split by how they are used."""

    lines: tuple[Rule, ...]
    spans: tuple[Rule, ...]
    anywhere: tuple[Rule, ...]
    """The rules that hold anywhere, not only near an end."""
    indexes: tuple[_Index, ...]

    @property
    def everywhere(self) -> tuple[str, ...]:
        """The triggers of the rules that hold anywhere.

        >>> rule_set("light").everywhere
        ()
        """
        return _triggers(self.anywhere)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The triggers of all rules, each of which a matched line must hold one of.

        >>> "责编" in rule_set().triggers
        True
        """
        return _triggers((*self.lines, *self.spans))

    @property
    def sure_triggers(self) -> tuple[str, ...]:
        """The triggers of the rules that need no other rule beside them.

        >>> "中" in rule_set().triggers, "中" in rule_set().sure_triggers
        (True, False)
        """
        sure = (rule for rule in self.lines if rule.strength == "sure")
        return _triggers((*sure, *self.spans))

    def matching(
        self, shadow: str, zone: str = "", anchors: Iterable[bytes] | None = None
    ) -> Rule | None:
        """Return the first line rule of a zone (of any, if "") that matches a shadow.

        >>> rule_set().matching("责任编辑:张三", "tail").id
        'boilerplate/editor'

        `anchors` are those of the triggers that it may hold, if that is known.
        """
        length = len(shadow)
        if length > LONGEST_LINE:
            return None
        led = self.indexes[bisect_left(INDEX_LENGTHS, length)].in_question(shadow, anchors)
        if not led:
            return None
        numbers = {number for trigger, rules in led if trigger in shadow for number in rules}
        for number in sorted(numbers):
            rule = self.lines[number]
            here = not zone or rule.zone in (zone, "edge")
            if here and length <= rule.longest and rule.fits(shadow):
                return rule
        return None


_Lead = tuple[str, tuple[int, ...]]
"""A trigger, and the numbers of the rules to which it leads."""


class _Index(NamedTuple):
    """Where the triggers of the rules for lines up to a length lead."""

    words: tuple[str, ...]
    """The triggers."""
    firsts: frozenset[str]
    by_first: Mapping[str, tuple[_Lead, ...]]
    by_pair: Mapping[bytes, tuple[_Lead, ...]]
    """The same by the pair that `anchor` takes; those that have none are in `alone`."""
    alone: Mapping[str, tuple[_Lead, ...]]

    def in_question(self, shadow: str, anchors: Iterable[bytes] | None) -> list[_Lead]:
        """Return triggers that a shadow may hold; it holds no others."""
        if anchors is None:
            firsts = self.firsts.intersection(shadow)
            return [lead for first in firsts for lead in self.by_first[first]]
        led = [lead for pair in anchors if pair in self.by_pair for lead in self.by_pair[pair]]
        for head, leads in self.alone.items():
            if head in shadow:
                led += leads
        return led


@lru_cache(maxsize=4096)
def anchor(trigger: str) -> tuple[int, bytes]:
    """Return the pair of UTF-16 units by which a trigger is looked for, and where in it that is.

    >>> anchor("相关阅读") == (1, "关阅".encode("utf-16-le")), anchor("©")
    (True, (0, b''))

    It is the middle one: words of four characters are made of two that are common by themselves.
    """
    units = trigger.encode("utf-16-le", "surrogatepass")
    if len(units) < 4:
        return 0, b""
    offset = (len(units) // 2 - 1) // 2
    return offset, units[2 * offset : 2 * offset + 4]


def rule_set(preset: str = "news", own: tuple[Rule, ...] = ()) -> RuleSet:
    """Return the rules in force; a user's rule replaces the built-in one of the same id.

    >>> any(rule.id == "boilerplate/editor" for rule in rule_set("light").lines)
    False

    Raises `ConfigError` for an unknown preset.
    """
    if preset not in PRESETS:
        raise ConfigError(
            f"no such preset {preset!r}{did_you_mean(preset, PRESETS)}", path="preset"
        )
    return _rule_set(preset, own)


@lru_cache(maxsize=64)
def _rule_set(preset: str, own: tuple[Rule, ...]) -> RuleSet:
    replaced = {rule.id for rule in own}
    chosen = [rule for rule in built_in() if rule.id not in replaced]
    rules = [rule for rule in (*chosen, *own) if preset in rule.presets]
    lines = tuple(rule for rule in rules if rule.scope == "line")
    spans = tuple(rule for rule in rules if rule.scope == "span")
    anywhere = (*spans, *(rule for rule in lines if rule.zone == "anywhere"))
    return RuleSet(lines, spans, anywhere, tuple(_index(lines, n) for n in INDEX_LENGTHS))


def _index(rules: tuple[Rule, ...], longest: float) -> _Index:
    """Index the rules for lines of up to `longest` characters but over the length before it."""
    shorter = max((n for n in INDEX_LENGTHS if n < longest), default=0)
    numbers: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for trigger in rule.triggers if rule.longest > shorter else ():
            numbers.setdefault(trigger, []).append(number)
    by_first: dict[str, tuple[_Lead, ...]] = {}
    by_pair: dict[bytes, tuple[_Lead, ...]] = {}
    alone: dict[str, tuple[_Lead, ...]] = {}
    for trigger, having in numbers.items():
        led = ((trigger, tuple(having)),)
        by_first[trigger[0]] = by_first.get(trigger[0], ()) + led
        # In the text blanks may be doubled, so only what stands before the first one is sure.
        head = trigger.partition(" ")[0]
        if pair := anchor(head)[1]:
            by_pair[pair] = by_pair.get(pair, ()) + led
        else:
            alone[head] = alone.get(head, ()) + led
    return _Index(tuple(numbers), frozenset(by_first), by_first, by_pair, alone)


def _triggers(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(trigger for rule in rules for trigger in rule.triggers))


@cache
def built_in() -> tuple[Rule, ...]:
    """Return the rules that come with zhfix, in the order in which they are tried.

    >>> built_in()[0].id
    'boilerplate/breadcrumb'
    """
    # Not compiled before use: the tests have done so, and it takes longer than a short text.
    return tuple(_made(_built_in_tables()).values())


@cache
def page_signs() -> tuple[str, ...]:
    """Return what only web pages say, as triggers of the scan.

    >>> "责任编辑" in page_signs()
    True
    """
    return tuple(_built_in_tables()["page_signs"])


@cache
def _built_in_tables() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(read(_BUILT_IN))["rules"]
    return tables


def load_rules(path: str | PathLike[str]) -> tuple[Rule, ...]:
    """Read a user's own rules from a TOML file of the built-in rules' format.

    Raises `OSError` when it cannot be read and `ConfigError` when it cannot be used.
    """
    from pathlib import Path

    return parse_rules(Path(path).read_text("utf-8"))


def parse_rules(toml: str) -> tuple[Rule, ...]:
    r"""Read rules from TOML text: `[macros]`, and a `[[rule]]` table for each rule.

    >>> parse_rules('[[rule]]\nid = "user/ad"\npatterns = ["广告.*"]\ntriggers = ["广告"]')[0].zone
    'edge'

    `id`, `patterns` and `triggers` are required. Raises `ConfigError` that names the key.
    """
    import tomllib

    try:
        rules = _made(tomllib.loads(toml))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(error), path="rules") from error
    for path, rule in rules.items():
        try:
            rule.compiled  # noqa: B018 -- compiles
        except re.error as error:
            raise ConfigError(str(error), path=f"{path} {rule.id}.patterns") from error
    return tuple(rules.values())


def _made(tables: Mapping[str, Any]) -> dict[str, Rule]:
    """Make the rules, by where they stand."""
    for key in tables:
        if key not in _TABLES:
            raise ConfigError(f"unknown key{did_you_mean(key, _TABLES)}", path=key)
    macros = _expanded(tables.get("macros", {}))
    entries = enumerate(tables.get("rule", []))
    return {f"rule[{number}]": _rule(entry, macros, f"rule[{number}]") for number, entry in entries}


def _expanded(macros: Mapping[str, str]) -> dict[str, str]:
    """Fill macros into the macros after them."""
    done: dict[str, str] = {}
    for name, pattern in macros.items():
        done[name] = _fill(pattern, done, f"macros.{name}")
    return done


def _fill(pattern: str, macros: Mapping[str, str], path: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] not in macros:
            raise ConfigError(f"no macro {match[1]!r}{did_you_mean(match[1], macros)}", path=path)
        return macros[match[1]]

    return _MACRO.sub(value, pattern)


_CHOICES: dict[str, tuple[str, ...]] = {
    "zone": get_args(Zone),
    "strength": get_args(Strength),
    "scope": get_args(Scope),
    "ends": get_args(Ends),
}


def _rule(entry: Mapping[str, Any], macros: Mapping[str, str], path: str) -> Rule:
    path = f"{path} {entry.get('id', '')!s}".rstrip()
    fields: dict[str, Any] = {}
    for key, given in entry.items():
        if key not in _FIELDS:
            raise ConfigError(f"unknown key{did_you_mean(key, _FIELDS)}", path=f"{path}.{key}")
        value = tuple(given) if isinstance(given, list) else given
        for one in (
            (value if key == "presets" else (value,)) if key in {*_CHOICES, "presets"} else ()
        ):
            choices = PRESETS if key == "presets" else _CHOICES[key]
            if one not in choices:
                raise ConfigError(f"{one!r}{did_you_mean(str(one), choices)}", path=f"{path}.{key}")
        fields[key] = value
    for key in ("id", "patterns", "triggers"):
        if not fields.get(key):
            raise ConfigError("is required", path=f"{path}.{key}")
    fields["patterns"] = tuple(_fill(p, macros, f"{path}.patterns") for p in fields["patterns"])
    if fields.get("unless"):
        fields["unless"] = _fill(fields["unless"], macros, f"{path}.unless")
    return Rule(**fields)
