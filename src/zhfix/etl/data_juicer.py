"""data-juicer: the operator `zh_fix_mapper`.

Importing this module registers it; recipes then name it::

    process:
      - zh_fix_mapper:
          to: zh-Hans

>>> from zhfix.etl.data_juicer import ZhFixMapper
>>> ZhFixMapper(to="zh-Hans").process({"text": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)"]})["text"]
['网络与网络']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data_juicer.ops.base_op import OPERATORS, Mapper

from zhfix.etl.rows import fix_rows, remarks
from zhfix.etl.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ZhFixMapper"]


class ZhFixMapper(Mapper):  # type: ignore[misc]  # data-juicer has no types
    """Fix the texts of samples; with `report_key` add the report of each.

    `slots` are options of stages, as a recipe writes them: `strip: {preset: light}`. All other
    keywords are data-juicer's.
    """

    _batched_op = True

    def __init__(
        self,
        to: str | None = None,
        report_key: str | None = None,
        slots: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.spec = Spec.of(to, **(slots or {}))
        self.report_key = report_key

    def process_batched(self, samples: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """Fix the texts of one batch."""
        texts = samples[self.text_key]
        done = fix_rows(texts, self.spec)
        samples[self.text_key] = [None if row is None else row.text for row in done]
        if self.report_key is not None:
            samples[self.report_key] = [None if row is None else remarks(row) for row in done]
        return samples


OPERATORS.register_module("zh_fix_mapper")(ZhFixMapper)
