from __future__ import annotations

import itertools

import pytest

from zhfix.errors import ConfigError
from zhfix.locales import MODES, Locale, locale_of, modes, normalize, target

TAGS = {
    "zh": "zh-Hans",
    "zh-CN": "zh-Hans-CN",
    "zh_CN.UTF-8": "zh-Hans-CN",
    "zh-SG": "zh-Hans-SG",
    "zh-MY": "zh-Hans-MY",
    "zh-TW": "zh-Hant-TW",
    "ZH-hant-tw": "zh-Hant-TW",
    "zh-Hant-HK": "zh-Hant-HK",
    "zh-MO": "zh-Hant-MO",
    "zh-Hans-HK": "zh-Hans-HK",
    "zh-CHS": "zh-Hans",
    "zh-CHT": "zh-Hant",
    "zh-cmn-Hant": "zh-Hant",
    "cmn-Hans-CN": "zh-Hans-CN",
    "yue": "zh-Hant-HK",
    "yue-Hans": "zh-Hans",
    "zh-yue": "zh-Hant-HK",
    "lzh": "zh-Hant",
    "zh-Hant-TW-u-nu-hanidec": "zh-Hant-TW",
    "zh-Hant-x-novel": "zh-Hant",
    "zh-Latn": None,
    "zh-US": None,
    "en": None,
    "ja": None,
    "zh-Hant-TWN": None,
    "": None,
}


@pytest.mark.parametrize(("tag", "full"), TAGS.items())
def test_tags_are_understood_and_printed_in_full(tag, full):
    if full is None:
        with pytest.raises(ConfigError):
            normalize(tag)
    else:
        assert normalize(tag) == full
        assert normalize(full) == full


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_a_target(mode):
    assert target(mode).mode == mode == str(target(mode.upper()))
    assert target(f"{mode}.json").mode == mode


def test_custom_configs_and_auto():
    assert target("my/own.json").config == "my/own.json"
    assert str(target("AUTO")) == "auto"


@pytest.mark.parametrize(
    ("wrong", "nearest"), [("zh-Hnat", "zh-Hant"), ("s2twpp", "s2twp"), ("zh_TWW", "zh-TW")]
)
def test_unknown_targets_name_the_nearest(wrong, nearest):
    with pytest.raises(ConfigError, match=f"did you mean '{nearest}'") as caught:
        target(wrong, path="stages.convert.to")
    assert caught.value.path == "stages.convert.to"


def test_a_target_must_be_text():
    with pytest.raises(ConfigError, match="expected a tag"):
        target(3)  # type: ignore[arg-type]


LOCALES = [Locale("Hans"), Locale("Hans", "CN"), Locale("Hant")] + [
    Locale("Hant", region) for region in ("TW", "HK", "MO")
]


@pytest.mark.parametrize(("one", "other"), [*itertools.product(LOCALES, LOCALES)])
@pytest.mark.parametrize("words", [False, True])
def test_modes_lead_from_one_standard_to_the_other(one, other, words):
    steps = modes(one, other, regional_words=words)
    assert all(step in MODES for step in steps)
    if one.standard == other.standard:
        assert steps == ()
        return
    names = [step.removesuffix("p") if words else step for step in steps]
    assert names[0].startswith(f"{one.standard}2")
    assert names[-1].endswith(f"2{other.standard}")
    for first, second in itertools.pairwise(names):
        assert first.split("2")[1] == second.split("2")[0]


def test_locale_of_reads_a_region_written_in_the_other_script():
    assert locale_of("zh-Hans-TW") == Locale("Hans", "TW")
    assert locale_of("zh-Hans-TW").standard == "s"
