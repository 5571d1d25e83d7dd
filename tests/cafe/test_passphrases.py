"""A lost passphrase: an administrator's link, a new one, and everyone who came by the old one out."""

import re

import pytest

from sessions import links, members, passphrases, people
from sessions.permissions import Visitor
from tests.cafe.conftest import PASSPHRASE, Browser, forms_in, planned, run_cafe

NEW = "kettle orchard marble"


@pytest.fixture
def organisation(app) -> str:
    """An organisation whose facilitators sign in by a passphrase."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        return people.found(db, "Northvale Hospice", passphrases.hashed(PASSPHRASE)).organisation_id


@pytest.fixture
def desk(app, organisation) -> Browser:
    """A facilitator who signed in by the passphrase."""
    return signed_in(app)


@pytest.fixture
def link(app, organisation) -> str:
    """An administrator's link to a new passphrase."""
    return reset(app, organisation)


def reset(app, organisation: str) -> str:
    with app.extensions["cafe"].store.unit_of_work() as db:
        return f"/in/{links.make(db, 'passphrase', Visitor('facilitator', organisation))}"


def signed_in(app, passphrase: str = PASSPHRASE) -> Browser:
    browser = Browser(app)
    assert sign_in(browser, passphrase) == 303
    return browser


def sign_in(browser: Browser, passphrase: str, organisation: str = "Northvale Hospice") -> int:
    return browser.post("/sign-in", data={"organisation": organisation, "passphrase": passphrase}).status_code


def choose(browser: Browser, path: str, **typed: str):
    form = next(form for form in forms_in(browser.get(path).text) if "passphrase" in form.fields)
    return browser.send(form, to=path, **{"passphrase": NEW, **typed})


def test_looking_at_the_link_says_whose_passphrase_it_is_and_changes_nothing(app, desk, link):
    for _ in range(3):
        assert "Northvale Hospice" in Browser(app).get(link).text
    assert sign_in(Browser(app), PASSPHRASE) == 303
    assert desk.get("/cafes").status_code == 200


def test_a_new_passphrase_signs_in_and_the_old_one_does_not(app, desk, link):
    someone = Browser(app)
    answer = choose(someone, link)
    assert "whoever used the old one signs in again" in answer.text
    assert someone.get("/cafes").status_code == 200
    assert (sign_in(Browser(app), PASSPHRASE), sign_in(Browser(app), NEW)) == (403, 303)


def test_everyone_who_came_by_the_old_one_is_out_and_no_cafe_is_changed(app, desk, link):
    code = planned(desk)
    other, screen = signed_in(app), desk.get(f"/screen/{code}").status_code
    assert screen == 200
    someone = Browser(app)
    choose(someone, link)
    assert [each.get("/cafes").status_code for each in (desk, other)] == [401, 401]
    assert code in someone.get("/cafes").text
    assert someone.get(f"/console/{code}").status_code == 200


def test_whoever_came_by_a_link_of_their_own_stays(app, organisation, link):
    with app.extensions["cafe"].store.unit_of_work() as db:
        invited = links.make(db, "facilitator", Visitor("facilitator", organisation))
    second = Browser(app)
    second.enter(invited)
    choose(Browser(app), link)
    assert second.get("/cafes").status_code == 200


def test_the_link_works_once_and_only_the_latest(app, organisation, link):
    latest = reset(app, organisation)
    assert Browser(app).get(link).status_code == 404
    choose(Browser(app), latest)
    late = Browser(app)
    assert (late.get(latest).status_code, late.post(latest, data={"passphrase": PASSPHRASE}).status_code) == (404, 404)
    assert sign_in(Browser(app), NEW) == 303


def test_another_organisations_passphrase_stays(app, organisation):
    with app.extensions["cafe"].store.unit_of_work() as db:
        people.found(db, "Southvale Hospice", passphrases.hashed(PASSPHRASE))
    choose(Browser(app), reset(app, organisation))
    assert sign_in(Browser(app), PASSPHRASE, "Southvale Hospice") == 303


@pytest.mark.parametrize("poor", ["", "short", "passwordpassword", "Northvale Hospice"])
def test_a_passphrase_anyone_would_guess_leaves_the_link_and_the_old_one_good(app, link, poor):
    answer = choose(Browser(app), link, passphrase=poor)
    assert 'href="#passphrase"' in answer.text
    assert sign_in(Browser(app), PASSPHRASE) == 303
    assert Browser(app).get(link).status_code == 200


def test_a_link_from_another_site_changes_nothing(app, link):
    told = {"passphrase": NEW}
    assert Browser(app).post(link, data=told, headers={"Origin": "https://evil.example"}).status_code == 403
    assert sign_in(Browser(app), PASSPHRASE) == 303


def test_where_facilitators_come_by_links_a_passphrase_is_added_and_nobody_is_out(app, room):
    desk = room.console()
    with app.extensions["cafe"].store.unit_of_work() as db:
        ((organisation, _name),) = people.organisations(db)
    choose(Browser(app), reset(app, organisation))
    assert desk.get("/cafes").status_code == 200
    assert sign_in(Browser(app), NEW, "Evidence Café") == 303


# Changed by someone who knows the old one


def test_a_facilitator_changes_it_and_stays_while_the_others_are_out(app, desk):
    other = signed_in(app)
    assert "You are signed in" in choose(desk, "/passphrase", old=PASSPHRASE).text
    assert (desk.get("/cafes").status_code, other.get("/cafes").status_code) == (200, 401)
    assert (sign_in(Browser(app), PASSPHRASE), sign_in(Browser(app), NEW)) == (403, 303)


@pytest.mark.parametrize(
    "typed", [{"old": "harbour lantern quill"}, {"old": ""}, {"old": PASSPHRASE, "passphrase": "short"}]
)
def test_without_the_old_one_or_with_a_poor_new_one_nothing_changes(app, desk, typed):
    answer = choose(desk, "/passphrase", **typed)
    assert "error-summary" in answer.text
    assert desk.get("/cafes").status_code == 200
    assert sign_in(Browser(app), PASSPHRASE) == 303


def test_only_whoever_is_signed_in_can_change_it(app, room):
    for each in (Browser(app), room.participant()):
        assert each.get("/passphrase").status_code == 401
        assert each.post("/passphrase").status_code == 401
    assert room.console().post("/passphrase", data={"old": "x", "passphrase": NEW}).status_code == 403


def test_where_there_is_none_the_page_says_whom_to_ask(room):
    page = room.console().get("/passphrase").text
    assert "There is none so far" in page
    assert not [form for form in forms_in(page) if "passphrase" in form.fields]


def test_the_sign_in_page_says_whom_to_ask(app, desk):
    assert "Whoever looks after this installation" in Browser(app).get("/sign-in").text


# The command line, also while it is being served


def test_an_administrator_prints_a_link_while_it_is_served(app, desk, database, tmp_path):
    done = run_cafe("passphrase", "--database", database, "--address", "http://localhost", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    link = re.search(r"http://localhost(/in/[\w-]+)\n", done.stdout).group(1)
    assert "30 minutes" in done.stdout
    assert desk.get("/cafes").status_code == 200
    choose(Browser(app), link)
    assert desk.get("/cafes").status_code == 401


def test_with_several_organisations_one_is_named(app, organisation, database, tmp_path):
    with app.extensions["cafe"].store.unit_of_work() as db:
        twins = [people.found(db, "Southvale Hospice", None).organisation_id for _ in range(2)]

    def ask(*named: str):
        return run_cafe("passphrase", "--database", database, *named, cwd=tmp_path)

    assert ask("northvale  hospice").returncode == 0
    for named, said in (
        ((), "Northvale Hospice; Southvale Hospice"),
        (("X",), "no organisation"),
        (("Southvale Hospice",), twins[1]),
    ):
        done = ask(*named)
        assert done.returncode == 2
        assert said in done.stderr
        assert not done.stdout
    assert ask(twins[1]).returncode == 0


def test_before_it_is_set_up_there_is_no_passphrase_to_lose(database, tmp_path):
    done = run_cafe("passphrase", "--database", database, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_an_administrator_invites_resets_and_removes_members(app, organisation, database, tmp_path):
    def team(*words: str):
        return run_cafe("team", *words, "--database", database, cwd=tmp_path)

    assert re.search(r"/in/[\w-]+\n", team("invite").stdout)
    assert team("reset", "Ann").returncode == 2
    with app.extensions["cafe"].store.unit_of_work() as db:
        visitor, token = links.let_in(db, links.make(db, "team", Visitor("unproved", organisation)))
        members.introduce(db, visitor, "Ann", "salt$hash")
        token, _codes = members.enrol(db, visitor, "seed", "mark", 1)
    assert team("list").stdout == "Ann\n"
    assert "24 hours" in team("reset", "ann").stdout
    assert "still has to set up" in team("list").stdout
    with app.extensions["cafe"].store.reading() as db:
        assert people.who_holds(db, token) is None
    assert team("remove", "Ann").returncode == 0
    assert team("list").stdout == ""
    assert team("invite", "--address", "nonsense").returncode == 2
