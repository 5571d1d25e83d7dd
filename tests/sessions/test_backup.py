"""Copies: consistent while people write, checked before they get their name, kept as long as they are useful."""

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import backup, disk, erasures
from sessions.backup import DAYS, EVERY, MOST_RECENT, NoRoom, Unsound, is_due, superseded
from sessions.pulse import moved_on, pulse
from sessions.store import Store
from sessions.verify import audit
from tests.room import Room

NOW = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_copy_holds_what_was_saved_and_is_one_file_for_its_owner_alone(room, tmp_path):
    room.post(room.join(), "Kept")
    target = tmp_path / "copies" / "a.db"
    target.parent.mkdir()
    backup.take(room.store.file, target)
    assert [path.name for path in target.parent.iterdir()] == ["a.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT text FROM wording").fetchall() == [("Kept",)]


def test_copies_taken_while_people_write_are_each_whole_and_of_one_moment(room, tmp_path):
    seat, stop = room.join(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            room.post(seat)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        copies = [tmp_path / f"{number}.db" for number in range(5)]
        for each in copies:
            backup.take(room.store.file, each)
    finally:
        stop.set()
        writing.join()
    heads = []
    for each in copies:
        with closing(Store(f"sqlite:///{each}")) as store, store.reading() as db:
            assert not [found.line() for found in audit(db, erasures.gone(db)) if found.wrong]
            heads.append(db.exec_driver_sql("SELECT rev FROM session").scalar_one())
    assert heads == sorted(heads)


def test_nothing_is_replaced(room, tmp_path):
    target = tmp_path / "mine.txt"
    target.write_text("Something else altogether")
    with pytest.raises(FileExistsError):
        backup.take(room.store.file, target)
    assert target.read_text() == "Something else altogether"


def test_a_copy_that_is_not_whole_gets_no_name(room, tmp_path):
    room.vote(room.join(), room.post(room.join()))
    with closing(sqlite3.connect(room.store.file, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints=ON")
        db.execute("UPDATE vote SET dots = -1")
    with pytest.raises(Unsound, match=r"copy\.db\.part is damaged"):
        backup.take(room.store.file, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


@pytest.mark.parametrize("content", [b"", b"hello, this is no database at all\n" * 100])
def test_what_is_no_database_of_ours_is_told_so(tmp_path, content):
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(Unsound, match=r"x\.db"):
        backup.check(path)


# Copies that nobody asks for


def test_copies_stand_by_the_moment_they_were_taken_beside_the_database(room):
    (backup.folder_of(room.store.file)).mkdir()
    (backup.folder_of(room.store.file) / "mine.db").write_text("not ours to touch")
    (backup.folder_of(room.store.file) / "cafe-20270101T000000Z.db.part").write_text("left by a crash")
    for hours in range(3):
        backup.take_another(room.store.file, NOW + hours * HOUR)
    assert sorted(backup.taken(room.store.file)) == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert not list(backup.folder_of(room.store.file).glob("*.part"))
    backup.drop_superseded(room.store.file, NOW + timedelta(days=40))
    assert sorted(backup.taken(room.store.file)) == [NOW + 2 * HOUR]
    assert (backup.folder_of(room.store.file) / "mine.db").exists()


def test_people_come_before_copies_when_the_disk_is_nearly_full(room, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=disk.SPARE_BYTES))
    with pytest.raises(NoRoom):
        backup.take_another(room.store.file, NOW)
    assert backup.taken(room.store.file) == {}


@given(st.sets(st.integers(-60 * 24, 3 * 24).map(lambda hours: NOW + hours * HOUR), max_size=120))
def test_what_stays_is_the_most_recent_and_a_day_each_and_nothing_old(copies):
    stay = copies - superseded(copies, NOW)
    past = sorted((at for at in copies if at <= NOW), reverse=True)
    if past:
        assert past[0] in stay
    for at in stay - set(past[:1]):
        assert NOW - at < DAYS or not past
    young = [at for at in past if NOW - at < DAYS]
    assert set(young[:MOST_RECENT]) <= stay
    assert {at.date() for at in young} == {at.date() for at in stay if at in young}
    assert len(stay) <= MOST_RECENT + 1 + 36 + 3
    assert superseded(stay, NOW) == frozenset()


@given(st.sets(st.integers(0, 24 * 50), min_size=1, max_size=120))
def test_dropping_as_one_goes_keeps_what_dropping_at_the_end_would_keep_of_days(hours):
    kept: set[datetime] = set()
    for hour in sorted(hours):
        now = NOW + hour * HOUR
        kept = (kept | {now}) - superseded(kept | {now}, now)
    last = NOW + max(hours) * HOUR
    all_days = {(NOW + hour * HOUR).date() for hour in hours if last - (NOW + hour * HOUR) < DAYS - timedelta(days=1)}
    assert all_days <= {at.date() for at in kept}


@pytest.mark.parametrize(
    ("last", "changed", "any_open", "due"),
    [
        (None, None, True, False),
        (None, NOW - HOUR, False, True),
        (NOW - EVERY, NOW - EVERY - backup.UNDER_WAY, True, False),
        (NOW - EVERY, NOW - EVERY - backup.UNDER_WAY / 2, True, True),
        (NOW - EVERY, NOW, True, True),
        (NOW - EVERY + timedelta(seconds=1), NOW, True, False),
        (NOW - 23 * HOUR, NOW, False, False),
        (NOW - 24 * HOUR, NOW, False, True),
    ],
)
def test_a_copy_is_due_when_something_changed_and_the_last_is_long_enough_ago(last, changed, any_open, due):
    assert is_due(last, changed, NOW, any_open=any_open) is due


def test_a_change_of_stage_and_a_closing_are_noticed_and_other_changes_are_not(staged: Room):
    def look():
        with staged.store.reading() as db:
            return pulse(db)

    before = look()
    staged.join()
    joined = look()
    assert (moved_on(before, joined), before.any_open) == (False, True)
    assert joined.changed > before.changed
    staged.go("post")
    posting = look()
    assert moved_on(joined, posting)
    staged.close()
    assert moved_on(posting, look())
    assert not look().any_open
