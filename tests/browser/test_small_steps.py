"""The top of the result becomes small steps: written on the console, seen at once elsewhere, told of by a link."""

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, alert, live

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"


@pytest.fixture
def agreeing(room: Room) -> Room:
    room.go("post")
    seat = room.seat()
    ideas = [room.idea(seat, text, ambitions=[2]) for text in (RING, WALK)]
    room.go("vote")
    room.vote(seat, *ideas)
    room.go("agree")
    return room


def box(console):
    return console.locator("#agreeing")


def line(console, label: str):
    return box(console).get_by_label(label)


def make(console, idea: str) -> None:
    row = console.locator("#steps .first li", has_text=idea)
    row.get_by_role("button", name="Make this a small step").press("Enter")
    expect(box(console)).to_be_visible()


def steps(console):
    return console.locator("#steps .step")


def test_what_came_first_becomes_a_small_step_by_keyboard_and_the_colleague_sees_it(agreeing):
    one, two = agreeing.console(), agreeing.console()
    for page in (one, two):
        live(page)
    expect(one.locator("#steps .first .level")).to_have_count(2)
    make(one, RING)
    expect(line(one, "What we will do")).to_have_value(RING)
    expect(line(one, "What we will do")).to_be_focused()
    line(one, "Lead: a role or a team").fill("The ward clerk")
    one.keyboard.press("Tab")
    box(one).get_by_role("button", name="Save this step").press("Enter")
    expect(box(one)).to_be_hidden()
    for page in (one, two):
        expect(steps(page)).to_have_count(1)
        expect(page.locator("#steps .first li")).to_have_count(1)
        expect(steps(page)).not_to_contain_text("No lead yet")
        expect(steps(page)).to_contain_text("How will you know?")
    assert violations(one) == []


def test_half_written_steps_outlast_patches_and_the_page(agreeing):
    console = agreeing.console()
    live(console)
    make(console, RING)
    line(console, "By when").fill("End of May")
    agreeing.run("agree_step", what="Another of a colleague")
    expect(steps(console)).to_have_count(1)
    expect(line(console, "By when")).to_have_value("End of May")
    console.locator("#steps").get_by_role("button", name="Change").click()
    expect(alert(console)).to_contain_text("still writing another small step")
    console.reload()
    expect(line(console, "By when")).to_have_value("End of May")
    assert violations(console) == []
    box(console).get_by_role("button", name="Save this step").click()
    expect(steps(console)).to_have_count(2)


def test_what_a_colleague_changed_meanwhile_is_shown_before_it_is_replaced(agreeing):
    console = agreeing.console()
    live(console)
    step = agreeing.send(agreeing.opened.facilitator_token, "agree_step", what=RING)["id"]
    steps(console).get_by_role("button", name="Change").click()
    line(console, "Lead: a role or a team").fill("The ward clerk")
    agreeing.run("revise_step", step=step, by_when="May")
    expect(steps(console)).to_contain_text("May")
    box(console).get_by_role("button", name="Save this step").click()
    expect(box(console)).to_contain_text("It was changed meanwhile")
    box(console).get_by_role("button", name="Save this step").click()
    expect(steps(console)).to_contain_text("The ward clerk")


def test_whoever_has_the_link_tells_how_it_stands_and_the_console_hears_of_it(agreeing):
    console = agreeing.console()
    live(console)
    agreeing.run("agree_step", what=RING, lead="The ward clerk", by_when="End of May")
    listed = agreeing.console()
    listed.goto(steps(console).get_by_role("link", name="How it stands").get_attribute("href"))
    assert violations(listed) == []
    link = listed.locator(".card .breakable").get_attribute("href")
    page = agreeing.browsers.open(agreeing.server.address, "phone")
    page.goto(link.removeprefix(agreeing.server.address))
    assert violations(page) == []
    page.get_by_label("Under way").check()
    page.get_by_label("In a few words").fill("Half of them by now.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    assert violations(page) == []
    expect(steps(console)).to_contain_text("Half of them by now.")
