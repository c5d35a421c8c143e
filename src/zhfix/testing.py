"""A conformance kit: run `check_stage` on a stage and know that it fits."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from zhfix.document import WHOLE, Document, Edit, Finding, Place, Span
from zhfix.edits import apply, check, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zhfix.stages import Stage

__all__ = ["SAMPLES", "check_stage", "checks"]

SAMPLES: tuple[str, ...] = (
    "",
    "\n",
    "\x00",
    "a",
    "中",
    "干净的文字，没有问题。\n",
    "網(wǎng)絡(luò)與網(wǎng)絡(luò)",
    "浣犲ソ锛屼笘鐣\ue15f紒",
    "锟斤拷锟斤拷",
    "首頁 > 新聞 > 國內\n\n正文第一段，說明情況。\n\n責任編輯：王某\n",
    "\ud800 lone surrogate \udfff",
    "\N{GRINNING FACE}𠮷 astral",
    "no line end",
    "windows\r\nline ends\r\n",
    " \t\u3000spaces\u200b and\ufeff marks ",
    "é́ combining ü",
    "长" * 3000,
)
"""Texts that every stage must survive: empty, clean, damaged, astral, broken."""

PLACES = (WHOLE, Place(100, first=False, last=False), Place(100, first=False, last=True))


def check_stage(stage: Stage, samples: Iterable[str] = SAMPLES) -> None:
    """Run every check of the contract; raise `AssertionError` that names the one that fails.

    >>> from zhfix import from_function
    >>> check_stage(from_function(str.rstrip))

    Checked on each sample, at each place in a stream: remarks are findings or edits, edits
    match the text and don't overlap, undo gives the text back, a second run gives the same
    answer, running on the result changes nothing more, and the stage pickles.
    """
    samples = tuple(samples)
    for name, run in checks(stage):
        for sample in samples:
            for place in PLACES:
                try:
                    run(Document(sample, place=place))
                except Exception as error:
                    raise AssertionError(f"{name}: {sample[:40]!r}: {error}") from error


def checks(stage: Stage) -> Iterator[tuple[str, Callable[[Document], None]]]:
    """Yield the checks by name, for frameworks that want a test each.

    >>> [name for name, _ in checks(lambda document: ())]
    ['remarks', 'edits_fit', 'undo', 'deterministic', 'converges', 'pickles']
    """

    def remarks(document: Document) -> None:
        for remark in stage(document):
            assert isinstance(remark, (Finding, Edit)), f"{remark!r} is neither finding nor edit"  # noqa: S101
            assert isinstance(remark.span, Span), f"{remark.span!r} is no Span"  # noqa: S101
            assert 0.0 <= remark.confidence <= 1.0, f"confidence {remark.confidence}"  # noqa: S101
            assert remark.rule, f"no rule: {remark!r}"  # noqa: S101
            assert remark.reason, f"no reason: {remark!r}"  # noqa: S101

    def edits_fit(document: Document) -> None:
        document.revise("checked", stage(document))

    def undo_gives_the_text_back(document: Document) -> None:
        edits = check(document.text, _edits(stage, document), "checked")
        after = apply(document.text, edits)
        assert undo(after, edits) == document.text, "undo differs from the text before"  # noqa: S101

    def deterministic(document: Document) -> None:
        assert list(stage(document)) == list(stage(document)), "two runs differ"  # noqa: S101

    def converges(document: Document) -> None:
        once = document.revise("checked", _edits(stage, document)).text
        again = Document(once, place=document.place)
        twice = again.revise("checked", _edits(stage, again)).text
        assert twice == once, f"a second run changes {once[:40]!r} to {twice[:40]!r}"  # noqa: S101

    def pickles(document: Document) -> None:
        copy = pickle.loads(pickle.dumps(stage))  # noqa: S301  (our own object)
        assert list(copy(document)) == list(stage(document)), "a pickled copy differs"  # noqa: S101

    yield "remarks", remarks
    yield "edits_fit", edits_fit
    yield "undo", undo_gives_the_text_back
    yield "deterministic", deterministic
    yield "converges", converges
    yield "pickles", pickles


def _edits(stage: Stage, document: Document) -> list[Edit]:
    return [remark for remark in stage(document) if isinstance(remark, Edit)]
