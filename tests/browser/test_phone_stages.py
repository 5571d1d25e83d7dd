"""What a phone offers at each stage of the café: to think first, to say "I'm done", to choose, to look back."""

import re

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, dot, keep, live, mine, opened_on, share, unfold, write
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
DESK = "One desk where relatives can ask anything"
DRAFT = "A line that somebody answers"
EVERY_STAGE = ("arrive", "evidence", "think", "post", "clarify", "vote", "reveal", "agree", "close")
PLAIN = {"java_script_enabled": False}


def toggle(phone, words: str):
    return phone.locator("#my-part").get_by_role("button", name=words)


def people(room: Room) -> dict:
    return room.snapshot()["people"]


def ballot(phone) -> list[str]:
    return phone.locator("#ballot > li").evaluate_all(
        "(cards) => cards.map((card) => card.id.split('-').slice(1).join('-'))"
    )


def test_while_people_think_keeping_an_idea_comes_first_and_sending_it_is_a_choice(room):
    room.go("think")
    phone = room.phone()
    live(phone)
    keep(phone, RING)
    expect(mine(phone, RING)).to_contain_text("Only you can see it")
    assert room.texts() == []
    mine(phone, RING).get_by_role("button", name="Send it").click()
    expect(mine(phone, RING)).not_to_contain_text("Only you can see it")
    phone.locator("#text").fill(WALK)
    phone.get_by_role("button", name="Send it to the room").click()
    expect(mine(phone, WALK)).to_contain_text("Saved")
    assert room.texts() == [RING, WALK]


@pytest.mark.parametrize("options", [{}, PLAIN], ids=["script", "no script"])
def test_questions_to_think_about_come_one_at_a_time(room, options):
    room.go("think")
    phone = room.phone(**options)
    questions = phone.locator("#stage details.prompt > p")
    expect(questions.filter(visible=True)).to_have_count(0)
    phone.get_by_text("A question to think about").click()
    expect(questions.filter(visible=True)).to_have_count(1)
    phone.get_by_text("Another question").first.click()
    expect(questions.filter(visible=True)).to_have_count(2)


def test_i_am_done_is_counted_until_the_room_goes_on(room):
    room.go("think")
    phone = room.phone()
    live(phone)
    toggle(phone, "I’m done").click()
    expect(toggle(phone, "I’m done")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#my-part [data-turn='']")).to_have_count(1)  # it is no longer on its way
    assert people(room)["ready"] == 1
    toggle(phone, "I’m done").click()
    expect(toggle(phone, "I’m done")).to_have_attribute("aria-pressed", "false")
    expect(phone.locator("#my-part [data-turn='']")).to_have_count(2)
    assert people(room)["ready"] == 0
    toggle(phone, "I’m done").click()
    expect(phone.locator("#my-part [data-turn='']")).to_have_count(1)
    room.go("post")
    expect(toggle(phone, "I’m done")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("options", [{}, PLAIN], ids=["script", "no script"])
def test_passing_counts_as_done(room, options):
    room.go("vote")
    phone = room.phone(**options)
    toggle(phone, "I pass").click()
    expect(toggle(phone, "I pass")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#my-part [data-do=pass] button[data-turn]:not([data-turn=''])")).to_have_count(1)
    assert (people(room)["done"], people(room)["voted"]) == (1, 0)


def test_everyone_has_the_ballot_in_an_order_of_their_own_that_stays(room):
    room.go("post")
    seats = [room.seat() for _ in range(3)]
    ideas = [room.idea(seats[0], f"Idea {number}") for number in range(12)]
    room.go("vote")
    phones = [room.phone(seat=seat) for seat in seats]
    orders = []
    for phone in phones:
        live(phone)
        orders.append(ballot(phone))
    assert all(sorted(order) == sorted(ideas) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    room.run("hide", contribution=orders[0][3])
    expect(phones[0].locator("#ballot > li")).to_have_count(11)
    assert ballot(phones[0]) == [idea for idea in orders[0] if idea != orders[0][3]]
    plain = room.phone(seat=seats[0], **PLAIN)
    drawn = plain.locator("#my-ballot > li").evaluate_all("(cards) => cards.map((card) => card.id.slice(10))")
    assert drawn == ballot(phones[0])


def test_what_says_the_same_stands_once_with_every_wording_and_is_chosen_once(room):
    room.go("post")
    seat = room.seat()
    ring, phone_them, _ = (room.idea(seat, words) for words in (RING, "Phone new carers", WALK))
    room.go("clarify")
    phone = room.phone()
    live(phone)
    expect(phone.locator("#contributions > li")).to_have_count(3)
    theme = room.send(room.opened.facilitator_token, "merge", contributions=[ring, phone_them])["id"]
    expect(phone.locator("#contributions > li")).to_have_count(2)
    group = phone.locator(f"#theme-{theme}")
    group.get_by_text("Said 2 ways").click()
    expect(group.get_by_text("Phone new carers")).to_be_visible()
    room.go("vote")
    group.locator(".dot").click()
    expect(group.locator(".dot")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    expect(dot(phone, WALK)).to_be_visible()
    room.run("rename_theme", theme=theme, title="Someone rings new carers")
    expect(group.locator("> .words")).to_have_text("Someone rings new carers")
    expect(group.locator(".dot")).to_have_attribute("aria-pressed", "true")
    assert phone.locator("#ballot > li").count() == 2


@pytest.mark.parametrize("options", [{}, PLAIN], ids=["script", "no script"])
def test_at_the_close_sharing_is_one_tap_and_three_questions_can_be_answered_and_changed(room, options):
    room.go("post")
    seat = room.seat()
    room.idea(seat, RING)
    room.go("close")
    phone = room.phone(seat=seat, **options)
    share(phone, RING, "team")
    expect(mine(phone, RING).locator(".where [value=team]")).to_have_attribute("aria-pressed", "true")
    phone.locator("#differently").fill("Carers want one number")
    phone.locator("[name='answers.room'][value='4']").check()
    phone.get_by_role("button", name="Send my answers").click()
    expect(phone.locator("#my-answers .saved")).to_be_visible()
    phone.locator("#first").fill("Ask our ward clerk")
    phone.get_by_role("button", name="Save my new answers").click()
    expect(phone.locator("#first")).to_have_value("Ask our ward clerk")
    phone.reload()
    expect(phone.locator("#first")).to_have_value("Ask our ward clerk")
    expect(phone.locator("#differently")).to_have_value("Carers want one number")
    assert room.snapshot("phone", seat)["me"]["reflection"] == {
        "differently": "Carers want one number", "first": "Ask our ward clerk", "room": 4,
    }  # fmt: skip


def test_answers_half_written_or_given_without_a_network_outlast_a_reload(room, browsers):
    room.go("close")
    seat = room.seat()
    phone = room.phone(seat=seat)
    live(phone)
    with browsers.offline(phone):
        phone.locator("#first").fill("Ask our ward clerk")
        phone.get_by_role("button", name="Send my answers").click()
        expect(phone.locator("#my-answers")).to_contain_text("Waiting for network (1)")
        phone.locator("#differently").fill("Half a th")
        phone.wait_for_timeout(400)
    expect(phone.locator("#my-answers .state")).to_have_count(0)
    expect(phone.locator("#differently")).to_have_value("Half a th")
    phone.reload()
    live(phone)
    expect(phone.locator("#differently")).to_have_value("Half a th")
    expect(phone.locator("#first")).to_have_value("Ask our ward clerk")


def test_a_small_step_agreed_is_on_every_phone_and_on_the_page_to_keep(room):
    room.go("agree")
    seat = room.seat()
    phone = room.phone(seat=seat)
    live(phone)
    room.run("agree_step", what=RING, lead="Community nurses", by_when="the end of May")
    expect(phone.locator("#steps li")).to_contain_text("Community nurses")
    room.go("close")
    phone.get_by_role("link", name="A page to keep").click()
    expect(phone.get_by_role("heading", name="A page to keep")).to_be_visible()
    expect(phone.locator("main")).to_contain_text("the end of May")
    assert violations(phone) == []


def test_the_time_is_on_phones_only_if_that_is_wanted(room):
    room.go("post")
    phone = room.phone()
    live(phone)
    room.run("set_timer", seconds=300)
    room.run("show_timer", where="phones")
    expect(phone.locator("#stage .timer")).to_be_visible()
    room.run("show_timer", where="screen")
    expect(phone.locator("#stage .timer")).to_have_count(0)


@pytest.fixture(scope="module")
def filled(server) -> tuple[Room, str]:
    """A session with ideas of every kind, a draft and a group, and a seat in it."""
    room = Room(server, None, opened_on(server))
    room.go("post")
    seat = room.seat()
    ideas = [room.idea(seat, words) for words in (RING, WALK, DESK)]
    room.idea(seat, "We tried a shared line, and it failed", kind="concern", rests_on="experience")
    room.idea(seat, DRAFT, draft=True)
    room.run("merge", contributions=ideas[:2])
    return room, seat


@pytest.mark.parametrize("stage", EVERY_STAGE)
def test_axe_finds_nothing_and_nothing_sticks_out_at_any_stage(filled, browsers, stage):
    room = Room(filled[0].server, browsers, filled[0].opened)
    room.go(stage)
    phone = room.phone(seat=filled[1])
    live(phone)
    assert violations(phone) == []
    phone.evaluate("() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    assert violations(phone) == []
    for width, height in ((320, 568), SIZES["phone"]):
        phone.set_viewport_size({"width": width, "height": height})
        assert phone.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0


def test_done_and_pass_by_keyboard(room):
    room.go("vote")
    phone = room.phone()
    live(phone)
    toggle(phone, "I pass").focus()
    phone.keyboard.press("Enter")
    expect(toggle(phone, "I pass")).to_have_attribute("aria-pressed", "true")
    expect(toggle(phone, "I pass")).to_have_attribute("data-turn", re.compile(r"\d"))  # drawn anew, as it is now
    expect(toggle(phone, "I pass")).to_be_focused()
    phone.keyboard.press("Space")
    expect(toggle(phone, "I pass")).to_have_attribute("aria-pressed", "false")


def test_a_change_of_stage_takes_no_box_from_someone_who_is_answering(room):
    room.go("close")
    phone = room.phone()
    live(phone)
    phone.locator("#first").fill("Ask our")
    room.run("set_timer", seconds=60)
    room.go("agree")
    room.go("close")
    expect(phone.locator("#stage")).to_have_attribute("data-stage", "close")
    expect(phone.locator("#first")).to_have_value("Ask our")


def test_what_an_idea_rests_on_goes_with_it(room):
    room.go("post")
    phone = room.phone()
    live(phone)
    unfold(phone.locator("#write .options"))
    phone.locator("#rests").select_option("experience")
    phone.locator("[name=kind][value=concern]").check()
    write(phone, "We tried this and it failed")
    expect(mine(phone, "We tried this")).to_contain_text("rests on: Lived experience")
    [idea] = room.snapshot()["contributions"]
    assert (idea["kind"], idea["rests_on"]) == ("concern", "experience")
    expect(phone.locator("#rests")).to_have_value("")
