"""Phones sleep, are put away and looked at again, have two tabs and go back: at once they show what is."""

import time

import pytest

from tests.browser.conftest import ALONE, chromium
from tests.browser.keeping import until_kept
from tests.browser.playing import expect
from tests.browser.room import Room, card, dot, join, live, mine, opened_on, share, write
from tests.browser.watching import Browsers

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
HALF = "Half a thought, and then the tea"
SILENT_SOCKETS = """
// A socket that seems to be there while nothing comes through it any more, as after a sleep.
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) { if (!window.asleep) send.call(this, data); };
addEventListener("sleep", () => { window.asleep = true; });
const listen = WebSocket.prototype.addEventListener;
for (const socket of [WebSocket.prototype]) Object.defineProperty(socket, "onmessage", {
  set(hear) { listen.call(this, "message", (event) => window.asleep || hear.call(this, event)); },
});
"""


@pytest.fixture
def posting(room: Room) -> Room:
    """A session where people are posting."""
    room.go("post")
    return room


@pytest.fixture
def going_back(playwright, server):
    """A session where people are posting, and a browser that keeps pages for the way back, as people's phones do."""
    browser = playwright.chromium.launch(
        executable_path=chromium(), args=list(ALONE), ignore_default_args=["--disable-back-forward-cache"]
    )
    browsers = Browsers(browser.new_context)
    room = Room(server, browsers, opened_on(server))
    room.go("post")
    yield room
    assert browsers.faults == []
    browser.close()


def asleep(page):
    """Freeze a page as a phone does that is put away; returns what wakes it again."""
    life = page.context.new_cdp_session(page)
    life.send("Page.setWebLifecycleState", {"state": "frozen"})
    return lambda: life.send("Page.setWebLifecycleState", {"state": "active"})


def test_after_sleep_a_phone_shows_what_happened_meanwhile(posting):
    phone = posting.phone()
    live(phone)
    phone.locator("#text").fill(HALF)
    wake = asleep(phone)
    posting.idea(posting.seat(), RING)
    posting.go("vote")
    wake()
    expect(phone.locator("#stage[data-stage=vote]")).to_have_count(1)
    expect(card(phone, RING)).to_have_count(1)
    expect(phone.locator("#text")).to_have_value(HALF)


def test_a_socket_that_died_in_its_sleep_is_made_anew_without_waiting_for_time_outs(posting, record_property):
    phone = posting.phone()
    phone.context.add_init_script(SILENT_SOCKETS)
    phone.reload()
    live(phone)
    phone.evaluate("() => dispatchEvent(new Event('sleep'))")
    posting.idea(posting.seat(), RING)
    woken = time.monotonic()
    phone.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(card(phone, RING)).to_have_count(1)
    record_property("caught up after waking", f"{time.monotonic() - woken:.1f} s")
    with phone.expect_websocket():
        phone.evaluate("() => { window.asleep = false; }")
    live(phone)
    posting.idea(posting.seat(), WALK)
    expect(card(phone, WALK)).to_have_count(1)


def test_a_tap_looks_again(posting, browsers):
    phone = posting.phone()
    browsers.block_sockets(phone)
    phone.reload()
    live(phone)
    posting.idea(posting.seat(), RING)
    phone.get_by_role("button", name="Look again").click()
    expect(card(phone, RING)).to_have_count(1)
    live(phone)


def test_a_page_kept_for_the_way_back_wakes_up_live(going_back):
    phone = going_back.phone()
    live(phone)
    phone.locator("#text").fill(HALF)
    phone.evaluate("() => addEventListener('pageshow', (shown) => { window.wasKept = shown.persisted; })")
    phone.goto(f"/j/{going_back.code}")
    going_back.idea(going_back.seat(), RING)
    phone.evaluate("() => { setTimeout(() => history.back()); }")  # whose answer is not lost with the page
    phone.wait_for_url(f"**/s/{going_back.code}", wait_until="commit")
    phone.wait_for_function("() => window.wasKept")
    expect(card(phone, RING)).to_have_count(1)
    expect(phone.locator("#text")).to_have_value(HALF)
    live(phone)
    write(phone, WALK)
    expect(mine(phone, WALK)).to_contain_text("Saved")
    going_back.idea(going_back.seat(), "And news comes by the socket")
    expect(card(phone, "And news comes by the socket")).to_have_count(1)
    assert WALK in going_back.texts()


def test_the_way_back_without_such_a_page_brings_half_written_words_too(posting):
    phone = posting.phone()
    live(phone)
    phone.locator("#text").fill(HALF)
    until_kept(phone, HALF)
    phone.goto(f"/j/{posting.code}")
    posting.idea(posting.seat(), RING)
    phone.go_back()
    expect(phone.locator("#text")).to_have_value(HALF)
    expect(card(phone, RING)).to_have_count(1)
    phone.goto(f"/j/{posting.code}")
    phone.get_by_role("button", name="Go back to your seat").click()
    expect(phone.locator("#text")).to_have_value(HALF)


@pytest.mark.parametrize("kept_whole", [True, False])
def test_nobody_goes_back_to_the_seat_of_the_one_before(going_back, kept_whole):
    phone = going_back.phone()
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    seat = phone.evaluate("() => document.body.dataset.seat")
    if not kept_whole:
        phone.evaluate("() => { navigator.locks?.request('held', () => new Promise(() => {})); }")
    phone.locator(".moment > summary").click()
    with phone.expect_navigation():
        phone.get_by_role("button", name="Someone else is using this phone").click()
    live(phone)
    phone.evaluate("() => { setTimeout(() => history.back()); }")  # whose answer is not lost with the page
    phone.wait_for_function("(seat) => document.body.dataset.seat !== seat", arg=seat)
    live(phone)
    expect(phone.locator("#my-cards > li")).to_have_count(0)


def test_what_one_tab_could_not_send_the_other_does_and_neither_shows_it_waiting(posting, browsers):
    one = posting.phone()
    two = one.context.new_page()
    two.goto(f"/s/{posting.code}")
    browsers.cut(one)
    live(one)
    one.route("**/commands*", lambda route: route.abort())
    one.evaluate("() => { WebSocket.prototype.send = () => {}; }")  # its socket carries nothing any more
    write(one, RING)
    for tab in (one, two):
        expect(mine(tab, RING)).to_contain_text("Saved")
        expect(mine(tab, RING)).to_have_count(1)
    assert posting.texts() == [RING]


def test_half_written_words_of_two_tabs_do_not_take_each_others_place(posting):
    one = posting.phone()
    two = one.context.new_page()
    two.goto(f"/s/{posting.code}")
    one.locator("#text").fill(HALF)
    until_kept(one, HALF)
    two.locator("#text").fill(WALK)
    until_kept(two, WALK)
    for tab, words in ((one, HALF), (two, WALK)):
        tab.reload()
        expect(tab.locator("#text")).to_have_value(words)


def test_a_tab_of_someone_elses_seat_is_not_left_open(posting):
    one = posting.phone()
    write(one, RING)
    expect(mine(one, RING)).to_contain_text("Saved")
    two = one.context.new_page()
    two.goto(f"/s/{posting.code}")
    expect(mine(two, RING)).to_have_count(1)
    one.locator(".moment > summary").click()
    with two.expect_navigation():
        one.get_by_role("button", name="Someone else is using this phone").click()
    expect(one.locator("#my-cards > li")).to_have_count(0)
    expect(two.locator("#my-cards > li")).to_have_count(0)


def test_changes_without_words_say_that_they_wait(posting, browsers):
    phone = posting.phone()
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    posting.go("vote")
    expect(dot(phone, RING)).to_be_visible()
    with browsers.offline(phone):
        dot(phone, RING).click()
        expect(dot(phone, RING)).to_have_attribute("aria-pressed", "true")
        expect(phone.locator("#my-budget")).to_contain_text("Waiting for network (1)")
        share(phone, RING, "team")
        expect(mine(phone, RING)).to_contain_text("Waiting for network (2)")
    expect(mine(phone, RING)).to_contain_text("Also to the project team")
    expect(phone.get_by_text("Waiting for network")).to_have_count(0)
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    expect(dot(phone, RING)).to_have_attribute("aria-pressed", "true")


def test_an_unanswered_socket_is_not_waited_for_twice(posting, browsers, record_property):
    phone = browsers.open(posting.server.address)
    phone.context.add_init_script(SILENT_SOCKETS)
    join(phone, posting.code)
    live(phone)
    phone.evaluate("() => dispatchEvent(new Event('sleep'))")
    asked = []
    phone.on("request", lambda request: asked.append(time.monotonic()) if "/commands" in request.url else None)
    for text in (RING, WALK):
        started = time.monotonic()
        write(phone, text)
        expect(mine(phone, text)).to_contain_text("Saved")
        record_property(f"saved by POST ({text[:4]})", f"{time.monotonic() - started:.1f} s")
    assert len(asked) == 2
    assert posting.texts() == [RING, WALK]


def test_a_server_that_says_it_restarts_is_waited_for_and_not_called_offline(own_server, browsers):
    room = Room(own_server, browsers, opened_on(own_server))
    room.go("post")
    phone = room.phone()
    live(phone)
    browsers.cut(phone)
    own_server.stop()
    expect(phone.locator("#live")).to_have_text("Catching up")
    own_server.start()
    expect(phone.locator("#live")).to_have_text("Live", timeout=30_000)
    room.idea(room.seat(), RING)
    expect(card(phone, RING)).to_have_count(1)
