"""The stage that looks for damage: every channel's signature, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from zhfix.errors import ConfigError, did_you_mean
from zhfix.repairing.channels import all_channels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zhfix.document import Document, Finding
    from zhfix.stages import Stage

__all__ = ["Detect", "rules", "stage"]


@dataclass(frozen=True, slots=True)
class Detect:
    """Report the damage in a document; `select` and `ignore` are rule ids or their beginnings.

    >>> from zhfix.document import Document
    >>> [f.rule for f in Detect()(Document("網(wǎng)絡(luò)與網(wǎng)絡(luò)"))][0]
    'spam-mirror/gloss'
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def __call__(self, document: Document) -> Iterator[Finding]:
        """Yield a finding for every damaged span."""
        for channel in all_channels():
            for finding in channel.detect(document.text):
                if self._wants(finding.rule):
                    yield finding

    def _wants(self, rule: str) -> bool:
        if self.select and not rule.startswith(self.select):
            return False
        return not (self.ignore and rule.startswith(self.ignore))


def stage(*, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Stage:
    """Make the `detect` stage; the rule ids are those of `rules()`, or beginnings of them.

    >>> stage(ignore=["punctuation"])
    Detect(select=(), ignore=('punctuation',))

    Raises `ConfigError` when a name begins no rule.
    """
    for option, names in (("select", select), ("ignore", ignore)):
        for name in [names] if isinstance(names, str) else names:
            if not any(rule.startswith(name) for rule in rules()):
                raise ConfigError(f"no rule {name!r}{did_you_mean(name, rules())}", path=option)
    return Detect(_tuple(select), _tuple(ignore))


@cache
def rules() -> Mapping[str, str]:
    """All rules of damage, with a paragraph that explains each.

    >>> "spam-mirror/gloss" in rules()
    True
    """
    return {rule: text for channel in all_channels() for rule, text in channel.rules.items()}


def _tuple(names: Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
