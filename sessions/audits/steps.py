"""Audits of the small steps: that what was told of them adds up, and that a dropped one has no words left."""

from typing import get_args

from sqlalchemy import Connection, func, or_, select

from sessions.audits.telling import Kept, Wrong, told
from sessions.commands import Progress, Share
from sessions.models import CheckIn, LiveSession, LogEntry, Step
from sessions.rules.steps import LONG, SHORT

_ITS_SESSION = (LiveSession, LiveSession.id == Step.session_id)
_TOLD = (CheckIn.session_id == Step.session_id) & (CheckIn.step_id == Step.id)


def states(db: Connection, _kept: Kept) -> Wrong:
    """Find steps whose state or sharing is no known one, and those that do not stand as was last told of them."""
    unknown = or_(Step.state.not_in(("agreed", "dropped")), Step.share.not_in(get_args(Share)))
    yield from told(db, select(LiveSession.code, Step.id).join(*_ITS_SESSION).where(unknown), "step")
    latest = select(func.max(CheckIn.rev)).where(_TOLD).correlate(Step).scalar_subquery()
    last = select(CheckIn.status).where(CheckIn.session_id == Step.session_id, CheckIn.rev == latest)
    stands = func.coalesce(last.correlate(Step).scalar_subquery(), "not_started")
    known = Step.status.in_(("not_started", *get_args(Progress)))
    rows = select(LiveSession.code, Step.id).join(*_ITS_SESSION).where(or_(Step.status != stands, ~known))
    yield from told(db, rows, "step")


def dropped(db: Connection, _kept: Kept) -> Wrong:
    """Find words of steps that were dropped, and digests these could be guessed by."""
    gone = select(LiveSession.code, Step.id).join(*_ITS_SESSION).where(Step.state == "dropped")
    yield from told(db, gone.where(or_(*(getattr(Step, name) != "" for name in (*LONG, *SHORT)))), "step")
    yield from told(
        db, gone.join(CheckIn, _TOLD).where(or_(CheckIn.note != "", CheckIn.measure != "")).distinct(), "step"
    )
    logged = (LogEntry.session_id == Step.session_id) & (LogEntry.target == Step.id)
    carried = LogEntry.kind.in_(("agree_step", "revise_step", "check_in")) & LogEntry.digest.is_not(None)
    # Dropping itself carries no words, so its own digest tells nothing.
    rows = gone.join(LogEntry, logged).where(carried, LogEntry.rev < Step.rev)
    yield from told(db, rows.distinct(), "step")
