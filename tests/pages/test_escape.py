"""Whatever a text holds, a page shows it as text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

import zhfix
from strategies import texts
from zhfix.document import Document, Edit, Span
from zhfix.etl.counters import Counters
from zhfix.pages.escape import attribute, visible
from zhfix.pages.gather import gather
from zhfix.pages.report import document_view, render, render_counters

EVIL = "<script>alert(1)</script>&amp;<b onclick='x'>\"'`\u202egnp.exe\u2066\x00\u200b<!--]]>"
nasty = st.one_of(texts, st.text(st.sampled_from(EVIL + "中文"), max_size=60))


class Reader(HTMLParser):
    """Reads a page back: its tags, and what a reader sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.seen: list[str] = []
        self.invisible = 0
        self.held = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if ("class", "inv") in attrs:
            self.held = dict(attrs)["title"]

    def handle_data(self, data):
        if self.held:
            self.seen.append(chr(int(self.held.split()[0].removeprefix("U+"), 16)))
            self.held = ""
        else:
            self.seen.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@settings(max_examples=200)
@given(text=nasty)
def test_the_page_reads_back_as_the_text(text):
    page = read(visible(text))
    assert "".join(page.seen) == text
    assert set(page.tags) <= {"span"}


@settings(max_examples=100)
@given(text=nasty)
def test_an_attribute_holds_any_text(text):
    page = read(f'<i title="{attribute(text)}">x</i>')
    assert page.tags == ["i"]
    assert "".join(page.seen) == "x"


@settings(max_examples=60)
@given(before=nasty, after=nasty, name=nasty)
def test_no_markup_of_a_text_reaches_a_report(before, after, name):
    text = f"正文{before}正文"
    edit = Edit(Span(2, 2 + len(before)), before, after, name or "r", 0.5, name)
    document = Document(text).revise("repair", [edit])
    assert "script" not in read(document_view(document, "p")).tags
    gathered = gather([(name or "x", before.encode("utf-8", "surrogatepass"))], zhfix.default())
    tags = read(render(gathered, title=name)).tags
    assert "script" not in tags
    assert tags.count("h1") == 1


def test_direction_marks_cannot_turn_the_page_round():
    page = render(gather([("\u202eevil\u2066.txt", EVIL.encode())], zhfix.default()), title=EVIL)
    for char in "\u202e\u2066\u200b\x00":
        assert char not in page
    assert "<script" not in page


def test_a_job_is_reported_by_its_counters():
    counters = Counters(rows=5, changed=2)
    counters.rules.update({"spam-mirror/gloss": 3, "<b>": 1})
    page = read(render_counters(Counters.from_json(counters.to_json())))
    assert "spam-mirror/gloss" in page.seen
    assert "<b>" in page.seen
    assert "5" in page.seen


def test_memory_keeps_the_worst_and_counts_all():
    files = [
        (f"{n}.txt", ("網(wǎng)絡(luò)與網(wǎng)絡(luò)" if n % 10 == 3 else "干净。").encode())
        for n in range(50)
    ]
    gathered = gather(files, zhfix.default(), worst=2, listed=4)
    assert (gathered.seen, gathered.counters.changed) == (50, 5)
    assert len(gathered.files) == 4
    assert [line.edits for line, _ in gathered.worst] == [4, 4]
    assert gathered.encodings == {"utf-8": 50}
