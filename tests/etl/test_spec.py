"""A spec travels: the same everywhere, or a clear error."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import pytest

import zhfix
from zhfix.config import Config
from zhfix.errors import ConfigError, DataError, UnknownStageError
from zhfix.etl import Spec
from zhfix.etl.spec import tables_version


def shout(document):
    """A stage as a plain function of a module."""
    text = document.text
    if text != text.upper():
        yield zhfix.Edit(zhfix.Span(0, len(text)), text, text.upper(), "mine/shout", 1.0, "loud")


SPECS = (
    Spec.of(),
    Spec.of("zh-TW"),
    Spec.of("s2twp", strip={"preset": "light"}, min_confidence=0.9),
    Spec.of(stages=("detect", "repair"), decoder="utf-8"),
    Spec.of("zh-Hans", convert="opencc-python-reimplemented"),
    Spec.of("zh-Hans", strip=shout),
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.settings)
def test_a_spec_is_a_value(spec):
    copy = pickle.loads(pickle.dumps(spec))
    assert copy == spec
    assert hash(copy) == hash(spec)
    assert copy.fingerprint == spec.fingerprint
    assert copy.pipeline() is spec.pipeline()


def test_specs_of_different_pipelines_differ():
    assert len(set(SPECS)) == len(SPECS)
    assert len({spec.fingerprint for spec in SPECS}) == len(SPECS)


def test_the_order_of_options_does_not_matter():
    one = Spec.of(strip={"preset": "light", "repeats": 3})
    assert one == Spec.of(strip={"repeats": 3, "preset": "light"})


def test_a_spec_makes_the_pipeline_that_default_makes():
    text = "恐怖網(wǎng)絡(luò)蔓延擴展??植澜M織\n責編：陳濛濛"
    spec = Spec.of("zh-Hans", strip={"preset": "light"})
    assert spec.pipeline().run(text) == zhfix.default("zh-Hans", strip={"preset": "light"}).run(
        text
    )
    assert spec.only("repair", "detect").pipeline().names == ("repair", "detect")
    assert Spec.of(strip=shout).pipeline().fix("ok") == "OK"
    assert Spec.of(strip=shout).only("strip").pipeline().fix("ok") == "OK"


def test_a_spec_is_made_of_a_configuration():
    config = Config().with_setting("convert.to", "zh-Hant-TW")
    assert Spec.from_config(config).config() == config
    assert Spec.from_config(config) == Spec.of("zh-Hant-TW")


def test_what_cannot_be_built_or_cannot_travel_is_refused():
    with pytest.raises(ConfigError, match="unknown locale"):
        Spec.of("zh-Hnt")
    with pytest.raises(ConfigError, match="cannot be imported"):
        Spec.of(strip=lambda _: ())
    with pytest.raises(ConfigError, match="cannot travel"):
        Spec.of(strip={"known": object()})
    with pytest.raises(UnknownStageError):
        Spec.of(stages=("detect", "repiar"))
    with pytest.raises(ConfigError, match="no option"):
        Spec.of(strip={"prest": "light"})


def test_a_worker_with_other_tables_says_so():
    with pytest.raises(DataError, match="install the same zhfix"):
        replace(Spec.of(), tables="0.0+0").pipeline()


def test_other_contents_of_a_rules_file_make_another_spec(tmp_path):
    rules = tmp_path / "rules.toml"
    rule = '[[rule]]\nid = "own/ad"\npatterns = ["本站专稿"]\ntriggers = ["本站"]\n'
    rules.write_text(rule, "utf-8")
    one = Spec.of(strip={"rules": str(rules)})
    assert one == Spec.of(strip={"rules": str(rules)})
    rules.write_text(rules.read_text("utf-8").replace("专稿", "特稿"), "utf-8")
    assert Spec.of(strip={"rules": str(rules)}).fingerprint != one.fingerprint


def test_processes_agree():
    code = "from zhfix.etl import Spec; s = Spec.of('zh-TW'); print(s.fingerprint, s.tables)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.split() == [Spec.of("zh-TW").fingerprint, tables_version()]


def test_importing_the_package_needs_no_engine():
    code = "import sys, zhfix.etl; print(sorted({'pyarrow', 'pandas', 'polars', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
