"""Stretches of text that a conversion leaves alone or answers itself.

Protected kinds (URLs, code, …), the user's own words, and words to keep are cut out before
the conversion and put back after it; the rest is converted as one text, in which a separator
that no dictionary knows stands for each stretch.
"""

from __future__ import annotations

import re
from functools import lru_cache
from os import PathLike
from typing import TYPE_CHECKING

from zhfix.errors import ConfigError, did_you_mean
from zhfix.locales import target

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KINDS", "Words", "around", "check_kinds", "convert_around", "load_words"]

Words = tuple[tuple[str, str], ...]

#: What can be protected by name.
KINDS = {
    # An address ends at white space, at Chinese, or at punctuation that closes a sentence.
    "urls": r"(?:https?|ftp)://[^\s<>\"'，。；！？、（）「」『』《》“”\u4e00-\u9fff]+|www\.[\w.-]+\.\w+[^\s\u4e00-\u9fff，。]*",
    "emails": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "code": r"```.*?```|~~~.*?~~~|``[^`]+``|`[^`\n]+`",
    "markup": r"<!--.*?-->|</?[A-Za-z][^<>]*>|&(?:\w+|#\d+|#x[0-9A-Fa-f]+);",
    # {name}, ${name}, {{ name }}, %(name)s, %s, %1$d
    "placeholders": r"\{\{[^{}]*\}\}|\$?\{[^{}\n]*\}|%\([^()\n]+\)[a-zA-Z]"
    r"|%(?:\d+\$)?[-+0 #]*\d*(?:\.\d+)?[sdifgxXcr@]",
    "titles": r"《[^《》\n]{1,60}》|〈[^〈〉\n]{1,60}〉",
}
#: Noncharacters: no text should have them, and no dictionary does.
_SEPARATORS = "\ufdd0\ufdd1\ufdd2\ufdd3"


def check_kinds(kinds: tuple[str, ...]) -> None:
    """Raise `ConfigError` for a kind that does not exist."""
    for kind in kinds:
        if kind not in KINDS:
            hint = did_you_mean(kind, KINDS)
            raise ConfigError(f"unknown kind {kind!r}{hint}", path="stages.convert.protect")


@lru_cache(maxsize=64)
def _pattern(kinds: tuple[str, ...], keep: tuple[str, ...], words: Words) -> re.Pattern[str]:
    literal = sorted({*keep, *(word for word, _ in words)}, key=len, reverse=True)
    parts = [KINDS[kind] for kind in kinds] + [re.escape(word) for word in literal if word]
    return re.compile("|".join(parts), re.DOTALL)


def convert_around(
    text: str,
    convert: Callable[[str], str],
    *,
    protect: tuple[str, ...] = (),
    keep: tuple[str, ...] = (),
    words: Words = (),
) -> str:
    """Convert all but the protected stretches; the user's words become what the user says.

    >>> convert_around("汉字见`汉字`", lambda text: text.replace("汉", "漢"), protect=("code",))
    '漢字见`汉字`'
    """
    if not (protect or keep or words):
        return convert(text)
    answers = dict(words)
    pattern = _pattern(protect, keep, words)
    return around(text, convert, pattern, lambda match: answers.get(match[0], match[0]))


def around(
    text: str,
    convert: Callable[[str], str],
    pattern: re.Pattern[str],
    answer: Callable[[re.Match[str]], str],
) -> str:
    """Convert what stands between the matches of a pattern, all of it in one call.

    >>> around("汉1汉", lambda text: text.replace("汉", "漢"), re.compile("[0-9]"), lambda m: m[0])
    '漢1漢'
    """
    found = list(pattern.finditer(text))
    separator = next((sign for sign in _SEPARATORS if sign not in text), "")
    if not found or not separator:
        # A text that has all these noncharacters is no text; nothing in it can be cut out.
        return text if found else convert(text)
    done, pieces = 0, []
    for match in found:
        pieces.append(text[done : match.start()])
        done = match.end()
    pieces.append(text[done:])
    converted = convert(separator.join(pieces)).split(separator)
    parts = [converted[0]]
    for match, piece in zip(found, converted[1:], strict=True):
        parts += (answer(match), piece)
    return "".join(parts)


def load_words(path: str | PathLike[str], to: str) -> Words:
    """Read a user's dictionary for a target from TSV or TOML.

    TSV has ``word<TAB>word`` and perhaps a third column, the target's tag; TOML has a table
    ``[words]`` and perhaps tables ``[words.zh-Hant-TW]``. An entry without a target holds for
    all; a target without a region holds for all its regions. Raises `ConfigError`.
    """
    from pathlib import Path

    file = Path(path)
    try:
        source = file.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}", path="words") from error
    rows = _from_toml(source) if file.suffix == ".toml" else _from_tsv(source, file.name)
    wanted = str(target(to))
    return tuple(
        (word, other) for word, other, tag in rows if not tag or wanted.startswith(_full(tag))
    )


def _full(tag: str) -> str:
    return str(target(tag, path="words"))


def _from_toml(source: str) -> list[tuple[str, str, str]]:
    import tomllib

    try:
        table = tomllib.loads(source).get("words", {})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(error), path="words") from error
    rows = []
    for key, value in table.items():
        if isinstance(value, dict):
            rows += [(word, str(other), key) for word, other in value.items()]
        else:
            rows.append((key, str(value), ""))
    return rows


def _from_tsv(source: str, name: str) -> list[tuple[str, str, str]]:
    rows = []
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) not in {2, 3} or not columns[0]:
            raise ConfigError(f"{name}, line {number}: word, tab, word expected", path="words")
        rows.append((columns[0], columns[1], columns[2] if len(columns) == 3 else ""))
    return rows
