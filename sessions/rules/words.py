"""The words of a contribution: writing them, setting them aside, bringing them back, and making them go for good.

Which command does which is `contributions` and `moderation`.
"""

from sqlalchemy import Connection, String, cast, delete, insert, literal, select, update

from sessions import editions, edits, erasures
from sessions.harvest import leaving
from sessions.harvest.leaving import Why
from sessions.models import Contribution, LogEntry, Wording
from sessions.rules.act import Act

_CARRY_WORDS = ("contribute", "reword")


def write(act: Act, contribution: str, text: str, by: str) -> None:
    """Give a contribution these words from now on."""
    act.db.execute(
        insert(Wording).values(
            session_id=act.session.id, contribution_id=contribution, text=text, by=by, current=True, rev=act.rev
        )
    )


def present(act: Act, contribution: str) -> str:
    """Return the words of a contribution as they stand."""
    current = (Wording.session_id == act.session.id) & (Wording.contribution_id == contribution) & Wording.current
    return act.db.execute(select(Wording.text).where(current)).scalar_one()


def set_aside(act: Act, contribution: str) -> tuple[int, str]:
    """Keep the present words beside the ones to come; return the number they are known by, and whose they are."""
    leaving.idea(act.db, act.session.id, contribution, "reworded")
    number, by = act.db.execute(
        update(Wording)
        .where(Wording.session_id == act.session.id, Wording.contribution_id == contribution, Wording.current)
        .values(current=False)
        .returning(Wording.id, Wording.by)
    ).one()
    return number, by


def bring_back(act: Act, contribution: str, wording: int) -> None:
    """Show words again that were set aside."""
    set_aside(act, contribution)
    act.db.execute(update(Wording).where(Wording.id == wording).values(current=True))


def forget(db: Connection, session_id: int, contribution: str) -> None:
    """Delete every wording of a contribution, and whatever its words could be compared with."""
    replace_all(db, session_id, contribution, "withdrawn")
    db.execute(
        update(LogEntry)
        .where(LogEntry.session_id == session_id, LogEntry.target == contribution, LogEntry.kind.in_(_CARRY_WORDS))
        .values(digest=None)  # whoever has the key could guess a short text
    )


def replace_all(db: Connection, session_id: int, contribution: str, why: Why = "reworded") -> None:
    """Delete every wording of a contribution, and what editors made of them, for its author's new words or for none."""
    erasures.note(db, session_id, contribution)
    leaving.idea(db, session_id, contribution, why)
    editions.forget(db, session_id, contribution)
    edits.forget(db, session_id, contribution)
    db.execute(delete(Wording).where(Wording.session_id == session_id, Wording.contribution_id == contribution))


def unlink(db: Connection, session_id: int, contribution: str) -> None:
    """Delete what says who wrote a contribution: in its row, and in the log of what was done with it."""
    its = (Contribution.session_id == session_id) & (Contribution.id == contribution)
    author = literal("seat:") + cast(select(Contribution.seat_id).where(its).scalar_subquery(), String)
    db.execute(
        update(LogEntry)
        .where(LogEntry.session_id == session_id, LogEntry.target == contribution, LogEntry.actor == author)
        .where(LogEntry.kind != "vote")
        .values(actor=literal("erased:") + cast(LogEntry.rev, String))
    )
    db.execute(update(Contribution).where(its).values(seat_id=None))
