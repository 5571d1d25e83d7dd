"""The database: engine, SQLite settings, one way to change it and one way to look, and the look-up of a session.

`unit_of_work()` is the only place outside the server's writer that commits. What the rows mean is not decided here.
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, bindparam, create_engine, event, insert, select
from sqlalchemy.pool import QueuePool

from sessions import claims, erasures, sqlite, world
from sessions.commands import Where
from sessions.models import Cafe, Installation, LiveSession

log = logging.getLogger(__name__)


class ReadOnly(Exception):  # noqa: N818  # not a fault of whoever asked
    """The database is in doubt, so nothing in it is changed until someone has looked."""


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
    label: str
    minutes: dict[str, int]
    question: str
    prompts: list[str]
    consent: str
    timer_on: Where
    chime: bool
    approve_first: bool
    ballot: list[str] | None
    spotlight: str | None
    blank: bool
    budget: int
    most_per_target: int
    follows: str | None
    epoch: str


class Store:
    """One database, with one connection for changing it and a few for looking."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy URL; a SQLite file's folder is made when missing."""
        self.url = url
        self.file = sqlite.file_of(url)
        self.read_only: str | None = None  # the audit that says so
        self.goings = 0  # how often words went since this store was opened
        self.lingering = False  # whether words that are gone may still be read in SQLite's log
        self._unnoted: frozenset[erasures.Erased] = frozenset()  # gone, and not yet kept beside the database
        self._claims: list[sqlite3.Connection] = []
        if self.file:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if not self.file.exists():
                self.file.touch(mode=0o600)  # it will hold people's words
        # A single writing connection: what waits for it waits in the writer, not inside SQLite's busy handler.
        self._writing = self._engine("BEGIN IMMEDIATE", pool_size=1, max_overflow=0)
        self._reading = self._engine("BEGIN", pool_size=5, max_overflow=20)

    def _engine(self, begin: str, pool_size: int, max_overflow: int) -> Engine:
        engine = create_engine(
            self.url,
            poolclass=QueuePool,
            pool_size=pool_size,
            max_overflow=max_overflow,
            hide_parameters=True,  # an error that is written down somewhere must not hold people's words
            connect_args={"check_same_thread": False} if self.url.startswith("sqlite") else {},
        )
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", sqlite.settle)
            # SQLite's driver would begin too late: a read that turns into a write fails at once (reliability.md F23).
            event.listen(engine, "begin", lambda db: db.exec_driver_sql(begin))
        return engine

    @contextmanager
    def unit_of_work(self) -> Iterator[Connection]:
        """Give a connection in a writing transaction: commit on leaving, roll back on any exception.

        What took words away for good is noted beside the database, and leaves SQLite's log too.
        """
        if self.read_only is not None:
            raise ReadOnly(self.read_only)
        with self._writing.connect() as db:
            erasures.listen(db)
            with db.begin() as whole:
                yield db
                gone = erasures.standing(db) if whole.is_active else frozenset()
            if erasures.any_noted(db):
                self.goings += 1
                self.lingering = True
            self._keep(self._unnoted | gone)
            self._settle(db)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one moment of the database throughout, and change nothing."""
        with self._reading.connect() as db, db.begin() as moment:
            yield db
            moment.rollback()

    def migrate(self) -> None:
        """Bring the tables up to date and make sure the installation's own row is there."""
        from sessions import schema  # Alembic is dear to import, and a process that writes one document needs it not

        with self.unit_of_work() as db:
            schema.upgrade(db)
            if db.execute(select(Installation.id)).first() is None:
                db.execute(
                    insert(Installation).values(
                        id=1, epoch=world.new_id(), digest_key=world.key(), created_at=world.now(), set_up_at=None
                    )
                )

    def claim(self) -> None:
        """Have nobody replace the file while this store is open; raises `claims.Claimed` while someone does."""
        if self.file:
            self._claims.append(claims.share(self.file))

    def claim_to_serve(self, patience: float = 0) -> None:
        """Have nobody else serve the file while this store is open; raises `claims.Served` when someone does."""
        if self.file:
            self._claims.append(claims.serve(self.file, patience))

    def level(self) -> None:
        """Bring the erased ids kept beside the database level with it: a crash may have come between the two."""
        if self.file:
            with self.reading() as db:
                self._keep(erasures.gone(db) - erasures.read(erasures.path_of(self.file)))

    def close(self) -> None:
        """Let go of every connection."""
        self._writing.dispose()
        self._reading.dispose()
        for claim in self._claims:
            claim.close()

    def _keep(self, gone: frozenset[erasures.Erased]) -> None:
        if not self.file:
            return
        try:
            erasures.add(erasures.path_of(self.file), gone)
        except OSError as error:  # the commit stands; the next change tries again, or the next start
            self._unnoted = gone
            log.error("erased ids could not be kept: %s", type(error).__name__)
        else:
            self._unnoted = frozenset()

    def _settle(self, db: Connection) -> None:
        if not self.lingering or not self.file:
            return
        try:
            self.lingering = not sqlite.empty_log(db)
        except sqlite3.Error as error:  # the next change tries again
            log.warning("the log could not be emptied: %s", type(error).__name__)


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
    LiveSession.label,
    LiveSession.minutes,
    LiveSession.question,
    LiveSession.prompts,
    LiveSession.consent,
    LiveSession.timer_on,
    LiveSession.chime,
    LiveSession.approve_first,
    LiveSession.ballot,
    LiveSession.spotlight,
    LiveSession.blank,
    LiveSession.budget,
    LiveSession.most_per_target,
    LiveSession.follows,
    Installation.epoch,
)
_SESSIONS = (
    select(*_SESSION_COLUMNS).join(Cafe, Cafe.id == LiveSession.cafe_id).join(Installation, Installation.id == 1)
)
_BY_CODE = _SESSIONS.where(LiveSession.code == bindparam("code"))  # built once: every command asks it several times


def tidy_code(typed: str) -> str:
    """Return a join code as people may type it, in any case, with spaces or hyphens, in its one form."""
    return "".join(typed.split()).replace("-", "").upper().encode(errors="replace").decode()


def find_session(db: Connection, code: str) -> SessionRow | None:
    """Return the session with this join code, or None."""
    if not set(code) <= set(world.CODE_ALPHABET):
        return None  # no database need be asked, least of all about characters that it could not even be sent
    row = db.execute(_BY_CODE, {"code": code}).one_or_none()
    return None if row is None else SessionRow(**row._mapping)


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
