"""The database: engine, SQLite settings, one way to change it and one way to look, and the look-up of a session.

`unit_of_work()` is the only place outside the server's writer that commits. What the rows mean is not decided here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, insert, make_url, select
from sqlalchemy.pool import QueuePool

from sessions import world
from sessions.models import Cafe, Installation, LiveSession

# synchronous=FULL because people are told "Saved"; secure_delete because "remove for good" means it.
_SQLITE_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "secure_delete=ON",
)


class _Cursor(Protocol):
    def execute(self, statement: str) -> object: ...
    def close(self) -> None: ...


class _Sqlite(Protocol):
    isolation_level: str | None

    def cursor(self) -> _Cursor: ...


class SessionRow(msgspec.Struct, frozen=True):
    """A session as its row says, with its café's state and organisation and the database's epoch."""

    id: int
    code: str
    cafe_id: str
    organisation_id: str
    cafe_state: str
    foundation: str
    agenda: str
    stage: str
    turn: int
    rev: int
    changed_rev: int
    closes_at: datetime | None
    timer_ends_at: datetime | None
    joining_locked: bool
    budget: int
    most_per_target: int
    epoch: str


class Store:
    """One database, with one connection for changing it and a few for looking."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy URL; a SQLite file's folder is made when missing."""
        self.url = url
        location = make_url(url)
        if location.get_backend_name() == "sqlite" and location.database:
            Path(location.database).parent.mkdir(parents=True, exist_ok=True)
        # A single writing connection: what waits for it waits in the writer, not inside SQLite's busy handler.
        self._writing = self._engine("BEGIN IMMEDIATE", pool_size=1, max_overflow=0)
        self._reading = self._engine("BEGIN", pool_size=5, max_overflow=20)

    def _engine(self, begin: str, pool_size: int, max_overflow: int) -> Engine:
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=max_overflow,
            connect_args={"check_same_thread": False} if self.url.startswith("sqlite") else {},
        )
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _settle_sqlite)
            # SQLite's driver would begin too late: a read that turns into a write fails at once (reliability.md F23).
            event.listen(engine, "begin", lambda db: db.exec_driver_sql(begin))
        return engine

    @contextmanager
    def unit_of_work(self) -> Iterator[Connection]:
        """Give a connection in a writing transaction: commit on leaving, roll back on any exception."""
        with self._writing.begin() as db:
            yield db

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database throughout, and change nothing."""
        with self._reading.connect() as db, db.begin() as moment:
            yield db
            moment.rollback()

    def migrate(self) -> None:
        """Bring the tables up to date and make sure the installation's own row is there."""
        config = Config()
        config.set_main_option("script_location", "sessions:migrations")
        with self.unit_of_work() as db:
            config.attributes["connection"] = db
            alembic.upgrade(config, "head")
            if db.execute(select(Installation.id)).first() is None:
                db.execute(
                    insert(Installation).values(
                        id=1, epoch=world.new_id(), digest_key=world.key(), created_at=world.now(), set_up_at=None
                    )
                )

    def close(self) -> None:
        """Let go of every connection."""
        self._writing.dispose()
        self._reading.dispose()


def _settle_sqlite(connection: _Sqlite, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in _SQLITE_SETTINGS:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


_SESSION_COLUMNS = (
    LiveSession.id,
    LiveSession.code,
    LiveSession.cafe_id,
    Cafe.organisation_id,
    Cafe.state.label("cafe_state"),
    LiveSession.foundation,
    LiveSession.agenda,
    LiveSession.stage,
    LiveSession.turn,
    LiveSession.rev,
    LiveSession.changed_rev,
    LiveSession.closes_at,
    LiveSession.timer_ends_at,
    LiveSession.joining_locked,
    LiveSession.budget,
    LiveSession.most_per_target,
    Installation.epoch,
)
_SESSIONS = (
    select(*_SESSION_COLUMNS).join(Cafe, Cafe.id == LiveSession.cafe_id).join(Installation, Installation.id == 1)
)


def tidy_code(typed: str) -> str:
    """Return a join code as people may type it, in any case, with spaces or hyphens, in its one form."""
    return "".join(typed.split()).replace("-", "").upper()


def find_session(db: Connection, code: str) -> SessionRow | None:
    """Return the session with this join code, or None."""
    if not set(code) <= set(world.CODE_ALPHABET):
        return None  # no database need be asked, least of all about characters that it could not even be sent
    row = db.execute(_SESSIONS.where(LiveSession.code == code)).one_or_none()
    return None if row is None else msgspec.convert(row._mapping, SessionRow)


def again(db: Connection, session: SessionRow) -> SessionRow:
    """Return a session as it is in this moment of the database; raises LookupError when it has gone."""
    found = find_session(db, session.code)
    if found is None:
        raise LookupError(session.code)
    return found


def session_code(db: Connection, session_id: int) -> str:
    """Return the join code of a session."""
    return db.execute(select(LiveSession.code).where(LiveSession.id == session_id)).scalar_one()


def sessions_of(db: Connection, cafe_id: str) -> tuple[SessionRow, ...]:
    """Return the sessions of a café, oldest first."""
    rows = db.execute(_SESSIONS.where(LiveSession.cafe_id == cafe_id).order_by(LiveSession.id))
    return tuple(msgspec.convert(row._mapping, SessionRow) for row in rows)
