"""Two facilitators at once, a laptop that stops, and a table's host: in real browsers."""

import re

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import card, write


def given(console, button: str) -> str:
    """Press a button on the People page and return the link that is shown."""
    console.goto(re.sub(r"(/console/\w+).*", r"\1/people", console.url))
    console.get_by_role("button", name=button).click()
    return console.locator("#given-link").input_value()


def test_two_facilitators_see_what_the_other_does_and_neither_overwrites(room):
    room.go("post")
    idea = "Ring every new carer"
    room.idea(room.seat(), idea)
    first = room.console()
    link = given(first, "Invite someone to run this")
    first.goto(f"/console/{room.code}")
    second = room.browsers.open(room.server.address, "laptop")
    second.goto(link)
    second.get_by_role("button", name="Open it here").click()
    second.wait_for_url(f"**/console/{room.code}")
    card(second, idea).get_by_role("button", name="Hide").click()
    expect(card(first.locator("#bin"), idea)).to_have_count(1, timeout=1500)
    expect(first.locator("#undo")).to_contain_text(idea)
    first.locator("#undo .latest button").click()
    expect(card(second.locator("#contributions"), idea)).to_have_count(1, timeout=1500)


def test_a_laptop_that_stops_is_replaced_from_paper_and_is_out(room):
    old = room.console()
    old.goto(f"/console/{room.code}/people")
    old.get_by_role("button", name="recovery code").click()
    typed = old.locator(".typed").inner_text()
    old.goto(f"/console/{room.code}")
    expect(old.locator("#live")).to_have_text("Live")
    room.browsers.allow(old, 401)
    new = room.browsers.open(room.server.address, "laptop")
    new.goto("/in")
    new.get_by_label("The code on the paper").fill(typed.lower())
    new.get_by_role("button", name="Go on").click()
    new.get_by_role("button", name="Open it here").click()
    new.wait_for_url(f"**/console/{room.code}")
    expect(new.locator("#live")).to_have_text("Live")
    expect(old.locator("#stage")).to_have_count(0)
    new.locator("#stage button[name=stage][value=post]").first.click()
    expect(new.locator("#stage")).to_have_attribute("data-stage", "post")


def test_a_table_host_adds_for_someone_by_keyboard_and_everyone_sees_it(room):
    room.go("post")
    console = room.console()
    link = given(console, "table host")
    host = room.browsers.open(room.server.address, "phone")
    host.goto(link)
    host.get_by_role("button", name="Open it here").press("Enter")
    host.wait_for_url(f"**/s/{room.code}")
    host.locator("#hosting > summary").press("Enter")
    host.get_by_label("What they said, in their words").fill("A cup of tea first")
    host.get_by_role("button", name="Add their idea").press("Enter")
    console.goto(f"/console/{room.code}")
    expect(card(console, "A cup of tea first")).to_have_count(1)
    write(host, "And one of my own")
    expect(card(console, "And one of my own")).to_have_count(1)
    room.go("vote")
    expect(host.locator("#for-target option")).to_have_count(2)
    host.get_by_label("What people at your table").select_option(label="A cup of tea first")
    host.get_by_label("Their dots on it").fill("5")
    host.get_by_role("button", name="Save their dots").press("Enter")
    host.wait_for_url("**after=**")
    assert list(room.snapshot()["votes"]["hands"].values()) == [5]


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_the_pages_of_those_who_help_are_for_everyone(room, size):
    console = room.console(size)
    for button in ("Invite someone to run this", "recovery code"):
        console.goto(f"/console/{room.code}/people")
        assert violations(console) == []
        console.get_by_role("button", name=button).click()
        assert violations(console) == []
    stranger = room.browsers.open(room.server.address, size)
    for path in ("/in", f"/j/{room.code}"):
        stranger.goto(path)
        assert violations(stranger) == []
