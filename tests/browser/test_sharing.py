"""Sharing back in a browser: looked at, understood, made with one button, by keyboard alone."""

import zipfile

import pytest
from sqlalchemy import update

from sessions.harvest.models import Entry
from sessions.store import Store
from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, opened_on
from tests.browser.test_keyboard import tab_to
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser

NAMED = "Mrs Unmistakable rings the ward"


@pytest.fixture
def shared(server, browsers) -> Room:
    """A room in which something goes to the team, something stays, and a step may say who someone is."""
    room = Room(server, browsers, opened_on(server, "together"))
    seat = room.seat()
    ideas = [room.idea(seat, f"Ring every new carer {place}", share="team") for place in ("early", "at once")]
    room.idea(seat, "A second bell at the side door")
    room.run("merge", contributions=ideas, title="A ring for carers", share="team")
    room.run("agree_step", what=NAMED, share="team", lead="The ward", by_when="May")
    return room


def test_the_preview_at_every_size(shared):
    page = at_the_preview(shared)
    found = []
    for width, height in (*SIZES.values(), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found += violations(page)
    page.locator("summary").click()
    assert found + violations(page) == []


def test_one_looks_says_so_and_makes_the_file_by_keyboard(shared):
    page = at_the_preview(shared)
    expect(page.get_by_text("A ring for carers")).to_be_visible()
    expect(page.get_by_text("A second bell")).to_have_count(0)
    page.locator("[name=looked]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Release to the project team here")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Make the bundle")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    with zipfile.ZipFile(download.value.path()) as file:
        assert "A second bell" not in file.read("bundle.json").decode()
        assert "A ring for carers" in file.read("bundle.json").decode()
    page.reload()
    expect(page.locator(".editions")).to_contain_text("Edition 1")


def test_a_host_releases_by_keyboard_and_sees_what_became_of_it_at_every_size(shared):
    page = at_the_preview(shared)
    tab_to(page, page.locator("[name=for_research]"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("#credit"))
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Heron Hill Hospice, Northvale")
    tab_to(page, page.locator("[name=looked]"))
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#released")).to_contain_text("Credited as “Heron Hill Hospice, Northvale”.")
    found = violations(page)
    shortlisted(shared, "A ring for carers")
    page.get_by_role("link", name="What the team has used of it").press("Enter")
    expect(page.locator("[aria-labelledby=shortlisted]")).to_contain_text("A ring for carers")
    for width, height in (*SIZES.values(), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found += violations(page)
    assert found == []


def shortlisted(room: Room, words: str) -> None:
    """Have the project team put something on its shortlist."""
    store = Store(room.server.database)
    with store.unit_of_work() as db:
        db.execute(update(Entry).where(Entry.text == words).values(state="shortlisted"))
    store.close()


def test_a_guide_is_handed_out_at_the_desk(shared):
    page = at_the_preview(shared)
    page.goto(page.url.replace("/cafes/", "/guides/").removesuffix("/share"))
    page.get_by_role("button", name="Hand out as edition 1").click()
    expect(page.locator("#editions")).to_contain_text("This is edition 1, handed out on")
    assert violations(page) == []


def at_the_preview(room: Room):
    console = room.console("laptop")
    console.goto(f"{room.server.address}/cafes")
    console.locator("main h2 a[href^='/cafes/']").first.click()
    console.get_by_role("link", name="Share with the project team").click()
    expect(console.get_by_role("heading", name="Share with the project team")).to_be_visible()
    return console
