"""The openings of a session's stages, and what may still come after one has ended (reliability.md §3.7).

A stage is opened each time the room goes to it, and anew when it is reopened; each opening has a number, its turn.
Moving the room is `rules.stages`; what a stage welcomes is `agenda`.
"""

from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, insert, select, update

from sessions import agenda
from sessions.commands import Command, Contribute, Publish, Refused, Reword, Vote
from sessions.models import Opening
from sessions.permissions import Visitor
from sessions.store import SessionRow

GRACE = timedelta(seconds=120)  # reliability.md §3.7: as long after its stage, a post still goes onto the board

Timing = Literal["on_time", "late", "too_late"]

# What a post may claim of when it was written is believed, since a late post harms nobody; a vote's claim is not.
_MAY_COME_LATE = (Contribute, Publish, Reword)


class _Opened(msgspec.Struct, frozen=True):
    stage: str
    ended_at: datetime | None


def start(db: Connection, session_id: int, turn: int, stage: str, rev: int, now: datetime) -> None:
    """Note that a stage opens now."""
    db.execute(insert(Opening).values(session_id=session_id, turn=turn, stage=stage, rev=rev, opened_at=now))


def end(db: Connection, session: SessionRow, now: datetime) -> None:
    """Note that the session's present stage ends now, or ended when its closing countdown had run out."""
    db.execute(
        update(Opening)
        .where(Opening.session_id == session.id, Opening.turn == session.turn)
        .values(ended_at=_ended(session, now) or now)
    )


def timing(db: Connection, session: SessionRow, visitor: Visitor, command: Command, now: datetime) -> Timing:
    """Say whether a command comes on time, or late, or so late that it must wait; raises Refused for no good time."""
    present = agenda.stage(session.agenda, session.stage)
    if agenda.welcomes(present, type(command), session.closes_at, now):
        return "on_time"
    if visitor.role == "facilitator" and _cannot_wait(command, present):
        return "on_time"
    if isinstance(command, Vote) and not command.on_behalf:
        return _late_vote(db, session, present, command)
    found = _late(db, session, command, now) if isinstance(command, _MAY_COME_LATE) else None
    if found is None:
        raise Refused("wrong_stage", _not_now(present, command))
    return found


def _cannot_wait(command: Command, present: agenda.Stage) -> bool:
    """Say whether a facilitator may do this also now: names must go at any time, and a pile of paper takes a while."""
    return isinstance(command, Reword | Contribute) or (isinstance(command, Vote) and Vote in present.welcome)


def _late_vote(db: Connection, session: SessionRow, present: agenda.Stage, command: Vote) -> Timing:
    """Say that a vote waits which its phone says was made while voting was open; it is not counted for that."""
    opened = None if command.turn is None else _opening(db, session, command.turn)
    if opened is None or Vote not in agenda.stage(session.agenda, opened.stage).welcome:
        raise Refused("wrong_stage", _not_now(present, command))
    return "too_late"


def _late(db: Connection, session: SessionRow, command: Command, now: datetime) -> Timing | None:
    """Return how late a post is by the opening it was written in, or None when it was not welcome then either."""
    if command.turn is None:
        return None
    opened = _opening(db, session, command.turn)
    if opened is None:  # from before these were noted, or from a history that a restored backup does not know
        return None if isinstance(command, Reword) else "too_late"
    if type(command) not in agenda.stage(session.agenda, opened.stage).welcome:
        return None
    ended = opened.ended_at or _ended(session, now) or now
    if now <= ended + GRACE:
        return "late"
    return None if isinstance(command, Reword) else "too_late"


def _opening(db: Connection, session: SessionRow, turn: int) -> _Opened | None:
    row = db.execute(
        select(Opening.stage, Opening.ended_at).where(Opening.session_id == session.id, Opening.turn == turn)
    ).one_or_none()
    return None if row is None else msgspec.convert(row._mapping, _Opened)


def _ended(session: SessionRow, now: datetime) -> datetime | None:
    """Return when the closing countdown of the present stage ran out, if it has."""
    return session.closes_at if session.closes_at is not None and session.closes_at <= now else None


def _not_now(present: agenda.Stage, command: Command) -> str:
    if type(command) in present.welcome:
        return "This has just closed. Your words are kept on your phone."
    if isinstance(command, Vote):
        return "Voting is not open at the moment."
    return "The room is doing something else at the moment. Your words are kept; try again when writing opens."
