"""The screen in a room: what is put in the light, rest, keys, the size of its text, pages, time; all without powers."""

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, card, live, opened_on
from tests.browser.stock import stocked

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
OFF = "() => document.scrollingElement.scrollHeight - innerHeight"
ON_THE_WALL = """
() => [...document.querySelectorAll("#contributions > li")]
  .filter((card) => card.checkVisibility({visibilityProperty: true})).map((card) => card.id)
"""
COUNTING_CHIMES = """
window.chimes = 0;
AudioContext = class {};
OscillatorNode = class { connect(to) { return to; } start() { window.chimes += 1; } stop() {} };
GainNode = class { gain = { exponentialRampToValueAtTime() {} }; connect(to) { return to; } };
"""


@pytest.fixture(scope="module")
def filled(server) -> Room:
    """One full session for all looks at it."""
    return stocked(Room(server, None, opened_on(server)))[0]


@pytest.fixture
def full(filled, browsers) -> Room:
    """The full session, for this test's browsers."""
    return Room(filled.server, browsers, filled.opened)


def opened(room: Room, stage: str, **options):
    """Go to a stage and open the screen there."""
    room.go(stage)
    screen = room.screen(**options)
    live(screen)
    return screen


def height(screen, part: str) -> float:
    return screen.locator(part).first.evaluate("(part) => parseFloat(getComputedStyle(part).fontSize)")


def test_one_thing_is_put_in_the_light_and_out_of_it_again(room):
    room.go("post")
    seat = room.seat()
    idea, _other = room.idea(seat, RING), room.idea(seat, "Another idea")
    screen = room.screen()
    live(screen)
    room.run("spotlight", target=idea)
    expect(screen.locator("h1")).to_have_text(RING)
    expect(screen.get_by_text("Another idea")).to_have_count(0)
    assert height(screen, "h1") >= 80
    assert violations(screen) == []
    room.run("hide", contribution=idea)
    expect(screen.get_by_text(RING)).to_have_count(0)
    room.run("spotlight", target=None)
    expect(card(screen, "Another idea")).to_be_visible()


def test_the_longest_words_in_the_light_can_be_read_to_their_end(room):
    room.go("post")
    idea = room.idea(room.seat(), "A long story of one night. " * 70)
    screen = room.screen("beamer")
    live(screen)
    room.run("spotlight", target=idea)
    lit = screen.locator(".lit")
    expect(lit).to_be_visible()
    for _ in range(6):
        screen.keyboard.press("ArrowDown")
    reached = lit.evaluate("(lit) => lit.scrollHeight - lit.scrollTop - lit.clientHeight")
    assert reached <= 2
    assert screen.evaluate(OFF) <= 0


def test_a_blank_screen_is_still_connected(room):
    screen = opened(room, "post")
    room.run("blank", blank=True)
    expect(screen.locator("#stage")).to_have_text("We go on in a moment.")
    assert violations(screen) == []
    room.run("blank", blank=False)
    expect(screen.locator("h1")).to_contain_text("What small step")


def test_the_keys_are_listed_and_focus_stays_with_the_list(full):
    screen = opened(full, "post")
    screen.keyboard.press("?")
    sheet = screen.get_by_role("dialog", name="Keys for this screen")
    expect(sheet).to_be_visible()
    assert violations(screen) == []
    for _ in range(4):
        screen.keyboard.press("Tab")
        assert screen.evaluate("() => document.activeElement.closest('dialog, body').matches('dialog, body')")
        assert not screen.evaluate("() => document.activeElement.id === 'ask-keys'")
    screen.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    screen.locator("#ask-keys").focus()
    screen.keyboard.press("Enter")
    expect(sheet).to_be_visible()
    sheet.get_by_role("button", name="Back").click()
    expect(screen.locator("#ask-keys")).to_be_focused()


def test_each_key_does_what_the_list_says(full):
    screen = opened(full, "post")
    full.run("set_timer", seconds=300)
    expect(screen.locator(".time-row")).to_be_visible()
    screen.keyboard.press("t")
    expect(screen.locator(".time-row")).to_be_hidden()
    screen.keyboard.press("t")
    expect(screen.locator(".time-row")).to_be_visible()
    screen.keyboard.press("q")
    way_in = screen.get_by_role("dialog", name="The way in")
    expect(way_in.get_by_role("img")).to_be_in_viewport(ratio=0.99)
    expect(way_in.locator(".code")).to_be_in_viewport(ratio=0.99)
    assert violations(screen) == []
    screen.keyboard.press("b")
    expect(way_in).to_be_hidden()
    rest = screen.get_by_role("dialog", name="Rest")
    expect(rest).to_be_visible()
    assert violations(screen) == []
    screen.keyboard.press("Escape")
    expect(rest).to_be_hidden()
    screen.keyboard.press("f")
    screen.wait_for_function("() => document.fullscreenElement")
    screen.keyboard.press("f")
    screen.wait_for_function("() => !document.fullscreenElement")


def test_larger_text_stays_and_nothing_is_cut_by_it(full):
    screen = opened(full, "think")
    before = height(screen, "h1")
    for _ in range(3):
        screen.keyboard.press("+")
    assert height(screen, "h1") == pytest.approx(before * 1.32, rel=0.02)
    screen.reload()
    live(screen)
    assert height(screen, "h1") == pytest.approx(before * 1.32, rel=0.02)
    screen.keyboard.press("-")
    assert height(screen, "h1") == pytest.approx(before * 1.15, rel=0.02)


def test_arrows_turn_the_pages_of_a_full_wall(full):
    screen = opened(full, "post", size="beamer")
    every = screen.locator("#contributions > li").count()
    seen = set(screen.evaluate(ON_THE_WALL))
    assert len(seen) < every
    first = sorted(seen)
    for page in range(2, 20):
        screen.keyboard.press("ArrowRight")
        if f"page {page} /" not in screen.locator(".more").inner_text():
            break
        seen |= set(screen.evaluate(ON_THE_WALL))
    assert len(seen) == every
    for _ in range(20):
        screen.keyboard.press("ArrowLeft")
    assert sorted(screen.evaluate(ON_THE_WALL)) == first


def test_an_ambition_is_named_as_soon_as_someone_does(room):
    room.go("post")
    seat, screen = room.seat(), room.screen()
    live(screen)
    room.idea(seat, RING, ambitions=[1, 2, 3, 4, 5])
    strip = screen.locator("#strip")
    expect(strip).to_contain_text("Nothing here yet for Ambition 6")
    expect(strip.locator("rect.unnamed")).to_have_count(1)
    room.idea(seat, "Ask the neighbours", ambitions=[6])
    expect(strip).to_contain_text("Something here for every ambition")


def test_groups_take_their_place_while_the_room_looks_on(room):
    room.go("post")
    seat = room.seat()
    one, other = room.idea(seat, RING), room.idea(seat, "Call each new carer")
    screen = opened(room, "clarify")
    result = room.send(room.opened.facilitator_token, "merge", contributions=[one, other], title="Nobody alone")
    group = screen.locator("#contributions > li")
    expect(group).to_have_count(1)
    expect(group).to_contain_text("said in 2 ways")
    expect(group).to_be_in_viewport(ratio=0.99)
    room.run("undo", command=result["id"])
    expect(group).to_have_count(2)


def test_one_more_minute_is_one_more_minute_and_then_a_quiet_chime(room):
    room.go("post")
    room.run("show_timer", where="screen", chime=True)
    screen = room.screen()
    screen.add_init_script(COUNTING_CHIMES)
    screen.reload()
    live(screen)
    room.run("set_timer", seconds=110)
    expect(screen.locator(".timer")).to_contain_text("1:")
    room.run("set_timer", seconds=60, add=True)
    expect(screen.locator(".timer")).to_contain_text("2:")
    screen.keyboard.press("t")
    screen.keyboard.press("t")
    room.run("set_timer", seconds=1)
    expect(screen.locator(".timer")).to_have_text("Time to come together")
    screen.wait_for_function("() => window.chimes === 2")
    screen.wait_for_timeout(1200)
    assert screen.evaluate("() => window.chimes") == 2


def test_colours_of_the_system_and_no_motion_are_respected(full):
    for stage in ("post", "reveal", "agree"):
        screen = opened(full, stage, forced_colors="active", reduced_motion="reduce")
        assert violations(screen) == []
        assert (
            screen.evaluate("() => document.getAnimations().filter((each) => each.playState === 'running').length") == 0
        )
