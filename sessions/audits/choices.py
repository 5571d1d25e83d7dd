"""Audits of the votes: whose they are, how many, on what, and what they add up to."""

from collections import Counter

from sqlalchemy import Connection, func, or_, select

from sessions import tally
from sessions.audits.telling import Kept, Wrong, told
from sessions.models import Contribution, LiveSession, Seat, Vote

_COUNTED = ("shown", "hidden", "held")  # contract.md: dots on words taken back or removed are free again
_ITS_TARGET = (Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
_VOTES = Vote.__table__.join(Contribution.__table__, _ITS_TARGET[1]).join(
    LiveSession.__table__, LiveSession.id == Vote.session_id
)


def seats(db: Connection, _kept: Kept) -> Wrong:
    """Find dots and words under a seat of another session."""
    for table, session_id, seat_id in (
        ("vote", Vote.session_id, Vote.seat_id),
        ("contribution", Contribution.session_id, Contribution.seat_id),
    ):
        rows = select(LiveSession.code, seat_id).join(LiveSession, LiveSession.id == session_id)
        rows = rows.join(Seat, Seat.id == seat_id).where(Seat.session_id != session_id)
        yield from told(db, rows, f"{table} of seat")


def budgets(db: Connection, _kept: Kept) -> Wrong:
    """Find seats with more dots on words that stand than the session gives."""
    spent = (
        select(LiveSession.code, Vote.seat_id)
        .select_from(_VOTES)
        .where(Contribution.state.in_(_COUNTED))
        .group_by(Vote.session_id, Vote.seat_id)
        .having(func.sum(Vote.dots) > LiveSession.budget)
    )
    return told(db, spent, "seat")


def most(db: Connection, _kept: Kept) -> Wrong:
    """Find votes with more dots than may stand on one idea."""
    return told(
        db,
        select(LiveSession.code, Vote.target).select_from(_VOTES).where(Vote.dots > LiveSession.most_per_target),
        "on",
    )


def targets(db: Connection, _kept: Kept) -> Wrong:
    """Find dots on drafts, on what is no action, and on nothing at all."""
    standing = (Contribution.kind == "action") & (Contribution.state != "draft")
    rows = (
        select(LiveSession.code, Vote.target)
        .join(LiveSession, LiveSession.id == Vote.session_id)
        .outerjoin(*_ITS_TARGET)
        .where(Vote.dots > 0, or_(Contribution.id.is_(None), ~standing))
    )
    return told(db, rows, "on")


def votes(db: Connection, _kept: Kept) -> Wrong:
    """Find seats with two votes on the same idea."""
    rows = (
        select(LiveSession.code, Vote.target).select_from(_VOTES).group_by(Vote.session_id, Vote.seat_id, Vote.target)
    )
    return told(db, rows.having(func.count() > 1), "on")


def tallies(db: Connection, _kept: Kept) -> Wrong:
    """Find tallies that are not what adding up the rows one by one gives."""
    sums: dict[int, Counter[str]] = {}
    rows = (
        select(Vote.session_id, Vote.target, Vote.dots)
        .select_from(_VOTES)
        .where(Contribution.state == "shown", Vote.dots > 0)
    )
    for session_id, target, dots in db.execute(rows):
        sums.setdefault(session_id, Counter())[target] += dots
    for session_id, code in db.execute(select(LiveSession.id, LiveSession.code)).all():
        shown, right = tally.totals(db, session_id), sums.get(session_id, Counter())
        wrong = sorted(target for target in {*shown, *right} if shown.get(target, 0) != right[target])
        yield from (f"{code} on {target}" for target in wrong)
