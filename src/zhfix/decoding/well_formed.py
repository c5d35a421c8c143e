"""UTF-8 with some bytes hurt: its characters are built so that nothing else looks like them."""

from __future__ import annotations

import re

__all__ = ["CERTAIN", "PLAIN_ENOUGH", "bonus", "evidence"]

#: What a well-formed character of two, three and four bytes is worth, in nats: of a hundred
#: characters of GBK or Big5 about 15 look like the first, 2 like the second, none like the third.
TWO = 2.0
THREE = 4.5
FOUR = 8.0
#: What a byte costs that belongs to none.
STRAY = 5.0
#: From here on it is UTF-8 in any language, whatever models of languages say.
PLAIN_ENOUGH = 10.0

#: U+FFFD says nothing: it is there from an earlier reading, and was read again since, as 锟斤拷.
_REPLACED = re.compile(b"(?:\xef\xbf\xbd)+")
_FOUR = re.compile(rb"[\xf0-\xf4][\x80-\xbf]{3}")
_THREE = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")
_TWO = re.compile(rb"[\xc2-\xdf][\x80-\xbf]")
#: A character that was cut where a sample, or the data, begins or ends.
_CUT = re.compile(
    rb"(?:\A|(?<=\n))[\x80-\xbf]{1,3}|[\xc2-\xf4](?:(?<=[\xe0-\xf4])[\x80-\xbf])?(?=\n|\Z)"
    rb"|[\xf0-\xf4][\x80-\xbf]{2}(?=\n|\Z)"
)
_HIGH = bytes(range(0x80, 0x100))
#: More than any model of languages says against it.
CERTAIN = 1e6


def evidence(sample: bytes) -> float:
    r"""Return how much the form of bytes speaks for UTF-8, in nats; below 0 it speaks against.

    >>> evidence("Привет, мир".encode()[:-1]) > PLAIN_ENOUGH
    True
    >>> evidence("中文文字编码".encode("gbk")) < 0
    True
    """
    found = 0.0
    sample = _CUT.sub(b" ", sample)
    if b"\xef\xbf\xbd" in sample:
        sample = _REPLACED.sub(b" ", sample)
    for pattern, worth in ((_FOUR, FOUR), (_THREE, THREE), (_TWO, TWO)):
        sample, count = pattern.subn(b" ", sample)
        found += worth * count
    return found - STRAY * (len(sample) - len(sample.translate(None, _HIGH)))


def bonus(piece: bytes) -> float:
    """Return what the form of a piece adds to its score as UTF-8, never less than 0.

    >>> bonus("Привет, мир".encode()) == CERTAIN, bonus("中文".encode("gbk"))
    (True, 0.0)
    """
    found = evidence(piece)
    return CERTAIN if found > PLAIN_ENOUGH else max(found, 0.0)
