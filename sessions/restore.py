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

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from sessions import backup, cafes, claims, door, ending, erasures, schema, still_out, world
from sessions.backup import Unsound
from sessions.claims import Claimed
from sessions.erasures import Erased
from sessions.harvest import leaving
from sessions.models import Contribution, Credential, Installation, Link
from sessions.rules import steps, words
from sessions.sqlite import beside
from sessions.still_out import SignIns
from sessions.store import Store, find_session


class Since(NamedTuple):
    """What happened after a backup was taken and is not undone by putting it back: words and credentials that went."""

    erased: frozenset[Erased] = frozenset()
    revoked: frozenset[str] = frozenset()  # fingerprints of credentials
    spent: frozenset[str] = frozenset()  # fingerprints of one-time links
    sign_ins: SignIns = SignIns()


class Restored(NamedTuple):
    """What was done: where the database is kept that was replaced, and how many ideas, steps and cafés went again."""

    kept: Path | None
    erased: int


def restore(database: Path, source: Path) -> Restored:
    """Put a backup in the place of a database; raises Claimed while anyone works with it, and Unsound."""
    database.parent.mkdir(parents=True, exist_ok=True)
    fresh = beside(database, ".restoring")
    with closing(claims.take_whole(database)):
        _clear(fresh)
        try:
            backup.copy(source, fresh)
            backup.check(fresh)
            since = _since(database)
            erased, gone = _renew(fresh, since)
            beside_it = erasures.path_of(database)
            erasures.add(beside_it, (since.erased | gone) - erasures.read(beside_it))
            kept = _set_aside(database, world.now())
            fresh.replace(database)
            backup.to_disk(database.parent)
        except sqlite3.DatabaseError as error:
            raise Unsound(f"{source.name} cannot be read as a database: {error}.") from None
        finally:
            _clear(fresh)
    return Restored(kept, erased)


def clear_leftovers(database: Path) -> None:
    """Remove what a restore left that was cut off: it may hold words that were taken back since."""
    _clear(beside(database, ".restoring"))


def _since(database: Path) -> Since:
    """Return what is not to be undone, by the file of erased ids and, where it can be read, the database replaced."""
    kept = erasures.read(erasures.path_of(database))
    if not database.exists():
        return Since(kept)
    with closing(Store(f"sqlite:///{database}")) as store:
        try:
            with store.reading() as db:
                revoked = db.execute(select(Credential.fingerprint).where(Credential.revoked_at.is_not(None)))
                spent = db.execute(select(Link.fingerprint).where(Link.spent_at.is_not(None)))
                closed = frozenset(revoked.scalars()), frozenset(spent.scalars())
                return Since(kept | erasures.gone(db), *closed, still_out.read(db))
        except (DBAPIError, sqlite3.Error):
            return Since(kept)  # damaged, or never ours: that is why it is replaced


def _renew(fresh: Path, since: Since) -> tuple[int, frozenset[Erased]]:
    """Bring a copy up to date, with a new epoch and without what went since.

    Returns how many contributions were erased in it, and all whose words are gone in it.
    """
    with closing(Store(f"sqlite:///{fresh}")) as store:
        with store.reading() as db:
            if schema.version(db) not in schema.known_versions():
                raise Unsound("This backup was made by a newer version of the program. Bring the program up to date.")
        store.migrate()
        with store.unit_of_work() as db:
            db.execute(update(Installation).values(epoch=world.new_id()))
            _close_again(db, since)
            still_out.keep(db, since.sign_ins)
            at_the_desk = {each for each in since.erased if each.at_the_desk}
            erased = _erase_again(db, since.erased - at_the_desk)
            leaving.again(db, at_the_desk)
            gone = erasures.gone(db)
    with closing(sqlite3.connect(fresh)) as copy:
        backup.make_one_file(copy)
    backup.to_disk(fresh)
    return erased, gone


def _close_again(db: Connection, since: Since) -> None:
    """Let no credential in that was revoked since, and no one-time link that was used."""
    revoked = Credential.revoked_at.is_(None) & Credential.fingerprint.in_(since.revoked)
    db.execute(update(Credential).where(revoked).values(revoked_at=world.now()))
    spent = Link.spent_at.is_(None) & Link.fingerprint.in_(since.spent)
    db.execute(update(Link).where(spent).values(spent_at=world.now()))


def _erase_again(db: Connection, gone: frozenset[Erased]) -> int:
    """Remove for good what is gone and came back with the copy; each session gets one revision for it."""
    count = _end_again(db, gone)
    again = gone - erasures.gone(db)
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


def _end_again(db: Connection, gone: frozenset[Erased]) -> int:
    """Delete cafés that were deleted, and the words of those whose words have gone; return how many there were."""
    codes: dict[str, set[str]] = {}
    for each in gone - erasures.gone(db):
        codes.setdefault(each.contribution, set()).add(each.code)
    ended = [cafe for cafe in cafes.every(db) if cafe.id in codes]
    for cafe in ended:
        end = ending.delete_cafe if cafe.code in codes[cafe.id] else ending.end_words
        end(db, cafe, world.now())
    return len(ended)


def _erase(db: Connection, session_id: int, contribution: str, rev: int) -> None:
    """Remove a contribution or step, or bar its id where the copy is older: a phone may still hold the words."""
    if steps.drop(db, session_id, contribution, rev):
        return
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
    kept = backup.replaced(database, now)
    for suffix in ("-wal", "-shm"):  # still there only where the database is damaged
        if beside(database, suffix).exists():
            beside(database, suffix).replace(beside(kept, suffix))
    try:
        os.link(database, kept)
    except OSError:  # a file system without links, as on a stick
        shutil.copy2(database, kept)
    return kept


def _clear(fresh: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal", ".erased"):
        beside(fresh, suffix).unlink(missing_ok=True)
