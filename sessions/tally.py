"""Votes into an order: how many dots each target has, and ranks that tell ties honestly.

What a target is, and which dots stand, is `targets`. Who may know a tally, and when, is the agenda's
(`Stage.shows_tally`) and applied in `changes`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, case, func, select

from sessions import targets
from sessions.models import Seat


class Place(msgspec.Struct, frozen=True):
    """Where a target came: its rank (equal dots share one), its dots, and whether others stand level with it."""

    target: str
    dots: int
    rank: int
    level: bool


_votes, _hands = targets.VOTES.subquery(), targets.HANDS.subquery()
_sum, _most = func.sum(_votes.c.dots), bindparam("most", type_=_votes.c.dots.type)
_EACH = (
    select(_votes.c.by, _votes.c.target, case((_sum > _most, _most), else_=_sum).label("dots"))
    .group_by(_votes.c.by, _votes.c.target)
    .subquery()
)
_OF_SEATS = select(_EACH.c.target, func.sum(_EACH.c.dots)).group_by(_EACH.c.target)
_OF_REAL_SEATS = _OF_SEATS.where(_EACH.c.by.not_in(select(Seat.id).where(Seat.pretend)))
_PEOPLE = (
    select(_votes.c.target, func.count(_votes.c.by.distinct()))
    .where(_votes.c.by.not_in(select(Seat.id).where(Seat.pretend)))
    .group_by(_votes.c.target)
)
_OF_HANDS = select(_hands.c.target, func.sum(_hands.c.dots)).group_by(_hands.c.target)
_OF_THE_ROOM = _OF_HANDS.where(_hands.c.by == "room")


def totals(db: Connection, session_id: int, most: int, *, rehearsed: bool = True) -> dict[str, int]:
    """Return the dots on every shown target that has any: each seat's up to `most` on one, and those by hand.

    Those of a rehearsal are among them, unless not.
    """
    seats = _OF_SEATS if rehearsed else _OF_REAL_SEATS
    dots = Counter(hands(db, session_id))
    dots.update({target: int(each) for target, each in db.execute(seats, {"session": session_id, "most": most})})
    shown = set(targets.shown(db, session_id)) if dots else set()
    return {target: dots[target] for target in sorted(dots) if target in shown}


def people(db: Connection, session_id: int) -> dict[str, int]:
    """Return how many people have dots on each target, by phone; those of a rehearsal are none."""
    return {target: int(number) for target, number in db.execute(_PEOPLE, {"session": session_id})}


def hands(db: Connection, session_id: int, *, by_hosts: bool = True) -> dict[str, int]:
    """Return the dots on each target that were entered for people without a phone; also by table hosts, unless not."""
    rows = db.execute(_OF_HANDS if by_hosts else _OF_THE_ROOM, {"session": session_id})
    return dict(sorted((target, int(dots)) for target, dots in rows))


def ranking(ballot: Sequence[str], dots: Mapping[str, int]) -> tuple[Place, ...]:
    """Return the ballot from most to fewest dots; equal dots share a rank and keep the ballot's order (1, 2, 2, 4)."""
    counts = [dots.get(target, 0) for target in ballot]
    order = sorted(range(len(ballot)), key=lambda place: -counts[place])
    return tuple(
        Place(
            target=ballot[place],
            dots=counts[place],
            rank=1 + sum(other > counts[place] for other in counts),
            level=counts.count(counts[place]) > 1,
        )
        for place in order
    )
