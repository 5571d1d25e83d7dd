"""Everything people need, in browsers that run no script: plain pages and plain forms."""

import re

import pytest

from tests.browser.playing import expect
from tests.browser.room import Room, act, alert, card, choose, dot, mine, more, next_step, send_button, unfold, write

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
PLAIN = {"java_script_enabled": False}


@pytest.fixture
def posting(room: Room) -> Room:
    """A session where people are posting."""
    room.go("post")
    return room


def the_only_idea(room: Room) -> dict:
    (idea,) = room.snapshot()["contributions"]
    return idea


def test_join_post_reword_choose_how_far_and_take_back(posting):
    phone = posting.phone(**PLAIN)
    choose(phone, "#write", "kind", "concern")
    choose(phone, "#write", "share", "team")
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    assert (the_only_idea(posting)["kind"], the_only_idea(posting)["share"]) == ("concern", "team")
    act(phone, RING, "reword").locator("textarea").fill(WALK)
    act(phone, RING, "reword").get_by_role("button").click()
    expect(mine(phone, WALK)).to_contain_text("Saved")
    act(phone, WALK, "set_sharing").locator("select").select_option("room")
    act(phone, WALK, "set_sharing").get_by_role("button").click()
    expect(mine(phone, WALK)).to_contain_text("Only here today")
    assert (the_only_idea(posting)["text"], the_only_idea(posting)["share"]) == (WALK, "room")
    act(phone, WALK, "withdraw").get_by_role("button").click()
    expect(mine(phone, WALK)).to_have_count(0)
    assert (the_only_idea(posting)["text"], the_only_idea(posting)["state"]) == (None, "withdrawn")


def test_a_draft_is_kept_and_sent(posting):
    phone = posting.phone(**PLAIN)
    choose(phone, "#write", "draft", "true")
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Only you can see it")
    assert posting.texts() == []
    mine(phone, RING).get_by_role("button", name="Send it").click()
    expect(mine(phone, RING)).not_to_contain_text("draft")
    assert posting.texts() == [RING]


def test_see_the_board_vote_take_back_and_see_the_result(posting):
    seat = posting.seat()
    for text in (RING, WALK):
        posting.idea(seat, text)
    phone = posting.phone(**PLAIN)
    unfold(phone.locator("#board details"))
    expect(card(phone, RING)).to_be_visible()
    posting.go("vote")
    phone.reload()
    for text in (RING, WALK):
        dot(phone, text).click()
    expect(phone.locator("#my-budget")).to_contain_text("1 of 3 left")
    phone.locator("#my-votes").get_by_role("button", name="Take it back").first.click()
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    posting.go("reveal")
    phone.reload()
    expect(phone.locator("#result tbody tr")).to_have_count(1)


def test_a_dot_too_many_is_refused_kindly(posting):
    seat = posting.seat()
    for number in range(4):
        posting.idea(seat, f"{RING} {number}")
    phone = posting.phone(**PLAIN)
    posting.go("vote")
    phone.reload()
    for number in range(4):
        dot(phone, f"{RING} {number}").click()
    expect(alert(phone)).to_have_text("You have used all your dots. Take one back to move it.")
    expect(phone.locator("#my-budget")).to_contain_text("0 of 3 left")


def test_the_same_form_sent_twice_makes_one_contribution(posting):
    phone = posting.phone(**PLAIN)
    phone.locator("#text").fill(RING)
    send_button(phone).dblclick()
    expect(mine(phone, RING)).to_contain_text("Saved")
    assert posting.texts() == [RING]


def test_going_back_and_sending_the_form_again_makes_one_contribution(posting):
    phone = posting.phone(**PLAIN)
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    phone.go_back()
    if phone.locator("#write").count() and phone.locator("#text").input_value():
        send_button(phone).click()
        phone.goto(f"/s/{posting.code}")
    assert posting.texts() == [RING]


def test_what_is_refused_comes_back_with_its_words(posting):
    phone = posting.phone(**PLAIN)
    choose(phone, "#write", "kind", "question")
    phone.locator("#text").fill(RING)
    posting.go("vote")
    send_button(phone).click()
    expect(alert(phone)).to_be_visible()
    expect(phone.locator("#text")).to_have_value(RING)
    expect(phone.locator("[name=kind][value=question]")).to_be_checked()
    posting.go("post")
    phone.reload()  # which sends the same form once more
    expect(mine(phone, RING)).to_contain_text("Saved")
    assert posting.texts() == [RING]


def test_leave_and_come_back_to_a_new_seat(posting):
    phone = posting.phone(**PLAIN)
    write(phone, RING)
    unfold(phone.locator("details").filter(has=phone.locator("[value=leave]")))
    phone.get_by_role("button", name="Leave this session").click()
    expect(phone).to_have_url(re.compile("/j/"))
    phone.get_by_role("button", name="Join", exact=True).click()
    expect(phone.locator("#stage")).to_be_visible()
    expect(mine(phone, RING)).to_have_count(0)
    assert posting.texts() == [RING]


def test_the_facilitator_leads_hides_and_shows(room):
    console = room.console(**PLAIN)
    next_step(console).click()
    expect(console.locator("#stage[data-stage=post]")).to_be_visible()
    room.idea(room.seat(), RING)
    console.reload()
    card(console, RING).get_by_role("button", name="Hide", exact=True).click()
    expect(card(console, RING)).to_contain_text("Hidden")
    assert the_only_idea(room)["state"] == "hidden"
    more(console, RING).get_by_role("button", name="Show again").click()
    expect(card(console, RING).get_by_role("button", name="Hide", exact=True)).to_be_visible()
    assert the_only_idea(room)["state"] == "shown"
    for stage in ("vote", "reveal", "close"):
        next_step(console).click()
        expect(console.locator(f"#stage[data-stage={stage}]")).to_be_visible()
    console.locator("button[form=go][value=post]").click()
    expect(console.locator("#stage[data-stage=post]")).to_be_visible()


def test_the_screen_shows_everything(room):
    room.go("post")
    for number in range(30):
        room.idea(room.seat(), f"{RING} {number}")
    screen = room.screen(**PLAIN)
    expect(card(screen, RING)).to_have_count(30)
    card(screen, f"{RING} 29").scroll_into_view_if_needed()
    expect(card(screen, f"{RING} 29")).to_be_in_viewport(ratio=0.99)
