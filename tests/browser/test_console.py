"""Two facilitators and the room: what waits, hiding, removing for good, new words, and undo, live on every page."""

import pytest

from sessions.store import Store
from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, alert, card, dot, live, mine, more, next_step, undo_line
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
DESK = "One desk where relatives can ask anything"
SECRET = "Mrs Unmistakable never got her call"
PRIVATE = "The widow from the corner house never got her call"
UNKNOWN_TURN = 99  # whatever was written in a turn that nobody knows is late, and waits
PLAIN = {"java_script_enabled": False}


@pytest.fixture
def posting(room: Room) -> Room:
    room.go("post")
    return room


def late(room: Room, text: str) -> str:
    """An idea that came too late and waits; the room is not writing."""
    result = room.send(room.seat(), "contribute", text=text, turn=UNKNOWN_TURN)
    assert result["status"] == "held", result
    return result["id"]


def in_question(room: Room, text: str) -> str:
    """An idea that waits since it may name someone, as the guard will leave it."""
    idea = late(room, text)
    store = Store(room.server.database)
    with store.unit_of_work() as db:
        db.exec_driver_sql("UPDATE contribution SET late = 0 WHERE id = ?", (idea,))
    store.close()
    return idea


def stands(console, text: str, name: str) -> None:
    """Wait until an idea is in a list of the console, and check that all counts are true."""
    expect(console.locator(f"#{name}").locator(card(console, text))).to_have_count(1)
    told = console.evaluate(
        """() => [...document.querySelectorAll("[data-list]")].map((number) =>
             [Number(number.textContent), document.getElementById(number.dataset.list).children.length])"""
    )
    assert [said for said, _ in told] == [held for _, held in told]


def test_one_hides_and_the_other_undoes(posting):
    author = posting.phone()
    posting.idea(posting.seat(), RING)
    posting.idea(posting.seat(), WALK)
    one, two, screen = posting.console(), posting.console(), posting.screen()
    for page in (one, two, screen, author):
        live(page)
    more(one, RING).get_by_role("button", name="Hide", exact=True).click()
    for console in (one, two):
        stands(console, RING, "bin")
        stands(console, WALK, "contributions")
    for page in (screen, author):
        expect(card(page, RING)).to_have_count(0)
    expect(undo_line(two)).to_contain_text(f"Hidden: “{RING}”")
    undo_line(two).get_by_role("button", name="Undo").click()
    for console in (one, two):
        stands(console, RING, "contributions")
        expect(undo_line(console)).to_contain_text("The room went to Post")
    for page in (screen, author):
        expect(card(page, RING)).to_have_count(1)


def test_a_late_idea_is_counted_on_every_tab_of_a_small_console_and_one_tap_adds_it(posting):
    posting.go("vote")
    console, phone = posting.console("phone"), posting.phone()
    live(console)
    expect(console.locator(".tabs .waits")).to_be_hidden()
    late(posting, RING)
    for tab in ("#room", "#agenda", "#ideas"):
        console.locator(f"nav a[href='{tab}']").click()
        expect(console.locator(".tabs .waits")).to_contain_text("1")
        expect(console.locator(".tabs .waits")).to_be_in_viewport()
    expect(card(console, RING)).to_contain_text("Arrived after writing had closed")
    card(console, RING).get_by_role("button", name="Put on the board").click()
    stands(console, RING, "contributions")
    expect(card(console, RING)).to_contain_text("Came late")
    expect(console.locator(".tabs .waits")).to_be_hidden()
    expect(console.locator(".waiting")).to_be_hidden()
    console.locator("#shortlist summary").click()  # the list closed when voting began
    console.locator("#shortlist label").filter(has_text=RING).locator("input").check()
    console.get_by_role("button", name="Use this ballot").click()
    dot(phone, RING).click()
    expect(dot(phone, RING)).to_have_attribute("aria-pressed", "true")


def test_what_may_name_someone_is_seen_only_where_it_was_tapped(posting):
    posting.go("vote")
    in_question(posting, SECRET)
    one, two = posting.console(), posting.console()
    for console in (one, two):
        live(console)
        expect(card(console, SECRET).locator(".words")).to_be_hidden()
    card(one, SECRET).locator(".masked > summary").click()
    expect(card(one, SECRET).locator(".words")).to_be_visible()
    expect(card(two, SECRET).locator(".words")).to_be_hidden()
    card(one, SECRET).get_by_role("button", name="Not on the board").click()
    for console in (one, two):
        stands(console, SECRET, "bin")
        console.locator(".bin > summary").click()
        expect(card(console, SECRET).get_by_role("button", name="Show again")).to_be_visible()
        expect(card(console, SECRET).locator(".words")).to_be_hidden()
        expect(undo_line(console)).to_contain_text("an idea that waited")


def test_a_board_drawn_anew_unmasks_nothing_that_was_not_tapped(posting, browsers):
    posting.go("vote")
    looked_at, other = in_question(posting, "Looked at"), in_question(posting, SECRET)
    console = posting.console()
    live(console)
    browsers.cut(console)
    card(console, "Looked at").locator(".masked > summary").click()
    expect(card(console, "Looked at").locator(".words")).to_be_visible()
    console.context.set_offline(True)
    posting.run("approve", contribution=looked_at)
    posting.go("reveal")
    console.context.set_offline(False)
    expect(console.locator("#stage[data-stage=reveal]")).to_have_count(1)
    stands(console, "Looked at", "contributions")
    expect(console.locator(f"#contribution-{other} .words")).to_be_hidden()


def test_what_is_removed_for_good_is_on_no_page_any_more_also_not_its_authors(posting):
    author, reader, screen = posting.phone(), posting.phone(), posting.screen()
    one, two = posting.console(), posting.console()
    for page in (one, two, screen, reader):
        live(page)
    author.locator("#text").fill(PRIVATE)
    author.get_by_role("button", name="Send my idea").click()
    for page in (one, two, screen, reader):
        expect(card(page, PRIVATE)).to_have_count(1)
    more(one, PRIVATE).get_by_role("button", name="Remove for good").click()
    for page in (one, two, screen, reader, author):
        expect(page.locator("li").filter(has_text=PRIVATE)).to_have_count(0)
        assert PRIVATE not in page.content()
    two.locator(".bin > summary").click()
    expect(two.locator("#bin")).to_contain_text("Removed for good")
    expect(mine(author, PRIVATE)).to_have_count(0)
    author.reload()
    assert PRIVATE not in author.content()


def test_new_words_keep_the_original_and_it_can_be_put_back(posting):
    author, reader = posting.phone(), posting.phone()
    author.locator("#text").fill(RING)
    author.get_by_role("button", name="Send my idea").click()
    one, two = posting.console(), posting.console()
    live(two)
    more(one, RING).get_by_role("button", name="Reword").click()
    expect(one.locator("#new-words")).to_have_value(RING)
    one.locator("#new-words").fill(WALK)
    one.get_by_role("button", name="Save the new words").click()
    expect(one.locator("#rewording")).to_be_hidden()
    expect(mine(author, WALK)).to_contain_text(f"The facilitator changed the wording. You wrote: {RING}")
    expect(card(reader, WALK)).to_have_count(1)
    assert RING not in reader.content()
    original = card(two, WALK).locator(".original")
    expect(original.locator(".words")).to_be_hidden()
    original.locator("summary").click()
    expect(original.locator(".words")).to_have_text(RING)
    original.get_by_role("button", name="Put the original back").click()
    for page in (one, two, reader):
        expect(card(page, RING)).to_have_count(1)
        expect(card(page, WALK)).to_have_count(0)
    expect(mine(author, RING)).not_to_contain_text("changed the wording")


def test_two_facilitators_never_overwrite_each_others_words(posting):
    idea = posting.idea(posting.seat(), RING)
    console = posting.console()
    live(console)
    more(console, RING).get_by_role("button", name="Reword").click()
    console.locator("#new-words").fill(WALK)
    posting.run("reword", contribution=idea, text=DESK)
    console.get_by_role("button", name="Save the new words").click()
    expect(alert(console)).to_contain_text("has changed since you saw it")
    expect(console.locator("#new-words")).to_have_value(WALK)
    expect(console.locator("#rewording .fresh q")).to_have_text(DESK)
    expect(card(console, DESK)).to_have_count(1)
    console.get_by_role("button", name="Save the new words").click()
    expect(card(console, WALK)).to_have_count(1)
    expect(console.locator("#rewording")).to_be_hidden()
    assert posting.texts() == [WALK]


def test_half_written_new_words_outlast_patches_and_are_for_one_idea_at_a_time(posting):
    posting.idea(posting.seat(), RING)
    posting.idea(posting.seat(), WALK)
    console = posting.console()
    live(console)
    more(console, RING).get_by_role("button", name="Reword").click()
    console.locator("#new-words").fill("Half a thought")
    posting.go("vote")
    expect(console.locator("#stage[data-stage=vote]")).to_have_count(1)
    expect(console.locator("#new-words")).to_have_value("Half a thought")
    more(console, WALK).get_by_role("button", name="Reword").click()
    expect(alert(console)).to_contain_text("still changing the words of another idea")
    expect(console.locator("#new-words")).to_have_value("Half a thought")
    console.get_by_role("link", name="Leave it as it was").click()
    more(console, WALK).get_by_role("button", name="Reword").click()
    expect(console.locator("#new-words")).to_have_value(WALK)


def test_the_box_keeps_no_words_of_what_was_removed_meanwhile(posting):
    idea = posting.idea(posting.seat(), PRIVATE)
    console = posting.console()
    live(console)
    more(console, PRIVATE).get_by_role("button", name="Reword").click()
    console.locator("#new-words").fill(f"{PRIVATE} at night")
    posting.run("erase", contribution=idea)
    expect(console.locator("#rewording")).to_be_hidden()
    expect(alert(console)).to_contain_text("no longer here")
    expect(console.locator("#new-words")).to_have_value("")
    assert PRIVATE not in console.content()


def test_a_stage_left_by_mistake_comes_back_with_its_time(posting):
    console, phone, screen = posting.console(), posting.phone(), posting.screen()
    posting.run("set_timer", seconds=3000)
    for page in (console, phone, screen):
        live(page)
    ends = console.locator(".clock .timer").get_attribute("data-ends")
    next_step(console).click()
    for page in (phone, screen):
        expect(page.locator("#stage[data-stage=clarify]")).to_have_count(1)
    expect(undo_line(console)).to_contain_text("The room went to Clarify")
    undo_line(console).get_by_role("button", name="Undo").click()
    for page in (phone, screen, console):
        expect(page.locator("#stage[data-stage=post]")).to_have_count(1)
    expect(console.locator(".clock .timer")).to_have_attribute("data-ends", ends)
    expect(phone.get_by_role("button", name="Send my idea")).to_be_visible()


def test_undo_that_comes_too_late_says_so(posting):
    idea = posting.idea(posting.seat(), RING)
    console = posting.console()
    live(console)
    posting.run("hide", contribution=idea)
    expect(undo_line(console)).to_contain_text(RING)
    button = undo_line(console).get_by_role("button", name="Undo")
    done = button.get_attribute("value")
    posting.run("show", contribution=idea)
    expect(undo_line(console)).to_contain_text("Shown again")
    button.evaluate("(button, done) => { button.value = done; }", done)  # as if pressed just before the news came
    button.click()
    expect(alert(console)).to_contain_text("More has happened since")


def test_without_a_script_everything_is_done_with_plain_forms(room):
    room.go("post")
    ring = room.idea(room.seat(), RING)
    room.go("vote")
    late(room, WALK)
    console = room.console(**PLAIN)
    expect(console.locator(".bar .waits")).to_contain_text("1")
    card(console, WALK).get_by_role("button", name="Put on the board").click()
    expect(console.locator("#contributions").locator(card(console, WALK))).to_have_count(1)
    more(console, RING).get_by_role("button", name="Reword").click()
    console.locator("#new-words").fill(DESK)
    room.run("hide", contribution=ring)
    console.get_by_role("button", name="Save the new words").click()
    expect(alert(console)).to_contain_text("has changed since you saw it")
    expect(console.locator("#new-words")).to_have_value(DESK)
    console.get_by_role("button", name="Save the new words").click()
    expect(undo_line(console)).to_contain_text("Reworded")
    undo_line(console).get_by_role("button", name="Undo").click()
    more(console, RING).get_by_role("button", name="Remove for good").click()
    expect(card(console, RING)).to_have_count(0)
    assert DESK not in console.content()
    assert room.texts() == ["", WALK]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_console_in_any_of_these_states(posting, scheme):
    author = posting.seat()
    ideas = [posting.idea(author, f"{RING} {number}") for number in range(6)]
    posting.go("vote")
    late(posting, WALK)
    in_question(posting, SECRET)
    posting.run("hide", contribution=ideas[0])
    posting.run("erase", contribution=ideas[1])
    posting.send(author, "withdraw", contribution=ideas[2])
    posting.run("reword", contribution=ideas[3], text=DESK)
    console = posting.console(color_scheme=scheme)
    live(console)
    found = violations(console)  # everything unfolded
    card(console, DESK).get_by_role("button", name="Reword").click()
    for size in ("laptop", "beamer", "phone"):
        width, height = SIZES[size]
        console.set_viewport_size({"width": width, "height": height})
        for tab in ("#agenda", "#ideas") if size != "laptop" else ():
            console.locator(f"nav a[href='{tab}']").click()
        found += violations(console)
        assert console.evaluate("() => document.scrollingElement.scrollWidth - innerWidth") <= 0, size
    assert found == []
