"""The disk the database is on: how much room it has, and what keeps anything from being saved there.

What is done about it (asking again, telling the room) is the web face's.
"""

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, update

from sessions.models import Installation

Trouble = Literal["full", "locked", "read_only", "slow", "faulty"]

SPARE_BYTES = 500_000_000  # what a copy must leave free, and what a café needs to open: people's words come first
HARDLY_ANY = 1_000_000  # a disk with less is full, whatever error it gives
_BY_CODE: dict[int, Trouble] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "read_only",
}


def free_bytes(file: Path) -> int:
    """Return how much room the disk has on which a file is, or will be."""
    return shutil.disk_usage(_folder(file)).free


def only_read(file: Path) -> bool:
    """Say whether the system lets nothing be written on the disk on which a file is, or will be."""
    return hasattr(os, "statvfs") and bool(os.statvfs(_folder(file)).f_flag & os.ST_RDONLY)


def trouble(error: Exception, file: Path | None) -> Trouble:
    """Return what kept a change from being saved, by SQLite's error, or SQLAlchemy's about it."""
    known = _BY_CODE.get(getattr(getattr(error, "orig", error), "sqlite_errorcode", 0) & 0xFF)
    if known or file is None:
        return known or "faulty"
    if only_read(file):
        return "read_only"
    return "full" if _is_full(file) else "faulty"


def try_out(db: Connection) -> None:
    """Write something that changes nothing, to find out whether anything can be saved."""
    db.execute(update(Installation).values(epoch=Installation.epoch))


def _folder(file: Path) -> Path:
    return next(each for each in file.absolute().parents if each.exists())


def _is_full(file: Path) -> bool:
    try:
        return free_bytes(file) < HARDLY_ANY
    except OSError:
        return False
