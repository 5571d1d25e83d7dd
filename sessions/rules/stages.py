"""What a facilitator does with the room: moving between stages, closing and reopening one, timer, locking the door."""

from datetime import datetime, timedelta

from sqlalchemy import update

from sessions import agenda, openings
from sessions.commands import CloseStage, GoToStage, LockJoining, Refused, ReopenStage, SetTimer
from sessions.models import LiveSession
from sessions.rules.act import Act, Done


def go_to_stage(act: Act, command: GoToStage) -> Done:
    """Move the room to a stage and start its minutes; going where the room is already changes nothing."""
    try:
        stage = agenda.stage(act.session.agenda, command.stage)
    except KeyError:
        raise Refused("bad_field", "This agenda has no such stage.") from None
    if stage.id == act.session.stage:
        return _settle(act, {})
    ends = None if stage.minutes is None else act.now + timedelta(minutes=stage.minutes)
    before = act.session
    undo = {"stage": before.stage, "closes_at": _kept(before.closes_at), "timer_ends_at": _kept(before.timer_ends_at)}
    return open_stage(act, stage.id, undo, closes_at=None, timer_ends_at=ends)


def close_stage(act: Act, command: CloseStage) -> Done:
    """Begin the closing countdown, on the server's clock."""
    return _settle(act, {}, closes_at=act.now + timedelta(seconds=command.seconds))


def reopen_stage(act: Act, command: ReopenStage) -> Done:
    """Take the closing back; a new opening of the same stage."""
    return open_stage(act, act.session.stage, {}, closes_at=None)


def set_timer(act: Act, command: SetTimer) -> Done:
    """Show the room so many seconds from now, or that much more than is left, or no timer."""
    before = act.session.timer_ends_at
    start = max(before, act.now) if command.add and before else act.now
    ends = start + timedelta(seconds=command.seconds) if command.seconds else None
    return _settle(act, {}, timer_ends_at=ends)


def lock_joining(act: Act, command: LockJoining) -> Done:
    """Let nobody new join, or let people join again."""
    return _settle(act, {}, joining_locked=command.locked)


def go_back(act: Act, before: dict[str, str]) -> None:
    """Put the room where it was before it was moved, with the closing time and the timer it had, as a new opening."""
    if act.session.cafe_state == "closed":
        raise Refused("session_closed", "This café has closed, so the room cannot be moved any more.")
    times = {name: _moment(before[name]) for name in ("closes_at", "timer_ends_at")}
    open_stage(act, before["stage"], {}, **times)


def open_stage(act: Act, stage: str, undo: dict[str, str], **times: datetime | None) -> Done:
    """End the present opening and begin one of this stage, the next turn."""
    turn = act.session.turn + 1
    openings.end(act.db, act.session, act.now)
    openings.start(act.db, act.session.id, turn, stage, act.rev, act.now)
    return _settle(act, undo, stage=stage, turn=turn, **times)


def _kept(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _moment(kept: str) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _settle(act: Act, undo: dict[str, str], **values: str | int | bool | datetime | None) -> Done:
    act.db.execute(update(LiveSession).where(LiveSession.id == act.session.id).values(changed_rev=act.rev, **values))
    return Done(undo=undo)
