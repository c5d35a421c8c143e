"""Where signs of escapes stand: a search in what is ASCII of a text.

Escapes are ASCII, and of Chinese text that is a tenth: what is left when all else is taken out
is searched for all forms in a fraction of the time that the text would take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zhfix.memo import cache_last
from zhfix.patterns import lazy
from zhfix.repairing.look import ascii_part
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["SIGNS", "has_any", "has_sign", "signs"]

_LAST_ASCII = 0x7F
#: What stands in every escape of a form, at its beginning if it can; it looks at nothing before.
SIGNS = {
    "word": lazy(rb"=\?[\w-]{2}"),
    "entity": lazy(rb"&(?:amp;)*\#[0-9xX]"),
    "named": lazy(rb"&(?:amp;)*[A-Za-z]{2,8};"),
    "broken": lazy(rb"[\#&](?:[xX][0-9a-fA-F]{2,5}|[0-9]{3,6});"),
    "unicode": lazy(rb"\\u[0-9a-fA-F{]"),
    "bare_unicode": lazy(rb"u[0-9a-fA-F]{4}"),
    "annex_b": lazy(rb"%(?:u[0-9a-fA-F]{4}|[0-9a-fA-F]{2})"),
    "percent": lazy(rb"%[0-9a-fA-F]{2}"),
    "quoted": lazy(rb"=[0-9A-Fa-f]{2}|=\r?\n"),
    "hexadecimal": lazy(rb"\\x[0-9a-fA-F]{2}"),
    "octal": lazy(rb"\\[2-3][0-7]{2}"),
    "code_point": lazy(rb"U\+[0-9A-F]{4}"),
    "utf7": lazy(rb"\+(?:[A-Za-z0-9+/]{3}|-)"),
    "imap": lazy(rb"&(?:[A-Za-z0-9+,]{3}|-)"),
    "hz": lazy(rb"~\{[!-w]"),
}


@cache_last
def _places(text: str) -> NDArray[np.intp]:
    """Return where the ASCII characters stand."""
    # Not by `look`: of many rows few have signs, and only these are asked for their places.
    return (code_points(text) <= _LAST_ASCII).nonzero()[0]


def has_any(text: str) -> bool:
    """Whether the sign of any form may stand in a text.

    >>> has_any("中&#20013;"), has_any("中国")
    (True, False)
    """
    data = ascii_part(text)
    return any(sign.search(data) and signs(text, sign) for sign in SIGNS.values())


def has_sign(text: str, sign: re.Pattern[bytes]) -> bool:
    """Whether a sign may stand in a text.

    >>> import re
    >>> has_sign("中&#20013;", re.compile(rb"&#[0-9]")), has_sign("中", re.compile(rb"&#[0-9]"))
    (True, False)
    """
    return sign.search(ascii_part(text)) is not None


def signs(text: str, sign: re.Pattern[bytes]) -> list[int]:
    """Return where a sign stands, in code points.

    >>> import re
    >>> signs("中&#20013;", re.compile(rb"&#[0-9]")), signs("27%，59%", re.compile(rb"%[0-9]"))
    ([1], [])
    """
    data = ascii_part(text)
    found = [match.span() for match in sign.finditer(data)]
    if not found:
        return []
    places = _places(text)
    starts, ends = np.array(found).T
    together = places[ends - 1] - places[starts] == ends - 1 - starts
    if not together.all():
        # Something lies between: what stands in the text may begin inside of such a match.
        starts = np.array(list(_standing(data, sign, places)), np.intp)
    standing: list[int] = places[starts].tolist()
    return standing


def _standing(data: bytes, sign: re.Pattern[bytes], places: NDArray[np.intp]) -> Iterator[int]:
    at = 0
    while match := sign.search(data, at):
        start, end = match.span()
        together = places[end - 1] - places[start] == end - 1 - start
        if together:
            yield start
        at = end if together else start + 1
