"""The console's board in browsers: ticking, grouping, the ballot, paper cards and hands, live for both facilitators."""

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, alert, card, live, more, undo_line, unfold
from tests.browser.watching import SIZES

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
CALL = "Call each new carer in their first week"
WALK = "Walk the ward with a volunteer on Fridays"
DESK = "One desk where relatives can ask anything"
FAR = 200  # presses of Tab; more means that it cannot be reached


@pytest.fixture
def ideas(room: Room) -> dict[str, str]:
    """Four actions of four people, by their words; the room brings them together."""
    room.go("post")
    found = {words: room.idea(room.seat(), words) for words in (RING, CALL, WALK, DESK)}
    room.go("clarify")
    return found


@pytest.fixture
def two(room: Room, ideas):
    """Two facilitators' consoles."""
    consoles = room.console(), room.console()
    for console in consoles:
        live(console)
    return consoles


def tick(console, text: str):
    return card(console, text).locator(".tick input")


def grouped(console, *texts: str) -> None:
    """Wait until a console shows one theme with exactly these wordings."""
    expect(console.locator(".theme .members > li")).to_have_count(len(texts))
    for text in texts:
        expect(console.locator(".members > li").filter(has_text=text)).to_have_count(1)


def tab_to(page, target) -> None:
    for _ in range(FAR):
        if target.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached")


def test_ticks_outlast_what_others_change(room, ideas, two):
    one, other = two
    for text in (RING, CALL):
        tick(one, text).check()
    room.run("reword", contribution=ideas[RING], text="Ring new carers early")
    expect(tick(one, "Ring new carers early")).to_be_checked()
    room.run("set_timer", seconds=600)
    expect(one.locator(".clock .timer")).to_contain_text(":")
    expect(tick(one, CALL)).to_be_checked()
    expect(tick(other, CALL)).not_to_be_checked()
    expect(one.locator("#group .button")).to_have_text("Group (2)")


def test_one_groups_renames_and_splits_and_the_other_undoes(two):
    one, other = two
    for text in (RING, CALL, WALK):
        tick(one, text).check()
    one.locator("#group-title").fill("First weeks")
    one.locator("#group .button").click()
    for console in two:
        grouped(console, RING, CALL, WALK)
        expect(console.locator("[data-list=contributions]")).to_have_text("4")
        expect(console.locator("[data-themes]")).to_have_text("1")
    expect(one.locator(".tick :checked")).to_have_count(0)
    expect(one.locator("#group-title")).to_have_value("")
    one.locator("button[name=rename]").click()
    expect(one.locator("#new-title")).to_have_value("First weeks")
    expect(one.locator("#title-share")).to_have_value("local")
    one.locator("#new-title").fill("For new carers")
    one.locator("#title-share").select_option("team")
    one.get_by_role("button", name="Save the title").click()
    expect(other.locator(".theme .title")).to_have_text("For new carers")
    expect(other.locator(".theme > .kind")).to_contain_text("Title: Also to the project team")
    more(one, WALK).get_by_role("button", name="Split out").click()
    for console in two:
        grouped(console, RING, CALL)
        expect(console.locator("#contributions > [id^=contribution-]").filter(has_text=WALK)).to_have_count(1)
    expect(undo_line(other)).to_contain_text("Taken out of a group")
    undo_line(other).get_by_role("button", name="Undo").click()
    for console in two:
        grouped(console, RING, CALL, WALK)


def test_what_the_other_regrouped_is_not_grouped_blindly(room, ideas, two, browsers):
    one, _other = two
    for text in (RING, WALK):
        tick(one, text).check()
    browsers.cut(one)
    one.context.set_offline(True)
    room.run("merge", contributions=[ideas[RING], ideas[CALL]])
    one.context.set_offline(False)
    grouped(one, RING, CALL)
    expect(tick(one, WALK)).to_be_checked()
    one.locator("#group .button").click()
    expect(alert(one)).to_contain_text("Tick two or more")


def test_a_group_whose_only_shown_words_are_hidden_goes_and_comes_back(room, ideas, two):
    room.run("merge", contributions=[ideas[RING], ideas[CALL]])
    for console in two:
        grouped(console, RING, CALL)
    for text in (RING, CALL):
        room.run("hide", contribution=ideas[text])
    for console in two:
        expect(console.locator(".theme:visible")).to_have_count(0)
        expect(console.locator("#bin > li")).to_have_count(2)
    room.run("show", contribution=ideas[CALL])
    for console in two:
        grouped(console, CALL)


def test_everything_with_the_board_is_done_by_keyboard(ideas, two):
    one, other = two
    for text in (RING, CALL):
        tab_to(one, tick(one, text))
        one.keyboard.press("Space")
    one.locator("#group-title").focus()
    one.keyboard.type("First weeks")
    tab_to(one, one.locator("#group .button"))
    one.keyboard.press("Enter")
    grouped(other, RING, CALL)
    tab_to(one, one.locator("#shortlist summary"))
    one.keyboard.press("Enter")
    tab_to(one, one.locator(f"#shortlist input[value='{ideas[DESK]}']"))
    one.keyboard.press("Space")
    tab_to(one, one.get_by_role("button", name="Use this ballot"))
    one.keyboard.press("Enter")
    for console in two:
        expect(console.locator("#shortlist summary")).to_contain_text("2 ideas on the ballot")
    tab_to(one, one.locator("button[name=rename]"))
    one.keyboard.press("Enter")
    one.keyboard.press("ControlOrMeta+A")
    one.keyboard.type("New carers")
    tab_to(one, one.get_by_role("button", name="Save the title"))
    one.keyboard.press("Enter")
    expect(other.locator(".theme .title")).to_have_text("New carers")
    expect(one.locator("button[name=rename]")).to_be_focused()


def test_look_alikes_stand_side_by_side_until_someone_says_what_they_are(room, ideas, two):
    one, other = two
    room.run("go_to_stage", stage="post")
    for text in ("A bench by the pond for visitors", "A bench by the pond for the visitors"):
        room.idea(room.seat(), text)
    room.go("clarify")
    for console in two:
        expect(console.locator("[data-pair]:visible")).to_have_count(2)
    pond = one.locator("[data-pair]").filter(has_text="pond")
    pond.get_by_role("button", name="Not the same").click()
    expect(pond).to_be_hidden()
    one.reload()
    live(one)
    expect(pond).to_be_hidden()
    one.get_by_role("button", name="Group these two").click()
    for console in two:
        grouped(console, RING, CALL)
    expect(one.locator("#alike")).to_be_hidden()
    expect(other.locator("[data-pair]:visible")).to_have_count(1)


def test_a_ballot_half_chosen_outlasts_a_new_idea(room, ideas, two):
    one, other = two
    unfold(one.locator("#shortlist details"))
    one.locator(f"#shortlist input[value='{ideas[DESK]}']").uncheck()
    room.run("reword", contribution=ideas[WALK], text="Walk the ward")
    expect(one.locator("#shortlist")).to_contain_text("Walk the ward")
    expect(one.locator("#shortlist")).not_to_contain_text(WALK)
    expect(one.locator(f"#shortlist input[value='{ideas[DESK]}']")).not_to_be_checked()
    one.get_by_role("button", name="Use this ballot").click()
    expect(other.locator("#shortlist summary")).to_contain_text("3 ideas on the ballot")


def test_a_pile_of_paper_cards_goes_in_one_after_the_other(two):
    one, other = two
    unfold(one.locator("#adding"))
    one.locator("#add-text").fill("The first card")
    one.locator("#add [name=kind][value=example]").check()
    one.get_by_role("button", name="Add it to the board").click()
    expect(card(other, "The first card")).to_contain_text("Added for someone")
    expect(one.locator("#add-text")).to_be_focused()
    expect(one.locator("#add-text")).to_have_value("")
    one.keyboard.type("The second card")
    tab_to(one, one.get_by_role("button", name="Add it to the board"))
    one.keyboard.press("Enter")
    expect(card(other, "The second card")).to_contain_text("Already done here")


def test_hands_count_as_soon_as_one_goes_on(room, ideas):
    room.go("vote")
    one, other = room.console(), room.console("phone")
    for console in (one, other):
        live(console)
    unfold(one.locator("#hands details"))
    first = one.locator("#hands input").first
    first.fill("7")
    first.press("Tab")
    expect(one.locator("#hands summary")).to_contain_text("7 dots entered")
    expect(one.locator("#hands input").nth(1)).to_be_focused()
    one.keyboard.type("2")
    one.keyboard.press("Enter")
    expect(other.locator("#hands summary")).to_contain_text("9 dots entered")
    room.go("reveal")
    assert sorted(room.snapshot()["votes"]["tally"].values()) == [2, 7]


def test_both_see_at_once_what_the_screen_shows(ideas, two):
    one, other = two
    more(one, RING).get_by_role("button", name="Show it large").click()
    for console in two:
        expect(card(console, RING)).to_contain_text("On the screen now")
        expect(console.locator("#tools")).to_contain_text("It shows one thing, large.")
    other.get_by_role("button", name="Blank it").click()
    for console in two:
        expect(console.locator("#tools")).to_contain_text("It shows nothing now.")
    one.get_by_role("button", name="Show it again").click()
    other.get_by_role("button", name="Back to the room").click()
    for console in two:
        expect(console.locator("#tools")).to_contain_text("It shows Clarify.")


@pytest.mark.parametrize("stage", ["clarify", "vote"])
def test_a_grouped_board_is_open_to_everyone(room, ideas, stage):
    room.run("merge", contributions=[ideas[RING], ideas[CALL]], title="First weeks")
    room.go(stage)
    console = room.console()
    live(console)
    console.locator("button[name=rename]").click()
    found = violations(console)
    width, height = SIZES["phone"]
    console.set_viewport_size({"width": width, "height": height})
    for tab in ("#ideas", "#room"):
        console.locator(f"nav a[href='{tab}']").click()
        found += violations(console)
        assert console.evaluate("() => document.documentElement.scrollWidth") <= width
    console.goto(f"/console/{room.code}/log")
    assert found + violations(console) == []
