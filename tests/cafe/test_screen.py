"""The screen as it is drawn: each stage's poster, one thing alone, rest, ambitions; patches lead to the same."""

import re

import lxml.html
import pytest
from sqlalchemy import text

from sessions import agenda
from tests.cafe.conftest import Program, Session, command

STAGES = [stage.id for stage in agenda.stages("cafe")]
RING = "Ring every new carer in the first week"
CALL = "Call each new carer within seven days"
DESK = "One desk where relatives can ask anything"
SECRET = "Unmistakably the corner house"
BEGINS_WITH = """
INSERT INTO evidence SELECT id, :kind, :title, :words, :link, :alt, :example, NULL, '', 1 FROM session
WHERE code = :code
"""
BARE = re.compile(r' data-(rev|now)="[^"]*"')


def page_of(room: Session) -> str:
    answer = room.screen.get(f"/screen/{room.code}")
    assert answer.status_code == 200
    return answer.text


def poster(room: Session):
    """What is on the poster, as a tree."""
    return lxml.html.document_fromstring(page_of(room)).get_element_by_id("stage")


def words_of(element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def run(room: Session, do: str, **fields: object) -> str:
    """Have the facilitator do something, and return the id of the command."""
    (result,) = room.facilitator.send(command(do, **fields))
    assert result["status"] == "applied", result
    return result["id"]


def go(room: Session, stage: str) -> None:
    run(room, "go_to_stage", stage=stage)


def ideas(room: Session, *texts: str, **fields: object) -> list[str]:
    phone = room.phone()
    return [phone.post_idea(text, **fields) for text in texts]


def put(room: Session, statement: str, **values: object) -> None:
    """Put in what the facilitator's pages put in, by SQL."""
    with room.app.extensions["cafe"].store.unit_of_work() as db:
        db.execute(text(statement), {"code": room.code, **values})


@pytest.fixture
def voted(in_stages: Session) -> Session:
    """A session in which two ideas are one theme, all have dots, and the result is shown."""
    go(in_stages, "post")
    ring, call, desk = ideas(in_stages, RING, CALL, DESK, ambitions=[1, 3])
    theme = run(in_stages, "merge", contributions=[ring, call], title="Nobody is left alone")
    go(in_stages, "vote")
    for targets in ((theme,), (theme, desk)):
        phone = in_stages.phone()
        assert all(
            each["status"] == "applied"
            for each in phone.send(*(command("vote", target=one, dots=1) for one in targets))
        )
    go(in_stages, "reveal")
    return in_stages


# Each stage


@pytest.mark.parametrize("stage", STAGES)
def test_a_poster_says_what_to_do_and_gives_no_powers(voted, stage):
    go(voted, stage)
    page = page_of(voted)
    heading = agenda.stage("cafe", stage).heading
    assert lxml.html.document_fromstring(page).get_element_by_id("stage").xpath(".//h1")
    assert heading in page or stage == "arrive"
    assert "csrf" not in page
    assert {form.get("method") for form in lxml.html.document_fromstring(page).forms} == {"dialog"}


def test_nothing_of_the_votes_is_on_the_screen_while_people_choose(voted):
    go(voted, "vote")
    assert "Nobody is left alone" not in page_of(voted)
    assert not poster(voted).xpath(".//*[@id='result' or @class='tally']")
    assert "3 dots each" in words_of(poster(voted))


def test_what_the_talk_begins_with_is_large(in_stages):
    go(in_stages, "evidence")
    kit = words_of(poster(in_stages))
    assert "Services are shaped together" in kit
    given = {
        "title": "What carers said",
        "words": "Two hundred answers",
        "alt": "A bar for each county",
        "example": None,
    }
    put(in_stages, BEGINS_WITH, kind="text", link="", **given)
    assert {"What carers said", "Two hundred answers"} <= {each.text for each in poster(in_stages).iter()}
    put(in_stages, "UPDATE evidence SET kind = 'image'")
    (picture,) = poster(in_stages).xpath(".//figure/img")
    assert picture.get("alt") == "A bar for each county"
    assert picture.get("src").startswith(f"/s/{in_stages.code}/evidence")
    put(in_stages, "UPDATE evidence SET kind = 'kit', text = '', example = 0")
    assert "Ask people who use the day service" in words_of(poster(in_stages))
    assert "Reported practice, not evaluated." in words_of(poster(in_stages))


def test_a_link_is_a_square_to_scan(in_stages):
    go(in_stages, "evidence")
    path = f"/screen/{in_stages.code}/link.svg"
    assert in_stages.screen.get(path).status_code == 404
    put(in_stages, BEGINS_WITH, kind="link", title="", words="", link="https://example.org/a", alt="", example=None)
    assert poster(in_stages).xpath(".//img/@src")[1].startswith(path)
    assert in_stages.screen.get(path).mimetype == "image/svg+xml"
    assert in_stages.phone().get(path).status_code == 404


def test_thinking_tells_how_many_are_done_and_never_who(in_stages):
    go(in_stages, "think")
    for phone in (in_stages.phone(), in_stages.phone()):
        phone.send(command("ready"))
    in_stages.phone()
    people = lxml.html.document_fromstring(page_of(in_stages)).get_element_by_id("people")
    assert words_of(people) == "3 joined 2 say “I’m done”"
    go(in_stages, "clarify")
    assert "done" not in words_of(lxml.html.document_fromstring(page_of(in_stages)).get_element_by_id("people"))


def test_what_says_the_same_hangs_as_one_card(voted):
    go(voted, "clarify")
    cards = [words_of(card) for card in poster(voted).xpath(".//ol/li")]
    assert cards == ["Action Nobody is left alone said in 2 ways", f"Action {DESK}"]


def test_the_result_counts_a_theme_as_one_and_says_what_came_by_hands(voted):
    rows = [words_of(row) for row in poster(voted).xpath(".//tbody/tr")]
    assert rows == ["Nobody is left alone said in 2 ways 2", f"{DESK} 1"]
    assert "show of hands" not in words_of(poster(voted))
    theme = poster(voted).xpath("//tbody/tr")
    assert len(theme) == 2
    go(voted, "vote")
    target = next(iter(voted.facilitator.snapshot("console")["themes"]))["id"]
    run(voted, "vote", target=target, dots=7, on_behalf=True)
    go(voted, "reveal")
    assert "Including 7 dots by show of hands." in words_of(poster(voted))
    assert words_of(poster(voted).xpath(".//tbody/tr")[0]).endswith(" 9")


def test_a_small_step_is_shown_with_who_leads_it_and_a_square_for_them(in_stages):
    go(in_stages, "agree")
    step = run(in_stages, "agree_step", what=DESK, first_step="Ask reception", lead="The volunteers", by_when="Easter")
    (card,) = poster(in_stages).xpath(".//*[contains(@class, 'steps')]/li")
    assert words_of(card) == f"{DESK} First: Ask reception The volunteers · by Easter"
    square = card.xpath(".//img/@src")[0]
    assert in_stages.screen.get(square).mimetype == "image/svg+xml"
    assert in_stages.phone().get(square).status_code == 404
    assert in_stages.screen.get(square.replace(step, in_stages.opened.epoch)).status_code == 404
    assert "/r/" not in page_of(in_stages)
    go(in_stages, "close")
    assert f"{DESK} The volunteers · by Easter" in words_of(poster(in_stages))


def test_thanks_come_with_someone_to_talk_to(in_stages):
    go(in_stages, "close")
    assert "speak to the facilitator" in words_of(poster(in_stages))
    put(in_stages, "UPDATE cafe SET support = 'The chaplain, any day after lunch'")
    assert "The chaplain, any day after lunch" in words_of(poster(in_stages))


# One thing alone, and rest


def test_one_thing_alone_is_all_there_is_until_the_next_stage(in_stages):
    go(in_stages, "post")
    ring, _desk = ideas(in_stages, RING, DESK)
    run(in_stages, "spotlight", target=ring)
    assert words_of(poster(in_stages)) == f"Action {RING}"
    go(in_stages, "clarify")
    assert DESK in words_of(poster(in_stages))


def test_a_theme_alone_shows_every_way_it_was_said(voted):
    theme = voted.facilitator.snapshot("console")["themes"][0]["id"]
    run(voted, "spotlight", target=theme)
    assert words_of(poster(voted)) == f"Action Nobody is left alone Said in 2 ways {RING} {CALL}"


@pytest.mark.parametrize("do", ["hide", "erase", "withdraw"])
def test_what_the_room_may_not_see_any_more_is_not_shown_alone(in_stages, do):
    go(in_stages, "post")
    author = in_stages.phone()
    idea = author.post_idea(SECRET)
    run(in_stages, "spotlight", target=idea)
    assert SECRET in page_of(in_stages)
    since, epoch = in_stages.facilitator.snapshot("console")["rev"], in_stages.opened.epoch
    (author if do == "withdraw" else in_stages.facilitator).send(command(do, contribution=idea))
    told = in_stages.screen.changes("screen", since, epoch=epoch)
    assert "not on the board any more" in told.text
    assert SECRET not in told.text + page_of(in_stages)


def test_a_blank_screen_holds_nothing_of_anyone(in_stages):
    go(in_stages, "post")
    ideas(in_stages, RING)
    run(in_stages, "blank", blank=True)
    assert RING not in page_of(in_stages)
    assert words_of(poster(in_stages)) == "We go on in a moment."
    run(in_stages, "blank", blank=False)
    assert RING in words_of(poster(in_stages))


# The ambitions, and the time


def test_an_ambition_that_nobody_has_named_is_named(in_stages):
    go(in_stages, "post")
    assert "hidden" in poster(in_stages).get_element_by_id("strip").attrib
    ideas(in_stages, RING)
    assert "No ambition has been named yet" in words_of(poster(in_stages).get_element_by_id("strip"))
    ideas(in_stages, DESK, ambitions=[1, 2, 3, 4, 5])
    strip = poster(in_stages).get_element_by_id("strip")
    assert "Nothing here yet for Ambition 6: " in words_of(strip)
    assert len(strip.xpath(".//rect[@class='named']")) == 5
    assert len(strip.xpath(".//rect[@class='unnamed']")) == 1
    assert "Ambition 1, " in strip.xpath("string(.//title)")


def test_the_time_is_shown_where_the_facilitator_wants_it(in_stages):
    go(in_stages, "post")
    run(in_stages, "set_timer", seconds=300)
    assert poster(in_stages).xpath(".//*[@class='timer']")
    assert poster(in_stages).get("data-rings") is None
    run(in_stages, "show_timer", where="none", chime=True)
    assert not poster(in_stages).xpath(".//*[@class='timer']")
    assert poster(in_stages).get("data-rings")


# Patches lead to the page that a reload would show


def apply(tree, patch: dict) -> None:
    """Do what `patch.js` does."""
    old = tree.xpath(f"//*[@id='{patch['target']}']")
    place = tree.xpath(f"//*[@id='{patch.get('in')}']")
    if patch["html"] is None or not (old or place):
        for element in old:
            element.drop_tree()
        return
    fresh = lxml.html.fragment_fromstring(patch["html"])
    if old and (not place or old[0].getparent() is place[0]):
        fresh.tail = old[0].tail
        old[0].getparent().replace(old[0], fresh)
        return
    for element in old:
        element.drop_tree()
    later = (other for other in place[0] if int(other.get("data-order")) > patch["order"])
    at = next(later, None)
    place[0].insert(len(place[0]) if at is None else place[0].index(at), fresh)


def shown(tree) -> str:
    """Everything on the page but when it was drawn."""
    html = "".join(lxml.html.tostring(part, encoding="unicode") for part in tree.xpath("//main | //*[@id='people']"))
    return re.sub(r"\s+", " ", BARE.sub("", html)).replace("> <", "><")


class Watched:
    """A screen that is patched, beside one that is loaded anew after every change."""

    def __init__(self, room: Session):
        self.room = room
        self.tree = lxml.html.document_fromstring(page_of(room))
        self.rev = room.screen.snapshot("screen")["rev"]

    def keep_up(self) -> None:
        frame = self.room.screen.changes("screen", self.rev, epoch=self.room.opened.epoch).json
        for patch in frame["patches"]:
            apply(self.tree, patch)
        self.rev = frame["to"]
        assert shown(self.tree) == shown(lxml.html.document_fromstring(page_of(self.room)))


def lived_through(room: Session, author: Program):
    """Everything that changes what a screen shows, one change at a time."""
    go(room, "post")
    yield
    ring = author.post_idea(RING, ambitions=[1])
    yield
    call, desk = author.post_idea(CALL), author.post_idea(DESK, ambitions=[2, 6])
    yield
    run(room, "reword", contribution=call, text="Call them")
    yield
    run(room, "spotlight", target=call)
    yield
    run(room, "reword", contribution=call, text="Call them again")
    yield
    run(room, "hide", contribution=call)
    yield
    run(room, "show", contribution=call)
    yield
    run(room, "spotlight", target=None)
    yield
    run(room, "hide", contribution=desk)
    yield
    run(room, "show", contribution=desk)
    yield
    go(room, "clarify")
    yield
    theme = run(room, "merge", contributions=[ring, call], title="Nobody alone")
    yield
    run(room, "rename_theme", theme=theme, title="Nobody is left alone")
    yield
    run(room, "reword", contribution=ring, text="Ring them")
    yield
    run(room, "hide", contribution=ring)
    yield
    run(room, "show", contribution=ring)
    yield
    run(room, "split", contributions=[ring, call])
    yield
    theme = run(room, "merge", contributions=[ring, call, desk])
    yield
    run(room, "undo", command=theme)
    yield
    theme = run(room, "merge", contributions=[ring, call])
    yield
    run(room, "blank", blank=True)
    yield
    run(room, "blank", blank=False)
    go(room, "vote")
    yield
    author.send(command("vote", target=theme, dots=1), command("vote", target=desk, dots=1))
    yield
    go(room, "reveal")
    yield
    run(room, "rename_theme", theme=theme, title="Left alone by nobody")
    yield
    run(room, "hide", contribution=desk)
    yield
    author.send(command("withdraw", contribution=call))
    yield
    go(room, "agree")
    yield
    step = run(room, "agree_step", what="A desk at the door", lead="The volunteers", target=theme)
    yield
    run(room, "agree_step", what="A ring in the first week")
    yield
    run(room, "revise_step", step=step, what="A desk by the door", lead="The volunteers")
    yield
    run(room, "spotlight", target=step)
    yield
    run(room, "revise_step", step=step, dropped=True)
    yield
    run(room, "spotlight", target=None)
    yield
    run(room, "show", contribution=desk)
    yield
    go(room, "close")
    yield


def test_a_screen_that_is_patched_shows_what_a_reload_would(in_stages):
    author, screen = in_stages.phone(), Watched(in_stages)
    for _change in lived_through(in_stages, author):
        screen.keep_up()


def test_a_screen_that_was_away_shows_what_a_reload_would(in_stages):
    author, screen = in_stages.phone(), Watched(in_stages)
    for number, _change in enumerate(lived_through(in_stages, author)):
        if number % 3 == 2:
            screen.keep_up()
    screen.keep_up()


def test_a_theme_in_an_open_session_keeps_its_count(room):
    author = room.phone()
    one, other = author.post_idea(RING), author.post_idea(CALL)
    screen = Watched(room)
    theme = run(room, "merge", contributions=[one, other])
    screen.keep_up()
    room.phone().send(command("vote", target=theme, dots=1))
    screen.keep_up()
    assert "1 dot" in words_of(poster(room))
