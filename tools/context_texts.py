"""The texts that `build_context.py` learns from; every one may ship as statistics.

Texts of the shared data are named by their file. Others come from public repositories, each
read at one commit from a clone (a bare one will do) below the folder of `--repositories`.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import subprocess
import tarfile
import zlib
from typing import TYPE_CHECKING, NamedTuple

from zhfix.converting.dictionaries import data_text, parse_dictionary
from zhfix.converting.engine import engine
from zhfix.converting.trie import units_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Repository(NamedTuple):
    """A public repository, the commit that is read, and its licence."""

    name: str
    commit: str
    licence: str


#: By the folder that each is expected in.
REPOSITORIES = {
    "McBopomofo": Repository(
        "openvanilla/McBopomofo",
        "73d0379eca621377fb46416ceb4a7dc9bb576d47",
        "MIT; Source/Data/phrase.occ",
    ),
    "archive.tw": Repository(
        "audreyt/archive.tw",
        "789eb646b9e93c2fe2ea9c02bb92336fcf10bfc1",
        "CC0-1.0; transcripts, Taiwan",
    ),
    "cc0-sentences": Repository(
        "moztw/cc0-sentences", "0cd8139d28c7ef15086154d2de4fb8210c8fb16e", "CC0-1.0; zh-TW"
    ),
    "Classical-Modern": Repository(
        "NiuTrans/Classical-Modern",
        "4e746ea9fa99c3c0d7051c45397330bef7b0962d",
        "MIT; dynastic histories with translations, no Traditional text",
    ),
}
#: Of the translated works only these, which no collection of parallel text has.
HISTORIES = (
    "晋书|宋书|南齐书|梁书|陈书|魏书|北齐书|周书|隋书|南史|北史|旧唐书|新唐书|旧五代史|新五代史|"
    "宋史|辽史|金史|元史|明史"
)
#: Every so many paragraphs of the transcripts, so that they do not drown other text.
TRANSCRIPTS = 4
PHRASES = ("STPhrases.txt", "STPhrases_GeneratedFromRegionalPhrases.txt")
FEWEST_HAN, HAN = 6, re.compile("[\u4e00-\u9fff]")
FOLDS = 4
BACK = {"Hant": "t2s", "Hans": "s2t"}
#: A line so near to one that a work held out shares is of that work.
NEAR = 60


def files(folder: Path, name: str, under: str, pattern: str) -> Iterator[tuple[str, str]]:
    """Yield path and text of the files below a path of a repository at its commit, in order."""
    command = ["git", "-C", str(folder / name), "archive", REPOSITORIES[name].commit, under]
    done = subprocess.run(command, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        members = [one for one in tar.getmembers() if re.search(pattern, one.name)]
        for member in sorted(members, key=lambda one: one.name):
            file = tar.extractfile(member)
            if file is not None:
                yield member.name, file.read().decode("utf-8", "replace")


def transcripts(folder: Path) -> list[str]:
    """Return what was said in meetings of Taiwan's government, a part of it."""
    found: dict[str, None] = {}
    for _, text in files(folder, "archive.tw", ".", r"\.an\.xml$"):
        for paragraph in re.findall(r"<p>(.*?)</p>", text, re.DOTALL):
            line = " ".join(re.sub(r"<[^>]*>", "", paragraph).split())
            if FEWEST_HAN <= len(HAN.findall(line)) > len(line) / 2:
                found[line] = None
    return list(found)[::TRANSCRIPTS]


def sentences(folder: Path) -> list[str]:
    """Return sentences that people in Taiwan gave away for reading aloud."""
    found: dict[str, None] = {}
    for path, text in files(folder, "cc0-sentences", "zh-TW", r"\.txt$"):
        if "wikipedia" not in path:
            found |= dict.fromkeys(line.strip() for line in text.split("\n") if HAN.search(line))
    return list(found)


def histories(folder: Path) -> list[tuple[str, str]]:
    """Return sentences of the dynastic histories and their translations."""
    pattern = rf"/({HISTORIES})/.*/(source|target)\.txt$"
    sides = dict(files(folder, "Classical-Modern", "双语数据", pattern))
    found = []
    for path, text in sides.items():
        if path.endswith("source.txt"):
            classical = text.split("\n")
            modern = sides.get(path.replace("source.txt", "target.txt"), "").split("\n")
            if len(classical) == len(modern):
                found += [
                    (a.strip(), b.strip())
                    for a, b in zip(classical, modern, strict=True)
                    if a.strip() and b.strip()
                ]
    return found


def words(folder: Path) -> tuple[list[str], list[str]]:
    """Return words that are Traditional by birth, read back to Simplified, and as they are.

    Of the spellings of one word (剷除 33 times, 鏟除 5) only the commonest.
    """
    _, text = next(files(folder, "McBopomofo", "Source/Data/phrase.occ", ""))
    rows = [line.split() for line in text.split("\n") if line.strip()]
    times = {word: int(number) for word, number in rows if len(word) > 1}
    commonest: dict[str, str] = {}
    for source, word in zip(back("Hant", list(times)), times, strict=True):
        if times[word] > times.get(commonest.get(source, ""), -1):
            commonest[source] = word
    return list(commonest), list(commonest.values())


def phrases() -> tuple[list[str], list[str]]:
    """Return the phrases of OpenCC."""
    found = {}
    for name in PHRASES:
        for key, candidates in parse_dictionary(data_text(name), name).items():
            if len(units_of(key)) == len(units_of(candidates[0])):
                found[key] = candidates[0]
    return list(found), list(found.values())


def back(script: str, gold: list[str]) -> list[str]:
    """Return lines as they are in the other script."""
    return engine(BACK[script]).convert("\n".join(gold)).split("\n")


def clean(data: Path, name: str) -> list[str]:
    """Return the lines of a clean text."""
    with gzip.open(data / "clean" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file]


def fold_of(row: dict[str, str]) -> int:
    """Put each work on one side, so that no work is learned from and measured on."""
    return zlib.crc32(row["work"].encode()) % FOLDS


def parallel(
    data: Path, name: str, held_out: int | None
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the rows of a parallel collection to learn from, and those held out."""
    lines = (data / "parallel" / f"{name}.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return (
        [row for row in rows if fold_of(row) != held_out],
        [row for row in rows if fold_of(row) == held_out],
    )


def windows(text: str) -> set[str]:
    """Return all stretches of ten characters, the length at which overlap is no accident."""
    return {text[at : at + 10] for at in range(len(text) - 9)}


def without(lines: list[str], unseen: set[str]) -> list[str]:
    """Return the lines that share no stretch with works held out, nor stand beside such."""
    if not unseen:
        return lines
    shared = [number for number, line in enumerate(lines) if not unseen.isdisjoint(windows(line))]
    near = {one for number in shared for one in range(number - NEAR, number + NEAR + 1)}
    return [line for number, line in enumerate(lines) if number not in near]
