"""What does not go to the project team, and why: counted, never told in words."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from sessions import changes
from sessions.answers import answers
from sessions.entities import Snapshot
from sessions.guide import WIDENING
from sessions.lines import real
from sessions.store import SessionRow

_GOES = WIDENING[WIDENING.index("team") :]


class Staying(msgspec.Struct, frozen=True, kw_only=True):
    """Ideas for the room or for the local guide alone, waiting for a facilitator, or left off the board; and the rest.

    `titles` are those of groups of which something goes; nobody is asked how far answers from the close may travel.
    """

    room: int = 0
    local: int = 0
    waiting: int = 0
    off_the_board: int = 0
    titles: int = 0
    steps: int = 0
    answers: int = 0


def staying(db: Connection, sessions: Sequence[SessionRow]) -> Staying:
    """Return what stays of some sessions."""
    each = [_of_session(db, session, changes.snapshot(db, session, "console")) for session in sessions]
    return Staying(**{name: sum(getattr(one, name) for one in each) for name in Staying.__struct_fields__})


def _of_session(db: Connection, session: SessionRow, seen: Snapshot) -> Staying:
    said = real(seen)
    shown = [card for card in said if card.state == "shown"]
    grouped = {card.theme for card in shown if card.share in _GOES}
    return Staying(
        room=sum(card.share == "room" for card in shown),
        local=sum(card.share == "local" for card in shown),
        waiting=sum(card.state == "held" for card in said),
        off_the_board=sum(card.state == "hidden" for card in said),
        titles=sum(
            bool(theme.title) and theme.id in grouped and theme.share not in _GOES
            for theme in seen.entities.themes or ()
        ),
        steps=sum(step.share not in _GOES for step in seen.entities.steps or ()),
        answers=len(answers(db, session)),
    )
