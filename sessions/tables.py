"""A café's sessions side by side, as tables or foundations: found by the café's code, how far each is, more of them.

Each is a session like any other; what happens inside one is not seen here.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, func, select, update

from sessions import cafes, changes, door, text, world
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.courses import Course
from sessions.entities import People
from sessions.models import Cafe, Contribution, LiveSession
from sessions.permissions import Visitor
from sessions.store import SessionRow, sessions_of

MOST_AT_ONCE = 12


class Progress(msgspec.Struct, frozen=True):
    """How far one session is: its stage, how many ideas stand on its board, and how its people stand."""

    code: str
    stage: str
    ideas: int
    people: People


def number(form: Mapping[str, str]) -> int:
    """Return how many tables a form asks for, one when it does not say; raises Mistaken."""
    given = text.one_line(form.get("tables", "")) or "1"
    if not given.isdecimal() or not 1 <= int(given) <= MOST_AT_ONCE:
        raise Mistaken({"tables": "Add one to twelve tables at a time."})
    return int(given)


def cafe_with(db: Connection, code: str) -> CafeRow | None:
    """Return the café with this code in its link, or None."""
    if len(code) != world.CODE_LENGTH or not set(code) <= set(world.CODE_ALPHABET):
        return None
    row = db.execute(select(Cafe.id, Cafe.organisation_id).where(Cafe.code == code)).one_or_none()
    return None if row is None else cafes.cafe_of(db, row.organisation_id, row.id)


def progress(db: Connection, sessions: Sequence[SessionRow]) -> tuple[Progress, ...]:
    """Return how far sessions are, in their order."""
    which = [session.id for session in sessions]
    rows = db.execute(
        select(Contribution.session_id, func.count().label("number"))
        .where(Contribution.session_id.in_(which), Contribution.state == "shown")
        .group_by(Contribution.session_id)
    )
    ideas = {row.session_id: row.number for row in rows}
    return tuple(
        Progress(session.code, session.stage, ideas.get(session.id, 0), changes.people(db, session))
        for session in sessions
    )


def add(db: Connection, cafe: CafeRow, course: Course, by: Visitor, number: int = 1) -> tuple[str, ...]:
    """Add a session to a café, or so many tables on one foundation, and return their codes.

    With several, what has no name yet is called Table 1, Table 2… in the order it came; or so many of the label given.
    """
    if number == 1:
        return (cafes.add_course(db, cafe, course),)
    unnamed = msgspec.structs.replace(course, label="")
    codes = tuple(cafes.add_course(db, cafe, unnamed) for _ in range(number))
    for place, session in enumerate(sessions_of(db, cafe.id), 1):
        _name(db, session, by, f"{course.label if course.label and session.code in codes else 'Table'} {place}")
    return codes


def _name(db: Connection, session: SessionRow, by: Visitor, label: str) -> None:
    """Give a session a name where it has none, as something that happened in it: its views may be open."""
    if not session.label:
        rev = door.record(db, session, by.actor, "name_table")
        db.execute(update(LiveSession).where(LiveSession.id == session.id).values(label=label, changed_rev=rev))
