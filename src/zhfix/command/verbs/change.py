"""The verbs that write text: fix, repair, strip, convert, decode."""

from __future__ import annotations

from typing import Any

import click

from zhfix.command.options import Command, changing, configured, reading, working
from zhfix.command.verbs.shared import carry_out

__all__ = ["convert", "decode", "fix", "repair", "strip"]


@click.command(
    cls=Command,
    examples="""
    zhfix < page.txt > article.txt
    zhfix --to zh-Hant-TW page.txt
    zhfix -r -i=.bak --include '*.txt' -j 4 novels/
    zhfix -r novels/ -o fixed/ --resume
    zhfix --jsonl --field text crawl.jsonl.gz -o clean.jsonl.gz
    zhfix --check -r src/
    zhfix --html page.html
    """,
)
@reading
@click.option("--html", is_flag=True, help="Input is HTML: take the article out of the page.")
@click.option("--extractor", default="zhfix", show_default=True, help="Who takes it out.")
@click.option(
    "--keep-metadata",
    is_flag=True,
    help="Write one JSON object a file: text, and title, date, source, author, licence if found.",
)
@configured
@changing
@working
def fix(**given: Any) -> None:
    """Decode, detect, repair, strip and, with --to, convert: all stages in order.

    Reads files or standard input, and writes UTF-8 to standard output unless told otherwise.
    """
    if given["html"]:
        given["settings"] = ("strip.whole_pages=false", *given["settings"])
    carry_out("fix", "text", given)


@click.command(
    cls=Command,
    examples="""
    zhfix repair < damaged.txt > repaired.txt
    zhfix repair --diff notes.txt
    zhfix repair -i --csv --column title,body export.csv
    """,
)
@reading
@configured
@changing
@working
def repair(**given: Any) -> None:
    """Undo encoding damage and leave everything else as it is."""
    carry_out("repair", "text", given)


@click.command(
    cls=Command,
    examples="""
    zhfix strip page.txt
    zhfix strip --set strip.preset=novel -r novels/ -o clean/
    """,
)
@reading
@configured
@changing
@working
def strip(**given: Any) -> None:
    """Remove boilerplate: navigation, bylines, copyright, spam."""
    carry_out("strip", "text", given)


@click.command(
    cls=Command,
    examples="""
    zhfix convert --to zh-Hant-TW page.txt
    zhfix convert --to s2twp -i film.srt
    zhfix convert --to zh-Hans book.epub -o book-hans.epub
    zhfix convert --to zh-Hant --set 'convert.words={头发 = "頭髮"}' page.txt
    zhfix convert --to zh-Hant --set 'convert.protect=["urls", "code"]' README.md
    """,
)
@reading
@configured
@changing
@working
def convert(**given: Any) -> None:
    """Convert between Simplified and Traditional, and between regions.

    Subtitles (srt, vtt, ass, lrc), Markdown, HTML, gettext, JSON and EPUB keep their structure:
    only their text is converted. The file's name tells, or --format-of-file does.
    """
    carry_out("convert", "text", given)


@click.command(
    cls=Command,
    examples="""
    zhfix decode old.txt > utf-8.txt
    zhfix decode -f big5 -t gb18030 old.txt
    zhfix decode --list -r site/
    zhfix decode -r -i --include '*.html' site/
    """,
)
@reading
@click.option("--list", "listing", is_flag=True, help="Only say which encoding each file is in.")
@configured
@changing
@working
def decode(**given: Any) -> None:
    """Turn bytes of unknown encoding into UTF-8 (or -t), as iconv does from a known one.

    A bad byte does not stop it: it becomes U+FFFD, and `zhfix detect` says where.
    """
    carry_out("decode", "encoding" if given.pop("listing") else "text", given)
