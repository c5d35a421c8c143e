"""The functions behind `import zhfix`: each is a few lines over a pipeline."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from zhfix.errors import ConfigError
from zhfix.pipeline import Pipeline, default
from zhfix.registry import decoders
from zhfix.registry import stages as _stages

if TYPE_CHECKING:
    from zhfix.converting.scripts import ScriptEvidence
    from zhfix.document import Decoded, Document, Finding
    from zhfix.stages import Decoder

__all__ = [
    "convert",
    "decode",
    "detect",
    "explain",
    "explain_bytes",
    "fix",
    "fix_bytes",
    "fix_html",
    "repair",
    "script",
    "strip",
]


def fix(text: str, to: str | None = None) -> str:
    """Repair damage, strip boilerplate, and convert to a locale if one is given.

    >>> fix("網(wǎng)絡(luò)與網(wǎng)絡(luò)", to="zh-Hans")
    '网络与网络'

    `to` is a BCP 47 tag such as "zh-Hant-TW", an OpenCC mode such as "s2twp", "auto", or
    None to keep the script. Returns the same object when nothing changed; never raises for
    any text. Raises `ConfigError` for an unknown `to` and `TypeError` for bytes.
    """
    return _default(to).fix(text)


def fix_bytes(data: bytes, to: str | None = None) -> str:
    """Decode bytes of unknown encoding, then fix.

    >>> fix_bytes("中文文字".encode("big5"))
    '中文文字'

    Never raises for any bytes; damage is in the findings of `explain_bytes`.
    """
    return _default(to).fix_bytes(data)


def explain(text: str, to: str | None = None) -> Document:
    """Fix, and return all that was seen and done; `.original` undoes everything.

    >>> document = explain("網(wǎng)絡(luò)與網(wǎng)絡(luò)")
    >>> document.edits[0].rule, document.original
    ('spam-mirror/gloss', '網(wǎng)絡(luò)與網(wǎng)絡(luò)')
    """
    return _default(to).run(text)


def explain_bytes(data: bytes, to: str | None = None) -> Document:
    """Decode, fix, and return all that was seen and done.

    >>> explain_bytes("中文文字".encode("gb18030")).encoding
    'gb18030'
    """
    return _default(to).run_bytes(data)


def decode(data: bytes) -> Decoded:
    """Decode bytes of unknown encoding.

    >>> decoded = decode("中文文字编码".encode("gb18030"))
    >>> decoded.text, decoded.encoding
    ('中文文字编码', 'gb18030')

    Never raises for any bytes. `encoding` is a WHATWG label.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"expected bytes, got {type(data).__name__}")
    return _decoder()(data)


def detect(text: str) -> tuple[Finding, ...]:
    """Return the damage in a text, in order; spans are in code points.

    >>> [finding.rule for finding in detect("锟斤拷锟斤拷")]
    ['damage/replacement-read-as-gbk']
    """
    return tuple(_only("detect").run(text).findings)


def repair(text: str) -> str:
    """Repair damage and leave everything else as it is.

    >>> repair("網(wǎng)絡(luò)與網(wǎng)絡(luò)")
    '網絡與網絡'
    """
    return _only("detect", "repair").fix(text)


def strip(text: str) -> str:
    """Strip boilerplate and leave everything else as it is.

    >>> strip("")
    ''
    """
    return _only("strip").fix(text)


def convert(text: str, to: str = "zh-Hans") -> str:
    """Convert to a script or locale and leave everything else as it is.

    >>> convert("漢字")
    '汉字'

    Raises `ConfigError` for an unknown `to`.
    """
    if to is None:
        raise ConfigError("a target is needed, such as 'zh-Hans' or 'zh-Hant-TW'", path="to")
    return _only("convert", to=to).fix(text)


def script(text: str) -> ScriptEvidence:
    """Say which script a text is written in, with the evidence.

    >>> found = script("請用滑鼠點選")
    >>> found.script, found.region
    ('Hant', 'TW')

    `script` is "Hans", "Hant", "mixed", or empty when nothing tells; counts are in code points.
    """
    from zhfix.converting import script as read

    return read(text)


def fix_html(html: str, to: str | None = None, **options: Any) -> str:
    """Take the article out of a page of HTML, and fix it.

    >>> fix_html("<nav><a>首頁</a></nav><p>網(wǎng)絡(luò)與網(wǎng)絡(luò)的安全。</p>")
    '網絡與網絡的安全。'

    Options are those of `zhfix.html.fix_html`: `extractor`, `preset`, `headline`.
    """
    from zhfix import html as pages

    return pages.fix_html(html, to, **options)


@lru_cache(maxsize=1)
def _decoder() -> Decoder:
    """Keep the decoder: to make it takes longer than to decode a short text."""
    return decoders.create("zhfix")


@lru_cache(maxsize=32)
def _default(to: str | None) -> Pipeline:
    """Keep the pipelines that were asked for: they are immutable and hold no text."""
    return default(to)


@lru_cache(maxsize=32)
def _only(*names: str, to: str | None = None) -> Pipeline:
    options = {"convert": {"to": to}} if to is not None else {}
    return Pipeline(tuple((name, _stages.create(name, **options.get(name, {}))) for name in names))
