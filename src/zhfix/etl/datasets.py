"""Hugging Face datasets: a map over Arrow batches, whose cache is found again.

>>> from datasets import Dataset
>>> from zhfix.etl.datasets import fix_dataset
>>> rows = Dataset.from_dict({"text": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)"]})
>>> fix_dataset(rows, "text", to="zh-Hans")["text"][0]
'网络与网络'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zhfix.etl.arrow import FixTable
from zhfix.etl.spec import Spec

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fix_dataset"]

#: Rows of a batch, unless `map_options` say otherwise: the library's thousand are few when short.
OPTIONS: dict[str, Any] = {"batch_size": 10_000}


def fix_dataset(
    dataset: Any,
    column: str,
    to: str | None = None,
    *,
    report_column: str | None = None,
    map_options: Mapping[str, Any] | None = None,
    **slots: Any,
) -> Any:
    """Fix a column of a `Dataset`, `IterableDataset` or a dictionary of them.

    >>> from datasets import Dataset
    >>> rows = Dataset.from_dict({"text": ["網(wǎng)絡(luò)與網(wǎng)絡(luò)"]})
    >>> fix_dataset(rows, "text", report_column="edits")["edits"][0][0]["rule"]
    'spam-mirror/gloss'

    `slots` are those of `Spec.of`, `map_options` are for `Dataset.map` (`num_proc` and the
    like). What is mapped is a frozen value of settings and checksums, so the same call on the
    same data has the same fingerprint in every session, and another version of the tables
    another one.
    """
    step = FixTable((column,), Spec.of(to, **slots), report_column)
    kind = dataset.format["type"] if hasattr(dataset, "format") else None
    mapped = dataset.with_format("arrow").map(
        step, batched=True, **(OPTIONS | dict(map_options or {}))
    )
    return mapped.with_format(kind)
