"""What was agreed last time on a foundation: which café a session follows, what became of its steps, and who follows.

A session keeps which café it follows, chosen when it is made and again when its café opens, so that what its views
hold changes only with a revision of its own (`door.tell_followers`). Steps for the room only are in none of this.
"""

from datetime import date, datetime

from sqlalchemy import Connection, bindparam, exists, select, update

from sessions.entities import Earlier, EarlierStep, Told
from sessions.models import Cafe, CheckIn, LiveSession, Step
from sessions.store import SessionRow, find_session

_OTHERS = (
    select(Cafe.id, Cafe.held_on, Cafe.opened_at, Cafe.created_at)
    .where(Cafe.organisation_id == bindparam("organisation"), Cafe.state != "prepared", Cafe.id != bindparam("cafe"))
    .where(
        exists()
        .where(LiveSession.cafe_id == Cafe.id, LiveSession.foundation == bindparam("foundation"))
        .where(Step.session_id == LiveSession.id, Step.state == "agreed", Step.share != "room")
    )
)
_CAFE = select(Cafe.title, Cafe.held_on, Cafe.opened_at, Cafe.created_at).where(Cafe.id == bindparam("cafe"))
_SESSIONS = select(LiveSession.id).where(
    LiveSession.cafe_id == bindparam("cafe"), LiveSession.foundation == bindparam("foundation")
)
_STEPS = (
    select(Step.session_id, Step.id, Step.what, Step.lead, Step.by_when, Step.status)
    .where(Step.session_id.in_(_SESSIONS), Step.state == "agreed", Step.share != "room")
    .order_by(Step.session_id, Step.created_rev)
)
_TOLD = (
    select(CheckIn.session_id, CheckIn.step_id, CheckIn.at, CheckIn.status, CheckIn.note, CheckIn.measure)
    .where(CheckIn.session_id.in_(_SESSIONS))
    .order_by(CheckIn.rev)
)
_FOLLOWERS = select(LiveSession.code).where(
    LiveSession.follows == bindparam("cafe"), LiveSession.foundation == bindparam("foundation")
)


def preceding(db: Connection, session: SessionRow, today: date) -> str | None:
    """Return the id of the organisation's latest café before a session's where steps were agreed on its foundation."""
    own = db.execute(_CAFE, {"cafe": session.cafe_id}).one()
    asked = {"organisation": session.organisation_id, "cafe": session.cafe_id, "foundation": session.foundation}
    now = (_day(own.held_on, own.opened_at) or today, own.created_at)
    others = {(_day(row.held_on, row.opened_at) or today, row.created_at): row.id for row in db.execute(_OTHERS, asked)}
    return others[max(before)] if (before := [each for each in others if each < now]) else None


def follow(db: Connection, session: SessionRow, today: date) -> None:
    """Have a session follow the café before it; whoever calls this gives the session a revision for it."""
    chosen = preceding(db, session, today)
    db.execute(update(LiveSession).where(LiveSession.id == session.id).values(follows=chosen))


def earlier(db: Connection, cafe_id: str | None, foundation: str) -> Earlier:
    """Return what a café agreed on a foundation, each step with how it stands and what was told of it last."""
    if cafe_id is None:
        return Earlier()
    asked = {"cafe": cafe_id, "foundation": foundation}
    last = {
        (row.session_id, row.step_id): Told(row.at, row.status, row.note, row.measure)
        for row in db.execute(_TOLD, asked)
    }
    steps = tuple(
        EarlierStep(row.what, row.lead, row.by_when, row.status, last.get((row.session_id, row.id)))
        for row in db.execute(_STEPS, asked)
    )
    cafe = db.execute(_CAFE, {"cafe": cafe_id}).one()
    return Earlier(cafe.title, _day(cafe.held_on, cafe.opened_at), steps)


def followers(db: Connection, cafe_id: str, foundation: str) -> tuple[SessionRow, ...]:
    """Return the sessions that show what a café agreed on a foundation."""
    codes = db.execute(_FOLLOWERS, {"cafe": cafe_id, "foundation": foundation}).scalars().all()
    return tuple(found for code in codes if (found := find_session(db, code)) is not None)


def _day(held_on: date | None, opened_at: datetime | None) -> date | None:
    return held_on or (opened_at.date() if opened_at else None)
