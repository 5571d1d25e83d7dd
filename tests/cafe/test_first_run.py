"""From a fresh installation to a facilitator at work, and in and out again."""

import re

import pytest

from sessions import links
from tests.cafe.conftest import PASSPHRASE, Browser, Serving, forms_in

CLOSED_DOORS = (
    "/",
    "/sign-in",
    "/cafes",
    "/cafes/new",
    "/limits",
    "/j/ABCDEF",
    "/s/ABCDEF",
    "/console/ABCDEF",
    "/nope",
)


@pytest.fixture
def link(app):
    """The address of a set-up link."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        return f"/in/{links.make(db, 'setup')}"


@pytest.fixture
def desk(app, link):
    """The browser of a facilitator who has set this installation up."""
    browser = Browser(app)
    assert set_up(browser, link).status_code == 303
    return browser


def set_up(browser, link, organisation="Northvale Hospice", passphrase=PASSPHRASE):
    return browser.send(forms_in(browser.get(link).text)[0], to=link, organisation=organisation, passphrase=passphrase)


# Before anybody has set it up


def test_until_it_is_set_up_every_door_says_not_open_yet(newcomer):
    for path in CLOSED_DOORS:
        answer = newcomer.get(path)
        assert answer.status_code == 503, path
        assert "Not open yet" in answer.text, path
        assert not forms_in(answer.text), path


def test_programs_hear_not_open_yet_as_json(newcomer):
    answer = newcomer.get("/limits", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json == {"code": "not_open_yet", "say": "Not open yet."}


def test_posting_opens_nothing_either(newcomer):
    assert newcomer.post("/j/ABCDEF", json={}).status_code == 503
    assert newcomer.post("/sign-in", data={"organisation": "", "passphrase": ""}).status_code == 503


def test_health_and_the_looks_of_pages_answer_before_set_up(newcomer, link):
    assert newcomer.get("/healthz").json == {"status": "ok", "version": "test"}
    assert newcomer.get("/readyz").status_code == 200
    styles = re.search(r'href="(/static/[^"]+css)"', newcomer.get(link).text).group(1)
    answer = newcomer.get(styles)
    assert answer.status_code == 200
    answer.close()


def test_the_link_is_printed_once_and_worthless_after_a_second_start(database, tmp_path):
    first = Serving(tmp_path, database).wait()
    first_link = first.set_up_link()
    assert first.stop() == 0
    assert sum("/in/" in line for line in first.lines) == 1
    second = Serving(tmp_path, database).wait()
    try:
        assert second.set_up_link() not in {None, first_link}
        assert second.set_up_link().startswith(second.address)
    finally:
        assert second.stop() == 0


def test_once_it_is_set_up_no_link_is_printed(server):
    assert server.set_up_link() is None


# Setting it up


def test_looking_at_the_link_does_not_spend_it(newcomer, app, link):
    for _ in range(3):
        answer = newcomer.get(link)
        assert answer.status_code == 200
        assert "Your organisation" in answer.text
    assert set_up(Browser(app), link).status_code == 303


def test_a_short_passphrase_keeps_the_organisation_that_was_typed(newcomer, link):
    answer = set_up(newcomer, link, organisation="St Ælfred’s & Co", passphrase="short")
    assert answer.status_code == 200
    (form,) = forms_in(answer.text)
    assert form.fields["organisation"] == "St Ælfred’s & Co"
    assert not form.fields["passphrase"]
    assert "Use at least 12 characters" in answer.text
    assert 'href="#passphrase"' in answer.text
    assert newcomer.get("/").status_code == 503
    assert set_up(newcomer, link).status_code == 303


@pytest.mark.parametrize(
    "passphrase",
    [
        "passwordpassword",
        "aaaaaaaaaaaaaaa",
        "Northvale Hospice",
        "northvale2026",
        "manchesterunited",
        "qwertyuiop12345",
        "evidence cafe",
        "            ",
    ],
)
def test_a_passphrase_anyone_would_guess_is_not_taken(newcomer, link, passphrase):
    answer = set_up(newcomer, link, passphrase=passphrase)
    assert answer.status_code == 200
    assert 'href="#passphrase"' in answer.text


def test_both_mistakes_are_told_at_once(newcomer, link):
    answer = set_up(newcomer, link, organisation=" ", passphrase="")
    assert 'href="#organisation"' in answer.text
    assert 'href="#passphrase"' in answer.text


def test_setting_up_leads_to_the_first_session_signed_in(newcomer, link):
    answer = set_up(newcomer, link)
    assert answer.status_code == 303
    assert answer.location == "/cafes/new"
    cookie = newcomer.cookie("staff")
    assert cookie.http_only
    assert cookie.path == "/"
    assert cookie.same_site == "Lax"
    assert newcomer.get("/cafes/new").status_code == 200


def test_the_link_works_once(newcomer, app, link):
    set_up(newcomer, link)
    late = Browser(app)
    answer = late.get(link)
    assert answer.status_code == 404
    assert "This link has been used" in answer.text
    assert late.post(link, data={"organisation": "Other", "passphrase": PASSPHRASE}).status_code == 404
    assert late.cookie("staff") is None


def test_a_link_nobody_made_opens_nothing(newcomer, desk):
    answer = newcomer.get("/in/AAAAAAAAAAAAAAAAAAAAAA")
    assert answer.status_code == 404
    assert "This link has been used" in answer.text


def test_a_newer_link_makes_the_older_worthless(newcomer, app, link):
    with app.extensions["cafe"].store.unit_of_work() as db:
        newer = links.make(db, "setup")
    assert newcomer.get(link).status_code == 404
    assert newcomer.get(f"/in/{newer}").status_code == 200


def test_a_link_from_another_site_spends_nothing(newcomer, link):
    told = {"organisation": "Northvale Hospice", "passphrase": PASSPHRASE}
    assert newcomer.post(link, data=told, headers={"Origin": "https://evil.example"}).status_code == 403
    assert newcomer.get(link).status_code == 200


# In and out


def sign_in(browser, passphrase=PASSPHRASE, organisation="Northvale Hospice"):
    return browser.post("/sign-in", data={"organisation": organisation, "passphrase": passphrase})


def test_signing_out_makes_the_cookie_worth_nothing(desk):
    token = desk.cookie("staff").value
    answer = desk.post("/sign-out")
    assert answer.status_code == 303
    assert desk.cookie("staff") is None
    assert desk.get("/cafes").status_code == 401
    assert desk.get("/cafes", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_signing_in_again_needs_only_the_passphrase_when_there_is_one_organisation(desk):
    desk.post("/sign-out")
    (form,) = forms_in(desk.get("/sign-in").text)
    assert form.fields["organisation"] == "Northvale Hospice"
    answer = desk.send(form, to="/sign-in", passphrase=PASSPHRASE)
    assert answer.status_code == 303
    assert desk.get("/cafes").status_code == 200


def test_the_organisation_may_be_typed_in_any_case(desk, newcomer):
    assert sign_in(newcomer, organisation="northvale  HOSPICE").status_code == 303


@pytest.mark.parametrize("passphrase", ["", "harbour lantern Quilt", "password", "admin", PASSPHRASE + "x"])
def test_a_wrong_passphrase_is_told_kindly_and_sets_no_cookie(desk, newcomer, passphrase):
    answer = sign_in(newcomer, passphrase)
    assert answer.status_code == 403
    assert "Check the passphrase" in answer.text
    assert newcomer.cookie("staff") is None


def test_one_organisations_passphrase_does_not_open_another(desk, newcomer):
    assert sign_in(newcomer, organisation="Southvale Hospice").status_code == 403


def test_there_is_no_default_passphrase_after_bootstrap(room, newcomer):
    for passphrase in ("", "admin", "password", "cafe", "evidence", "changeme", "Evidence Café"):
        for organisation in ("Evidence Café", ""):
            assert sign_in(newcomer, passphrase, organisation).status_code == 403
    assert newcomer.cookie("staff") is None


def test_a_sign_in_from_another_site_is_refused(desk, newcomer):
    told = {"organisation": "Northvale Hospice", "passphrase": PASSPHRASE}
    answer = newcomer.post("/sign-in", data=told, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert newcomer.cookie("staff") is None


def test_one_time_links_open_console_screen_and_desk_once_each(app, room):
    for name, cookie, place in (
        ("facilitator_link", "staff", f"/console/{room.code}"),
        ("screen_link", f"screen-{room.code}", f"/screen/{room.code}"),
        ("team_link", "staff", "/team/begin"),
    ):
        browser, path = Browser(app), f"/in/{getattr(room.opened, name)}"
        assert browser.get(path).status_code == 200
        answer = browser.send(forms_in(browser.get(path).text)[0], to=path)
        assert answer.status_code == 303
        assert answer.location == place
        assert browser.cookie(cookie).http_only
        assert browser.get(place).status_code == 200
        assert Browser(app).post(path).status_code == 404
