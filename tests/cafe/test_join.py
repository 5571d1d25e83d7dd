"""Joining a session: what the QR code opens, and how often one seat is taken."""

import io
import xml.etree.ElementTree as ET

import msgspec
import pytest
import qrcode
import qrcode.image.svg

from cafe.app import create_app
from tests.cafe.conftest import (
    Browser,
    Session,
    close,
    command,
    forms_in,
    fresh_id,
    opened_in,
    planned,
    said_by,
)

JSON = {"Accept": "application/json"}
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


# The join page


def test_the_join_page_says_what_it_is_and_what_happens_to_words(room, newcomer):
    page = newcomer.get(f"/j/{room.code}").text
    for told in ("Co-design", "without your name", "No account, no name", "leave out anything", f"{room.code[:3]} "):
        assert told in page
    (form,) = forms_in(page)
    assert form.fields["id"]


def test_only_one_button_is_pressed_to_take_a_seat(room, newcomer):
    answer = newcomer.join(room.code)
    assert answer.status_code == 303
    assert answer.location == f"/s/{room.code}"
    assert newcomer.get(answer.location).status_code == 200
    assert room.joined() == 1


def test_the_seats_cookie_is_closed_to_scripts_and_open_to_every_page(room, newcomer):
    (line,) = newcomer.join(room.code).headers.getlist("Set-Cookie")
    name, _, rest = line.partition("=")
    assert name == f"seat-{room.code}"
    told = {each.strip().lower() for each in rest.split(";")[1:]}
    assert {"httponly", "path=/", "samesite=lax"} <= told
    assert "secure" not in told  # this installation is reached by http
    assert len(rest.partition(";")[0]) >= 22  # 128 bits in base64


def test_over_https_the_cookie_never_travels_otherwise(settings, room):
    app = create_app(msgspec.structs.replace(settings, address="https://localhost"))
    browser = Browser(app)
    answer = browser.post(f"/j/{room.code}", base_url="https://localhost", data={"id": fresh_id()})
    assert "; Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    app.extensions["cafe"].store.close()


@pytest.mark.parametrize("typed", ["{a}{b}", "{a} {b}", "{a}-{b}", " {a}-{b} ", "{a}%20{b}"])
def test_codes_are_typed_in_any_case_with_spaces_and_hyphens(room, newcomer, typed):
    typed = typed.format(a=room.code[:3].lower(), b=room.code[3:].title())
    assert newcomer.get(f"/j/{typed}").status_code == 200
    answer = newcomer.post(f"/j/{typed}", data={"id": fresh_id()})
    assert answer.location == f"/s/{room.code}"
    assert newcomer.cookie(f"seat-{room.code}")
    assert newcomer.get(f"/s/{typed}").status_code == 200


def test_the_front_door_leads_to_the_join_page(room, newcomer):
    typed = f" {room.code[:3].lower()}-{room.code[3:]}"
    answer = newcomer.get("/", query_string={"code": typed})
    assert answer.status_code == 303
    assert answer.location == f"/j/{room.code}"


def test_the_front_door_asks_again_for_a_code_left_out(room, newcomer):
    answer = newcomer.get("/?code=")
    assert answer.status_code == 200
    assert "Type the six letters and numbers" in answer.text


def test_codes_hold_no_letters_that_look_alike(room, another, in_stages):
    for session in (room, another, in_stages):
        assert len(session.code) == 6
        assert set(session.code) <= set(LETTERS)


# Before the café opens


@pytest.fixture
def prepared(desk):
    """The code of a session whose café has not opened."""
    told = {"place": "Old Library", "host": "Northvale Hospice", "purpose": "alongside"}
    return planned(desk, "later", day=("3", "3", "2027"), **told)


def test_whoever_comes_early_waits_and_is_told_where(prepared, newcomer):
    page = newcomer.get(f"/j/{prepared}").text
    for told in ("This session has not opened yet", "Old Library", "without your name"):
        assert told in page
    assert not forms_in(page)


def test_whoever_comes_early_is_told_when(prepared, newcomer):
    assert "3 March 2027" in newcomer.get(f"/j/{prepared}").text


def test_the_waiting_page_says_what_the_cafe_is_for(prepared, newcomer):
    from sessions import framework

    assert framework.load().purpose("alongside").label in newcomer.get(f"/j/{prepared}").text


def test_nobody_takes_a_seat_before_the_cafe_opens(prepared, desk, newcomer):
    answer = newcomer.post(f"/j/{prepared}", data={"id": fresh_id()})
    assert "has not opened yet" in answer.text
    assert newcomer.cookie(f"seat-{prepared}") is None
    answer = newcomer.post(f"/j/{prepared}", headers=JSON)
    assert answer.status_code == 503
    assert set(answer.json) == {"code", "say"}
    desk.send(forms_in(desk.get(f"/console/{prepared}").text)[-1])
    assert newcomer.join(prepared).status_code == 303


def test_a_phone_that_comes_early_learns_nothing_else(prepared, newcomer):
    assert newcomer.get(f"/s/{prepared}/changes?view=phone&since=0").status_code == 404
    assert newcomer.get(f"/screen/{prepared}").status_code == 404


# The same seat again


def test_the_form_sent_twice_at_once_takes_one_seat(room, app):
    first, second = Browser(app), Browser(app)
    told = {"id": fresh_id()}
    assert first.post(f"/j/{room.code}", data=told).status_code == 303
    assert second.post(f"/j/{room.code}", data=told).status_code == 303
    assert room.joined() == 1
    assert first.write(room.code, "From the first").status_code == 303
    assert "From the first" in second.get(f"/s/{room.code}").text


def test_the_form_sent_again_after_the_answer_leads_to_the_same_seat(room, newcomer):
    path = f"/j/{room.code}"
    form = forms_in(newcomer.get(path).text)[0]
    assert newcomer.send(form, to=path).status_code == 303
    again = newcomer.send(form, to=path)
    assert (again.status_code, again.location) == (303, f"/s/{room.code}")
    assert room.joined() == 1


def test_the_same_json_id_twice_takes_one_seat(room, app):
    told = {"id": fresh_id(), "language": "en"}
    seats = [app.test_client().post(f"/j/{room.code}", json=told, headers=JSON).json for _ in range(3)]
    assert room.joined() == 1
    assert len({seat["rev"] for seat in seats}) == 1
    assert len({seat["token"] for seat in seats}) == 3


def test_the_same_id_with_other_answers_is_not_taken(room, app):
    told = {"id": fresh_id(), "language": "en"}
    app.test_client().post(f"/j/{room.code}", json=told, headers=JSON)
    answer = app.test_client().post(f"/j/{room.code}", json={**told, "language": "cy"}, headers=JSON)
    assert answer.status_code == 409
    assert answer.json["code"] == "id_reused"
    assert room.joined() == 1


def test_whoever_has_a_seat_goes_back_to_it(room):
    browser = room.participant()
    token = browser.cookie(f"seat-{room.code}").value
    answer = browser.join(room.code)
    assert answer.status_code == 303
    assert browser.cookie(f"seat-{room.code}").value == token
    assert room.joined() == 1


def test_someone_else_on_the_same_phone_takes_a_fresh_seat(room):
    browser = room.participant()
    browser.write(room.code, "The first person’s idea")
    form = forms_in(browser.get(f"/j/{room.code}").text)[0]
    assert browser.send(form, to=f"/j/{room.code}", fresh="1").status_code == 303
    assert room.joined() == 2
    form = next(each for each in forms_in(browser.get(f"/s/{room.code}").text) if each.fields.get("do") == "contribute")
    assert form is not None
    assert 'id="my-card-' not in browser.get(f"/s/{room.code}").text


def test_a_fresh_seat_needs_the_pages_own_token(room):
    browser = room.participant()
    assert browser.post(f"/j/{room.code}", data={"id": fresh_id(), "fresh": "1"}).status_code == 403
    assert room.joined() == 1


def test_another_site_cannot_seat_anybody(room, newcomer):
    answer = newcomer.post(f"/j/{room.code}", data={"id": fresh_id()}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert room.joined() == 0


def test_two_sessions_in_one_browser_keep_two_seats(room, another, newcomer):
    newcomer.join(room.code)
    newcomer.join(another.code)
    newcomer.write(room.code, "In the first room")
    newcomer.write(another.code, "In the second room")
    assert "In the first room" in newcomer.get(f"/s/{room.code}").text
    assert "In the first room" not in newcomer.get(f"/s/{another.code}").text


def test_whoever_left_takes_a_new_seat(room):
    browser = room.participant()
    form = next(form for form in forms_in(browser.get(f"/s/{room.code}").text) if form.fields.get("do") == "leave")
    browser.send(form)
    assert room.joined() == 0
    assert browser.join(room.code).status_code == 303
    assert room.joined() == 1


# Programs


def test_a_program_joins_and_gets_its_token(room, app):
    answer = app.test_client().post(f"/j/{room.code}", headers=JSON)
    assert answer.status_code == 201
    assert set(answer.json) == {"token", "session", "rev", "epoch"}
    assert answer.json["session"] == room.code
    assert answer.json["epoch"] == room.opened.epoch
    assert answer.json["rev"] == room.facilitator.snapshot("console")["rev"]
    assert "Set-Cookie" not in answer.headers


def test_a_program_with_a_live_seat_cookie_gets_that_seat(room):
    browser = room.participant()
    answer = browser.post(f"/j/{room.code}", headers=JSON, json={"id": fresh_id()})
    assert answer.status_code == 201
    assert room.joined() == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[1]", b'"x"', b"NaN", b'{"id": 5}', b'{"id": "x"}', b"\xff\xfe", b'{"id": null, "do": "hide"}'],
)
def test_a_join_body_that_makes_no_sense_still_takes_a_seat(room, newcomer, body):
    answer = newcomer.post(f"/j/{room.code}", data=body, headers=JSON, content_type="application/json")
    assert answer.status_code == 201


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"id":' * 10_000])
def test_a_join_body_nested_beyond_reason_is_no_fault_of_ours(room, newcomer, body):
    answer = newcomer.post(f"/j/{room.code}", data=body, headers=JSON, content_type="application/json")
    assert answer.status_code < 500


@pytest.mark.parametrize("told", [{"here_as": "wizard"}, {"setting": "moon"}, {"language": 5}, {"language": "x" * 99}])
def test_an_answer_that_is_not_on_the_list_is_refused(room, newcomer, told):
    answer = newcomer.post(f"/j/{room.code}", json=told, headers=JSON)
    assert answer.status_code == 409
    assert answer.json["code"] == "bad_field"
    assert room.joined() == 0


# Doors that are not there


def test_unknown_and_closed_codes_are_the_same_to_strangers(app, desk):
    closed = planned(desk)
    assert close(desk, closed).status_code == 303
    for path in ("/j/{}", "/j/{}/qr.svg", "/screen/{}", "/console/{}", "/s/{}/changes?view=phone", "/s/{}/snapshot"):
        for headers in ({}, JSON):
            answers = [Browser(app).get(path.format(code), headers=headers) for code in (closed, "AAAAAA", "nonsense")]
            assert [answer.status_code for answer in answers] == [404] * 3, path
            assert len({answer.data for answer in answers}) == 1, path
    for told in ({"data": {"id": fresh_id()}}, {"json": {}}):
        answers = [Browser(app).post(f"/j/{code}", **told) for code in (closed, "AAAAAA")]
        assert [answer.status_code for answer in answers] == [404] * 2
        assert len({answer.data for answer in answers}) == 1
    for told in ({"data": {"id": fresh_id(), "do": "leave"}}, {"json": {"commands": [command("leave")]}}):
        answers = [Browser(app).post(f"/s/{code}/commands", **told) for code in (closed, "AAAAAA")]
        assert [answer.status_code for answer in answers] == [404] * 2
        assert len({answer.data for answer in answers}) == 1


def test_foreign_codes_do_not_exist_for_those_at_home_elsewhere(room, another):
    seat, facilitator, screen = room.phone(), room.facilitator, room.screen
    for someone in (seat, facilitator, screen):
        for path in ("/s/{}/changes", "/s/{}/snapshot", "/console/{}", "/screen/{}", "/s/{}/guide.docx"):
            foreign, unknown = (someone.get(path.format(code)) for code in (another.code, "AAAAAA"))
            assert foreign.status_code == unknown.status_code == 404, path
            assert foreign.data == unknown.data, path
        foreign, unknown = (
            someone.post(f"/s/{code}/commands", json={"commands": [command("leave")]})
            for code in (another.code, "AAAAAA")
        )
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.json == unknown.json


def test_joining_ends_when_the_facilitator_locks_the_door(room, newcomer):
    at_home = room.participant()
    room.facilitator.send(command("lock_joining", locked=True))
    answer = newcomer.join(room.code)
    assert answer.status_code == 200
    assert "Joining is paused" in said_by(answer.text)
    assert newcomer.cookie(f"seat-{room.code}") is None
    answer = newcomer.post(f"/j/{room.code}", headers=JSON)
    assert answer.status_code == 409
    assert answer.json["code"] == "not_allowed"
    assert at_home.join(room.code).status_code == 303  # back to the seat that was there before
    assert room.joined() == 1
    room.facilitator.send(command("lock_joining", locked=False))
    assert newcomer.join(room.code).status_code == 303


# The QR code


def test_the_qr_code_holds_the_join_address_and_nothing_else(room, newcomer):
    answer = newcomer.get(f"/j/{room.code.lower()}/qr.svg")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    wanted = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    wanted.add_data(f"http://localhost/j/{room.code}")
    stream = io.BytesIO()
    wanted.make_image(image_factory=qrcode.image.svg.SvgPathFillImage).save(stream)
    assert answer.data == stream.getvalue()


def test_the_qr_code_is_dark_on_white_at_any_size(room, newcomer):
    picture = ET.fromstring(newcomer.get(f"/j/{room.code}/qr.svg").text)
    assert picture.get("viewBox")
    fills = [element.get("fill") for element in picture.iter() if element.get("fill")]
    assert {"white", "#000000"} == set(fills)
    ground = next(element for element in picture.iter() if element.get("fill") == "white")
    assert ground.tag.endswith("rect")
    assert (ground.get("width"), ground.get("height")) == ("100%", "100%")


def test_the_qr_code_holds_the_address_given_even_when_asked_under_another_name(settings, room):
    app = create_app(msgspec.structs.replace(settings, address="https://cafe.example.org"))
    here = Session(app, room.opened)
    pictures = {
        host: here.app.test_client().get(f"/j/{here.code}/qr.svg", base_url=f"http://{host}").data
        for host in ("localhost", "127.0.0.1")
    }
    assert len(set(pictures.values())) == 1
    assert pictures["localhost"] != room.app.test_client().get(f"/j/{room.code}/qr.svg").data
    app.extensions["cafe"].store.close()


def test_two_apps_can_share_a_database(settings, room):
    app = create_app(settings)
    here = Session(app, opened_in(app.extensions["cafe"].store))
    assert here.phone().token
    assert Browser(room.app).get(f"/j/{here.code}").status_code == 200
    app.extensions["cafe"].store.close()
