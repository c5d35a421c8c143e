"""datatrove: a step for its pipelines.

>>> from datatrove.data import Document
>>> from zhfix.etl.datatrove import ZhFix
>>> step = ZhFix(to="zh-Hans")
>>> [document.text for document in step([Document("網(wǎng)絡(luò)與網(wǎng)絡(luò)", id="1")])]
['网络与网络']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from datatrove.pipeline.base import PipelineStep

from zhfix.etl.counters import Counters
from zhfix.etl.rows import fix_rows, remarks
from zhfix.etl.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ZhFix"]

#: Code points of documents that are worked on together.
BATCH_TEXT = 1 << 20


class ZhFix(PipelineStep):  # type: ignore[misc]  # datatrove has no types
    """Fix the text of documents; with `report_key` put the report into their metadata.

    Up to `batch_size` documents are worked on at a time, fewer when they are long. The statistics
    count rows, changed rows, and remarks by rule and stage; datatrove adds them up over its tasks.
    """

    type = "✂️ - FORMAT"
    name = "zhfix"

    def __init__(
        self,
        to: str | None = None,
        *,
        report_key: str | None = None,
        batch_size: int = 10_000,
        **slots: Any,
    ) -> None:
        super().__init__()
        self.spec = Spec.of(to, **slots)
        self.report_key = report_key
        self.batch_size = batch_size

    def run(self, data: Iterable[Any], rank: int = 0, world_size: int = 1) -> Iterator[Any]:  # noqa: ARG002
        """Yield the documents in their order."""
        for batch in self._batches(data):
            counters = Counters()
            with self.track_time("batch"):
                for document, done in zip(
                    batch, fix_rows([one.text for one in batch], self.spec), strict=True
                ):
                    if done is not None:
                        document.text = done.text
                        counters.add(done)
                        if self.report_key is not None:
                            document.metadata[self.report_key] = remarks(done)
            self._count(counters)
            yield from batch

    def _batches(self, data: Iterable[Any]) -> Iterator[list[Any]]:
        """Take documents together: many short ones, or one long one."""
        batch: list[Any] = []
        size = 0
        for document in data:
            batch.append(document)
            size += len(document.text)
            if len(batch) >= self.batch_size or size >= BATCH_TEXT:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _count(self, counters: Counters) -> None:
        self.stat_update("rows", value=counters.rows)
        self.stat_update("changed", value=counters.changed)
        for kind, counts in (("rule", counters.rules), ("stage", counters.stages)):
            for name, count in counts.items():
                self.stat_update(f"{kind}:{name}", value=count)
