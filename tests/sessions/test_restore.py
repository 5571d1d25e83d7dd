"""A backup put back: nothing comes with it that was taken back since, and what was there before is not lost."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command as alembic

from sessions import backup, claims, erasures, links, members, passphrases, people, schema
from sessions.backup import Unsound
from sessions.claims import Claimed
from sessions.erasures import Erased
from sessions.permissions import Visitor
from sessions.restore import restore
from sessions.store import Store
from sessions.verify import audit
from tests.room import Room, open_room

MARKER = "Zanzibarmarmalade"


@pytest.fixture
def copy(room: Room, tmp_path: Path) -> Path:
    """A backup of a room with one idea in it, in a folder of its own."""
    room.post(room.join(), "Kept")
    (tmp_path / "away").mkdir()
    backup.take(room.store.file, tmp_path / "away" / "copy.db")
    return tmp_path / "away" / "copy.db"


def put_back(room: Room, source: Path):
    """Stop everything, restore, and start again."""
    room.store.close()
    done = restore(room.store.file, source)
    room.store = Store(room.store.url)
    return done


def wrong_in(room: Room) -> list[str]:
    kept = erasures.read(erasures.path_of(room.store.file))
    with room.store.reading() as db:
        return [found.line() for found in audit(db, kept) if found.wrong]


def test_the_room_is_again_as_it_was_in_a_new_epoch(room, copy):
    before = room.session()
    room.post(room.seats[0], "Written since")
    done = put_back(room, copy)
    after = room.session()
    assert room.texts("console") == ["Kept"]
    assert (after.rev, after.stage) == (before.rev, before.stage)
    assert after.epoch != before.epoch
    assert done.erased == 0
    assert wrong_in(room) == []


def test_what_was_there_before_is_kept_and_can_be_put_back_in_turn(room, copy):
    room.post(room.seats[0], "Written since")
    first = put_back(room, copy)
    assert first.kept.name.startswith("cafe.db.replaced-")
    put_back(room, first.kept)
    assert room.texts("console") == ["Kept", "Written since"]
    assert wrong_in(room) == []


def test_nothing_else_is_left_beside_the_database(room, copy):
    room.store.close()
    done = restore(room.store.file, copy)
    left = {path.name for path in room.store.file.parent.iterdir() if path.is_file()}
    assert left == {"cafe.db", "cafe.db.lock", done.kept.name}
    assert room.store.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("known_by", ["the file beside it", "the database being replaced"])
def test_words_taken_back_since_do_not_come_back(room, tmp_path, known_by):
    seat, other = room.join(), room.join()
    contribution = room.post(seat, f"{MARKER} every week")
    room.vote(other, contribution)
    backup.take(room.store.file, tmp_path / "copy.db")
    room.done(seat, "withdraw", contribution=contribution)
    if known_by == "the database being replaced":
        erasures.path_of(room.store.file).unlink()
    else:
        room.store.close()
        for path in tmp_path.glob("cafe.db*"):
            if path != erasures.path_of(room.store.file):
                path.unlink()
    done = put_back(room, tmp_path / "copy.db")
    assert done.erased == 1
    assert room.texts("console") == [None]
    assert room.sql("SELECT state, seat_id FROM contribution") == [("erased", None)]
    assert room.data("screen")["contributions"] == []
    assert MARKER.encode() not in room.store.file.read_bytes()
    assert wrong_in(room) == []
    assert room.vote(other, room.post(seat, "Another"), 1).status == "applied"
    assert Erased(room.code, contribution) in erasures.read(erasures.path_of(room.store.file))


def test_words_written_and_taken_back_since_cannot_be_sent_again(room, copy):
    """A phone offers what it still holds to a new epoch, perhaps from a tab that never heard of the taking back."""
    seat = room.seats[0]
    contribution = room.post(seat, f"{MARKER} every week")
    room.done(seat, "withdraw", contribution=contribution)
    put_back(room, copy)
    again = room.send(seat, "contribute", contribution, kind="action", text=f"{MARKER} every week")
    assert (again.status, again.code) == ("refused", "erased")
    assert room.texts("phone", seat) == ["Kept"]
    assert wrong_in(room) == []


def test_what_is_offered_again_after_a_restore_is_there_again(room, copy):
    seat = room.seats[0]
    contribution = room.post(seat, "Written since")
    put_back(room, copy)
    again = room.send(seat, "contribute", contribution, kind="action", text="Written since")
    assert again.status == "applied"
    assert room.texts("console") == ["Kept", "Written since"]


def test_credentials_revoked_and_links_used_since_let_nobody_in(room, tmp_path):
    with room.store.unit_of_work() as db:
        tokens = [people.give_credential(db, room.facilitator) for _ in range(2)]
        made = [links.make(db, "facilitator", room.facilitator) for _ in range(2)]
    backup.take(room.store.file, tmp_path / "copy.db")
    with room.store.unit_of_work() as db:
        people.revoke(db, tokens[0])
        assert links.spend(db, made[0])
    put_back(room, tmp_path / "copy.db")
    with room.store.reading() as db:
        assert [people.who_holds(db, each) is not None for each in tokens] == [False, True]
        assert [links.look_at(db, each) is not None for each in made] == [False, True]


def test_what_an_interrupted_restore_left_behind_does_no_harm(room, copy):
    for ending in ("", "-wal", "-shm", ".erased"):
        room.store.file.with_name(f"cafe.db.restoring{ending}").write_bytes(b"half done")
    put_back(room, copy)
    assert room.texts("console") == ["Kept"]
    assert not list(room.store.file.parent.glob("*restoring*"))


def test_erased_ids_of_another_session_than_the_copy_knows_do_no_harm(room, copy):
    later = open_room(room.store)
    seat = later.join()
    later.done(seat, "withdraw", contribution=later.post(seat))
    assert put_back(room, copy).erased == 0
    assert wrong_in(room) == []


def test_an_older_backup_is_brought_up_to_date(room, copy):
    newest = schema.known_versions()[0]
    old = Store(f"sqlite:///{copy}")
    with old.unit_of_work() as db:
        config = schema._config()
        config.attributes["connection"] = db
        alembic.downgrade(config, "0001")
    old.close()
    put_back(room, copy)
    with room.store.reading() as db:
        assert schema.version(db) == newest
    assert wrong_in(room) == []


def test_where_the_database_is_lost_a_backup_makes_a_new_one(room, tmp_path):
    seat = room.join()
    room.post(seat, "Kept")
    room.done(seat, "withdraw", contribution=room.post(seat))
    (tmp_path / "away").mkdir()
    copy = tmp_path / "away" / "copy.db"
    backup.take(room.store.file, copy)
    room.store.close()
    for path in room.store.file.parent.glob("cafe.db*"):
        path.unlink()
    done = put_back(room, copy)
    assert done.kept is None
    assert room.texts("console") == ["Kept", None]
    assert wrong_in(room) == []


def test_a_damaged_database_is_replaced_and_kept_and_its_log_does_not_get_into_the_new_one(room, copy):
    room.store.close()
    room.store.file.write_bytes(b"not a database any more" * 1000)
    log = room.store.file.with_name("cafe.db-wal")
    log.write_bytes(b"what was its log")
    done = put_back(room, copy)
    assert done.kept.read_bytes().startswith(b"not a database any more")
    assert not log.exists()
    assert room.texts("console") == ["Kept"]


def test_nothing_is_replaced_while_someone_works_with_it(room, copy):
    before = room.session()
    room.store.close()
    with closing(Store(room.store.url)) as serving:
        serving.claim()
        with pytest.raises(Claimed):
            restore(room.store.file, copy)
    assert room.session() == before


def test_nothing_is_replaced_while_a_stranger_has_it_open(room, copy):
    before = room.session()  # which opens it, without a claim
    with pytest.raises(Claimed):
        restore(room.store.file, copy)
    assert room.session() == before
    assert not list(room.store.file.parent.glob("*restoring*"))


def test_nobody_begins_to_work_while_it_is_replaced(room):
    with closing(claims.take_whole(room.store.file)), pytest.raises(Claimed):
        room.store.claim()
    room.store.claim()


def test_two_servers_may_work_with_it_at_once(room):
    room.store.claim()
    with closing(Store(room.store.url)) as other:
        other.claim()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"hello, this is no database at all\n" * 100, "cannot be read as a database"),
        (b"", "no database of an Evidence"),
    ],
)
def test_what_is_no_backup_changes_nothing(room, tmp_path, content, says):
    source, before = tmp_path / "x.db", room.session()
    source.write_bytes(content)
    room.store.close()
    with pytest.raises(Unsound, match=says):
        restore(room.store.file, source)
    assert room.session() == before
    assert not list(tmp_path.glob("*re*ing*"))


def test_a_backup_of_a_newer_program_changes_nothing(room, copy):
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    before = room.session()
    room.store.close()
    with pytest.raises(Unsound, match="newer version"):
        restore(room.store.file, copy)
    assert room.session() == before


def test_it_is_put_back_on_a_disk_without_links_too(room, copy, monkeypatch):
    def no_links(*_):
        raise OSError("not here")

    monkeypatch.setattr(os, "link", no_links)
    done = put_back(room, copy)
    assert done.kept.read_bytes()[:15] == b"SQLite format 3"
    assert room.texts("console") == ["Kept"]


# How people sign in


def member(room: Room, name: str, seed: str = "seed") -> Visitor:
    """Someone of the project team, set up."""
    with room.writing() as db:
        team = Visitor("unproved", room.facilitator.organisation_id)
        visitor, _token = links.let_in(db, links.make(db, "team", team))
        members.introduce(db, visitor, name, "old$hash")
        members.enrol(db, visitor, seed, "mark", 1)
    return visitor


def test_neither_old_passphrases_nor_lost_apps_nor_members_who_left_come_back_with_a_copy(room, tmp_path):
    organisation = room.facilitator.organisation_id
    with room.writing() as db:
        passphrases.replace(db, organisation, "old$hash")
    ann, bob = member(room, "Ann"), member(room, "Bob")
    with room.writing() as db:
        spare, other, *_ = members.spare_codes(db, ann.member_id)
    backup.take(room.store.file, tmp_path / "copy.db")
    with room.writing() as db:
        passphrases.replace(db, organisation, "new$hash")
        assert members.prove_by_spare_code(db, ann, spare)
        members.prove(db, ann, 77)
        members.remove(db, members.member_of(db, bob))
    cat = member(room, "Bob", "another seed")
    put_back(room, tmp_path / "copy.db")
    with room.writing() as db:
        assert passphrases.of_organisation(db, organisation) == "new$hash"
        assert [each.id for each in members.everyone(db)] == [ann.member_id, cat.member_id]
        assert members.prove(db, ann, 77) is None
        assert members.prove_by_spare_code(db, ann, spare) is None
        assert members.prove_by_spare_code(db, ann, other)
    assert wrong_in(room) == []


def test_what_an_older_program_left_is_replaced_all_the_same(room, copy):
    room.store.close()
    with closing(sqlite3.connect(room.store.file)) as db:
        db.execute("DROP TABLE spare_code")
        db.execute("DROP TABLE member")
        db.execute("UPDATE alembic_version SET version_num = '0004'")
        db.commit()
    put_back(room, copy)
    assert room.texts("console") == ["Kept"]
