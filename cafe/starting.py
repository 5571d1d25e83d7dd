"""What happens to the database before anything is served: claimed, looked over, brought up to date, or only read.

What is looked for is in `sessions.verify`; what a server does after this is in `serve`.
"""

import sys

from sqlalchemy.exc import DBAPIError

from sessions import links, people, schema
from sessions.store import Store
from sessions.verify import AT_START, Audit, audit


def open_store(url: str) -> Store:
    """Return a store to serve from; where an audit fails, one that can only be read.

    Raises ValueError with a sentence for a database that cannot even be read.
    """
    store = Store(url)
    store.claim()
    file_is_whole, *rows_are_right = AT_START
    _look_over(store, file_is_whole)
    if store.read_only is None:
        store.migrate()
        _look_over(store, *rows_are_right)
    elif not _is_current(store):
        raise ValueError("The database is damaged. Put a backup back with `cafe restore FILE`.")
    if store.read_only is None:
        store.level()
    return store


def set_up_link(store: Store) -> str | None:
    """Return the token of a new set-up link while the installation has not been set up."""
    if store.read_only is not None:
        return None
    with store.unit_of_work() as db:
        return None if people.is_set_up(db) else links.make(db, "setup")


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
