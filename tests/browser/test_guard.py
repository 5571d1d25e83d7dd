"""Words that may say who someone is: what the phone asks before sending, and that it finds what the server finds."""

import pytest

from sessions import privacy, scoring
from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, act, alert, card, live, mine, send_button, write

pytestmark = pytest.mark.browser

NAMED = "Mrs Jones waited nine days for a commode"
KIND = "Someone waited nine days for a commode"


@pytest.fixture
def phone(room: Room):
    """A phone in a room that writes."""
    room.go("post")
    phone = room.phone()
    live(phone)
    return phone


def asked(phone):
    """What the phone asks before it sends words."""
    return phone.locator("#guard")


def anyway(phone):
    return asked(phone).get_by_role("button", name="Send it anyway: the facilitator looks first")


def focused(phone) -> str:
    return phone.evaluate("document.activeElement.textContent || document.activeElement.id")


def test_the_phone_says_what_it_found_and_sends_nothing_yet(phone, room):
    write(phone, NAMED)
    expect(alert(phone)).to_contain_text("This may say who someone is")
    expect(asked(phone)).to_contain_text("someone’s name. Say “my husband”")
    expect(asked(phone)).not_to_contain_text("phone number", use_inner_text=True)
    assert focused(phone) == "Change it"
    assert (room.texts(), phone.locator("#text").input_value()) == ([], NAMED)
    assert violations(phone) == []


def test_words_that_are_changed_are_sent_at_once(phone, room):
    write(phone, NAMED)
    asked(phone).get_by_role("button", name="Change it").click()
    marked = "document.getSelection().toString() || text.value.slice(text.selectionStart, text.selectionEnd)"
    assert (focused(phone), phone.evaluate(marked)) == ("text", "Mrs Jones")
    phone.keyboard.type("Someone")
    send_button(phone).click()
    expect(mine(phone, KIND)).to_contain_text("Saved")
    expect(asked(phone)).to_be_hidden()
    assert [each["state"] for each in room.snapshot()["contributions"]] == ["shown"]


def test_words_sent_anyway_wait_for_the_facilitator_who_sees_them_folded(phone, room):
    console, other = room.console(), room.phone()
    write(phone, NAMED)
    anyway(phone).click()
    expect(mine(phone, NAMED)).to_contain_text("Waiting for the facilitator, who will look at it first")
    expect(phone.locator("#text")).to_have_value("")
    waiting = console.locator("#waiting > li")
    expect(waiting).to_contain_text("May say who someone is: someone’s name")
    expect(waiting.locator(".words")).to_be_hidden()
    waiting.locator("details.masked > summary").click()
    expect(waiting.locator(".words")).to_have_text(NAMED)
    waiting.get_by_role("button", name="Put on the board").click()
    expect(card(other, NAMED)).to_be_attached()
    expect(mine(phone, NAMED)).to_contain_text("Saved")


def test_it_can_all_be_done_with_the_keyboard(phone, room):
    phone.locator("#text").fill(NAMED)
    send_button(phone).focus()
    phone.keyboard.press("Enter")
    assert focused(phone) == "Change it"
    phone.keyboard.press("Tab")
    assert focused(phone) == "Send it anyway: the facilitator looks first"
    phone.keyboard.press("Enter")
    expect(mine(phone, NAMED)).to_contain_text("Waiting for the facilitator")
    assert focused(phone).startswith("Send my idea")


def test_other_words_are_asked_about_anew(phone, room):
    write(phone, NAMED)
    anyway(phone).click()
    expect(mine(phone, NAMED)).to_contain_text("Waiting")
    write(phone, "Dr Patel came")
    expect(asked(phone)).to_be_visible()
    assert room.texts() == [NAMED]


def test_new_words_for_ones_own_idea_are_asked_about_beside_their_box(phone, room):
    write(phone, KIND)
    expect(mine(phone, KIND)).to_contain_text("Saved")
    form = act(phone, KIND, "reword")
    form.locator("textarea").fill(NAMED)
    form.get_by_role("button", name="Save the new words").click()
    expect(form.locator("#guard")).to_be_visible()
    assert room.texts() == [KIND]
    anyway(phone).click()
    expect(mine(phone, NAMED)).to_contain_text("Waiting for the facilitator")


def test_a_draft_is_asked_about_when_it_is_sent(room):
    room.go("post")
    seat = room.seat()
    room.idea(seat, NAMED, draft=True)
    phone = room.phone(seat=seat)
    live(phone)
    draft = mine(phone, NAMED)
    draft.get_by_role("button", name="Send it", exact=True).click()
    expect(asked(phone)).to_be_visible()
    anyway(phone).click()
    expect(mine(phone, NAMED)).to_contain_text("Waiting for the facilitator")


def test_phone_and_server_find_the_same_in_every_sentence(phone):
    texts = [each.text for each in scoring.sentences()]
    found = phone.evaluate(
        """async (texts) => {
            const { findings } = await import(document.querySelector("link[href$='mine.js']").href);
            return texts.map((text) => findings(text).map(({ kind, found }) => [kind, found]));
        }""",
        texts,
    )
    there = {text: set(map(tuple, each)) for text, each in zip(texts, found, strict=True)}
    here = {text: {(each.kind, text[each.start : each.end]) for each in privacy.findings(text)} for text in texts}
    assert sum(map(len, here.values())) > 200
    assert there == here
