"""How long words are kept: shown on the café's page, changed by its host, kept to while serving, ended at once."""

import re
import shutil
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import socketio
import time_machine
from sqlalchemy import update

from cafe.daily import Daily
from cafe.drafting import Wanted
from cafe.making import Maker
from sessions import cafes, changes, erasures, retention, world
from sessions.models import Cafe
from sessions.permissions import Visitor
from sessions.store import Store, find_session
from sessions.verify import audit
from tests.cafe.conftest import (
    PATIENCE,
    Browser,
    cafe_of,
    close,
    contribute,
    desk_in,
    forms_in,
    opened_in,
    planned,
    run_cafe,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def held(app, clock):
    """A desk, the code of its open session, and the path of its café."""
    desk = desk_in(app)
    code = planned(desk, when="now")
    return desk, code, cafe_of(desk, code)


def text_of(page) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def choose(desk, path: str, day: str, month: str, year: str):
    form = next(form for form in forms_in(desk.get(f"{path}/kept").text) if "keep_until-day" in form.fields)
    typed = {"keep_until-day": day, "keep_until-month": month, "keep_until-year": year}
    return desk.send(form, to=f"{path}/kept", **typed)


def delete(desk, path: str, typed: str):
    form = next(form for form in forms_in(desk.get(f"{path}/delete").text) if "typed" in form.fields)
    return desk.send(form, to=f"{path}/delete", typed=typed)


def cafe_code(desk, path: str) -> str:
    return re.search(r'class="code">(\w{3} \w{3})<', desk.get(f"{path}/delete").text)[1]


def test_a_cafes_page_says_when_its_words_go(held):
    desk, code, path = held
    assert "will be deleted on 24 November 2027" in text_of(desk.get(path))
    close(desk, code)
    assert "not known any more from 24 December 2026 on" in text_of(desk.get(path))
    assert "thirty days after the café closed" in text_of(desk.get(f"{path}/kept"))


def test_the_guide_tells_the_same_day_as_the_page(held):
    desk, _code, path = held
    usual, own = (("", "", ""), "2027-11-24", "24 November 2027"), (("3", "2", "2027"), "2027-02-03", "3 February 2027")
    for typed, iso, words in (usual, own):
        assert choose(desk, path, *typed).status_code == 303
        assert words in text_of(desk.get(path))
        assert desk.get(f"{path}/guide.json").json["delete_by"] == iso
        assert words in text_of(desk.get(f"{path}/guide.html"))


@pytest.mark.parametrize("typed", [("25", "11", "2026"), ("1", "1", "2031"), ("31", "2", "2027"), ("x", "", "")])
def test_a_day_that_cannot_be_is_told_kindly_and_stays_in_the_form(held, typed):
    desk, _code, path = held
    page = choose(desk, path, *typed)
    assert page.status_code == 200
    assert "Please look at this once more" in page.text
    assert f'value="{typed[0]}"' in page.text
    assert "24 November 2027" in text_of(desk.get(path))


def test_only_ones_own_organisation_may_look_choose_or_delete(app, held):
    _desk, _code, path = held
    stranger = desk_in(app, "Another")
    for page in ("kept", "delete"):
        assert stranger.get(f"{path}/{page}").status_code == 404


# The daily look


def look(app) -> None:
    app.extensions["cafe"].daily.look()


def state(app, code: str):
    with app.extensions["cafe"].store.reading() as db:
        session = find_session(db, code)
        return cafes.cafe_of(db, session.organisation_id, session.cafe_id)


def test_while_serving_things_go_on_their_day_once_and_open_pages_hear_of_it(app, held, clock):
    desk, code, _path = held
    heard: list[tuple[str, int]] = []
    app.extensions["cafe"].hints.listen(lambda of, rev: heard.append((of, rev)))
    close(desk, code)
    heard.clear()
    clock.shift(timedelta(days=29))
    look(app)
    assert state(app, code).unlinked_at is None
    clock.shift(timedelta(days=1))
    look(app)
    assert state(app, code).unlinked_at is not None
    assert [of for of, _rev in heard] == [code]
    look(app)
    assert len(heard) == 1
    clock.shift(timedelta(days=340))
    look(app)
    assert state(app, code).words_gone_at is not None
    assert "was deleted on" in text_of(desk.get(_path))
    with app.extensions["cafe"].store.reading() as db:
        kept = erasures.read(erasures.path_of(app.extensions["cafe"].store.file))
        assert [found.line() for found in audit(db, kept) if found.wrong] == []


def test_it_looks_once_a_day_and_again_after_trouble(app, clock, monkeypatch, caplog):
    looks = []
    monkeypatch.setattr(retention, "due", lambda db, today: looks.append(today) or ())
    daily: Daily = app.extensions["cafe"].daily
    for _ in range(3):
        daily.look()
    assert len(looks) == 1
    clock.shift(timedelta(days=1))
    monkeypatch.setattr(retention, "clear_traces", lambda db, now: 1 / 0)
    daily.look()
    monkeypatch.undo()
    daily.look()
    assert "what is due could not go: ZeroDivisionError" in caplog.messages
    with app.extensions["cafe"].store.reading() as db:
        assert retention.last_cleared(db) == world.now()


def test_a_database_in_doubt_is_left_alone(app, held, clock):
    clock.shift(timedelta(days=900))
    app.extensions["cafe"].store.read_only = "revisions"
    look(app)
    with app.extensions["cafe"].store.reading() as db:
        assert retention.last_cleared(db) is None


def test_a_phone_whose_seat_is_known_no_more_is_told_why(app, held, clock):
    desk, code, _path = held
    phone = Browser(app)
    phone.join(code)
    close(desk, code)
    assert phone.get(f"/s/{code}").status_code == 200
    clock.shift(timedelta(days=30))
    look(app)
    page = phone.get(f"/s/{code}")
    assert page.status_code == 404
    assert "need not know that it was yours" in page.text
    assert Browser(app).get(f"/s/{code}").status_code == 303


# Deleting a café


def test_a_cafe_is_deleted_only_by_typing_its_code(held):
    desk, code, path = held
    wrong = delete(desk, path, "AAAAAA")
    assert wrong.status_code == 200
    assert "not this café’s code" in wrong.text
    assert desk.get(path).status_code == 200
    gone = delete(desk, path, cafe_code(desk, path).lower())
    assert gone.status_code == 303
    assert "has been deleted" in desk.get(gone.headers["Location"]).text
    for page in (path, f"/console/{code}", f"/j/{code}", f"{path}/guide.json"):
        assert desk.get(page).status_code == 404


def test_everyone_in_a_deleted_cafe_is_sent_away_and_their_words_are_nowhere(server, web):
    opened = opened_in(server.store)
    token = web.post(f"{server.address}/j/{opened.code}", headers={"Accept": "application/json"}).json()["token"]
    idea = contribute("Zanzibarmarmalade every week")
    as_seat = {"Authorization": f"Bearer {token}"}
    web.post(f"{server.address}/s/{opened.code}/commands", json={"commands": [idea]}, headers=as_seat)
    client, gone = socketio.Client(reconnection=False), []
    client.on("gone", gone.append)
    client.connect(server.address, auth={"token": token}, transports=["websocket"])
    asked = {"session": opened.code, "view": "phone", "since": 1, "epoch": opened.epoch}
    assert client.call("watch", asked, timeout=PATIENCE)["head"] == 2 + 1
    with server.store.reading() as db:
        session = find_session(db, opened.code)
        cafe = cafes.cafe_of(db, session.organisation_id, session.cafe_id)
        assert changes.snapshot(db, session, "console").entities.contributions
    token = opened.facilitator_token
    page = web.get(f"{server.address}/cafes/{cafe.id}/delete", headers={"Authorization": f"Bearer {token}"})
    csrf = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
    done = web.post(
        f"{server.address}/cafes/{cafe.id}/delete",
        data={"csrf": csrf, "typed": cafe.code},
        headers={"Authorization": f"Bearer {token}"},
        allow_redirects=False,
    )
    assert done.status_code == 303
    latest = time.monotonic() + PATIENCE
    while not gone and time.monotonic() < latest:
        time.sleep(0.02)
    client.disconnect()
    assert gone and gone[0]["say"]


# Documents in memory


def test_a_document_made_before_words_went_is_let_go(app):
    goings = [0]

    class Child:
        returncode = 0

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return False

        def communicate(self, *_):
            return b"", b""

    maker = Maker(lambda file: file.write(b"words") and Child(), goings=lambda: goings[0])
    order = maker.order("me", "guide.docx", Wanted("sqlite://", "", "", "docx", NOW.date()))
    maker.wait(order, PATIENCE)
    assert maker.find("me", order.id) is order
    goings[0] += 1
    assert maker.find("me", order.id) is None


# The command line


@pytest.fixture
def folder(migrated, tmp_path):
    (tmp_path / "instance").mkdir()
    shutil.copy(migrated, tmp_path / "instance" / "cafe.db")
    with closing(Store(f"sqlite:///{tmp_path / 'instance' / 'cafe.db'}")) as store, time_machine.travel(NOW):
        opened = opened_in(store)
        with store.unit_of_work() as db:
            session = find_session(db, opened.code)
            cafe = cafes.cafe_of(db, session.organisation_id, session.cafe_id)
            cafes.close_cafe(db, cafe, Visitor("facilitator", session.organisation_id, facilitator_id="x"))
    return tmp_path, cafe


def test_the_command_line_says_what_would_go_when_and_changes_nothing(folder):
    where, cafe = folder
    before = (where / "instance" / "cafe.db").read_bytes()
    done = run_cafe("retention", "--dry-run", cwd=where)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == [
        f"2026-12-24  {cafe.code}  who wrote what",
        f"2027-11-24  {cafe.code}  what people wrote",
    ]
    assert (where / "instance" / "cafe.db").read_bytes() == before


def test_the_command_line_has_it_go_and_says_so(folder):
    where, cafe = folder
    with closing(Store(f"sqlite:///{where / 'instance' / 'cafe.db'}")) as store, store.unit_of_work() as db:
        db.execute(update(Cafe).values(closed_at=NOW - timedelta(days=2000)))
        db.execute(update(Cafe).values(opened_at=Cafe.closed_at, created_at=Cafe.closed_at))
    done = run_cafe("retention", cwd=where)
    assert done.stdout.splitlines() == [f"gone        {cafe.code}  what people wrote"]
    again = run_cafe("retention", cwd=where)
    assert (again.returncode, again.stdout) == (0, "")
    assert run_cafe("verify", cwd=where).returncode == 0
