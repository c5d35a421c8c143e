"""Configuration: TOML to a pipeline and back, with errors that name the key."""

from __future__ import annotations

import tomllib

import pytest

from zhfix import ConfigError, UnknownStageError
from zhfix.config import Config, find_config, load_config, parse_value

FULL = """
[pipeline]
order = ["detect", "repair", "convert"]
min_confidence = 0.8

[stages.convert]
use = "opencc-python-reimplemented"
to = "zh-Hant-TW"
"""


def test_a_file_makes_a_pipeline(tmp_path):
    path = tmp_path / "zhfix.toml"
    path.write_text(FULL, "utf-8")
    pipeline = load_config(path).pipeline()
    assert pipeline.names == ("detect", "repair", "convert")
    assert pipeline.min_confidence == 0.8
    assert pipeline.fix("体会") == "體會"


def test_a_project_file_holds_the_same_below_its_own_table(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text('[tool.zhfix.stages.convert]\nto = "zh-Hant"\n', "utf-8")
    assert load_config(path).pipeline().fix("汉字") == "漢字"


def test_mapping_and_configuration_are_inverse():
    data = tomllib.loads(FULL)
    assert Config.from_mapping(data).to_mapping() == data


def test_the_nearest_file_is_found(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n", "utf-8")
    (tmp_path / "zhfix.toml").write_text("", "utf-8")
    assert find_config(inner) == tmp_path / "zhfix.toml"


@pytest.mark.parametrize(
    ("text", "path", "hint"),
    [
        ("[pipelin]\n", "pipelin", "did you mean 'pipeline'"),
        ("[pipeline]\nordr = []\n", "pipeline.ordr", "did you mean 'order'"),
        ('[pipeline]\norder = "detect"\n', "pipeline.order", "list of stage names"),
        ('[pipeline]\norder = ["detect", "detect"]\n', "pipeline.order", "twice"),
        ('[pipeline]\nmin_confidence = "high"\n', "pipeline.min_confidence", "must be a number"),
        ("[pipeline]\nmin_confidence = 3\n", "pipeline.min_confidence", "between 0 and 1"),
        ("stages = 3\n", "stages", "must be a table"),
        ("[stages.convert]\nuse = 3\n", "stages.convert.use", "registered name"),
        ('[stages.convert]\nuse = "opencv"\n', "stages.convert.use", "opencc"),
        ('[stages.convert]\ntoo = "zh-Hans"\n', "stages.convert.too", "did you mean 'to'"),
        ('[stages.convert]\nto = "zh-Hanz"\n', "stages.convert.to", "did you mean 'zh-Han"),
        ("[stages.strpi]\n", "stages.strpi", "did you mean 'strip'"),
    ],
)
def test_errors_name_the_key_and_what_would_do(tmp_path, text, path, hint):
    file = tmp_path / "zhfix.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file).pipeline()
    assert path in str(caught.value)
    assert hint in str(caught.value)


def test_invalid_toml_names_the_file_and_line(tmp_path):
    file = tmp_path / "zhfix.toml"
    file.write_text("[pipeline\n", "utf-8")
    with pytest.raises(ConfigError, match=r"zhfix\.toml: invalid TOML: .*line 1"):
        load_config(file)


def test_settings_change_one_key():
    config = (
        Config().with_setting("stages.convert.to", "zh-Hant").with_setting("convert.to", "zh-Hans")
    )
    assert config.slots["convert"].options == {"to": "zh-Hans"}
    with pytest.raises(UnknownStageError, match="did you mean 'convert'"):
        Config().with_setting("convrt.to", "zh-Hans")
    with pytest.raises(ConfigError, match=r"SECTION\.OPTION"):
        Config().with_setting("convert", "zh-Hans")


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("0.5", 0.5), ('["a"]', ["a"]), ("zh-Hans", "zh-Hans")]
)
def test_values_are_read_as_toml_or_as_strings(text, value):
    assert parse_value(text) == value
