"""Putting a backup back in the database's place: checked, brought up to date, without what was taken back since.

A new epoch tells every phone that history has changed, so that it offers again what it still holds. What was there
before stays beside the database, so that restoring can itself be undone. The secret is left alone.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import DBAPIError

from sessions import backup, claims, door, erasures, schema, world
from sessions.backup import Unsound
from sessions.claims import Claimed
from sessions.erasures import Erased
from sessions.models import Contribution, Installation
from sessions.rules import words
from sessions.sqlite import beside
from sessions.store import Store, find_session


class Restored(NamedTuple):
    """What was done: where the database is kept that was replaced, and how many contributions were erased again."""

    kept: Path | None
    erased: int


def restore(database: Path, source: Path) -> Restored:
    """Put a backup in the place of a database; raises Claimed while anyone works with it, and Unsound."""
    database.parent.mkdir(parents=True, exist_ok=True)
    fresh = beside(database, ".restoring")
    with closing(claims.take_whole(database)):
        try:
            backup.copy(source, fresh)
            backup.check(fresh)
            gone = _all_erased(database)
            erased = _renew(fresh, gone)
            erasures.add(erasures.path_of(database), gone - erasures.read(erasures.path_of(database)))
            kept = _set_aside(database, world.now())
            fresh.replace(database)
            backup.to_disk(database.parent)
        except sqlite3.DatabaseError as error:
            raise Unsound(f"{source.name} cannot be read as a database: {error}.") from None
        finally:
            for ending in ("", "-wal", "-shm", "-journal", ".erased"):
                beside(fresh, ending).unlink(missing_ok=True)
    return Restored(kept, erased)


def _all_erased(database: Path) -> frozenset[Erased]:
    """Return what is gone by the file of erased ids and, as far as it can be read, by the database being replaced."""
    kept = erasures.read(erasures.path_of(database))
    if not database.exists():
        return kept
    with closing(Store(f"sqlite:///{database}")) as store:
        try:
            with store.reading() as db:
                return kept | erasures.gone(db)
        except (DBAPIError, sqlite3.Error):
            return kept  # damaged, or never ours: that is why it is replaced


def _renew(fresh: Path, gone: frozenset[Erased]) -> int:
    """Bring a copy up to date, give it a new epoch and erase in it what is gone; return how many were erased."""
    with closing(Store(f"sqlite:///{fresh}")) as store:
        with store.reading() as db:
            if schema.version(db) not in schema.known_versions():
                raise Unsound("This backup was made by a newer version of the program. Bring the program up to date.")
        store.migrate()
        with store.unit_of_work() as db:
            db.execute(update(Installation).values(epoch=world.new_id()))
            erased = _erase_again(db, gone)
    with closing(sqlite3.connect(fresh)) as copy:
        backup.make_one_file(copy)
    backup.to_disk(fresh)
    return erased


def _erase_again(db: Connection, gone: frozenset[Erased]) -> int:
    """Remove for good what is gone and came back with the copy; each session gets one revision for it."""
    again = gone - erasures.gone(db)
    count = 0
    for code in sorted({each.code for each in again}):
        session = find_session(db, code)
        if session is None:
            continue
        rev = door.record(db, session, "restore", "restore")
        for each in sorted(again):
            if each.code == code:
                _erase(db, session.id, each.contribution, rev)
                count += 1
    return count


def _erase(db: Connection, session_id: int, contribution: str, rev: int) -> None:
    """Remove a contribution, or bar its id where the copy is older than it: a phone may still hold the words."""
    words.forget(db, session_id, contribution)
    words.unlink(db, session_id, contribution)
    found = (Contribution.session_id == session_id) & (Contribution.id == contribution)
    if db.execute(update(Contribution).where(found).values(state="erased", rev=rev)).rowcount == 0:
        db.execute(
            insert(Contribution).values(
                session_id=session_id,
                id=contribution,
                kind="question",
                ambitions=[],
                share="room",
                state="erased",
                late=False,
                on_behalf=False,
                created_rev=rev,
                rev=rev,
            )
        )


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Give the database being replaced a name to be kept under, its log written back or moved along with it."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(database, timeout=0)) as db:
            backup.make_one_file(db)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Claimed(database.name) from None
    kept = beside(database, f".replaced-{now:%Y%m%dT%H%M%SZ}")
    for ending in ("-wal", "-shm"):  # still there only where the database is damaged
        if beside(database, ending).exists():
            beside(database, ending).replace(beside(kept, ending))
    try:
        os.link(database, kept)
    except OSError:  # a file system without links, as on a stick
        shutil.copy2(database, kept)
    return kept
