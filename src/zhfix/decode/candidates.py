"""The encodings that are tried, and how well each explains a sample."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from zhfix.decode.labels import codec, normalized
from zhfix.repair.model import LanguageModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhfix.decode.faults import Raw

__all__ = ["CHINESE", "FAULT", "Reading", "readings"]

FAULT = -14.0
"""What a fault adds to the score: as unlikely as an unseen character."""

#: How common an encoding is among bytes that are not UTF-8, as log-odds against GBK.
PRIORS = {
    "gb18030": 0.0,
    "big5": -0.5,
    "euc-tw": -9.0,
    "shift_jis": -3.0,
    "euc-jp": -3.0,
    "euc-kr": -3.0,
    "utf-16le": -5.0,
    "utf-16be": -7.0,
    "windows-1251": -3.0,
    "koi8-r": -6.0,
    "windows-1252": -2.0,
}
DECLARED = 3.0
"""What a declaration is worth, in nats: it decides between equals."""
SAME = {"gbk": "gb18030"}
"""Labels that one decoder serves, by the name under which it is a candidate."""
CHINESE = ("gb18030", "big5", "euc-tw")
EIGHT_BIT = tuple(name for name in PRIORS if not name.startswith("utf-16"))
UTF_16 = ("utf-16le", "utf-16be")


class Reading(NamedTuple):
    """A sample read in one encoding; `score` is log P with prior and faults."""

    encoding: str
    raw: Raw
    score: float


def readings(data: bytes, encodings: Sequence[str], declared: str | None = None) -> list[Reading]:
    """Read a sample in each encoding, the likeliest first; `declared` is a weak prior.

    >>> [reading.encoding for reading in readings("中文".encode("gbk"), EIGHT_BIT)][0]
    'gb18030'
    """
    raws = [codec(name).decode(data) for name in encodings]
    scores = LanguageModel.load().scores([raw.text for raw in raws])
    said = SAME.get(name, name) if declared and (name := normalized(declared)) else None
    found = [
        Reading(
            name,
            raw,
            float(score)
            + PRIORS.get(name, 0.0)
            + FAULT * len(raw.faults)
            + DECLARED * (name == said),
        )
        for name, raw, score in zip(encodings, raws, scores, strict=True)
    ]
    return sorted(found, key=lambda reading: -reading.score)


def confidence(margin: float) -> float:
    """Turn the margin over the runner-up, in nats, into a probability.

    >>> 0.5 < confidence(1.0) < confidence(10.0) < 1.0
    True
    """
    return 1.0 / (1.0 + math.exp(-min(margin, 40.0) * 0.5))
