"""The stages of each agenda in order: what people are asked to do, minutes, welcome commands, what each view shows.

A stage is an entry here and a file in `templates/stages/`. Moving between stages is a command (`rules.stages`).
The minutes are domain.md §6.1's for a 90-minute café.
"""

from datetime import datetime
from typing import Literal

import msgspec

from sessions.commands import (
    Approve,
    CloseStage,
    Command,
    Contribute,
    Erase,
    GoToStage,
    Hide,
    Join,
    Leave,
    LockJoining,
    Publish,
    ReopenStage,
    Reword,
    SetSharing,
    SetTimer,
    Show,
    Undo,
    Vote,
    Withdraw,
)

AgendaId = Literal["together", "cafe"]

# Welcome at every stage: coming and going, taking words back, and the facilitator's own tools.
_MOVES: tuple[type[Command], ...] = (GoToStage, CloseStage, ReopenStage, SetTimer, LockJoining)
ALWAYS: frozenset[type[Command]] = frozenset(
    (Join, Leave, Withdraw, SetSharing, Hide, Show, Approve, Erase, Undo, *_MOVES)
)
_WRITING: frozenset[type[Command]] = frozenset({Contribute, Publish, Reword})
_VOTING: frozenset[type[Command]] = frozenset({Vote})


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: what it is called, what to do now (for the phone and the screen), and what is welcome in it.

    Without a `heading`, the kit's question stands above.
    """

    id: str
    title: str
    now: str
    heading: str = ""
    minutes: int | None = None
    welcome: frozenset[type[Command]] = frozenset()
    shows_tally: bool = False


AGENDAS: dict[str, tuple[Stage, ...]] = {
    "together": (
        Stage(
            id="together",
            title="Together",
            now="Send an idea, read what others say, and choose what matters most.",
            welcome=_WRITING | _VOTING,
            shows_tally=True,
        ),
    ),
    "cafe": (
        Stage(
            id="arrive",
            title="Arrive",
            heading="Welcome",
            now="Settle in. We will begin together in a moment.",
            minutes=15,
        ),
        Stage(
            id="post",
            title="Post",
            now="Talk at your table first. Then send one idea at a time.",
            minutes=20,
            welcome=_WRITING,
        ),
        Stage(
            id="vote",
            title="Vote",
            heading="Choose what matters most",
            now="Choose what matters most to you. You can change your mind until voting closes.",
            minutes=5,
            welcome=_VOTING,
        ),
        Stage(
            id="reveal",
            title="Reveal",
            heading="What matters most to this room",
            now="This is what the room chose. What do you notice?",
            minutes=5,
            shows_tally=True,
        ),
        Stage(
            id="close",
            title="Close",
            heading="Thank you",
            now="What you said is kept as you asked. You can still take your words back.",
            minutes=8,
            shows_tally=True,
        ),
    ),
}


def stages(agenda: str) -> tuple[Stage, ...]:
    """Return the stages of an agenda in order; raises KeyError for an unknown one."""
    return AGENDAS[agenda]


def stage(agenda: str, stage_id: str) -> Stage:
    """Return one stage of an agenda; raises KeyError when the agenda has no such stage."""
    for each in AGENDAS[agenda]:
        if each.id == stage_id:
            return each
    raise KeyError(stage_id)


def following(agenda: str, stage_id: str) -> Stage | None:
    """Return the stage after this one, or None at the end."""
    order = AGENDAS[agenda]
    place = order.index(stage(agenda, stage_id))
    return order[place + 1] if place + 1 < len(order) else None


def welcomes(current: Stage, kind: type[Command], closes_at: datetime | None, now: datetime) -> bool:
    """Say whether a kind of command may come now; what a stage welcomes ends when its closing countdown has run out."""
    if kind in ALWAYS:
        return True
    return kind in current.welcome and (closes_at is None or now < closes_at)
