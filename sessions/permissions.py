"""Who may send which command and see which view: one table each, everything else is refused.

Who someone is has been read from a credential before it comes here (`people` keeps them).
"""

from typing import Literal

import msgspec

from sessions.commands import (
    AgreeStep,
    Approve,
    Blank,
    CheckIn,
    CloseStage,
    Command,
    Contribute,
    Erase,
    GoToStage,
    Hide,
    Join,
    Leave,
    LockJoining,
    Merge,
    Moderate,
    Mute,
    Pass,
    Publish,
    Ready,
    Reflect,
    ReissueLink,
    Remove,
    RenameTheme,
    ReopenStage,
    ReviseStep,
    Reword,
    SetBallot,
    SetSharing,
    SetTimer,
    Show,
    ShowTimer,
    Split,
    Spotlight,
    Undo,
    Vote,
    Withdraw,
)

Role = Literal["newcomer", "seat", "facilitator", "team", "screen", "reviewer", "unproved"]
View = Literal["phone", "console", "screen"]


class Visitor(msgspec.Struct, frozen=True):
    """Who is asking: a role, the organisation it belongs to, and the session, seat, facilitator… it speaks for.

    A `host` is a seat that may add for others at its table, a `pretend` one belongs to a rehearsal; a reviewer holds
    the review link of one small step. Someone of the project team is `unproved` until their second step, and nothing
    but that step is theirs; a program of the project team is no member and has none.
    """

    role: Role
    organisation_id: str | None = None
    session_id: int | None = None
    seat_id: int | None = None
    facilitator_id: str | None = None
    step_id: str | None = None
    member_id: str | None = None
    host: bool = False
    pretend: bool = False

    @property
    def actor(self) -> str:
        """The name under which this visitor's command ids are kept apart from everybody else's."""
        if self.role == "seat":
            return f"seat:{self.seat_id}"
        if self.role == "reviewer":
            return f"reviewer:{self.step_id}"
        return f"{self.role}:{self.member_id or self.facilitator_id or ''}"


_SEAT: frozenset[Role] = frozenset({"seat"})
_FACILITATOR: frozenset[Role] = frozenset({"facilitator"})

MAY_SEND: dict[type[Command], frozenset[Role]] = {
    Join: frozenset({"newcomer"}),
    Leave: _SEAT,
    Contribute: _SEAT | _FACILITATOR,
    Publish: _SEAT,
    Reword: _SEAT | _FACILITATOR,
    Withdraw: _SEAT,
    SetSharing: _SEAT,
    Vote: _SEAT | _FACILITATOR,
    Pass: _SEAT,
    Ready: _SEAT,
    Reflect: _SEAT,
    Merge: _FACILITATOR,
    Split: _FACILITATOR,
    RenameTheme: _FACILITATOR,
    SetBallot: _FACILITATOR,
    AgreeStep: _FACILITATOR,
    ReviseStep: _FACILITATOR,
    CheckIn: _FACILITATOR | {"reviewer"},
    ReissueLink: _FACILITATOR,
    Moderate: _FACILITATOR,
    Mute: _FACILITATOR,
    Remove: _FACILITATOR,
    Spotlight: _FACILITATOR,
    Blank: _FACILITATOR,
    ShowTimer: _FACILITATOR,
    Hide: _FACILITATOR,
    Show: _FACILITATOR,
    Approve: _FACILITATOR,
    Erase: _FACILITATOR,
    Undo: _FACILITATOR,
    GoToStage: _FACILITATOR,
    CloseStage: _FACILITATOR,
    ReopenStage: _FACILITATOR,
    SetTimer: _FACILITATOR,
    LockJoining: _FACILITATOR,
}

MAY_SEE: dict[View, frozenset[Role]] = {
    "phone": _SEAT,
    "console": _FACILITATOR,
    "screen": frozenset({"screen", "facilitator"}),
}


def belongs(visitor: Visitor, session_id: int, organisation_id: str) -> bool:
    """Say whether a visitor has anything to do with a session; to everyone else it does not exist."""
    if visitor.role == "newcomer":
        return True  # whoever knows the code may ask to join; nothing else is theirs
    if visitor.role == "unproved":
        return False
    if visitor.role in {"seat", "screen", "reviewer"}:
        return visitor.session_id == session_id
    return visitor.organisation_id == organisation_id


def may_see(visitor: Visitor, view: View, session_id: int, organisation_id: str) -> bool:
    """Say whether a visitor may have a view of a session."""
    return visitor.role in MAY_SEE[view] and belongs(visitor, session_id, organisation_id)
