"""Text that was decoded with the wrong encoding: encode it back, decode it as it should be."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zhfix.document import Edit, Finding, Proof, Span
from zhfix.repair.memo import cache_last
from zhfix.repair.model import LanguageModel
from zhfix.repair.screen import Region, suspicious
from zhfix.repair.search import PAIRS, Pair, reading_costs, undo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhfix.repair.search import Repair

__all__ = ["Transcode"]

#: Rise in log-likelihood, in nats, that a repair must show: calibrated on 342,025 clean lines,
#: of which none then changes (largest gain of a wrong repair there: 14.8).
MARGIN = 16.0
#: The same for a run that touches no other Chinese text, calibrated on the words of CC-CEDICT and
#: jieba, and for UTF-8, whose bytes do not come about by chance.
MARGIN_ALONE = 12.0
MARGIN_UTF8 = 12.0
#: The same where the document has already shown that it was damaged in this way.
BORROWED_MARGIN = 8.0
#: Total gain of a pair's sure repairs that makes it the document's history.
ESTABLISHED = 60.0
#: Cost per character below which a text reads well: good text lies at 4 to 6.5, damaged at 9-12.
READS_WELL = 7.0


@dataclass(frozen=True, slots=True)
class _Found:
    """A repair in coordinates of the whole text, and the pair that it undoes."""

    repair: Repair
    pair: Pair


class Transcode:
    """The channel of wrong decodes, lossless kinds.

    >>> channel = Transcode()
    >>> text = "打开鏂囦欢失败"
    >>> findings = list(channel.detect(text))
    >>> [(f.rule, f.span) for f in findings]
    [('mojibake/utf-8-read-as-gbk', Span(start=2, end=5))]
    >>> [edit.after for edit in channel.repair(text, findings)]
    ['文件']
    """

    name = "mojibake"

    @property
    def rules(self) -> Mapping[str, str]:
        """Rule id to explanation."""
        return {f"mojibake/{pair}": _explanation(pair) for pair in PAIRS}

    def detect(self, text: str) -> Iterable[Finding]:
        """Report the runs that another decoding makes far likelier."""
        for found in _examine(text):
            repair = found.repair
            yield Finding(
                Span(repair.start, repair.end),
                f"mojibake/{found.pair}",
                _confidence(repair.gain),
                _reason(found),
            )

    def repair(self, text: str, findings: Sequence[Finding]) -> Iterable[Edit]:
        """Propose the likelier decoding of each finding."""
        wanted = {finding.span for finding in findings}
        for found in _examine(text):
            repair = found.repair
            span = Span(repair.start, repair.end)
            if span in wanted:
                yield Edit(
                    span,
                    text[repair.start : repair.end],
                    repair.after,
                    f"mojibake/{found.pair}",
                    _confidence(repair.gain),
                    _reason(found),
                    Proof.PROVEN,
                )


@cache_last
def _examine(text: str) -> tuple[_Found, ...]:
    """Find all repairs of a text; what the document shows elsewhere lowers the margin."""
    evidence: Counter[Pair] = Counter()
    weak: list[_Found] = []
    sure: list[_Found] = []
    for region in suspicious(text):
        for one in _examine_region(text, region, evidence):
            if one.repair.gain > _margin(one):
                evidence[one.pair] += int(one.repair.gain)
                sure.append(one)
            else:
                weak.append(one)
    sure += [one for one in weak if evidence[one.pair] >= ESTABLISHED]
    return tuple(sorted(sure, key=lambda one: one.repair.start))


def _examine_region(
    text: str, where: Region, evidence: Mapping[Pair, int]
) -> list[_Found]:
    """Find the repairs of one stretch, the document's usual damage first."""
    start, end, hits = where
    region = text[start:end]
    costs = reading_costs(
        region, before=text[max(start - 1, 0) : start], after=text[end : end + 1]
    )
    candidates: list[_Found] = []
    order = sorted(PAIRS, key=lambda pair: -evidence.get(pair, 0)) if evidence else PAIRS
    for pair in order:
        candidates += (
            _Found(replace(r, start=r.start + start, end=r.end + start), pair)
            for r in undo(region, pair, margin=BORROWED_MARGIN, costs=costs, hits=hits)
        )
        if evidence.get(pair, 0) >= ESTABLISHED and _explained(region, start, candidates):
            break
    return _apart(candidates)


def _margin(found: _Found) -> float:
    """Return what this repair must gain where nothing else speaks for it."""
    if found.pair.true == "utf-8":
        return MARGIN_UTF8
    return MARGIN_ALONE if found.repair.alone else MARGIN


def _explained(region: str, start: int, found: Sequence[_Found]) -> bool:
    """Whether the region reads well after these repairs."""
    if not found:
        return False
    repaired = region
    for one in sorted(found, key=lambda one: -one.repair.start):
        r = one.repair
        repaired = repaired[: r.start - start] + r.after + repaired[r.end - start :]
    cost = LanguageModel.load().costs(repaired)
    return bool(cost.mean() < READS_WELL) and not suspicious(repaired)


def _apart(candidates: Sequence[_Found]) -> list[_Found]:
    """Keep of overlapping repairs the one that gains most."""
    kept: list[tuple[int, int, _Found]] = []
    for one in sorted(candidates, key=lambda one: -one.repair.gain):
        start, end = one.repair.start, one.repair.end
        after = bisect_right(kept, start, key=lambda item: item[0])
        clear_left = after == 0 or kept[after - 1][1] <= start
        clear_right = after == len(kept) or kept[after][0] >= end
        if clear_left and clear_right:
            kept.insert(after, (start, end, one))
    return [item[2] for item in kept]


def _confidence(gain: float) -> float:
    """Turn a gain in nats into the probability that the repair is right."""
    return min(0.999, 0.9 + 0.1 * (1 - 2.0 ** (-(gain - BORROWED_MARGIN) / 8)))


def _reason(found: _Found) -> str:
    pair = found.pair
    return (
        f"{_NAMES[pair.true]} that was read as {_NAMES[pair.wrong]}: undoing it makes the text "
        f"likelier by {found.repair.gain:.0f} nats, and doing it again gives these characters back"
    )


_NAMES = {
    "utf-8": "UTF-8", "gbk": "GBK", "big5": "Big5", "cp1252": "Windows-1252",
    "latin-1": "Latin-1", "cp1250": "Windows-1250", "cp1251": "Windows-1251",
    "cp437": "code page 437", "cp866": "code page 866", "mac-roman": "Mac Roman",
    "shift-jis": "Shift-JIS", "euc-kr": "EUC-KR",
}  # fmt: skip


def _explanation(pair: Pair) -> str:
    example = pair.forwards("文件")
    shown = f" 文件 then looks like {example!r}." if example else ""
    return (
        f"Bytes of {_NAMES[pair.true]} text were decoded as {_NAMES[pair.wrong]}.{shown} "
        "Nothing is lost: encoding the run back and decoding it truly restores the text, and the "
        "repair is proven by running the damage again. It is made only where the language model "
        "finds the result far likelier than what stands there."
    )
