"""Big5 as the WHATWG Encoding Standard decodes it: HKSCS and ETEN's additions, for all labels.

Python's `cp950` is fast and agrees with the standard on all it has but rows C6–C8 and F9FE,
where it keeps to ETEN; those 250 characters come from nowhere else, so they are mapped after
decoding. What `cp950` lacks comes from `big5hkscs` and from `BIG5_ADDED`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from zhfix.decoding.faults import MARK, Raw, handler, run
from zhfix.decoding.tables import BIG5_ADDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["amended", "decode", "encode_character"]

#: The codes whose character in `cp950` is not that of the standard.
DIFFERENT = (*range(0xC6A1, 0xC8FF), 0xF9FE)

#: Texts of more characters than this are searched by vectors, so many at a time.
LONG = 4096
CHUNK = 1 << 16

#: Codes of two code points each.
COMPOSED = {0x8862: "Ê̄", 0x8864: "Ê̌", 0x88A3: "ê̄", 0x88A5: "ê̌"}


def decode(data: bytes) -> Raw:
    r"""Decode Big5; a fault is one U+FFFD and swallows no ASCII byte.

    >>> decode(b"\xa4\xa4\xfb\x48\xc6\xe8\x80").text
    '中嘅あ\ufffd'
    """
    return run(lambda: amended(data.decode("cp950", _HANDLER)))


def amended(text: str) -> str:
    r"""Return what Python's `cp950` read as the standard reads it.

    >>> amended(b"\xc6\xe8".decode("cp950"))
    'あ'
    """
    if len(text) > LONG and not _differs(text):
        return text
    differing, standard, _ = _amendments()
    if differing.search(text):
        return differing.sub(lambda found: standard[found[0]], text)
    return text


def _differs(text: str) -> bool:
    """Tell whether any character is to be amended: sooner than a pattern does in long texts."""
    # Imported here: short texts need no numpy.
    import numpy as np

    units = (
        np.frombuffer(text[at : at + CHUNK].encode("utf-16-le", "surrogatepass"), np.uint16)
        for at in range(0, len(text), CHUNK)
    )
    return any(_marked().take(chunk, mode="wrap").any() for chunk in units)


@cache
def _marked() -> NDArray[np.bool_]:
    import numpy as np

    marked = np.zeros(0x10000, bool)
    marked[[ord(char) for char in _amendments().standard]] = True
    return marked


class _Amendments(NamedTuple):
    """How to get from `cp950` to the standard."""

    differing: re.Pattern[str]
    standard: dict[str, str]
    #: What the handler must say for a character that the pass after it would change.
    shielded: dict[str, str]


@cache
def _amendments() -> _Amendments:
    standard = {}
    for code in DIFFERENT:
        try:
            mapped = code.to_bytes(2, "big").decode("cp950")
        except UnicodeDecodeError:
            continue
        standard[mapped] = _lookup(code)
    # Lone surrogates, which no bytes decode to, stand in for them in between.
    shielded = {char: chr(0xD800 + number) for number, char in enumerate(sorted(standard))}
    standard |= {stand_in: char for char, stand_in in shielded.items()}
    differing = re.compile(f"[{re.escape(''.join(sorted(standard)))}]")
    return _Amendments(differing, standard, shielded)


@cache
def _added() -> dict[int, str]:
    """Spread the runs of `BIG5_ADDED` over their codes."""
    return {
        code: char
        for run_ in BIG5_ADDED.split()
        for code, char in zip(_codes_from(int(run_[:4], 16)), run_[4:], strict=False)
    }


def _codes_from(code: int) -> Iterator[int]:
    while True:
        yield code
        code += {0x7E: 0x23, 0xFE: 0x142}.get(code & 0xFF, 1)


def _lookup(code: int) -> str:
    """Return the standard's text for a code that `cp950` lacks or has otherwise."""
    if char := COMPOSED.get(code) or _added().get(code):
        return char
    try:
        return code.to_bytes(2, "big").decode("big5hkscs")
    except UnicodeDecodeError:
        return ""


@cache
def _rescued(code: int) -> str:
    """Look a code up for the pass before the amendments; there are under 6,000 of them."""
    text = _lookup(code)
    return _amendments().shielded.get(text, text)


def _rescue(data: bytes, start: int) -> tuple[str, int]:
    lead = data[start]
    trail = data[start + 1] if start + 1 < len(data) else -1
    if not 0x81 <= lead <= 0xFE or trail < 0:
        return MARK, 1
    text = ""
    if 0x40 <= trail <= 0x7E or 0xA1 <= trail <= 0xFE:
        text = _rescued(lead << 8 | trail)
    return text or MARK, 2 if text or trail >= 0x80 else 1


_HANDLER = handler("zhfix-big5", _rescue)


@cache
def _encoder() -> dict[str, bytes]:
    """Return the standard's encoder: below A140 nothing, duplicates by its rule."""
    codes: dict[str, bytes] = {}
    # For these the standard takes the last code; for all others the first.
    last_wins = "═╞╡╪十卅"
    for lead in range(0xA1, 0xFF):
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            pair = bytes((lead, trail))
            raw = decode(pair)
            if not raw.faults and (raw.text not in codes or raw.text in last_wins):
                codes[raw.text] = pair
    return codes


def encode_character(char: str) -> bytes | None:
    r"""Return the standard's bytes for a character, or None.

    >>> encode_character("中").hex(), encode_character("嘅"), encode_character("😀")
    ('a4a4', b'\xfbH', None)

    HKSCS codes below A140 are decoded but never written, as in browsers.
    """
    return char.encode() if char < "\x80" else _encoder().get(char)
