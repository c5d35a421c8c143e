"""Measure stripping: gold pages beside other extractors, clean prose, and speed.

    python tools/measure_strip.py pages --data ../shared/data
    python tools/measure_strip.py clean --data ../shared/data
    python tools/measure_strip.py speed --data ../shared/data

Other extractors are compared when installed: trafilatura, resiliparse, readability-lxml, jusText,
boilerpy3. Nothing is written but the tables.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import zhfix.html
from zhfix.document import Document
from zhfix.stripping import stage, strip

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DOCUMENT_SIZES = (3, 8, 30, 200, 10**9)
_MARKDOWN = re.compile(r"^[#>*\-\s]+|[`*]+")
_BLANKS = re.compile(r"\s+")

Extractor = Callable[[str], str]


def main() -> None:
    """Run the chosen measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["pages", "clean", "speed", "all"])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--show", action="store_true", help="print what was removed or missed")
    arguments = parser.parse_args()
    for name, measure in {"pages": pages, "clean": clean, "speed": speed}.items():
        if arguments.what in (name, "all"):
            measure(arguments.data, show=arguments.show)


# ---- pages


def pages(data: Path, *, show: bool) -> None:
    """Print F1 by characters over lines, page by page and on average."""
    gold_pages = list(_gold_pages(data / "boilerplate"))
    for kind, extractors in (("plain text", _of_text()), ("HTML", _of_html())):
        print(f"\n{kind}: F1 by characters over lines")
        scores: dict[str, list[float]] = {}
        for name, extract in extractors.items():
            for page in gold_pages:
                source = page["text"] if kind == "plain text" else page["html"]
                scores.setdefault(name, []).append(f1(_safely(extract, source), page["gold"]))
                if show and name == "zhfix":
                    print("=====", page["name"], f"{scores[name][-1]:.3f}")
                    _print_differences(_safely(extract, source), page["gold"])
        header = [page["name"].split("_")[0][:10] for page in gold_pages]
        print("| extractor |", " | ".join(header), "| mean |")
        for name, row in scores.items():
            cells = " | ".join(f"{value:.3f}" for value in row)
            print(f"| {name} | {cells} | {sum(row) / len(row):.3f} |")


def _gold_pages(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "index.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if "gold" in record:
            yield {
                "name": record["name"],
                "text": (folder / record["page_text"]).read_text("utf-8"),
                "gold": (folder / record["gold"]).read_text("utf-8"),
                "html": gzip.decompress((folder / record["html"]).read_bytes()).decode("utf-8"),
            }


def f1(text: str, gold: str) -> float:
    """Return F1 by characters over lines: a line is right if the other side says it as well."""
    ours, truth = _units(text), _units(gold)
    our_text, true_text = "".join(ours), "".join(truth)
    if not our_text or not true_text:
        return 0.0
    right = sum(len(line) for line in ours if line in true_text)
    found = sum(len(line) for line in truth if line in our_text)
    precision, recall = right / len(our_text), found / len(true_text)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _units(text: str) -> list[str]:
    lines = (_BLANKS.sub("", _MARKDOWN.sub("", line)) for line in text.splitlines())
    return [line for line in lines if line]


def _print_differences(text: str, gold: str) -> None:
    ours, truth = _units(text), _units(gold)
    for line in ours:
        if line not in "".join(truth):
            print("  kept   ", line[:80])
    for line in truth:
        if line not in "".join(ours):
            print("  missing", line[:80])


def _safely(extract: Extractor, source: str) -> str:
    """Other extractors raise on some input; that counts as nothing found."""
    try:
        return extract(source) or ""
    except Exception as error:  # noqa: BLE001
        print(f"  ({type(error).__name__}: {error})")
        return ""


def _of_text() -> dict[str, Extractor]:
    return {"nothing": lambda text: text, "zhfix": strip} | _peers()


def _of_html() -> dict[str, Extractor]:
    ours: dict[str, Extractor] = {"zhfix": zhfix.html.extract}
    for name in ("trafilatura", "resiliparse"):
        if name in _peers():
            ours[f"zhfix with {name}"] = lambda html, name=name: zhfix.html.extract(
                html, extractor=name
            )
    return ours | _peers()


def _peers() -> dict[str, Extractor]:
    found: dict[str, Extractor] = {}
    try:
        import trafilatura

        found["trafilatura"] = trafilatura.extract
    except ImportError:
        pass
    try:
        from resiliparse.extract.html2text import extract_plain_text

        found["resiliparse"] = lambda html: extract_plain_text(html, main_content=True)
    except ImportError:
        pass
    try:
        import readability
        from lxml import html as lxml_html

        found["readability-lxml"] = lambda html: lxml_html.fromstring(
            re.sub(
                r"(</(?:p|div|h\d|li|tr)>|<br ?/?>)", r"\1\n", readability.Document(html).summary()
            )
        ).text_content()
    except ImportError:
        pass
    try:
        import justext

        found["jusText"] = lambda html: "\n".join(
            paragraph.text
            for paragraph in justext.justext(html, frozenset(), stopwords_low=0, stopwords_high=0)
            if not paragraph.is_boilerplate
        )
    except ImportError:
        pass
    try:
        from boilerpy3 import extractors

        found["boilerpy3"] = extractors.ArticleExtractor().get_content
    except ImportError:
        pass
    return found


# ---- clean prose


def clean(data: Path, *, show: bool) -> None:
    """Print how many lines of clean prose are removed, by file and document size."""
    for size in DOCUMENT_SIZES:
        lines = removed = 0
        by_rule: Counter[str] = Counter()
        for path in sorted((data / "clean").glob("*.gz")):
            for document in _documents(path, size):
                lines += document.count("\n")
                for edit in stage()(Document(document)):
                    removed += len(edit.before.strip().split("\n"))
                    by_rule[edit.rule] += 1
                    if show:
                        print(path.name, size, edit.rule, repr(edit.before[:100]))
        name = size if size < 10**9 else "all"
        print(f"documents of {name} lines: {removed} of {lines} removed {dict(by_rule)}")


def _documents(path: Path, size: int) -> Iterator[str]:
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines(keepends=True)
    for start in range(0, len(lines), size):
        yield "".join(lines[start : start + size])


# ---- speed


def speed(data: Path, *, show: bool) -> None:
    """Print MB of UTF-8 a second on clean text, by document size, and how time grows."""
    texts = [
        gzip.decompress(path.read_bytes()).decode("utf-8")
        for path in sorted((data / "clean").glob("*.gz"))
    ]
    whole = "".join(texts)
    run = stage()
    list(run(Document(whole[:100_000])))
    for block in (2_000, 65_536, 1_000_000):
        blocks = [whole[at : at + block] for at in range(0, min(len(whole), 8_000_000), block)]
        size = sum(len(text.encode()) for text in blocks)
        best = min(_seconds(run, blocks) for _ in range(3))
        print(f"blocks of {block:,} characters: {size / best / 1e6:.0f} MB/s")
    if show:
        for path, text in zip(sorted((data / "clean").glob("*.gz")), texts, strict=True):
            print(path.name, f"{len(text.encode()) / _seconds(run, [text]) / 1e6:.0f} MB/s")


def _seconds(run: Callable[[Document], Any], blocks: list[str]) -> float:
    start = time.process_time()
    for block in blocks:
        list(run(Document(block)))
    return time.process_time() - start


if __name__ == "__main__":
    main()
