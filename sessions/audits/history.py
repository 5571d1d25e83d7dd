"""Audits of the file, of what points where, and of the revisions: that history is whole."""

from sqlalchemy import Connection, func, select

from sessions import schema
from sessions.audits.telling import Kept, Wrong, told
from sessions.models import (
    CheckIn,
    Contribution,
    Hands,
    HeldVote,
    Installation,
    LiveSession,
    LogEntry,
    Opening,
    Seat,
    Step,
    Theme,
    Vote,
    Wording,
)

_STAMPED = (
    ("contribution", Contribution.session_id, Contribution.rev),
    ("contribution", Contribution.session_id, Contribution.created_rev),
    ("contribution", Contribution.session_id, Contribution.published_rev),
    ("contribution", Contribution.session_id, Contribution.shown_rev),
    ("wording", Wording.session_id, Wording.rev),
    ("vote", Vote.session_id, Vote.rev),
    ("held vote", HeldVote.session_id, HeldVote.rev),
    ("hands", Hands.session_id, Hands.rev),
    ("theme", Theme.session_id, Theme.rev),
    ("theme", Theme.session_id, Theme.created_rev),
    ("seat", Seat.session_id, Seat.rev),
    ("step", Step.session_id, Step.rev),
    ("step", Step.session_id, Step.created_rev),
    ("check-in", CheckIn.session_id, CheckIn.rev),
)


def tables(db: Connection, _kept: Kept) -> Wrong:
    """Find tables of another version, or none."""
    found, newest = schema.version(db), schema.known_versions()[0]
    if found != newest:
        return (f"the tables are of version {found}, this program's of {newest}",)
    rows = db.execute(select(func.count()).select_from(Installation)).scalar_one()
    return () if rows == 1 else (f"{rows} rows about the installation",)


def quick(db: Connection, _kept: Kept) -> Wrong:
    """Find what SQLite sees amiss in its file at a quick look."""
    return _pragma(db, "quick_check")


def integrity(db: Connection, _kept: Kept) -> Wrong:
    """Find what SQLite sees amiss in its file, indexes included."""
    return _pragma(db, "integrity_check")


def references(db: Connection, _kept: Kept) -> Wrong:
    """Find rows that point to none."""
    if db.dialect.name != "sqlite":
        return
    for table, row, parent, _ in db.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table} {row} points to no {parent}"


def revisions(db: Connection, _kept: Kept) -> Wrong:
    """Find sessions whose revision is not the number of their commands, or whose commands are not numbered through."""
    logged = (func.count(LogEntry.rev), func.count(LogEntry.rev.distinct()), func.min(LogEntry.rev))
    rows = db.execute(
        select(LiveSession.code, LiveSession.rev, *logged, func.max(LogEntry.rev))
        .outerjoin(LogEntry, LogEntry.session_id == LiveSession.id)
        .group_by(LiveSession.id)
    )
    for code, rev, count, distinct, first, last in rows:
        if not count == distinct == (last or 0) == rev or first not in {None, 1}:
            yield f"{code} at {rev}: {count} commands, {distinct} revisions from {first} to {last}"


def future(db: Connection, _kept: Kept) -> Wrong:
    """Find rows stamped with a revision their session has not reached."""
    for table, session_id, rev in (*_STAMPED, ("opening", Opening.session_id, Opening.rev)):
        rows = select(LiveSession.code, rev).join(LiveSession, LiveSession.id == session_id)
        yield from told(db, rows.where(rev > LiveSession.rev), f"{table} at")
    own = select(LiveSession.code, LiveSession.changed_rev)
    yield from told(db, own.where(LiveSession.changed_rev > LiveSession.rev), "session at")


def commands(db: Connection, _kept: Kept) -> Wrong:
    """Find rows stamped with a revision that no command in the log has."""
    for table, session_id, rev in _STAMPED:
        rows = (
            select(LiveSession.code, rev)
            .join(LiveSession, LiveSession.id == session_id)
            .outerjoin(LogEntry, (LogEntry.session_id == session_id) & (LogEntry.rev == rev))
        )
        yield from told(db, rows.where(rev <= LiveSession.rev, LogEntry.id.is_(None)).distinct(), f"{table} at")


def openings(db: Connection, _kept: Kept) -> Wrong:
    """Find sessions whose stages were not opened one after another up to the present one."""
    noted: dict[int, list[tuple[int, str, bool]]] = {}
    rows = select(Opening.session_id, Opening.turn, Opening.stage, Opening.ended_at).order_by(Opening.turn)
    for session_id, turn, stage, ended_at in db.execute(rows):
        noted.setdefault(session_id, []).append((turn, stage, ended_at is None))
    for session in db.execute(select(LiveSession.id, LiveSession.code, LiveSession.turn, LiveSession.stage)):
        found = noted.get(session.id, [(0, "", False)])
        first = found[0][0]  # more than 1 for a session from before openings were noted
        if [turn for turn, _, _ in found] != list(range(first, session.turn + 1)):
            yield f"{session.code} at {session.turn}: {len(found)} openings from {first}"
        elif [still for _, _, still in found] != [False] * (len(found) - 1) + [True]:
            yield f"{session.code} at {session.turn}: more or less than the present opening goes on"
        elif found[-1][1] != session.stage:
            yield f"{session.code} at {session.turn}: the present opening is of another stage"


def _pragma(db: Connection, check: str) -> Wrong:
    if db.dialect.name != "sqlite":
        return
    # Its lines name pages, tables and indexes, never what is in them.
    for (line,) in db.exec_driver_sql(f"PRAGMA {check}"):
        if line != "ok":
            yield str(line)
