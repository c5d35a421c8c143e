"""What is imported at the start: heavy modules wait until they are needed."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ("numpy", "opencc", "ftfy", "charset_normalizer", "regex", "rich", "click", "pyarrow")


def loaded_after(code):
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_is_light():
    assert not loaded_after("import zhfix") & set(HEAVY)


def test_clean_text_loads_only_what_it_needs():
    code = "import zhfix\nzhfix.fix('網絡安全很重要，我們都要注意。')"
    loaded = loaded_after(f"{code}\nzhfix.fix('网络安全很重要，我们都要注意。', to='zh-Hant')")
    assert "numpy" in loaded
    unneeded = {
        "difflib",
        "hashlib",
        "numpy.ma",
        "pathlib",
        "random",
        "tempfile",
        "tomllib",
        "zipfile",
    }
    assert not loaded & {*HEAVY[1:], *unneeded}


def test_help_needs_no_tables():
    code = "from click.testing import CliRunner\nfrom zhfix.cli import cli\nCliRunner().invoke(cli, ['--help'])"
    assert not loaded_after(code) & {"numpy", "opencc", "ftfy", "rich"}


def test_names_that_are_functions_stay_functions():
    code = "import zhfix, zhfix.repairing.model, zhfix.stripping, zhfix.converting\nassert zhfix.repair('x') == 'x'\nassert zhfix.strip('x') == 'x'\nassert zhfix.convert('x') == 'x'"
    loaded_after(code)
