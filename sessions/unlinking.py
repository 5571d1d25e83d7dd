"""Making it unknown who wrote what: thirty days after a café has closed, and at the latest when its words go.

What people wrote and how they chose stays as it is, and every count with it. What goes is whatever leads from one thing
to another of the same person: author and actor, and the seat that its dots, its part in the day, its answers and what
it is here as have in common; these are given to seats anew, each for itself. So nobody can take words back any more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, String, cast, delete, insert, literal, select, update

from sessions import door, world
from sessions.cafes import CafeRow
from sessions.models import Cafe, Contribution, Credential, Hands, HeldVote, Link, LogEntry, Seat, Vote
from sessions.store import SessionRow, sessions_of

ACTOR = "life"  # in the log, for what was done because its day had come
_OF_SEATS = ("join", "leave", "pass", "ready", "reflect")  # commands whose target is a seat
_PART = (Seat.left, Seat.ready_turn, Seat.passed_turn)
_ABOUT = (Seat.language, Seat.here_as, Seat.setting)
_SEAT = "seat:"

T = TypeVar("T", int, str)


def unlink(db: Connection, cafe: CafeRow, now: datetime) -> tuple[str, ...]:
    """Make it unknown who wrote what in a café, and let its seats in no more; return the codes of its sessions."""
    codes = []
    for session in sessions_of(db, cafe.id):
        rev = door.record(db, session, ACTOR, "unlink")
        _part(db, session, rev)
        _mix(db, session)
        shut(db, session, now)
        codes.append(session.code)
    db.execute(update(Cafe).where(Cafe.id == cafe.id).values(unlinked_at=now))
    return tuple(codes)


def shut(db: Connection, session: SessionRow, now: datetime) -> None:
    """Let no seat of a session in any more, and nobody by a link to it."""
    seats = Credential.session_id == session.id, Credential.seat_id.is_not(None), Credential.revoked_at.is_(None)
    db.execute(update(Credential).where(*seats).values(revoked_at=now))
    ways_in = Link.session_id == session.id, Link.opens.in_(("pretend", "table_host")), Link.spent_at.is_(None)
    db.execute(update(Link).where(*ways_in).values(spent_at=now))


def _part(db: Connection, session: SessionRow, rev: int) -> None:
    """Delete what says who wrote or did something: in its row and in the log, where a revision stands for the actor."""
    db.execute(update(Contribution).where(Contribution.session_id == session.id).values(seat_id=None))
    logged = LogEntry.session_id == session.id
    unknown = literal("unlinked:") + cast(LogEntry.rev, String)
    db.execute(update(LogEntry).where(logged, LogEntry.actor.startswith(_SEAT)).values(actor=unknown))
    db.execute(update(LogEntry).where(logged, LogEntry.kind.in_(_OF_SEATS)).values(target=None))
    # What was last done with a seat (its author muted, say) is not to be found by the revision either.
    db.execute(update(Seat).where(Seat.session_id == session.id).values(rev=rev, muted=False, host=False))


def _mix(db: Connection, session: SessionRow) -> None:
    """Give dots with their part in the day, and what people are here as, to other seats, each for itself."""
    for pretend in (False, True):
        asked = select(Seat.id, *_PART, *_ABOUT).where(Seat.session_id == session.id, Seat.pretend == pretend)
        rows = db.execute(asked.order_by(Seat.id)).all()
        seats = [row.id for row in rows]
        takes = dict(zip(seats, world.shuffled(seats), strict=True))
        abouts = world.shuffled([tuple(row[1 + len(_PART) :]) for row in rows])
        for row, about in zip(rows, abouts, strict=True):
            part = dict(zip((each.key for each in _PART), row[1 : 1 + len(_PART)], strict=True))
            its = dict(zip((each.key for each in _ABOUT), about, strict=True))
            db.execute(update(Seat).where(Seat.id == takes[row.id]).values(**part))
            db.execute(update(Seat).where(Seat.id == row.id).values(**its))
        for table in (Vote, HeldVote):
            _rewrite(db, session, table, "seat_id", takes)
        _rewrite(db, session, Hands, "by", {f"{_SEAT}{old}": f"{_SEAT}{new}" for old, new in takes.items()})


def _rewrite(
    db: Connection,
    session: SessionRow,
    table: type[Vote] | type[HeldVote] | type[Hands],
    column: str,
    takes: Mapping[T, T],
) -> None:
    """Write rows anew under other seats: changed in place, two of them would meet on the way."""
    its = table.__table__.c
    which = (its.session_id == session.id, its[column].in_(list(takes)))
    rows = db.execute(select(*its).where(*which)).mappings().all()
    if rows:
        db.execute(delete(table).where(*which))
        db.execute(insert(table), [{**row, column: takes[row[column]]} for row in rows])
