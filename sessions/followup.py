"""What became of the small steps, "you said, we did": those of a session, and the one that a review link is about.

Telling how a step stands is a command (`rules.steps`).
"""

import msgspec
from sqlalchemy import Connection, bindparam, select

from sessions import cafes, changes, reviews
from sessions.cafes import CafeRow
from sessions.entities import Step
from sessions.models import Cafe, LiveSession
from sessions.models import Step as StepTable
from sessions.permissions import Visitor
from sessions.store import SessionRow, find_session

_STEP = (
    select(LiveSession.code, LiveSession.cafe_id, StepTable.id, StepTable.session_id, Cafe.organisation_id)
    .join(LiveSession, LiveSession.id == StepTable.session_id)
    .join(Cafe, Cafe.id == LiveSession.cafe_id)
    .where(StepTable.review == bindparam("fingerprint"), StepTable.state == "agreed")
)


class Review(msgspec.Struct, frozen=True):
    """A small step as the holder of its review link sees it, where it comes from, and who that is to the door."""

    step: Step
    session: SessionRow
    cafe: CafeRow
    visitor: Visitor


def review(db: Connection, token: str) -> Review | None:
    """Return what a review link is about, or None for a link that leads nowhere, or to a step that was dropped."""
    row = db.execute(_STEP, {"fingerprint": reviews.fingerprint(token)}).one_or_none()
    if row is None:
        return None
    session, cafe = find_session(db, row.code), cafes.cafe_of(db, row.organisation_id, row.cafe_id)
    if session is None or cafe is None or session.cafe_state == "prepared":
        return None
    [step] = (each for each in agreed(db, session) if each.id == row.id)
    return Review(step, session, cafe, Visitor("reviewer", row.organisation_id, row.session_id, step_id=row.id))


def agreed(db: Connection, session: SessionRow) -> tuple[Step, ...]:
    """Return a session's small steps in the order they were agreed, each with what was told of it since."""
    return changes.steps(db, session, since=-1)[0]
