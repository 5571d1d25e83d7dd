"""The guide's web page in a real browser, from a folder as from a memory stick: on a phone, in the dark, on paper."""

import os
import re
import shutil
import subprocess

import pytest

from cafe.exports.plain import clean
from sessions.guide import SmallStep
from tests.browser.axe import violations
from tests.browser.watching import SIZES
from tests.cafe.guides import HOSTILE, SILENT, action, chapter, guide, spoilt, written
from tests.cafe.test_guide_html import told_by_word, word_of

pytestmark = pytest.mark.browser

LONG = action("Ring the night team before the weekend, not on Sunday. " * 30, rank=5, dots=1)
STEPS = (*chapter().actions, LONG, action("x" * 400, rank=6, ambitions=(1, 2, 3, 4, 5, 6)))
FULL = guide(chapter(actions=STEPS), chapter(name="Leadership", **SILENT), waiting=2)
CUT = """
() => [...document.querySelectorAll("main *, header *, footer *")].filter((part) => {
  const box = part.getBoundingClientRect();
  if (part.closest("thead")?.clientHeight <= 1) return false;  // there for screen readers alone
  return box.right > innerWidth + 1 || box.left < -1 || part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1;
}).map((part) => `${part.localName} ${part.textContent.trim().slice(0, 40)}`)
"""
SHOWN = "() => ['header', 'main', 'footer'].map((name) => document.querySelector(name).textContent).join(' ')"
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">([^<]*)</word>')
MARGIN = 2 / 2.54 * 72  # points


@pytest.fixture
def open_guide(browsers, tmp_path):
    """Opens a guide from a folder, in a browser that complains of everything and of anything asked for."""

    def opened(made, size="laptop", form="html", **options):
        file = tmp_path / "guide.html"
        file.write_bytes(written(made, form))
        page = browsers.open(file.as_uri(), size, **options)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri(), wait_until="networkidle")
        assert asked == [file.as_uri()]
        assert page.locator("html").evaluate("(all) => getComputedStyle(all).backgroundColor") != "rgba(0, 0, 0, 0)"
        return page

    return opened


@pytest.mark.parametrize("colours", ["light", "dark", "forced"])
@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_axe_finds_nothing(open_guide, size, colours):
    forced = {"forced_colors": "active"} if colours == "forced" else {"color_scheme": colours}
    page = open_guide(FULL, size, **forced)
    page.get_by_role("link", name="Skip to the guide").focus()
    assert violations(page) == []


@pytest.mark.parametrize("size", [(320, 568), *SIZES.values(), (683, 384)])
def test_nothing_sticks_out_or_is_cut_at_any_width(open_guide, size):
    for made in (FULL, spoilt("x" * 2000)):
        page = open_guide(made)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize("colours", ["light", "dark", "forced"])
def test_axe_finds_nothing_on_the_poster_and_nothing_is_cut(open_guide, colours):
    forced = {"forced_colors": "active"} if colours == "forced" else {"color_scheme": colours}
    for made in (FULL, spoilt("x" * 2000), guide(chapter(**SILENT))):
        page = open_guide(made, "phone", form="poster.html", **forced)
        assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 568})
        assert page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0
        assert page.evaluate(CUT) == []


@pytest.mark.parametrize("number", [1, 3, 5, 7])
def test_the_poster_prints_on_one_page(open_guide, tmp_path, number):
    step = SmallStep(what="Put the night number on every folder in the house", lead="The ward clerk", by_when="May")
    page = open_guide(guide(chapter(steps=(step,) * number)), form="poster.html")
    about, boxes = printed(page, tmp_path / "poster.pdf")
    assert re.search(r"Pages:\s+1\n", about)
    assert boxes.count(">folder<") == number


def test_words_may_be_made_twice_as_large(open_guide):
    page = open_guide(FULL, "phone")
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    page.reload()
    assert page.locator("html").evaluate("(all) => getComputedStyle(all).fontSize") == "32px"
    assert page.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_a_table_is_still_a_table_where_its_rows_are_cards(open_guide):
    for size in ("phone", "laptop"):
        page = open_guide(FULL, size)
        table = page.get_by_role("table", name="Actions for 24/7 access")
        named = ["Rank", "Action", "Ambitions", "Chosen by"]
        assert table.get_by_role("columnheader").all_text_contents() == named
        row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="The number on every folder"))
        assert row.get_by_role("cell").all_text_contents() == ["1", "2, 4", "11 of 18 voting, 27 present 11 dots"]
        stacked = table.locator("tbody tr").first.evaluate("(row) => getComputedStyle(row).display") == "grid"
        assert stacked == (size == "phone")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_browser_reads_the_very_words_and_runs_nothing(open_guide, text):
    made = spoilt(text)
    page = open_guide(made)
    told = " ".join(page.evaluate(SHOWN).split())
    assert told == told_by_word(word_of(made))
    assert " ".join(clean(text).split()) in told
    assert page.evaluate("() => document.scripts.length + document.images.length") == 0


def test_the_keyboard_skips_to_the_guide_and_finds_a_section(open_guide):
    page = open_guide(FULL)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the guide")
    assert skip.evaluate("(link) => link === document.activeElement && link.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.localName") == "main"
    page.get_by_role("navigation", name="Contents").get_by_role("link", name="How this was made").press("Enter")
    heading = page.get_by_role("heading", name="How this was made").bounding_box()
    assert 0 <= heading["y"] < SIZES["laptop"][1]


def printed(page, path):
    """Print a page to A4 as a reader would; return what poppler tells of the file."""
    page.pdf(path=path, tagged=True, outline=True, prefer_css_page_size=True)
    tools = shutil.which("pdfinfo"), shutil.which("pdftotext")
    if not all(tools):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("poppler (pdfinfo, pdftotext) is not installed here")
    return [
        subprocess.run(call, capture_output=True, text=True, check=True).stdout
        for call in ([tools[0], path], [tools[1], "-bbox", path, "-"])
    ]


def test_printed_it_is_tagged_a4_with_its_foot_on_every_page_and_no_word_in_the_margin(open_guide, tmp_path):
    page = open_guide(FULL, color_scheme="dark")
    about, boxes = printed(page, tmp_path / "guide.pdf")
    assert re.search(r"Tagged:\s+yes", about)
    assert re.search(r"Page size:.*A4", about)
    pages = re.findall(r'<page width="([\d.]+)".*?>(.*?)</page>', boxes, re.DOTALL)
    assert len(pages) >= 4
    for number, (width, inside) in enumerate(pages, 1):
        words = WORD.findall(inside)
        assert min(float(left) for left, _, _ in words) >= MARGIN - 1
        assert max(float(right) for _, right, _ in words) <= float(width) - MARGIN + 1
        told = " ".join(word for _, _, word in words)
        assert "Northvale Hospice · Draft for local checking · edition 1 · 4 March 2027" in told
        assert str(number) in told.split()


def test_printed_every_word_is_there_and_dark_colours_are_not(open_guide, tmp_path):
    page = open_guide(FULL, color_scheme="dark")
    _, boxes = printed(page, tmp_path / "guide.pdf")
    on_paper = "".join(word for _, _, word in WORD.findall(boxes))
    for text in ("The number on every folder", "How we will know", "none yet", "Does a call back help?"):
        assert "".join(text.split()) in on_paper, text
    assert on_paper.count("weekend") == LONG.text.count("weekend")
    assert "x" * 400 in on_paper
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.locator("main p").first.evaluate("(words) => getComputedStyle(words).color")
    assert ink == "rgb(31, 42, 51)"
