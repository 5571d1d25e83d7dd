"""What `doctor` looks at in the data: the disk it is on, the database, its backups, and the clock."""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from cafe import second_step
from cafe.doctor import Place, Remark
from sessions import backup, members, people, pulse, retention, schema, sqlite, world
from sessions import disk as disks
from sessions.members import MemberRow
from sessions.pulse import Pulse
from sessions.store import Store

EARLIEST_YEAR = 2026  # this program is no older
CLOCK_SLACK = timedelta(minutes=5)
LATE = timedelta(minutes=15)  # three copies missed
_AS_SETTLED = {"journal_mode": "wal", "synchronous": "2", "secure_delete": "1"}
_FIXED, _FIXED_IN_OLDER = (3, 51, 3), ((3, 50, 7), (3, 44, 6))


def disk(place: Place) -> Iterator[Remark]:
    """Look at how much room there is."""
    if place.file is None:
        return
    free = disks.free_bytes(place.file)
    if free < disks.SPARE_BYTES:
        yield Remark("disk", f"only {free // 10**6} MB are free", "make room before people come", unsafe=True)
    else:
        yield Remark("disk", f"{free // 10**6:,} MB are free")


def library(place: Place) -> Iterator[Remark]:
    """Look at the SQLite that this Python was built with."""
    if place.file is None:
        return
    if wal_reset_is_fixed(sqlite3.sqlite_version_info):
        yield Remark("sqlite", f"version {sqlite3.sqlite_version}")
    else:
        yield Remark(
            "sqlite",
            f"version {sqlite3.sqlite_version} has a rare fault with several writers, and this program writes by one",
            "a Python built with SQLite 3.51.3 or later when there is one",
        )


def database(place: Place) -> Iterator[Remark]:
    """Look at the database itself: its settings, whether it is set up, its backups, and the clock by its newest row."""
    if place.file is not None and not place.file.exists():
        yield Remark("database", f"there is none at {place.file} yet", "cafe serve makes one")
        return
    try:
        with _looking(place) as (store, db):
            if store.file:
                yield settings_remark(sqlite.settled(db))
            if schema.version(db) in schema.known_versions()[1:]:
                yield Remark("database", "it is of an earlier version", "cafe serve brings it up to date")
                return
            if not people.is_set_up(db):
                yield Remark("set-up", "nobody has set this installation up", "open the link that cafe serve prints")
            else:
                yield Remark("set-up", "done")
            stands = pulse.pulse(db)
            yield _life(retention.last_cleared(db), stands)
            if schema.version(db) == schema.known_versions()[0]:  # an older one knows no members
                yield from _team(place, members.everyone(db))
    except (SQLAlchemyError, sqlite3.Error) as error:
        kind = type(getattr(error, "orig", error)).__name__
        yield Remark("database", f"it cannot be read ({kind})", "cafe verify; cafe restore FILE", unsafe=True)
        return
    yield _backups(place, stands)
    yield from _key(place)
    yield _clock(stands)


LOOKS = (disk, library, database)


def wal_reset_is_fixed(found: tuple[int, ...]) -> bool:
    """Say whether a version of SQLite has the WAL-reset fix of 3.51.3, or its back-ports."""
    older = any(found[:2] == each[:2] and found >= each for each in _FIXED_IN_OLDER)
    return older or found >= _FIXED


@contextmanager
def _looking(place: Place) -> Iterator[tuple[Store, Connection]]:
    with closing(Store(place.url)) as store, store.reading() as db:
        yield store, db


def settings_remark(found: dict[str, str]) -> Remark:
    """Return what there is to say of SQLite's settings."""
    told = ", ".join(f"{name} {value}" for name, value in found.items())
    if found == _AS_SETTLED:
        return Remark("settings", f"{told}: what is said to be saved is on the disk, what is removed is overwritten")
    return Remark("settings", told, "keep the database on this computer's own disk", unsafe=True)


def _backups(place: Place, stands: Pulse) -> Remark:
    if place.file is None:
        return Remark("backups", "are PostgreSQL's own", "see that its base backups and its archive are in order")
    copies = backup.taken(place.file)
    if stands.changed is None:
        return Remark("backups", "nothing to copy yet")
    where = f"{backup.folder_of(place.file)}{_how_sealed(copies.values())}"
    behind = stands.changed - max(copies, default=stands.changed - timedelta(days=10_000))
    if not copies:
        says = "there is none yet"
    elif behind <= timedelta():
        return Remark("backups", f"{len(copies)} in {where}, the last holds every change")
    else:
        says = f"{len(copies)} in {where}, the last of {max(copies):%Y-%m-%d %H:%M} UTC"
    late = world.now() - stands.changed > LATE and behind > (LATE if stands.any_open else timedelta(days=2))
    return Remark(
        "backups", says, "cafe serve takes them while a café is open; `cafe backup FILE` at once", unsafe=late
    )


def _how_sealed(copies: Collection[Path]) -> str:
    """Return, for a sentence, how many copies are not sealed, since an earlier version took them."""
    plain = sum(path.suffix != backup.SEALED for path in copies)
    return f", {plain} of them not encrypted" if plain else ", encrypted" if copies else ""


def _key(place: Place) -> Iterator[Remark]:
    """Look at the key that backups are sealed with."""
    if place.file is None:
        return
    key, sealed = place.backup_key, any(path.suffix == backup.SEALED for path in backup.taken(place.file).values())
    if not key.exists():
        says = f"the backups are encrypted, and their key is not in {key}" if sealed else f"{key} will be made"
        yield Remark("backup key", says, "put it back there" if sealed else "", unsafe=sealed)
    elif os.name == "posix" and key.stat().st_mode & 0o077:
        yield Remark("backup key", f"others on this computer can read {key}", f"chmod 600 {key}", unsafe=True)
    else:
        yield Remark("backup key", f"in {key}", "keep a copy of it elsewhere: without it no backup can be read")


def _life(last: datetime | None, stands: Pulse) -> Remark:
    """Say when it was last looked for what has reached its day and is to go."""
    if last is None:
        return Remark("life of the data", "nobody has looked yet for what is to go", "cafe serve looks once a day")
    late = world.now() - last > timedelta(days=2) and stands.changed is not None
    says = f"last looked for what is to go on {last:%Y-%m-%d %H:%M} UTC"
    return Remark("life of the data", says, "leave cafe serve running, or run cafe retention" if late else "")


def _team(place: Place, everyone: Iterable[MemberRow]) -> Iterator[Remark]:
    """Look whether the project team's apps were set up with this secret, and say what their codes go by."""
    set_up = [member for member in everyone if member.mark is not None]
    secret = place.secret.read_text().strip() if place.secret.exists() else ""
    strange = [member.name for member in set_up if not second_step.is_known(member, secret)]
    if strange:
        says = f"{place.secret} is not the secret that their apps were set up with: {', '.join(strange)}"
        cure = "put the old secret back; or `cafe team reset NAME` for each"
        yield Remark("project team", says, cure, unsafe=True)
    elif set_up:
        yield Remark(
            "project team", f"{len(set_up)} sign in by two steps; their codes go by the clock, to half a minute"
        )


def _clock(stands: Pulse) -> Remark:
    now = world.now()
    if now.year < EARLIEST_YEAR or (stands.changed and stands.changed - now > CLOCK_SLACK):
        return Remark("clock", f"it says {now:%Y-%m-%d %H:%M} UTC, which cannot be", "set the clock", unsafe=True)
    return Remark("clock", f"{now:%Y-%m-%d %H:%M} UTC")
