"""The pages in a real browser: what they show, by mouse and keyboard, and how they look.

Needs the package `playwright` and a Chromium; without them these tests say so and are skipped.
Screenshots of the last run are in the folder that ZHFIX_SCREENSHOTS names, if it is set.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from pathlib import Path

import pytest

import zhfix
from zhfix.pages.gather import gather
from zhfix.pages.play import Playground
from zhfix.pages.report import render

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium")

SEED = Path(__file__).parents[1] / "fixtures" / "seed" / "page.txt"
EVIL = "<img src=x onerror=document.title='hit'><script>document.title='hit'</script>"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def size(request):
    return request.param


def kept(page, name):
    if folder := os.environ.get("ZHFIX_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    page = SEED.read_text("utf-8")
    files = [
        ("seed.txt", page.encode()),
        ("mojibake.txt", "打开鏂囦欢失败，打开鏂囦欢失败".encode()),
        (f"{EVIL}.txt", f"網(wǎng)絡(luò)與網(wǎng)絡(luò){EVIL}\u202e".encode()),
        ("lost.txt", "文件锟斤拷锟斤拷目录".encode()),
        ("clean.txt", "这一段没有什么不对。".encode("gb18030")),
    ]
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(gather(files, zhfix.default(to="zh-Hans"))), "utf-8")
    return path


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_the_report(browser, report, scheme, size):
    page = browser.new_page(viewport=size, color_scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(report.as_uri())
    assert page.title() == "zhfix report"
    assert asked == [report.as_uri()]
    assert not faults
    assert overflow(page) <= 0
    assert page.locator("table.chart svg[role=img]").count() > 3
    kept(page, f"report-{scheme}-{size['width']}")
    page.locator(".edit").first.scroll_into_view_if_needed()
    page.locator(".edit").first.focus()
    tip = page.locator(".edit").first.locator(".tip")
    assert tip.is_visible()
    assert "% sure" in tip.inner_text()
    kept(page, f"report-edit-{scheme}-{size['width']}")
    page.close()


def test_every_edit_can_be_reached_and_says_why(browser, report):
    page = browser.new_page(viewport=DESK)
    page.goto(report.as_uri())
    for edit in page.locator("details[open] .edit").all()[:40]:
        described = edit.get_attribute("aria-describedby")
        assert page.locator(f"[id='{described}'][role=tooltip]").count() == 1
        assert edit.get_attribute("tabindex") == "0"
    assert page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    ) == page.evaluate("document.querySelectorAll('[id]').length")
    page.close()


@pytest.fixture
def playground():
    with Playground() as running:
        thread = threading.Thread(target=running.serve, daemon=True)
        thread.start()
        yield running
        running.server.shutdown()
        thread.join()


def test_the_playground(browser, playground, scheme, size):
    page = browser.new_page(viewport=size, color_scheme=scheme)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(playground.url)
    page.get_by_label("Text", exact=True).fill(SEED.read_text("utf-8"))
    page.get_by_role("button", name="Fix").click()
    page.locator("#outcome").wait_for(state="visible")
    assert "恐怖" in page.locator("#result").input_value()
    assert "(wǎng)" not in page.locator("#result").input_value()
    assert overflow(page) <= 0
    kept(page, f"play-{scheme}-{size['width']}")
    page.locator("#stages .edit").first.scroll_into_view_if_needed()
    page.locator("#stages .edit").first.hover()
    assert page.locator("#stages .edit .tip").first.is_visible()
    kept(page, f"play-edit-{scheme}-{size['width']}")
    assert not faults
    page.close()


def test_switches_undo_and_files(browser, playground):
    page = browser.new_page(viewport=DESK)
    page.goto(playground.url)
    box, result = page.get_by_label("Text", exact=True), page.locator("#result")
    box.fill("網(wǎng)絡(luò)與網(wǎng)絡(luò)")
    page.get_by_label("Script").select_option("zh-Hans")
    sync_api.expect(result).to_have_value("网络与网络")
    page.get_by_label("repair").uncheck()
    sync_api.expect(result).to_have_value(re.compile(r"\("))
    page.get_by_label("repair").check()
    sync_api.expect(result).to_have_value("网络与网络")
    data = "中国人民的新闻，他们在说话。".encode("gb18030")
    page.locator("#file").set_input_files({"name": "a.txt", "mimeType": "", "buffer": data})
    sync_api.expect(result).to_have_value(re.compile("^中国人民"))
    assert "gb18030" in page.locator("#status").inner_text()
    page.get_by_role("button", name="Undo").click()
    sync_api.expect(result).to_have_value("网络与网络")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert Path(download.value.path()).read_text("utf-8") == result.input_value()
    page.locator("#example").select_option(index=1)
    sync_api.expect(page.locator("#stages")).to_contain_text("repair")
    page.close()


def test_nothing_in_a_text_runs(browser, playground):
    page = browser.new_page(viewport=DESK)
    page.goto(playground.url)
    page.get_by_label("Text", exact=True).fill(f"網(wǎng)絡(luò)與網(wǎng)絡(luò){EVIL}")
    page.get_by_role("button", name="Fix").click()
    page.locator("#outcome").wait_for(state="visible")
    assert page.title() == "zhfix playground"
    assert page.locator("#stages img, #stages script").count() == 0
    page.close()


def test_by_keyboard_alone(browser, playground):
    page = browser.new_page(viewport=DESK)
    page.goto(playground.url)
    page.keyboard.type("網(wǎng)絡(luò)與網(wǎng)絡(luò)")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Fix":
            break
    page.keyboard.press("Enter")
    page.locator("#outcome").wait_for(state="visible")
    assert page.locator("#result").input_value() == "網絡與網絡"
    page.close()
