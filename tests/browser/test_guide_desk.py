"""The guide desk in a real browser: two editors on one line, everything by keyboard, axe, and every size."""

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser
STICKS_OUT = "() => document.scrollingElement.scrollWidth - innerWidth"
SAID = "Ring every new carer in the first week, because that is when they feel most alone with it all."
LINES = (SAID, "One number on every folder.", "A rota on the fridge, so that everybody knows who comes when.")


def editor(room: Room, size: str = "laptop", **options):
    """A browser at the desk of the café's guide."""
    page = room.browsers.open(room.server.address, size, {"staff": room.opened.facilitator_token}, **options)
    page.goto(f"/console/{room.code}")
    cafe = page.locator("a[href^='/cafes/']").first.get_attribute("href")
    page.goto(f"{cafe}/guide")
    return page


def chapter(room: Room, size: str = "laptop", **options):
    """A browser at the desk of its chapter."""
    page = editor(room, size, **options)
    page.get_by_role("link", name="Co-design").last.click()
    return page


def line(page, words: str):
    return page.locator("li.entry").filter(has_text=words).first


def reword(page, said: str, words: str) -> None:
    line(page, said).get_by_text("Reword", exact=True).click()
    box = line(page, said).get_by_label("Words in the guide")
    box.fill(words)


@pytest.fixture
def told(room) -> Room:
    room.go("post")
    seat = room.seat()
    for words in LINES:
        room.idea(seat, words, kind="action")
    room.idea(seat, "We tried a phone tree in 2023, and nobody answered.", kind="concern")
    room.idea(seat, "Our Sunday pharmacist.", kind="example", share="team")
    return room


def test_two_editors_in_two_tabs_write_on_the_same_line(told):
    one, other = chapter(told), chapter(told)
    reword(one, SAID, "Ring every new carer within a week.")
    reword(other, SAID, "Ring carers early.")
    one.get_by_role("button", name="Save").last.locator("visible=true").click()
    expect(one.get_by_role("status")).to_contain_text("Saved")
    other.get_by_role("button", name="Save").last.locator("visible=true").click()
    expect(other.get_by_role("status")).to_contain_text("Both versions are kept")
    found = line(other, "within a week")
    expect(found).to_contain_text("Ring carers early.")
    expect(found).to_contain_text(SAID)
    found.get_by_role("listitem").filter(has_text="Ring carers early.").get_by_role("button").click()
    expect(other.get_by_role("status")).to_contain_text("This version is used now")
    one.reload()
    expect(line(one, SAID).locator("> .words")).to_have_text("Ring carers early.")


def test_the_desk_by_keyboard_alone(told):
    page = chapter(told)
    third = line(page, LINES[2])
    third.get_by_role("button", name="Up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#list-also_said li.entry, #list-actions li.entry").nth(1)).to_contain_text(LINES[2])
    expect(page.locator(":focus")).to_have_text("Up")
    page.keyboard.press("Enter")
    expect(page.locator("#list-also_said li.entry, #list-actions li.entry").nth(0)).to_contain_text(LINES[2])
    line(page, SAID).locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("Ring early.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("li.entry:focus")).to_contain_text("Ring early.")
    expect(page.locator("li.entry:focus").get_by_role("status")).to_contain_text("Saved")


def test_only_one_box_is_open_at_a_time(told):
    page = chapter(told)
    for words in LINES[:2]:
        line(page, words).get_by_text("Reword", exact=True).click()
    expect(page.get_by_label("Words in the guide").locator("visible=true")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(told, scheme):
    one, page = chapter(told), chapter(told, color_scheme=scheme)
    reword(one, SAID, "Ring every new carer within a week.")
    reword(page, SAID, "Ring carers early.")
    for each in (one, page):
        each.get_by_role("button", name="Save").last.locator("visible=true").click()
    line(page, LINES[1]).get_by_role("button", name="Leave out").click()
    found = []
    for path in (page.url, page.url.partition("/chapters")[0], "/guides"):
        page.goto(path)
        for width in (*(SIZES[size][0] for size in ("laptop", "beamer", "phone")), 320):
            page.set_viewport_size({"width": width, "height": 640})
            assert page.evaluate(STICKS_OUT) <= 0, path
        found += violations(page)
    assert found == []
