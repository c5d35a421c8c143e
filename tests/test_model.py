"""The language model: look-ups agree with each other, and the table knows Chinese."""

from __future__ import annotations

import hashlib
import tomllib
import zlib
from importlib import resources

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhfix.errors import DataError
from zhfix.repairing import model as module
from zhfix.repairing.model import BORDER, LanguageModel, code_points

MODEL = LanguageModel.load()


def any_text(max_size: int = 40) -> st.SearchStrategy[str]:
    return st.text(st.characters(), max_size=max_size)


def test_table_is_the_one_in_the_provenance() -> None:
    folder = resources.files("zhfix.data")
    said = tomllib.loads(folder.joinpath("PROVENANCE.toml").read_text("utf-8"))["model.bin"]
    content = folder.joinpath("model.bin").read_bytes()
    assert hashlib.sha256(content).hexdigest() == said["sha256"]
    assert len(content) == said["bytes"]
    assert len(zlib.compress(content)) < 1_500_000  # what it adds to a wheel
    assert said["symbols"] == MODEL.size
    assert all(source["licence"] for source in said["sources"])


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("文件存储", "鏂囦欢瀛樺偍"),
        ("中国标准时间", "ÖÐ¹ú±ê×¼Ê±¼ä"),
        ("中文測試", "いゅ代刚"),
        ("中国财经", "櫓벌꼿쒔"),
        ("臺灣的學校", "臺湯的學枝"),
        ("唔该，我想要呢个嘅", "唔垓，我想耍妮个慨"),
        ("привет, мир", "ЦРОДОДјю"),
        ("これは日本語です", "いゅ代刚羉砰いゅ"),
        ("안녕하세요", "櫓벌꼿쒔벌"),
    ],
)
def test_ordinary_text_is_likelier(good: str, bad: str) -> None:
    assert MODEL.score(good) / len(good) > MODEL.score(bad) / len(bad) + 1


def test_both_scripts_cost_the_same() -> None:
    assert MODEL.score("漢語和臺灣的圖書館") == MODEL.score("汉语和台湾的图书馆")


def test_latin_runs_are_not_improbable() -> None:
    text = "import the configuration from default settings"
    assert -MODEL.score(text) / len(text) < 4.5


def test_probabilities_of_a_history_sum_to_about_one() -> None:
    every = np.arange(MODEL.size, dtype=np.uint16)
    for character in "的中a，é":
        sure = np.exp(MODEL.steps(MODEL.encode(character), every)).sum()
        # Quantised to half a tenth of a nat, and kinds of rare characters lie on top.
        assert sure == pytest.approx(1.0, abs=0.06)


@given(any_text(), any_text(2), any_text(2))
def test_score_is_the_sum_of_steps(text: str, before: str, after: str) -> None:
    ids = MODEL.encode((before[-1:] or "\n") + text + (after[:1] or "\n"))
    expected = float(MODEL.steps(ids[:-1], ids[1:]).sum(dtype=np.float64))
    assert MODEL.score(text, before=before, after=after) == pytest.approx(expected)


@given(st.lists(any_text(12), max_size=6), any_text(1), any_text(1))
def test_scores_are_scores(texts: list[str], before: str, after: str) -> None:
    batch = MODEL.scores(texts, before=before, after=after)
    single = [MODEL.score(text, before=before, after=after) for text in texts]
    assert batch.tolist() == pytest.approx(single, abs=1e-3)


@given(any_text())
def test_every_code_point_has_a_symbol(text: str) -> None:
    ids = MODEL.encode(text)
    assert len(ids) == len(text) == len(code_points(text))
    assert not len(ids) or int(ids.max()) < MODEL.size
    assert np.isfinite(MODEL.unigram(ids)).all()


def test_lone_surrogates_and_line_ends() -> None:
    assert MODEL.encode("\r\n").tolist() == [BORDER, BORDER]
    assert np.isfinite(MODEL.score("\ud800中\udfff"))


def test_script_flags() -> None:
    assert MODEL.script("汉语简体") == (4, 0)
    assert MODEL.script("漢語繁體")[0] == 0 < MODEL.script("漢語繁體")[1]
    assert MODEL.script("中文 abc") == (0, 0)


def test_tables_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        MODEL.singles[0] = 0


def test_a_missing_table_is_a_data_error(monkeypatch: pytest.MonkeyPatch) -> None:
    module._load.cache_clear()
    monkeypatch.setattr(module, "_TABLE", "absent.bin")
    with pytest.raises(DataError, match="reinstall"):
        LanguageModel.load()
    module._load.cache_clear()
