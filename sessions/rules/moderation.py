"""What hide and show do; removing for good is another command, with other words."""

from sessions.commands import Hide, Refused, Show
from sessions.rules.act import NOT_HERE, Act, Done, find, stamp


def hide(act: Act, command: Hide) -> Done:
    """Take a shown contribution off the board; its words and dots stay."""
    return _move(act, command.contribution, "shown", "hidden")


def show(act: Act, command: Show) -> Done:
    """Put a hidden contribution back on the board."""
    return _move(act, command.contribution, "hidden", "shown")


def _move(act: Act, contribution: str, before: str, after: str) -> Done:
    found = find(act, contribution)
    if found is None or found.state not in {before, after}:
        raise Refused("no_such_target", NOT_HERE)
    stamp(act, contribution, state=after)
    return Done(target=contribution, undo={"state": found.state})
