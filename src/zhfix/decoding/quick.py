"""Reading a sample in an encoding that it may not be in, without a fault-by-fault account.

A codec of the standard library that replaces faults in C tells in microseconds whether bytes
are hopeless in an encoding. Only what is not goes through the exact decoder.
"""

from __future__ import annotations

import re

from zhfix.decoding.faults import REPLACEMENT, text_only
from zhfix.decoding.labels import codec

__all__ = ["good_enough", "quick"]

#: Codecs that agree with ours wherever they have an entry, but for the signs below.
ROUGH = {
    "gb18030": "gbk",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "johab": "johab",
    "utf-8": "utf-8",
}
#: A reading with a fault in so few characters is no text in that encoding, however damaged:
#: one lost byte costs a character or two.
FAULTS_EACH = 6
#: … but in very short texts one fault may be the damage itself.
FORGIVEN = 3
#: Signs that Python's big5hkscs has where the standard has others.
_OTHER_SIGNS = re.compile("[•､‾∼♁☉／＼¥¢£]")
#: Bytes that EUC-TW never has.
_NEVER_IN_EUC_TW = bytes((*range(0x80, 0x8E), *range(0x8F, 0xA1), 0xFF))


def good_enough(name: str, text: str) -> bool:
    """Tell whether a rough reading needs no exact one: it is the same, or hopeless.

    >>> good_enough("gb18030", "中文"), good_enough("gb18030", "中文�中文")
    (True, False)
    """
    faults = text.count(REPLACEMENT)
    if faults:
        return _hopeless(faults, len(text))
    return name != "big5" or not _OTHER_SIGNS.search(text)


def _hopeless(faults: int, characters: int) -> bool:
    return faults > FORGIVEN and faults * FAULTS_EACH > characters


def quick(name: str, data: bytes) -> str:
    r"""Decode as `codec(name)` does, but roughly what is hopeless in that encoding anyway.

    >>> quick("gb18030", b"\xd6\xd0\xff"), quick("big5", b"\xff" * 9).count("\ufffd")
    ('中�', 9)
    """
    if name == "euc-tw":
        if _hopeless(len(data) - len(data.translate(None, _NEVER_IN_EUC_TW)), len(data)):
            return data.decode("ascii", "replace")
    elif name in ROUGH:
        text = data.decode(ROUGH[name], "replace")
        if good_enough(name, text):
            return text
    return text_only(codec(name).decode, data)
