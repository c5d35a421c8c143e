"""Write `src/zhfix/data/strip.json`, which is read in a twentieth of the time that TOML takes.

    python tools/build_strip_rules.py

It holds what `strip-rules.toml` and `strip-spam.toml` say; edit those, then run this.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "src/zhfix/data"


def main() -> None:
    """Read both files, and write one."""
    tables = {
        name: tomllib.loads((DATA / f"strip-{name}.toml").read_text("utf-8"))
        for name in ("rules", "spam")
    }
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"))
    (DATA / "strip.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
