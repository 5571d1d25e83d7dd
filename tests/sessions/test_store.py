"""The database keeps its promises: durable, all or nothing, one moment at a time, and its tables are the models'."""

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, insert, inspect, select
from sqlalchemy.exc import IntegrityError, OperationalError

from sessions import store as stores
from sessions.harvest import searching
from sessions.models import Installation, Organisation, Table, Vote
from sessions.store import Store, find_session, session_code, sessions_of, tidy_code
from tests.room import open_room

NOW = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)


def organisations(store: Store) -> int:
    with store.reading() as db:
        return db.exec_driver_sql("SELECT count(*) FROM organisation").scalar_one()


def an_organisation(key: str = "1", **values: object):
    return insert(Organisation).values(**{"id": key, "name": "Northvale", "created_at": NOW, **values})


# What SQLite is told


@pytest.mark.parametrize("way", ["unit_of_work", "reading"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 2500), ("secure_delete", 1)],
)
def test_every_connection_is_settled(store, way, setting, value):
    with getattr(store, way)() as db:
        assert db.exec_driver_sql(f"PRAGMA {setting}").scalar_one() == value


def test_whoever_changes_the_database_has_it_from_the_first_moment(store, tmp_path):
    other = sqlite3.connect(tmp_path / "cafe.db", timeout=0, isolation_level=None)
    with store.unit_of_work(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_looking_goes_on_while_something_is_changed(store):
    with store.unit_of_work() as db:
        db.execute(an_organisation())
        assert organisations(store) == 0
    assert organisations(store) == 1


@pytest.mark.battery
def test_looking_sees_one_moment_throughout(store):
    with store.reading() as db:
        before = db.exec_driver_sql("SELECT count(*) FROM organisation").scalar_one()
        with store.unit_of_work() as other:
            other.execute(an_organisation())
        assert db.exec_driver_sql("SELECT count(*) FROM organisation").scalar_one() == before
    assert organisations(store) == before + 1


def test_looking_changes_nothing(store):
    with store.reading() as db:
        db.execute(an_organisation())
    assert organisations(store) == 0


def test_work_is_kept_whole_or_not_at_all(store):
    with pytest.raises(ZeroDivisionError), store.unit_of_work() as db:
        db.execute(an_organisation())
        1 / 0  # noqa: B018
    assert organisations(store) == 0
    with store.unit_of_work() as db:
        db.execute(an_organisation())
    assert organisations(store) == 1


def test_a_row_cannot_point_to_nothing(store):
    with pytest.raises(IntegrityError), store.unit_of_work() as db:
        db.exec_driver_sql("INSERT INTO seat (session_id, rev, left, muted, host, pretend) VALUES (99, 1, 0, 0, 0, 0)")


def test_dots_cannot_be_negative_even_behind_the_door(store):
    room = open_room(store)
    seat = room.join()
    row = {"session_id": room.session().id, "seat_id": seat.seat_id, "target": "x", "rev": 1}
    with pytest.raises(IntegrityError), store.unit_of_work() as db:
        db.execute(insert(Vote).values(**row, dots=-1))


@pytest.mark.battery
def test_a_command_stands_once_even_behind_the_door(store):
    room = open_room(store)
    room.post(room.join())
    again = (
        "SELECT session_id, actor, command_id, kind, status, undo, at, rev + 1 FROM command WHERE kind = 'contribute'"
    )
    with pytest.raises(IntegrityError, match="UNIQUE"), store.unit_of_work() as db:
        db.exec_driver_sql(f"INSERT INTO command (session_id, actor, command_id, kind, status, undo, at, rev) {again}")


def test_what_was_kept_is_there_for_the_next_process(store):
    with store.unit_of_work() as db:
        db.execute(an_organisation())
    store.close()
    again = Store(store.url)
    assert organisations(again) == 1
    again.close()


def test_a_moment_comes_back_aware_wherever_it_was_said(store):
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    with store.unit_of_work() as db:
        db.execute(an_organisation(created_at=there))
        kept = db.execute(select(Organisation.created_at)).scalar_one()
    assert (kept, kept.tzinfo) == (NOW, UTC)


# Tables and migrations


def test_a_database_is_made_where_there_was_none(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'new' / 'folder' / 'cafe.db'}")
    store.migrate()
    assert organisations(store) == 0
    store.close()


def test_migrating_again_changes_nothing(store):
    with store.reading() as db:
        before = db.execute(select(Installation.epoch, Installation.digest_key)).all()
    store.migrate()
    with store.reading() as db:
        assert db.execute(select(Installation.epoch, Installation.digest_key)).all() == before
    assert len(before) == 1


def test_two_databases_are_told_apart(store, tmp_path):
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    epochs = []
    for each in (store, other):
        with each.reading() as db:
            epochs.append(db.execute(select(Installation.epoch)).scalar_one())
    other.close()
    assert epochs[0] != epochs[1]


def test_migrations_are_one_line_of_numbered_words():
    scripts = ScriptDirectory(str(Path(stores.__file__).parent / "migrations"))
    assert len(scripts.get_heads()) == 1
    assert scripts.get_bases() == ["0001"]
    files = sorted(Path(each.path).stem for each in scripts.walk_revisions())
    assert [name.split("_")[0] for name in files] == [f"{place:04}" for place in range(1, len(files) + 1)]


def test_migrations_make_the_tables_the_models_declare(store):
    with store.reading() as db:
        ours = {"include_object": lambda _, name, *rest: not str(name).startswith(searching.TABLE)}
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True, **ours})
        assert compare_metadata(context, Table.metadata) == []
        names = {name for name in inspect(db).get_table_names() if not name.startswith(searching.TABLE)}
        assert names == {*Table.metadata.tables, "alembic_version"}


def test_migrations_make_the_checks_and_keys_the_models_declare(store):
    with store.reading() as db:
        found = inspect(db)
        for table in Table.metadata.sorted_tables:
            checks = {each["name"] for each in found.get_check_constraints(table.name)}
            declared = {each.name for each in table.constraints if isinstance(each, CheckConstraint)}
            assert checks == declared, table.name
            key = found.get_pk_constraint(table.name)["constrained_columns"]
            assert key == [each.name for each in table.primary_key]


# Looking up a session


def test_a_session_is_found_by_its_code_with_what_it_belongs_to(store):
    room = open_room(store)
    with store.reading() as db:
        session = find_session(db, room.code)
        assert (session.cafe_id, session.organisation_id) == (room.cafe.id, room.cafe.organisation_id)
        assert (session.cafe_state, session_code(db, session.id)) == ("open", room.code)
        assert sessions_of(db, room.cafe.id) == (session,)
        assert stores.again(db, session) == session


def test_a_code_that_leads_nowhere_finds_nothing(store):
    room = open_room(store)
    with store.unit_of_work() as db:
        session = find_session(db, room.code)
        db.exec_driver_sql("UPDATE session SET code = 'AAAAAA'")
        assert find_session(db, room.code) is None
        with pytest.raises(LookupError):
            stores.again(db, session)


@pytest.mark.parametrize("typed", ["K7QX4M", "k7qx4m", " k7q x4m ", "K7Q-X4M", "k7q\u00a0x4m\n"])
def test_a_code_may_be_typed_in_any_way(typed):
    assert tidy_code(typed) == "K7QX4M"


def test_a_full_disk_is_said_and_loses_nothing(store):
    with store.unit_of_work() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(OperationalError, match="full"), store.unit_of_work() as db:
        for place in range(500):
            db.execute(an_organisation(str(place), name="n" * 200))
    assert organisations(store) == 0
