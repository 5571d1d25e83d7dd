"""What hide, show, approve and erase do to a contribution: hiding is reversible and for the room, erasing for good."""

from sessions.commands import Approve, Erase, Hide, Refused, Show
from sessions.rules import words
from sessions.rules.act import NOT_HERE, Act, Done, find, stamp


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
    stamp(act, found.id, state="erased")
    return Done(target=found.id)


def _move(act: Act, contribution: str, before: tuple[str, ...], after: str) -> Done:
    found = find(act, contribution)
    if found is None or found.state not in before:
        raise Refused("no_such_target", NOT_HERE)
    if after == "shown" and found.shown_rev is None:
        stamp(act, contribution, state=after, shown_rev=act.rev)
    else:
        stamp(act, contribution, state=after)
    return Done(target=contribution, undo={"state": found.state})
