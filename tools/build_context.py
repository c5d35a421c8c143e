"""Learns the weights of `zhfix.converting.context`: `src/zhfix/data/opencc-context-*.bin`.

    PYTHONPATH=src python tools/build_context.py --data ../shared/data --repositories DIR
    PYTHONPATH=src python tools/build_context.py … --held-out 0 --target DIR

The first writes both tables; the second leaves a quarter of the works out, for measuring on them.
DIR has clones of the repositories of `context_texts.REPOSITORIES` and `context_books.BOOKS`, each
read at one commit.

Every ambiguous character of the training text is one example: its features, and which of its
forms stands there. A logistic regression over hashed features learns from them
(`context_learning`); weights are rounded to bytes. An example counts as the dictionary's own
answer when the text differs from it only by an edition variant (裏/裡), so that no edition's
spelling is learned. Of classical text there is little that is Traditional by birth, so what was
learned is applied to the dynastic histories in Simplified, where translations help to
tell what a character means (`context_translations`), and learned from once more; then old books
are learned from, as far as they are to be trusted (`context_books`).

Sources are ship-safe (public domain, law, MIT, CC0, MPL-2.0, CC-BY-4.0, Apache-2.0) and weighted,
so that no register drowns the others.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import context_books
import context_names
import context_texts
from context_learning import (
    Examples,
    examples,
    learn,
    rounded,
    same_but_for_edition,
    words,
)
from context_translations import translated

from zhfix.packaged import pack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TARGET = Path(__file__).parents[1] / "src" / "zhfix" / "data"
#: file below clean/, weight of each example. Tang poetry (quantangshi) is left out: its
#: Traditional side is machine-made (複, 禦, 曆 for 復, 御, 歷); so is gutenberg-modern in part.
SOURCES = {
    "Hant": {
        "milo-novels.hant": 0.6,
        "tw-law.hant": 0.2,
        "libreoffice-help.hant": 0.5,
        "react-docs.hant": 0.5,
    },
    "Hans": {
        "niutrans-classics.hans": 0.5,
        "niutrans-modern.hans": 0.5,
        "cn-law.hans": 0.2,
        "python-docs.hans": 0.3,
        "react-docs.hans": 0.5,
        "libreoffice-help.hans": 0.3,
    },
}
#: file below parallel/ (public-domain works), weight 1: both sides are independent editions.
PARALLEL = ("classics", "bible-cuv")
TRANSCRIPTS, SENTENCES, WORDS, ALONE, NAMES, ROLES, BOOKS = 0.3, 0.5, 1.0, 0.1, 0.1, 0.3, 0.3
LICENCES = "public domain, law, MIT, CC0-1.0, PSF-2.0, MPL-2.0, CC-BY-4.0, Apache-2.0 (OpenCC)"
#: Of a book of which less is left nothing is learned.
FEWEST_LINES = 100
#: Where pieces of text to put foreign names into come from.
AROUND = "niutrans-modern.hans"


def build(script: str, data: Path, repositories: Path, held_out: int | None) -> NDArray[np.float32]:
    """Learn the decisions towards a script."""
    fold = same_but_for_edition(data)
    parts: list[Examples] = []
    unseen: set[str] = set()
    for name in PARALLEL:
        rows, others = context_texts.parallel(data, name, held_out)
        side = "hant" if script == "Hant" else "hans"
        unseen |= {one for row in others for one in context_texts.windows(row[side])}
        columns = [row["hans"] for row in rows], [row["hant"] for row in rows]
        source, gold = columns if script == "Hant" else columns[::-1]
        parts.append(examples(script, source, gold, fold, 1.0))
    texts = [(context_texts.clean(data, name), weight) for name, weight in SOURCES[script].items()]
    if script == "Hant":
        texts.append((context_texts.transcripts(repositories), TRANSCRIPTS))
    for lines, weight in texts:
        gold = context_texts.without(lines, unseen)
        parts.append(examples(script, context_texts.back(script, gold), gold, fold, weight))
    if script == "Hant":
        parts += short_texts(data, repositories, fold)
        parts.append(translated(context_texts.histories(repositories), learn(parts)))
        parts += old_books(repositories, unseen, fold, learn(parts))
    return learn(parts)


def old_books(
    repositories: Path, unseen: set[str], fold: NDArray[np.uint16], values: NDArray[np.float32]
) -> list[Examples]:
    """Return examples from old books, of each the characters in which it is to be trusted."""
    found = []
    for lines in context_books.books(repositories).values():
        gold = context_texts.without(lines, unseen)
        if len(gold) > FEWEST_LINES:
            source = context_texts.back("Hant", gold)
            found.append(context_books.trusted(examples("Hant", source, gold, fold, BOOKS), values))
    return found


def short_texts(data: Path, repositories: Path, fold: NDArray[np.uint16]) -> list[Examples]:
    """Return examples from single sentences, words, names and the marks of plays."""
    gold = context_texts.sentences(repositories)
    source = context_texts.back("Hant", gold)
    of_words, phrases = context_texts.words(repositories), context_texts.phrases()
    lines = context_texts.clean(data, AROUND)
    around = [line[:4] for line in lines if not set(line[:4]) & set(context_names.FOREIGN)]
    return [
        # Without punctuation, and many are names: that they end says nothing.
        examples("Hant", source, gold, fold, SENTENCES, apart=True),
        words(*phrases, fold, WORDS),
        # Standing alone, a phrase is what the dictionary says.
        examples("Hant", *phrases, fold, ALONE),
        words(*of_words, fold, WORDS),
        examples("Hant", *of_words, fold, WORDS, apart=True),
        examples("Hant", *context_names.names(around), fold, NAMES),
        examples("Hant", *context_names.roles(), fold, ROLES),
    ]


def provenance(folder: Path) -> str:
    """Say where the tables come from."""
    used = sorted({name for sources in SOURCES.values() for name in sources})
    lines = [
        "# Written by tools/build_context.py; do not edit.",
        'command = "PYTHONPATH=src python tools/build_context.py --repositories DIR"',
        f'license = "statistics of ship-safe texts: {LICENCES}"',
        f"clean = {json.dumps(used)}",
        f"parallel = {json.dumps(list(PARALLEL))}",
    ]
    books = [
        (f"{context_books.OWNER}/{number}", commit, context_books.LICENCE)
        for number, commit in context_books.BOOKS.items()
    ]
    for name, commit, licence in [*context_texts.REPOSITORIES.values(), *books]:
        lines += ["", "[[repositories]]", f'name = "{name}"', f'commit = "{commit}"']
        lines.append(f'licence = "{licence}"')
    for path in sorted(folder.glob("opencc-context-*.bin")):
        lines += ["", f'[tables."{path.name}"]']
        lines.append(f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"')
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write both tables, or keep a fold out and save the weights elsewhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--repositories", type=Path, required=True, help="where the clones are")
    parser.add_argument("--held-out", type=int, choices=range(context_texts.FOLDS))
    parser.add_argument("--target", type=Path, help="where to; needed with --held-out")
    options = parser.parse_args()
    if options.held_out is not None and options.target is None:
        parser.error("--held-out needs --target: the shipped tables know all works")
    options.target = options.target or TARGET
    for script in ("Hant", "Hans"):
        values = build(script, options.data, options.repositories, options.held_out)
        data = pack({"values": rounded(values)})
        options.target.mkdir(parents=True, exist_ok=True)
        (options.target / f"opencc-context-{script.lower()}.bin").write_bytes(data)
        print(f"{script}: {len(data)} bytes")
    if options.held_out is None:
        (options.target / "opencc-context-provenance.toml").write_text(provenance(options.target))
    if options.held_out is not None:
        (options.target / "fold").write_text(str(options.held_out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
