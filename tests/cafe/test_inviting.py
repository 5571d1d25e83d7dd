"""Links that a facilitator gives to others: a second console, a table's host, and the paper code for another laptop."""

import re

import pytest

from sessions import world
from tests.cafe.conftest import Browser, cafe_of, command, contribute, form_in, forms_in, planned, said_by


def ask(browser: Browser, code: str, what: str) -> str:
    """Press one of the buttons on the People page, and return the page that shows what was made."""
    path = f"/console/{code}/people"
    form = next(each for each in forms_in(browser.get(path).text) if each.get("action") == f"{path}/{what}")
    answer = browser.send(form)
    assert answer.status_code == 200, answer.text
    return answer.text


def link_on(page: str) -> str:
    """The path of the link shown on a page."""
    return re.search(r'value="http://localhost(/in/[\w-]+)"', page).group(1)


def code_on(page: str) -> str:
    """The code as it stands on the paper, in groups of four."""
    return re.search(r'<p class="typed">([A-Z2-9 ]+)</p>', page).group(1)


def test_a_second_facilitator_has_a_console_and_can_be_told_apart(app, room):
    first, second = room.console(), Browser(app)
    link = link_on(ask(first, room.code, "facilitator"))
    assert "works once" in second.get(link).text
    assert second.post(link).location == f"/console/{room.code}"
    assert second.get(f"/console/{room.code}").status_code == 200
    tokens = {form_in(each.get(f"/console/{room.code}").text, do="undo").fields["csrf"] for each in (first, second)}
    assert len(tokens) == 2


@pytest.mark.parametrize("what", ["facilitator", "table-host", "recovery"])
def test_looking_at_a_link_spends_nothing_and_using_it_does(app, room, what):
    page = ask(room.console(), room.code, what)
    path = f"/in/{code_on(page).replace(' ', '')}" if what == "recovery" else link_on(page)
    scanner, someone, late = Browser(app), Browser(app), Browser(app)
    assert [scanner.get(path).status_code for _ in range(3)] == [200, 200, 200]
    assert scanner.get(f"{path}/qr.svg").mimetype == "image/svg+xml"
    assert someone.post(path).status_code == 303
    assert [late.get(path).status_code, late.post(path).status_code, late.get(f"{path}/qr.svg").status_code] == [
        404
    ] * 3


@pytest.mark.parametrize("what", ["facilitator", "table-host", "recovery"])
def test_only_a_facilitator_of_this_cafe_makes_links(app, room, another, what):
    path = f"/console/{room.code}/people"
    strangers = [Browser(app), room.participant(), another.console()]
    for each in strangers:
        assert each.get(path).status_code in {401, 404}
        assert each.post(f"{path}/{what}").status_code in {401, 404}
    assert room.console().post(f"{path}/{what}").status_code == 403  # without the form's token


def test_a_link_from_another_site_is_not_pressed(app, room):
    path = link_on(ask(room.console(), room.code, "facilitator"))
    assert Browser(app).post(path, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert Browser(app).post(path).status_code == 303


def test_the_recovery_code_typed_from_paper_opens_the_console_and_the_old_laptop_is_out(app, room):
    old, new = room.console(), Browser(app)
    typed = code_on(ask(old, room.code, "recovery"))
    path = f"/console/{room.code}"
    assert old.get(path).status_code == 200
    answer = new.send(forms_in(new.get("/in").text)[0], to="/in", code=typed.lower().replace(" ", "-"))
    assert answer.status_code == 303
    assert new.post(answer.location).location == path
    assert (new.get(path).status_code, old.get(path).status_code) == (200, 401)


def test_a_code_that_is_none_leads_to_a_kind_page(room, newcomer):
    answer = newcomer.post("/in", data={"code": "abcd efgh"})
    assert answer.status_code == 303
    page = newcomer.get(answer.location)
    assert page.status_code == 404
    assert "has been used" in page.text


def test_making_a_new_recovery_code_makes_the_earlier_paper_worthless(app, room):
    desk = room.console()
    papers = [code_on(ask(desk, room.code, "recovery")).replace(" ", "") for _ in range(2)]
    assert [Browser(app).get(f"/in/{each}").status_code for each in papers] == [404, 200]


def test_the_recovery_code_is_a_page_to_print_with_more_than_128_bits(room):
    page = ask(room.console(), room.code, "recovery")
    typed = code_on(page)
    assert len(world.CODE_ALPHABET) ** len(typed.replace(" ", "")) > 2**128
    assert "/in/" in page
    assert 'class="page desk paper"' in page


def test_what_shows_a_link_is_kept_by_no_cache_and_goes_to_no_other_site(room):
    desk, path = room.console(), f"/console/{room.code}/people"
    form = next(each for each in forms_in(desk.get(path).text) if each.get("action") == f"{path}/facilitator")
    answer = desk.send(form)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_table_host_adds_for_someone_and_an_ordinary_phone_cannot(app, room):
    host, other = Browser(app), room.participant()
    link = link_on(ask(room.console(), room.code, "table-host"))
    assert host.post(link).location == f"/s/{room.code}"
    page = host.get(f"/s/{room.code}").text
    form = form_in(page, do="contribute", on_behalf="true")
    assert host.send(form, text="A visitor said this").status_code == 303
    (card,) = room.facilitator.snapshot("console")["contributions"]
    assert (card["text"], card["on_behalf"], card["share"]) == ("A visitor said this", True, "local")
    assert 'id="hosting"' not in other.get(f"/s/{room.code}").text
    (result,) = room.phone().send(contribute("Not mine to say", on_behalf=True))
    assert (result["status"], result["code"]) == ("refused", "not_allowed")


def test_a_table_host_enters_dots_of_people_without_a_phone(app, room):
    idea = room.phone().post_idea()
    host = Browser(app)
    host.post(link_on(ask(room.console(), room.code, "table-host")))
    form = form_in(host.get(f"/s/{room.code}").text, do="vote", on_behalf="true")
    assert host.send(form, target=idea, dots="4").status_code == 303
    assert room.facilitator.snapshot("console")["votes"]["tally"] == {idea: 4}


def test_without_agreement_the_hosts_words_stay_and_are_not_sent_farther(app, room):
    host = Browser(app)
    host.post(link_on(ask(room.console(), room.code, "table-host")))
    form = form_in(host.get(f"/s/{room.code}").text, do="contribute", on_behalf="true")
    answer = host.send(form, text="Said at our table", share="team")
    assert "agreement" in said_by(answer.text)
    again = form_in(answer.text, do="contribute", on_behalf="true")
    assert (again.fields["text"], again.fields["share"]) == ("Said at our table", "team")
    assert form_in(answer.text, do="contribute").fields["text"] == ""
    assert host.send(again, consent="true").status_code == 303


def test_whoever_has_joined_already_hosts_from_their_own_seat(room):
    person = room.participant()
    person.post(link_on(ask(room.console(), room.code, "table-host")))
    assert room.joined() == 1
    assert 'id="hosting"' in person.get(f"/s/{room.code}").text


def test_a_hosts_link_before_the_cafe_opens_says_so_and_stays_good(app, desk):
    code = planned(desk, when="later")
    link = link_on(ask(desk, code, "table-host"))
    host = Browser(app)
    answer = host.post(link)
    assert answer.status_code == 409
    assert "not opened yet" in said_by(answer.text)
    cafe = cafe_of(desk, code)
    desk.send(next(each for each in forms_in(desk.get(cafe).text) if each.get("action") == f"{cafe}/open"))
    assert host.post(link).status_code == 303


def test_a_program_spends_a_link_for_a_token(app, room):
    path = link_on(ask(room.console(), room.code, "table-host"))
    answer = app.test_client().post(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["session"]) == (201, room.code)
    told = {"Authorization": f"Bearer {answer.json['token']}"}
    body = {"commands": [command("ready")]}
    assert app.test_client().post(f"/s/{room.code}/commands", json=body, headers=told).json["results"][0]["rev"]
