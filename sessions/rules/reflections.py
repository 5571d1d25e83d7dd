"""What reflect does: a seat's answers to the closing questions, a state that is replaced when they are sent again."""

from sqlalchemy import bindparam, delete, insert, update

from sessions import erasures, privacy, text
from sessions.commands import Reflect
from sessions.models import LogEntry, Reflection
from sessions.rules.act import Act, Done

# Built once: building a statement takes ten times as long as running it.
_BEFORE = delete(Reflection).where(
    Reflection.session_id == bindparam("session"), Reflection.seat_id == bindparam("seat")
)
_NOW = insert(Reflection)
_DIGESTS = (
    update(LogEntry)
    .where(LogEntry.session_id == bindparam("session"), LogEntry.actor == bindparam("by"), LogEntry.kind == "reflect")
    .values(digest=None)  # as with words taken back: whoever has the key could guess a short answer
)


def reflect(act: Act, command: Reflect) -> Done:
    """Keep a seat's answers in place of those it gave before, of which nothing is left."""
    differently, first = text.normal(command.answers.differently), text.normal(command.answers.first)
    if act.db.execute(_BEFORE, {"session": act.session.id, "seat": act.visitor.seat_id}).rowcount:
        erasures.note(act.db, act.session.id, "")
    act.db.execute(_DIGESTS, {"session": act.session.id, "by": act.visitor.actor})
    act.db.execute(
        _NOW,
        {
            "session_id": act.session.id,
            "seat_id": act.visitor.seat_id,
            "differently": differently,
            "first": first,
            "room": command.answers.room,
            "flags": privacy.flags(f"{differently}\n{first}"),
            "looked": False,
            "rev": act.rev,
        },
    )
    return Done(target=str(act.visitor.seat_id))
