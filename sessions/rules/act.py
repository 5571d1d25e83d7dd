"""What every rule is given and what it gives back, and how a rule finds the contribution it is about."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, bindparam, func, select, union_all, update

from sessions.commands import Refused
from sessions.harvest import leaving
from sessions.models import Contribution, Seat, Step, Theme
from sessions.openings import Timing
from sessions.permissions import Visitor
from sessions.store import SessionRow

NOT_HERE = "That idea is no longer here."
_OFF_THE_BOARD = ("held", "hidden")


class Act(msgspec.Struct, frozen=True):
    """One command being carried out: where, by whom, at which revision, when, and whether that is in time."""

    db: Connection
    session: SessionRow
    visitor: Visitor
    rev: int
    now: datetime
    timing: Timing = "on_time"


# A command in the log as undoing it sees it: its id, kind, target, revision, and what it noted for undo.
Entry = Row[str, str, str | None, int, dict[str, str]]


class Done(msgspec.Struct, frozen=True):
    """What a rule did: what it was about, and what undoing it would need (ids and states, never words)."""

    target: str | None = None
    undo: dict[str, str] = msgspec.field(default_factory=dict)
    held: bool = False


class Found(msgspec.Struct, frozen=True):
    """What rules ask of a contribution before they touch it."""

    id: str
    seat_id: int | None
    theme: str | None
    kind: str
    state: str
    rev: int
    shown_rev: int | None
    late: bool
    on_behalf: bool
    share: str
    flags: str
    looked: bool


# Built once: building a statement takes ten times as long as running it.
_FIND = select(
    Contribution.id,
    Contribution.seat_id,
    Contribution.theme,
    Contribution.kind,
    Contribution.state,
    Contribution.rev,
    Contribution.shown_rev,
    Contribution.late,
    Contribution.on_behalf,
    Contribution.share,
    Contribution.flags,
    Contribution.looked,
).where(Contribution.session_id == bindparam("session"), Contribution.id == bindparam("contribution"))
_HOST = select(Seat.host).where(Seat.id == bindparam("seat"))
_NEWEST = union_all(
    *(
        select(func.max(table.rev).label("rev")).where(
            table.session_id == bindparam("session"), table.id.in_(bindparam("ids", expanding=True))
        )
        for table in (Contribution, Theme, Step)
    )
)


def find(act: Act, contribution: str) -> Found | None:
    """Return the contribution of this session with that id, in whatever state, or None."""
    row = act.db.execute(_FIND, {"session": act.session.id, "contribution": contribution}).one_or_none()
    return None if row is None else Found(*tuple(row))


def speaks_for_others(act: Act) -> bool:
    """Say whether this visitor may add for people without a phone: a facilitator, or the host of a table."""
    if act.visitor.role == "facilitator":
        return True
    return bool(act.db.execute(_HOST, {"seat": act.visitor.seat_id}).scalar())


def newest(act: Act, ids: Iterable[str]) -> int:
    """Return the greatest revision of the contributions, themes and steps with these ids; 0 when there are none."""
    among = {"session": act.session.id, "ids": list(ids)}
    return max(row.rev or 0 for row in act.db.execute(_NEWEST, among))


def own(act: Act, contribution: str) -> Found:
    """Return this seat's own contribution with its words still there; raises Refused."""
    found = find(act, contribution)
    if found is None or found.state in {"withdrawn", "erased"}:
        raise Refused("no_such_target", NOT_HERE)
    if found.seat_id is None or found.seat_id != act.visitor.seat_id:
        if found.state == "draft":
            raise Refused("no_such_target", NOT_HERE)
        raise Refused("not_allowed", "Only the person who wrote this can change it.")
    return found


def stamp(act: Act, contribution: str, **values: str | int | None) -> None:
    """Change columns of a contribution and mark it with this act's revision; off the board it is not shared either."""
    if values.get("state") in _OFF_THE_BOARD:
        leaving.idea(act.db, act.session.id, contribution, "withdrawn")
    act.db.execute(
        update(Contribution)
        .where(Contribution.session_id == act.session.id, Contribution.id == contribution)
        .values(rev=act.rev, **values)
    )


def guarded(found: Found) -> dict[str, str]:
    """Return what undoing puts back of what may say who someone is: the kinds, if any, and whether it was looked at."""
    return {**({"flags": found.flags} if found.flags else {}), **({"looked": "yes"} if found.looked else {})}
