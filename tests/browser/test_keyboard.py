"""Everything by keyboard alone: what has the focus is seen, and a live page never takes it away."""

import pytest

from tests.browser.playing import expect
from tests.browser.room import Room, card, dot, live, mine, next_step, send_button, undo_line

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
FAR = 80  # presses of Tab; more means that it cannot be reached
FOCUS = """
() => {
  const held = document.activeElement;
  if (!held || held === document.body) return null;
  const look = getComputedStyle(held), box = held.getBoundingClientRect();
  const drawn = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2;
  const wrap = held.closest("label") ?? held;
  const [x, y] = [box.left + Math.min(box.width, 40) / 2, box.top + Math.min(box.height, 40) / 2];
  const over = document.elementFromPoint(x, y);
  return {
    name: held.textContent.trim().slice(0, 40) || held.id || held.outerHTML.slice(0, 80),
    visible: held.matches(":focus-visible"),
    drawn: drawn(look) || drawn(getComputedStyle(wrap)) || look.boxShadow !== "none",
    uncovered: Boolean(over) && (held.contains(over) || over.contains(held) || wrap.contains(over)),
  };
}
"""


def tab_to(page, target, key: str = "Tab") -> None:
    """Press Tab until the target has the focus; every stop on the way must be seen."""
    for _ in range(FAR):
        page.keyboard.press(key)
        focus = page.evaluate(FOCUS)
        assert focus is None or (focus["visible"] and focus["drawn"] and focus["uncovered"]), focus
        if target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with {key}")


def holds(page) -> str:
    """The id of the card that the focused control belongs to, or else what has the focus."""
    return page.evaluate(
        "() => document.activeElement.closest('li[id^=contribution-]')?.id ?? document.activeElement.tagName"
    )


@pytest.fixture
def ideas(room: Room) -> dict[str, str]:
    """Two ideas of somebody else's, by their words; `seat` is whose they are."""
    room.go("post")
    seat = room.seat()
    return {"seat": seat, **{text: room.idea(seat, text) for text in (RING, WALK)}}


def test_join_write_choose_who_sees_it_send_and_vote(room, browsers):
    room.go("post")
    phone = browsers.open(room.server.address)
    phone.goto(f"/j/{room.code}")
    tab_to(phone, phone.get_by_role("button", name="Join", exact=True))
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"**/s/{room.code}")
    tab_to(phone, phone.locator("#text"))
    phone.keyboard.type(RING)
    tab_to(phone, phone.locator("#write summary").filter(has_text="Goes to"))
    phone.keyboard.press("Enter")
    tab_to(phone, phone.locator("#write [name=share][value=local]"))
    phone.keyboard.press("ArrowDown")
    expect(phone.locator("#write [name=share][value=team]")).to_be_checked()
    tab_to(phone, send_button(phone))
    phone.keyboard.press("Enter")
    expect(mine(phone, RING)).to_contain_text("Saved")
    expect(mine(phone, RING)).to_contain_text("Also to the project team")
    room.go("vote")
    expect(dot(phone, RING)).to_be_visible()
    tab_to(phone, dot(phone, RING))
    for pressed, left in (("true", 2), ("false", 3)):
        phone.keyboard.press("Space")
        expect(phone.locator("#my-budget")).to_contain_text(f"{left} of 3 left")
        expect(dot(phone, RING)).to_have_attribute("aria-pressed", pressed)
        expect(dot(phone, RING)).to_be_focused()


def test_a_choice_keeps_the_focus_when_its_card_is_drawn_anew(room, ideas):
    room.go("vote")
    phone = room.phone()
    live(phone)
    tab_to(phone, dot(phone, RING))
    before = card(phone, RING).get_attribute("data-rev")
    room.send(ideas["seat"], "set_sharing", contribution=ideas[RING], share="team")
    expect(card(phone, RING)).not_to_have_attribute("data-rev", before)
    expect(dot(phone, RING)).to_be_focused()
    assert phone.evaluate(FOCUS)["visible"]


def test_when_a_card_goes_the_next_tab_goes_on_from_there(room, ideas):
    room.go("vote")
    phone = room.phone()
    live(phone)
    tab_to(phone, dot(phone, RING))
    room.run("hide", contribution=ideas[RING])
    expect(card(phone, RING)).to_have_count(0)
    tab_to(phone, dot(phone, WALK))


def test_words_being_typed_keep_the_focus_when_the_stage_is_drawn_anew(room, ideas):
    phone = room.phone()
    live(phone)
    tab_to(phone, phone.locator("#text"))
    phone.keyboard.type("Half")
    room.run("show_timer", where="phones")
    room.run("set_timer", seconds=60)
    expect(phone.locator("#stage .timer")).to_contain_text("0:")
    expect(phone.locator("#text")).to_be_focused()
    phone.keyboard.type(" a thought")
    expect(phone.locator("#text")).to_have_value("Half a thought")


def test_the_facilitator_goes_on_hides_and_shows(room, ideas):
    console = room.console()
    live(console)
    tab_to(console, card(console, RING).get_by_role("button", name="Hide", exact=True))
    console.keyboard.press("Enter")
    expect(console.locator("#bin").locator(card(console, RING))).to_have_count(1)
    assert holds(console) == f"contribution-{ideas[WALK]}"  # what stands where it stood
    tab_to(console, console.locator(".bin > summary"))
    console.keyboard.press("Enter")
    tab_to(console, card(console, RING).get_by_role("button", name="Show again"))
    console.keyboard.press("Space")
    expect(card(console, RING).get_by_role("button", name="Hide", exact=True)).to_be_visible()
    assert holds(console) != "BODY"
    tab_to(console, next_step(console), "Shift+Tab")
    console.keyboard.press("Enter")
    expect(console.locator("#stage[data-stage=clarify]")).to_have_count(1)
    assert holds(console) != "BODY"


def test_what_was_done_is_undone_without_a_mouse(room, ideas):
    console = room.console()
    live(console)
    tab_to(console, card(console, WALK).get_by_role("button", name="Hide", exact=True))
    console.keyboard.press("Enter")
    expect(undo_line(console)).to_contain_text(WALK)
    tab_to(console, undo_line(console).get_by_role("button", name="Undo"))
    console.keyboard.press("Enter")
    expect(console.locator("#contributions").locator(card(console, WALK))).to_have_count(1)
    assert holds(console) != "BODY"


def test_new_words_and_removing_for_good_without_a_mouse(room, ideas):
    console = room.console()
    live(console)
    tab_to(console, card(console, RING).locator(".further > summary"))
    console.keyboard.press("Enter")
    tab_to(console, card(console, RING).get_by_role("button", name="Reword"))
    console.keyboard.press("Enter")
    expect(console.locator("#new-words")).to_be_focused()
    console.keyboard.press("Control+End")
    console.keyboard.type(", kindly")
    tab_to(console, console.get_by_role("button", name="Save the new words"))
    console.keyboard.press("Space")
    reworded = card(console, f"{RING}, kindly")
    expect(reworded.get_by_role("button", name="Reword")).to_be_focused()
    tab_to(console, reworded.locator(".for-good > summary"))
    console.keyboard.press("Enter")
    tab_to(console, reworded.get_by_role("button", name="Remove for good"))
    console.keyboard.press("Enter")
    expect(card(console, RING)).to_have_count(0)
    assert holds(console) == f"contribution-{ideas[WALK]}"


def test_the_facilitators_focus_stays_when_others_change_the_page(room, ideas):
    console = room.console()
    live(console)
    hide = card(console, RING).get_by_role("button", name="Hide", exact=True)
    tab_to(console, hide)
    before = card(console, RING).get_attribute("data-rev")
    room.send(ideas["seat"], "reword", contribution=ideas[RING], text=f"{RING}, kindly")
    expect(card(console, f"{RING}, kindly")).not_to_have_attribute("data-rev", before)
    expect(hide).to_be_focused()
    tab_to(console, next_step(console), "Shift+Tab")
    room.run("set_timer", seconds=600)
    expect(console.locator("#stage .timer")).to_contain_text("9:")
    expect(next_step(console)).to_be_focused()


def test_the_skip_link_leads_past_the_head(room):
    console = room.console()
    console.keyboard.press("Tab")
    expect(console.get_by_role("link", name="Skip")).to_be_focused()
    expect(console.get_by_role("link", name="Skip")).to_be_in_viewport()
    console.keyboard.press("Enter")
    console.keyboard.press("Tab")
    assert console.evaluate("() => document.getElementById('main').contains(document.activeElement)")
