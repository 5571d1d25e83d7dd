"""Words that go are gone: from the database, from its log file, and from whatever backup is put back."""

import sqlite3
from contextlib import closing

import pytest

from sessions import erasures
from sessions.commands import Refused
from sessions.erasures import Erased
from sessions.store import ReadOnly, Store
from tests.room import Room, fresh_id

MARKER = "Zanzibarmarmalade"


def kept(room: Room) -> frozenset[Erased]:
    return erasures.read(erasures.path_of(room.store.file))


def files_with(room: Room, word: str) -> set[str]:
    """The files of a database in which a word can be read."""
    folder = room.store.file.parent
    return {path.name for path in folder.iterdir() if word.encode() in path.read_bytes()}


def test_words_taken_back_are_in_no_file_any_more(room):
    seat = room.join()
    contribution = room.post(seat, f"{MARKER} every week")
    assert "cafe.db-wal" in files_with(room, MARKER)
    room.done(seat, "withdraw", contribution=contribution)
    assert files_with(room, MARKER) == set()


def test_words_that_were_changed_are_in_no_file_any_more(room):
    seat = room.join()
    contribution = room.post(seat, f"{MARKER} every week")
    room.done(seat, "reword", contribution=contribution, text="Something else")
    assert files_with(room, MARKER) == set()
    assert kept(room) == frozenset()


def test_drafts_of_a_cafe_that_closes_are_in_no_file_any_more(room):
    seat = room.join()
    drafts = {room.post(seat, f"{MARKER} {number}", draft=True) for number in range(3)}
    room.close()
    assert files_with(room, MARKER) == set()
    assert kept(room) == {Erased(room.code, each) for each in drafts}


def test_someone_who_looks_meanwhile_holds_nobody_up_and_the_next_change_makes_up_for_it(room):
    seat = room.join()
    contribution = room.post(seat, f"{MARKER} every week")
    with room.store.reading() as looking:
        looking.exec_driver_sql("SELECT count(*) FROM wording").scalar_one()
        room.done(seat, "withdraw", contribution=contribution)
        assert room.store.lingering
    room.done(seat, "leave")
    assert not room.store.lingering
    assert files_with(room, MARKER) == set()


def test_an_ordinary_change_does_not_wait_for_the_log_to_be_emptied(room):
    room.post(room.join())
    assert not room.store.lingering
    assert (room.store.file.parent / "cafe.db-wal").stat().st_size > 0


def test_what_is_gone_is_kept_beside_the_database_by_ids_alone(room):
    seat = room.join()
    stays, goes = room.post(seat), room.post(seat)
    room.done(seat, "withdraw", contribution=goes)
    path = erasures.path_of(room.store.file)
    assert path.read_text() == f"{room.code} {goes}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert stays not in path.read_text()


def test_what_was_refused_is_not_kept(room):
    seat = room.join()
    contribution = room.post(seat)
    room.refused(room.join(), "withdraw", contribution=contribution)
    assert kept(room) == frozenset()


def test_what_a_savepoint_took_back_is_not_kept(room):
    contribution = room.post(room.join())
    with room.store.unit_of_work() as db, pytest.raises(Refused), db.begin_nested():
        erasures.note(db, room.session().id, contribution)
        db.exec_driver_sql("UPDATE contribution SET state = 'withdrawn'")
        raise Refused("stale", "No.")
    assert kept(room) == frozenset()


def test_what_was_rolled_back_is_not_kept_even_by_the_next_commit(room):
    seat = room.join()
    contribution = room.post(seat)
    with pytest.raises(ZeroDivisionError), room.store.unit_of_work() as db:
        erasures.note(db, room.session().id, contribution)
        1 / 0  # noqa: B018
    room.done(seat, "leave")
    assert kept(room) == frozenset()


def test_a_start_brings_the_file_level_with_the_database(room):
    seat = room.join()
    goes = [room.post(seat) for _ in range(3)]
    for each in goes:
        room.done(seat, "withdraw", contribution=each)
    path = erasures.path_of(room.store.file)
    path.write_text(path.read_text()[:50])  # the machine stopped between commit and file
    again = Store(room.store.url)
    again.level()
    again.level()
    again.close()
    assert kept(room) == {Erased(room.code, each) for each in goes}
    whole = [line for line in path.read_text().splitlines() if len(line) == 43]
    assert len(whole) == len(set(whole)) == 3


def test_a_file_of_erased_ids_that_cannot_be_written_loses_no_change(room, caplog):
    seat = room.join()
    contribution = room.post(seat)
    erasures.path_of(room.store.file).mkdir()
    room.done(seat, "withdraw", contribution=contribution)
    assert room.texts("console") == [None]
    assert "erased ids could not be kept: IsADirectoryError" in caplog.text


def test_a_store_that_is_only_read_changes_nothing(room):
    room.store.read_only = "file"
    with pytest.raises(ReadOnly), room.store.unit_of_work():
        raise AssertionError("never reached")
    assert room.texts("console") == []
    room.store.read_only = None


def test_a_new_database_is_its_owners_alone(tmp_path):
    with closing(Store(f"sqlite:///{tmp_path / 'new.db'}")) as store:
        store.migrate()
        store.migrate()
        assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("new.db*")} == {0o600}
    assert sqlite3.connect(tmp_path / "new.db").execute("SELECT count(*) FROM installation").fetchone() == (1,)


def test_nothing_is_kept_where_nothing_stands(tmp_path):
    path = tmp_path / "cafe.db.erased"
    erasures.add(path, ())
    assert not path.exists()
    assert erasures.read(path) == frozenset()
    erasures.add(path, {Erased("ABCDEF", fresh_id())})
    assert len(erasures.read(path)) == 1
