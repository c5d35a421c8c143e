"""Set up a fresh machine that has only Python and git, and run one of two things.

    python3 tools/dev.py demo    make .venv, install zhfix, fix the seed page and explain it
    python3 tools/dev.py test    make .venv, install zhfix with its test tools, run all checks

`test --fast` leaves out the checks of style and types; `test --engines`, which CI runs, also
installs the engines of zhfix.etl (some 2 GB) and what drives a browser, whose tests are skipped
otherwise. Everything goes into `.venv` (or the folder that ZHFIX_VENV names); nothing outside the
checkout is touched, but that `--engines`, as root on Debian, installs a Chromium if there is none.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SEED = "tests/fixtures/seed/page.txt"
#: Seconds that fetching a browser may take.
BROWSER_TIME = 180


def run(*command: str | Path, **options: object) -> None:
    """Run a command in the checkout; leave with its code when it fails."""
    result = subprocess.run([str(word) for word in command], cwd=ROOT, check=False, **options)  # type: ignore[call-overload]
    if result.returncode:
        sys.exit(result.returncode)


def environment(*extras: str) -> Path:
    """Make the virtual environment once, bring the installation up to date, return `bin`."""
    folder = Path(os.environ.get("ZHFIX_VENV", ROOT / ".venv"))
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    if not (binaries / "pip").exists() and not (binaries / "pip.exe").exists():
        venv.create(folder, with_pip=True)
    target = f".[{','.join(extras)}]" if extras else "."
    quiet = ("-q", "--disable-pip-version-check")
    run(binaries / "python", "-m", "pip", "install", *quiet, "-c", "constraints.txt", "-e", target)
    return binaries


def demo() -> None:
    """Fix the page that started it all, and say what was done."""
    binaries = environment()
    run(binaries / "zhfix", "explain", "--no-config", "--to", "zh-Hans", SEED)


def install_browser() -> None:
    """Install a Chromium where that is easy; without one, its tests are skipped."""
    found = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    if found or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    for words in (("update", "-q"), ("install", "-y", "-q", "--no-install-recommends", "chromium")):
        try:
            subprocess.run(
                ["apt-get", *words], check=False, stdout=subprocess.DEVNULL, timeout=BROWSER_TIME
            )
        except subprocess.TimeoutExpired:
            return


def test(*, fast: bool, engines: bool) -> None:
    """Run the tests, doctests, style and types."""
    binaries = environment("dev", *(["etl-test", "browser-test"] if engines else []))
    if engines:
        install_browser()
    if not fast:
        run(binaries / "ruff", "check", ".")
        run(binaries / "ruff", "format", "--check", ".")
        run(binaries / "mypy")
    run(binaries / "python", "-m", "pytest", "-q")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=["demo", "test"])
    parser.add_argument("--fast", action="store_true", help="leave out style and types")
    parser.add_argument("--engines", action="store_true", help="test all engines of zhfix.etl")
    chosen = parser.parse_args()
    if chosen.what == "demo":
        demo()
    else:
        test(fast=chosen.fast, engines=chosen.engines)


if __name__ == "__main__":
    main()
