"""What a facilitator does with the room: its stages and their time, the door, how ideas are shown, and the screen."""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import update

from sessions import agenda, openings
from sessions.commands import (
    Blank,
    CloseStage,
    GoToStage,
    LockJoining,
    Moderate,
    Refused,
    ReopenStage,
    SetTimer,
    ShowTimer,
    Spotlight,
    Vote,
)
from sessions.models import LiveSession
from sessions.rules import votes
from sessions.rules.act import Act, Done
from sessions.store import again


def go_to_stage(act: Act, command: GoToStage) -> Done:
    """Move the room to a stage and start its minutes; going where the room is already changes nothing."""
    try:
        stage = agenda.stage(act.session.agenda, command.stage)
    except KeyError:
        raise Refused("bad_field", "This agenda has no such stage.") from None
    if stage.id == act.session.stage:
        return _settle(act, {})
    minutes = agenda.course(act.session).get(stage.id, 0)
    ends = act.now + timedelta(minutes=minutes) if minutes else None
    before = act.session
    undo = {"stage": before.stage, "closes_at": _kept(before.closes_at), "timer_ends_at": _kept(before.timer_ends_at)}
    return open_stage(act, stage.id, undo, closes_at=None, timer_ends_at=ends, spotlight=None, blank=False)


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


def show_timer(act: Act, command: ShowTimer) -> Done:
    """Say where the time is shown, and whether the screen chimes quietly when it is up."""
    return _settle(act, {}, timer_on=command.where, chime=command.chime)


def moderate(act: Act, command: Moderate) -> Done:
    """Have ideas wait for a facilitator before they are shown, or show them at once."""
    return _settle(act, {}, approve_first=command.approve_first)


def spotlight(act: Act, command: Spotlight) -> Done:
    """Show one idea, theme or small step large on the screen, or none any more."""
    return _settle(act, {}, spotlight=command.target)


def blank(act: Act, command: Blank) -> Done:
    """Have the screen show nothing, or what it showed before."""
    return _settle(act, {}, blank=command.blank)


def go_back(act: Act, before: dict[str, str]) -> None:
    """Put the room where it was before it was moved, with the closing time and the timer it had, as a new opening."""
    if act.session.cafe_state == "closed":
        raise Refused("session_closed", "This café has closed, so the room cannot be moved any more.")
    if "counted" in before:
        raise Refused("votes_since", "Votes that had come late were counted then. Move the room on instead.")
    times = {name: _moment(before[name]) for name in ("closes_at", "timer_ends_at")}
    open_stage(act, before["stage"], {}, **times)


def open_stage(act: Act, stage: str, undo: dict[str, str], **settings: bool | datetime | None) -> Done:
    """End the present opening and begin one of this stage, the next turn."""
    turn = act.session.turn + 1
    openings.end(act.db, act.session, act.now)
    openings.start(act.db, act.session.id, turn, stage, act.rev, act.now)
    done = _settle(act, undo, stage=stage, turn=turn, **settings)
    voting = Vote in agenda.stage(act.session.agenda, stage).welcome
    if voting and votes.count_held(msgspec.structs.replace(act, session=again(act.db, act.session))):
        return msgspec.structs.replace(done, undo={**undo, "counted": "yes"})
    return done


def _kept(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()


def _moment(kept: str) -> datetime | None:
    return datetime.fromisoformat(kept) if kept else None


def _settle(act: Act, undo: dict[str, str], **values: str | int | bool | datetime | None) -> Done:
    act.db.execute(update(LiveSession).where(LiveSession.id == act.session.id).values(changed_rev=act.rev, **values))
    return Done(undo=undo)
