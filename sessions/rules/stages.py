"""What a facilitator does with the room: moving between stages, closing and reopening one, timer, locking the door."""

from datetime import datetime, timedelta

from sqlalchemy import update

from sessions import agenda
from sessions.commands import CloseStage, GoToStage, LockJoining, Refused, ReopenStage, SetTimer
from sessions.models import LiveSession
from sessions.rules.act import Act, Done


def go_to_stage(act: Act, command: GoToStage) -> Done:
    """Move the room to a stage and start its minutes; going where the room is already changes nothing."""
    try:
        stage = agenda.stage(act.session.agenda, command.stage)
    except KeyError:
        raise Refused("bad_field", "This agenda has no such stage.") from None
    undo = {"stage": act.session.stage}
    if stage.id == act.session.stage:
        return _settle(act, undo)
    ends = None if stage.minutes is None else act.now + timedelta(minutes=stage.minutes)
    return _settle(act, undo, stage=stage.id, turn=act.session.turn + 1, closes_at=None, timer_ends_at=ends)


def close_stage(act: Act, command: CloseStage) -> Done:
    """Begin the closing countdown, on the server's clock."""
    return _settle(act, {"closes_at": ""}, closes_at=act.now + timedelta(seconds=command.seconds))


def reopen_stage(act: Act, command: ReopenStage) -> Done:
    """Take the closing back; a new opening of the same stage."""
    return _settle(act, {}, closes_at=None, turn=act.session.turn + 1)


def set_timer(act: Act, command: SetTimer) -> Done:
    """Show the room so many seconds from now, or that much more than is left, or no timer."""
    before = act.session.timer_ends_at
    start = max(before, act.now) if command.add and before else act.now
    ends = start + timedelta(seconds=command.seconds) if command.seconds else None
    return _settle(act, {}, timer_ends_at=ends)


def lock_joining(act: Act, command: LockJoining) -> Done:
    """Let nobody new join, or let people join again."""
    return _settle(act, {"locked": str(act.session.joining_locked).lower()}, joining_locked=command.locked)


def _settle(act: Act, undo: dict[str, str], **values: str | int | bool | datetime | None) -> Done:
    act.db.execute(update(LiveSession).where(LiveSession.id == act.session.id).values(changed_rev=act.rev, **values))
    return Done(undo=undo)
