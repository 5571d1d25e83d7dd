"""The doctor: a remark for each thing that can be unsafe or out of reach, and a cure that the exit code insists on."""

import os
import resource
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine

from cafe import doctor, doctor_data, doctor_safety, sealing, second_step, settings
from cafe.doctor import Place, Remark, examine
from sessions import backup, links, members, people, retention, world
from sessions.permissions import Visitor
from sessions.store import Store
from tests.cafe.conftest import opened_in, run_cafe

OWN = "192.168.1.20"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path: Path):
    """A computer with one private address, in an empty folder, without settings of its own."""
    for name in [name for name in os.environ if name.startswith(("CAFE_", "FLASK_"))]:
        monkeypatch.delenv(name)
    for module in (settings, doctor):
        monkeypatch.setattr(module, "private_addresses", lambda: (OWN,))
    monkeypatch.chdir(tmp_path)


def remarks(*, host: str = "127.0.0.1", address: str | None = None) -> dict[str, Remark]:
    """What the doctor says of the installation in this folder, by what it is about."""
    return {each.about: each for each in examine(Place.of(None, host, 8000, address, None))}


def unsafe(**told: str) -> set[str]:
    return {about for about, each in remarks(**told).items() if each.unsafe}


@pytest.fixture
def installed(migrated: Path, tmp_path: Path) -> Path:
    """An installation in which a session was opened just now; its database's file."""
    (tmp_path / "instance").mkdir()
    file = Path(shutil.copy(migrated, tmp_path / "instance" / "cafe.db"))
    with closing(Store(f"sqlite:///{file}")) as store:
        opened_in(store)
    return file


def test_where_nothing_is_yet_nothing_is_made_and_nothing_is_unsafe(tmp_path):
    assert unsafe() == set()
    assert "cafe serve" in remarks()["database"].cure
    assert list(tmp_path.iterdir()) == []


def test_a_usual_installation_is_safe(installed):
    assert unsafe(host="0.0.0.0") == set()
    found = remarks(host="0.0.0.0")
    assert OWN in found["phones"].says
    assert found["set-up"].says == "done"
    assert found["settings"].cure == ""


@pytest.mark.parametrize(
    ("address", "unsafe_about"),
    [
        ("https://cafe.example.org", set()),
        ("http://cafe.example.org", {"https"}),
        ("http://8.8.8.8:8000", {"https"}),
        (f"http://{OWN}:8000", set()),
        ("http://cafe.local:8000", set()),
        ("http://cafe:8000", set()),
    ],
)
def test_https_is_asked_for_where_a_browser_would_warn(address, unsafe_about):
    assert unsafe(address=address) == unsafe_about


def test_an_address_that_phones_cannot_reach_is_remarked_on():
    assert "--host 0.0.0.0" in remarks()["phones"].cure
    assert OWN in remarks()["phones"].says
    assert "not an address of this computer" in remarks(address="http://192.168.9.9:8000")["phones"].says
    assert remarks(address="https://cafe.example.org")["phones"].cure == ""


@pytest.mark.parametrize(
    ("name", "value", "about"),
    [
        ("CAFE_SEAT_LIMITS", "off", "limits"),
        ("CAFE_SOCKETS", "none", "sockets"),
        ("FLASK_DEBUG", "1", "debugging"),
        ("WEB_CONCURRENCY", "4", "processes"),
        ("GUNICORN_CMD_ARGS", "--bind :8000 --workers=4", "processes"),
        ("GUNICORN_CMD_ARGS", "--preload", "processes"),
    ],
)
def test_what_is_meant_for_trials_is_unsafe_before_people_come(monkeypatch, name, value, about):
    monkeypatch.setenv(name, value)
    assert unsafe(host="0.0.0.0") == {about}


def test_the_librarys_websockets_are_remarked_on(monkeypatch):
    assert remarks()["sockets"].cure == ""
    monkeypatch.setenv("CAFE_SOCKETS", "library")
    assert "CAFE_SOCKETS" in remarks()["sockets"].cure


def test_a_secret_that_others_can_read_is_unsafe(tmp_path):
    secret = tmp_path / "instance" / "secret"
    secret.parent.mkdir()
    secret.write_text(world.key())
    secret.chmod(0o644)
    assert unsafe() == {"secret"}
    assert "chmod 600" in remarks()["secret"].cure
    secret.chmod(0o600)
    assert unsafe() == set()


@pytest.mark.parametrize(("limit", "safe"), [(256, False), (1024, True), (resource.RLIM_INFINITY, True)])
def test_the_limit_of_open_files_is_told_in_phones(monkeypatch, limit, safe):
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert ("open files" in unsafe()) is not safe
    if limit == 1024:
        assert "480 phones" in remarks()["open files"].says


def test_a_disk_that_is_nearly_full_is_unsafe(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=499_000_000))
    assert unsafe() == {"disk"}


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
//nas/share /mnt/the\\040share cifs rw 0 0
nas:/export /mnt/nfs nfs4 rw 0 0
/dev/sdb1 /mnt/nfs/disk ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("/home/ann/instance/cafe.db", None),
        ("/home/ann/OneDrive - Northvale/cafe.db", "synchronised"),
        ("/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/cafe.db", "synchronised"),
        ("/Users/ann/Google Drive/cafe.db", "synchronised"),
        ("/home/ann/Dropbox/a/cafe.db", "synchronised"),
        ("/mnt/the share/cafe.db", "network share (cifs)"),
        ("/mnt/nfs/cafe.db", "network share (nfs4)"),
        ("/mnt/nfs/disk/cafe.db", None),
        ("/mnt/nfsnot/cafe.db", None),
    ],
)
def test_folders_that_spoil_a_database_in_use_are_known(file, why):
    found = doctor_safety.unfit(Path(file), MOUNTS)
    assert (found is None) if why is None else (why in found)


def test_a_database_in_such_a_folder_is_unsafe(monkeypatch, tmp_path):
    (tmp_path / "OneDrive").mkdir()
    monkeypatch.chdir(tmp_path / "OneDrive")
    assert unsafe() == {"folder"}


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
    ],
)
def test_which_sqlite_has_the_fix_is_known(version, fixed):
    assert doctor_data.wal_reset_is_fixed(version) is fixed


def test_a_database_that_cannot_be_read_is_unsafe(installed):
    installed.write_text("hello, this is no database at all\n" * 100)
    assert "database" in unsafe()
    assert "cafe restore" in remarks()["database"].cure


def test_backups_that_stay_behind_are_unsafe(installed):
    now = datetime.now(UTC)
    assert "none yet" in remarks()["backups"].says
    assert unsafe() == set()
    with time_machine.travel(now + timedelta(hours=1)):
        assert unsafe() == {"backups"}
        backup.take_another(installed, now + timedelta(minutes=59))
        assert "holds every change" in remarks()["backups"].says
        assert unsafe() == set()


def test_a_clock_behind_the_newest_row_is_unsafe(installed):
    with time_machine.travel(datetime.now(UTC) - timedelta(days=1)):
        assert "clock" in unsafe()
    with time_machine.travel(datetime(1970, 1, 2, tzinfo=UTC)):
        assert "clock" in unsafe()
    assert "clock" not in unsafe()


def test_settings_that_lose_what_was_said_to_be_saved_are_unsafe():
    right = {"journal_mode": "wal", "synchronous": "2", "secure_delete": "1"}
    assert not doctor_data.settings_remark(right).unsafe
    assert doctor_data.settings_remark({**right, "journal_mode": "delete"}).unsafe


def test_an_installation_that_nobody_has_set_up_is_remarked_on(migrated, tmp_path):
    (tmp_path / "instance").mkdir()
    shutil.copy(migrated, tmp_path / "instance" / "cafe.db")
    assert "nobody has set" in remarks()["set-up"].says
    assert unsafe() == set()


# From the command line


def test_a_line_each_and_an_exit_code_to_go_by(installed, tmp_path):
    done = run_cafe("doctor", "--address", "https://cafe.example.org", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert {line[:5].strip() for line in lines} <= {"ok", "note"}
    assert len(lines) >= 14
    done = run_cafe("doctor", "--address", "http://cafe.example.org", cwd=tmp_path, CAFE_SEAT_LIMITS="off")
    assert (done.returncode, done.stderr) == (1, "")
    cures = [line for line in done.stdout.splitlines() if line.startswith("CURE")]
    assert len(cures) == 2
    assert all(" → " in line for line in cures)


def test_it_looks_on_while_the_cafe_is_served(server, tmp_path):
    done = run_cafe("doctor", "--database", server.database, cwd=tmp_path)
    assert "set-up: done" in done.stdout
    assert done.stderr == ""


def test_an_address_that_is_none_is_wrong_use(tmp_path):
    done = run_cafe("doctor", "--address", "nonsense", cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_looking_changes_nothing(installed):
    with closing(sqlite3.connect(installed)) as db:
        before = "\n".join(db.iterdump())
    remarks()
    with closing(sqlite3.connect(installed)) as db:
        assert "\n".join(db.iterdump()) == before


def test_backups_that_are_encrypted_are_said_to_be_so_and_their_key_must_be_there_for_its_owner_alone(installed):
    assert "will be made" in remarks()["backup key"].says
    key = Path("instance/backup-key")
    backup.take_another(installed, datetime.now(UTC), sealing.sealing(key))
    assert "encrypted" in remarks()["backups"].says
    assert "elsewhere" in remarks()["backup key"].cure
    assert unsafe() == set()
    key.chmod(0o644)
    assert unsafe() == {"backup key"}
    key.unlink()
    assert unsafe() == {"backup key"}


def test_plain_backups_of_before_are_counted(installed):
    backup.take_another(installed, datetime.now(UTC))
    assert "1 of them not encrypted" in remarks()["backups"].says


def test_when_it_was_last_looked_for_what_is_to_go_is_told(installed):
    assert "nobody has looked yet" in remarks()["life of the data"].says
    now = datetime.now(UTC)
    with closing(Store(f"sqlite:///{installed}")) as store, store.unit_of_work() as db:
        retention.note_cleared(db, now)
    assert f"{now:%Y-%m-%d}" in remarks()["life of the data"].says
    assert remarks()["life of the data"].cure == ""
    with time_machine.travel(now + timedelta(days=3)):
        assert "cafe retention" in remarks()["life of the data"].cure


def test_a_secret_that_the_project_teams_apps_were_not_set_up_with_is_noticed(installed):
    secret = settings.settle().secret
    assert "project team" not in remarks()
    with closing(Store(f"sqlite:///{installed}")) as store, store.unit_of_work() as db:
        ((organisation, _name),) = people.organisations(db)
        visitor, _token = links.let_in(db, links.make(db, "team", Visitor("unproved", organisation)))
        members.introduce(db, visitor, "Ann", "salt$hash")
        held = second_step.letters(secret, visitor.member_id, "seed")
        members.enrol(db, visitor, "seed", people.fingerprint(held), 1)
    assert "by the clock" in remarks()["project team"].says
    Path("instance/secret").write_text("b1" * 32)
    assert "Ann" in remarks()["project team"].says
    assert "project team" in unsafe()
