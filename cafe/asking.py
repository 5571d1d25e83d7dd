"""What every command of the command line shares: which database, and one sentence for whatever cannot be.

Exit codes (contract.md): 0 done, 1 a check failed, 2 wrong use. What the commands do is in `cli` and `upkeep`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from sessions.store import Store

F = TypeVar("F", bound=Callable[..., object])

CHECK_FAILED = 1
WRONG_USE = 2


def database(command: F) -> F:
    """Give a command the option that every one takes."""
    return click.option("--database", metavar="URL", help="Which database (or CAFE_DATABASE).")(command)


class No(click.ClickException):
    """Something that cannot be done, in a sentence, and the exit code that goes with it."""

    def __init__(self, sentence: str, code: int = WRONG_USE) -> None:
        super().__init__(sentence)
        self.code = code


_OF_THE_DISK = {
    "full": "There is no room on the disk that the database is on: make some, then try again.",
    "locked": "Another program holds the database: close it, then try again.",
    "read_only": "The disk that the database is on can only be read: nothing could be saved there.",
}


@contextmanager
def opened(database: str | None) -> Iterator["Store"]:
    """Open a database to work on, so that nobody replaces its file meanwhile."""
    from cafe.settings import database_url
    from sessions.store import Store

    store = Store(database_url(database))
    try:
        store.claim()
        yield store
    finally:
        store.close()


def answer(group: click.Group) -> None:
    """Run a command line: whatever goes wrong is one sentence on standard error, never a traceback."""
    try:
        group.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError:
        _stop("Say what to do, for example `cafe serve`; `cafe --help` lists everything.", WRONG_USE)
    except No as no:
        _stop(no.message, no.code)
    except click.ClickException as error:
        _stop(error.format_message(), WRONG_USE)
    except click.Abort:
        sys.exit(CHECK_FAILED)
    except Exception as error:
        _stop(*_sentence(error))


def _stop(sentence: str, code: int) -> None:
    sys.stderr.write(" ".join(sentence.split()) + "\n")
    sys.exit(code)


def _sentence(error: Exception) -> tuple[str, int]:
    """Return what to say of an error and the exit code; never its own message, unless that is the system's."""
    import sqlite3

    from sqlalchemy.exc import ArgumentError, DatabaseError

    from sessions import disk
    from sessions.claims import Claimed

    if isinstance(error, Claimed):
        return "A backup is being restored at this moment. Please try again when that is done.", WRONG_USE
    if isinstance(error, ArgumentError):
        return "The database must be an address like sqlite:///instance/cafe.db.", WRONG_USE
    if isinstance(error, DatabaseError | sqlite3.DatabaseError):
        other = f"The database cannot be opened: {getattr(error, 'orig', error)}."
        return _OF_THE_DISK.get(disk.trouble(error, None), other), WRONG_USE
    if isinstance(error, ModuleNotFoundError):
        return f"This kind of database needs {error.name}, which is not installed.", WRONG_USE
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or type(error).__name__}.", WRONG_USE
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" at {Path(place.tb_frame.f_code.co_filename).name}, line {place.tb_lineno}" if place else ""
    return f"Something went wrong that was not foreseen: {type(error).__name__}{where}.", CHECK_FAILED
