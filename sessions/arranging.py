"""Changing how one session runs, before the day or while it does, so that every screen hears of it.

What forms say of it is read in `courses`; what its talk begins with is `evidence`'s.
"""

from sqlalchemy import Connection, select, update

from sessions import door
from sessions.commands import Mistaken
from sessions.courses import Running
from sessions.models import LiveSession, Vote
from sessions.permissions import Visitor
from sessions.store import SessionRow


def arrange(db: Connection, session: SessionRow, running: Running, by: Visitor) -> None:
    """Have a session run like this from now on; raises Mistaken for dots that would take choices away."""
    fewer = running.dots.budget < session.budget or running.dots.most_per_target < session.most_per_target
    chosen = select(Vote.seat_id).where(Vote.session_id == session.id, Vote.dots > 0).limit(1)
    if fewer and db.execute(chosen).first():
        raise Mistaken({"budget": "People have chosen already, so their dots can only become more."})
    change(db, session, by, "arrange")
    db.execute(
        update(LiveSession)
        .where(LiveSession.id == session.id)
        .values(
            label=running.label,
            minutes=running.minutes,
            question=running.question,
            prompts=list(running.prompts),
            budget=running.dots.budget,
            most_per_target=running.dots.most_per_target,
            approve_first=running.approve_first,
        )
    )


def change(db: Connection, session: SessionRow, by: Visitor, kind: str) -> int:
    """Give a session a revision for a change of its settings, and return it; raises Mistaken once the café closed."""
    if session.cafe_state == "closed":
        raise Mistaken({"main": "This café has closed, so nothing in it can be changed any more."})
    rev = door.record(db, session, by.actor, kind)
    db.execute(update(LiveSession).where(LiveSession.id == session.id).values(changed_rev=rev))
    return rev
