"""Short bytes that happen to be valid UTF-8 and are not: 什么 in GBK is ʲô, 明天 in UTF-16 `f)Y`.

Only what can be such an accident is looked at: so few bytes, and nothing in them but characters
of two bytes, or control characters, which are halves of characters in UTF-16.
"""

from __future__ import annotations

from zhfix.decoding.faults import REPLACEMENT
from zhfix.decoding.marks import Guess
from zhfix.patterns import lazy

__all__ = ["SHORT_BYTES", "doubtful", "second_thoughts"]

#: Longer bytes are not valid UTF-8 by accident.
SHORT_BYTES = 64
#: By how many nats another reading must be better: valid UTF-8 is nearly always UTF-8.
TRUST = 14.0
#: What a control character costs, which text has none of, in nats.
CONTROL = 8.0
#: Letters of the languages of `alphabets` that their words seldom have.
RARE = "œÿ"
#: From here on characters of two bytes are of Armenian, Hebrew, Arabic, Syriac, Thaana or N'Ko:
#: so many different ones are a word.
OWN_SCRIPT = "\u0530"
WORD = 3
#: Letters of the International Phonetic Alphabet, alone or among ASCII.
PHONETIC = ("\u0250", "\u02ff")

_CONTROLS = lazy("[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
#: Characters of three and four bytes are no accident.
_LONGER = lazy("[\u0800-\U0010ffff]")


def doubtful(text: str) -> bool:
    r"""Tell whether a short text that was read as UTF-8 may be an accident.

    >>> doubtful("ʲô"), doubtful("\x03a"), doubtful("什么"), doubtful("abc")
    (True, True, False, False)
    """
    if _CONTROLS.search(text):
        return True
    if text.isascii() or _LONGER.search(text):
        return False
    # Imported here, as below: numpy and the models, which few short texts need.
    from zhfix.decoding.candidates import TONED
    from zhfix.decoding.letters import alphabets

    beyond = {char for char in text.lower() if char.isalpha() and char >= "\x80"}
    if not beyond or beyond <= alphabets() | set(TONED + RARE):
        return False
    first, last = min(beyond), max(beyond)
    phonetic = PHONETIC[0] <= first and last <= PHONETIC[1]
    return not phonetic and not (first >= OWN_SCRIPT and len(beyond) >= WORD)


def second_thoughts(data: bytes, text: str, declared: str | None) -> Guess | None:
    """Return the encoding of bytes that are valid UTF-8, when they clearly are in another one.

    >>> second_thoughts("什么".encode("gbk"), "ʲô", None).encoding
    'gb18030'
    >>> second_thoughts("été".encode(), "été", None)

    """
    from zhfix.decoding.candidates import UTF_16, confidence, judged, readings

    controls = CONTROL * len(_CONTROLS.findall(text))
    as_is = judged([("utf-8", text)], declared)[0].score - controls
    names = ("gb18030", "big5", *(UTF_16 if controls and len(data) % 2 == 0 else ()))
    found = []
    for reading in readings(data, names, declared):
        score = reading.score - (0.0 if reading.encoding in UTF_16 else controls)
        if REPLACEMENT not in reading.text:
            found.append((score, reading.encoding))
    if not found:
        return None
    score, name = max(found)
    margin = score - as_is - TRUST
    return Guess(name, confidence(margin), "utf-8", margin) if margin > 0 else None
