"""Votes into an order: how many dots each target has, and ranks that tell ties honestly.

Who may know a tally, and when, is the agenda's (`Stage.shows_tally`) and applied in `changes`.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from sessions.models import Contribution, Vote
from sessions.rules.votes import COUNTED_STATES


class Place(msgspec.Struct, frozen=True):
    """Where a target came: its rank (equal dots share one), its dots, and whether others stand level with it."""

    target: str
    dots: int
    rank: int
    level: bool


# The votes that count: dots on words that still stand (contract.md).
COUNTED = (
    select(Vote.seat_id, Vote.target, Vote.dots)
    .join(Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
    .where(Vote.dots > 0, Contribution.state.in_(COUNTED_STATES))
)

_TOTALS = (
    select(Vote.target, func.sum(Vote.dots))
    .join(Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
    .where(Vote.session_id == bindparam("session"), Contribution.state == "shown", Vote.dots > 0)
    .group_by(Vote.target)
    .order_by(Vote.target)
)


def totals(db: Connection, session_id: int) -> dict[str, int]:
    """Return the dots on every shown target that has any, over all seats of a session."""
    return {target: int(dots) for target, dots in db.execute(_TOTALS, {"session": session_id})}


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
