"""Before the day, at the facilitator's desk: particulars, invitation, how a session runs, what the talk begins with."""

import io

import lxml.html
import msgspec
import pytest
import requests
from PIL import Image

from sessions import framework
from tests.cafe.conftest import (
    Browser,
    Program,
    cafe_of,
    close,
    desk_in,
    drawing_from,
    form_in,
    forms_in,
    planned,
)

JSON = {"Accept": "application/json"}


def links_of_summary(page: str) -> list[str]:
    return lxml.html.document_fromstring(page).xpath("//*[contains(@class, 'error-summary')]//a/@href")


def words_of(page: str) -> str:
    return " ".join(lxml.html.document_fromstring(page).body.text_content().split())


def seen(desk, code: str, view: str = "screen") -> dict:
    return desk.get(f"/s/{code}/snapshot?view={view}", headers=JSON).json


def running_of(desk, code: str) -> str:
    return f"{cafe_of(desk, code)}/sessions/{code}"


def arrange(desk, code: str, **typed):
    path = running_of(desk, code)
    form = next(form for form in forms_in(desk.get(path).text) if "question" in form.fields)
    return desk.send(form, to=path, **typed)


def picture(colour: str = "navy", size=(60, 40)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, "PNG")
    return stream.getvalue()


def choose(desk, code: str, file: bytes | None = None, **typed):
    path = f"{running_of(desk, code)}/evidence"
    form = next(form for form in forms_in(desk.get(path).text) if "alt" in form.fields)
    data = {name: value for name, value in form.form_values() if name != "picture"} | typed
    files = {"picture": ("chart.png", b"" if file is None else file)}
    sent = requests.Request("POST", "http://localhost", data=data, files=files).prepare()
    return desk.post(path, data=sent.body, content_type=sent.headers["Content-Type"])


@pytest.fixture
def code(desk) -> str:
    """A prepared café's session."""
    return planned(desk, "later", length="60")


# The café's page leads everywhere, and strangers nowhere


def test_the_cafes_page_leads_to_all_that_is_done_beforehand(desk, code):
    cafe = cafe_of(desk, code)
    links = lxml.html.document_fromstring(desk.get(cafe).text).xpath("//main//a/@href")
    for path in ("/particulars", "/invitation", "/print", f"/sessions/{code}", f"/sessions/{code}/evidence"):
        assert cafe + path in links
        assert desk.get(cafe + path).status_code == 200


def test_to_another_organisation_and_to_strangers_none_of_it_exists(app, desk, code):
    cafe = cafe_of(desk, code)
    other = desk_in(app, "Another hospice")
    paths = ("/particulars", "/invitation", "/invitation.txt", "/print", "/print/network.svg",
             f"/sessions/{code}", f"/sessions/{code}/evidence")  # fmt: skip
    for path in paths:
        assert other.get(cafe + path).status_code == 404, path
        assert Browser(app).get(cafe + path).status_code == 401, path


def test_a_session_of_another_cafe_is_not_reached_through_this_one(desk, code):
    other = planned(desk, "later", title="Another café")
    assert desk.get(f"{cafe_of(desk, code)}/sessions/{other}").status_code == 404


# Particulars


def test_particulars_come_as_they_were_and_are_changed(desk, code):
    path = f"{cafe_of(desk, code)}/particulars"
    form = form_in(desk.get(path).text, title="Evidence Café")
    told = {"title": "A new title", "support": "Sam, in the blue chair\nA listening line", "contact": "the front desk",
            "wifi_name": "Guests", "wifi_password": "tea for two"}  # fmt: skip
    assert desk.send(form, to=path, **told).status_code == 303
    form = form_in(desk.get(path).text, title="A new title")
    assert {name: form.fields[name].strip() for name in told} == told
    assert "A new title" in desk.get(f"/screen/{code}").text


def test_a_slip_in_the_particulars_keeps_what_was_typed(desk, code):
    path = f"{cafe_of(desk, code)}/particulars"
    told = {"title": " ", "support": "Someone", "wifi_name": "Guests", "wifi_password": "short"}
    answer = desk.send(form_in(desk.get(path).text, title="Evidence Café"), to=path, **told)
    assert set(links_of_summary(answer.text)) == {"#title", "#wifi_password"}
    form = form_in(answer.text, wifi_name="Guests")
    assert (form.fields["support"].strip(), form.fields["wifi_password"]) == ("Someone", "short")


# The invitation


def invitation_form(desk, code):
    path = f"{cafe_of(desk, code)}/invitation"
    page = desk.get(path).text
    return path, next(form for form in forms_in(page) if "invitation" in form.fields)


def test_the_invitation_says_what_people_need_to_know(desk):
    code = planned(desk, "later", title="An afternoon", place="Old Library", day=("3", "3", "2027"), length="120")
    _path, form = invitation_form(desk, code)
    words = form.fields["invitation"]
    for said in ("An afternoon", "Old Library", "3 March 2027", "120 minutes", "http://localhost/c/", "language",
                 "hearing", "leave", framework.load().foundation("co-design").name):  # fmt: skip
        assert said in words, said


def test_ones_own_invitation_is_kept_until_one_goes_back(desk, code):
    path, form = invitation_form(desk, code)
    suggested = form.fields["invitation"]
    assert desk.send(form, to=path, invitation="Do come.").status_code == 303
    assert desk.get(f"{path}.txt").text == "Do come.\n"
    page = desk.get(path).text
    assert "does not hold the link" in words_of(page)
    form = next(form for form in forms_in(page) if "invitation" in form.fields)
    desk.send(form, to=path, again="1")
    assert invitation_form(desk, code)[1].fields["invitation"] == suggested


def test_a_suggestion_saved_unchanged_goes_on_following_the_particulars(desk, code):
    path, form = invitation_form(desk, code)
    desk.send(form, to=path)
    particulars = f"{cafe_of(desk, code)}/particulars"
    desk.send(form_in(desk.get(particulars).text, title="Evidence Café"), to=particulars, place="Upstairs")
    assert "Upstairs" in invitation_form(desk, code)[1].fields["invitation"]


def test_an_invitation_that_is_too_long_is_kept_to_be_shortened(desk, code):
    path, form = invitation_form(desk, code)
    answer = desk.send(form, to=path, invitation="x" * 4001)
    assert links_of_summary(answer.text) == ["#invitation"]
    assert "x" * 4001 in answer.text


# How a session runs


def test_a_prepared_session_has_the_minutes_of_its_length(desk, code):
    assert sum(seen(desk, code)["minutes"].values()) == 60
    assert "In all: 60 minutes" in words_of(desk.get(running_of(desk, code)).text)


def test_the_form_that_opens_a_session_suggests_three_dots_and_one_on_an_idea(desk):
    form = form_in(desk.get("/cafes/new").text, title="Evidence Café")
    assert (form.fields["budget"], form.fields["most_per_target"], form.fields["length"]) == ("3", "1", "90")


def test_question_prompts_and_label_reach_the_screen(desk, code):
    assert arrange(desk, code, question="What next?", prompts="One\r\nTwo", label="Table 3").status_code == 303
    told = seen(desk, code)
    assert (told["question"], told["prompts"], told["label"]) == ("What next?", ["One", "Two"], "Table 3")
    assert "Table 3" in desk.get(cafe_of(desk, code)).text


def test_label_and_prompts_are_words_whatever_they_look_like(desk, code):
    harmful = "<svg onload=alert(1)>100% %(x)s"
    assert arrange(desk, code, prompts=harmful, label=harmful).status_code == 303
    cafe = cafe_of(desk, code)
    for path in (cafe, f"{cafe}/print"):
        tree = lxml.html.document_fromstring(desk.get(path).text)
        assert harmful in tree.text_content(), path
        assert not tree.xpath("//*[@onload]"), path


def test_other_minutes_are_filled_in_and_nothing_is_saved_yet(desk, code):
    answer = arrange(desk, code, length="120", question="Half typed")
    assert answer.status_code == 200
    assert "In all: 120 minutes" in words_of(answer.text)
    assert "Half typed" in answer.text
    assert seen(desk, code)["question"] == ""


def test_one_goes_back_to_the_words_of_the_foundation(desk, code):
    arrange(desk, code, question="Mine", prompts="Mine")
    answer = arrange(desk, code, again="1", label="Table 9")
    kit = framework.load().foundation("co-design")
    form = next(form for form in forms_in(answer.text) if "question" in form.fields)
    assert (form.fields["question"].strip(), form.fields["label"]) == (kit.question, "Table 9")
    desk.send(form, to=running_of(desk, code))
    assert (seen(desk, code)["question"], seen(desk, code)["prompts"]) == ("", [])


def test_slips_are_told_together_and_lead_to_their_fields(desk, code):
    answer = arrange(desk, code, label="x" * 81, budget="0", **{"minutes-post": "soon"})
    links = links_of_summary(answer.text)
    assert set(links) == {"#label", "#budget", "#minutes-post"}
    tree = lxml.html.document_fromstring(answer.text)
    assert all(tree.xpath("//*[@id=$id]", id=link[1:]) for link in links)
    assert tree.xpath("string(//*[@id='minutes-post']/@value)") == "soon"


def test_enter_saves_and_does_not_fill_in_other_minutes(desk, code):
    form = next(form for form in forms_in(desk.get(running_of(desk, code)).text) if "question" in form.fields)
    first = form.xpath(".//button")[0]
    assert first.get("name") is None


# What the talk begins with


def test_a_picture_is_shown_to_phones_console_and_screen_alone(app, desk, newcomer):
    code = planned(desk, "now")
    assert choose(desk, code, picture(), kind="image", alt="A bar chart").status_code == 303
    told = seen(desk, code)["evidence"]
    assert (told["kind"], told["alt"]) == ("image", "A bar chart")
    newcomer.join(code)
    for browser in (desk, newcomer):
        answer = browser.get(f"/s/{code}/evidence?rev={told['rev']}")
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in answer.headers["Cache-Control"]
        assert browser.get(f"/s/{code}/evidence?rev=1").headers["Cache-Control"] == "private, no-cache"
    assert Image.open(io.BytesIO(answer.data)).size == (60, 40)
    assert Browser(app).get(f"/s/{code}/evidence").status_code == 401
    assert desk_in(app, "Another hospice").get(f"/s/{code}/evidence").status_code == 404


def test_a_session_without_a_picture_has_none(desk, code):
    assert desk.get(f"/s/{code}/evidence").status_code == 404
    choose(desk, code, kind="text", text="Words")
    assert desk.get(f"/s/{code}/evidence").status_code == 404


def test_a_picture_keeps_its_place_while_its_sentence_is_changed(desk, code):
    choose(desk, code, picture(), kind="image", alt="A chart")
    assert choose(desk, code, alt="A better sentence").status_code == 303
    assert seen(desk, code)["evidence"]["alt"] == "A better sentence"
    assert desk.get(f"/s/{code}/evidence").status_code == 200


@pytest.mark.parametrize("file", [b"no picture", b"<svg/>", picture()[:40]])
def test_what_is_no_picture_is_refused_and_the_words_stay(desk, code, file):
    answer = choose(desk, code, file, kind="image", alt="A chart", title="From the survey")
    assert links_of_summary(answer.text) == ["#picture"]
    form = form_in(answer.text, title="From the survey")
    assert form.fields["alt"].strip() == "A chart"
    assert seen(desk, code)["evidence"] is None


def test_a_file_larger_than_we_take_is_refused_and_the_words_stay(desk, code):
    answer = choose(desk, code, bytes(11 * 1024 * 1024), kind="image", alt="A chart")
    assert links_of_summary(answer.text) == ["#picture"]
    assert "10 MB" in answer.text
    assert form_in(answer.text, kind="image").fields["alt"].strip() == "A chart"


def test_a_picture_without_a_sentence_has_to_be_chosen_again(desk, code):
    answer = choose(desk, code, picture(), kind="image", alt="")
    assert set(links_of_summary(answer.text)) == {"#alt", "#picture"}


def test_one_of_the_foundations_examples_can_be_shown(desk, code):
    example = framework.load().foundation("co-design").examples[0]
    choose(desk, code, kind="kit", example="0")
    assert seen(desk, code)["evidence"]["example"] == 0
    assert example.action in words_of(desk.get(f"{running_of(desk, code)}/evidence").text)


def test_it_is_taken_away_again(desk, code):
    choose(desk, code, kind="link", link="https://example.org/report")
    path = f"{running_of(desk, code)}/evidence"
    form = next(form for form in forms_in(desk.get(path).text) if form.xpath(".//button[@name='remove']"))
    desk.send(form, to=path, remove="1")
    assert seen(desk, code)["evidence"] is None


def test_a_closed_cafe_is_not_changed_any_more(desk):
    code = planned(desk, "now")
    cafe = cafe_of(desk, code)
    forms = {path: forms_in(desk.get(path).text)[-1] for path in (f"{cafe}/particulars", f"{cafe}/sessions/{code}")}
    close(desk, code)
    for path, form in forms.items():
        assert "has closed" in words_of(desk.send(form, to=path).text)


# Printing


@pytest.fixture
def reachable(settings, compiled):
    """An app at an address that someone vouched for."""
    app = drawing_from(compiled, msgspec.structs.replace(settings, address="http://cafe.example:8000",
                                                         hosts=("cafe.example", "localhost")))  # fmt: skip
    yield app
    app.extensions["cafe"].store.close()


def codes_on(page: str) -> list[str]:
    return lxml.html.document_fromstring(page).xpath("//img[@class='qr']/@src")


def test_nothing_is_printed_that_would_lead_nowhere(desk, code):
    page = desk.get(f"{cafe_of(desk, code)}/print").text
    assert codes_on(page) == []
    assert "leads only to this computer" in words_of(page)
    assert "--address" in words_of(page)


def test_an_address_found_by_itself_is_not_printed_either(settings, compiled):
    found = msgspec.structs.replace(settings, address="http://192.168.1.20:8000", found=True)
    app = drawing_from(compiled, found)
    desk = desk_in(app)
    page = desk.get(f"{cafe_of(desk, planned(desk))}/print").text
    app.extensions["cafe"].store.close()
    assert codes_on(page) == []
    assert "On the day it may be another" in words_of(page)


def test_at_an_address_that_stays_the_codes_are_printed(reachable):
    desk = desk_in(reachable)
    code = planned(desk)
    cafe = cafe_of(desk, code)
    assert f"/j/{code}/qr.svg" in codes_on(desk.get(f"{cafe}/print").text)
    assert f"{cafe}/print/network.svg" not in codes_on(desk.get(f"{cafe}/print").text)
    path = f"{cafe}/particulars"
    desk.send(form_in(desk.get(path).text, title="Evidence Café"), to=path, wifi_name="Guests")
    assert f"{cafe}/print/network.svg" in codes_on(desk.get(f"{cafe}/print").text)
    assert desk.get(f"{cafe}/print/network.svg").mimetype == "image/svg+xml"


def test_only_the_sheets_that_were_asked_for_are_shown(desk, code):
    page = desk.get(f"{cafe_of(desk, code)}/print?sheet=ballot&sheet=nonsense").text
    sheets = lxml.html.document_fromstring(page).xpath("//section/@class")
    assert [sheet.split()[-1] for sheet in sheets] == ["ballot"]


def test_every_prompt_has_its_card(desk, code):
    arrange(desk, code, prompts="First prompt\nSecond prompt\nThird prompt")
    page = desk.get(f"{cafe_of(desk, code)}/print?sheet=prompts").text
    cards = lxml.html.document_fromstring(page).xpath("//article[@class='prompt']//p[@class='ask']")
    assert [card.text_content() for card in cards] == ["First prompt", "Second prompt", "Third prompt"]


def test_the_ballot_has_lines_until_there_is_something_to_choose(app, desk, newcomer):
    code = planned(desk, agenda="together", budget="3", most_per_target="2")
    path = f"{cafe_of(desk, code)}/print?sheet=ballot"
    assert desk.get(path).text.count('class="line"') == 12
    Program(app, code, newcomer.post(f"/j/{code}", headers=JSON).json["token"]).post_idea("Ring every new carer.")
    page = desk.get(path).text
    assert 'class="line"' not in page
    assert "Ring every new carer." in page
    assert page.count("◯◯") == 1
