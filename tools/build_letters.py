"""Write src/zhfix/decoding/letters.bin: which letter follows which, in other languages.

    python tools/build_letters.py --django DIR --babel DIR

`--django` is the unpacked wheel of Django 5.2.19 (translations, BSD-3-Clause), `--babel` that
of Babel 2.18.0 (names of the Unicode CLDR, Unicode-3.0). Only pairs of letters are counted;
no text is kept. The table tells single-byte encodings apart, and them from Chinese.
"""

from __future__ import annotations

import argparse
import json
import pickle
import re
import unicodedata
import zlib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUT = Path(__file__).resolve().parent.parent / "src/zhfix/decoding/letters.bin"
LANGUAGES = [
    "fr",
    "de",
    "es",
    "pt",
    "it",
    "nl",
    "da",
    "sv",
    "nb",
    "fi",
    "is",
    "ca",
    "ga",
    "pl",
    "cs",
    "sk",
    "hu",
    "hr",
    "sl",
    "ro",
    "sq",
    "lt",
    "lv",
    "et",
    "tr",
    "az",
    "el",
    "ru",
    "uk",
    "bg",
    "sr",
    "mk",
    "be",
    "he",
    "ar",
    "fa",
    "th",
    "vi",
]
#: CLDR has another name for a language of Django.
CLDR = {"nb": "no"}
#: How many times a letter must be seen before its own pairs count as much as all letters.
SMOOTH = 30.0
#: Log-probabilities are stored as steps of this many nats, at most 255 of them.
STEP = 0.06
#: Signs that Western texts use, seldom enough that the sources do not tell how seldom.
SIGNS = "£¥¢¤¿¡½¼¾±×÷´¨¸·¹²³µ¶†‡ªº"
SIGN = 3e-4
MARKS = "\u00a0«»„“”‘’–—…°©®·§№€™•"
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%\w|\{\w*\}|<[^>]+>|&\w+;|\\n")


def translations(django: Path, language: str) -> Iterator[str]:
    """Yield the translated strings of Django in a language."""
    for path in sorted(django.glob(f"**/locale/{language}/LC_MESSAGES/*.po")):
        text = path.read_text(encoding="utf-8")
        for found in re.finditer(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', text, re.MULTILINE):
            joined = "".join(re.findall(r'"(.*)"', found[1]))
            if "Language:" not in joined:
                yield _PLACEHOLDER.sub(" ", joined)


def names(babel: Path, language: str) -> Iterator[str]:
    """Yield the names of languages, places, months and so on."""
    path = babel / "babel/locale-data" / f"{CLDR.get(language, language)}.dat"
    with path.open("rb") as file:
        data = pickle.load(file)  # noqa: S301  (a package's own data)
    for part in (
        "languages",
        "territories",
        "scripts",
        "currency_names",
        "months",
        "days",
        "time_zones",
        "meta_zones",
        "unit_display_names",
    ):
        yield from strings(data.get(part, {}))


def strings(node: object) -> Iterator[str]:
    """Yield all texts of nested dictionaries."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)


def as_windows_1258(text: str) -> str:
    """Write Vietnamese tones as combining marks, as the code page does."""
    out = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tones = [mark for mark in parts[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"]
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tones))
        out.append(base + "".join(tones))
    return "".join(out)


def normal(text: str) -> str:
    """Lower the case and make everything that is no letter a space or a mark."""
    lowered = (char if len(char) == 1 else char[0] for char in map(str.lower, text))
    return "".join(
        char
        if char.isalpha() or char in MARKS or unicodedata.category(char) in ("Mn", "Mc")
        else " "
        for char in lowered
    )


def table(text: str) -> dict[str, object]:
    """Count pairs and return letters and quantised log-probabilities."""
    singles = Counter(text)
    total = sum(singles.values())
    letters = [char for char, count in singles.most_common(120) if count >= max(3, total * 2e-5)]
    latin = "a" in letters
    letters = [" ", *sorted({*letters, *(SIGNS if latin else "")} - {" "})]
    place = {char: at + 1 for at, char in enumerate(letters)}
    size = len(letters) + 1
    counts = np.zeros((size, size))
    for first, second in pairwise(text):
        counts[place.get(first, 0), place.get(second, 0)] += 1
    # Marks and unseen letters get a share everywhere; 0 is "any other character".
    single = counts.sum(0) + 0.5
    single /= single.sum()
    single[0] = 1e-5
    for char in SIGNS if latin else "":
        single[place[char]] = max(single[place[char]], SIGN)
    mass = counts.sum(1, keepdims=True)
    weight = mass / (mass + SMOOTH)
    probability = weight * counts / np.maximum(mass, 1) + (1 - weight) * single
    steps = np.clip(np.round(-np.log(probability + 1e-7) / STEP), 0, 255).astype(np.uint8)
    return {"letters": "".join(letters), "steps": steps.tobytes().hex()}


def main() -> None:
    """Build the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--django", type=Path, required=True)
    parser.add_argument("--babel", type=Path, required=True)
    arguments = parser.parse_args()
    tables = {}
    for language in LANGUAGES:
        parts = [*translations(arguments.django, language), *names(arguments.babel, language)]
        text = "  ".join(parts)
        if language == "vi":
            text = as_windows_1258(text)
        tables[language] = table(re.sub(" +", " ", normal(text)))
        print(language, len(text), len(tables[language]["letters"]))  # type: ignore[arg-type]
    packed = json.dumps({"step": STEP, "languages": tables}, ensure_ascii=False).encode()
    OUTPUT.write_bytes(zlib.compress(packed, 9))
    print(OUTPUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
