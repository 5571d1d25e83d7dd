"""Who came, as what they are here mostly as: told only as counts of three or more, so that nobody can be made out.

What is left over is told without a number, and is never one or two people: the smallest group told of goes with it.
"""

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from sessions.models import Seat

FEWEST = 3
_ANSWERS = (
    select(Seat.here_as, func.count())
    .where(Seat.session_id.in_(bindparam("sessions", expanding=True)), ~Seat.pretend)
    .group_by(Seat.here_as)
)


class Mix(msgspec.Struct, frozen=True):
    """How many are here mostly as what, most first; and whether there are others, or some who did not say."""

    told: tuple[tuple[str, int], ...]
    others: bool


def of(db: Connection, *sessions: int) -> Mix:
    """Return who came to these sessions, of all who ever took a seat in them."""
    rows = db.execute(_ANSWERS, {"sessions": list(sessions)}).all()
    return told([(role, number) for role, number in rows])


def told(answers: Collection[tuple[str | None, int]]) -> Mix:
    """Return what may be told of these answers; None are those who did not say."""
    everyone = sum(number for _, number in answers)
    large = sorted((-number, role) for role, number in answers if role is not None and number >= FEWEST)
    while large and 0 < everyone + sum(less for less, _ in large) < FEWEST:
        large.pop()  # or the few that are left over could be worked out
    shown = tuple((role, -less) for less, role in large)
    return Mix(shown, others=everyone > sum(number for _, number in shown))
