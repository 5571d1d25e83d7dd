"""Words are not lost with a tab, a storage, a seat or a whole database; and are forgotten when they should be."""

import pytest

from tests.browser.axe import violations
from tests.browser.keeping import FORBID_DATABASE, FORBID_STORAGE, change, copy_aside, kept, put_back, until_kept
from tests.browser.playing import Error, expect
from tests.browser.room import Room, act, alert, card, dot, join, live, mine, opened_on, reword, send_button, write
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
HALF = "Half a thought, and then the tea"
LATER = "A desk where relatives can ask anything"


@pytest.fixture
def posting(room: Room) -> Room:
    """A session where people are posting."""
    room.go("post")
    return room


@pytest.fixture
def own(own_server, browsers) -> Room:
    """A session where people are posting, on a server to be treated roughly."""
    room = Room(own_server, browsers, opened_on(own_server))
    room.go("post")
    return room


def waiting(page, text: str) -> None:
    write(page, text)
    expect(mine(page, text)).to_contain_text("Waiting for network")


def saved(page, text: str) -> None:
    expect(mine(page, text).filter(has_text="Saved")).to_have_count(1)
    expect(mine(page, text)).to_have_count(1)


# On the phone


def test_going_offline_in_mid_sentence_loses_neither_the_sentence_nor_what_was_sent(posting, browsers):
    phone = posting.phone()
    live(phone)
    phone.locator("#text").press_sequentially(HALF[:10])
    with browsers.offline(phone):
        phone.locator("#text").press_sequentially(HALF[10:])
        expect(phone.locator("#live")).to_contain_text("your ideas are kept on this phone")
        send_button(phone).click()
        expect(mine(phone, HALF)).to_contain_text("Waiting for network (1)")
        waiting(phone, RING)
        expect(mine(phone, HALF)).to_contain_text("Waiting for network (2)")
        assert violations(phone) == []
        phone.locator("#text").fill(WALK)
    for text in (HALF, RING):
        saved(phone, text)
    expect(phone.locator("#text")).to_have_value(WALK)
    assert posting.texts() == [HALF, RING]


def test_a_tab_that_crashes_with_a_full_outbox_loses_nothing(posting, browsers):
    phone = posting.phone()
    live(phone)
    again = phone.context.new_page()
    again.goto(f"/j/{posting.code}")
    with browsers.offline(phone):
        for text in (RING, WALK):
            waiting(phone, text)
        phone.locator("#text").fill(HALF)
        until_kept(again, HALF)  # what another process sees has left the one that crashes
        with pytest.raises(Error, match="crash"):
            phone.goto("chrome://crash")
        phone.close()
    again.goto(f"/s/{posting.code}")
    for text in (RING, WALK):
        saved(again, text)
    expect(again.locator("#text")).to_have_value(HALF)
    assert posting.texts() == [RING, WALK]


def test_what_is_half_written_comes_back_with_its_choices(posting):
    phone = posting.phone()
    write(phone, RING)
    saved(phone, RING)
    phone.locator("#write .options > summary").click()
    phone.get_by_label("Concern").check()
    phone.locator("[name=ambitions][value='4']").check()
    phone.locator("#text").fill(HALF)
    act(phone, RING, "reword").locator("textarea").fill(WALK)
    phone.reload()
    expect(phone.locator("#text")).to_have_value(HALF)
    expect(phone.locator("[name=kind]:checked")).to_have_value("concern")
    expect(phone.locator("[name=ambitions]:checked")).to_have_value("4")
    expect(act(phone, RING, "reword").locator("textarea")).to_have_value(WALK)
    assert violations(phone) == []
    act(phone, RING, "reword").get_by_role("button").click()
    saved(phone, WALK)
    phone.reload()
    saved(phone, WALK)
    expect(act(phone, WALK, "reword").locator("textarea")).to_have_value(WALK)


def test_without_a_database_the_phone_keeps_things_elsewhere(posting, browsers):
    phone = browsers.open(posting.server.address)
    phone.context.add_init_script(FORBID_DATABASE)
    join(phone, posting.code)
    live(phone)
    with browsers.offline(phone):
        waiting(phone, RING)
        expect(phone.get_by_text("This phone cannot keep")).to_have_count(0)
        phone.locator("#text").fill(HALF)
        phone.close()
    again = phone.context.new_page()
    again.goto(f"/s/{posting.code}")
    saved(again, RING)
    expect(again.locator("#text")).to_have_value(HALF)
    assert posting.texts() == [RING]


def test_without_any_storage_the_phone_says_so_and_works(posting, browsers):
    phone = browsers.open(posting.server.address)
    phone.context.add_init_script(FORBID_STORAGE)
    join(phone, posting.code)
    expect(phone.get_by_text("This phone cannot keep unsent ideas")).to_be_visible()
    assert violations(phone) == []
    live(phone)
    with browsers.offline(phone):
        waiting(phone, RING)
    saved(phone, RING)
    expect(phone.get_by_text("This phone cannot keep unsent ideas")).to_be_visible()
    phone.locator("#text").fill(HALF)
    phone.wait_for_function("() => history.state?.words")
    phone.reload()
    expect(phone.locator("#text")).to_have_value(HALF)
    assert posting.texts() == [RING]


def test_leaving_the_page_sends_what_is_unsent(posting, browsers):
    phone = posting.phone()
    browsers.block_sockets(phone)
    phone.reload()
    live(phone)
    phone.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('away')); }")
    waiting(phone, RING)
    phone.goto(f"/j/{posting.code}")
    posting_has(posting, [RING])
    phone.goto(f"/s/{posting.code}")
    saved(phone, RING)
    assert posting.texts() == [RING]


def posting_has(room: Room, texts: list[str]) -> None:
    """Wait until the facilitator has these words; they come by themselves, so nothing on a page says when."""
    page = room.console()
    for text in texts:
        expect(card(page, text)).to_have_count(1)


def test_what_is_too_much_for_one_batch_goes_in_several(posting, browsers):
    phone = posting.phone()
    live(phone)
    texts = [f"Idea {number:02}: " + "☕" * 1990 for number in range(12)]
    with browsers.offline(phone):
        for text in texts:
            waiting(phone, text)
    for text in texts:
        saved(phone, text[:8])
    assert posting.texts() == sorted(texts)


def test_an_hours_ideas_come_one_by_one_where_they_are_too_many_at_once(tmp_path, browsers):
    """A phone that was away has more to say than a seat may at once: it is asked to wait, and does so by itself."""
    server = Server(tmp_path, limits="posts=4/0.5")
    opened = opened_on(server)
    server.start()
    room = Room(server, browsers, opened)
    room.go("post")
    phone = room.phone()
    live(phone)
    texts = [f"Idea {number:02} of a long hour" for number in range(15)]
    with browsers.offline(phone):
        for text in texts:
            waiting(phone, text)
    for text in texts:
        saved(phone, text)
    assert room.texts() == texts
    assert server.stop() == ""


# In time and too late


def test_an_idea_that_comes_a_little_after_its_stage_still_counts(posting, browsers):
    phone = posting.phone()
    live(phone)
    with browsers.offline(phone):
        waiting(phone, RING)
        posting.go("vote")
    expect(phone.locator("#stage[data-stage=vote]")).to_have_count(1)
    expect(card(phone, RING)).to_have_count(1)
    saved(phone, RING)
    (late,) = posting.snapshot()["contributions"]
    assert (late["state"], late["late"]) == ("shown", True)


def test_an_idea_that_comes_long_after_its_stage_waits_for_the_facilitator(own, browsers):
    phone = own.phone()
    live(phone)
    with browsers.offline(phone):
        waiting(phone, RING)
        own.go("vote")
        change(own.server, "UPDATE opening SET ended_at = ? WHERE stage = 'post'", "2026-01-01 00:00:00.000000")
    expect(mine(phone, RING)).to_contain_text("Waiting for the facilitator")
    expect(mine(phone, RING)).to_have_count(1)
    assert violations(phone) == []
    expect(card(phone, RING)).to_have_count(0)
    (late,) = own.snapshot()["contributions"]
    assert (late["state"], late["late"]) == ("held", True)
    own.run("approve", contribution=late["id"])
    saved(phone, RING)
    expect(card(phone, RING)).to_have_count(1)


def test_what_is_erased_is_forgotten_by_the_phone_that_wrote_it(posting):
    phone = posting.phone()
    write(phone, RING)
    saved(phone, RING)
    until_kept(phone, RING)
    act(phone, RING, "reword").locator("textarea").fill(HALF)
    until_kept(phone, HALF)
    posting.run("erase", contribution=posting.snapshot()["contributions"][0]["id"])
    expect(mine(phone, RING)).to_have_count(0)
    for words in (RING, HALF):
        until_kept(phone, words, there=False)


# On the server


def test_an_older_database_gets_back_from_the_phones_what_it_is_missing(own, own_server, browsers):
    one, two, joined_later = own.phone(), own.phone(), None
    write(one, RING)
    saved(one, RING)
    aside = copy_aside(own_server)
    write(one, WALK)
    saved(one, WALK)
    reword(one, RING, "Ring every new carer, twice")
    saved(one, "twice")
    write(two, HALF)
    saved(two, HALF)
    joined_later = own.phone()
    write(joined_later, LATER)
    saved(joined_later, LATER)
    phones = (one, two, joined_later)
    before, epoch = own.texts(), own.snapshot()["epoch"]
    browsers.cut(*phones)
    own_server.kill()
    put_back(own_server, aside)
    for phone in phones:
        browsers.allow(phone, 401, 410)
    own_server.start()
    for phone in phones:
        phone.wait_for_function("(epoch) => document.body.dataset.epoch !== epoch", arg=epoch)
    for phone, text in ((one, WALK), (one, "twice"), (two, HALF), (joined_later, LATER)):
        expect(card(phone, text)).to_have_count(1)
        saved(phone, text)
    assert own.texts() == before
    for phone in phones:
        live(phone)
        phone.reload()
        live(phone)
    assert own.texts() == before
    expect(one.locator("#my-cards > li")).to_have_count(2)


def test_words_that_were_taken_back_are_not_kept_and_come_back_with_no_database(own, own_server, browsers):
    phone = own.phone()
    write(phone, RING)
    saved(phone, RING)
    until_kept(phone, RING)
    aside = copy_aside(own_server)
    act(phone, RING, "withdraw").get_by_role("button").click()
    expect(mine(phone, RING)).to_have_count(0)
    until_kept(phone, RING, there=False)
    browsers.cut(phone)
    own_server.kill()
    put_back(own_server, aside)
    browsers.allow(phone, 410)
    own_server.start()
    live(phone)
    expect(phone.locator("#my-cards > li")).to_have_count(0)
    phone.reload()
    expect(phone.locator("#my-cards > li")).to_have_count(0)
    assert own.texts() == [""]


def test_votes_are_counted_once_after_an_older_database_was_put_back(own, own_server, browsers):
    own.idea(own.seat(), RING)
    own.go("vote")
    phone = own.phone()
    aside = copy_aside(own_server)
    dot(phone, RING).click()
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    browsers.cut(phone)
    own_server.kill()
    put_back(own_server, aside)
    browsers.allow(phone, 410)
    own_server.start()
    expect(phone.locator("#my-votes > li")).to_have_count(1, timeout=15_000)
    live(phone)
    expect(phone.locator("#my-budget")).to_contain_text("2 of 3 left")
    assert own.snapshot()["people"]["voted"] == 1


def test_new_words_an_older_database_cannot_take_now_are_not_lost(own, own_server, browsers):
    phone = own.phone()
    write(phone, RING)
    saved(phone, RING)
    own.go("vote")
    expect(phone.locator("#stage[data-stage=vote]")).to_have_count(1)
    aside = copy_aside(own_server)
    own.go("post")
    expect(phone.locator("#stage[data-stage=post]")).to_have_count(1)
    reword(phone, RING, WALK)
    saved(phone, WALK)
    browsers.cut(phone)
    own_server.kill()
    put_back(own_server, aside)
    browsers.allow(phone, 410)
    own_server.start()
    expect(mine(phone, WALK)).to_contain_text("Not sent yet", timeout=30_000)
    for button in ("Try again", "Remove", "Copy"):
        expect(mine(phone, WALK).get_by_role("button", name=button)).to_be_visible()
    expect(mine(phone, RING)).to_have_count(1)


# The seat


def without_a_seat(own: Room, browsers, phone) -> None:
    """Make the phone's credential worth nothing."""
    browsers.allow(phone, 401)
    change(own.server, "DELETE FROM credential WHERE role = 'seat'")


def test_a_phone_whose_seat_is_not_known_takes_another_and_brings_its_words(own, browsers):
    phone = own.phone()
    write(phone, RING)
    saved(phone, RING)
    live(phone)
    seat = phone.evaluate("() => document.body.dataset.seat")
    with browsers.offline(phone):
        waiting(phone, WALK)
        phone.locator("#text").fill(HALF)
        without_a_seat(own, browsers, phone)
    expect(phone.get_by_text("This phone has a new seat")).to_be_visible()
    saved(phone, WALK)
    expect(phone.locator("#text")).to_have_value(HALF)
    assert phone.evaluate("() => document.body.dataset.seat") != seat
    live(phone)
    assert own.texts() == sorted([RING, WALK])
    own.idea(own.seat(), LATER)
    expect(card(phone, LATER)).to_have_count(1)
    phone.reload()
    saved(phone, WALK)
    expect(phone.locator("#text")).to_have_value(HALF)
    write(phone, HALF)
    saved(phone, HALF)
    assert own.texts() == sorted([RING, WALK, HALF, LATER])


def test_while_joining_is_paused_a_phone_without_a_seat_keeps_its_words(own, browsers):
    phone = own.phone()
    live(phone)
    with browsers.offline(phone):
        waiting(phone, RING)
        own.run("lock_joining")
        without_a_seat(own, browsers, phone)
    expect(alert(phone)).to_contain_text("Joining is paused")
    expect(mine(phone, RING).get_by_role("button", name="Copy")).to_be_visible()
    assert violations(phone) == []
    own.run("lock_joining", locked=False)
    saved(phone, RING)
    assert own.texts() == [RING]


def test_someone_else_using_the_phone_finds_nothing_of_the_one_before(posting):
    phone = posting.phone()
    write(phone, RING)
    saved(phone, RING)
    phone.locator("#text").fill(HALF)
    until_kept(phone, HALF)
    phone.locator(".moment > summary").click()
    assert violations(phone) == []
    before = phone.evaluate("() => document.body.dataset.seat")
    with phone.expect_navigation():
        phone.get_by_role("button", name="Someone else is using this phone").click()
    assert phone.evaluate("() => document.body.dataset.seat") != before
    expect(phone.locator("#my-cards > li")).to_have_count(0)
    expect(phone.locator("#text")).to_have_value("")
    assert kept(phone) == []
    write(phone, WALK)
    saved(phone, WALK)
    assert posting.people() == 2
    assert posting.texts() == [RING, WALK]


def test_what_is_unsent_is_said_before_a_phone_changes_hands_and_not_sent_by_the_next(posting, browsers):
    phone = posting.phone()
    browsers.block_sockets(phone)
    phone.reload()
    live(phone)
    phone.route("**/commands*", lambda route: route.abort())
    waiting(phone, RING)
    phone.locator(".moment > summary").click()
    handing_on = phone.get_by_role("button", name="Someone else is using this phone")
    handing_on.click()
    expect(alert(phone)).to_contain_text("Not sent yet: 1. Press once more")
    with phone.expect_navigation():
        handing_on.click()
    phone.unroute("**/commands*")
    phone.reload()
    live(phone)
    expect(phone.locator("#my-cards > li")).to_have_count(0)
    write(phone, WALK)
    saved(phone, WALK)
    assert posting.texts() == [WALK]


# When the café is closed


def close(room: Room) -> None:
    """Close the café, as its facilitator does."""
    console = room.console("laptop")
    console.goto("/cafes")
    console.locator("main h2 a").first.click()
    console.get_by_role("link", name="Close the café").click()
    console.locator("main form").get_by_role("button").click()
    expect(console.locator(".eyebrow")).to_have_text("Closed")


def test_a_closed_cafe_leaves_nothing_on_the_phone_but_the_seat(own, browsers):
    phone = own.phone()
    write(phone, RING)
    saved(phone, RING)
    until_kept(phone, RING)
    with browsers.offline(phone):
        waiting(phone, WALK)
        phone.locator("#text").fill(HALF)
        until_kept(phone, HALF)
        close(own)
    expect(phone.get_by_role("heading", name="This café has closed")).to_be_visible()
    expect(mine(phone, WALK)).to_contain_text("This café has closed")
    expect(mine(phone, WALK).get_by_role("button", name="Try again")).to_have_count(0)
    assert violations(phone) == []
    for words in (RING, WALK, HALF):
        until_kept(phone, words, there=False)
    assert kept(phone) == []
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mine(phone, WALK).get_by_role("button", name="Copy").click()
    expect(mine(phone, WALK).get_by_role("button", name="Copied")).to_be_visible()
    assert phone.evaluate("() => navigator.clipboard.readText()") == WALK
    phone.reload()
    expect(mine(phone, RING)).to_be_visible()
    act(phone, RING, "withdraw").get_by_role("button").click()
    expect(mine(phone, RING)).to_have_count(0)
    assert kept(phone) == []
