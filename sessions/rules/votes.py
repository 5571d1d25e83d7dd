"""What a vote does: sets one seat's dots on one target, within its budget.

Counting the dots of everybody is `tally`'s; the writer lets one command through at a time, so what is read here
stays true until the commit.
"""

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from sessions.commands import Refused, Vote
from sessions.models import Contribution
from sessions.models import Vote as VoteRow
from sessions.rules.act import NOT_HERE, Act, Done, find

# Dots on words that were taken back or removed are free again; on hidden ones, and on those that wait again for a
# facilitator, they count until moved (contract.md).
COUNTED_STATES = ("shown", "hidden", "held")

# Statements are built once: building one takes ten times as long as running it.
_SEAT = (VoteRow.session_id == bindparam("session")) & (VoteRow.seat_id == bindparam("seat"))
_DOTS_ON = select(VoteRow.dots).where(_SEAT, VoteRow.target == bindparam("target"))
_SPENT = (
    select(func.coalesce(func.sum(VoteRow.dots), 0))
    .join(Contribution, (Contribution.session_id == VoteRow.session_id) & (Contribution.id == VoteRow.target))
    .where(_SEAT, VoteRow.target != bindparam("besides"), Contribution.state.in_(COUNTED_STATES))
)
_KEY = ("session_id", "seat_id", "target")
_SQLITE, _POSTGRESQL = sqlite.insert(VoteRow), postgresql.insert(VoteRow)
_SET = {
    "sqlite": _SQLITE.on_conflict_do_update(
        index_elements=_KEY, set_={"dots": _SQLITE.excluded.dots, "rev": _SQLITE.excluded.rev}
    ),
    "postgresql": _POSTGRESQL.on_conflict_do_update(
        index_elements=_KEY, set_={"dots": _POSTGRESQL.excluded.dots, "rev": _POSTGRESQL.excluded.rev}
    ),
}


def vote(act: Act, command: Vote) -> Done:
    """Set this seat's dots on a target to exactly `dots`; a vote taken back stays as a row without dots."""
    before = _dots_on(act, command.target)
    if not _may_be_chosen(act, command.target) and not (before and command.dots == 0):
        raise Refused("no_such_target", NOT_HERE)
    if command.dots > act.session.most_per_target:
        raise Refused("over_budget", "At most %(most)s on one idea.", most=act.session.most_per_target)
    left = act.session.budget - spent(act, besides=command.target)
    if command.dots > left:
        raise Refused("over_budget", _no_dots(left), left=left)
    row = {"session_id": act.session.id, "seat_id": act.visitor.seat_id, "target": command.target}
    act.db.execute(_SET[act.db.dialect.name], {**row, "dots": command.dots, "rev": act.rev})
    return Done(target=command.target, undo={"dots": str(before)})


def spent(act: Act, besides: str | None = None) -> int:
    """Return how many dots this seat has set, leaving one target out of the count."""
    seat = {"session": act.session.id, "seat": act.visitor.seat_id, "besides": besides or ""}
    return int(act.db.execute(_SPENT, seat).scalar_one())


def _dots_on(act: Act, target: str) -> int:
    of = {"session": act.session.id, "seat": act.visitor.seat_id, "target": target}
    return act.db.execute(_DOTS_ON, of).scalar_one_or_none() or 0


def _may_be_chosen(act: Act, target: str) -> bool:
    found = find(act, target)
    return found is not None and found.state == "shown" and found.kind == "action"


def _no_dots(left: int) -> str:
    if left <= 0:
        return "You have used all your dots. Take one back to move it."
    return "You have %(left)s left."
