"""What facilitators did in a session, as its log keeps it: kinds, moments, what it was about; never words, never who.

How it is said is the web face's; which words may stand beside it, `changes` decides.
"""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, and_, select

from sessions.models import LogEntry, Opening

MOST = 500  # of the latest acts; a café of two hours has some two hundred


class Deed(msgspec.Struct, frozen=True):
    """One act of a facilitator: when, what, about which contribution, theme or step, and the stage it began, if any."""

    at: datetime
    do: str
    target: str | None
    stage: str | None


def facilitators(db: Connection, session_id: int) -> tuple[Deed, ...]:
    """Return what facilitators did in a session, the latest first."""
    query = (
        select(LogEntry.at, LogEntry.kind, LogEntry.target, Opening.stage)
        .outerjoin(Opening, and_(Opening.session_id == LogEntry.session_id, Opening.rev == LogEntry.rev))
        .where(LogEntry.session_id == session_id, LogEntry.actor.startswith("facilitator:"))
        .order_by(LogEntry.rev.desc())
        .limit(MOST)
    )
    return tuple(Deed(*row) for row in db.execute(query))
