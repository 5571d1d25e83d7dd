"""A ninety-minute café: two consoles, a screen, five phones and sixty more people; axe finds nothing at any stage."""

import io

import docx
import pytest

from sessions import agenda, erasures
from sessions.store import Store
from sessions.verify import audit
from tests.browser.axe import violations
from tests.browser.crowd import Crowd
from tests.browser.playing import expect
from tests.browser.room import Room, card, dot, live, mine, next_step, unfold, write
from tests.browser.test_whole_cafe import all_words

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

STAGES = list(agenda.plan("cafe", 90))
PHONES = 5
CROWD = 60
QUIET = "Keep the lights low on the ward after nine"
NIGHT = "Ring the night nurse before the ambulance"
NIGHTS = "Ring the night nurse first, and only then an ambulance"
TITLE = "Ring the night nurse first"
PAPER = "Put the phone number on the fridge, in large print"
NAMED = "Mr Robert Fairweather waited four hours for a bed"
RISK = "We tried this before and nobody owned the rota"
ASKED = "Does a call back within an hour keep people at home?"


class NinetyMinutes:
    """Everyone who is there, and what they see."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.first = room.console("laptop")
        self.second = self._invited()
        self.screen = room.screen("wall")
        self.phones = [room.phone() for _ in range(PHONES)]
        self.crowd = Crowd(room, CROWD)
        self.found: list[str] = []

    def _invited(self):
        """The second facilitator, let in by a link from the first one's console."""
        self.first.get_by_role("link", name="Second facilitator").click()
        self.first.locator("form[action$='/people/facilitator'] button").click()
        link = self.first.locator("#given-link").input_value()
        self.first.goto(f"/console/{self.room.code}")
        page = self.room.browsers.open(self.room.server.address, "laptop")
        page.goto(link)
        page.get_by_role("button", name="Open it here").click()
        page.wait_for_url("**/console/*")
        return page

    @property
    def everywhere(self):
        return (self.first, self.second, self.screen, *self.phones)

    def go(self, stage: str, console) -> None:
        """One of the two takes the next step; everyone follows, is told what to do now, and axe finds nothing."""
        if stage != "arrive":
            expect(next_step(console)).to_have_text(f"Go to {stage.capitalize()}")
            next_step(console).click()
        told = agenda.stage("cafe", stage)
        for page in self.everywhere:
            live(page)
            expect(page.locator(f"#stage[data-stage={stage}]")).to_have_count(1)
        for page in (self.phones[0], *((self.screen,) if stage not in {"arrive", "reveal"} else ())):
            expect(page.get_by_text(told.now).first).to_be_visible()
        for page in (self.first, self.screen, self.phones[0]):
            self.found += violations(page)
            page.reload()  # axe looked into everything that is folded away
            live(page)


def test_ninety_minutes(room, record_property):
    cafe = NinetyMinutes(room)
    plays = {"think": think, "post": post, "clarify": clarify, "vote": vote, "agree": agree, "close": close}
    for number, stage in enumerate(STAGES):
        cafe.go(stage, cafe.second if number % 2 else cafe.first)
        if stage in plays:
            plays[stage](cafe)
    expect(cafe.first.locator("#people")).to_contain_text(str(PHONES + CROWD))
    assert cafe.found == []
    the_guide_holds_it(cafe)
    the_database_is_sound(room)
    record_property("people in ninety minutes", str(PHONES + CROWD))


def think(cafe: NinetyMinutes) -> None:
    one, two, *_ = cafe.phones
    one.locator("#text").fill(NIGHT)
    one.get_by_role("button", name="Keep it for myself").click()
    expect(mine(one, NIGHT)).to_contain_text("Only you can see it")
    cafe.crowd.think()
    two.get_by_role("button", name="I’m done").click()
    expect(cafe.first.locator("#progress")).to_have_text(f"{CROWD // 2 + 1} of {PHONES + CROWD} say they are done")
    for page in (cafe.first, cafe.screen, two):
        expect(card(page, NIGHT)).to_have_count(0)


def post(cafe: NinetyMinutes) -> None:
    one, two, three, four, five = cafe.phones
    mine(one, NIGHT).get_by_role("button", name="Send it").click()
    write(two, NIGHTS)
    write(three, QUIET)
    for phone, kind, text in ((four, "concern", RISK), (five, "question", ASKED)):
        unfold(phone.locator("#write details.options"))
        phone.locator(f"#write [name=kind][value={kind}]").check()
        write(phone, text)
        expect(mine(phone, text)).to_contain_text("Saved")
    what_names_someone_waits(cafe, three)
    a_paper_card_is_typed_in(cafe)
    cafe.crowd.post()
    for text in (NIGHT, NIGHTS, QUIET, RISK, ASKED, PAPER):
        expect(card(cafe.second, text)).to_have_count(1)
    expect(card(four, NIGHTS)).to_be_hidden()  # phones down: what others said is out of the way


def what_names_someone_waits(cafe: NinetyMinutes, phone) -> None:
    write(phone, NAMED)
    expect(phone.locator("#guard")).to_be_visible()
    phone.get_by_role("button", name="Send it anyway").click()
    expect(mine(phone, NAMED)).to_contain_text("Waiting for the facilitator")
    waiting = cafe.second.locator("#waiting > li").filter(has_text="May say who someone is")
    expect(waiting).to_have_count(1)
    expect(waiting.locator(".words").first).to_be_hidden()
    expect(card(cafe.screen, NAMED)).to_have_count(0)
    waiting.get_by_role("button", name="Not on the board").click()
    expect(cafe.first.locator("#waiting > li")).to_have_count(0)


def a_paper_card_is_typed_in(cafe: NinetyMinutes) -> None:
    unfold(cafe.first.locator("#adding"))
    cafe.first.locator("#add-text").fill(PAPER)
    cafe.first.get_by_role("button", name="Add it to the board").click()
    expect(card(cafe.second, PAPER)).to_contain_text("Added for someone")


def clarify(cafe: NinetyMinutes) -> None:
    """By keyboard alone: tick, tick, a title, Group; the other console sees it, undoes it, and it is done again."""
    group_by_keyboard(cafe.second)
    for page in (cafe.first, cafe.second):
        expect(page.locator("li.theme").filter(has_text=TITLE)).to_have_count(1)
    expect(cafe.first.locator("#undo .latest")).to_contain_text("grouped")
    cafe.first.locator("#undo .latest").get_by_role("button", name="Undo").click()
    expect(cafe.second.locator("li.theme").filter(has_text=TITLE)).to_have_count(0)
    group_by_keyboard(cafe.second)
    expect(cafe.phones[0].locator("li.theme, [id^=theme-]").filter(has_text=TITLE).first).to_be_visible()


def group_by_keyboard(console) -> None:
    for text in (NIGHT, NIGHTS):
        tick = card(console, text).locator("input[form=group]")
        tick.focus()
        console.keyboard.press("Space")
        expect(tick).to_be_checked()
    console.locator("#group-title").focus()
    console.keyboard.type(TITLE)
    console.keyboard.press("Enter")


def vote(cafe: NinetyMinutes) -> None:
    one, two, three, *rest = cafe.phones
    for phone in (one, two, three):
        chosen = phone.locator("[id^=theme-]").filter(has_text=TITLE).locator("button[form=vote]")
        chosen.click()
        expect(chosen).to_have_attribute("aria-pressed", "true")
    dot(three, QUIET).click()
    expect(dot(three, QUIET)).to_have_attribute("aria-pressed", "true")
    rest[0].get_by_role("button", name="I pass").click()
    cafe.crowd.vote()
    expect(cafe.second.locator("#progress")).to_have_text(
        f"{CROWD + 4} of {PHONES + CROWD} have chosen or passed", timeout=15_000
    )
    for view, token in (("console", None), ("screen", None)):
        assert cafe.room.snapshot(view, token)["votes"]["tally"] is None
    unfold(cafe.second.locator("#hands details"))
    paper = cafe.second.locator("#hands li").filter(has_text=PAPER)
    paper.locator("input").fill("4")
    paper.locator("input").press("Tab")
    expect(cafe.first.locator("#hands summary")).to_contain_text("4 dots entered")


def agree(cafe: NinetyMinutes) -> None:
    cafe.first.locator("ol.first li").first.get_by_role("button", name="Make").click()
    box = cafe.first.locator("#agreeing")
    expect(box).to_be_visible()
    box.locator("[name=first_step]").fill("Ask the night team on Monday")
    box.locator("[name=lead]").fill("Night sister on duty")
    box.get_by_role("button", name="Save this step").click()
    for page in (cafe.second, cafe.screen, cafe.phones[0]):
        expect(page.get_by_text("Night sister on duty").first).to_be_visible()
    expect(cafe.first.locator("#steps .nudges").first).to_contain_text("No date yet")


def close(cafe: NinetyMinutes) -> None:
    one = cafe.phones[0]
    one.locator("#differently").fill("That nobody knew the night number")
    one.locator("[name='answers.room'][value='5']").check()
    one.get_by_role("button", name="Send my answers").click()
    expect(one.locator("#my-answers")).to_contain_text("Saved")
    cafe.crowd.reflect()
    one.get_by_role("link", name="A page to keep").click()
    expect(one.get_by_text("Night sister on duty")).to_be_visible()
    cafe.found += violations(one)
    one.go_back()
    live(one)


def the_guide_holds_it(cafe: NinetyMinutes) -> None:
    answer = cafe.first.request.get(f"/s/{cafe.room.code}/guide.docx")
    assert answer.status == 200, answer.text()
    words = all_words(answer.body())
    assert docx.Document(io.BytesIO(answer.body())).tables
    for text in (
        TITLE,
        NIGHT,
        NIGHTS,
        QUIET,
        PAPER,
        RISK,
        ASKED,
        "Night sister on duty",
        "Ask the night team on Monday",
    ):
        assert text in words, text
    assert "Fairweather" not in words


def the_database_is_sound(room: Room) -> None:
    store = Store(room.server.database)
    with store.reading() as db:
        kept = erasures.read(erasures.path_of(store.file))
        assert [found.line() for found in audit(db, kept) if found.wrong] == []
    store.close()
