"""A rehearsal by the console's button and by the command line: who may, what is started, and how it ends."""

import subprocess
import time

import pytest

from cafe import rehearse
from sessions import changes, links, rehearsal
from sessions.permissions import Visitor
from sessions.store import Store, find_session
from tests.cafe.conftest import CAFE, PATIENCE, Browser, command, forms_in, opened_in, planned


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes of the sessions for which pretend phones were started; none comes."""
    codes: list[str] = []
    monkeypatch.setattr(rehearse, "start", lambda _settings, code: codes.append(code))
    return codes


def press(browser: Browser, code: str, action: str):
    path = f"/console/{code}/people"
    form = next(each for each in forms_in(browser.get(path).text) if each.get("action") == action)
    return browser.send(form)


def pretend_seat(app, code: str) -> str:
    """A pretend phone's token."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        _, token = links.let_in(db, rehearsal.invite(db, find_session(db, code), 1)[0])
    return token


def test_the_button_starts_a_rehearsal_even_before_the_cafe_opens(desk, started):
    code = planned(desk, when="later")
    assert press(desk, code, f"/console/{code}/rehearsal").location == f"/console/{code}"
    assert started == [code]


def test_only_this_cafes_facilitator_starts_or_clears_one(app, room, another, started):
    for who in (Browser(app), room.participant(), another.console()):
        for path in (f"/console/{room.code}/rehearsal", f"/console/{room.code}/rehearsal/clear"):
            assert who.post(path).status_code in {401, 404}
    assert room.console().post(f"/console/{room.code}/rehearsal").status_code == 403
    assert started == []


def test_a_room_that_is_rehearsing_is_marked_and_not_filled_twice(app, room, started):
    console = room.console()
    pretend_seat(app, room.code)
    page = console.get(f"/console/{room.code}/people").text
    assert "1 pretend phone is in the room." in page
    assert "Stop and clear" in page
    assert f'action="/console/{room.code}/rehearsal"' not in page
    assert "1 pretend phone<" in console.get(f"/console/{room.code}").text
    assert "Rehearsal" in console.get(f"/screen/{room.code}").text


def test_stop_and_clear_leaves_the_room_as_it_was(app, room, started):
    console, token = room.console(), pretend_seat(app, room.code)
    told = {"Authorization": f"Bearer {token}"}
    body = {"commands": [command("contribute", text="From a rehearsal")]}
    assert app.test_client().post(f"/s/{room.code}/commands", json=body, headers=told).json["results"][0]["rev"]
    assert press(console, room.code, f"/console/{room.code}/rehearsal/clear").status_code == 303
    assert room.facilitator.snapshot("console")["contributions"] == []
    assert app.test_client().post(f"/s/{room.code}/commands", json=body, headers=told).status_code == 401


def test_the_guide_knows_nothing_of_a_rehearsal(app, room):
    token = pretend_seat(app, room.code)
    told = {"Authorization": f"Bearer {token}"}
    body = {"commands": [command("contribute", text="From a rehearsal")]}
    app.test_client().post(f"/s/{room.code}/commands", json=body, headers=told)
    guide = room.facilitator.get(f"/s/{room.code}/guide.json").text
    assert "From a rehearsal" not in guide


def test_the_command_line_says_what_it_cannot_do(tmp_path):
    told = ["--database", f"sqlite:///{tmp_path / 'cafe.db'}"]
    subprocess.run([CAFE, "bootstrap", *told], check=True, capture_output=True)
    done = subprocess.run([CAFE, "rehearse", "AAAAAA", *told], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (2, "There is no session with this code.")


def test_pretend_phones_follow_a_real_server_and_stop_once_they_are_cleared_away(server):
    """Over the real protocol: they join, post where ideas are welcome, and end by themselves when they are sent out."""
    opened = opened_in(server.store)
    call = [CAFE, "rehearse", opened.code, "--phones", "3", "--minutes", "1", "--seed", "7"]
    where = ["--database", server.database, "--address", server.address]
    with subprocess.Popen([*call, *where], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        until = time.monotonic() + 2 * PATIENCE
        while not (cards := contributions_in(server.store, opened.code)) and time.monotonic() < until:
            time.sleep(0.2)
        assert cards
        assert all(card.pretend for card in cards)
        with server.store.unit_of_work() as db:
            session = find_session(db, opened.code)
            assert rehearsal.clear(db, session, Visitor("facilitator", session.organisation_id))
        said, wrong = program.communicate(timeout=2 * PATIENCE)
    assert (program.returncode, wrong) == (0, "")
    assert "joined" in said
    assert contributions_in(server.store, opened.code) == ()


def contributions_in(store: Store, code: str):
    with store.reading() as db:
        return changes.snapshot(db, find_session(db, code), "console").entities.contributions
