"""What a facilitator does about what is posted: hide, show, approve, erase; and about its author: mute, remove.

Hiding is reversible and for the room, erasing is for good. An author is only ever meant by a contribution.
"""

from sqlalchemy import update

from sessions.commands import Approve, Erase, Hide, Mute, Refused, Remove, Show
from sessions.models import Credential, Seat
from sessions.rules import words
from sessions.rules.act import NOT_HERE, Act, Done, find, guarded, stamp


def hide(act: Act, command: Hide) -> Done:
    """Take a contribution off the board, or off the list of those that wait; its words and dots stay."""
    return _move(act, command.contribution, ("shown", "held", "hidden"), "hidden")


def show(act: Act, command: Show) -> Done:
    """Put a hidden contribution back on the board."""
    return _move(act, command.contribution, ("hidden", "shown"), "shown")


def approve(act: Act, command: Approve) -> Done:
    """Put a contribution that was waiting on the board."""
    return _move(act, command.contribution, ("held", "shown"), "shown")


def erase(act: Act, command: Erase) -> Done:
    """Remove a contribution's words, digests and author for good; its row stays, and its id is never taken again."""
    found = find(act, command.contribution)
    if found is None or found.state not in {"held", "shown", "hidden"}:
        raise Refused("no_such_target", NOT_HERE)
    words.forget(act.db, act.session.id, found.id)
    words.unlink(act.db, act.session.id, found.id)
    stamp(act, found.id, state="erased", flags="", looked=True)
    return Done(target=found.id)


def mute(act: Act, command: Mute) -> Done:
    """Have whatever a contribution's author posts from now on wait for a facilitator, or no longer."""
    seat = _author(act, command.contribution)
    act.db.execute(update(Seat).where(Seat.id == seat).values(muted=command.muted, rev=act.rev))
    return Done(target=command.contribution)


def remove(act: Act, command: Remove) -> Done:
    """Take the seat of a contribution's author away: its credentials are worth nothing from now on."""
    seat = _author(act, command.contribution)
    act.db.execute(update(Seat).where(Seat.id == seat).values(left=True, rev=act.rev))
    act.db.execute(
        update(Credential).where(Credential.seat_id == seat, Credential.revoked_at.is_(None)).values(revoked_at=act.now)
    )
    return Done(target=command.contribution)


def _author(act: Act, contribution: str) -> int:
    found = find(act, contribution)
    if found is None or found.state == "draft":
        raise Refused("no_such_target", NOT_HERE)
    if found.seat_id is None:
        raise Refused("no_such_target", "Nobody knows who wrote this: it was added for someone, or removed for good.")
    return found.seat_id


def _move(act: Act, contribution: str, before: tuple[str, ...], after: str) -> Done:
    found = find(act, contribution)
    if found is None or found.state not in before:
        raise Refused("no_such_target", NOT_HERE)
    shown_rev = act.rev if after == "shown" and found.shown_rev is None else found.shown_rev
    stamp(act, contribution, state=after, shown_rev=shown_rev, looked=True)
    return Done(target=contribution, undo={"state": found.state, **guarded(found)})
