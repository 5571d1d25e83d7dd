"""Axe finds nothing on any page, at any stage, in any view."""

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import STAGES, Room, join, live, opened_on
from tests.browser.stock import stocked
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def filled(server) -> tuple[Room, str]:
    """One full session for all looks at it, and a seat in it."""
    return stocked(Room(server, None, opened_on(server)))


def resized(page, size: str):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_timeout(100)
    return page


@pytest.mark.parametrize("stage", STAGES)
def test_every_view_at_every_stage(filled, browsers, stage):
    room, seat = Room(filled[0].server, browsers, filled[0].opened), filled[1]
    room.go(stage)
    found = []
    screen = room.screen("wall")
    live(screen)
    found += violations(screen) + violations(resized(screen, "beamer"))
    console = room.console("laptop")
    live(console)
    found += violations(console)
    resized(console, "phone")
    for tab in ("#agenda", "#ideas", "#room"):
        console.locator(f"nav a[href='{tab}']").click()
        found += violations(console)
    phone = room.phone(seat=seat)
    live(phone)
    found += violations(phone)
    assert found == []


def test_a_dark_phone_and_console(filled, browsers):
    room = Room(filled[0].server, browsers, filled[0].opened)
    room.go("vote")
    found = []
    for page in (room.phone(seat=filled[1], color_scheme="dark"), room.console(color_scheme="dark")):
        live(page)
        found += violations(page)
    assert found == []


def test_the_set_up_page(fresh_server, browsers):
    page = browsers.open(fresh_server.address)
    page.goto(fresh_server.set_up_link)
    found = violations(page)
    page.locator("#organisation").fill("")
    page.locator("#passphrase").fill("short")
    page.locator("form").get_by_role("button").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    found += violations(page)
    browsers.allow(page, 503)
    page.goto("/")
    assert found + violations(page) == []


def test_the_public_pages(room, browsers):
    page = browsers.open(room.server.address)
    browsers.allow(page, 403, 404)
    found = []
    for path in (
        "/",
        "/?code=",
        f"/j/{room.code}",
        "/sign-in",
        f"/in/{room.opened.facilitator_link}",
        "/in/x",
        "/j/NONE",
    ):
        page.goto(path)
        found += violations(page)
    page.goto("/sign-in")
    page.locator("#organisation").fill("Nobody")
    page.locator("#passphrase").fill("not the passphrase")
    page.locator("form").get_by_role("button").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    found += violations(page)
    join(page, room.code)
    page.goto(f"/j/{room.code}")
    assert found + violations(page) == []


def test_the_facilitators_pages(room, browsers):
    page = browsers.open(room.server.address, "laptop", {"staff": room.opened.facilitator_token})
    page.goto("/cafes")
    found = violations(page)
    page.locator("main h2 a").first.click()
    found += violations(page)
    cafe = page.url
    page.get_by_role("link", name="Change this").click()
    page.locator("#keep_until-day").fill("99")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    found += violations(page) + violations(resized(page, "phone"))
    page.get_by_role("link", name="Delete this café now").click()
    page.get_by_role("button", name="Delete it for good").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    found += violations(page)
    page.goto(cafe)
    page.get_by_role("link", name="Close the café").click()
    found += violations(page)
    page.goto("/cafes/new")
    found += violations(page)
    page.locator("#title").fill("")
    page.locator("[name=when][value=later]").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    found += violations(page) + violations(resized(page, "phone"))
    page.locator("[name=foundation][value=co-design]").check()
    page.locator("#title").fill("A café for later")
    page.locator("[name=when][value=later]").click()
    page.wait_for_url("**/console/*")
    found += violations(page)
    waiting = browsers.open(room.server.address)
    waiting.goto(f"/j/{page.url.rpartition('/')[2]}")
    assert found + violations(waiting) == []
