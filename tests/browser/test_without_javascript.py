"""Everything people need, in browsers that run no script: plain pages and plain forms."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from sessions import cafes
from sessions.models import LiveSession, Opening
from sessions.permissions import Visitor
from sessions.store import Store, find_session
from tests.browser.axe import violations_unscripted
from tests.browser.playing import expect
from tests.browser.room import (
    STAGES,
    Room,
    act,
    alert,
    card,
    choose,
    dot,
    keep,
    mine,
    more,
    next_step,
    opened_on,
    send_button,
    share,
    unfold,
    write,
)
from tests.browser.stock import stocked
from tests.browser.test_keyboard import tab_to

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


def choice(page, text: str):
    """An idea on one's own ballot."""
    return page.locator("#my-ballot > li").filter(has_text=text)


def press(page, text: str, name: str) -> None:
    """Press a button of an idea on one's own ballot."""
    choice(page, text).get_by_role("button", name=name, exact=True).click()


@contextmanager
def within(room: Room):
    """The database of a room's server, and the session's row in it, for what takes too long or has no form here."""
    store = Store(room.server.database)
    with store.unit_of_work() as db:
        yield db, find_session(db, room.code)
    store.close()


def give_dots(room: Room, **dots: int) -> None:
    with within(room) as (db, session):
        db.execute(update(LiveSession).where(LiveSession.id == session.id).values(**dots))


def end_parts_earlier(room: Room) -> None:
    """As if every part that has ended had done so well before."""
    with within(room) as (db, session):
        past = (Opening.session_id == session.id) & Opening.ended_at.is_not(None)
        for turn, ended in db.execute(select(Opening.turn, Opening.ended_at).where(past)).all():
            one = (Opening.session_id == session.id) & (Opening.turn == turn)
            db.execute(update(Opening).where(one).values(ended_at=ended - timedelta(minutes=10)))


def close_cafe(room: Room) -> None:
    with within(room) as (db, session):
        cafe = cafes.cafe_of(db, session.organisation_id, session.cafe_id)
        cafes.close_cafe(db, cafe, Visitor("facilitator", session.organisation_id, facilitator_id="it"))


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
    share(phone, WALK, "room")
    expect(mine(phone, WALK)).to_contain_text("Only here today")
    assert (the_only_idea(posting)["text"], the_only_idea(posting)["share"]) == (WALK, "room")
    act(phone, WALK, "withdraw").get_by_role("button").click()
    expect(mine(phone, WALK)).to_have_count(0)
    assert (the_only_idea(posting)["text"], the_only_idea(posting)["state"]) == (None, "withdrawn")


def test_a_draft_is_kept_and_sent(posting):
    phone = posting.phone(**PLAIN)
    keep(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Only you can see it")
    assert posting.texts() == []
    mine(phone, RING).get_by_role("button", name="Send it").click()
    expect(mine(phone, RING)).not_to_contain_text("Only you can see it")
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
        press(phone, text, "Choose")
        expect(choice(phone, text)).to_contain_text("Chosen by you")
        expect(choice(phone, text)).to_be_in_viewport()
    expect(phone.locator("#my-budget")).to_contain_text("1 of 3 left")
    press(phone, RING, "Take it back")
    expect(choice(phone, RING)).not_to_contain_text("Chosen by you")
    expect(choice(phone, WALK)).to_contain_text("Chosen by you")
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    posting.go("reveal")
    phone.reload()
    expect(phone.locator("#result tbody tr")).to_have_count(1)


def test_each_idea_can_be_chosen_in_one_place_only(posting):
    posting.idea(posting.seat(), RING)
    phone = posting.phone(**PLAIN)
    for stage in ("vote", "post"):
        posting.go(stage)
        phone.reload()
        expect(phone.get_by_role("button", name="Choose")).to_have_count(1 if stage == "vote" else 0)


def test_writing_and_choosing_at_once(server, browsers):
    room = Room(server, browsers, opened_on(server, agenda="together"))
    room.idea(room.seat(), RING)
    room.idea(room.seat(), "Who sits with people who have nobody?", kind="question")
    phone = room.phone(**PLAIN)
    write(phone, WALK)
    press(phone, WALK, "Choose")
    expect(choice(phone, WALK)).to_contain_text("Chosen by you")
    expect(choice(phone, WALK)).to_contain_text("1 dot in the room")
    expect(choice(phone, "Who sits").get_by_role("button")).to_have_count(0)
    expect(phone.get_by_text(RING, exact=True).locator("visible=true")).to_have_count(1)


def test_a_dot_too_many_is_refused_kindly(posting):
    seat = posting.seat()
    for number in range(4):
        posting.idea(seat, f"{RING} {number}")
    phone = posting.phone(**PLAIN)
    posting.go("vote")
    phone.reload()
    for number in range(4):
        press(phone, f"{RING} {number}", "Choose")
    expect(alert(phone)).to_have_text("You have used all your dots. Take one back to move it.")
    expect(phone.locator("#my-budget")).to_contain_text("0 of 3 left")
    press(phone, f"{RING} 0", "Take it back")
    press(phone, f"{RING} 3", "Choose")
    expect(choice(phone, f"{RING} 3")).to_contain_text("Chosen by you")


def test_more_than_one_dot_on_an_idea_where_the_session_allows_it(posting):
    give_dots(posting, budget=4, most_per_target=3)
    for text in (RING, WALK):
        posting.idea(posting.seat(), text)
    phone = posting.phone(**PLAIN)
    posting.go("vote")
    phone.reload()
    press(phone, RING, "Choose")
    press(phone, RING, "One more")
    press(phone, RING, "One more")
    expect(choice(phone, RING)).to_contain_text("Chosen by you: 3 dots")
    expect(choice(phone, RING).get_by_role("button", name="One more")).to_have_count(0)
    press(phone, WALK, "Choose")
    expect(choice(phone, WALK).get_by_role("button", name="One more")).to_have_count(0)
    press(phone, RING, "One less")
    expect(choice(phone, RING)).to_contain_text("Chosen by you: 2 dots")
    press(phone, RING, "Take all back")
    expect(choice(phone, RING)).not_to_contain_text("Chosen by you")
    expect(phone.locator("#my-budget")).to_contain_text("3 of 4 left")


def test_a_choice_pressed_twice_is_one_dot(posting):
    give_dots(posting, budget=4, most_per_target=3)
    posting.idea(posting.seat(), RING)
    phone = posting.phone(**PLAIN)
    posting.go("vote")
    phone.reload()
    choice(phone, RING).get_by_role("button", name="Choose").dblclick()
    expect(choice(phone, RING)).to_contain_text("Chosen by you")
    expect(phone.locator("#my-budget")).to_contain_text("3 of 4 left")


def test_the_page_says_how_old_it_is_and_looks_again(posting):
    phone = posting.phone(**PLAIN)
    phone.locator("#text").fill("Half a thought")
    choose(phone, "#write", "share", "team")
    expect(phone.locator("#drawn")).to_contain_text(re.compile(r"how it was at \d\d:\d\d"))
    posting.idea(posting.seat(), RING)
    phone.get_by_role("button", name="Look again").click()
    unfold(phone.locator("#board details"))
    expect(card(phone, RING)).to_be_visible()
    expect(phone.locator("#text")).to_have_value("Half a thought")
    expect(phone.locator("#write [name=share][value=team]")).to_be_checked()
    posting.go("reveal")
    phone.get_by_role("button", name="Look again").click()
    expect(phone.locator("#stage[data-stage=reveal]")).to_be_visible()
    expect(phone.locator("#text")).to_have_value("Half a thought")
    phone.get_by_role("link", name="Look again").click()
    expect(phone.locator("#stage[data-stage=reveal]")).to_be_visible()


def test_with_a_script_nothing_of_this_is_shown(posting):
    posting.idea(posting.seat(), RING)
    posting.go("vote")
    phone = posting.phone()
    expect(dot(phone, RING)).to_be_visible()
    for unscripted in ("#drawn", "#my-ballot"):
        expect(phone.locator(unscripted)).to_have_count(0)


def test_how_far_words_go_is_said_before_they_are_sent(posting):
    phone = posting.phone(**PLAIN)
    line = phone.locator("#write .sharing summary")
    expect(line).to_have_text(re.compile("Goes to:.*Change"))
    for how, said in (("team", "Also to the project team"), ("room", "Only here today")):
        choose(phone, "#write", "share", how)
        expect(line.locator("strong:visible")).to_have_text(said)


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


def test_what_is_refused_comes_back_with_its_words_and_choices(posting):
    phone = posting.phone(**PLAIN)
    choose(phone, "#write", "kind", "question")
    choose(phone, "#write", "ambitions", "2")
    choose(phone, "#write", "share", "room")
    phone.locator("#text").fill("x" * 2001)
    send_button(phone).click()
    expect(alert(phone)).to_contain_text("there is room for 2000")
    expect(phone.locator("#text")).to_have_value("x" * 2001)
    for kept in ("[name=kind][value=question]", "[name=ambitions][value='2']", "[name=share][value=room]"):
        expect(phone.locator(f"#write {kept}")).to_be_checked()
    phone.reload()  # which sends the same form once more
    expect(alert(phone)).to_contain_text("there is room for 2000")
    phone.locator("#text").fill(RING)
    send_button(phone).click()
    expect(mine(phone, RING)).to_contain_text("Saved")
    idea = the_only_idea(posting)
    assert (idea["kind"], idea["ambitions"], idea["share"]) == ("question", [2], "room")


def test_an_idea_sent_just_after_its_part_has_ended_is_kept(posting):
    phone = posting.phone(**PLAIN)
    phone.locator("#text").fill(RING)
    posting.go("vote")
    send_button(phone).click()
    expect(phone.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    expect(mine(phone, RING)).to_be_visible()
    assert (the_only_idea(posting)["state"], the_only_idea(posting)["late"]) == ("shown", True)


def test_an_idea_sent_long_after_its_part_has_ended_waits_for_the_facilitator(posting):
    phone = posting.phone(**PLAIN)
    phone.locator("#text").fill(RING)
    posting.go("vote")
    end_parts_earlier(posting)
    send_button(phone).click()
    expect(mine(phone, RING)).to_contain_text("Waiting for the facilitator")
    phone.reload()
    phone.go_back()
    if phone.locator("#text").input_value():
        send_button(phone).click()
    assert the_only_idea(posting)["state"] == "held"


def test_new_words_for_an_idea_that_is_gone_are_not_lost(posting):
    phone = posting.phone(**PLAIN)
    write(phone, RING)
    other = phone.context.new_page()
    other.goto(f"/s/{posting.code}")
    act(phone, RING, "withdraw").get_by_role("button").click()
    act(other, RING, "reword").locator("textarea").fill(WALK)
    act(other, RING, "reword").get_by_role("button").click()
    expect(alert(other)).to_be_visible()
    expect(other.locator("#text")).to_have_value(WALK)


def test_new_words_that_are_refused_are_still_there_to_be_changed(posting):
    phone = posting.phone(**PLAIN)
    write(phone, RING)
    act(phone, RING, "reword").locator("textarea").fill("y" * 2001)
    act(phone, RING, "reword").get_by_role("button").click()
    expect(alert(phone)).to_contain_text("there is room for 2000")
    expect(mine(phone, RING).locator("textarea")).to_have_value("y" * 2001)
    expect(mine(phone, RING).locator("textarea")).to_be_visible()


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


def test_come_back_to_ones_seat_or_hand_the_phone_on(posting):
    phone = posting.phone(**PLAIN)
    write(phone, RING)
    phone.goto(f"/j/{posting.code}")
    phone.get_by_role("button", name="Go back to your seat").click()
    expect(mine(phone, RING)).to_be_visible()
    assert posting.people() == 1
    phone.goto(f"/j/{posting.code}")
    phone.get_by_role("button", name="Someone else is using this phone").click()
    expect(phone.locator("#stage")).to_be_visible()
    expect(mine(phone, RING)).to_have_count(0)
    assert posting.people() == 2


def test_words_written_before_the_phone_was_handed_on_can_still_be_sent(posting):
    phone = posting.phone(**PLAIN)
    phone.locator("#text").fill(RING)
    other = phone.context.new_page()
    other.goto(f"/j/{posting.code}")
    other.get_by_role("button", name="Someone else is using this phone").click()
    posting.browsers.allow(phone, 403)
    send_button(phone).click()
    expect(alert(phone)).to_contain_text("Please send it once more")
    expect(phone.locator("#text")).to_have_value(RING)
    assert posting.texts() == []
    send_button(phone).click()
    expect(mine(phone, RING)).to_contain_text("Saved")


def test_without_a_seat_the_way_in_is_shown_with_the_words(posting):
    phone = posting.phone(**PLAIN)
    phone.locator("#text").fill(RING)
    phone.context.clear_cookies()
    posting.browsers.allow(phone, 401)
    send_button(phone).click()
    expect(alert(phone)).to_contain_text("You do not have a seat here any more")
    expect(phone.get_by_text(RING)).to_be_visible()
    found = violations_unscripted(phone)
    phone.get_by_role("button", name="Join", exact=True).click()
    write(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Saved")
    assert found == []


def test_when_the_cafe_has_closed_ones_words_are_still_ones_own(posting):
    phone = posting.phone(**PLAIN)
    write(phone, RING)
    write(phone, WALK)
    phone.locator("#text").fill("Too late")
    close_cafe(posting)
    send_button(phone).click()
    expect(alert(phone)).to_contain_text("This café has closed")
    expect(phone.locator("#text")).to_have_value("Too late")
    expect(send_button(phone)).not_to_be_visible()
    act(phone, RING, "withdraw").get_by_role("button").click()
    expect(mine(phone, RING)).to_have_count(0)
    share(phone, WALK, "team")
    expect(mine(phone, WALK)).to_contain_text("Also to the project team")
    unfold(phone.locator(".moment"))
    expect(phone.get_by_role("button", name="Leave this session")).to_have_count(0)


def test_everything_by_keyboard(posting):
    phone = posting.phone(**PLAIN)
    tab_to(phone, phone.locator("#text"))
    phone.keyboard.type(RING)
    tab_to(phone, phone.locator("#write summary").filter(has_text="Goes to"))
    phone.keyboard.press("Enter")
    tab_to(phone, phone.locator("#write [name=share][value=local]"))
    phone.keyboard.press("ArrowDown")
    tab_to(phone, send_button(phone))
    phone.keyboard.press("Enter")
    expect(mine(phone, RING)).to_contain_text("Also to the project team")
    posting.go("vote")
    phone.reload()
    for pressed, said in (("Choose", "2 of 3 left"), ("Take it back", "3 of 3 left")):
        tab_to(phone, choice(phone, RING).get_by_role("button", name=pressed))
        phone.keyboard.press("Enter")
        expect(phone.locator("#my-budget")).to_contain_text(said)
    tab_to(phone, phone.get_by_role("link", name="Look again"))
    phone.keyboard.press("Enter")
    expect(choice(phone, RING)).to_be_visible()
    tab_to(phone, phone.locator(".moment summary"))
    phone.keyboard.press("Enter")
    tab_to(phone, phone.get_by_role("button", name="Leave this session"))
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(re.compile("/j/"))


def test_coming_back_to_the_address_of_a_refused_form_shows_the_page(posting):
    phone = posting.phone(**PLAIN)
    write(phone, "   ")
    expect(alert(phone)).to_be_visible()
    phone.goto(phone.url)
    expect(phone.locator("#stage")).to_be_visible()
    expect(phone).to_have_url(re.compile(f"/s/{posting.code}$"))


@pytest.mark.parametrize("stage", STAGES)
def test_axe_finds_nothing_on_a_phone_without_a_script(server, browsers, stage):
    room = Room(server, browsers, opened_on(server))
    _, seat = stocked(room)
    give_dots(room, budget=5, most_per_target=3)
    phone = room.phone(seat=seat, **PLAIN)
    if stage == "vote":
        phone.locator("#my-ballot").get_by_role("button", name="One more").first.click()
    room.go(stage)
    phone.goto(f"/s/{room.code}?after={room.snapshot()['rev']}&did=contribute")
    found = violations_unscripted(phone)
    if stage == "post":
        write(phone, "z" * 2001)
        expect(alert(phone)).to_be_visible()
        found += violations_unscripted(phone)
    assert found == []


def test_the_facilitator_leads_hides_and_shows(room):
    console = room.console(**PLAIN)
    for stage in ("evidence", "think", "post"):
        next_step(console).click()
        expect(console.locator(f"#stage[data-stage={stage}]")).to_be_visible()
    room.idea(room.seat(), RING)
    console.reload()
    card(console, RING).get_by_role("button", name="Hide", exact=True).click()
    expect(card(console, RING)).to_contain_text("Hidden")
    assert the_only_idea(room)["state"] == "hidden"
    more(console, RING).get_by_role("button", name="Show again").click()
    expect(card(console, RING).get_by_role("button", name="Hide", exact=True)).to_be_visible()
    assert the_only_idea(room)["state"] == "shown"
    for stage in ("clarify", "vote", "reveal", "agree", "close"):
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
