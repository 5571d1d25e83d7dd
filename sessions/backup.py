"""Copies of the database: taken while it is in use, checked before they get their name, kept while they are useful.

When a copy is due, and which are dropped, is decided here; who waits and watches the clock is in `cafe.keeping`, and
how copies are sealed in `cafe.sealing`. Putting one back is in `restore`.
"""

import glob
import os
import re
import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from sessions import disk
from sessions.sqlite import beside

EVERY = timedelta(minutes=5)  # while a café is open (reliability.md §5.4)
AT_LEAST = timedelta(days=1)  # when anything changed at all
UNDER_WAY = timedelta(seconds=10)  # a change of so shortly before a copy may not have been committed when it was taken
MOST_RECENT = 12
DAYS = timedelta(days=35)  # so long may a copy hold what was taken back since (house.md, life of the data)
SEALED = ".sealed"  # how the name of a sealed copy ends
LEFT_OVER = timedelta(hours=1)  # a copy that is being made for so long is not being made any more

_STAMP = "%Y%m%dT%H%M%S"
_REPLACED = re.compile(r"\.replaced-(\d{8}T\d{6})Z")

Seal = Callable[[Path, Path], None]  # writes the first file, sealed, as the second


class Unsound(Exception):  # noqa: N818  # a state of a file
    """A file is no database of ours, or not a whole one; says so in a sentence."""


class NoRoom(OSError):  # noqa: N818  # a state of the disk
    """A copy would leave too little of the disk free."""


def take(source: Path, target: Path, seal: Seal | None = None) -> None:
    """Copy a database that may be in use; the copy gets its name when it has been checked and is on the disk.

    One to be sealed is plain until it was checked, and never anywhere but beside the database. Raises FileExistsError
    rather than replace anything, Unsound when the copy is not whole, OSError, sqlite3.Error.
    """
    if target.exists():
        raise FileExistsError(target)
    part = beside(target, ".part")
    plain = part if seal is None else beside(source, f".copying-{target.name}")
    try:
        copy(source, plain)
        check(plain)
        if seal is not None:
            seal(plain, part)
        part.replace(target)
        to_disk(target.parent)
    finally:
        for path in {plain, part}:
            path.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment into one file that only its owner can read."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(_open(source, "ro")) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        make_one_file(new)
    to_disk(target)


def make_one_file(db: sqlite3.Connection) -> None:
    """Write SQLite's log back and do without it; raises sqlite3.OperationalError while anyone else has it open."""
    db.execute("PRAGMA journal_mode=DELETE").fetchone()


def check(path: Path) -> None:
    """Raise Unsound, with a sentence, unless a file is a whole database of ours."""
    try:
        # Not opened as read-only, since SQLite then looks at no CHECK constraint.
        with closing(_open(path, "rw")) as db:
            whole = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            ours = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'installation'").fetchone()
    except sqlite3.DatabaseError as error:
        raise Unsound(f"{path.name} cannot be read as a database: {error}.") from None
    if not ours:
        raise Unsound(f"{path.name} is no database of an Evidence Café.")
    if not whole:
        raise Unsound(f"{path.name} is damaged.")


def to_disk(path: Path) -> None:
    """Return when a file, or the names in a folder, are on the disk."""
    if path.is_dir() and os.name != "posix":
        return  # Windows keeps the names of a folder by itself
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# Copies that are taken without being asked for


def folder_of(database: Path) -> Path:
    """Return where the copies of a database stand that nobody asked for."""
    return database.parent / "backups"


def taken(database: Path) -> dict[datetime, Path]:
    """Return those copies, by the moment each was taken."""
    name = re.compile(rf"{re.escape(database.stem)}-(\d{{8}}T\d{{6}})Z\.db(?:{re.escape(SEALED)})?")
    found = {}
    for path in folder_of(database).glob("*.db*"):
        if at := name.fullmatch(path.name):
            found[_moment(at[1])] = path
    return found


def take_another(database: Path, now: datetime, seal: Seal | None = None) -> None:
    """Take a copy beside the others; raises as `take` does, and NoRoom."""
    folder = folder_of(database)
    folder.mkdir(mode=0o700, exist_ok=True)
    for half_done in folder.glob("*.part*"):
        half_done.unlink(missing_ok=True)
    if disk.free_bytes(database) < disk.SPARE_BYTES + database.stat().st_size:
        raise NoRoom
    target = folder / f"{database.stem}-{now.astimezone(UTC):{_STAMP}}Z.db{SEALED if seal else ''}"
    take(database, target, seal)


def drop_superseded(database: Path, now: datetime) -> None:
    """Remove the copies that are not needed any more, what a restore replaced so long ago, and what a crash left."""
    copies = taken(database)
    for at in superseded(copies, now):
        copies[at].unlink(missing_ok=True)
    for path in database.parent.glob(f"{glob.escape(database.name)}.*"):
        since = _REPLACED.search(path.name)
        if now - _moment(since[1]) >= DAYS if since else _left_over(path, now):
            path.unlink(missing_ok=True)


def replaced(database: Path, now: datetime) -> Path:
    """Return the name under which a database is kept that a restore replaces."""
    return beside(database, f".replaced-{now.astimezone(UTC):{_STAMP}}Z")


def superseded(copies: Collection[datetime], now: datetime) -> frozenset[datetime]:
    """Return which copies may go: all but the twelve most recent and each day's last, and whatever is 35 days old.

    The most recent is always kept. One that is dated ahead of the clock counts as older than any that is not.
    """
    newest_first = sorted(copies, key=lambda at: (at <= now, at), reverse=True)
    last_of_day = {at.date(): at for at in reversed(newest_first)}
    useful = {*newest_first[:MOST_RECENT], *last_of_day.values()}
    kept = {at for at in useful if now - at < DAYS} | set(newest_first[:1])
    return frozenset(copies) - kept


def is_due(last: datetime | None, changed: datetime | None, now: datetime, *, any_open: bool) -> bool:
    """Say whether a copy is due: something changed since the last one, and that is long enough ago."""
    if changed is None:
        return False
    if last is None:
        return True
    return changed + UNDER_WAY > last and now - last >= (EVERY if any_open else AT_LEAST)


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def _left_over(path: Path, now: datetime) -> bool:
    """Say whether a file is a plain copy that a crash left behind."""
    return ".copying-" in path.name and now.timestamp() - path.stat().st_mtime > LEFT_OVER.total_seconds()


def _open(path: Path, mode: Literal["ro", "rw"]) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)
