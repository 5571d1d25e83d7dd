"""One café from the printed set-up link to the guide taken home, in real browsers, as a room would live it."""

import io
import re
import statistics

import docx
import pytest
from docx.oxml.ns import qn

from tests.browser.playing import expect
from tests.browser.room import (
    act,
    alert,
    card,
    choose,
    dot,
    fresh_id,
    join,
    keep,
    mine,
    more,
    next_step,
    send_button,
    unfold,
    write,
)
from tests.browser.watching import Browsers

pytestmark = pytest.mark.browser

RING = "Ring every new carer in the first week"
WALK = "Walk the ward with a volunteer on Fridays"
DESK = "One desk where relatives can ask anything"
SONG = "Ask what music someone would like to hear"
ROOM = "Tell the night team about the argument we had"
BACK = "Say something about the director"
DRAFT = "A thought that was never finished"
EXAMPLES = ("The hospice choir sings on Tuesdays", "A memory box in every room", "Carers have their own key")
CONCERNS = ("Nobody answers the phone at night", "Forms are sent twice", "The car park is far away")
WAIT = 15_000  # ms: the waiting page looks every 8 to 12 seconds


class Cafe:
    """The people of one café, each with a browser, and what they do."""

    def __init__(self, browsers: Browsers, address: str):
        self.browsers = browsers
        self.address = address

    def set_up(self, link: str):
        """Use the printed link, prepare a café with place and date for later, and find oneself on its console."""
        self.console = page = self.browsers.open(self.address, "laptop")
        page.goto(link)
        page.locator("#organisation").fill("Northvale Hospice")
        page.locator("#passphrase").fill("harbour lantern quilt")
        page.locator("form").get_by_role("button").click()
        page.wait_for_url("**/cafes/new")
        page.locator("[name=foundation][value=co-design]").check()
        page.locator("#title").fill("A café about carers")
        unfold(page.locator("details").filter(has=page.locator("#place")))
        page.locator("#place").fill("Northvale Library")
        for part, value in (("day", "24"), ("month", "11"), ("year", "2026")):
            page.locator(f"#held_on-{part}").fill(value)
        page.locator("[name=when][value=later]").click()
        page.wait_for_url("**/console/*")
        self.code = page.url.rpartition("/")[2]

    def someone_comes_early(self):
        """A phone that scans before the café is open."""
        self.early = self.browsers.open(self.address)
        self.early.goto(f"/j/{self.code}")
        expect(self.early.get_by_text("This session has not opened yet")).to_be_visible()
        expect(self.early.get_by_role("button", name="Join", exact=True)).to_have_count(0)

    def open(self):
        next_step(self.console).click()
        expect(next_step(self.console)).to_have_text("Go to Evidence")
        with self.console.context.expect_page() as opened:
            self.console.get_by_role("link", name="Open the screen").click()
        self.screen = opened.value

    def come_in(self, phones: int):
        """As many phones join; screen and console count them without a reload."""
        self.phones = [self.browsers.open(self.address) for _ in range(phones)]
        for phone in self.phones:
            join(phone, self.code)
            expect(phone.locator("#write")).to_be_hidden()
        for page in (self.screen, self.console, *self.phones):
            expect(page.locator("#people")).to_contain_text(str(phones))

    def go(self, stage: str):
        """Take the next step on the console, and see every view follow by itself."""
        next_step(self.console).click()
        for page in self.everywhere:
            expect(page.locator(f"#stage[data-stage={stage}]")).to_have_count(1)

    def see(self, text: str, times: int = 1):
        for page in self.everywhere:
            expect(card(page, text)).to_have_count(times)

    @property
    def everywhere(self):
        return (self.console, self.screen, *self.phones)

    def told(self, page, view: str, what: str) -> dict:
        """What a program with this page's cookies would be told."""
        answer = page.request.get(f"/s/{self.code}/{what}", params={"view": view, "since": "0", "as": "data"})
        assert answer.ok, answer.status
        return answer.json()


def test_a_whole_cafe(fresh_server, browsers, record_property):
    cafe = Cafe(browsers, fresh_server.address)
    cafe.set_up(fresh_server.set_up_link)
    cafe.someone_comes_early()
    cafe.open()
    cafe.come_in(3)
    for stage in ("evidence", "think", "post"):
        cafe.go(stage)
    times = everyone_posts(cafe)
    record_property(
        "tap to screen", f"median {statistics.median(times):.0f} ms, most {max(times):.0f} ms of {len(times)}"
    )
    one_idea_is_hidden_for_a_while(cafe)
    cafe.go("clarify")
    cafe.go("vote")
    everyone_votes(cafe)
    the_part_is_closed_and_opened_again(cafe)
    cafe.go("reveal")
    all_see_the_result(cafe)
    whoever_came_early_was_let_in(cafe)
    cafe.go("agree")
    cafe.go("close")
    the_guide_says_what_the_room_said(cafe)
    the_cafe_closes(cafe)


def everyone_posts(cafe: Cafe) -> list[float]:
    """Post what each has to say, and return the milliseconds from tap to screen of each."""
    one, two, three = cafe.phones
    times = [tap_to_screen(cafe, phone, text) for phone, text in ((one, RING), (two, WALK), (three, SONG))]
    for phone, example, concern in zip(cafe.phones, EXAMPLES, CONCERNS, strict=True):
        for kind, text in (("example", example), ("concern", concern)):
            choose(phone, "#write", "kind", kind)
            times.append(tap_to_screen(cafe, phone, text))
    choose(three, "#write", "share", "room")
    times.append(tap_to_screen(cafe, three, ROOM))
    for text in (RING, WALK, SONG, ROOM, *EXAMPLES, *CONCERNS):
        cafe.see(text)
    a_draft_is_sent_and_another_kept(cafe, two)
    act(two, "Walk the ward", "reword").locator("textarea").fill(WALK + " and Sundays")
    act(two, "Walk the ward", "reword").get_by_role("button").click()
    cafe.see(WALK + " and Sundays")
    write(one, BACK)
    cafe.see(BACK)
    act(one, BACK, "withdraw").get_by_role("button").click()
    expect(mine(one, BACK)).to_have_count(0)
    cafe.see(BACK, times=0)
    return times


def tap_to_screen(cafe: Cafe, phone, text: str) -> float:
    """Send an idea; return the milliseconds from the tap on the phone until the card is in the screen's page."""
    seen = cafe.screen.evaluate_handle(
        """(text) => ({at: new Promise((done) => new MutationObserver((_changes, watch) => {
             if (!document.querySelector("main").textContent.includes(text)) return;
             watch.disconnect();
             done(performance.timeOrigin + performance.now());
           }).observe(document.body, {subtree: true, childList: true}))})""",
        text,
    )
    phone.locator("#text").fill(text)
    send_button(phone).evaluate(
        """(button) => button.addEventListener("click", () => {
             window.tapped = performance.timeOrigin + performance.now(); }, {once: true, capture: true})"""
    )
    send_button(phone).click()
    expect(mine(phone, text)).to_contain_text("Saved")
    return seen.evaluate("({at}) => at") - phone.evaluate("window.tapped")


def a_draft_is_sent_and_another_kept(cafe: Cafe, phone):
    for text in (DESK, DRAFT):
        keep(phone, text)
        expect(mine(phone, text)).to_contain_text("Only you can see it")
        cafe.see(text, times=0)
    mine(phone, DESK).get_by_role("button", name="Send it").click()
    cafe.see(DESK)
    cafe.see(DRAFT, times=0)


def one_idea_is_hidden_for_a_while(cafe: Cafe):
    two = cafe.phones[1]
    card(cafe.console, EXAMPLES[1]).get_by_role("button", name="Hide", exact=True).click()
    for page in (cafe.screen, *cafe.phones):
        expect(card(page, EXAMPLES[1])).to_have_count(0)
    expect(card(cafe.console, EXAMPLES[1])).to_contain_text("Hidden")
    expect(mine(two, EXAMPLES[1])).to_contain_text("Not on the board")
    more(cafe.console, EXAMPLES[1]).get_by_role("button", name="Show again").click()
    cafe.see(EXAMPLES[1])


def everyone_votes(cafe: Cafe):
    """Ring has three dots, Desk and Walk stand level with two each, and Room has one."""
    one, two, three = cafe.phones
    for phone, texts in ((one, (RING, DESK, SONG)), (two, (RING, DESK, WALK)), (three, (RING, ROOM))):
        for text in texts:
            dot(phone, text).click()
            expect(dot(phone, text)).to_have_attribute("aria-pressed", "true")
    expect(one.locator("#my-budget")).to_contain_text("0 of 3 left")
    dot(one, WALK).click()
    expect(alert(one)).to_have_text("You have used all your dots. Take one back to move it.")
    expect(dot(one, WALK)).to_have_attribute("aria-pressed", "false")
    dot(one, SONG).click()
    expect(one.locator("#my-budget")).to_contain_text("1 of 3 left")
    dot(one, WALK).click()
    expect(dot(one, WALK)).to_have_attribute("aria-pressed", "true")
    expect(one.locator("#my-budget")).to_contain_text("0 of 3 left")
    expect(dot(one, SONG)).to_have_attribute("aria-pressed", "false")
    no_counts_anywhere(cafe)


def no_counts_anywhere(cafe: Cafe):
    views = ((cafe.console, "console"), (cafe.screen, "screen"), *((phone, "phone") for phone in cafe.phones))
    for page, view in views:
        assert page.locator("[id^=tally-], #result").count() == 0
        for words in page.locator("li[id^=contribution-]").all_inner_texts():
            assert not re.search(r"\d+ dots?\b", words), words
        assert cafe.told(page, view, "snapshot")["votes"]["tally"] is None
        assert cafe.told(page, view, "changes")["entities"]["votes"]["tally"] is None
        drawn = page.request.get(f"/s/{cafe.code}/changes?view={view}&since=0").text()
        assert "tally-" not in drawn
        assert 'id=\\"result' not in drawn


def the_part_is_closed_and_opened_again(cafe: Cafe):
    one = cafe.phones[0]
    cafe.console.locator("#closing [name=seconds]").evaluate("(field) => field.value = '2'")
    cafe.console.locator("button[form=closing]").click()
    expect(one.get_by_text("Closing in")).to_be_visible()
    expect(one.locator("#stage").get_by_text("This part has closed")).to_be_visible()
    late = {"id": fresh_id(), "do": "vote", "target": dot(one, WALK).get_attribute("value"), "dots": 0}
    answer = one.request.post(f"/s/{cafe.code}/commands?view=phone", data={"commands": [late]})
    assert answer.json()["results"][0]["code"] == "wrong_stage"
    cafe.console.locator("button[form=reopen]").click()
    for page in cafe.everywhere:
        expect(page.locator("[data-closes]")).to_have_count(0)
    dot(one, WALK).click()
    expect(one.locator("#my-budget")).to_contain_text("1 of 3 left")
    dot(one, WALK).click()
    expect(one.locator("#my-budget")).to_contain_text("0 of 3 left")


def all_see_the_result(cafe: Cafe):
    for page in cafe.everywhere:
        rows = [" ".join(row.split()) for row in page.locator("#result tbody tr").all_inner_texts()]
        assert [re.search(r"(\d+)( dots?)?( level)?$", row).group(1) for row in rows] == ["3", "2", "2", "1"], rows
        assert ["level" in row for row in rows] == [False, True, True, False], rows
        for row, text in zip(rows, (RING, WALK, DESK, ROOM), strict=True):
            assert text in row


def whoever_came_early_was_let_in(cafe: Cafe):
    expect(cafe.early.get_by_role("button", name="Join", exact=True)).to_be_visible(timeout=WAIT)


def the_guide_says_what_the_room_said(cafe: Cafe):
    with cafe.console.expect_download() as download:
        cafe.console.get_by_role("link", name=re.compile("guide", re.IGNORECASE)).first.click()
    assert re.fullmatch(r"draft-guide-co-design-[0-9-]{10}\.docx", download.value.suggested_filename)
    words = all_words(download.value.path().read_bytes())
    places = [words.index(text) for text in (RING, WALK + " and Sundays", DESK, SONG)]
    assert places == sorted(places)
    for text in (*EXAMPLES, *CONCERNS, "Northvale Library", "Northvale Hospice"):
        assert text in words, text
    for text in (ROOM, BACK, DRAFT):
        assert text not in words, text


def all_words(document: bytes) -> str:
    """Everything a Word document says, tables, heads and feet included, in order."""
    opened = docx.Document(io.BytesIO(document))
    roots = [opened.element.body, *(part._element for s in opened.sections for part in (s.header, s.footer))]
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for root in roots for p in root.iter(qn("w:p")))


def the_cafe_closes(cafe: Cafe):
    cafe.console.get_by_role("link", name=re.compile("^Close the café")).click()
    expect(cafe.console.get_by_text("One draft was never sent")).to_be_visible()
    cafe.console.get_by_role("button", name="Close the café").click()
    for phone in cafe.phones:
        expect(phone.get_by_role("heading", name="This café has closed")).to_be_visible()
    cafe.browsers.allow(cafe.early, 404)
    assert cafe.early.goto(f"/j/{cafe.code}").status == 404
    expect(cafe.early.get_by_role("heading", name="Nothing here")).to_be_visible()
    one = cafe.phones[0]
    act(one, EXAMPLES[0], "withdraw").get_by_role("button").click()
    expect(mine(one, EXAMPLES[0])).to_have_count(0)


def test_date_and_place_that_were_typed_are_kept(room, browsers):
    page = browsers.open(room.server.address, "laptop", {"staff": room.opened.facilitator_token})
    page.goto("/cafes/new")
    page.locator("[name=foundation][value=co-design]").check()
    unfold(page.locator("details").filter(has=page.locator("#place")))
    page.locator("#place").fill("Northvale Library")
    for part, value in (("day", "24"), ("month", "11"), ("year", "2026")):
        page.locator(f"#held_on-{part}").fill(value)
    page.locator("[name=when][value=later]").click()
    page.wait_for_url("**/console/*")
    page.goto(f"/j/{page.url.rpartition('/')[2]}")
    expect(page.get_by_text("Northvale Library")).to_be_visible()
    expect(page.get_by_text("24 November 2026")).to_be_visible()
