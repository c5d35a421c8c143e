"""What each built-in stage can say, gathered from the stages' own tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zhfix.converting.backends import BACKENDS
from zhfix.locales import AUTO, MODES, locale_of
from zhfix.repairing.channels import all_channels
from zhfix.repairing.codecs import encode_true, reading
from zhfix.rules import Rule
from zhfix.stripping.rules import built_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from zhfix.rules import StageName
    from zhfix.stripping.rules import Rule as LineRule

#: Sentences for the example of a wrong decode; the first that loses nothing is taken.
SENTENCES = (
    "请先打开这个文件，然后保存。",  # first open this file, then save it
    "請先打開這個檔案，然後儲存。",
    "我们的工作是为人民服务",  # our work is to serve the people
    "我們的工作是為人民服務",
    "母亲对父亲说",  # mother said to father
    "以下簡稱特勤中心",  # hereinafter: the centre for special duties
)
#: A work for the examples of boilerplate: it goes on for some lines, and stays.
WORK = (
    "山里的图书馆昨天开门了，第一天就来了三百多人。\n"
    "馆长说，这里的每一本书都是读者送来的，最远的来自海南。\n"
    "孩子们坐在窗边看书，一直看到天黑才回家。\n"
    "村里的老人也来了，他们想学会用电脑给孙子写信。\n"
    "明年这里还要再建一间阅览室，地方已经选好了。\n"
    "大家都说，有了书，冬天的晚上就不再那么长。\n"
)
#: Lines that make a frame around a work, so that a hint beside them counts.
FRAME = "责任编辑：张三\n版权所有 未经许可不得转载\n上一篇：没有了\n下一篇：没有了\n"

#: The example of each conversion: "in the mouse".
SAMPLES = {
    **dict.fromkeys(("s2t", "s2hk"), ("鼠标里面", "鼠標裏面")),
    "s2tw": ("鼠标里面", "鼠標裡面"),
    "s2twp": ("鼠标里面", "滑鼠裡面"),
    "s2hkp": ("鼠标里面", "滑鼠裏面"),
    **dict.fromkeys(("t2s", "tw2s", "hk2s"), ("滑鼠裡面", "滑鼠里面")),
    **dict.fromkeys(("tw2sp", "hk2sp"), ("滑鼠裡面", "鼠标里面")),
    "t2tw": ("滑鼠裏面", "滑鼠裡面"),
    "tw2t": ("滑鼠裡面", "滑鼠裏面"),
    "t2hk": ("臺灣", "台灣"),
    "hk2t": ("台灣", "臺灣"),
    "t2jp": ("讀書", "読書"),
    "jp2t": ("読書", "讀書"),
    "zh-Hans": ("漢字", "汉字"),
    "zh-Hant": ("汉字", "漢字"),
    AUTO: ("漢字與國語，汉字", "漢字與國語，漢字"),
}

NAMES = {
    "utf-8": "UTF-8", "gbk": "GBK", "big5": "Big5", "cp1252": "Windows-1252",
    "cp1250": "Windows-1250", "cp1251": "Windows-1251", "latin-1": "Latin-1",
    "cp437": "code page 437", "cp866": "code page 866", "mac-roman": "Mac Roman",
    "shift-jis": "Shift-JIS", "euc-kr": "EUC-KR",
}  # fmt: skip
C1 = re.compile("[\x80-\x9f]")
SCRIPTS = ("zh-Hans", "zh-Hant")
REGIONS = ("CN", "SG", "MY", "TW", "HK", "MO")


def all_rules(texts: Mapping[str, Mapping[str, Any]]) -> Iterator[Rule]:
    """Yield every rule, in the order of the stages."""
    yield from _written(texts, "decode")
    for channel in all_channels():
        for name, paragraph in channel.rules.items():
            if name in texts:
                yield _rule(name, texts[name], "repair", paragraph)
            else:
                yield _wrong_decode(name, paragraph)
    for rule in built_in():
        yield _boilerplate(rule, texts.get(rule.id, {}))
    yield from _written(texts, "strip")
    yield from _written(texts, "convert")
    yield from _conversions()
    yield from _written(texts, "encode")


def _written(texts: Mapping[str, Mapping[str, Any]], stage: StageName) -> Iterator[Rule]:
    for name, entry in texts.items():
        if entry.get("stage", "repair") == stage and "summary" in entry:
            yield _rule(name, entry, stage, entry["paragraph"])


#: TOML cannot write surrogates.
HALVES = {
    "code-point/surrogates": ("\ud842\udfb7野家", "𠮷野家"),
    "damage/lone-surrogate": ("吉野家\ud842", "吉野家\ud842"),
}


def _rule(name: str, entry: Mapping[str, Any], stage: StageName, paragraph: str) -> Rule:
    before, after = HALVES.get(name) or (entry["before"], entry.get("after", entry["before"]))
    return Rule(
        name,
        entry["summary"],
        paragraph,
        entry["cause"],
        entry["certainty"],
        stage,
        before,
        after,
        entry.get("options", {}),
        entry.get("default", True),
    )


def _wrong_decode(name: str, paragraph: str) -> Rule:
    """A rule of the channel of wrong decodes, with an example that its tables make."""
    true, _, wrong = name.partition("/")[2].partition("-read-as-")
    before, after = _damaged(true, wrong)
    return Rule(
        name,
        f"{NAMES[true]} that was read as {NAMES.get(wrong, wrong)}",
        paragraph,
        f"A program assumed {NAMES.get(wrong, wrong)} for bytes in {NAMES[true]}: a missing or "
        "wrong declaration, a default of the system, a file name in an archive, a database column.",
        "Proven when no byte was lost: running the damage on the repair gives the damaged text "
        "back. Where bytes were lost the repair is a guess, marked so, with a lower confidence.",
        "repair",
        before,
        after,
    )


def _damaged(true: str, wrong: str) -> tuple[str, str]:
    """A damaged sentence and the sentence; one that loses bytes when none keeps them all."""
    decoder = reading(wrong)
    kept: list[tuple[str, str]] = []
    for sentence in SENTENCES:
        data = encode_true(sentence, true)
        if data and (damaged := decoder.decode(data)):
            kept.append((damaged, sentence))
    # Only C1 controls tell Latin-1 from Windows-1252.
    kept.sort(key=lambda pair: wrong == "latin-1" and C1.search(pair[0]) is None)
    lossy = decoder.decode_with_errors(encode_true(SENTENCES[0], true) or b"")[0]
    return kept[0] if kept else (lossy, SENTENCES[0])


def _boilerplate(rule: LineRule, entry: Mapping[str, Any]) -> Rule:
    line = rule.examples[entry.get("example", 0)]
    hint = rule.strength == "hint"
    frame = FRAME if hint else ""
    before = f"{line}\n{WORK}{frame}" if rule.zone == "head" else f"{WORK}{line}\n{frame}"
    after = WORK
    preset = rule.presets[0]
    if rule.scope == "span":
        before, after = _inside(rule, line)
    return Rule(
        rule.id,
        rule.reason,
        f"A line, or a part of one, of this kind, in the zone {rule.zone!r} of a text: "
        f"{rule.reason}. In force in the presets {', '.join(rule.presets)}.",
        "Sites print such lines around every work that they publish.",
        (
            "Removed only where other rules matched as well; "
            if hint
            else "Removed wherever it stands in its zone; "
        )
        + f"stated at {rule.confidence}.",
        "strip",
        before,
        after,
        {} if preset == "news" else {"preset": preset},
    )


def _inside(rule: LineRule, line: str) -> tuple[str, str]:
    """An example of a rule about a part of a line."""
    start, end = rule.spans(line)[0]
    rest = line[:start] + line[end:]
    return f"{line}\n{WORK}", f"{rest}\n{WORK}" if any(map(str.isalnum, rest)) else WORK


def _conversions() -> Iterator[Rule]:
    locales = {
        str(locale_of(f"{script}{region}", path="to"))
        for script in SCRIPTS
        for region in ("", *(f"-{region}" for region in REGIONS))
    }
    for name in sorted(locales):
        yield _conversion(name, f"Written as {name}", SAMPLES[name[:7]])
    yield _conversion(AUTO, "Strays brought to the script of the text", SAMPLES[AUTO])
    for mode in MODES:
        yield _conversion(mode, f"OpenCC's mode {mode}", SAMPLES[mode])
    for backend in BACKENDS:
        yield Rule(
            f"convert/{backend}",
            f"Converted by {backend}",
            f"The text was converted by the package {backend}, which fills the slot.",
            "You asked for it: `convert` was given this converter.",
            "As sure as that package is; its dictionaries may be old.",
            "convert",
            *SAMPLES["s2t"],
            {"use": backend, "to": "s2t"},
        )


def _conversion(name: str, summary: str, sample: tuple[str, str]) -> Rule:
    is_mode = name in MODES
    return Rule(
        f"convert/{name}",
        summary,
        f"The text was converted as OpenCC does with {name}.json, to the character."
        if is_mode
        else "The text was converted; what was already so written did not change.",
        "You asked for it: the stage converts only when it is given `to`.",
        "Identical to OpenCC's output."
        if is_mode
        else "As sure as the dictionaries and, where they leave a choice, the language model.",
        "convert",
        *sample,
        {"to": name},
    )
