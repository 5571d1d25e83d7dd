"""What undo does: reversing an earlier act of a facilitator exactly, as long as nothing has happened to it since.

Withdrawing and erasing are not among them: they are for good.
"""

from collections.abc import Callable

from sqlalchemy import Connection, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from sessions.commands import Refused, Undo
from sessions.entities import Undoable
from sessions.models import Contribution, LogEntry, Opening, Step, Theme
from sessions.rules import regrouping, stages, steps, words
from sessions.rules.act import Act, Done, Entry, stamp

MOST_OFFERED = 5


def undo(act: Act, command: Undo) -> Done:
    """Reverse a facilitator's command; raises Refused when there is none like that, or when more has happened since."""
    done = select(LogEntry.rev).where(
        LogEntry.session_id == act.session.id,
        LogEntry.command_id == command.command,
        LogEntry.kind.in_(_REVERSE),
        LogEntry.actor.startswith("facilitator:"),
    )
    if act.db.execute(done).first() is None:
        raise Refused("no_such_target", "There is nothing like that to undo.")
    query = _STILL_EXACT.where(LogEntry.session_id == act.session.id, LogEntry.command_id == command.command)
    entry = act.db.execute(query).first()
    if entry is None:
        raise Refused("stale", "More has happened since, so this cannot be undone. Have another look.")
    _REVERSE[entry.kind](act, entry)
    return Done(target=entry.target)


def undoable(db: Connection, session_id: int) -> tuple[Undoable, ...]:
    """Return the facilitators' latest acts that could be undone now, newest first."""
    query = _STILL_EXACT.where(LogEntry.session_id == session_id).order_by(LogEntry.rev.desc()).limit(MOST_OFFERED)
    return tuple(Undoable(*row[:4], before=_before(row.undo)) for row in db.execute(query))


def touched(db: Connection, session_id: int, since: int) -> bool:
    """Say whether a contribution, theme or step changed since a revision that a facilitator's act was ever about."""
    changed = [
        exists().where(table.session_id == LogEntry.session_id, table.id == LogEntry.target, table.rev > since)
        for table in (Contribution, Theme, Step)
    ]
    query = select(LogEntry.id).where(
        LogEntry.session_id == session_id,
        LogEntry.kind.in_(_REVERSE),
        LogEntry.actor.startswith("facilitator:"),
        or_(*changed),
    )
    return db.execute(query.limit(1)).first() is not None


def _before(undo: dict[str, str]) -> str | None:
    return undo.get("state") or undo.get("stage") or undo.get("by")


def _put_back(act: Act, entry: Entry) -> None:
    stamp(act, str(entry.target), state=entry.undo["state"], **_guarded(entry))


def _bring_back(act: Act, entry: Entry) -> None:
    words.bring_back(act, str(entry.target), int(entry.undo["wording"]))
    stamp(act, str(entry.target), **_guarded(entry))


def _guarded(entry: Entry) -> dict[str, str | bool]:
    return {"flags": entry.undo.get("flags", ""), "looked": "looked" in entry.undo}


def _go_back(act: Act, entry: Entry) -> None:
    stages.go_back(act, entry.undo)


_REVERSE: dict[str, Callable[[Act, Entry], None]] = {
    "hide": _put_back,
    "show": _put_back,
    "approve": _put_back,
    "reword": _bring_back,
    "go_to_stage": _go_back,
    "merge": regrouping.ungroup,
    "split": regrouping.regroup,
    "rename_theme": regrouping.rename_back,
    "set_ballot": regrouping.set_back,
    "agree_step": steps.take_back,
}

_Later = aliased(LogEntry)
_LATEST_BALLOT = (
    select(func.max(_Later.rev))
    .where(_Later.session_id == LogEntry.session_id, _Later.kind == "set_ballot")
    .scalar_subquery()
)
_LATEST_OPENING = select(func.max(Opening.rev)).where(Opening.session_id == LogEntry.session_id).scalar_subquery()

# The acts after which nothing has happened to what they changed.
_STILL_EXACT = select(LogEntry.command_id, LogEntry.kind, LogEntry.target, LogEntry.rev, LogEntry.undo).where(
    LogEntry.kind.in_(_REVERSE),
    LogEntry.actor.startswith("facilitator:"),
    or_(
        exists().where(
            Contribution.session_id == LogEntry.session_id,
            Contribution.id == LogEntry.target,
            Contribution.rev == LogEntry.rev,
        ),
        and_(LogEntry.kind == "go_to_stage", LogEntry.rev == _LATEST_OPENING),
        and_(LogEntry.kind == "set_ballot", LogEntry.rev == _LATEST_BALLOT),
        exists().where(Theme.session_id == LogEntry.session_id, Theme.id == LogEntry.target, Theme.rev == LogEntry.rev),
        exists().where(Step.session_id == LogEntry.session_id, Step.id == LogEntry.target, Step.rev == LogEntry.rev),
    ),
)
