"""Who has the database file in hand: shared by all who work with it, whole for whoever replaces it; one may serve it.

A claim is a lock on a small SQLite file beside the database, `cafe.db.lock` (or `cafe.db.served`, for a server): the
operating system lets go of it when a process ends in whatever way, and it works where the database itself is damaged.
It has nothing to do with the locks of transactions.
"""

import sqlite3
from pathlib import Path

from sessions.sqlite import beside


class Claimed(Exception):  # noqa: N818  # not a fault: somebody else is at work
    """Somebody holds the file in a way that does not go with what was asked."""


class Served(Claimed):
    """A server works with the database, and there can be only one: each tells only the phones that came to it."""


def share(file: Path) -> sqlite3.Connection:
    """Return a claim that others may share, held until it is closed; raises Claimed while the file is replaced."""
    return _claim(file, "BEGIN", "SELECT count(*) FROM sqlite_master")


def serve(file: Path, patience: float = 0) -> sqlite3.Connection:
    """Return the claim of the one server of a database, held until it is closed; raises Served while there is one.

    `patience` is how many seconds to wait for a server that is about to stop.
    """
    try:
        return _claim(file, "BEGIN EXCLUSIVE", ending=".served", patience=patience)
    except Claimed:
        raise Served(file.name) from None


def take_whole(file: Path) -> sqlite3.Connection:
    """Return a claim that nobody shares, held until it is closed; raises Claimed while anyone works with the file."""
    return _claim(file, "BEGIN EXCLUSIVE")


def _claim(file: Path, *statements: str, ending: str = ".lock", patience: float = 0) -> sqlite3.Connection:
    lock = sqlite3.connect(beside(file, ending), timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        for statement in statements:
            lock.execute(statement)
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise Claimed(file.name) from None
        raise
    return lock
