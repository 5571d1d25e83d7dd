"""What is peculiar to SQLite: how its connections are settled, which file a database is, and how its log is emptied.

What is done with whole files (copying, checking, replacing) lives in `backup` and `restore`.
"""

from pathlib import Path
from typing import Protocol, cast

from sqlalchemy import Connection, make_url

# synchronous=FULL because people are told "Saved"; secure_delete because "remove for good" means it. Who waits for a
# lock waits half of what whoever comes may wait (`cafe.writer`). Sorting in files would need room to read.
SETTINGS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "2500",
    "secure_delete": "ON",
    "temp_store": "MEMORY",
}


class Cursor(Protocol):
    """What we ask of a cursor of the driver's."""

    def execute(self, statement: str) -> object:
        """Run a statement."""

    def fetchone(self) -> tuple[int, ...]:
        """Return the next row."""

    def close(self) -> None:
        """Let go of it."""


class Driver(Protocol):
    """What we ask of a connection of the driver's."""

    isolation_level: str | None

    def cursor(self) -> Cursor:
        """Return a cursor."""


def file_of(url: str) -> Path | None:
    """Return the file a database is, or None when it is none (PostgreSQL, or in memory)."""
    location = make_url(url)
    if location.get_backend_name() != "sqlite" or location.database in {None, "", ":memory:"}:
        return None
    return Path(str(location.database))


def beside(file: Path, ending: str) -> Path:
    """Return the file that stands beside a database under its name and an ending."""
    return file.with_name(f"{file.name}{ending}")


def settle(connection: Driver, _record: object) -> None:
    """Settle a new connection."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in SETTINGS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def settled(db: Connection) -> dict[str, str]:
    """Return what SQLite says of the settings that keep people's words, in its own figures."""
    asked = ("journal_mode", "synchronous", "secure_delete")
    return {name: str(db.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in asked}


def empty_log(db: Connection) -> bool:
    """Write SQLite's log (`-wal`) back and empty it, without waiting for anyone; say whether that could be done.

    Words that are deleted are overwritten in the database itself, but older pages that hold them stay in the log
    until it is written anew. `db` must be in no transaction.
    """
    cursor = cast(Driver, db.connection.driver_connection).cursor()
    cursor.execute("PRAGMA busy_timeout=0")
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    someone_was_looking = cursor.fetchone()[0]
    cursor.execute(f"PRAGMA busy_timeout={SETTINGS['busy_timeout']}")
    cursor.close()
    return not someone_was_looking
