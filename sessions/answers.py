"""What people answered at the close, as a facilitator reads it: without a name, sorted by the words alone.

Answering is a command (`rules.reflections`); what of it goes into the guide is `outcomes`. An answer that may say who
someone is goes nowhere until a facilitator has looked, and said whether it may be quoted.
"""

from typing import Literal

import msgspec
from sqlalchemy import Connection, or_, select, update

from sessions import door
from sessions.models import Reflection, Seat
from sessions.permissions import Visitor
from sessions.store import SessionRow

Standing = Literal["quoted", "waiting", "left_out"]


class Answer(msgspec.Struct, frozen=True):
    """One answer: the revision it is known by, its words, what in it may say who someone is, and its standing."""

    rev: int
    differently: str
    first: str
    flags: tuple[str, ...]
    standing: Standing


def answers(db: Connection, session: SessionRow) -> tuple[Answer, ...]:
    """Return what real people answered in words, so sorted that the order tells nothing of who."""
    rows = db.execute(
        select(Reflection.rev, Reflection.differently, Reflection.first, Reflection.flags, Reflection.looked)
        .join(Seat, Seat.id == Reflection.seat_id)
        .where(Reflection.session_id == session.id, ~Seat.pretend)
        .where(or_(Reflection.differently != "", Reflection.first != ""))
    )
    found = [
        Answer(rev, now, first, _kinds(flags), _standing(flags, looked)) for rev, now, first, flags, looked in rows
    ]
    return tuple(sorted(found, key=lambda answer: (answer.standing != "waiting", answer.differently, answer.first)))


def look(db: Connection, session: SessionRow, answer: int, quote: bool, by: Visitor) -> None:
    """Note that a facilitator has looked at an answer, and whether it may be quoted; a changed one stays as it is."""
    rev = door.record(db, session, by.actor, "quote_answer" if quote else "leave_answer")
    db.execute(
        update(Reflection)
        .where(Reflection.session_id == session.id, Reflection.rev == answer)
        .values(looked=True, rev=rev, **({"flags": ""} if quote else {}))
    )


def _kinds(flags: str) -> tuple[str, ...]:
    return tuple(filter(None, flags.split(",")))


def _standing(flags: str, looked: bool) -> Standing:
    if not flags:
        return "quoted"
    return "left_out" if looked else "waiting"
