"""A small step goes on after its café: due on the desk, told by its link, and what the next café begins with."""

from datetime import date, timedelta

import msgspec
import pytest

from sessions import cafes, people, plans, reviews
from sessions.store import Store, find_session
from tests.browser.axe import violations, violations_unscripted
from tests.browser.playing import expect
from tests.browser.room import Room, live

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
YESTERDAY = date.today() - timedelta(days=1)


@pytest.fixture
def agreed(room: Room) -> str:
    """A step that waits for a look, beside one that does not and one for the room only; its review link."""
    fields = {"what": RING, "lead": "The ward clerk", "how_we_know": "Nobody has to ring us twice"}
    step = room.send(room.opened.facilitator_token, "agree_step", review_on=str(YESTERDAY), **fields)["id"]
    room.run("agree_step", what=WALK)
    room.run("agree_step", what="Only among ourselves", share="room")
    store = Store(room.server.database)
    with store.reading() as db:
        token = reviews.tokens(db, find_session(db, room.code).id)[step]
    store.close()
    return f"/r/{token}"


def desk(room: Room, path: str, size: str = "laptop", **options):
    page = room.browsers.open(room.server.address, size, {"staff": room.opened.facilitator_token}, **options)
    page.goto(path)
    return page


def next_cafe(room: Room, foundation: str = "co-design") -> Room:
    """Open another café of the same organisation on the same foundation."""
    store = Store(room.server.database)
    with store.unit_of_work() as db:
        facilitator = people.who_holds(db, room.opened.facilitator_token)
        cafe_id = cafes.prepare(db, facilitator.organisation_id, plans.Plan(title="The next café"))
        cafe = cafes.cafe_of(db, facilitator.organisation_id, cafe_id)
        code = cafes.add_session(db, cafe, foundation, "cafe")
        cafes.open_cafe(db, cafe, facilitator)
    store.close()
    return Room(room.server, room.browsers, msgspec.structs.replace(room.opened, code=code))


def tell(page, status: str, seen: str) -> None:
    """Say on the page of a review link how a step stands."""
    page.get_by_label(status, exact=True).check()
    page.get_by_label("What do you see?").fill(seen)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Thank you")


def said_did(page):
    return page.locator(".said-did li")


def test_a_step_goes_from_its_cafe_by_its_link_to_the_next_cafes_screen(room, agreed):
    page = desk(room, "/cafes")
    expect(page.locator(".due")).to_contain_text("One is waiting for a look.")
    assert violations(page) == []
    page.get_by_role("link", name="Small steps to look at").click()
    waiting = page.locator("#waiting + section")
    expect(waiting).to_contain_text(RING)
    assert violations(page) == []

    waiting.get_by_role("button", name="Copy the link").click()
    expect(waiting.get_by_role("status")).to_have_text("Copied.")

    phone = room.browsers.open(room.server.address, "phone", java_script_enabled=False)
    phone.goto(waiting.get_by_role("link", name="/r/").get_attribute("href").removeprefix(room.server.address))
    expect(phone.locator("main")).to_contain_text("Nobody has to ring us twice")
    assert violations_unscripted(phone) == []
    tell(phone, "Under way", "4 of 9 families")
    page.reload()
    expect(page.locator("#waiting")).to_have_count(0)

    following = next_cafe(room)
    screen, console, joined = desk(room, f"/screen/{following.code}", "wall"), following.console(), following.phone()
    for view in (screen, console, joined):
        expect(said_did(view)).to_have_count(2)
        expect(said_did(view).first).to_contain_text(RING)
        expect(said_did(view).first).to_contain_text("Under way")
        assert "among ourselves" not in view.content()
        live(view)
    assert violations(screen) == violations(console) == violations(joined) == []
    expect(said_did(console).first).to_contain_text("4 of 9 families")

    phone.goto(agreed)
    tell(phone, "Done", "9 of 9 families")
    for view in (screen, console, joined):  # with the next heartbeat, at the latest
        expect(said_did(view).first).to_contain_text("Done", timeout=20_000)


def test_whoever_works_by_keyboard_tells_how_a_step_stands_and_makes_its_link_anew(room, agreed):
    page = desk(room, "/steps")
    waiting = page.locator("#waiting + section")
    waiting.get_by_text("Tell how it stands", exact=True).press("Enter")
    waiting.get_by_label("Stopped").press("Space")
    waiting.get_by_label("In a few words").fill("Nobody had the time.")
    assert violations(page) == []
    waiting.get_by_role("button", name="Save", exact=True).press("Enter")
    card = page.locator("#finished + section")
    expect(card.locator(".notice")).to_contain_text("Saved.")
    expect(card).to_contain_text("Nobody had the time.")
    card.get_by_text("Another day, or a new link").press("Enter")
    card.get_by_role("button", name="Make a new link").press("Enter")
    expect(page.locator(".notice")).to_contain_text("Saved.")

    old = room.browsers.open(room.server.address, "phone")
    room.browsers.allow(old, 404)
    old.goto(agreed)
    expect(old.locator("main")).to_contain_text("There is a newer link for this small step")
    assert violations(old) == []


def test_the_consoles_box_brings_a_steps_day_along(room, agreed):
    room.go("agree")
    console = room.console()
    live(console)
    console.locator("#steps .step", has_text=RING).get_by_role("button", name="Change").click()
    day = console.locator("#agreeing").get_by_label("Look at it again on")
    expect(day).to_have_value(str(YESTERDAY))
    day.fill("2031-05-06")
    console.get_by_role("button", name="Save this step").click()
    expect(console.locator("#steps .step", has_text=RING)).to_contain_text("to be looked at on 6 May 2031")
