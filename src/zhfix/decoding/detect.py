"""Which encoding are these bytes in? Chinese first; nothing is trusted that the text denies."""

from __future__ import annotations

import re

import numpy as np

from zhfix.decoding import escapes, others, well_formed
from zhfix.decoding.candidates import (
    EAST_ASIAN,
    SHIFT,
    SHIFTED,
    UTF_16,
    Reading,
    candidate,
    confidence,
    judged,
    other_readings,
    readings,
)
from zhfix.decoding.damage import mend
from zhfix.decoding.faults import REPLACEMENT
from zhfix.decoding.letters import ENCODINGS
from zhfix.decoding.marks import ESCAPES, Guess, by_mark
from zhfix.decoding.plain import PLAIN, PLAIN_BYTES, PLAIN_KANA, PLAIN_SHARE
from zhfix.decoding.quick import quick
from zhfix.decoding.sample import could_be_wide, sample, wide_sample
from zhfix.decoding.segments import SWITCH, best_path, table
from zhfix.decoding.walks import SKIP

__all__ = ["detect"]

#: Nats a character up to which a reading is fluent, so that no other needs to be tried.
FLUENT = 6.6
#: Nats a character beyond which a text is in no language that the models know.
IMPLAUSIBLE = 9.5
#: Windows of long lines may cut a character.
PLAIN_FAULTS = 4
#: Nats a character beyond which damage or a mixture is looked for.
UNSURE = 7.4
#: … unless the best is so far ahead, in nats, and not absurd itself: short texts are.
CLEAR = 8.0
CLEAR_COST = 8.8
#: Encodings that are mended when nothing reads well, on so many bytes.
DAMAGEABLE = ("gb18030", "big5", "utf-8", "utf-16le", "utf-16be")
MENDED = 400
MENDED_GAIN = 6.0
#: Encodings that lines of one file are in, and by how much a mixture must read better than one.
MIXABLE = ("utf-8", "gb18030", "big5", "shift_jis", "euc-kr")
MIXED_GAIN = 20.0
#: A mixture has the starts of many lines, which cost more than what follows.
MIXED_COST = 8.4
#: From how many bytes on a text is read without its first byte as well.
SHIFTED_BYTES = 12
#: What a control byte says for UTF-16, where it is half a character, in nats.
CONTROL = 8.0
#: In fewer bytes nothing is fluent, nor implausible.
SHORT = 64

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_KANA = re.compile("[\u3040-\u30ff]")
_HIGH = re.compile(rb"[\x80-\xff]")
_FIELDS = re.compile(rb"[,\t;|\n]")
_ESCAPED = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")


def detect(data: bytes, declared: str | None = None) -> Guess:
    """Tell the encoding of bytes that are not UTF-8.

    >>> detect("中文文字编码".encode("gbk")).encoding
    'gb18030'
    """
    if marked := by_mark(data):
        return marked
    if (wide := _utf_32(data)) is not None:
        return wide
    if b"\x1b" in data or data.find(b"~{", 0, ESCAPES) >= 0:
        escaped = _by_escapes(data)
        if escaped is not None:
            return escaped
    return _by_model(data, declared)


def _utf_32(data: bytes) -> Guess | None:
    """Recognise UTF-32 by its empty bytes: code points end at 10FFFF."""
    if len(data) % 4 or not data or b"\x00" not in data:
        return None
    for name, top, second in (("utf-32le", 3, 2), ("utf-32be", 0, 1)):
        if not data[top::4].strip(b"\x00") and max(data[second::4]) <= 0x10:
            return Guess(name, 0.99)
    return None


def _by_escapes(data: bytes) -> Guess | None:
    if escapes.looks_like_iso_2022_cn(data):
        return Guess("iso-2022-cn", 0.99)
    if b"\x1b$)C" in data:
        return Guess("iso-2022-kr", 0.99)
    if _ESCAPED.search(data):
        return Guess("iso-2022-jp", 0.99)
    if escapes.looks_like_hz(data):
        return Guess("hz-gb-2312", 0.98)
    return None


def _by_model(data: bytes, declared: str | None) -> Guess:
    looked_at = sample(data)
    if (plain := _plainly_chinese(looked_at, declared)) is not None:
        return plain
    if (form := well_formed.evidence(looked_at)) > well_formed.PLAIN_ENOUGH:
        return Guess("utf-8", confidence(form))
    wide = wide_sample(data) if could_be_wide(data) else b""
    narrow = _texts(looked_at, EAST_ASIAN, SHIFTED)
    # All in one pass.
    read = judged([*narrow, *(_texts(wide, UTF_16, UTF_16) if wide else ())], candidate(declared))
    found = [
        reading._replace(score=reading.score + max(form, 0.0) * (reading.encoding == "utf-8"))
        for reading in _best(read[: len(narrow)])
    ]
    # Of a long text the samples differ, so what counts is the cost of a byte.
    share = len(looked_at) / max(1, len(wide))
    controls = CONTROL * len(_CONTROLS.findall(looked_at)) if wide else 0.0
    found += [
        reading._replace(score=reading.score * share + controls)
        for reading in _best(read[len(narrow) :])
    ]
    found.sort(key=lambda reading: -reading.score)
    if found[0].cost > FLUENT or len(looked_at) < SHORT:
        others_found = other_readings(looked_at, declared)
        found = sorted((*found, *others_found[:2]), key=lambda reading: -reading.score)
    if found[0].encoding == "utf-8" and form > 0.0:
        margin = found[0].score - found[1].score
        return Guess("utf-8", confidence(margin), found[1].encoding, margin)
    clear = found[0].score - found[1].score > CLEAR and found[0].cost < CLEAR_COST
    if found[0].faulty or (found[0].cost > UNSURE and not clear):
        if found[0].encoding not in UTF_16 and (mixed := _mixed(looked_at)):
            return mixed
        found = _damaged(data, declared, found)
    best, second = found[0], found[1]
    margin = best.score - second.score
    single_byte = best.encoding in ENCODINGS
    odd = single_byte or (best.faulty and best.encoding not in UTF_16)
    if odd and best.cost > IMPLAUSIBLE and len(looked_at) > SHORT:
        name, order = others.guess(data)
        return Guess(name, 0.9 * order, best.encoding, 0.0)
    return Guess(best.encoding, confidence(margin), second.encoding, margin)


def _texts(
    looked_at: bytes, names: tuple[str, ...], shifted: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Read a sample in each encoding, and without its first byte in those of `shifted`.

    That may be half a character.
    """
    texts = [(name, quick(name, looked_at)) for name in names]
    if len(looked_at) >= SHIFTED_BYTES and (shifted is UTF_16 or looked_at[0] >= 0x40):
        texts += [(name, quick(name, looked_at[1:])) for name in shifted]
    return texts


def _best(found: list[Reading]) -> list[Reading]:
    """Return the better reading in each encoding; the second one has lost its first byte."""
    best: dict[str, Reading] = {}
    for reading in found:
        first = best.setdefault(reading.encoding, reading)
        score = reading.score - SHIFT
        if reading is not first and score > first.score:
            text = f"{REPLACEMENT}{reading.text}"
            best[reading.encoding] = reading._replace(score=score, text=text)
    return sorted(best.values(), key=lambda reading: -reading.score)


def _plainly_chinese(looked_at: bytes, declared: str | None) -> Guess | None:
    """Decide at once what can only be Chinese: much text, no fault, fluent, hardly any kana."""
    if len(looked_at) < PLAIN_BYTES:
        return None
    first, second = readings(looked_at, ("gb18030", "big5"), declared)
    text = first.text
    if (
        first.cost > PLAIN
        or text.count("\ufffd") > PLAIN_FAULTS
        or len(text) > PLAIN_SHARE * len(looked_at)
    ):
        return None
    if len(_KANA.findall(text)) * PLAIN_KANA > len(text):
        return None
    margin = first.score - second.score
    return Guess(first.encoding, confidence(margin), second.encoding, margin)


def _mixed(looked_at: bytes) -> Guess | None:
    """Return the main encoding of a sample whose lines, or fields, are clearly in several."""
    return _mixed_pieces(looked_at.split(b"\n")) or _mixed_pieces(_FIELDS.split(looked_at))


def _mixed_pieces(pieces: list[bytes]) -> Guess | None:
    pieces = [piece for piece in pieces if piece and not piece.isascii()]
    if len(pieces) < 2:
        return None
    found = table(pieces, MIXABLE)
    path = best_path(found.scores)
    if not np.any(path != path[0]):
        return None
    switches = SWITCH * np.count_nonzero(np.diff(path))
    total = found.scores[path, np.arange(len(pieces))].sum() - switches
    gain = float(total - found.scores.sum(axis=1).max())
    read = (found.texts[kind][at] for at, kind in enumerate(path.tolist()))
    beyond = sum(char >= "\x80" for text in read for char in text)
    if gain < MIXED_GAIN or -total / max(1, beyond) > MIXED_COST:
        return None
    size = np.array([len(piece) for piece in pieces])
    shares = np.bincount(path, weights=size, minlength=len(MIXABLE))
    first, second = np.argsort(-shares)[:2].tolist()
    return Guess(MIXABLE[first], 0.95, MIXABLE[second], gain)


def _damaged(data: bytes, declared: str | None, found: list[Reading]) -> list[Reading]:
    """Try the encodings again with their damage mended, on the beginning of the text."""
    high = _HIGH.search(data)
    start = max(0, high.start() - 8) if high and high.start() > MENDED else 0
    head = data[start : start + MENDED]
    names = [reading.encoding for reading in found if reading.encoding not in ENCODINGS]
    plain = sorted(
        (*readings(head, names, declared), *other_readings(head, declared)[:2]),
        key=lambda reading: -reading.score,
    )
    mended = judged([(name, mend(head, name).text) for name in DAMAGEABLE], fault=-SKIP)
    best: dict[str, Reading] = {}
    for reading in (*plain, *mended):
        if reading.encoding not in best or reading.score > best[reading.encoding].score:
            best[reading.encoding] = reading
    ranked = sorted(best.values(), key=lambda reading: -reading.score)
    if ranked[0].score < plain[0].score + MENDED_GAIN or ranked[0].cost > UNSURE:
        return found
    return ranked
