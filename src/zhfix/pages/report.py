"""The report: one page of HTML that needs nothing else, neither a network nor a script."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from zhfix import __version__
from zhfix.pages.escape import attribute, visible
from zhfix.pages.view import compared, open_findings, stage_views
from zhfix.rules import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhfix.document import Document
    from zhfix.etl.counters import Counters
    from zhfix.pages.gather import FileLine, Gathered

__all__ = ["render", "render_counters", "style"]

#: Rows of a chart; what is left is summed up in one more.
BARS = 30


@cache
def style() -> str:
    """Return the style sheet of the pages."""
    return files("zhfix.pages").joinpath("style.css").read_text("utf-8")


def render(gathered: Gathered, *, title: str = "zhfix report") -> str:
    """Return the page about many files.

    >>> from zhfix.pages.gather import Gathered
    >>> page = render(Gathered())
    >>> "<script" in page, "http" in page.replace("http-equiv", "")
    (False, False)
    """
    counters = gathered.counters
    body = [
        _numbers(
            {
                "files": gathered.seen,
                "with changes": counters.changed,
                "characters": gathered.characters,
                "could not be read": len(gathered.failed),
            }
        ),
        _rules(counters),
        _chart("encodings", "Files by encoding", "Encoding", gathered.encodings),
        _file_table(gathered.files),
        _failures(gathered.failed),
        _worst(gathered.worst),
    ]
    return _page(title, body)


def render_counters(counters: Counters, *, title: str = "zhfix report") -> str:
    """Return the page about the counters of a job over many rows.

    >>> from zhfix.etl.counters import Counters
    >>> "2" in render_counters(Counters(rows=2))
    True
    """
    numbers = {"rows": counters.rows, "changed": counters.changed}
    stages = _chart("stages", "Edits by stage", "Stage", counters.stages)
    return _page(title, [_numbers(numbers), _rules(counters), stages])


def _page(title: str, body: Iterable[str]) -> str:
    sheet = style()
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{visible(title)}</title>\n<style>{sheet}</style>\n</head>\n<body>\n"
        f"<header><h1>{visible(title)}</h1><p>made by zhfix {__version__}</p></header>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _numbers(values: Mapping[str, int]) -> str:
    cells = "".join(
        f"<div><dt>{visible(name)}</dt><dd>{value:,}</dd></div>" for name, value in values.items()
    )
    return f'<section aria-label="Totals"><dl class="numbers">{cells}</dl></section>'


def _rules(counters: Counters) -> str:
    known = catalogue()
    hints = {rule: known[rule].summary for rule in counters.rules if rule in known}
    return _chart("rules", "Damage by kind", "Rule", counters.rules, hints)


def _chart(
    name: str,
    heading: str,
    column: str,
    counts: Mapping[str, int],
    hints: Mapping[str, str] | None = None,
) -> str:
    """Draw counts as bars in a table: the picture and its numbers are the same thing."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        nothing = "<p>Nothing found.</p>"
        return (
            f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>{nothing}</section>'
        )
    rest = sum(count for _, count in ranked[BARS:])
    shown = [*ranked[:BARS], *([("all others", rest)] if rest else [])]
    most = max(count for _, count in shown)
    rows = "".join(_bar(label, count, most, (hints or {}).get(label, "")) for label, count in shown)
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2><table class="chart">'
        f'<thead><tr><th scope="col">{column}</th><th scope="col">Count</th>'
        f'<th scope="col" class="bars">Share</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></section>"
    )


def _bar(label: str, count: int, most: int, hint: str) -> str:
    width = 100 * count / most
    small = f"<small>{visible(hint)}</small>" if hint else ""
    return (
        f'<tr><th scope="row">{visible(label)}{small}</th><td class="number">{count:,}</td>'
        f'<td class="bars"><svg width="100%" height="14" role="img" '
        f'aria-label="{width:.0f} percent of the greatest"><rect class="bar" width="{width:.2f}%" '
        f'height="14" rx="2"></rect></svg></td></tr>'
    )


def _file_table(lines: Sequence[FileLine]) -> str:
    if not lines:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{visible(line.name)}</th><td>{visible(line.encoding)}</td>'
        f'<td class="number">{line.characters:,}</td><td class="number">{line.edits:,}</td>'
        f'<td class="number">{line.findings:,}</td><td class="number">{line.share:.1%}</td></tr>'
        for line in lines
    )
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for head in ("File", "Encoding", "Characters", "Edits", "Open findings", "Share touched")
    )
    return (
        '<section aria-labelledby="files"><h2 id="files">Files, worst first</h2>'
        '<div class="wide" tabindex="0" role="region" aria-labelledby="files">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _failures(lines: Sequence[FileLine]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{visible(line.name)}: {visible(line.error)}</li>" for line in lines)
    return (
        '<section aria-labelledby="failed"><h2 id="failed">Could not be read</h2>'
        f"<ul>{items}</ul></section>"
    )


def _worst(documents: Sequence[tuple[FileLine, Document]]) -> str:
    if not documents:
        return ""
    parts = [
        '<section aria-labelledby="worst"><h2 id="worst">Before and after</h2>',
        "<p>Point at a mark, or go to it with the Tab key, to see the rule and the reason.</p>",
    ]
    for number, (line, document) in enumerate(documents):
        opened = " open" if number == 0 else ""
        parts.append(
            f'<details{opened}><summary><span class="name">{visible(line.name)}</span> '
            f"<small>{line.edits:,} edits, {line.findings:,} open findings, "
            f"{visible(line.encoding)}</small></summary>{document_view(document, f'd{number}')}"
            "</details>"
        )
    return "".join((*parts, "</section>"))


def document_view(document: Document, prefix: str) -> str:
    """Return HTML of all that was done to a document, stage by stage, and what stays open."""
    parts = [
        f"<h3>{visible(view.name)}: {len(view.edits):,} edits</h3>"
        + compared(view.before, view.edits, prefix=f"{prefix}-{attribute(view.name)}-{number}")
        for number, view in enumerate(stage_views(document))
        if view.edits
    ]
    if document.findings:
        parts.append(f"<h3>Still open</h3>{open_findings(document)}")
    return "".join(parts) or "<p>Nothing found, nothing changed.</p>"
