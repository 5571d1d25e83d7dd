"""The stages of each agenda in order: what people are asked to do, minutes, welcome commands, what each view shows.

A stage is an entry here and a file in `templates/stages/`. Moving between stages is a command (`rules.stages`); which
of them a session has, and for how long, is the session's. The minutes are domain.md §6.1's.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Literal, Protocol

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

AgendaId = Literal["together", "cafe"]
LENGTHS = (60, 90, 120)  # minutes of a whole café (domain.md §6.1)

# Welcome at every stage: coming and going, taking words back, and the facilitator's own tools.
_ROOM: tuple[type[Command], ...] = (GoToStage, CloseStage, ReopenStage, SetTimer, ShowTimer, LockJoining, Moderate)
_GROUPS: tuple[type[Command], ...] = (Merge, Split, RenameTheme, SetBallot)
_STEPS: tuple[type[Command], ...] = (AgreeStep, ReviseStep, CheckIn, ReissueLink)
_ORDER: tuple[type[Command], ...] = (Hide, Show, Approve, Erase, Undo, Mute, Remove, Spotlight, Blank)
ALWAYS: frozenset[type[Command]] = frozenset(
    (Join, Leave, Ready, Withdraw, SetSharing, *_ROOM, *_GROUPS, *_STEPS, *_ORDER)
)
_WRITING: frozenset[type[Command]] = frozenset({Contribute, Publish, Reword})
_VOTING: frozenset[type[Command]] = frozenset({Vote, Pass})


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: what it is called, what to do now (for the phone and the screen), and what is welcome in it.

    Without a `heading`, the session's question stands above. `minutes` are those of a café of 60, 90 and 120 minutes;
    none: that café leaves the stage out. In a stage with `phones_down`, people talk or think, and what others said is
    out of their way.
    """

    id: str
    title: str
    now: str
    heading: str = ""
    minutes: tuple[int, int, int] = (0, 0, 0)
    welcome: frozenset[type[Command]] = frozenset()
    shows_tally: bool = False
    phones_down: bool = False


AGENDAS: dict[str, tuple[Stage, ...]] = {
    "together": (
        Stage(
            id="together",
            title="Together",
            now="Send an idea, read what others say, and choose what matters most.",
            welcome=_WRITING | _VOTING | {Reflect},
            shows_tally=True,
        ),
    ),
    "cafe": (
        Stage(
            id="arrive",
            title="Arrive",
            heading="Welcome",
            now="Settle in. We will begin together in a moment.",
            minutes=(10, 15, 15),
        ),
        Stage(
            id="evidence",
            title="Evidence",
            heading="Something to begin with",
            now="Listen and look. What does this say about where you are?",
            minutes=(5, 7, 10),
        ),
        Stage(
            id="think",
            title="Think",
            now="A quiet moment. Note what comes to mind: nobody sees it until you send it.",
            minutes=(4, 5, 6),
            welcome=_WRITING,
            phones_down=True,
        ),
        Stage(
            id="post",
            title="Post",
            now="Talk at your table first. Then send one idea at a time.",
            minutes=(12, 20, 30),
            welcome=_WRITING,
            phones_down=True,
        ),
        Stage(
            id="clarify",
            title="Clarify",
            heading="What belongs together?",
            now="Look up: together we group what says the same. Say so if your words mean something else.",
            minutes=(6, 10, 12),
        ),
        Stage(
            id="vote",
            title="Vote",
            heading="Choose what matters most",
            now="Choose what matters most to you. You can change your mind until voting closes.",
            minutes=(3, 5, 6),
            welcome=_VOTING,
        ),
        Stage(
            id="reveal",
            title="Reveal",
            heading="What matters most to this room",
            now="This is what the room chose. What do you notice?",
            minutes=(4, 5, 8),
            shows_tally=True,
        ),
        Stage(
            id="break",
            title="Break",
            heading="A break",
            now="Stretch, have a cup of tea. We go on in a few minutes.",
            minutes=(0, 0, 10),
            shows_tally=True,
        ),
        Stage(
            id="agree",
            title="Agree",
            heading="Our small steps",
            now="Together we turn what matters most into small steps. Would you lead one of them?",
            minutes=(11, 15, 15),
            shows_tally=True,
        ),
        Stage(
            id="close",
            title="Close",
            heading="Thank you",
            now="What you said is kept as you asked. You can still take your words back.",
            minutes=(5, 8, 8),
            welcome=frozenset({Reflect}),
            shows_tally=True,
        ),
    ),
}


def plan(agenda: str, length: int = 90) -> dict[str, int]:
    """Return the stages of an agenda with the minutes each has in a café of 60, 90 or 120 minutes."""
    place = LENGTHS.index(length)
    return {each.id: each.minutes[place] for each in AGENDAS[agenda] if each.minutes[place] or agenda == "together"}


class Planned(Protocol):
    """What is asked of a session about its course."""

    @property
    def agenda(self) -> str:
        """Which agenda it follows."""

    @property
    def minutes(self) -> dict[str, int]:
        """Its stages with the minutes each has; none for those planned before there was a choice."""


def course(session: Planned) -> dict[str, int]:
    """Return the stages of a session with the minutes each has."""
    return session.minutes or plan(session.agenda)


def stages(agenda: str, minutes: Collection[str] = ()) -> tuple[Stage, ...]:
    """Return the stages of an agenda in order, only those in `minutes` if there are any; raises KeyError."""
    return tuple(each for each in AGENDAS[agenda] if not minutes or each.id in minutes)


def stage(agenda: str, stage_id: str) -> Stage:
    """Return one stage of an agenda; raises KeyError when the agenda has no such stage."""
    for each in AGENDAS[agenda]:
        if each.id == stage_id:
            return each
    raise KeyError(stage_id)


def following(agenda: str, stage_id: str, minutes: Collection[str] = ()) -> Stage | None:
    """Return the stage of a session after this one, or None at the end."""
    order = AGENDAS[agenda]
    after = order[order.index(stage(agenda, stage_id)) + 1 :]
    return next((each for each in after if not minutes or each.id in minutes), None)


def welcomes(current: Stage, kind: type[Command], closes_at: datetime | None, now: datetime) -> bool:
    """Say whether a kind of command may come now; what a stage welcomes ends when its closing countdown has run out."""
    if kind in ALWAYS:
        return True
    return kind in current.welcome and (closes_at is None or now < closes_at)
