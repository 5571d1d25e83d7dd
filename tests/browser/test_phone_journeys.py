"""What happens to phones in real rooms: reloads, double taps, two tabs, no network, a server that dies."""

import re
import time

import pytest

from tests.browser.playing import expect
from tests.browser.room import (
    Room,
    act,
    card,
    dot,
    join,
    keep,
    live,
    mine,
    opened_on,
    reword,
    send_button,
    write,
)

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
HALF = "Half a thought, and then the tea"


@pytest.fixture
def posting(room: Room) -> Room:
    """A session where people are posting."""
    room.go("post")
    return room


@pytest.fixture
def voting(posting: Room) -> Room:
    """A session where people are voting on two ideas."""
    seat = posting.seat()
    for text in (RING, WALK):
        posting.idea(seat, text)
    posting.go("vote")
    return posting


# Words half written


def test_half_written_words_survive_a_reload_and_changes_of_stage(posting):
    phone = posting.phone()
    phone.locator("#text").fill(HALF)
    phone.reload()
    expect(phone.locator("#text")).to_have_value(HALF)
    for stage in ("vote", "post"):
        posting.go(stage)
        expect(phone.locator(f"#stage[data-stage={stage}]")).to_have_count(1)
        expect(phone.locator("#text")).to_have_value(HALF)
    expect(phone.locator("#text")).to_be_visible()
    phone.reload()
    expect(phone.locator("#text")).to_have_value(HALF)
    assert posting.texts() == []


def test_nobody_takes_the_box_from_under_typing_fingers(posting):
    phone, other = posting.phone(), posting.seat()
    live(phone)
    box = phone.locator("#text").element_handle()
    box.focus()
    for count, word in enumerate(HALF.split(), start=1):
        phone.keyboard.type(f"{word} ")
        posting.idea(other, f"Idea number {count}")
    expect(card(phone, "Idea number")).to_have_count(len(HALF.split()))
    assert box.evaluate("(box) => box === document.activeElement && box.isConnected")
    assert box.evaluate("(box) => [box.value.trim(), box.selectionStart === box.value.length]") == [HALF, True]


def test_new_words_half_written_for_ones_own_card_are_kept_when_the_card_changes(posting):
    phone = posting.phone()
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    words = act(phone, RING, "reword").locator("textarea")
    words.fill(HALF)
    posting.run("hide", contribution=posting.snapshot()["contributions"][0]["id"])
    expect(card(phone, RING)).to_have_count(0)
    expect(words).to_have_value(HALF)
    expect(words).to_be_focused()


# Sending


def test_a_double_tap_sends_once(posting):
    phone = posting.phone()
    phone.locator("#text").fill(RING)
    send_button(phone).dblclick()
    expect(mine(phone, RING)).to_contain_text("Saved")
    expect(mine(phone, RING)).to_have_count(1)
    assert posting.texts() == [RING]


def test_sending_a_draft_leaves_ones_own_ideas_open(posting):
    phone = posting.phone()
    keep(phone, RING)
    mine(phone, RING).get_by_role("button", name="Send it").click()
    expect(card(phone, RING)).to_have_count(1)
    expect(mine(phone, RING)).to_be_visible()


def test_ideas_sent_without_a_network_are_saved_once_when_it_is_back(posting, browsers):
    phone = posting.phone()
    live(phone)
    with browsers.offline(phone):
        expect(phone.locator("#live")).to_contain_text("Offline since")
        for text in (RING, WALK):
            write(phone, text)
            expect(mine(phone, text)).to_contain_text("Waiting for network")
        assert posting.texts() == []
    for text in (RING, WALK):
        expect(mine(phone, text)).to_contain_text("Saved")
        expect(mine(phone, text)).to_have_count(1)
    live(phone)
    assert posting.texts() == [RING, WALK]


def test_an_idea_that_is_not_saved_yet_survives_a_reload(posting, browsers):
    phone = posting.phone()
    browsers.block_sockets(phone)
    phone.route("**/commands*", lambda route: route.abort())
    phone.reload()
    write(phone, RING)
    for _ in range(2):
        expect(mine(phone, RING)).to_contain_text("Waiting for network")
        phone.reload()
    phone.unroute("**/commands*")
    phone.reload()
    expect(mine(phone, RING)).to_contain_text("Saved")
    expect(mine(phone, RING)).to_have_count(1)
    assert posting.texts() == [RING]


def test_new_words_that_are_refused_keep_their_text_and_go_back_where_they_were_written(posting):
    phone, too_long = posting.phone(), f"{WALK} " + "and again " * 200
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    reword(phone, RING, too_long)
    refused = mine(phone, WALK)
    expect(refused).to_contain_text("Needs a small change")
    phone.reload()
    expect(refused).to_contain_text("Needs a small change")
    expect(refused).to_be_visible()
    refused.get_by_role("button", name="Try again").click()
    words = act(phone, RING, "reword").locator("textarea")
    expect(words).to_have_value(too_long)
    expect(words).to_be_focused()
    reword(phone, RING, WALK)
    expect(mine(phone, WALK)).to_contain_text("Saved")
    expect(phone.locator("#my-cards > li")).to_have_count(1)
    assert posting.texts() == [WALK]


def test_an_idea_that_cannot_be_taken_keeps_its_words_and_says_why(posting, browsers):
    seat = posting.seat()
    phone = posting.phone(seat=seat)
    live(phone)
    with browsers.offline(phone):
        write(phone, RING)
        expect(mine(phone, RING)).to_contain_text("Waiting for network (1)")
        assert posting.send(seat, "leave")["status"] == "applied"
    expect(mine(phone, RING)).to_contain_text("Not sent. You have left this session")
    expect(mine(phone, RING)).not_to_contain_text("Needs a small change")
    mine(phone, RING).get_by_role("button", name="Remove").click()
    expect(mine(phone, RING)).to_have_count(0)
    phone.reload()
    expect(mine(phone, RING)).to_have_count(0)
    assert posting.texts() == []


# Choosing


def test_a_dot_is_set_and_taken_back_and_does_not_flicker(voting):
    phone = voting.phone()
    live(phone)
    for left, pressed in (("2", "true"), ("3", "false"), ("2", "true")):
        states = states_of(dot(phone, RING))
        dot(phone, RING).click()
        expect(phone.locator("#my-budget")).to_contain_text(f"{left} of 3 left")
        assert states.evaluate("(states) => states") == [pressed]
    phone.reload()
    expect(dot(phone, RING)).to_have_attribute("aria-pressed", "true")
    expect(dot(phone, WALK)).to_have_attribute("aria-pressed", "false")


def test_a_dot_set_without_sockets_does_not_flicker(voting, browsers):
    phone = voting.browsers.open(voting.server.address)
    browsers.block_sockets(phone)
    join(phone, voting.code)
    states = states_of(dot(phone, RING))
    dot(phone, RING).click()
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    assert states.evaluate("(states) => states") == ["true"]


def states_of(button):
    """What a button says of itself from now on, each change once."""
    return button.evaluate_handle(
        """(button) => {
             const states = [], say = () => {
               const state = button.getAttribute("aria-pressed");
               if (state !== (states.at(-1) ?? before)) states.push(state);
             }, before = button.getAttribute("aria-pressed");
             new MutationObserver(say).observe(button, {attributeFilter: ["aria-pressed"]});
             return states;
           }"""
    )


# Two tabs, and the way back


def test_two_tabs_of_one_phone_are_one_seat(posting):
    one = posting.phone()
    two = one.context.new_page()
    two.goto(f"/s/{posting.code}")
    for tab, text in ((one, RING), (two, WALK)):
        write(tab, text)
    for tab in (one, two):
        for text in (RING, WALK):
            expect(mine(tab, text)).to_contain_text("Saved")
            expect(mine(tab, text)).to_have_count(1)
    posting.go("vote")
    dot(one, RING).click()
    expect(dot(two, RING)).to_have_attribute("aria-pressed", "true")
    dot(two, RING).click()
    expect(dot(one, RING)).to_have_attribute("aria-pressed", "false")
    assert posting.texts() == [RING, WALK]
    assert posting.people() == 1


def test_the_back_button_leads_to_ones_seat_again(posting):
    phone = posting.phone()
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    phone.go_back()
    phone.reload()
    phone.get_by_role("button", name="Go back to your seat").click()
    expect(mine(phone, RING)).to_have_count(1)
    phone.go_back()
    phone.go_forward()
    expect(mine(phone, RING)).to_have_count(1)
    posting.idea(posting.seat(), WALK)
    expect(card(phone, WALK)).to_have_count(1)
    assert posting.people() == 2


# What stands between phone and server


def test_with_sockets_blocked_phones_post_and_look_by_themselves(posting, browsers):
    phone = posting.browsers.open(posting.server.address)
    browsers.block_sockets(phone)
    join(phone, posting.code)
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    posting.idea(posting.seat(), WALK)
    expect(card(phone, WALK)).to_have_count(1)
    live(phone)
    assert posting.texts() == [RING, WALK]


def test_with_websockets_blocked_long_polling_carries_the_news(posting, browsers):
    phone = posting.browsers.open(posting.server.address)
    browsers.block_websockets(phone)
    looks: list[str] = []
    phone.on("request", lambda request: looks.append(request.url) if "/changes?" in request.url else None)
    with phone.expect_response(re.compile("transport=polling.*sid=")):
        join(phone, posting.code)
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    phone.wait_for_timeout(500)
    looks.clear()
    seat = posting.seat()
    for number in range(3):
        posting.idea(seat, f"{WALK} {number}")
        expect(card(phone, f"{WALK} {number}")).to_have_count(1)
    assert looks == []


def test_a_server_that_dies_and_comes_back_has_everything_once(own_server, browsers, record_property):
    room = Room(own_server, browsers, opened_on(own_server))
    room.go("post")
    phones = [room.phone() for _ in range(2)]
    screen = room.screen()
    for page in (*phones, screen):
        live(page)
    browsers.cut(*phones, screen)
    for number, phone in enumerate(phones):
        write(phone, f"Before {number}")
        expect(mine(phone, f"Before {number}")).to_contain_text("Saved")
    own_server.kill()
    for number, phone in enumerate(phones):
        write(phone, f"Meanwhile {number}")
        expect(mine(phone, f"Meanwhile {number}")).to_contain_text("Waiting for network")
        expect(phone.locator("#live")).to_contain_text("Offline since")
    phones[0].locator("#text").fill(HALF)
    own_server.start()
    back = time.monotonic()
    for number, phone in enumerate(phones):
        expect(mine(phone, f"Meanwhile {number}")).to_contain_text("Saved", timeout=15_000)
        expect(phone.locator("#live")).to_have_text("Live")
    record_property("phones are live again after a restart", f"{time.monotonic() - back:.1f} s")
    everything = [f"{when} {number}" for when in ("Before", "Meanwhile") for number in range(2)]
    for text in everything:
        for page in (*phones, screen):
            expect(card(page, text)).to_have_count(1)
    expect(phones[0].locator("#text")).to_have_value(HALF)
    assert room.texts() == everything


def test_a_choice_that_comes_after_the_close_is_said_not_to_count_for_now(voting):
    seat = voting.seat()
    phone = voting.phone(seat=seat)
    live(phone)
    voting.run("close_stage", seconds=0)
    expect(phone.locator("#stage").get_by_text("This part has closed")).to_be_visible()
    if dot(phone, RING).is_visible() and dot(phone, RING).is_enabled():
        dot(phone, RING).click()
        expect(phone.locator("#my-budget")).to_contain_text("One choice arrived after voting had closed")
        expect(dot(phone, RING)).to_have_attribute("aria-pressed", "false")
    expect(phone.locator("#my-budget")).to_contain_text("3 of 3 left")
