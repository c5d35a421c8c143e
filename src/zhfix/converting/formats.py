"""Files that people convert: the text changes, structure, tags, times and codes do not.

Most formats are described by what is *not* text in them, as one pattern. Gettext catalogues
and JSON convert their values only; an EPUB is a ZIP file of HTML.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

from zhfix.converting.spans import KINDS, around
from zhfix.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    Convert = Callable[[str], str]

__all__ = ["FORMATS", "convert_epub", "convert_format", "format_of"]

_TAG = KINDS["markup"]
_PLACEHOLDER = KINDS["placeholders"]

#: What is not text, by format.
_STRUCTURE = {
    # Number and time of each cue; <i> and {\an8} inside it. WebVTT differs in its head only.
    "srt": rf"^\ufeff?\d+[ \t]*\r?$(?=\n[^\n]*-->)|^[^\n]*-->[^\n]*$|^WEBVTT[^\n]*$"
    rf"|\{{\\[^}}\n]*\}}|{_TAG}",
    # All lines but dialogue, nine fields before its text, {\pos(1,2)} and \N inside it.
    "ass": r"^(?!Dialogue:)[^\n]*$|^Dialogue:(?:[^,\n]*,){9}|\{[^}\n]*\}|\\[Nnh]",
    # Times before and inside a line; of [ti:…] only the name.
    "lrc": r"\[\d+:\d+(?:[.:]\d+)?\]|<\d+:\d+(?:[.:]\d+)?>"
    r"|^\[(?:by|offset|re|ve|length):[^\n]*$|^\[[a-z]+:",
    # Front matter, code, link targets, tags, definitions of references, placeholders.
    "md": "|".join(
        (
            r"\A---\r?\n.*?\n---\r?\n",
            KINDS["code"],
            r"(?<=\])\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?=[\s)])",
            r"^\[[^\]\n]+\]:[ \t]*\S+",
            _TAG,
            KINDS["urls"],
            KINDS["emails"],
            _PLACEHOLDER,
        )
    ),
    "html": rf"<(script|style|code|pre|kbd|samp)\b.*?</\1\s*>|<!\[CDATA\[|\]\]>|<[!?][^>]*>|{_TAG}",
}
_SUFFIXES = {
    "srt": ("srt", "vtt"),
    "ass": ("ass", "ssa"),
    "lrc": ("lrc",),
    "md": ("md", "markdown"),
    "html": ("html", "htm", "xhtml", "ncx", "xml"),
    "po": ("po", "pot"),
    "json": ("json", "arb"),
}
#: The formats of text files; EPUB is bytes and has `convert_epub`.
FORMATS = tuple(_SUFFIXES)

_PATTERNS = {
    name: re.compile(pattern, re.DOTALL | re.MULTILINE) for name, pattern in _STRUCTURE.items()
}


def format_of(path: str) -> str | None:
    """Name the format of a file by its suffix; None for plain text.

    >>> format_of("film.zh-Hans.srt"), format_of("notes.txt")
    ('srt', None)
    """
    suffix = path.rsplit(".", 1)[-1].lower()
    return next((name for name, known in _SUFFIXES.items() if suffix in known), None)


def convert_format(text: str, name: str, convert: Convert) -> str:
    r"""Convert the text in a file of a format.

    >>> shout = lambda text: text.replace("汉", "漢")
    >>> convert_format("1\n00:00:01,000 --> 00:00:02,000\n<i>汉</i>\n", "srt", shout)
    '1\n00:00:01,000 --> 00:00:02,000\n<i>漢</i>\n'
    >>> convert_format('{"汉": "汉", "n": 1}', "json", shout)
    '{"汉": "漢", "n": 1}'

    The formats are those of `FORMATS`. Raises `ConfigError` for another.
    """
    if name == "po":
        return _convert_po(text, convert)
    if name == "json":
        return _convert_json(text, convert)
    if name not in _PATTERNS:
        raise ConfigError(f"unknown format {name!r}{did_you_mean(name, FORMATS)}", path="format")
    return around(text, convert, _PATTERNS[name], lambda match: match[0])


_PO_LINE = re.compile(r'^(msgid_plural|msgid|msgctxt|msgstr)?(?:\[\d+\])?[ \t]*"(.*)"[ \t]*\r?$')
_PO_STAYS = re.compile(rf"\\.|{_PLACEHOLDER}|{_TAG}", re.DOTALL)


def _convert_po(text: str, convert: Convert) -> str:
    """Convert the `msgstr` of every entry but the header, whose `msgid` is empty."""
    lines = text.split("\n")
    chosen: list[tuple[int, int, int]] = []
    keyword, source = "", ""
    for number, line in enumerate(lines):
        match = _PO_LINE.match(line)
        if not match:
            continue
        if match[1]:
            keyword = match[1]
            source = match[2] if keyword == "msgid" else source
        elif keyword == "msgid":
            source += match[2]
        if keyword == "msgstr" and source:
            chosen.append((number, *match.span(2)))
    made = around(
        "\n".join(lines[number][start:end] for number, start, end in chosen),
        convert,
        _PO_STAYS,
        lambda match: match[0],
    )
    for (number, start, end), value in zip(chosen, made.split("\n"), strict=False):
        lines[number] = lines[number][:start] + value + lines[number][end:]
    return "\n".join(lines)


_JSON_STRING = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?')
#: A line of its own between values, so that each is judged by itself; a noncharacter.
_BETWEEN_VALUES = "\n\ufddf\n"
_JSON_STAYS = re.compile(f"{_PLACEHOLDER}|{_TAG}", re.DOTALL)


def _convert_json(text: str, convert: Convert) -> str:
    """Convert all strings that are values; the layout and the keys stay."""
    found = [match for match in _JSON_STRING.finditer(text) if not match[2]]
    before = [json.loads(match[1], strict=False) for match in found]
    joined = _BETWEEN_VALUES.join(before)
    after = around(joined, convert, _JSON_STAYS, lambda stays: stays[0]).split(_BETWEEN_VALUES)
    parts: list[str] = []
    done = 0
    for match, old, new in zip(found, before, after, strict=False):
        token = match[1] if old == new else json.dumps(new, ensure_ascii=match[1].isascii())
        parts += (text[done : match.start()], token)
        done = match.end()
    parts.append(text[done:])
    return "".join(parts)


_EPUB_TEXT = (".xhtml", ".html", ".htm", ".ncx", ".opf")
_LANGUAGE = re.compile(r"(<dc:language[^>]*>|(?:xml:)?lang=[\"'])zh(?:-[\w-]+)?")


def convert_epub(data: bytes, convert: Convert, *, language: str | None = None) -> bytes:
    """Convert the chapters, contents and titles of a book.

    `language` is the tag that the book gets instead of its own Chinese one. Images, fonts and
    style sheets are copied; `mimetype` stays first and uncompressed, as readers require.
    Raises `ConfigError` when the bytes are no ZIP file.
    """
    target = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(target, "w") as made:
            for item in book.infolist():
                content = book.read(item)
                if item.filename.lower().endswith(_EPUB_TEXT):
                    text = convert_format(content.decode("utf-8"), "html", convert)
                    if language:
                        text = _LANGUAGE.sub(lambda match: match[1] + language, text)
                    content = text.encode("utf-8")
                made.writestr(item, content, item.compress_type)
    except zipfile.BadZipFile as error:
        raise ConfigError("not an EPUB: the file is no ZIP archive", path="format") from error
    return target.getvalue()
