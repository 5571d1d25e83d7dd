"""The desk's pages for one example, for the second pair of eyes, and for the log: two members at work, by forms."""

import re

import pytest

from sessions import people
from sessions.harvest import leaving
from sessions.harvest.checklist import NOW, REASONS
from tests.cafe.conftest import Browser, form_in, forms_in, said_by
from tests.sessions.harvest.desk import Desk

WORDS = "Ring back within a day"
OURS = "Families are rung back within a day."
NOBODY = {question.id: "no" for question in NOW.questions}


@pytest.fixture
def harvest(app, room) -> Desk:
    """A harvest desk in an installation that is set up."""
    return Desk(app.extensions["cafe"].store)


def at_work(app, harvest: Desk, member) -> Browser:
    """A member's browser after both steps of signing in."""
    with harvest.store.unit_of_work() as db:
        token = people.give_credential(db, member)
    browser = Browser(app)
    browser.client.set_cookie("staff", token)
    return browser


@pytest.fixture
def ann(app, harvest) -> Browser:
    return at_work(app, harvest, harvest.ann)


@pytest.fixture
def ben(app, harvest) -> Browser:
    return at_work(app, harvest, harvest.ben)


def page_of(number: int) -> str:
    return f"/harvest/entries/{number}"


def press(browser: Browser, number: int, do: str, **typed):
    """Send one of the forms on an example's page."""
    return browser.send(form_in(browser.get(page_of(number)).text, do=do), to=page_of(number), **typed)


def pick(browser: Browser, number: int) -> None:
    assert press(browser, number, "pick", guide="1").status_code == 303


def look(browser: Browser, number: int, **typed):
    """Send the second person's form."""
    path = f"/harvest/checks/{number}"
    (form,) = [form for form in forms_in(browser.get(path).text) if "reason" in form.inputs]
    return browser.send(form, to=path, **typed)


def test_the_original_stands_beside_what_is_to_be_printed(harvest, ann):
    number = harvest.said(WORDS)
    answer = press(ann, number, "word", words=OURS)
    assert answer.location.endswith("?did=word#printing")
    page = ann.get(answer.location).text
    assert WORDS in page and OURS in page and "What people said stays as it is." in page
    press(ann, number, "original")
    page = ann.get(page_of(number)).text
    assert "1 earlier wording" in page
    press(ann, number, "use", wording="1")
    assert harvest.entry(number).edited == OURS


def test_it_is_sorted_tagged_and_credited_as_its_host_said(harvest, ann):
    number = harvest.said(WORDS, cafe=harvest.cafe(credit="Westvale Hospice with its carers"))
    press(ann, number, "sort", state="shortlisted")
    press(ann, number, "tag", tag="Night")
    page = ann.get(page_of(number)).text
    assert "On the shortlist" in page and "Westvale Hospice with its carers" in page and "version 2" in page
    assert harvest.entry(number).tags == ["night"]
    press(ann, number, "untag", tag="night")
    assert harvest.entry(number).tags == []


def test_near_duplicates_are_put_together_and_taken_apart(harvest, ann):
    number, near = harvest.said(WORDS), harvest.said("Ring back within one day")
    press(ann, number, "group", others=str(near), title="Ringing back")
    assert "Said at more than one café" in ann.get(page_of(near)).text
    press(ann, near, "retitle", title="Rung back")
    assert harvest.entry(number).title == "Rung back"
    press(ann, near, "leave")
    assert harvest.entry(number).alike is None


def test_a_page_that_is_too_old_comes_back_with_what_was_typed(harvest, ann, ben):
    number = harvest.said(WORDS)
    old = form_in(ann.get(page_of(number)).text, do="word")
    press(ben, number, "sort", state="shortlisted")
    answer = ann.send(old, to=page_of(number), words=OURS)
    assert answer.status_code == 409 and OURS in answer.text
    assert "meanwhile" in said_by(answer.text)
    assert harvest.entry(number).edited is None
    assert ann.send(form_in(answer.text, do="word"), to=page_of(number)).status_code == 303
    assert harvest.entry(number).edited == OURS


def test_a_mistake_is_said_where_it_was_made(harvest, ann):
    number = harvest.said(WORDS)
    answer = press(ann, number, "tag", tag="x" * 41)
    assert answer.status_code == 422 and "at most 40" in said_by(answer.text) and "x" * 41 in answer.text
    assert press(ann, harvest.said(WORDS), "group", title="Nothing ticked").status_code == 422


def test_the_second_person_is_somebody_else(harvest, ann, ben):
    number = harvest.said(WORDS)
    pick(ann, number)
    assert "For someone else" in ann.get("/harvest/checks").text
    assert "you picked it" in ann.get(f"/harvest/checks/{number}").text
    assert "For you to look at" in ben.get("/harvest/checks").text
    answer = look(ben, number, **{**NOBODY, NOW.questions[0].id: "yes"})
    assert answer.status_code == 422 and "Send it back instead" in said_by(answer.text)
    assert look(ben, number, **NOBODY).location == "/harvest/checks?did=passed"
    assert "It may be published." in ann.get(page_of(number)).text


def test_what_is_sent_back_says_why(harvest, ann, ben):
    number = harvest.said("My husband Peter was rung back")
    pick(ann, number)
    assert "The guard found" in ben.get("/harvest/checks").text
    assert look(ben, number, back="1").status_code == 422
    assert look(ben, number, back="1", reason="rare").location == "/harvest/checks?did=back"
    for page in ("/harvest/checks", page_of(number)):
        assert REASONS["rare"] in ann.get(page).text


def test_the_log_says_who_did_what_and_takes_it_back(harvest, ann, ben):
    number = harvest.said(WORDS)
    pick(ann, number)
    page = ben.get("/harvest/log").text
    assert "Picked for the next edition" in page and "Ann" in page and WORDS not in page
    (form,) = [form for form in forms_in(page) if form.get("action", "").endswith("/undo")]
    assert ben.send(form).location == "/harvest/log?did=undo"
    assert not harvest.entry(number).picked
    answer = ben.send(form)
    assert answer.status_code == 409 and "taken back already" in said_by(answer.text)
    assert "An act was taken back" in ben.get("/harvest/log").text


def test_an_act_is_taken_back_from_the_example_itself(harvest, ann):
    number = harvest.said(WORDS)
    press(ann, number, "sort", state="aside")
    (form,) = [form for form in forms_in(ann.get(page_of(number)).text) if form.get("action", "").endswith("/undo")]
    assert ann.send(form).location.startswith(page_of(number))
    assert harvest.entry(number).state == "new"


def test_words_that_went_leave_a_page_that_says_so_and_offers_nothing(harvest, ann):
    number = harvest.said("", gone="withdrawn", tags=[])
    page = ann.get(page_of(number)).text
    assert "taken back, or removed for good" in page
    assert [form.get("action") for form in forms_in(page)] == ["/sign-out"]
    assert "not here any more" not in ann.get("/harvest/checks").text


def test_a_program_looks_and_changes_nothing(harvest, app, room):
    number = harvest.said(WORDS)
    program = app.test_client(use_cookies=False)
    headers = {"Authorization": f"Bearer {room.opened.team_token}", "Accept": "application/json"}
    assert program.get(page_of(number), headers=headers).status_code == 200
    asked = (
        (page_of(number), {"do": "sort", "state": "aside"}),
        (f"/harvest/checks/{number}", {"back": "1", "reason": "rare"}),
    )
    for path, data in asked:
        answer = program.post(path, data={**data, "rev": "0"}, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")
    assert harvest.deeds() == []


@pytest.mark.parametrize("path", ["/harvest/entries/4711", "/harvest/checks/4711", "/harvest/entries/99999999999"])
def test_what_is_not_at_the_desk_is_not_there(harvest, ann, path):
    assert ann.get(path).status_code == 404


def test_what_no_form_of_ours_asks_is_turned_away(harvest, ann):
    number = harvest.said(WORDS)
    csrf = form_in(ann.get(page_of(number)).text, do="sort").fields["csrf"]
    for data in ({"do": "praise"}, {"do": "sort", "state": "best"}, {"do": "use", "wording": "9" * 30}):
        answer = ann.post(page_of(number), data={"csrf": csrf, "rev": "0", **data})
        assert answer.status_code in {400, 404, 422}, data
    assert ann.post(page_of(number), data={"do": "sort", "state": "aside", "rev": "0"}).status_code == 403
    assert harvest.deeds() == []


def test_nothing_is_praised(harvest, ann):
    number = harvest.said(WORDS)
    for path in (page_of(number), "/harvest/checks", f"/harvest/checks/{number}", "/harvest/log"):
        assert not re.search(r"best practice|\buser\b|deadline|expired", ann.get(path).text, re.IGNORECASE)


def test_a_long_queue_comes_up_part_by_part(harvest, ben):
    cafe = harvest.cafe()
    for number in range(53):
        harvest.said(f"Idea {number}", cafe, for_guide=True, picked_by=harvest.ann.member_id)
    page = ben.get("/harvest/checks").text
    assert page.count("Look at it now") == 50 and "and 3 more" in page


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("withdrawn", "taken back where they were said"),
        ("reworded", "changed where they were said"),
        ("not_in_latest", "does not hold these words"),
    ],
)
def test_what_left_by_itself_is_told_and_offered_to_nobody(harvest, ann, why, told):
    number = harvest.said(WORDS)
    with harvest.store.unit_of_work() as db:
        leaving.empty(db, [number], why)
    page = ann.get("/harvest/log").text
    assert told in page and "Take back" not in page and "a program" not in page


def test_what_was_found_is_shortlisted_where_it_was_found(harvest, ann, ben):
    number = harvest.said(WORDS)
    form = next(form for form in forms_in(ann.get("/harvest?words=ring").text) if form.get("id") == "shortlisting")
    answer = ann.send(form, entry=str(number))
    assert answer.location == f"/harvest?words=ring#entry-{number}"
    assert harvest.entry(number).state == "shortlisted"
    press(ben, number, "sort", state="aside")
    ann.send(form, entry=str(number))
    assert harvest.entry(number).state == "aside"
