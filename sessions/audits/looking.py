"""The audit of the trail: who is said to have read words did so somewhere, and some time."""

from sqlalchemy import Connection, or_, select

from sessions.audits.telling import Kept, Wrong
from sessions.models import Access, LiveSession


def looks(db: Connection, _kept: Kept) -> Wrong:
    """Find looks at a session of another café, at none that may be, never, or over before they began."""
    elsewhere = LiveSession.cafe_id.is_distinct_from(Access.cafe_id) & Access.session_id.is_not(None)
    nowhere = Access.cafe_id.is_(None) & (Access.what != "backup")
    never = (Access.times < 1) | (Access.last_at < Access.first_at)
    rows = select(Access.id).outerjoin(LiveSession, LiveSession.id == Access.session_id)
    return (f"look {number}" for number in db.execute(rows.where(or_(elsewhere, nowhere, never))).scalars())
