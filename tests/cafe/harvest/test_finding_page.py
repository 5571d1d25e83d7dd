"""The desk's first page: two actions to what one looks for, and every address of it can be kept."""

import lxml.html
import pytest

from tests.cafe.conftest import forms_in
from tests.sessions.harvest.desk import entry, source

ADVICE = "A night-time advice line for care homes"


@pytest.fixture
def stocked(app, member):
    """A member, and a desk with two cafés' words on it."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        here = source(db, title="Winter café", place="Saltmarsh", invented=True)
        entry(db, here, ADVICE, ambitions=[6], flags="name", tags=["nights"])
        entry(db, here, "<script>alert('advice')</script> & more", foundation="co-design")
        entry(db, source(db), "Somewhere to park", kind="step", status="done", state="shortlisted", share="team")
    return member


def cards(page: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in seen(page, "//ol[contains(@class, 'found')]/li")]


def seen(page: str, path: str) -> list:
    return lxml.html.document_fromstring(page).xpath(path)


def search(member, **typed: str):
    """Fill in the form on the desk and press its button."""
    form = next(each for each in forms_in(member.get("/harvest").text) if each.get("role") == "search")
    there = set(form.inputs.keys())
    assert set(typed) <= there, f"not on the page: {set(typed) - there}"
    return member.get("/harvest", query_string={**dict(form.form_values()), **typed})


def test_what_is_looked_for_under_a_foundation_is_two_actions_away(stocked):
    page = search(stocked, words="night-time advice line for care homes", foundation="access-24-7").text
    (card,) = cards(page)
    assert ADVICE in card
    for told in ("Ambition 6", "Winter café", "Saltmarsh", "Hospice", "invented", "May say who someone is", "#nights"):
        assert told in card, told


def test_words_that_were_found_are_marked_and_nothing_people_wrote_is_markup(stocked):
    page = search(stocked, words="advice").text
    assert [each.text for each in seen(page, "//mark")] == ["advice", "advice"]
    assert "<script>" not in page.split("</head>")[1]


def test_filters_that_are_set_can_each_be_taken_off(stocked):
    page = search(stocked, kind="step", status="done").text
    assert len(cards(page)) == 1
    assert seen(page, "//ul[contains(@class, 'chosen')]//a/@href") == ["/harvest?status=done", "/harvest?kind=step"]
    assert seen(page, "//details[@class = 'narrowing' and @open]")


def test_a_press_on_a_foundation_narrows_it_down_to_that(stocked):
    page = search(stocked, words="advice").text
    links = seen(page, "//nav[@class = 'by-foundation']//a/@href")
    assert len(links) == 2
    assert [len(cards(stocked.get(link).text)) for link in links] == [1, 1]


def test_what_the_filters_hide_and_what_nobody_said_is_told(stocked):
    assert "See the one without them" in search(stocked, words="park", kind="action").text
    assert "Nothing at the desk says zebra, so that is left out." in search(stocked, words="zebra advice line").text
    assert "Nobody said anything like it yet." in search(stocked, words="zebra").text
    assert "these say some of them" in search(stocked, words="advice parking").text


def test_an_empty_desk_says_how_anything_gets_there(member):
    page = member.get("/harvest").text
    assert "Nothing has arrived yet." in page
    assert "Nothing comes here before a host has released their café" in page
    assert not [each for each in forms_in(page) if each.get("role") == "search"]


@pytest.mark.parametrize(
    "asked", ["page=999999", "since=x&until=2026-02-31", "cafe=x&foundation=y&state=z", "words=%22"]
)
def test_no_address_is_a_mistake(stocked, asked):
    assert stocked.get(f"/harvest?{asked}").status_code == 200


def test_programs_may_read_the_page_too(app, room, stocked):
    bearer = {"Authorization": f"Bearer {room.opened.team_token}"}
    assert ADVICE in app.test_client().get("/harvest", headers=bearer).text
