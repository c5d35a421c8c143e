"""A text as lines with their places, shadows on demand, and what kind of line each is."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np

from zhfix.patterns import lazy
from zhfix.stripping.shadow import collapsed, folded, unfolded, without_glosses

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Marks that end a sentence, also inside closing quotes and brackets.
_SENTENCE_END = lazy(r"""[。!?…;:][”"』」’')】》]*$""")
_CODE = lazy(r"[=;{}()\[\]<>#$\\]")

_LINE_FEED = ord("\n")

PROSE_LENGTH = 30
"""A line with a full stop and so many characters is a sentence of somebody's work."""
LONG_PROSE_LENGTH = 50
"""A line of so many characters with a comma or a Western full stop is prose as well."""


class Lines:
    """The lines of a text; line *i* is `text[starts[i]:starts[i + 1]]`, with its line end.

    >>> lines = Lines("標題\\n\\n正文")
    >>> len(lines), lines.shadow(0), lines.starts
    (3, '标题', [0, 3, 4, 6])

    Lines end at line feeds; a carriage return belongs to the line that it ends.
    """

    __slots__ = ("_borders", "_shadows", "_starts", "data", "ends", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = folded(without_glosses(text))
        """The folded units, without glosses: other offsets than the text's, but the same lines."""
        self.ends = (np.frombuffer(self.data, np.uint16) == _LINE_FEED).nonzero()[0]
        """Where the lines end, in units of `data`; the last one may have no end."""
        self._borders: list[int] | None = None
        self._starts: list[int] | None = None
        self._shadows: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.ends) + 1

    @property
    def starts(self) -> list[int]:
        """Where each line begins in the text, and where the text ends, in code points."""
        if self._starts is None:
            self._starts = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]
            self._starts[-1] = len(self.text)
        return self._starts

    def bounds(self, index: int) -> tuple[int, int]:
        """Return where a line begins and ends in units of `data`."""
        if self._borders is None:
            self._borders = [-1, *self.ends.tolist(), len(self.data) // 2]
        return self._borders[index] + 1, self._borders[index + 1]

    def shadow(self, index: int) -> str:
        """Return the shadow of a line, "" when it is blank."""
        found = self._shadows.get(index)
        if found is None:
            start, end = self.bounds(index)
            line = unfolded(self.data[2 * start : 2 * end])
            found = self._shadows[index] = collapsed(line)
        return found

    def read_all(self) -> None:
        """Make all shadows at once, for one who is going to look at every line."""
        if len(self._shadows) < len(self):
            self._shadows = dict(enumerate(map(collapsed, unfolded(self.data).split("\n"))))

    def shadows(self, numbers: NDArray[np.intp]) -> list[str]:
        """Return the shadows of many lines, read together.

        >>> Lines("標題\\n\\n正文").shadows(np.array([0, 2]))
        ['标题', '正文']
        """
        borders = np.concatenate(([-1], self.ends, [len(self.data) // 2])) * 2 + 2
        # Each with the line feed behind it; the last line of the text may have none.
        spans = zip(borders[numbers].tolist(), borders[numbers + 1].tolist(), strict=True)
        read = unfolded(b"".join([self.data[start:end] for start, end in spans]))
        return list(map(collapsed, read.split("\n")))[: len(numbers)]

    def raw(self, index: int) -> str:
        """Return a line as it stands in the text, with its line end."""
        return self.text[self.starts[index] : self.starts[index + 1]]


def is_prose(line: str) -> bool:
    """Tell whether a shadow is running text: long, and punctuated like a sentence.

    >>> is_prose("今日有网友爆料,有60万个账号和410万条联系人数据在网上出售。"), is_prose("首页")
    (True, False)
    """
    if len(line) >= PROSE_LENGTH and "。" in line:
        return True
    return len(line) >= LONG_PROSE_LENGTH and ("," in line or ". " in line or line.endswith("."))


def ends_like_sentence(line: str) -> bool:
    """Tell whether a shadow ends with a mark of a sentence.

    >>> ends_like_sentence("女士们、先生们:"), ends_like_sentence("热门推荐")
    (True, False)
    """
    return _SENTENCE_END.search(line) is not None


def is_code(line: str) -> bool:
    """Tell whether a shadow looks like a line of a program.

    >>> is_code("arr = np.array([1, 2, 3])"), is_code("首页")
    (True, False)
    """
    return len(_CODE.findall(line)) * 10 >= len(line) > 5
