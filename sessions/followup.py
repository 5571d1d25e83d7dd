"""What became of the small steps, "you said, we did": a session's, an organisation's by when they are looked at again,
and the one that a review link is about.

Telling how a step stands is a command (`rules.steps`); the days are `review_days`'.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import msgspec
from sqlalchemy import Connection, bindparam, select

from sessions import cafes, changes, review_days, reviews
from sessions.cafes import CafeRow
from sessions.entities import Step
from sessions.models import Cafe, LiveSession
from sessions.models import Step as StepTable
from sessions.permissions import Visitor
from sessions.review_days import When
from sessions.store import SessionRow, find_session, sessions_of

_STEP = (
    select(LiveSession.code, LiveSession.cafe_id, StepTable.id, StepTable.session_id, Cafe.organisation_id)
    .join(LiveSession, LiveSession.id == StepTable.session_id)
    .join(Cafe, Cafe.id == LiveSession.cafe_id)
    .where(StepTable.review == bindparam("fingerprint"), StepTable.state == "agreed")
)

_OPENED = (
    select(LiveSession.code, LiveSession.cafe_id, StepTable.review_on, StepTable.status)
    .join(LiveSession, LiveSession.id == StepTable.session_id)
    .join(Cafe, Cafe.id == LiveSession.cafe_id)
    .where(Cafe.organisation_id == bindparam("organisation"), Cafe.state != "prepared", StepTable.state == "agreed")
    .order_by(LiveSession.id)
)


class Followed(msgspec.Struct, frozen=True):
    """A small step as those follow it who agreed it: where it comes from, and the token of its review link."""

    step: Step
    session: SessionRow
    cafe: CafeRow
    token: str


class Due(msgspec.Struct, frozen=True):
    """How many small steps are waiting for a look, and how many are to be looked at later this month."""

    waiting: int
    this_month: int


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


def of_cafe(db: Connection, cafe: CafeRow) -> tuple[tuple[SessionRow, tuple[Followed, ...]], ...]:
    """Return the sessions of a café, each with its small steps in the order they were agreed."""
    return tuple((session, _followed(db, cafe, session)) for session in sessions_of(db, cafe.id))


def of_organisation(db: Connection, organisation_id: str, today: date) -> dict[When, list[Followed]]:
    """Return an organisation's small steps by when they are due, in each the earliest day first."""
    places = {row.code: row.cafe_id for row in db.execute(_OPENED, {"organisation": organisation_id})}
    steps: list[Followed] = []
    for code, cafe_id in places.items():
        session, cafe = find_session(db, code), cafes.cafe_of(db, organisation_id, cafe_id)
        if session is not None and cafe is not None:
            steps += _followed(db, cafe, session)
    grouped: dict[When, list[Followed]] = {"waiting": [], "this_month": [], "later": [], "finished": []}
    for each in sorted(steps, key=lambda each: each.step.review_on or date.max):
        grouped[review_days.when(each.step.review_on, each.step.status, today)].append(each)
    return grouped


def due(db: Connection, organisation_id: str, today: date) -> Due:
    """Return how many of an organisation's small steps are due."""
    rows = db.execute(_OPENED, {"organisation": organisation_id})
    counted = Counter(review_days.when(row.review_on, row.status, today) for row in rows)
    return Due(counted["waiting"], counted["this_month"])


def standing(steps: Iterable[Step]) -> dict[str, int]:
    """Return how many steps stand how, in the order in which that is told."""
    counted: Counter[str] = Counter(step.status for step in steps)
    known = ("done", "under_way", "changed", "stopped", "not_started")
    return {status: counted[status] for status in known if counted[status]}


def agreed(db: Connection, session: SessionRow) -> tuple[Step, ...]:
    """Return a session's small steps in the order they were agreed, each with what was told of it since."""
    return changes.steps(db, session, since=-1)[0]


def _followed(db: Connection, cafe: CafeRow, session: SessionRow) -> tuple[Followed, ...]:
    tokens = reviews.tokens(db, session.id)
    return tuple(Followed(step, session, cafe, tokens[step.id]) for step in agreed(db, session))
