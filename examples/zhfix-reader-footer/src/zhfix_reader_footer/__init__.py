"""A stage in ten lines: removes what a reading site writes below a chapter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zhfix import Document, Edit, Span


@dataclass(frozen=True)
class ReaderFooter:
    """Remove a last line such as 本书首发于某某小说网 ("first published on …")."""

    site: str = ".{2,12}"

    def __call__(self, document: Document) -> Iterator[Edit]:
        """Propose the removal, if this is the end of the text and not only of a block."""
        footer = re.search(rf"\n本书首发于{self.site}\s*\Z", document.text)
        if footer and document.place.last:
            yield Edit(
                Span(*footer.span()),
                footer[0],
                "\n",
                "reader-footer/first-published",
                0.97,
                "ends with a reading site's notice",
            )


def stage(*, site: str = ".{2,12}") -> ReaderFooter:
    """Make the stage; `site` is a regular expression for the site's name."""
    return ReaderFooter(site)
