"""While the server runs, copies are taken when they are due; trouble with them is told, and the café goes on."""

import shutil
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
import time_machine

from cafe import sealing
from cafe.keeping import AFTER_TROUBLE
from sessions import backup
from sessions.backup import EVERY
from sessions.store import Store
from tests.cafe.conftest import PATIENCE, Serving, Session, close, command, desk_in, opened_in, planned

START = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)


class Watchman:
    """The keeper of an app, looking whenever told to, and a clock to turn."""

    def __init__(self, app, clock) -> None:
        self.app, self.clock = app, clock
        self.part = app.extensions["cafe"]
        self.file = self.part.store.file

    def look(self, later: timedelta = timedelta()) -> list[datetime]:
        """Turn the clock on, look, and return when the copies at hand were taken."""
        self.clock.shift(later)
        self.part.keeper.look(self.file)
        return sorted(backup.taken(self.file))


@pytest.fixture
def watchman(app):
    with time_machine.travel(START, tick=False) as clock:
        yield Watchman(app, clock)


@pytest.fixture
def session(watchman, in_stages: Session) -> Session:
    return in_stages


def test_a_copy_is_taken_every_five_minutes_while_people_write(watchman, room):
    phone = room.phone()
    assert len(watchman.look()) == 1
    phone.post_idea()
    assert len(watchman.look(EVERY - timedelta(seconds=1))) == 1
    assert len(watchman.look(timedelta(seconds=1))) == 2
    assert len(watchman.look(EVERY)) == 2, "nothing had changed"


def test_a_copy_is_taken_at_each_change_of_stage_and_when_the_cafe_closes(watchman, session):
    session.phone()
    assert len(watchman.look()) == 1
    for number, stage in enumerate(("post", "vote"), start=2):
        watchman.clock.shift(timedelta(seconds=20))
        session.facilitator.send(command("go_to_stage", stage=stage))
        assert len(watchman.look()) == number
        assert len(watchman.look(timedelta(seconds=20))) == number
    desk = session.console()
    watchman.clock.shift(timedelta(seconds=20))
    assert close(desk, session.code).status_code == 303
    assert len(watchman.look()) == 4


def test_where_no_cafe_is_open_a_copy_a_day_will_do(watchman, app):
    desk = desk_in(app)
    code = planned(desk, when="now")
    assert close(desk, code).status_code == 303
    assert len(watchman.look()) == 1
    watchman.clock.shift(timedelta(hours=1))
    close(desk, planned(desk, when="now"))
    assert len(watchman.look()) == 1
    assert len(watchman.look(timedelta(hours=23))) == 2


def test_nothing_is_copied_where_nothing_has_happened(watchman):
    assert watchman.look() == watchman.look(timedelta(days=3)) == []


def test_old_copies_go_without_a_new_one(watchman, room):
    room.phone()
    watchman.look()
    room.phone()
    assert len(watchman.look(EVERY)) == 2
    assert len(watchman.look(timedelta(days=36))) == 1


def test_trouble_is_told_tried_again_after_a_minute_and_forgotten_when_over(watchman, room, caplog):
    room.phone()
    folder = backup.folder_of(watchman.file)
    folder.write_text("a file where the folder should be")
    assert watchman.look() == []
    client = watchman.app.test_client()
    assert client.get("/readyz").json["backups"] == "FileExistsError"
    assert caplog.messages == ["no backup could be taken: FileExistsError"]
    room.phone().post_idea()
    folder.unlink()
    assert watchman.look(AFTER_TROUBLE / 2) == []
    assert len(watchman.look(AFTER_TROUBLE)) == 1
    assert client.get("/readyz").json["backups"] == "ok"


def test_a_change_of_stage_that_could_not_be_copied_is_owed(watchman, session):
    session.phone()
    assert len(watchman.look()) == 1
    folder = backup.folder_of(watchman.file)
    folder.rename(folder.with_name("aside"))
    folder.write_text("a file where the folder should be")
    watchman.clock.shift(timedelta(seconds=20))
    session.facilitator.send(command("go_to_stage", stage="post"))
    watchman.look()
    folder.unlink()
    folder.with_name("aside").rename(folder)
    assert len(watchman.look(AFTER_TROUBLE)) == 2


def test_a_database_in_doubt_is_not_copied_over_good_copies(watchman, room):
    room.phone()
    watchman.part.store.read_only = "revisions"
    assert watchman.look() == []


def test_words_that_linger_in_the_log_go_at_the_next_look(watchman, room):
    phone = room.phone()
    idea = phone.post_idea("Zanzibarmarmalade")
    with watchman.part.store.reading() as looking:
        looking.exec_driver_sql("SELECT count(*) FROM wording").scalar_one()
        phone.send(command("withdraw", contribution=idea))
        assert watchman.part.store.lingering
    watchman.look()
    assert not watchman.part.store.lingering
    assert b"Zanzibarmarmalade" not in watchman.file.with_name("cafe.db-wal").read_bytes()


def test_no_backup_holds_words_that_were_gone_when_it_was_taken(watchman, room):
    phone = room.phone()
    phone.send(command("withdraw", contribution=phone.post_idea("Zanzibarmarmalade")))
    (taken,) = watchman.look()
    plain = watchman.file.with_name("plain.db")
    sealing.unseal(backup.taken(watchman.file)[taken], plain, sealing.read_key(watchman.part.settings.backup_key))
    assert b"Zanzibarmarmalade" not in plain.read_bytes()


# The real server


@pytest.fixture
def serving_soon(migrated: Path, tmp_path: Path) -> Path:
    """A folder with an installation in which a session is open."""
    (tmp_path / "instance").mkdir()
    file = shutil.copy(migrated, tmp_path / "instance" / "cafe.db")
    with closing(Store(f"sqlite:///{file}")) as store:
        opened_in(store)
    return tmp_path


def until(true) -> None:
    latest = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < latest
        time.sleep(0.02)


def test_a_server_takes_a_copy_of_what_it_finds_changed(serving_soon):
    serving = Serving(serving_soon, None).wait()
    try:
        until(lambda: len(backup.taken(serving_soon / "instance" / "cafe.db")) == 1)
    finally:
        assert serving.stop() == 0
    (copy,) = backup.taken(serving_soon / "instance" / "cafe.db").values()
    assert sealing.is_sealed(copy)
    key_file = serving_soon / "instance" / "backup-key"
    assert key_file.stat().st_mode & 0o777 == 0o600
    sealing.unseal(copy, serving_soon / "plain.db", sealing.read_key(key_file))
    backup.check(serving_soon / "plain.db")
    assert serving.errors.read_text() == ""


def test_a_server_that_cannot_take_copies_goes_on_and_says_so(serving_soon):
    (serving_soon / "instance" / "backups").write_text("a file where the folder should be")
    serving = Serving(serving_soon, None).wait()
    try:
        ready = f"{serving.address}/readyz"
        until(lambda: requests.get(ready, timeout=PATIENCE).json().get("backups") == "FileExistsError")
        assert requests.get(ready, timeout=PATIENCE).status_code == 200
    finally:
        assert serving.stop() == 0
    assert "no backup could be taken: FileExistsError" in serving.errors.read_text()
    assert "Traceback" not in serving.errors.read_text()
