"""A small part of what tools/measure_repair.py measures, on text that is in the repository."""

from __future__ import annotations

import json
import random
import re
import runpy
from difflib import SequenceMatcher
from pathlib import Path

import pytest

import zhfix
from zhfix.repairing.search import PAIRS

ROOT = Path(__file__).parent.parent
FLOORS = json.loads((ROOT / "tools/floors/repair.json").read_text(encoding="utf-8"))
KINDS = runpy.run_path(str(ROOT / "tools/damages.py"))["KINDS"]
STAGES = zhfix.default().only("detect", "repair")
SCRIPT = {"utf-8": "hant", "gbk": "hans", "big5": "hant"}
#: Strings of each kind, and the Han characters of those that lose bytes.
COUNT = 24
LONG = 20


@pytest.fixture(scope="module")
def lines():
    path = ROOT / "tests/fixtures/repair/mirror-documents.txt"
    traditional = path.read_text(encoding="utf-8")
    return {
        script: [line for line in text.split("\n") if len(line) > LONG]
        for script, text in (
            ("hant", traditional),
            ("hans", zhfix.convert(traditional, to="zh-Hans")),
        )
    }


def fragments(lines, length):
    """Cut a string of so many Han characters from each of some lines."""
    for line in random.Random(length).sample(lines, COUNT):
        starts = [match.start() for match in re.finditer("[\u4e00-\u9fff]", line)]
        if len(starts) >= length:
            yield line[starts[0] : starts[length - 1] + 1]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
@pytest.mark.parametrize("length", [4, 9])
def test_nothing_was_lost(lines, pair, length):
    goods = list(fragments(lines[SCRIPT[pair.true]], length))
    cases = [(good, bad) for good in goods if (bad := pair.forwards(good)) and bad != good]
    if not cases:
        pytest.skip("no string of this text can be read so strictly")
    right = [STAGES.run(bad).text == good for good, bad in cases]
    assert 100 * sum(right) / len(cases) >= FLOORS[f"sample/{pair}/{length}"]


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.hopeless])
def test_bytes_were_lost(lines, name):
    kind = KINDS[name]
    total = restored = exact = count = 0
    for good in fragments(lines[SCRIPT[kind.true]], LONG):
        bad = kind(good)
        if bad is None or bad == good:
            continue
        fixed = STAGES.run(bad).text
        right = kind.restores(good, fixed)
        blocks = SequenceMatcher(None, good, fixed, autojunk=False).get_matching_blocks()
        total += len(good)
        restored += len(good) if right else sum(block.size for block in blocks)
        exact += right
        count += 1
    assert count
    assert 100 * restored / total >= FLOORS[f"sample/{name}/characters"]
    assert 100 * exact / count >= FLOORS[f"sample/{name}/lines"]
