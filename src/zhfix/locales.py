"""BCP 47 tags for written Chinese, in and out, and the OpenCC mode that each pair means.

A locale is a script and perhaps a region. What people write is accepted (``zh-TW``,
``zh_TW.UTF-8``, ``zh-CHT``, ``cmn-Hant``); what is printed is the full tag, ``zh-Hant-TW``.

====================  =====================  ==========================
from                  to                     OpenCC mode (with words)
====================  =====================  ==========================
zh-Hans, any region   zh-Hant                s2t
zh-Hans, any region   zh-Hant-TW             s2tw (s2twp)
zh-Hans, any region   zh-Hant-HK, -MO        s2hk (s2hkp)
zh-Hant               zh-Hans, any region    t2s
zh-Hant-TW            zh-Hans, any region    tw2s (tw2sp)
zh-Hant-HK, -MO       zh-Hans, any region    hk2s (hk2sp)
zh-Hant               zh-Hant-TW             t2tw
zh-Hant               zh-Hant-HK, -MO        t2hk
zh-Hant-TW            zh-Hant                tw2t
zh-Hant-HK, -MO       zh-Hant                hk2t
zh-Hant-TW            zh-Hant-HK, -MO        tw2t, then t2hk
zh-Hant-HK, -MO       zh-Hant-TW             hk2t, then t2tw
====================  =====================  ==========================

Plain ``zh-Hant`` is OpenCC's own standard (臺 裏 爲); readers in Taiwan and Hong Kong expect
the tag of their region.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from zhfix.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AUTO", "MODES", "Locale", "Target", "locale_of", "modes", "normalize", "target"]

#: The 16 conversions of OpenCC that are tested for exactness.
MODES = (
    *("s2t", "t2s", "s2tw", "tw2s", "s2twp", "tw2sp", "s2hk", "hk2s", "s2hkp", "hk2sp"),
    *("t2tw", "tw2t", "t2hk", "hk2t", "t2jp", "jp2t"),
)

#: Keep the script that most of the text has, and bring strays to it.
AUTO = "auto"

Script = Literal["Hans", "Hant"]

#: Which script a region writes when the tag does not say: CLDR's likely subtags.
_SCRIPT_OF_REGION: dict[str, Script] = {
    "CN": "Hans",
    "SG": "Hans",
    "MY": "Hans",
    "TW": "Hant",
    "HK": "Hant",
    "MO": "Hant",
}
#: Names from before BCP 47 that are still found in the wild, mostly from .NET.
_LEGACY: dict[str, str] = {
    "zh-chs": "zh-Hans",
    "zh-cht": "zh-Hant",
    "chs": "zh-Hans",
    "cht": "zh-Hant",
    "hans": "zh-Hans",
    "hant": "zh-Hant",
    "sc": "zh-Hans",
    "tc": "zh-Hant",
}
#: Languages written with these scripts; the tag that comes out says `zh`.
_LANGUAGES = frozenset({"zh", "cmn", "yue", "wuu", "nan", "hak", "lzh", "gan", "hsn", "zho", "chi"})
#: Languages whose readers expect one script and region when the tag says nothing else.
_LANGUAGE_DEFAULTS = {"yue": ("Hant", "HK"), "nan": ("Hant", "TW"), "lzh": ("Hant", "")}
#: What a suggestion may name.
_KNOWN_TAGS = (
    *("zh-Hans", "zh-Hans-CN", "zh-Hans-SG", "zh-Hans-MY", "zh-CN", "zh-SG"),
    *("zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "zh-Hant-MO", "zh-TW", "zh-HK", "zh-MO"),
)
_REGION = re.compile(r"[a-z]{2}|\d{3}")

#: OpenCC's name for the standard of a script and region.
_STANDARD = {"TW": "tw", "HK": "hk", "MO": "hk"}


@dataclass(frozen=True, slots=True)
class Locale:
    """A script and the region whose standard is meant (empty: none in particular).

    >>> str(Locale("Hant", "TW"))
    'zh-Hant-TW'
    """

    script: Script
    region: str = ""

    def __str__(self) -> str:
        """Print the full BCP 47 tag."""
        return f"zh-{self.script}-{self.region}" if self.region else f"zh-{self.script}"

    @property
    def standard(self) -> str:
        """OpenCC's short name: ``s``, ``t``, ``tw`` or ``hk``.

        >>> Locale("Hant", "MO").standard
        'hk'
        """
        return "s" if self.script == "Hans" else _STANDARD.get(self.region, "t")


@dataclass(frozen=True, slots=True)
class Target:
    """What `to` asks for: exactly one of a locale, an OpenCC mode, a config file, or `auto`.

    >>> target("zh-TW").locale
    Locale(script='Hant', region='TW')
    >>> target("s2twp").mode
    's2twp'
    """

    locale: Locale | None = None
    mode: str = ""
    config: str = ""
    auto: bool = False

    def __str__(self) -> str:
        """Print what `to` would be in its full form."""
        return str(self.locale) if self.locale else self.mode or self.config or AUTO


def target(to: str, *, path: str = "to") -> Target:
    """Say what `to` means: a BCP 47 tag, an OpenCC mode, a ``.json`` config file, or ``auto``.

    >>> str(target("zh_TW.UTF-8"))
    'zh-Hant-TW'
    >>> target("auto").auto
    True
    >>> target("zh-Hnt")
    Traceback (most recent call last):
    ...
    zhfix.errors.ConfigError: to: unknown locale or OpenCC mode 'zh-Hnt'; did you mean 'zh-Hant'?

    `path` is the dotted key that an error names. Raises `ConfigError`.
    """
    if not isinstance(to, str):
        raise ConfigError(f"expected a tag or a mode as text, got {to!r}", path=path)
    name = to.strip()
    if name.lower() in MODES:
        return Target(mode=name.lower())
    if name.lower() == AUTO:
        return Target(auto=True)
    if name.lower().endswith(".json"):
        stem = name.lower().removesuffix(".json")
        return Target(mode=stem) if stem in MODES else Target(config=name)
    return Target(locale=locale_of(name, path=path))


def locale_of(tag: str, *, path: str = "locale") -> Locale:
    """Parse a tag of written Chinese.

    >>> locale_of("zh-HK"), locale_of("zh-Hans"), locale_of("yue")
    (Locale(script='Hant', region='HK'), Locale(script='Hans', region=''), Locale(script='Hant', region='HK'))

    Variants, extensions and private use (``-u-nu-hanidec``, ``-x-…``) are read and dropped.
    Raises `ConfigError`, which names the nearest tag.
    """  # noqa: E501 -- a doctest's result cannot be broken
    clean = tag.strip().split(".")[0].split("@")[0].replace("_", "-").lower()
    subtags = _LEGACY.get(clean, clean).lower().split("-")
    language, rest = subtags[0], subtags[1:]
    if language not in _LANGUAGES:
        raise _unknown(tag, path)
    if rest and rest[0] in _LANGUAGES:  # zh-cmn-Hans, zh-yue: an extended language
        language, rest = rest[0], rest[1:]
    script, region, rest = _script_and_region(rest)
    if rest and not _is_variant_or_extension(rest[0]):
        raise _unknown(tag, path)
    if not script:
        if region:
            script = _SCRIPT_OF_REGION.get(region)
        else:
            likely, region = _LANGUAGE_DEFAULTS.get(language, ("Hans", ""))
            script = "Hant" if likely == "Hant" else "Hans"
    if script is None:
        raise _unknown(tag, path)
    return Locale(script, region)


def _script_and_region(subtags: list[str]) -> tuple[Script | None, str, list[str]]:
    script: Script | None = None
    region = ""
    if subtags and subtags[0] in {"hans", "hant"}:
        script = "Hans" if subtags[0] == "hans" else "Hant"
        subtags = subtags[1:]
    if subtags and _REGION.fullmatch(subtags[0]):
        region = subtags[0].upper()
        subtags = subtags[1:]
    return script, region, subtags


def _is_variant_or_extension(subtag: str) -> bool:
    """BCP 47: a singleton opens an extension; a variant has 5-8 signs, or a digit and 3."""
    return len(subtag) == 1 or 5 <= len(subtag) <= 8 or bool(re.fullmatch(r"\d\w{3}", subtag))


def _unknown(tag: str, path: str) -> ConfigError:
    hint = did_you_mean(tag, (*_KNOWN_TAGS, *MODES, AUTO))
    return ConfigError(f"unknown locale or OpenCC mode {tag!r}{hint}", path=path)


def normalize(tag: str) -> str:
    """Return the full form of a tag.

    >>> normalize("zh_tw"), normalize("zh-CHS"), normalize("zh-cmn-Hant-HK")
    ('zh-Hant-TW', 'zh-Hans', 'zh-Hant-HK')

    Raises `ConfigError` for a tag that is not of written Chinese.
    """
    return str(locale_of(tag))


def modes(source: Locale, to: Locale, *, regional_words: bool = False) -> tuple[str, ...]:
    """Return the OpenCC modes that lead from one locale to another, in order; none if equal.

    >>> modes(Locale("Hans"), Locale("Hant", "TW"), regional_words=True)
    ('s2twp',)
    >>> modes(Locale("Hant", "TW"), Locale("Hant", "HK"))
    ('tw2t', 't2hk')

    `regional_words` takes the modes that also change vocabulary (鼠标, 滑鼠), where they exist.
    """
    one, other = source.standard, to.standard
    if one == other:
        return ()
    direct = f"{one}2{other}"
    steps: Iterable[str] = (direct,) if direct in MODES else (f"{one}2t", f"t2{other}")
    return tuple(f"{m}p" if regional_words and f"{m}p" in MODES else m for m in steps)
