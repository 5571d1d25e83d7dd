"""By a name over plain http, as phones in a room come: not a secure context, so half of the web is not there."""

import pytest

from tests.browser.playing import expect
from tests.browser.room import Room, card, dot, live, mine, next_step, opened_on, write

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"


@pytest.fixture
def room(named_server, browsers) -> Room:
    return Room(named_server, browsers, opened_on(named_server))


def test_post_and_vote_by_a_name_over_plain_http(room):
    console, screen, phone = room.console(), room.screen(), room.phone()
    for page in (console, screen, phone):
        assert page.evaluate("() => window.isSecureContext") is False
        assert page.evaluate("() => [typeof crypto.randomUUID, typeof navigator.serviceWorker]") == ["undefined"] * 2
        live(page)
    expect(screen.locator("#stage")).to_contain_text(room.server.address.removeprefix("http://"))
    room.go("post")
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    expect(card(screen, RING)).to_have_count(1)
    room.go("vote")
    dot(phone, RING).click()
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    next_step(console).click()
    for page in (console, screen, phone):
        expect(page.locator("#result tbody tr")).to_have_count(1)


def test_an_unsaved_idea_is_kept_there_too(room, browsers):
    room.go("post")
    phone = room.phone()
    browsers.block_sockets(phone)
    phone.route("**/commands*", lambda route: route.abort())
    phone.reload()
    write(phone, WALK)
    expect(mine(phone, WALK)).to_contain_text("Waiting for network")
    phone.reload()
    expect(mine(phone, WALK)).to_contain_text("Waiting for network")
    phone.unroute("**/commands*")
    phone.reload()
    expect(mine(phone, WALK)).to_contain_text("Saved")
    assert room.texts() == [WALK]


def test_words_can_be_copied_there_though_the_web_has_no_clipboard_for_such_pages(room, browsers):
    room.go("post")
    seat = room.seat()
    phone = room.phone(seat=seat)
    live(phone)
    assert phone.evaluate("() => typeof navigator.clipboard") == "undefined"
    with browsers.offline(phone):
        write(phone, RING)
        expect(mine(phone, RING)).to_contain_text("Waiting for network")
        room.send(seat, "leave")
    expect(mine(phone, RING)).to_contain_text("Not sent.")
    mine(phone, RING).get_by_role("button", name="Copy").click()
    expect(mine(phone, RING).get_by_role("button", name="Copied")).to_be_focused()
    box = phone.locator("#text")
    box.focus()
    phone.keyboard.press("ControlOrMeta+v")
    expect(box).to_have_value(RING)


def test_the_front_door_leads_in_by_the_code(room, browsers):
    phone = browsers.open(room.server.address)
    phone.goto("/")
    phone.locator("#code").fill(f"{room.code[:3].lower()} {room.code[3:].lower()}")
    phone.get_by_role("button", name="Join", exact=True).click()
    phone.wait_for_url(f"**/j/{room.code}")
    phone.get_by_role("button", name="Join", exact=True).click()
    phone.wait_for_url(f"**/s/{room.code}")
    live(phone)
