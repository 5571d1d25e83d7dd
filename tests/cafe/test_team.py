"""The project team's way in, with a browser: invited, signed in by two steps, and never by one."""

import re
from datetime import UTC, datetime, timedelta

import lxml.html
import msgspec
import pyotp
import pytest
import time_machine

from cafe.app import create_app
from cafe.limits import Limits, Rate
from sessions import links, members, people
from sessions.permissions import Visitor
from tests.cafe.conftest import PASSPHRASE, Browser, forms_in, settings_for

NAME = "Ann of the project"
HALF_MINUTE, A_DAY = timedelta(seconds=30), timedelta(days=1)
NOBODYS_CODE = "000000"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2027-03-03T12:00:00+00:00", tick=False) as clock:
        yield clock


class Someone(Browser):
    """Someone with a browser and, once they have scanned the square, an app that shows codes."""

    letters: str = ""
    spare: tuple[str, ...] = ()

    def code(self, off: timedelta = timedelta()) -> str:
        """What their app shows, its clock being off by so much."""
        shown = pyotp.TOTP(self.letters).at(datetime.now(UTC) + off)
        return shown if shown != NOBODYS_CODE else "000 000"

    def scan(self, page: str) -> None:
        """Read what the page gives to an app; square, letters and link say the same."""
        tree = lxml.html.document_fromstring(page)
        self.letters = tree.get_element_by_id("letters").text_content().replace(" ", "")
        (address,) = tree.xpath("//a[starts-with(@href, 'otpauth:')]/@href")
        assert pyotp.parse_uri(address).secret == self.letters

    def introduce(self, name: str = NAME, passphrase: str = PASSPHRASE):
        """Choose a name and a passphrase with the first form."""
        return self.send(typing_in(self.get("/team/begin").text), to="/team/begin", name=name, passphrase=passphrase)

    def confirm(self, code: str | None = None):
        """Type a code on the page that shows the square."""
        page = self.get("/team/app").text
        self.scan(page)
        answer = self.send(typing_in(page), to="/team/app", code=code or self.code())
        self.spare = spare_codes_on(answer.text) or self.spare
        return answer

    def first_step(self, name: str = NAME, passphrase: str = PASSPHRASE):
        """Sign in by name and passphrase."""
        return self.send(
            typing_in(self.get("/team/sign-in").text), to="/team/sign-in", name=name, passphrase=passphrase
        )

    def second_step(self, code: str):
        """Type a code on the page that asks for it."""
        return self.send(typing_in(self.get("/team/code").text, "code"), to="/team/code", code=code)

    def spend(self, spare: str):
        """Type a spare code instead."""
        return self.send(typing_in(self.get("/team/code").text, "spare"), to="/team/code", spare=spare)


def typing_in(page: str, field: str | None = None):
    """The form that has a box to type in, or the one for a field."""
    boxes = [form for form in forms_in(page) if [each for each in form.inputs if each.get("type") != "hidden"]]
    return next(form for form in boxes if field is None or field in form.fields)


def spare_codes_on(page: str) -> tuple[str, ...]:
    found = lxml.html.document_fromstring(page).xpath("//ol[@class='spare']/li") if page else []
    return tuple(each.text_content().replace(" ", "") for each in found)


def invited(app, organisation: str | None = None) -> str:
    """A link to the project team, of an organisation of its own unless one is named."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        found = organisation or people.found(db, "Northvale Hospice", None).organisation_id
        return links.make(db, "team", Visitor("unproved", found))


@pytest.fixture
def ann(app, clock) -> Someone:
    """A member on a later day: set up, signed out, with the app on their phone."""
    return member(app, clock)


def member(app, clock, name: str = NAME) -> Someone:
    someone = Someone(app)
    someone.enter(invited(app))
    assert someone.introduce(name).status_code == 303
    assert someone.confirm().status_code == 200
    someone.post("/sign-out")
    clock.shift(A_DAY)
    return someone


def asked_for(someone: Someone) -> str:
    """Where a browser is led that asks for the team's own page."""
    answer = someone.get("/team")
    return answer.location or str(answer.status_code)


# Coming for the first time


def test_invited_from_the_console_one_is_in_after_three_pages(app, room):
    desk, someone = room.console(), Someone(app)
    path = f"/console/{room.code}/people"
    form = next(each for each in forms_in(desk.get(path).text) if each.get("action") == f"{path}/team")
    link = re.search(r'value="http://localhost(/in/[\w-]+)"', desk.send(form).text).group(1)
    assert "authenticator app" in someone.get(link).text
    assert someone.post(link).location == "/team/begin"
    assert someone.introduce().location == "/team/app"
    answer = someone.confirm()
    assert len(someone.spare) == members.SPARE_CODES
    assert "shown only now" in answer.text
    page = someone.get("/team").text
    assert NAME in page
    assert "5 spare codes" in page


def test_between_the_link_and_the_first_code_nothing_is_open(app):
    someone = Someone(app)
    someone.enter(invited(app))
    for step in (lambda: None, someone.introduce, lambda: someone.confirm(NOBODYS_CODE)):
        step()
        assert asked_for(someone) == "/team/code"
        assert someone.get("/team", headers={"Accept": "application/json"}).json["code"] == "second_step"


def test_without_name_and_passphrase_there_is_no_square(app):
    someone = Someone(app)
    someone.enter(invited(app))
    assert someone.get("/team/app").location == "/team/begin"
    assert someone.get("/team/code").location == "/team/begin"


def test_what_was_chosen_badly_is_said_and_the_name_kept(app):
    someone = Someone(app)
    someone.enter(invited(app))
    answer = someone.introduce("St Ælfred’s Ann", "short")
    assert 'href="#passphrase"' in answer.text
    assert typing_in(answer.text).fields["name"] == "St Ælfred’s Ann"
    assert 'href="#name"' in someone.introduce(" ").text


def test_a_name_that_someone_has_is_not_given_twice(app, ann):
    other = Someone(app)
    other.enter(invited(app))
    assert "Someone signs in with this name" in other.introduce(NAME.upper()).text
    assert other.introduce("Bob").status_code == 303


def test_a_wrong_first_code_shows_the_same_square_again(app):
    someone = Someone(app)
    someone.enter(invited(app))
    someone.introduce()
    answer = someone.confirm(NOBODYS_CODE)
    assert answer.status_code == 403
    before = someone.letters
    someone.scan(answer.text)
    assert someone.letters == before
    assert someone.confirm().status_code == 200


@pytest.mark.parametrize("minutes", [-15, -3, 3, 15])
def test_when_a_phones_clock_is_wrong_the_page_says_so(app, minutes):
    someone = Someone(app)
    someone.enter(invited(app))
    someone.introduce()
    someone.scan(someone.get("/team/app").text)
    assert "set its clock" in someone.confirm(someone.code(timedelta(minutes=minutes))).text


def test_the_first_code_cannot_be_used_to_sign_in(app, ann, clock):
    clock.shift(-A_DAY)
    ann.first_step()
    assert ann.second_step(ann.code()).status_code == 403


# Coming back


def test_on_another_day_it_takes_passphrase_and_code(ann):
    assert asked_for(ann) == "401"
    assert ann.first_step().location == "/team/code"
    assert asked_for(ann) == "/team/code"
    assert ann.second_step(ann.code()).location == "/harvest"
    assert NAME in ann.get("/team").text


@pytest.mark.parametrize(("name", "passphrase"), [(NAME, "harbour lantern quill"), ("Bob", PASSPHRASE), ("", "")])
def test_a_wrong_name_or_passphrase_is_told_alike_and_sets_no_cookie(ann, name, passphrase):
    answer = ann.first_step(name, passphrase)
    assert answer.status_code == 403
    assert "Check the passphrase" in answer.text
    assert ann.cookie("staff") is None


def test_a_refused_sign_in_is_noted_by_its_step_alone(ann, caplog):
    ann.first_step("Somebody", "harbour lantern quill")
    ann.first_step()
    ann.second_step(NOBODYS_CODE)
    noted = [each.message for each in caplog.records if each.name == "cafe.welcome"]
    assert noted == [f"a sign-in was refused: a member's {step}" for step in ("name and passphrase", "second step")]


def test_wrong_passphrases_for_one_name_are_slowed_whether_or_not_anyone_has_it(ann, database):
    slow = Limits(sign_ins=Rate(2, 600))
    app = create_app(msgspec.structs.replace(settings_for(database), limits=slow))
    someone = Someone(app)
    for name in (NAME, "Nobody at all"):
        found = [someone.first_step(name, "harbour lantern quill").status_code for _ in range(3)]
        assert found == [403, 403, 429]
    assert someone.first_step().status_code == 429
    app.extensions["cafe"].store.close()


def test_whoever_is_still_being_set_up_cannot_sign_in_by_passphrase_alone(app):
    someone = Someone(app)
    someone.enter(invited(app))
    someone.introduce()
    assert Someone(app).first_step().status_code == 403


@pytest.mark.parametrize("typed", ["{} {}", " {}{} ", "{}-{}", "{}\u00a0{}"])
def test_a_code_may_be_typed_with_spaces(ann, typed):
    ann.first_step()
    code = ann.code()
    assert ann.second_step(typed.format(code[:3], code[3:])).location == "/harvest"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "0x1234", "-12345", NOBODYS_CODE])
def test_what_is_no_code_opens_nothing(ann, code):
    ann.first_step()
    answer = ann.second_step(code)
    assert answer.status_code == 403
    assert "clock is right" in answer.text
    assert asked_for(ann) == "/team/code"


@pytest.mark.parametrize(("off", "taken"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)])
def test_a_phones_clock_may_be_off_by_half_a_minute(ann, off, taken):
    ann.first_step()
    assert (ann.second_step(ann.code(timedelta(seconds=off))).status_code == 303) == taken


def test_a_code_that_was_used_opens_nothing_more(app, ann):
    ann.first_step()
    code = ann.code()
    ann.second_step(code)
    thief = Someone(app)
    thief.first_step()
    assert thief.second_step(code).status_code == 403
    assert asked_for(thief) == "/team/code"


def test_a_code_before_the_one_used_opens_nothing(app, ann):
    ann.first_step()
    older = ann.code()
    ann.second_step(ann.code(HALF_MINUTE))
    thief = Someone(app)
    thief.first_step()
    assert thief.second_step(older).status_code == 403


def test_another_members_code_opens_nothing(app, ann, clock):
    bob = member(app, clock, "Bob")
    ann.first_step()
    assert ann.second_step(bob.code()).status_code == 403
    assert ann.spend(bob.spare[0]).status_code == 403


def test_after_five_wrong_codes_the_page_says_until_when_to_wait(ann, clock):
    ann.first_step()
    for _ in range(members.TRIES):
        answer = ann.second_step(NOBODYS_CODE)
    assert "Please wait until 12:00:30" in answer.text
    assert ann.second_step(ann.code()).status_code == 403
    clock.shift(members.FIRST_PAUSE)
    assert ann.second_step(ann.code()).location == "/harvest"


def test_the_pause_outlasts_a_restart(ann, database):
    ann.first_step()
    for _ in range(members.TRIES):
        ann.second_step(NOBODYS_CODE)
    again = create_app(settings_for(database))
    someone = Someone(again)
    someone.letters = ann.letters
    someone.first_step()
    assert someone.second_step(someone.code()).status_code == 403
    again.extensions["cafe"].store.close()


def test_a_spare_code_works_once_in_any_spelling(ann):
    ann.first_step()
    spare = ann.spare[0]
    spelled = " ".join(spare[at : at + 4] for at in range(0, len(spare), 4)).lower()
    assert ann.spend(spelled).location == "/harvest"
    assert "4 spare codes" in ann.get("/team").text
    ann.post("/sign-out")
    ann.first_step()
    assert ann.spend(spare).status_code == 403


def test_signing_out_ends_it_and_so_does_the_day(ann, clock):
    ann.first_step()
    ann.second_step(ann.code())
    token = ann.cookie("staff").value
    ann.post("/sign-out")
    assert asked_for(ann) == "401"
    assert ann.get("/team", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    clock.shift(HALF_MINUTE)
    ann.first_step()
    ann.second_step(ann.code())
    clock.shift(timedelta(hours=people.TEAM_HOURS))
    assert asked_for(ann) == "401"


def test_signing_in_gives_a_token_of_its_own_at_each_step(app, ann):
    ann.first_step()
    first = ann.cookie("staff").value
    ann.second_step(ann.code())
    assert ann.cookie("staff").value != first
    assert Browser(app).get("/team", headers={"Authorization": f"Bearer {first}"}).status_code == 401


# One guard


def test_half_a_sign_in_cannot_be_used_as_a_bearer_token_either(app, ann):
    ann.first_step()
    told = {"Authorization": f"Bearer {ann.cookie('staff').value}", "Accept": "application/json"}
    answer = app.test_client().get("/team", headers=told)
    assert (answer.status_code, answer.json["code"]) == (403, "second_step")


def test_a_program_needs_no_second_step_and_its_token_is_none_of_a_browsers(app, room):
    told = {"Authorization": f"Bearer {room.opened.team_token}"}
    assert app.test_client().get("/team", headers=told).json == {"role": "team", "name": None}
    browser = Browser(app)
    browser.client.set_cookie("staff", room.opened.team_token)
    assert browser.get("/team").status_code == 401


@pytest.mark.parametrize("path", ["/team/again", "/team/spare-codes"])
def test_only_a_member_after_both_steps_changes_how_they_sign_in(app, room, ann, path):
    strangers = [Browser(app), room.participant(), room.console()]
    assert [each.post(path).status_code for each in strangers] == [401, 401, 401]
    program = {"Authorization": f"Bearer {room.opened.team_token}"}
    assert app.test_client().post(path, headers=program).status_code == 404
    ann.first_step()
    assert ann.post(path).location == "/team/code"
    ann.second_step(ann.code())
    assert ann.post(path).status_code == 403  # without the form's token
    assert ann.post(path, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("path", ["/team/begin", "/team/app", "/team/code"])
def test_the_steps_are_only_for_whoever_has_them_to_take(app, room, ann, path):
    for each in (Browser(app), room.participant(), room.console()):
        assert each.get(path).status_code == 401
        assert each.post(path).status_code == 401
    ann.first_step()
    ann.second_step(ann.code())
    assert ann.get(path).status_code == 401


def test_the_pages_of_a_sign_in_are_kept_nowhere(ann):
    ann.first_step()
    for path in ("/team/sign-in", "/team/code"):
        assert ann.get(path).headers["Cache-Control"] == "no-store"
    ann.second_step(ann.code())
    assert ann.get("/team").headers["Cache-Control"] == "no-store"


def test_what_an_app_holds_is_in_no_address_no_log_and_no_file(app, ann, tmp_path, caplog):
    caplog.set_level("DEBUG")
    bob = Someone(app)
    bob.enter(invited(app))
    bob.introduce("Bob")
    answer = bob.confirm()
    assert answer.headers["Cache-Control"] == "no-store"
    assert "qr.svg" not in answer.text
    app.extensions["cafe"].store.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("cafe.db*"))
    secrets = [bob.letters, ann.letters, PASSPHRASE, *bob.spare, *ann.spare]
    assert b"Bob" in kept
    assert not [each for each in secrets if each.encode() in kept or each in caplog.text]


# Help


def known(someone: Someone, where: str, **typed):
    """Press one of the buttons of a member's own page that ask for the passphrase."""
    form = next(each for each in forms_in(someone.get("/team").text) if each.get("action") == where)
    return someone.send(form, **{"passphrase": PASSPHRASE, **typed})


def test_a_new_phone_is_set_up_with_the_passphrase_and_the_old_entry_stops(ann, clock):
    ann.first_step()
    ann.second_step(ann.code())
    old = ann.letters
    page = known(ann, "/team/again").text
    ann.scan(page)
    assert ann.letters != old
    wrong = ann.send(typing_in(page), code=NOBODYS_CODE)
    assert wrong.status_code == 403
    answer = ann.send(typing_in(wrong.text), code=ann.code())
    assert len(spare_codes_on(answer.text)) == members.SPARE_CODES
    assert NAME in ann.get("/team").text
    clock.shift(HALF_MINUTE)
    ann.post("/sign-out")
    ann.first_step()
    new, ann.letters = ann.letters, old
    assert ann.second_step(ann.code()).status_code == 403
    ann.letters = new
    assert ann.second_step(ann.code()).location == "/harvest"


def test_until_the_new_code_is_typed_the_old_entry_goes_on_working(app, ann, clock):
    ann.first_step()
    ann.second_step(ann.code())
    known(ann, "/team/again")
    clock.shift(HALF_MINUTE)
    ann.post("/sign-out")
    ann.first_step()
    assert ann.second_step(ann.code()).location == "/harvest"


@pytest.mark.parametrize("where", ["/team/again", "/team/spare-codes"])
def test_whoever_finds_the_browser_open_needs_the_passphrase(ann, where):
    ann.first_step()
    ann.second_step(ann.code())
    answer = known(ann, where, passphrase="harbour lantern quill")
    assert answer.status_code == 403
    assert "otpauth" not in answer.text
    assert not spare_codes_on(answer.text)
    assert ann.spare


@pytest.mark.parametrize("seed", ["", "x", "a.b.c"])
def test_a_seed_that_was_not_offered_shows_nothing(ann, seed):
    ann.first_step()
    ann.second_step(ann.code())
    form = next(each for each in forms_in(ann.get("/team").text) if each.get("action") == "/team/again")
    told = {"csrf": form.fields["csrf"], "seed": seed, "code": NOBODYS_CODE}
    assert ann.post("/team/again", data=told).location == "/team"


def test_new_spare_codes_are_shown_once_and_the_earlier_ones_stop(ann):
    ann.first_step()
    ann.second_step(ann.code())
    new = spare_codes_on(known(ann, "/team/spare-codes").text)
    ann.post("/sign-out")
    ann.first_step()
    assert ann.spend(ann.spare[0]).status_code == 403
    assert ann.spend(new[0]).location == "/harvest"


def test_with_another_secret_of_the_installation_a_spare_code_still_lets_in_and_the_page_says_why(ann, database):
    other = create_app(msgspec.structs.replace(settings_for(database), secret="another secret altogether"))
    someone = Someone(other)
    someone.letters = ann.letters
    someone.first_step()
    assert "has a new key" in someone.get("/team/code").text
    assert someone.second_step(someone.code()).status_code == 403
    assert someone.spend(ann.spare[0]).location == "/harvest"
    page = known(someone, "/team/again").text
    someone.scan(page)
    assert spare_codes_on(someone.send(typing_in(page), code=someone.code()).text)
    other.extensions["cafe"].store.close()


def test_a_link_to_start_again_keeps_the_name_and_asks_for_all_the_rest(app, ann):
    with app.extensions["cafe"].store.unit_of_work() as db:
        found = members.known_as(db, NAME)
        members.begin_again(db, found)
        link = links.make(db, "team", found.visitor)
    assert ann.first_step().status_code == 403
    again = Someone(app)
    assert "Set up your sign-in again" in again.get(f"/in/{link}").text
    again.enter(link)
    assert typing_in(again.get("/team/begin").text).fields["name"] == NAME
    again.introduce(passphrase="another three words")
    assert again.confirm().status_code == 200
    assert again.letters != ann.letters


def test_a_browser_that_was_half_way_in_is_led_on_from_the_front_door(ann):
    ann.first_step()
    assert "begun to sign in" in ann.get("/").text
    ann.second_step(ann.code())
    assert "signed in for the project team" in ann.get("/").text
