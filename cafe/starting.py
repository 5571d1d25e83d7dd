"""What happens before anything is served: what is unsafe is refused; the database is claimed, looked over, brought up
to date, or only read.

What is looked for is in `sessions.verify`; what a server does after this is in `serve`.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

from cafe import doctor_safety
from cafe.doctor import Look, Place
from sessions import disk, links, people, restore, schema
from sessions.claims import Served
from sessions.store import Store
from sessions.verify import AT_START, Audit, audit

_NO_WORKER = 3  # what gunicorn takes for "this will never work", so that it does not start it again and again


def refuse_what_is_unsafe(place: Place, looks: Sequence[Look] = doctor_safety.ON_THE_WAY_IN) -> None:
    """Raise ValueError with a sentence for the first thing that no server starts with; nothing is made or changed."""
    for look in looks:
        for remark in look(place):
            if remark.unsafe:
                raise ValueError(remark.sentence())


def open_store(url: str, patience: float = 0) -> Store:
    """Return a store to serve from; where an audit fails, one that can only be read.

    Raises ValueError with a sentence for a database that cannot even be read, or that another server works with after
    so many seconds.
    """
    store = Store(url)
    store.claim()
    try:
        store.claim_to_serve(patience)
    except Served:
        raise ValueError(
            "Another server works with this database already, and there can be only one: stop it first, and have a"
            " WSGI server start one worker."
        ) from None
    if store.file:
        restore.clear_leftovers(store.file)
    file_is_whole, *rows_are_right = AT_START
    _look_over(store, file_is_whole)
    if store.read_only is None:
        store.migrate()
        with store.unit_of_work() as db:
            disk.try_out(db)
        _look_over(store, *rows_are_right)
    elif not _is_current(store):
        raise ValueError("The database is damaged. Put a backup back with `cafe restore FILE`.")
    if store.read_only is None:
        store.level()
        store.lingering = True  # a crash may have come before the log was emptied
    return store


def give_up(why: ValueError) -> NoReturn:
    """End a worker of a WSGI server with a sentence, and have it not started again."""
    sys.stderr.write(f"{why}\n")
    sys.exit(_NO_WORKER)


def end_in_a_copy() -> None:
    """Have a process that is forked from this one end at once: it would share connections and locks with it."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_end)


def set_up_link(store: Store) -> str | None:
    """Return the token of a new set-up link while the installation has not been set up."""
    if store.read_only is not None:
        return None
    with store.unit_of_work() as db:
        return None if people.is_set_up(db) else links.make(db, "setup")


def _end() -> None:
    sys.stderr.write("The app was loaded before the worker was started: leave out --preload.\n")
    os._exit(_NO_WORKER)


def _look_over(store: Store, *audits: Audit) -> None:
    with store.reading() as db:
        for found in audit(db, frozenset(), audits):
            if found.wrong:
                store.read_only = found.audit.name
                sys.stderr.write(f"{found.line()}\n")
    if store.read_only is not None:
        sys.stderr.write(
            "The database is in doubt, so everything can be read and nothing changed. `cafe verify` says what is wrong;"
            " stop the server and put a backup back with `cafe restore FILE`.\n"
        )


def _is_current(store: Store) -> bool:
    try:
        with store.reading() as db:
            return schema.version(db) == schema.known_versions()[0]
    except DBAPIError:
        return False
