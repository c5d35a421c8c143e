"""What can only be Chinese: much fluent text without a fault, so that nothing else is tried.

Pages of old archives are of this kind, so it is decided from what is needed anyway: the text,
read strictly by a codec of the standard library, and the price of its characters. A stretch of
the bytes is priced in the other Chinese encoding as well, in the same pass, to tell how far it
is behind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zhfix.decoding import big5
from zhfix.decoding.candidates import DECLARED, FAULT, PRIORS, candidate, confidence, costs
from zhfix.decoding.faults import REPLACEMENT, Raw
from zhfix.decoding.labels import codec
from zhfix.decoding.marks import Guess
from zhfix.decoding.strange import Laid
from zhfix.repairing.model import code_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["EXACT", "PLAIN", "PLAIN_BYTES", "PLAIN_KANA", "PLAIN_SHARE", "Plain", "plainly_chinese"]

#: What can only be Chinese: so many bytes, at most so many nats a character, so many
#: characters a byte, fewer than one kana in so many characters.
PLAIN_BYTES = 600
PLAIN = 7.4
PLAIN_SHARE = 0.75
PLAIN_KANA = 30
#: So many are Chinese in 600 bytes that have no more characters than that.
PLAIN_CHARACTERS = 150
#: So many bytes tell which encoding the rest is worth to be read in; a character has up to 4.
HEAD = 1 << 16
LONGEST = 4
#: Texts up to so many characters are priced whole.
EXACT = 8192
#: Of longer ones, so many windows of so many characters.
WINDOWS = 8
WINDOW = 64
#: How many bytes are priced in the other encoding as well, from the first that is not ASCII.
COMPARED = 128
#: By how many nats the other encoding is behind on them, where nothing is in doubt: thousands of
#: pages had 150 and more.
FAR = 100.0

_BEYOND = re.compile("[^\x00-\x7f]")
_DULL = re.compile("[\x00-\x7f]{24,}")
_KANA = range(0x3040, 0x3100)


class Plain(NamedTuple):
    """Chinese text beyond doubt."""

    guess: Guess
    raw: Raw
    laid: Laid | None
    """The text laid out, if it was priced whole."""


#: Encodings, and Python's codecs that read them: first those that lack only rare characters.
_CODECS = (
    ("gb18030", "gbk"),
    ("big5", "cp950"),
    ("big5", "big5hkscs"),
    ("gb18030", "gb18030"),
)
#: The other encoding, and a codec that reads all of it but rare characters.
_OTHER = {"gb18030": ("big5", "cp950"), "big5": ("gb18030", "gbk")}


def plainly_chinese(data: bytes, declared: str | None) -> Plain | None:
    """Read what can only be Chinese; None for all else, and for what has a fault.

    >>> page = "这是一个关于编码的测试文件，里面没有别的东西。" * 20
    >>> plainly_chinese(page.encode("gbk"), None).guess.runner_up
    'big5'
    """
    if len(data) < PLAIN_BYTES:
        return None
    for name, python in _CODECS:
        text = _read(data, name, python)
        if text and (found := _judged(data, text, (name, python), declared)):
            return found
    return None


def _read(data: bytes, name: str, python: str) -> str:
    """Read bytes exactly; nothing, if they have faults or Python's codec cannot read their head."""
    head = data[:HEAD]
    whole = len(head) == len(data)
    try:
        text = head.decode(python)
    except UnicodeDecodeError as error:
        # The last character of a head may be cut.
        if whole or error.start < HEAD - LONGEST:
            return ""
    else:
        if whole and python == "gbk":
            return text
        if whole and python == "cp950":
            return big5.amended(text)
    raw = codec(name).decode(data)
    return "" if raw.faults else raw.text


def _judged(data: bytes, text: str, by: tuple[str, str], declared: str | None) -> Plain | None:
    """Price a reading, and its beginning in the other encoding."""
    first = _BEYOND.search(text)
    if first is None:
        return None
    name, python = by
    # Up to here the text is ASCII: as many bytes as characters.
    start = first.start()
    stretch = data[start : start + COMPARED]
    own = text[start : start + len(stretch.decode(python, "ignore"))]
    behind, roughly = _OTHER[name]
    other = stretch.decode(roughly, "replace")
    whole = len(text) <= EXACT
    looked_at = text if whole else "\n".join((own, *_windows(text)))
    points = code_points(f"\n{looked_at}\n{other}\n")
    price = costs(points)
    end = len(looked_at)
    found = Laid(points[: end + 2], price[:end], points[: end + 2] < 0x80)
    if not _fluent(found, looked_at):
        return None
    said = candidate(declared)
    begin = start if whole else 0
    margin = _score(name, said, price[begin : begin + len(own)])
    margin -= _score(behind, said, price[end + 1 : -1]) + FAULT * other.count(REPLACEMENT)
    if margin < FAR:
        return None
    guess = Guess(name, confidence(margin), behind, margin)
    return Plain(guess, Raw(text), found if whole else None)


def _score(name: str, said: str | None, price: NDArray[np.float32]) -> float:
    return PRIORS[name] + DECLARED * (name == said) - float(price.sum(dtype=np.float64))


def _fluent(text: Laid, looked_at: str) -> bool:
    """Tell whether a text is mostly Chinese that makes sense, but for long stretches of ASCII."""
    size = len(looked_at)
    count = size + 2 - int(np.count_nonzero(text.plain))
    if count < PLAIN_CHARACTERS:
        return False
    if size > PLAIN_SHARE * (size + count):
        size = len(_shortened(looked_at))
        if size > PLAIN_SHARE * (size + count):
            return False
    # Inside words of ASCII it does not matter what they cost.
    counted = np.logical_and(text.plain[:-2], text.plain[1:-1])
    np.logical_not(counted, out=counted)
    if float(np.dot(text.price, counted.astype(np.float32))) > PLAIN * count:
        return False
    kana = text.points - np.uint32(_KANA.start) < np.uint32(len(_KANA))
    return int(np.count_nonzero(kana)) * PLAIN_KANA <= size


def _windows(text: str) -> Iterator[str]:
    """Yield windows of a long text, evenly spread, without long stretches of ASCII."""
    end = 0
    for number in range(WINDOWS):
        start = max(end, len(text) * number // WINDOWS)
        found = _BEYOND.search(text, start)
        if found is None:
            return
        start = max(start, found.start() - 8)
        end = start + WINDOW
        yield _shortened(text[start:end])


def _shortened(text: str) -> str:
    """Leave out what is in the middle of long stretches of ASCII: markup says nothing."""
    return _DULL.sub(lambda dull: f"{dull[0][:8]}\n{dull[0][-8:]}", text)
