"""A pipeline: named stages in an order that is data, and the only loop that runs them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeAlias
from unicodedata import combining

from zhfix.collector import no_collecting
from zhfix.document import Document, Place
from zhfix.errors import ConfigError, StageError, UnknownStageError, ZhfixError
from zhfix.memo import remembering
from zhfix.registry import decoders as _decoders
from zhfix.registry import stages as _stages

if TYPE_CHECKING:
    from zhfix.document import Decoded, Edit, Finding
    from zhfix.rows import Rows
    from zhfix.stages import Decoder, Stage

__all__ = ["BLOCK_SIZE", "DEFAULT_ORDER", "MIN_CONFIDENCE", "Pipeline", "default"]

DEFAULT_ORDER = ("detect", "repair", "strip", "convert")

MIN_CONFIDENCE = 0.3
"""Edits below this are declined and recorded. A stage proposes a repair only where it is sure
that there is damage; its confidence says whether the repair is the right one."""

BLOCK_SIZE = 65_536
"""Code points in a block of a stream: enough evidence to judge a page, small enough to hold two."""

BATCH_SIZE = 16 * BLOCK_SIZE
"""Code points of rows that are looked at together."""

LONGEST_LINE = 2
"""Blocks of a stream that a line may have before it is cut."""

SAFE_CUTS = ("\r\u2028\u2029\x85", "。！？", ".!? \u3000\t", "，；、：,;>")
"""Characters after which a line may be cut, the best first."""

StageLike: TypeAlias = "Stage | str"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in the order in which they run, a decoder, and the confidence an edit must have.

    >>> pipeline = default().without("strip")
    >>> pipeline.names
    ('detect', 'repair', 'convert')

    Frozen and picklable; a stage's name belongs to the pipeline, not to the stage.
    """

    stages: tuple[tuple[str, Stage], ...] = ()
    decoder: Decoder = field(default_factory=lambda: _decoders.create("zhfix"))
    min_confidence: float = MIN_CONFIDENCE

    def __post_init__(self) -> None:
        if not 0.0 <= self.min_confidence <= 1.0:
            raise ConfigError(
                f"must be between 0 and 1, not {self.min_confidence}",
                path="pipeline.min_confidence",
            )

    @classmethod
    def of(cls, **stages: StageLike) -> Pipeline:
        """Make a pipeline; the order of the keywords is the order in which they run.

        >>> from zhfix.stages import from_function
        >>> Pipeline.of(trim=from_function(str.strip)).fix(" 中文 ")
        '中文'
        """
        return cls(tuple((name, _resolve(stage)) for name, stage in stages.items()))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stages, in order.

        >>> default().names
        ('detect', 'repair', 'strip', 'convert')
        """
        return tuple(name for name, _ in self.stages)

    def fix(self, text: str) -> str:
        """Return the text that comes out; the same object when nothing changed.

        >>> default().fix("干净的文字。")
        '干净的文字。'
        """
        return self.run(text).text

    def fix_bytes(self, data: bytes) -> str:
        """Decode, then fix.

        >>> default().fix_bytes("中文文字".encode("gb18030"))
        '中文文字'
        """
        return self.run_bytes(data).text

    def run(self, text: str) -> Document:
        """Run all stages over a text and return all that was seen and done.

        >>> default().run("網(wǎng)絡(luò)與網(wǎng)絡(luò)").text
        '網絡與網絡'

        Raises `StageError` when a stage breaks its contract, and `TypeError` for bytes.
        """
        return self.run_document(Document(_require(text, str)))

    def run_bytes(self, data: bytes) -> Document:
        """Decode, then run all stages; the decoder's findings come first.

        >>> default().run_bytes("中文文字".encode("gb18030")).encoding
        'gb18030'
        """
        return self.run_document(decoded_document(self.decoder(_require(data, bytes))))

    def fix_many(self, texts: Sequence[str]) -> list[str]:
        """Return what comes out of each of many texts: the same as `fix` for each, but cheaper.

        >>> default().fix_many(["網(wǎng)絡(luò)與網(wǎng)絡(luò)", "中文"])
        ['網絡與網絡', '中文']
        """
        fixed = list(texts)
        for row, document in self.noted(texts).items():
            fixed[row] = document.text
        return fixed

    def run_many(self, texts: Sequence[str]) -> list[Document]:
        """Run all stages over each of many texts: the same as `run` for each, but cheaper.

        >>> [row.text for row in default().run_many(["網(wǎng)絡(luò)與網(wǎng)絡(luò)", "中文"])]
        ['網絡與網絡', '中文']

        Texts do not lend one another evidence; equal texts are worked on once.
        """
        noted = self.noted(texts)
        return [noted.get(row) or Document(text) for row, text in enumerate(texts)]

    def noted(self, texts: Sequence[str]) -> dict[int, Document]:
        """Return the documents of those texts that were changed or in which something was seen.

        >>> list(default().noted(["中文", "網(wǎng)絡(luò)與網(wǎng)絡(luò)"]))
        [1]

        Keys are places in `texts`. Stages that can tell from one look at all rows which of
        them are worth a look are not asked about the others.
        """
        if not set(map(type, texts)) <= {str}:
            for text in texts:
                _require(text, str)
        different = list(dict.fromkeys(texts))
        found: dict[int, Document] = {}
        for start, end in _batches(different):
            with no_collecting(), remembering():
                batch = self._run_batch(different[start:end], {})
            found |= {start + number: document for number, document in batch.items()}
        if len(different) == len(texts) or not found:
            return found
        by_text = {different[number]: document for number, document in found.items()}
        return {row: by_text[text] for row, text in enumerate(texts) if text in by_text}

    def run_bytes_many(self, cells: Sequence[bytes]) -> list[Document]:
        """Decode the cells of one column, which lend one another their encoding, then run each.

        >>> cells = ["北京".encode("gbk"), "上海".encode("gbk"), "广州".encode("gbk")]
        >>> [row.text for row in default().run_bytes_many(cells)]
        ['北京', '上海', '广州']

        A decoder that has no `many` of its own decodes cell by cell.
        """
        many = getattr(self.decoder, "many", None)
        decoded = many(cells) if many is not None else [self.decoder(cell) for cell in cells]
        documents = dict(enumerate(map(decoded_document, decoded)))
        with remembering():
            self._run_batch([document.text for document in documents.values()], documents)
        return list(documents.values())

    def run_document(self, document: Document) -> Document:
        """Run all stages over a document, after whatever was done to it before.

        >>> default().run_document(Document("中文")).text
        '中文'
        """
        for name, stage in self.stages:
            document = self._revised(document, name, stage)
        return document

    def _revised(self, document: Document, name: str, stage: Stage) -> Document:
        """Let one stage look at a document."""
        with _errors_of(name):
            return document.revise(name, stage(document), min_confidence=self.min_confidence)

    def _run_batch(self, texts: list[str], noted: dict[int, Document]) -> dict[int, Document]:
        """Run stage by stage over rows, and keep in `noted` the documents that say something."""
        # Imported here: it brings numpy, which a short text does not need.
        from zhfix.rows import Rows

        rows: Rows | None = None
        for name, stage in self.stages:
            if hasattr(stage, "many") or hasattr(stage, "suspects"):
                rows = rows or Rows(texts)
            changed = False
            with _errors_of(name):
                for row, remarks in _said(stage, rows, texts, noted):
                    before = noted.get(row) or Document(texts[row])
                    after = before.revise(name, remarks, min_confidence=self.min_confidence)
                    if after is not before:
                        noted[row] = after
                        changed |= after.text is not texts[row]
            if changed:
                texts = texts.copy()
                for row, document in noted.items():
                    texts[row] = document.text
                rows = None
        return noted

    def stream(self, lines: Iterable[str], *, block_size: int = BLOCK_SIZE) -> Iterator[Document]:
        """Run over a stream of text in bounded memory, a document a block.

        >>> blocks = default().stream(["網(wǎng)絡(luò)\\n", "網(wǎng)絡(luò)\\n"])
        >>> "".join(block.text for block in blocks)
        '網絡\\n網絡\\n'

        However the input is cut, blocks end at line ends once they hold `block_size` code
        points, so the result does not depend on the cuts. A line of several blocks is cut
        inside, after a sentence if it has any. `place` counts in code points.
        """
        offset = 0
        for block, last in _with_last(_blocks(lines, block_size)):
            place = Place(offset, offset == 0, last)
            yield self.run_document(Document(block, place=place))
            offset += len(block)

    def replace(self, **stages: StageLike) -> Pipeline:
        """Put other stages into slots: objects, functions of a document, or registered names.

        >>> default().replace(strip=lambda document: ()).names
        ('detect', 'repair', 'strip', 'convert')

        Raises `UnknownStageError` when there is no such slot or no such registered name.
        """
        self._require_names(stages)
        return replace(
            self,
            stages=tuple(
                (name, _resolve(stages[name]) if name in stages else stage)
                for name, stage in self.stages
            ),
        )

    def without(self, *names: str) -> Pipeline:
        """Leave stages out.

        >>> default().without("strip", "convert").names
        ('detect', 'repair')
        """
        self._require_names(names)
        return replace(self, stages=tuple(s for s in self.stages if s[0] not in names))

    def only(self, *names: str) -> Pipeline:
        """Keep only these stages, in the pipeline's order.

        >>> default().only("repair", "detect").names
        ('detect', 'repair')
        """
        self._require_names(names)
        return replace(self, stages=tuple(s for s in self.stages if s[0] in names))

    def then(self, **stages: StageLike) -> Pipeline:
        """Add stages at the end.

        >>> default().then(again="detect").names
        ('detect', 'repair', 'strip', 'convert', 'again')
        """
        for name in stages:
            if name in self.names:
                raise ConfigError(
                    f"the pipeline has a stage {name!r} already; use replace()", path=name
                )
        added = tuple((name, _resolve(stage)) for name, stage in stages.items())
        return replace(self, stages=(*self.stages, *added))

    def with_decoder(self, decoder: Decoder | str) -> Pipeline:
        """Use another decoder: an object, a function of bytes, or a registered name.

        >>> default().with_decoder("utf-8").fix_bytes(b"abc")
        'abc'
        """
        made = _decoders.create(decoder) if isinstance(decoder, str) else decoder
        return replace(self, decoder=made)

    def _require_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.names:
                raise UnknownStageError(name, self.names)


def default(to: str | None = None, **slots: Mapping[str, Any] | StageLike) -> Pipeline:
    """Make the pipeline behind `fix`: detect, repair, strip, convert.

    >>> default(to="zh-Hans").fix("漢字")
    '汉字'
    >>> default(to="zh-Hans", convert="opencc-python-reimplemented").fix("漢字")
    '汉字'
    >>> default(strip={"preset": "light"}).names
    ('detect', 'repair', 'strip', 'convert')

    `to` is a BCP 47 tag, an OpenCC mode, "auto", or None to keep the script. A keyword names a
    slot and gives it options (with `use` for a registered name), a registered name, or a stage
    of your own. Raises `ConfigError` for an unknown locale or option.
    """
    from zhfix.config import Config, Slot

    named: dict[str, Slot] = {}
    objects: dict[str, Stage] = {}
    for name, given in slots.items():
        if name not in DEFAULT_ORDER:
            raise UnknownStageError(name, DEFAULT_ORDER)
        if isinstance(given, str):
            named[name] = Slot(given)
        elif callable(given):
            objects[name] = given
        else:
            options = dict(given)
            named[name] = Slot(options.pop("use", name), options)
    if to is not None and "convert" not in objects:
        convert = named.get("convert", Slot("convert"))
        named["convert"] = Slot(convert.use, {**convert.options, "to": to})
    return Config(slots=named).pipeline().replace(**objects)


@contextmanager
def _errors_of(stage: str) -> Iterator[None]:
    """Say which stage broke, unless the error says what to do or the process is at its limits."""
    try:
        yield
    except (ZhfixError, RecursionError, MemoryError):
        raise
    except Exception as error:
        raise StageError(f"{type(error).__name__}: {error}", stage=stage) from error


def _said(
    stage: Stage, rows: Rows | None, texts: Sequence[str], noted: Mapping[int, Document]
) -> Iterator[tuple[int, Iterable[Finding | Edit]]]:
    """Yield what a stage says of rows, asking as few as it allows."""
    if rows is not None and (many := getattr(stage, "many", None)) is not None:
        yield from many(rows)
        return
    chosen: Iterable[int] = range(len(texts))
    if rows is not None and (suspects := getattr(stage, "suspects", None)) is not None:
        chosen = suspects(rows).nonzero()[0].tolist()
    for row in chosen:
        yield row, stage(noted.get(row) or Document(texts[row]))


def decoded_document(decoded: Decoded) -> Document:
    """Make a document of what a decoder returned."""
    return Document(decoded.text, encoding=decoded.encoding, findings=decoded.findings)


def _resolve(stage: StageLike) -> Stage:
    if isinstance(stage, str):
        return _stages.create(stage)
    if not callable(stage):
        raise TypeError(f"a stage is a callable or a registered name, not {stage!r}")
    return stage


def _require(value: object, kind: type) -> Any:
    if not isinstance(value, kind):
        other = "fix_bytes() or run_bytes()" if kind is str else "fix() or run()"
        hint = f"; use {other}" if isinstance(value, (str, bytes)) else ""
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}{hint}")
    return value


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Cut rows into batches of a bounded size."""
    sizes = [0, *accumulate(map(len, texts))]
    start = 0
    while start < len(texts):
        end = min(bisect_left(sizes, sizes[start] + BATCH_SIZE, start + 1), len(texts))
        yield start, end
        start = end


def _blocks(pieces: Iterable[str], block_size: int) -> Iterator[str]:
    """Regroup text into blocks of whole lines of at least `block_size` code points.

    A line that goes on for `LONGEST_LINE` blocks is cut. Where depends on the text alone.
    """
    held = ""
    for piece in pieces:
        held += _require(piece, str)
        done = 0
        while (end := _end_of_block(held, done, block_size)) > 0:
            yield held[done:end]
            done = end
        held = held[done:]
    if held:
        yield held


def _end_of_block(text: str, start: int, block_size: int) -> int:
    """Return where a block that begins at `start` ends; 0 while that is not known."""
    if len(text) - start < block_size:
        return 0
    longest = start + block_size * LONGEST_LINE
    if end := text.find("\n", start + block_size - 1, longest) + 1:
        return end
    return _safe_cut(text, start + block_size, longest) if len(text) >= longest else 0


def _safe_cut(text: str, start: int, end: int) -> int:
    """Return where a line without an end may be cut with the least harm.

    Damage seldom goes on across the end of a sentence, and never across a space; where there
    is neither, the cut is anywhere but before a combining character.
    """
    for signs in SAFE_CUTS:
        if (at := max(text.rfind(sign, start, end - 1) for sign in signs)) >= 0:
            return at + 1
    while end > start + 1 and combining(text[end - 1]):
        end -= 1
    return end - 1


def _with_last(blocks: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Look one block ahead, so that the last one is known to be the last."""
    waiting: str | None = None
    for block in blocks:
        if waiting is not None:
            yield waiting, False
        waiting = block
    if waiting is not None:
        yield waiting, True
