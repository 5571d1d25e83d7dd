"""The one door: who may do what, when, and what comes of it; never commits and never tells anybody.

Shape (`commands.parse`), then who (`permissions`), then when (`openings`), then how (`rules`).
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from sessions import carried, commands, openings, world
from sessions.commands import (
    AgreeStep,
    Approve,
    CheckIn,
    Command,
    Erase,
    Hide,
    Leave,
    Refused,
    ReissueLink,
    Result,
    ReviseStep,
    Reword,
    SetSharing,
    Show,
    Undo,
    Withdraw,
)
from sessions.models import Contribution, Installation, LiveSession, LogEntry, Seat, Step
from sessions.permissions import MAY_SEND, Role, Visitor, belongs
from sessions.rules import contributions, moderation, reflections, seats, stages, steps, themes, undoing, votes
from sessions.rules.act import Act, Done, newest
from sessions.store import SessionRow, find_session

_ABOUT = ("contribution", "target", "theme", "step")

Rule = Callable[..., Done]

# Statements are built once: building one takes ten times as long as running it.
_EARLIER = select(LogEntry.rev, LogEntry.status, LogEntry.digest, LogEntry.target).where(
    LogEntry.session_id == bindparam("session"),
    LogEntry.actor == bindparam("by"),
    LogEntry.command_id == bindparam("command"),
)
_LEFT = select(Seat.left).where(Seat.id == bindparam("seat"))
_REHEARSING = select(Seat.id).where(Seat.session_id == bindparam("session"), Seat.pretend, ~Seat.left).limit(1)
_STATE = select(Contribution.state).where(
    Contribution.session_id == bindparam("session"), Contribution.id == bindparam("contribution")
)
_DIGEST_KEY = select(Installation.digest_key)
_STEP_CHANGED = select(Step.id).where(Step.session_id == bindparam("session"), Step.rev == bindparam("rev")).limit(1)
_NEXT_REVISION = (
    update(LiveSession)
    .where(LiveSession.id == bindparam("session"))
    .values(rev=LiveSession.rev + 1)
    .returning(LiveSession.rev)
)
_LOG = insert(LogEntry)

# What someone may still do with their own words after leaving, or after the café has closed.
_AFTERWARDS = (Withdraw, SetSharing)
# What a facilitator may still do then, so that the guide can be put in order: late ideas, names that must go,
# steps that were agreed in the last minute.
_PUTTING_IN_ORDER = (Hide, Show, Approve, Reword, Erase, Undo, AgreeStep, ReviseStep, CheckIn, ReissueLink)
# How a small step goes on is mostly told when the café has long closed.
# What may change the steps that a later café on the foundation begins with.
_OF_STEPS = (AgreeStep, ReviseStep, CheckIn, Undo)
_STILL: dict[Role, tuple[type[Command], ...]] = {"facilitator": _PUTTING_IN_ORDER, "reviewer": (CheckIn,)}


RULES: dict[type[Command], Rule] = {
    commands.Join: seats.join,
    commands.Leave: seats.leave,
    commands.Contribute: contributions.contribute,
    commands.Publish: contributions.publish,
    commands.Reword: contributions.reword,
    commands.Withdraw: contributions.withdraw,
    commands.SetSharing: contributions.set_sharing,
    commands.Vote: votes.vote,
    commands.Merge: themes.merge,
    commands.Split: themes.split,
    commands.RenameTheme: themes.rename_theme,
    commands.SetBallot: themes.set_ballot,
    commands.AgreeStep: steps.agree_step,
    commands.ReviseStep: steps.revise_step,
    commands.CheckIn: steps.check_in,
    commands.ReissueLink: steps.reissue_link,
    commands.Pass: seats.pass_,
    commands.Ready: seats.ready,
    commands.Reflect: reflections.reflect,
    commands.Mute: moderation.mute,
    commands.Remove: moderation.remove,
    commands.Moderate: stages.moderate,
    commands.Spotlight: stages.spotlight,
    commands.Blank: stages.blank,
    commands.ShowTimer: stages.show_timer,
    commands.Hide: moderation.hide,
    commands.Show: moderation.show,
    commands.Approve: moderation.approve,
    commands.Erase: moderation.erase,
    commands.Undo: undoing.undo,
    commands.GoToStage: stages.go_to_stage,
    commands.CloseStage: stages.close_stage,
    commands.ReopenStage: stages.reopen_stage,
    commands.SetTimer: stages.set_timer,
    commands.LockJoining: stages.lock_joining,
}


def apply(
    db: Connection, visitor: Visitor, code: str, message: Mapping[str, object], *, from_form: bool = False
) -> Result:
    """Carry out one command for a visitor in the session with this code, or say kindly why not.

    The message's `id` must have been checked to be a UUID v4. Raises LookupError for a session that does not exist
    or is none of the visitor's.
    """
    command_id = str(message["id"])
    session = find_session(db, code)
    if session is None or not belongs(visitor, session.id, session.organisation_id):
        raise LookupError(code)
    try:
        with db.begin_nested():
            return _judge(db, visitor, session, command_id, message, from_form)
    except Refused as no:
        return commands.refusal(command_id, no)


def knows(db: Connection, visitor: Visitor, code: str, command_id: str) -> bool:
    """Say whether a visitor's command was carried out before, so that sending it again changes nothing."""
    session = find_session(db, code)
    sent = {"session": session.id if session else None, "by": visitor.actor, "command": command_id}
    return db.execute(_EARLIER, sent).first() is not None


def record(db: Connection, session: SessionRow, actor: str, kind: str) -> int:
    """Raise a session's revision for an act outside the commands (closing a café), log it, and return the revision."""
    rev = _next_revision(db, session)
    _log(db, session, rev, actor, world.new_id(), kind, "applied", None, Done())
    return rev


def tell_followers(db: Connection, session: SessionRow, actor: str) -> None:
    """Give the sessions that begin with what this one agreed a revision, since that has changed."""
    for follower in carried.followers(db, session.cafe_id, session.foundation):
        rev = record(db, follower, actor, "hear_of_steps")
        db.execute(update(LiveSession).where(LiveSession.id == follower.id).values(changed_rev=rev))


def _judge(
    db: Connection,
    visitor: Visitor,
    session: SessionRow,
    command_id: str,
    message: Mapping[str, object],
    from_form: bool,
) -> Result:
    sent = {"session": session.id, "by": visitor.actor, "command": command_id}
    earlier = db.execute(_EARLIER, sent).one_or_none()
    about = earlier.target if earlier is not None and earlier.digest is None else command_id
    if _gone(db, session, about):
        raise Refused("erased", "These words were taken back, so they are not kept here any more.")
    command = commands.parse(message, from_form=from_form)
    digest = _digest(db, command)
    if earlier is not None:
        if earlier.digest not in (None, digest):
            raise Refused("id_reused", "This could not be told from something sent before. Please send it again.")
        return Result(command_id, "held" if earlier.status == "held" else "repeated", rev=earlier.rev)
    now = world.now()
    _who(db, visitor, session, command)
    timing = openings.timing(db, session, visitor, command, now)
    rev = _next_revision(db, session)
    act = Act(db, session, visitor, rev, now, timing)
    _fresh(act, command)
    done = RULES[type(command)](act, command)
    status = "held" if done.held else "applied"
    kind = commands.wire_name(type(command).__name__)
    _log(db, session, rev, visitor.actor, command_id, kind, status, digest, done)
    if isinstance(command, _OF_STEPS) and db.execute(_STEP_CHANGED, {"session": session.id, "rev": rev}).first():
        tell_followers(db, session, visitor.actor)
    return Result(command_id, "held" if done.held else "applied", rev=rev)


def _who(db: Connection, visitor: Visitor, session: SessionRow, command: Command) -> None:
    if visitor.role not in MAY_SEND[type(command)]:
        raise Refused("not_allowed", "This is not something you can do here.")
    if session.cafe_state == "prepared" and not _rehearses(db, visitor, session):
        raise Refused("wrong_stage", "This café has not opened yet.")
    if session.cafe_state == "closed" and not isinstance(command, _STILL.get(visitor.role, _AFTERWARDS)):
        raise Refused("session_closed", "This café has closed. Nothing more can be added, but your words are safe.")
    bound = visitor.role == "seat" and not isinstance(command, (*_AFTERWARDS, Leave))
    if bound and db.execute(_LEFT, {"seat": visitor.seat_id}).scalar_one():
        raise Refused("not_allowed", "You have left this session. Join again to go on.")


def _rehearses(db: Connection, visitor: Visitor, session: SessionRow) -> bool:
    """Say whether this is part of a rehearsal, which may go on before the café opens: nobody else is there then."""
    if visitor.role != "facilitator":
        return visitor.pretend
    return db.execute(_REHEARSING, {"session": session.id}).first() is not None


def _fresh(act: Act, command: Command) -> None:
    """Refuse what was decided on an older sight of what it is about than the present one."""
    if command.base is None:
        return
    about = {each for name in _ABOUT if isinstance(each := getattr(command, name, None), str)}
    about |= set(getattr(command, "contributions", ()))
    seen = newest(act, about) if about else act.session.changed_rev
    if seen > command.base:
        raise Refused("stale", "This has changed since you saw it. Have another look.")


def _gone(db: Connection, session: SessionRow, target: str | None) -> bool:
    state = db.execute(_STATE, {"session": session.id, "contribution": target}).scalar_one_or_none()
    return state in {"withdrawn", "erased"}


def _digest(db: Connection, command: Command) -> str:
    """Return a keyed digest of a command's meaning: enough to tell a repeat from a misuse, useless without the key."""
    key = db.execute(_DIGEST_KEY).scalar_one()
    return hmac.new(key.encode(), msgspec.json.encode(command), hashlib.sha256).hexdigest()


def _next_revision(db: Connection, session: SessionRow) -> int:
    return db.execute(_NEXT_REVISION, {"session": session.id}).scalar_one()


def _log(
    db: Connection,
    session: SessionRow,
    rev: int,
    actor: str,
    command_id: str,
    kind: str,
    status: str,
    digest: str | None,
    done: Done,
) -> None:
    db.execute(
        _LOG,
        {
            "session_id": session.id,
            "rev": rev,
            "actor": actor,
            "command_id": command_id,
            "kind": kind,
            "status": status,
            "digest": digest,
            "target": done.target,
            "undo": done.undo,
            "at": world.now(),
        },
    )
