"""A database that is in doubt when the server starts: everything can be read, nothing changed, and all are told so."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import requests
import socketio

from sessions.store import Store
from tests.cafe.conftest import (
    PATIENCE,
    Browser,
    Program,
    Serving,
    Session,
    contribute,
    opened_in,
    run_cafe,
    said_by,
)

WORDS = "Ring every new carer in the first week."


@pytest.fixture
def doubtful(room: Session) -> Session:
    """An open session with an idea in it, in a database that the start found to be in doubt."""
    room.phone().post_idea(WORDS)
    room.app.extensions["cafe"].store.read_only = "revisions"
    return room


def test_pages_and_the_guide_go_on(desk_before, doubtful):
    seat, desk = desk_before
    for page in (f"/s/{doubtful.code}", f"/j/{doubtful.code}"):
        assert seat.get(page).status_code == 200
    assert WORDS in seat.get(f"/s/{doubtful.code}").text
    assert WORDS in desk.get(f"/console/{doubtful.code}").text
    guide = desk.get(f"/s/{doubtful.code}/guide.docx")
    assert (guide.status_code, guide.data[:2]) == (200, b"PK")


@pytest.fixture
def desk_before(room: Session) -> tuple[Browser, Browser]:
    """A participant and a facilitator who came before the doubt did."""
    return room.participant(), room.console()


def test_every_change_is_put_off_and_none_is_kept(desk_before, doubtful):
    phone = Program(doubtful.app, doubtful.code, doubtful.opened.facilitator_token)
    before = phone.snapshot("console")
    (result,) = phone.send({**contribute(), "on_behalf": True})
    assert result["status"] == "retry"
    assert phone.snapshot("console") == before


def test_whoever_wants_to_join_is_told_in_a_sentence(doubtful, newcomer):
    answer = newcomer.join(doubtful.code)
    assert answer.status_code == 409
    assert "the database may be damaged" in answer.text
    program = doubtful.app.test_client().post(f"/j/{doubtful.code}", headers={"Accept": "application/json"})
    assert (program.status_code, program.json["code"]) == (409, "try_again")


def test_a_phone_without_a_script_keeps_the_words_and_is_told(desk_before, doubtful):
    seat, _ = desk_before
    answer = seat.write(doubtful.code, "Half an hour of my time")
    assert "Half an hour of my time" in answer.text
    assert "the database may be damaged" in said_by(answer.text)
    assert "Your words are still here." in said_by(answer.text)


def test_the_console_and_the_watchman_say_so(desk_before, doubtful):
    _, desk = desk_before
    assert "it found the database damaged" in desk.get(f"/console/{doubtful.code}").text
    ready = desk.get("/readyz")
    assert ready.status_code == 503
    assert "in doubt" in ready.json["reason"]
    assert desk.get("/healthz").status_code == 200


def test_a_sound_console_says_nothing_of_it(room):
    assert "damaged" not in room.console().get(f"/console/{room.code}").text


# The real server


@pytest.fixture
def spoilt(migrated: Path, tmp_path: Path) -> Session:
    """An installation whose revisions are not right, and a session in it."""
    (tmp_path / "instance").mkdir()
    file = shutil.copy(migrated, tmp_path / "instance" / "cafe.db")
    with closing(Store(f"sqlite:///{file}")) as store:
        opened = opened_in(store)
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE session SET rev = rev + 7")
    return opened


def test_a_server_that_finds_its_database_in_doubt_serves_it_to_be_read(tmp_path, spoilt):
    before = (tmp_path / "instance" / "cafe.db").read_bytes()
    serving = Serving(tmp_path, None).wait()
    try:
        program = {"Authorization": f"Bearer {spoilt.facilitator_token}"}
        where = f"{serving.address}/s/{spoilt.code}"
        shown = requests.get(f"{where}/snapshot", headers=program, timeout=PATIENCE)
        assert shown.json()["session"] == spoilt.code
        assert requests.get(f"{serving.address}/readyz", timeout=PATIENCE).status_code == 503
        socket = socketio.Client(reconnection=False)
        socket.connect(serving.address, auth={"token": spoilt.facilitator_token})
        socket.call("watch", {"session": spoilt.code, "view": "console", "since": 0}, timeout=PATIENCE)
        told = {"commands": [{**contribute(), "on_behalf": True}]}
        assert socket.call("commands", told, timeout=PATIENCE)["results"][0]["status"] == "retry"
        socket.disconnect()
    finally:
        assert serving.stop() == 0
    said = serving.errors.read_text()
    assert "WRONG  revisions: it does not hold that each revision" in said
    assert spoilt.code in said
    assert "cafe verify" in said and "cafe restore" in said
    assert (tmp_path / "instance" / "cafe.db").read_bytes() == before
    assert not (tmp_path / "instance" / "backups").exists()


def test_a_file_that_is_damaged_can_still_be_read_where_it_is_whole(tmp_path, spoilt):
    file = tmp_path / "instance" / "cafe.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE session SET rev = rev - 7")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'link'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    whole = bytearray(file.read_bytes())
    whole[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(whole)
    serving = Serving(tmp_path, None).wait()
    try:
        assert requests.get(f"{serving.address}/j/{spoilt.code}", timeout=PATIENCE).status_code == 200
        assert requests.get(f"{serving.address}/readyz", timeout=PATIENCE).status_code == 503
    finally:
        assert serving.stop() == 0
    assert serving.errors.read_text().startswith("WRONG  file: ")


def test_a_damaged_database_of_another_version_is_not_served(tmp_path, spoilt):
    file = tmp_path / "instance" / "cafe.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("UPDATE alembic_version SET version_num = '0001'")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'link'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    whole = bytearray(file.read_bytes())
    whole[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(whole)
    done = run_cafe("serve", "--port", "0", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "The database is damaged. Put a backup back with `cafe restore FILE`."
    assert "Traceback" not in done.stderr
