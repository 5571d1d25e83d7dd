"""Which of a participant's words wait for a facilitator before the room sees them, and for how long.

They wait when they came too late, when they may say who someone is (`privacy`), while everything is approved first,
and while their author is muted. A facilitator's own words never wait.
"""

from sqlalchemy import bindparam, select

from sessions.models import Seat
from sessions.rules.act import Act, Found

_MUTED = select(Seat.muted).where(Seat.id == bindparam("seat"))


def waits(act: Act, flags: str) -> bool:
    """Say whether words that are sent now must wait, given the kinds of what in them may say who someone is."""
    if act.visitor.role == "facilitator":
        return False
    return bool(flags) or act.timing == "too_late" or _looked_at_first(act)


def after_rewording(act: Act, found: Found, flags: str) -> str:
    """Return the state of a contribution that its author has reworded: back on the board if only its words kept it."""
    if found.state == "hidden":
        return "hidden"
    if flags or _looked_at_first(act):
        return "held"
    if found.state == "held" and not _waited_for_its_words(found):
        return "held"
    return "shown"


def _waited_for_its_words(found: Found) -> bool:
    # Of what came late it is not known whether it came too late, unless the room has seen it before.
    return bool(found.flags) and (not found.late or found.shown_rev is not None)


def _looked_at_first(act: Act) -> bool:
    return act.session.approve_first or bool(act.db.execute(_MUTED, {"seat": act.visitor.seat_id}).scalar())
