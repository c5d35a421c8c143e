from __future__ import annotations

import pickle
import random

import pytest

from zhfix.converting import backends as backends_module
from zhfix.converting import (
    convert_text,
    opencc_cpp,
    opencc_pure,
    opencc_reimplemented,
    script,
    stage,
)
from zhfix.converting.dictionaries import load_config, parse_dictionary
from zhfix.converting.engine import engine
from zhfix.converting.naive import find, inspect, suspicious
from zhfix.converting.spans import load_words
from zhfix.document import Document
from zhfix.errors import BackendError, ConfigError, DataError
from zhfix.locales import MODES, Locale, modes
from zhfix.rows import Rows

GOOD_HANT = (
    "皇后的頭髮很長，他姓范，住在公里外的里長家。",
    "雲林縣的農夫余先生，收穫了許多稻穀。",
    "佢哋嘅關係好好，係咪呀？",
    "范仲淹云：先天下之憂而憂。",
    "子曰：學而時習之，不亦說乎？",
)
GOOD_HANS = ("皇后的头发很长。", "乾隆皇帝著作等身。", "这里有干净的水。")


@pytest.mark.parametrize("text", [*GOOD_HANT, "", "abc", "中文", "漢字\r\n"])
@pytest.mark.parametrize("to", ["zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "auto", None])
def test_text_in_the_wanted_script_is_the_same_object(text, to):
    assert stage(to=to).convert(text) is text


@pytest.mark.parametrize("text", [*GOOD_HANS, "", "abc", "中文"])
@pytest.mark.parametrize("to", ["zh-Hans", "zh-Hans-CN", "zh-SG", "auto", None])
def test_simplified_text_stays_simplified(text, to):
    assert stage(to=to).convert(text) is text


@pytest.mark.parametrize(
    ("text", "to", "expected"),
    [
        ("头发里的云", "zh-Hant", "頭髮裏的雲"),
        ("头发里的云", "zh-Hant-TW", "頭髮裡的雲"),
        ("头发里的云", "zh-Hant-HK", "頭髮裏的雲"),
        ("鼠标", "s2twp", "滑鼠"),
        ("頭髮裡的雲", "zh-Hans", "头发里的云"),
        ("埃里克·兰德住在加布里埃尔家里", "zh-Hant-TW", "埃里克·蘭德住在加布里埃爾家裡"),
        ("范先生防范小偷", "zh-Hant", "范先生防範小偷"),
    ],
)
def test_locales_and_modes(text, to, expected):
    assert convert_text(text, to) == expected


LINES = "发展中国家的头发\n里面有云\n中文\n这里的钟"


@pytest.mark.parametrize("to", ["zh-Hant", "zh-Hant-TW", "zh-Hant-HK", "zh-TW"])
@pytest.mark.parametrize("words", [False, True])
def test_without_context_a_locale_equals_its_mode(to, words):
    from zhfix.locales import locale_of

    (mode,) = modes(Locale("Hans"), locale_of(to), regional_words=words)
    made = convert_text(LINES, to, context=False, regional_words=words)
    assert made == engine(mode).convert(LINES)


def test_a_known_source_leads_through_its_own_mode():
    assert convert_text("滑鼠", "zh-Hans", source="zh-TW", regional_words=True) == "鼠标"
    assert convert_text("裡面", "zh-Hant-HK", source="zh-Hant-TW") == "裏面"
    text = "裏面"
    assert convert_text(text, "zh-Hant-HK", source="zh-HK") is text


def test_mixed_text_converts_the_lines_and_characters_that_need_it():
    text = "这是汉字\n這是漢字，皇后\n中文"
    assert convert_text(text, "zh-Hant-TW") == "這是漢字\n這是漢字，皇后\n中文"
    assert convert_text("這是漢字，这", "auto") == "這是漢字，這"
    assert convert_text("这是汉字，這", "auto") == "这是汉字，这"


def test_script_tells_script_and_region():
    assert script("汉字").script == "Hans"
    assert script("漢字").script == "Hant"
    assert script("汉字漢字").script == "mixed"
    assert script("中文 abc").script == ""
    found = script("請用滑鼠點選")
    assert (found.region, "滑鼠" in found.words) == ("TW", True)
    assert script("佢哋嘅嘢").region == "HK"


LEFT = (
    "兩國防范恐怖活動，反恐斗爭不斷，致力于和平。\n"
    "與伙伴期待并肩，呼吁各方維護制度，制造業復蘇。\n"
    "舍不得這碗面，干凈的頭發。\n"
)
OVER = "皇後走了三公裡，隻得回家。\n她的頭發很長，後來麵對麵坐著，不說話。\n"


def test_naive_conversion_is_put_right_with_or_without_a_target():
    for to in (None, "zh-Hant", "zh-Hant-TW", "auto"):
        made = stage(to=to).convert(LEFT)
        for word in ("防範", "鬥爭", "致力於", "夥伴", "呼籲"):
            assert word in made, (to, word)


def test_over_conversion_is_put_right():
    made = stage(to="zh-Hant-TW").convert(OVER)
    for word in ("皇后", "公里", "只得", "面對面"):
        assert word in made


ALWAYS = (
    "皇後走了三公裡，隻得回家。她的頭發很長，後來麵對麵坐著，不說話。\n"
    "這種現像很齣名，航運工俱齣現瞭，他對瞭衕學說瞭一麵之詞。乾係很大，幾韆裡。\n"
)


def test_over_conversion_of_characters_that_simplified_text_has_too():
    made = stage().convert(ALWAYS)
    for word in ("現象", "工具", "出現", "公里", "皇后"):
        assert word in made
    # Where the plain character stands as well, somebody knew the difference.
    assert "像" in stage().convert(ALWAYS + "大象像山。")


@pytest.mark.parametrize(
    "text",
    ["佢同我講嘅係真嘅，唔係假嘅，呢啲係佢哋攞嚟嘅嘢。", "重覆又重覆，一句鐘意就得喇，係咪呀？"],
)
def test_cantonese_stays(text):
    for many in (text, f"{text}\n" * 30):
        assert stage().convert(many) is many


def test_naive_edits_explain_themselves_and_can_be_undone():
    doc = Document(LEFT)
    fixed = doc.revise("convert", stage()(doc))
    edits = {edit.before: edit for edit in fixed.edits}
    assert edits["范"].rule == "convert/left-simplified"
    assert 0.9 < edits["范"].confidence <= 1
    assert "left as in Simplified" in edits["范"].reason
    assert fixed.original == LEFT
    again = fixed.revise("convert", stage()(fixed))
    assert again.text == fixed.text


def test_long_naive_texts_are_found_by_a_sample():
    long = LEFT * 400
    assert stage().convert(long) == stage().convert(LEFT) * 400
    good = "\n".join(GOOD_HANT) * 800
    assert stage().convert(good) is good


def test_naive_repair_can_be_turned_off():
    assert stage(naive=False).convert(LEFT) is LEFT


@pytest.mark.parametrize("to", ["zh-Hant-TW", "s2twp", "auto", None])
def test_a_stage_pickles_and_proposes_edits_that_apply(to):
    run = pickle.loads(pickle.dumps(stage(to=to, words={"云": "雲端"}, protect=("urls",))))
    for text in (LINES, LEFT, "漢字", ""):
        doc = Document(text)
        done = doc.revise("convert", run(doc))
        assert done.text == run.convert(text)
        assert done.original == text
        assert (done is doc) == (run.convert(text) is text)


def test_users_words_and_protected_stretches():
    assert convert_text("云里的云计算", "zh-Hant", words={"云计算": "雲端運算"}) == "雲裏的雲端運算"
    assert convert_text("头发头发", "zh-Hant", keep=("头发",)) == "头发头发"
    text = "见 https://例子.cn/头发?a=汉 ，`头发`，{头发}，《头发》头发"
    made = convert_text(text, "zh-Hant", protect=("code", "placeholders", "titles"))
    assert made.endswith("，`头发`，{头发}，《头发》頭髮")


def test_conventions():
    made = convert_text("他说“你好‘朋友’”,it’s", "zh-Hant-TW", quotes=True)
    assert made == "他說「你好『朋友』」,it’s"
    assert convert_text("他說「你好」", "zh-Hans", quotes=True) == "他说“你好”"
    assert convert_text("你好,世界!", "zh-Hant", full_width=True) == "你好，世界！"


def test_users_words_from_files(tmp_path):
    tsv = tmp_path / "words.tsv"
    tsv.write_text("# mine\n云计算\t雲端運算\tzh-Hant-TW\n软件\t軟體\n", "utf-8")
    assert load_words(tsv, "zh-TW") == (("云计算", "雲端運算"), ("软件", "軟體"))
    assert load_words(tsv, "zh-HK") == (("软件", "軟體"),)
    toml = tmp_path / "words.toml"
    toml.write_text('[words]\n"软件" = "軟體"\n[words.zh-Hant-TW]\n"鼠标" = "滑鼠"\n', "utf-8")
    assert load_words(toml, "zh-Hant-TW") == (("软件", "軟體"), ("鼠标", "滑鼠"))
    import zhfix

    assert convert_text("软件", "zh-Hant-TW", words=tsv) == "軟體"
    pipeline = zhfix.default(to="zh-Hant-TW", convert={"words": str(toml)})
    assert pipeline.fix_many(["鼠标和软件", "头发"]) == ["滑鼠和軟體", "頭髮"]
    tsv.write_text("nothing\n", "utf-8")
    with pytest.raises(ConfigError, match="line 1"):
        load_words(tsv, "zh-TW")
    with pytest.raises(ConfigError, match="cannot read"):
        load_words(tmp_path / "absent.tsv", "zh-TW")


def test_custom_configs_use_dictionaries_beside_them(tmp_path):
    (tmp_path / "mine.txt").write_text("汉\t漢\n汉字\t中文\n", "utf-8")
    config = tmp_path / "mine.json"
    config.write_text(
        '{"name": "mine", // a comment\n "conversion_chain": [{"dict": {"type": "group",'
        '"match_policy": "short_circuit", "dicts": [{"type": "text", "file": "mine.txt"},'
        '{"type": "ocd2", "file": "STCharacters.ocd2"},'
        '{"type": "inline", "entries": {"鼠标": "滑鼠"}}],},},],}',
        "utf-8",
    )
    assert convert_text("汉字好汉龙", str(config)) == "中文好漢龍"


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ("{", ConfigError),
        ('{"name": "x"}', ConfigError),
        ('{"conversion_chain": [{"dict": {"type": "new"}}]}', ConfigError),
        ('{"conversion_chain": [{"dict": {"type": "text", "file": "no.txt"}}]}', DataError),
        (
            (
                '{"segmentation": {"type": "jieba"}, "conversion_chain": '
                '[{"dict": {"type": "text", "file": "STCharacters.txt"}}]}'
            ),
            ConfigError,
        ),
    ],
)
def test_broken_configs_say_what_is_wrong(tmp_path, config, error):
    path = tmp_path / "broken.json"
    path.write_text(config, "utf-8")
    with pytest.raises(error):
        load_config(str(path))


def test_broken_dictionaries_name_the_line():
    with pytest.raises(DataError, match="line 2"):
        parse_dictionary("a\tb\nc\n", "x.txt")
    with pytest.raises(DataError, match="repeats"):
        parse_dictionary("a\tb\na\tc\n", "x.txt")


@pytest.mark.parametrize(
    "options",
    [
        {"to": "zh-Hnt"},
        {"to": "s2tw2"},
        {"to": "zh-Hant", "protect": ("url",)},
        {"to": "zh-Hant", "source": "en"},
        {"to": "zh-Hant", "words": {"": "x"}},
    ],
)
def test_wrong_options_are_errors_at_once(options):
    with pytest.raises(ConfigError):
        stage(**options)


@pytest.mark.parametrize("mode", sorted(backends_module.BACKENDS["opencc-python-reimplemented"]))
def test_the_reimplemented_backend_has_its_modes(mode):
    source = "鼠标头发" if mode.startswith("s") else "滑鼠頭髮"
    assert len(opencc_reimplemented(to=mode).convert(source)) == 4


def test_backends_speak_locales():
    run = opencc_reimplemented(to="zh-Hant-TW")
    assert run.convert("鼠标头发") == "鼠標頭髮"
    doc = Document("鼠标头发")
    assert doc.revise("convert", run(doc)).text == "鼠標頭髮"
    text = "頭髮"
    assert run.convert(text) is text
    assert pickle.loads(pickle.dumps(run)) == run


def test_absent_and_shadowed_backends_say_so(monkeypatch):
    for backend in (opencc_cpp, opencc_pure):
        with pytest.raises(
            BackendError, match="belongs to 'opencc-python-reimplemented'"
        ) as caught:
            backend(to="s2t")
        assert caught.value.distribution == backend.distribution
    monkeypatch.setattr(backends_module, "module_owner", lambda: "opencc")
    with pytest.raises(BackendError, match="overwritten by 'opencc'"):
        opencc_reimplemented(to="s2t")


def test_missing_modes_of_a_backend_are_named():
    with pytest.raises(ConfigError, match="no mode 't2jp'"):
        opencc_reimplemented(to="t2jp")
    run = opencc_reimplemented(to="zh-Hans", regional_words=True)
    assert run.convert("頭髮") == "头发"


def test_every_mode_has_a_compiled_table():
    from importlib import resources

    from zhfix.converting.tables import table_name

    folder = resources.files("zhfix.data")
    for mode in MODES:
        config = load_config(mode)
        for dictionary in (*config.normalization, *config.chain):
            assert (folder / table_name(dictionary)).is_file()


def test_damaged_tables_are_refused():
    from zhfix.converting.tables import load, pack
    from zhfix.packaged import unpack

    data = pack(load(load_config("t2s").chain[0]))
    assert unpack(data, "x")["longest"] > 1
    for wrong in (data[:-1], data[:100], b"", b"\n\n", data.replace(b"arrays 1", b"arrays 2")):
        with pytest.raises(DataError, match="not whole"):
            unpack(wrong, "x")


def test_the_short_look_for_naive_conversion_finds_what_the_long_one_finds():
    lines = [*LEFT.splitlines(), *OVER.splitlines(), *(line for line in GOOD_HANT if line)]
    rng = random.Random(9)
    texts = ["\n".join(rng.sample(lines, rng.randint(1, len(lines)))) for _ in range(60)]
    rows = Rows(texts)
    likely = suspicious(rows.text, rows.of)
    naive = {row for row, text in enumerate(texts) if inspect(text).places}
    assert naive <= likely
    assert 0 < len(naive) < len(texts)
    assert {row for row, text in enumerate(texts) if find(text)} == naive


def test_a_short_line_keeps_what_its_phrase_says():
    assert convert_text("头发里\n干净\n谷物\n云彩\n席卷\n干瘦", "zh-Hant") == (
        "頭髮裏\n乾淨\n穀物\n雲彩\n席捲\n乾瘦"
    )
