"""Small steps afterwards on the web: what is due, told and changed right there, new links, days for a calendar."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import lxml.html
import pytest
import time_machine

from cafe import calendar
from cafe.calendar import Event
from sessions import reviews
from sessions.store import find_session
from tests.cafe.conftest import Browser, Session, command, form_in, said_by

RING = "Ring back every family, \\ whoever; they are 😀 " + "ŵ" * 60
DAY = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    """The day of the café, until a test moves on."""
    with time_machine.travel(DAY, tick=False) as moving:
        yield moving


@pytest.fixture
def desk(room: Session) -> Browser:
    return room.console()


def agree(room: Session, what: str = RING, **fields) -> str:
    (result,) = room.facilitator.send(command("agree_step", **{"what": what, **fields}))
    assert result["status"] == "applied", result
    return result["id"]


def steps(room: Session) -> list[dict]:
    return room.facilitator.get(f"/s/{room.code}/snapshot?view=console").json["steps"]


def cafe_of(room: Session) -> str:
    with room.app.extensions["cafe"].store.reading() as db:
        return f"/cafes/{find_session(db, room.code).cafe_id}"


def path(room: Session, step: str) -> str:
    with room.app.extensions["cafe"].store.reading() as db:
        return f"/r/{reviews.tokens(db, find_session(db, room.code).id)[step]}"


def words(page: str, *, under: str = "//main") -> str:
    [found] = lxml.html.document_fromstring(page).xpath(under)
    return " ".join(found.text_content().split())


def days_in(answer) -> list:
    """The events of a calendar file, as another program reads them."""
    assert answer.status_code == 200 and answer.content_type.startswith("text/calendar")
    return icalendar.Calendar.from_ical(answer.data).walk("VEVENT")


# What is due


def test_the_cafes_page_says_what_is_due_and_where(room, desk, clock):
    assert "to look at" not in desk.get("/cafes").text
    agree(room, review_on="2026-03-30")
    agree(room, review_on="2026-04-05")
    assert "One is to be looked at this month." in words(desk.get("/cafes").text)
    clock.move_to(datetime(2026, 4, 1, tzinfo=UTC))
    page = words(desk.get("/cafes").text)
    assert "One is waiting for a look." in page and "One is to be looked at this month." in page
    assert 'href="/steps"' in desk.get("/cafes").text


def test_steps_are_listed_by_when_they_are_due_each_with_its_link(room, desk, clock):
    step = agree(room, "Waits", lead="Ward clerk", review_on="2026-03-30")
    agree(room, "Later", review_on="2026-07-01")
    room.facilitator.send(command("check_in", step=agree(room, "Over"), status="stopped"))
    clock.move_to(datetime(2026, 4, 1, tzinfo=UTC))
    page = desk.get("/steps").text
    found = lxml.html.document_fromstring(page).xpath("//main/h2/@id | //main/section/h3/text()")
    assert found == ["waiting", "Waits", "later", "Later", "finished", "Over"]
    assert path(room, step) in page and "Ward clerk" in page
    assert "In all: Stopped 1 · Not started 2" in words(page)


def test_nothing_due_says_what_will_be_here(room, desk):
    assert "will be listed here" in words(desk.get("/steps").text)


def test_a_facilitator_tells_how_a_step_stands_right_there_also_when_the_cafe_has_closed(room, desk):
    step = agree(room, how_we_know="Nobody rings twice")
    desk.post(f"{cafe_of(room)}/close", data={"csrf": form_in(desk.get("/steps").text, do="check_in").fields["csrf"]})
    page = desk.get("/steps").text
    assert "Nobody rings twice" in page
    answer = desk.send(form_in(page, do="check_in"), status="under_way", measure="Two\r\nof nine", note="Slowly")
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"#step-{step}")
    assert "Saved." in words(desk.get(answer.headers["Location"]).text, under="//*[@class='notice good']")
    [told] = steps(room)[0]["check_ins"]
    assert (told["status"], told["measure"], told["note"]) == ("under_way", "Two\nof nine", "Slowly")


def test_what_could_not_be_kept_comes_back_with_its_words(room, desk):
    agree(room)
    for page in ("/steps", f"{cafe_of(room)}/steps"):
        again = desk.send(form_in(desk.get(page).text, do="check_in"), note="Slowly", measure="Two of nine")
        assert "Choose how it stands" in said_by(again.text)
        form = form_in(again.text, do="check_in")
        assert (form.fields["note"].strip(), form.fields["measure"].strip()) == ("Slowly", "Two of nine")
        assert form.getparent().get("open") is not None
    again = desk.send(form_in(desk.get("/steps").text, do="revise_step"), review_on="2026-02-30")
    assert "for example 2027-03-01" in said_by(again.text)
    assert steps(room)[0]["check_ins"] == [] and steps(room)[0]["review_on"] == "2026-04-27"


def test_another_day_is_set_from_the_cafes_list(room, desk):
    agree(room)
    page = f"{cafe_of(room)}/steps"
    answer = desk.send(form_in(desk.get(page).text, do="revise_step"), review_on="2026-05-05")
    assert answer.headers["Location"].startswith(page)
    assert [each["review_on"] for each in steps(room)] == ["2026-05-05"]


def test_a_new_link_is_made_and_the_old_one_kindly_opens_nothing(room, desk):
    step = agree(room)
    old = path(room, step)
    assert desk.send(form_in(desk.get("/steps").text, do="reissue_link")).status_code == 303
    for address in (old, f"{old}/qr.svg", f"{old}/review.ics"):
        answer = Browser(room.app).get(address)
        assert answer.status_code == 404 and "There is a newer link for this small step" in answer.text
        assert RING[:20] not in answer.text
    data = {"id": command("check_in")["id"], "status": "done"}
    assert Browser(room.app).post(old, data=data).status_code == 404
    assert steps(room)[0]["status"] == "not_started"
    assert RING[:20] in Browser(room.app).get(path(room, step)).text


def test_only_the_organisations_own_staff_follow_its_steps(room, desk, another):
    step = agree(room)
    data = {**dict(form_in(desk.get("/steps").text, do="reissue_link").fields), "do": "reissue_link"}
    stranger, other = Browser(room.app), another.console()
    agree(another, "Theirs")
    assert RING[:20] not in other.get("/steps").text
    for address in (f"{cafe_of(room)}/steps", f"{cafe_of(room)}/steps.ics"):
        assert other.get(address).status_code == 404 and stranger.get(address).status_code in {303, 401}
    assert stranger.get("/steps").status_code in {303, 401}
    data["csrf"] = form_in(other.get("/steps").text, do="reissue_link").fields["csrf"]
    assert other.post(f"/steps/{room.code}/{step}", data=data).status_code == 404


@pytest.mark.parametrize("change", [{"do": "hide"}, {"id": "x"}, {"csrf": "x"}])
def test_only_the_pages_own_forms_do_anything(room, desk, change):
    step = agree(room)
    data = {**dict(form_in(desk.get("/steps").text, do="reissue_link").fields), **change}
    assert desk.post(f"/steps/{room.code}/{step}", data=data).status_code in {400, 403}
    assert path(room, step) in desk.get("/steps").text


# In the guide


def test_what_is_told_months_later_stands_in_the_guide_of_the_closed_cafe(room, desk, clock):
    link = path(room, agree(room, lead="Ward clerk", how_we_know="Nobody rings twice"))
    desk.post(f"{cafe_of(room)}/close", data={"csrf": form_in(desk.get("/steps").text, do="check_in").fields["csrf"]})
    clock.move_to(datetime(2026, 6, 20, tzinfo=UTC))
    stranger = Browser(room.app)
    [form] = lxml.html.document_fromstring(stranger.get(link).text).forms
    answer = stranger.send(form, status="under_way", measure="Two of nine", note="Slowly")
    assert "Please look at it again on 15 August 2026." in stranger.get(answer.headers["Location"]).text
    [step] = desk.get(f"{cafe_of(room)}/guide.json").json["chapters"][0]["steps"]
    told = {"day": "2026-06-20", "status": "under_way", "note": "Slowly", "measure": "Two of nine"}
    assert (step["status"], step["review_on"], step["told"]) == ("under_way", "2026-08-15", [told])


# The next café


def test_whoever_prepares_the_next_cafe_sees_what_was_agreed_last_time(room, desk, clock):
    step = agree(room, "Ring back", lead="Ward clerk")
    agree(room, "Among ourselves", share="room")
    room.facilitator.send(command("check_in", step=step, status="under_way", measure="Two of nine"))
    clock.move_to(DAY + timedelta(days=60))
    plan = form_in(desk.get("/cafes/new").text, title="Evidence Café")
    answer = desk.send(plan, to="/cafes/new", foundation="co-design", title="The next one", when="later")
    console = desk.get(answer.headers["Location"]).text
    [cafe] = lxml.html.document_fromstring(console).xpath("//p[@class='where']/a/@href")
    for page in (desk.get(cafe).text, desk.get(f"{cafe}/print?sheet=order").text):
        last = words(page, under="//section[@class='last-time']")
        assert "Agreed last time, on 2 March 2026: Ring backUnder way, 2 March 2026: Two of nine" in last
        assert "Among ourselves" not in page
    assert f'href="{cafe_of(room)}/steps"' in desk.get(cafe).text
    room.facilitator.send(command("revise_step", step=step, dropped=True))
    assert "You said, we did" not in desk.get(cafe).text


# Calendars


def test_whoever_leads_a_step_puts_its_day_into_a_calendar(room, desk):
    step = agree(room, lead="Ward clerk", how_we_know="Nobody rings twice")
    link = path(room, step)
    assert f"{link}/review.ics" in Browser(room.app).get(link).text
    [day] = days_in(Browser(room.app).get(f"{link}/review.ics"))
    assert day.decoded("dtstart") == date(2026, 4, 27) and day.decoded("dtend") == date(2026, 4, 28)
    assert str(day["summary"]) == f"Small step: {RING}"
    assert "Ward clerk" in day["description"] and "Nobody rings twice" in day["description"]
    assert str(day["url"]).endswith(link) and str(day["url"]) in day["description"]
    [alarm] = day.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-7)
    assert step not in day["uid"]


def test_a_days_name_stays_and_its_number_grows_when_it_is_put_off(room, desk):
    step = agree(room)
    [before] = days_in(Browser(room.app).get(f"{path(room, step)}/review.ics"))
    room.facilitator.send(command("revise_step", step=step, review_on="2026-06-01"), command("reissue_link", step=step))
    [after] = days_in(desk.get(f"{cafe_of(room)}/steps.ics"))
    assert after["uid"] == before["uid"] and after["sequence"] > before["sequence"]
    assert after.decoded("dtstart") == date(2026, 6, 1)


def test_a_cafes_days_are_one_calendar_without_the_words_of_what_stays_in_the_room(room, desk):
    agree(room, "Ring back")
    agree(room, "Among ourselves", share="room", lead="Ours alone")
    answer = desk.get(f"{cafe_of(room)}/steps.ics")
    assert [str(each["summary"]) for each in days_in(answer)] == ["Small step: Ring back", "A small step of ours"]
    assert "Ours alone" not in answer.text


def test_a_line_is_at_most_75_octets_and_no_character_is_torn_apart():
    event = Event("uid@here", date(2027, 1, 4), "😀ŵ" * 90 + "\r\nX;Y,\\", "A\nB", "https://cafe.example/r/x", 7)
    written = calendar.write([event], DAY)
    lines = written.split(b"\r\n")
    assert lines[-1] == b"" and b"\n" not in written.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 75
    [line.decode() for line in lines]
    [read] = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert str(read["summary"]) == "😀ŵ" * 90 + "\nX;Y,\\"


# The console's box


def test_the_box_for_a_small_step_has_its_day_and_keeps_it(room, desk):
    page = desk.get(f"/console/{room.code}?step=new").text
    assert "Left empty, it is 27 April 2026." in words(page)
    form = form_in(page, do="agree_step")
    assert desk.send(form, what="Ring back", review_on="2026-05-05").status_code == 303
    [step] = steps(room)
    form = form_in(desk.get(f"/console/{room.code}?revise={step['id']}").text, do="revise_step")
    assert form.fields["review_on"] == "2026-05-05"
    assert desk.send(form, review_on="").status_code == 303
    assert steps(room)[0]["review_on"] == "2026-04-27"
