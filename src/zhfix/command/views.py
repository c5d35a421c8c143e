"""What is written about a document: its findings in the formats of linters, or its edits."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from zhfix import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from zhfix.command.formats import Seen
    from zhfix.document import Finding

__all__ = ["FORMATS", "explanation", "findings", "sarif_head", "sarif_tail"]

#: The most characters of a text that a finding quotes.
QUOTED = 200


def findings(name: str, seen: Seen, style: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for every finding that is wanted."""
    wanted, line = style.get("wanted"), FORMATS[style["format"]]
    text = seen.document.text
    starts: list[int] | None = None
    for finding in sorted(seen.document.findings, key=lambda finding: finding.span):
        if wanted is not None and not finding.rule.startswith(tuple(wanted["select"])):
            continue
        if wanted is not None and finding.rule.startswith(tuple(wanted["ignore"]) or ("\0",)):
            continue
        # Found once for all findings: counting lines for each takes quadratic time.
        starts = starts or [0, *(match.end() for match in re.finditer("\n", text))]
        row = bisect_right(starts, finding.span.start)
        column = finding.span.start - starts[row - 1] + 1
        yield line(_record(name, seen, finding, seen.line + row - 1, column)) + "\n"


def _record(name: str, seen: Seen, finding: Finding, line: int, column: int) -> dict[str, Any]:
    start, end = finding.span
    record = {
        "file": name,
        "line": line,
        "column": column,
        "rule": finding.rule,
        "text": seen.document.text[start : min(end, start + QUOTED)],
        "confidence": round(finding.confidence, 4),
        "reason": finding.reason,
    }
    return record | ({"field": seen.field} if seen.field else {})


def _as_text(record: Mapping[str, Any]) -> str:
    where = f"{record['file']}:{record['line']}:{record['column']}"
    field = f"{record['field']}: " if record.get("field") else ""
    message = f"{field}{record['reason']} ({record['confidence']:.0%})"
    return f"{where}: {record['rule']} {one_line(message)}"


def _as_json(record: Mapping[str, Any]) -> str:
    return as_json(record)


def _as_github(record: Mapping[str, Any]) -> str:
    """Write a workflow command; `%`, line ends, and in properties `:` and `,` are escaped."""
    place = f"file={_property(record['file'])},line={record['line']},col={record['column']}"
    message = f"{record['rule']} {record['reason']} ({record['confidence']:.0%})"
    return f"::warning {place},title={_property(record['rule'])}::{_message(message)}"


def _as_sarif(record: Mapping[str, Any]) -> str:
    from urllib.parse import quote

    region = {"startLine": record["line"], "startColumn": record["column"]}
    location = {"artifactLocation": {"uri": quote(record["file"])}, "region": region}
    return as_json(
        {
            "ruleId": record["rule"],
            "level": "warning",
            "message": {"text": record["reason"]},
            "locations": [{"physicalLocation": location}],
            "rank": round(100 * record["confidence"], 2),
        }
    )


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "text": _as_text,
    "json": _as_json,
    "github": _as_github,
    "sarif": _as_sarif,
}


def as_json(value: object) -> str:
    """Write a value as one line of JSON; what UTF-8 cannot carry is escaped.

    >>> as_json({"a": "中"}), as_json("\\ud800")
    ('{"a": "中"}', '"\\\\ud800"')
    """
    line = json.dumps(value, ensure_ascii=False)
    if any("\ud800" <= char <= "\udfff" for char in line):
        return json.dumps(value)
    return line


def one_line(text: str) -> str:
    """Keep a message on its line, and a terminal from obeying it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _message(text: str) -> str:
    return one_line(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def sarif_head() -> str:
    """Begin a SARIF 2.1.0 log with the rules that there are; results follow."""
    from zhfix.rules import catalogue

    rules = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.paragraph},
        }
        for rule in catalogue().values()
        if rule.stage in ("decode", "repair")
    ]
    driver = {"name": "zhfix", "version": __version__, "rules": rules}
    head = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": []}],
    }
    return as_json(head).removesuffix("]}]}")


def sarif_tail() -> str:
    """End it."""
    return "\n]}]}\n"


def explanation(name: str, seen: Seen, style: Mapping[str, Any]) -> Iterable[str]:
    """Yield the fixed text and what was done to it, for people or as JSON."""
    from zhfix import report

    document = seen.document
    where = {"file": name} | ({"line": seen.line} if seen.line > 1 or seen.field else {})
    where |= {"field": seen.field} if seen.field else {}
    if style["json"]:
        yield as_json({**where, **report.as_records(document)}) + "\n"
        return
    if seen.field:
        yield f"{name}:{seen.line}: {one_line(seen.field)}\n"
    if style["text"]:
        yield document.text if document.text.endswith("\n") else document.text + "\n"
        yield "\n"
    yield report.rendered(document, color=style["color"])
