"""What a vote does: sets one seat's dots on one target, within its budget; or those of people without a phone.

What a target is and which dots stand is `targets`; counting everybody's is `tally`. The writer lets one command through
at a time, so what is read here stays true until the commit.
"""

from contextlib import suppress

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from sessions import targets
from sessions.commands import Refused, Vote
from sessions.models import Hands, HeldVote, Theme
from sessions.models import Vote as VoteRow
from sessions.rules.act import NOT_HERE, Act, Done, find, speaks_for_others

# Statements are built once: building one takes ten times as long as running it.
_THEME = select(Theme.id, Theme.into).where(Theme.session_id == bindparam("session"), Theme.id == bindparam("theme"))
_EMPTY = update(VoteRow).where(
    VoteRow.session_id == bindparam("session"),
    VoteRow.seat_id == bindparam("seat"),
    VoteRow.target.in_(bindparam("said", expanding=True)),
)
_EMPTY_HANDS = (
    update(Hands)
    .where(Hands.session_id == bindparam("session"), Hands.by == bindparam("whose"))
    .where(Hands.target.in_(bindparam("said", expanding=True)))
)
_HELD = (
    select(HeldVote.seat_id, HeldVote.target, HeldVote.dots)
    .where(HeldVote.session_id == bindparam("session"), HeldVote.dots > 0)
    .order_by(HeldVote.rev)
)


def _setting(table: type[VoteRow] | type[HeldVote] | type[Hands], by: str) -> dict[str, Insert]:
    """Return the statements that set dots whether or not there is a row, by the name of the database's kind."""
    said: dict[str, Insert] = {}
    for name, kind in (("sqlite", sqlite), ("postgresql", postgresql)):
        new = kind.insert(table)
        keys = ("session_id", by, "target")
        said[name] = new.on_conflict_do_update(
            index_elements=keys, set_={"dots": new.excluded.dots, "rev": new.excluded.rev}
        )
    return said


_SET = _setting(VoteRow, "seat_id")
_HOLD = _setting(HeldVote, "seat_id")
_SET_HANDS = _setting(Hands, "by")


def vote(act: Act, command: Vote) -> Done:
    """Set this seat's dots on a target to exactly `dots`; a vote taken back stays as a row without dots."""
    if command.on_behalf:
        return _by_hand(act, command)
    if act.visitor.seat_id is None:
        raise Refused("not_allowed", "Dots of your own are for people with a phone. Enter those of the room instead.")
    target = _target(act, command.target)
    if act.timing == "too_late":
        return _hold(act, act.visitor.seat_id, target, command.dots)
    set_dots(act, act.visitor.seat_id, target, command.dots)
    return Done(target=target)


def set_dots(act: Act, seat: int, target: str, dots: int) -> None:
    """Set a seat's dots on a target as it is now; raises Refused for what may not be chosen, or is too much."""
    rows = act.db.execute(targets.VOTES_OF_SEAT, {"session": act.session.id, "seat": seat}).all()
    before = {row.said for row in rows if row.target == target}
    if not (before and dots == 0) and target not in targets.ballot(act.db, act.session):
        raise Refused("no_such_target", NOT_HERE)
    if dots > act.session.most_per_target:
        raise Refused("over_budget", "At most %(most)s on one idea.", most=act.session.most_per_target)
    others = targets.capped(
        ((row.target, row.dots) for row in rows if row.target != target), act.session.most_per_target
    )
    left = act.session.budget - sum(others.values())
    if dots > left:
        raise Refused("over_budget", _no_dots(left), left=left)
    if elsewhere := before - {target}:  # set before these ideas were grouped: the group has one number now
        where = {"session": act.session.id, "seat": seat, "said": sorted(elsewhere)}
        act.db.execute(_EMPTY.values(dots=0, rev=act.rev), where)
    row = {"session_id": act.session.id, "seat_id": seat, "target": target, "dots": dots, "rev": act.rev}
    act.db.execute(_SET[act.db.dialect.name], row)


def count_held(act: Act) -> bool:
    """Count the dots that came after voting had closed, as if they came now; what cannot be counted is let go.

    Returns whether there were any.
    """
    waiting = act.db.execute(_HELD, {"session": act.session.id}).all()
    for held in waiting:
        with suppress(Refused):
            set_dots(act, held.seat_id, _target(act, held.target), held.dots)
        _hold(act, held.seat_id, held.target, 0)
    return bool(waiting)


def _hold(act: Act, seat: int, target: str, dots: int) -> Done:
    row = {"session_id": act.session.id, "seat_id": seat, "target": target, "dots": dots, "rev": act.rev}
    act.db.execute(_HOLD[act.db.dialect.name], row)
    return Done(target=target, held=True)


def _by_hand(act: Act, command: Vote) -> Done:
    """Set the dots of people without a phone: those the facilitators count, or those at one host's table."""
    if not speaks_for_others(act):
        raise Refused("not_allowed", "Adding dots for someone else is for the facilitator and table hosts.")
    by = "room" if act.visitor.role == "facilitator" else act.visitor.actor
    target = _target(act, command.target)
    if command.dots and target not in targets.ballot(act.db, act.session):
        raise Refused("no_such_target", NOT_HERE)
    whose = {"session": act.session.id, "whose": by}
    before = {row.said for row in act.db.execute(targets.HANDS_BY, whose) if row.target == target}
    if elsewhere := before - {target}:  # entered before these ideas were grouped: the group has one number now
        act.db.execute(_EMPTY_HANDS.values(dots=0, rev=act.rev), {**whose, "said": sorted(elsewhere)})
    row = {"session_id": act.session.id, "by": by, "target": target, "dots": command.dots, "rev": act.rev}
    act.db.execute(_SET_HANDS[act.db.dialect.name], row)
    return Done(target=target)


def _target(act: Act, named: str) -> str:
    """Return what a target that was named is now: a theme, or a contribution in none; raises Refused for neither."""
    found = find(act, named)
    if found is not None:
        return found.theme or found.id
    theme = act.db.execute(_THEME, {"session": act.session.id, "theme": named}).one_or_none()
    if theme is None:
        raise Refused("no_such_target", NOT_HERE)
    return str(theme.into or theme.id)


def _no_dots(left: int) -> str:
    if left <= 0:
        return "You have used all your dots. Take one back to move it."
    return "You have %(left)s left."
