"""The documentation is executed, and everything public is documented by an example."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest

import zhfix

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(zhfix.__path__, "zhfix.")
    if "__main__" not in info.name
)
#: Modules whose examples run an engine that they import only when they are called.
ENGINES = {
    "zhfix.etl.datasets": "datasets",
    "zhfix.etl.duckdb": "duckdb",
    "zhfix.etl.spark": "pyspark",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_in_pages_runs(page):
    failed, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml_in_pages_is_a_configuration(page):
    from zhfix.config import Config

    for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        data = tomllib.loads(block)
        if {"pipeline", "stages", "decoder"} & set(data):
            Config.from_mapping(data)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_modules_run(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if not name.startswith("zhfix.etl."):
            raise
        pytest.skip(f"an engine is not installed: {error}")
    if name in ENGINES:
        pytest.importorskip(ENGINES[name], reason="the engine is not installed")
    assert module.__doc__, name
    failed, _ = doctest.testmod(module)
    assert failed == 0


@pytest.mark.parametrize("name", [n for n in zhfix.__all__ if callable(getattr(zhfix, n))])
def test_public_names_have_an_example(name):
    thing = getattr(zhfix, name)
    if name in ("Stage", "Decoder"):  # type aliases; docs/stages.md shows them
        return
    assert thing.__doc__, name
    if inspect.isclass(thing) and issubclass(thing, (Exception, str)):
        return
    members = vars(thing).values() if inspect.isclass(thing) else ()
    docs = [thing.__doc__, *(getattr(member, "__doc__", "") or "" for member in members)]
    assert any(">>>" in doc for doc in docs), f"{name} has no runnable example"


def test_no_page_names_a_machine_or_a_registry():
    for path in [*PAGES, ROOT / "pyproject.toml", ROOT / "constraints.txt"]:
        assert not re.search(r"https?://[a-z.]*(pypi|npmjs|debian)\.", path.read_text("utf-8")), (
            path
        )
