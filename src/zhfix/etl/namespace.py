"""What the adapters for data frames offer under the name `zh`, whatever the frame."""

from __future__ import annotations

from typing import Any

from zhfix.etl.spec import Spec

__all__ = ["Namespace"]


class Namespace:
    """The functions of `import zhfix`, over a column.

    An adapter says how its columns become text, reports, or both; slots and options are those
    of `zhfix.etl.Spec.of`.
    """

    def fix(self, to: str | None = None, **slots: Any) -> Any:
        """Repair damage, strip boilerplate, and convert to a locale if one is given."""
        return self._text(Spec.of(to, **slots))

    def repair(self) -> Any:
        """Repair damage and leave everything else as it is."""
        return self._text(Spec.of(stages=("detect", "repair")))

    def strip(self, **options: Any) -> Any:
        """Strip boilerplate and leave everything else as it is."""
        return self._text(Spec.of(stages=("strip",), strip=options))

    def convert(self, to: str = "zh-Hans", **options: Any) -> Any:
        """Convert to a script or locale and leave everything else as it is."""
        return self._text(Spec.of(to, stages=("convert",), convert=options))

    def detect(self) -> Any:
        """Return the damage in each row: a report with findings only."""
        return self._report(Spec.of(stages=("detect",)))

    def explain(self, to: str | None = None, **slots: Any) -> Any:
        """Fix, and return the text and the report of each row together."""
        return self._both(Spec.of(to, **slots))

    def _text(self, spec: Spec) -> Any:
        raise NotImplementedError

    def _report(self, spec: Spec) -> Any:
        raise NotImplementedError

    def _both(self, spec: Spec) -> Any:
        raise NotImplementedError
