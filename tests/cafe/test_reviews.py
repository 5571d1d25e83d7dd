"""Small steps on the web: made on the console without a script, told of through a review link, listed for the host."""

import lxml.html
import pytest

from sessions import reviews
from sessions.store import find_session
from tests.cafe.conftest import Browser, Session, command, forms_in, said_by

RING = "Ring back every family within a day"
LEAD = "The ward sister’s team"


@pytest.fixture
def console(room: Session) -> Browser:
    return room.console()


def agree(room: Session, **fields) -> str:
    (result,) = room.facilitator.send(command("agree_step", **{"what": RING, **fields}))
    assert result["status"] == "applied", result
    return result["id"]


def steps(room: Session) -> list[dict]:
    return room.facilitator.get(f"/s/{room.code}/snapshot?view=console").json["steps"]


def path(room: Session, step: str) -> str:
    with room.app.extensions["cafe"].store.reading() as db:
        return f"/r/{reviews.token(reviews.key(db), find_session(db, room.code).id, step)}"


def test_a_step_is_made_of_an_idea_without_a_script(room, console):
    idea = room.phone().post_idea(RING, ambitions=[2])
    page = console.get(f"/console/{room.code}?step={idea}").text
    form = next(each for each in forms_in(page) if each.get("id") == "agreeing")
    assert (form.fields["what"].strip(), form.fields["target"]) == (RING, idea)
    assert console.send(form, lead=LEAD, first_step="Ask\r\nthe night team").status_code == 303
    [step] = steps(room)
    assert (step["what"], step["lead"], step["target"], step["ambitions"]) == (RING, LEAD, idea, [2])
    assert step["first_step"] == "Ask\nthe night team"


def test_a_step_is_changed_without_a_script_and_a_line_can_be_emptied(room, console):
    step = agree(room, lead=LEAD, by_when="May", ambitions=[1])
    page = console.get(f"/console/{room.code}?revise={step}").text
    form = next(each for each in forms_in(page) if each.get("id") == "agreeing")
    assert form.fields["lead"].strip() == LEAD
    assert console.send(form, lead="", by_when="June", ambitions=[""]).status_code == 303
    assert [(each["lead"], each["by_when"], each["ambitions"]) for each in steps(room)] == [("", "June", [])]


def test_a_step_that_says_nothing_comes_back_with_all_else_that_was_typed(room, console):
    page = console.get(f"/console/{room.code}?step=new").text
    form = next(each for each in forms_in(page) if each.get("id") == "agreeing")
    again = console.send(form, lead=LEAD)
    form = next(each for each in forms_in(again.text) if each.get("id") == "agreeing")
    assert form.fields["lead"].strip() == LEAD and form.get("hidden") is None
    assert "everything else can come later" in said_by(again.text)


def test_what_is_missing_is_asked_for_and_what_is_there_is_not(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="agree"))
    agree(in_stages, lead=LEAD)
    page = in_stages.console().get(f"/console/{in_stages.code}").text
    assert "A small step was agreed" in page
    assert "How will you know?" in page and "No lead yet" not in page


def test_whoever_holds_the_link_tells_how_a_step_stands_without_a_cookie(room):
    step = agree(room, lead=LEAD)
    stranger, link = Browser(room.app), path(room, step)
    page = stranger.get(link)
    assert RING in page.text and LEAD in page.text and "Set-Cookie" not in page.headers
    [form] = forms_in(page.text)
    answer = stranger.send(form, status="under_way", note="Two families so far")
    assert answer.status_code == 303
    assert "Thank you" in stranger.get(answer.headers["Location"]).text
    assert [(each["status"], each["check_ins"][0]["note"]) for each in steps(room)] == [
        ("under_way", "Two families so far")
    ]
    assert stranger.send(form, status="under_way", note="Two families so far").status_code == 303
    assert len(steps(room)[0]["check_ins"]) == 1  # the same form sent twice tells once


def test_whoever_tells_is_told_who_will_see_it(room):
    told = "the next café on this foundation begins with it"
    assert told in Browser(room.app).get(path(room, agree(room))).text
    assert told not in Browser(room.app).get(path(room, agree(room, share="room"))).text


def test_looking_at_a_link_or_its_code_changes_nothing(room):
    link = path(room, agree(room))
    before = room.facilitator.get(f"/s/{room.code}/snapshot?view=console").json["rev"]
    for address in (link, f"{link}/qr.svg", f"{link}?told=1"):
        assert Browser(room.app).get(address).status_code == 200
    assert room.facilitator.get(f"/s/{room.code}/snapshot?view=console").json["rev"] == before


def test_a_check_in_without_a_choice_comes_back_with_its_words(room):
    stranger, link = Browser(room.app), path(room, agree(room))
    [form] = forms_in(stranger.get(link).text)
    again = stranger.send(form, note="Two families so far")
    assert "Choose how it stands" in said_by(again.text) and "Two families so far" in again.text
    assert steps(room)[0]["check_ins"] == []


def test_another_sites_form_tells_nothing(room):
    link = path(room, agree(room))
    [form] = forms_in(Browser(room.app).get(link).text)
    data = {**dict(form.fields), "status": "done"}
    assert Browser(room.app).post(link, data=data, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert steps(room)[0]["check_ins"] == []


def test_a_link_to_nothing_is_not_found(room):
    step = agree(room)
    link = path(room, step)
    room.facilitator.send(command("revise_step", step=step, dropped=True))
    for address in (link, f"{link}/qr.svg", "/r/AAAAAAAAAAAAAAAAAAAAAA", f"{link}x"):
        assert Browser(room.app).get(address).status_code == 404


def test_the_host_finds_every_steps_link_to_send_on(room, console):
    link = path(room, agree(room))
    cafe = lxml.html.document_fromstring(console.get(f"/console/{room.code}").text).xpath(
        "//p[@class='where']/a/@href"
    )[0]
    page = console.get(f"{cafe}/steps").text
    assert RING in page and link in page
    assert Browser(room.app).get(f"{cafe}/steps").status_code in {303, 401}
