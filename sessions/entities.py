"""What a view can be told: contributions, votes, people and the rest as types, in a snapshot and in changes.

Which view may hold what is decided in `changes`; how it looks is the web face's.
"""

from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from sessions.commands import Answers, Kind, Progress, Share, Where

PROTOCOL = 1
State = Literal["draft", "held", "shown", "hidden", "withdrawn", "erased"]


class ContributionSeen(msgspec.Struct, frozen=True):
    """A contribution as a view may see it; `text` is null once its words are gone, `mine` stands in the phone view.

    `original` are its author's words beside a facilitator's, for the console and its author. In the console, `flags`
    are the kinds of what in it may say who someone is, until a facilitator has looked at that, and `pretend` ideas came
    from a rehearsal.
    """

    id: str
    rev: int
    order: int
    kind: Kind
    text: str | None
    prompt: int | None
    ambitions: tuple[int, ...]
    rests_on: str | None
    share: Share
    state: State
    theme: str | None
    late: bool
    on_behalf: bool
    mine: bool | UnsetType = UNSET
    original: str | UnsetType = UNSET
    flags: tuple[str, ...] | UnsetType = UNSET
    pretend: bool | UnsetType = UNSET


class Theme(msgspec.Struct, frozen=True):
    """Contributions grouped because they say the same, oldest first; only those this view may see.

    Without a title it is called by its oldest contribution's words. `share` is how far the title may travel.
    """

    id: str
    rev: int
    order: int
    title: str
    share: Share
    contributions: tuple[str, ...]


class Step(msgspec.Struct, frozen=True):
    """An agreed small step, with how it stands, when it is looked at again and what was told of it since."""

    id: str
    rev: int
    order: int
    target: str | None
    what: str
    first_step: str
    lead: str
    partners: str
    by_when: str
    how_we_know: str
    support: str
    ambitions: tuple[int, ...]
    share: Share
    status: Literal["not_started", "done", "under_way", "stopped", "changed"]
    review_on: date | None
    check_ins: tuple["Told", ...]


class Told(msgspec.Struct, frozen=True):
    """One check-in on a small step; `measure` is what is seen of how it was to be known."""

    at: datetime
    status: Progress
    note: str
    measure: str


class EarlierStep(msgspec.Struct, frozen=True):
    """A small step that an earlier café agreed on, with how it stands and what was told of it last."""

    what: str
    lead: str
    by_when: str
    status: Literal["not_started", "done", "under_way", "stopped", "changed"]
    told: Told | None


class Earlier(msgspec.Struct, frozen=True):
    """What the organisation's last café on this foundation agreed, as far as it may leave its room; maybe nothing."""

    cafe: str = ""
    day: date | None = None
    steps: tuple[EarlierStep, ...] = ()


class Evidence(msgspec.Struct, frozen=True):
    """A session's discussion object; `example` numbers one of the kit's, and a picture has its own address."""

    rev: int
    kind: Literal["text", "image", "link", "kit"]
    title: str
    text: str
    link: str
    alt: str
    example: int | None


class Votes(msgspec.Struct, frozen=True):
    """The ballot and, where the stage shows it, the tally; `mine` is what this seat has set, in the phone view.

    `held` are this seat's dots that came after voting had closed; `hands` those entered for people without a phone, in
    the console always, elsewhere with the tally. Of these, in the console, facilitators `entered` so many.
    """

    budget: int | UnsetType = UNSET
    most_per_target: int | UnsetType = UNSET
    ballot: tuple[str, ...] | UnsetType = UNSET
    tally: dict[str, int] | None | UnsetType = UNSET
    mine: dict[str, int] | UnsetType = UNSET
    held: dict[str, int] | UnsetType = UNSET
    hands: dict[str, int] | None | UnsetType = UNSET
    entered: dict[str, int] | UnsetType = UNSET


class People(msgspec.Struct, frozen=True):
    """How many hold a seat; of them, how many say they are done in this turn, have voted, have voted or passed.

    `pretend` of them belong to a rehearsal.
    """

    joined: int
    ready: int
    voted: int
    done: int
    pretend: int = 0


class Me(msgspec.Struct, frozen=True):
    """What one seat said of itself: the turns in which it was done and passed, and its answers at the close."""

    ready_turn: int | None
    passed_turn: int | None
    reflection: Answers | None


class Undoable(msgspec.Struct, frozen=True):
    """An act of a facilitator that could be undone now: the command's id and name, what it was about, its revision.

    `before` is what undoing it brings back: a state, a stage, or whose words they were (`author`, `facilitator`).
    """

    command: str
    do: str
    target: str | None
    rev: int
    before: str | None


class Undo(msgspec.Struct, frozen=True):
    """What of the facilitators' latest acts could be undone now, newest first."""

    acts: tuple[Undoable, ...]


class Entities(msgspec.Struct, frozen=True):
    """Everything a view may hold, `undo` in the console alone, `me` one seat's own; in changes, what did not change is
    left out.
    """

    session: str | UnsetType = UNSET
    foundation: str | UnsetType = UNSET
    agenda: str | UnsetType = UNSET
    stage: str | UnsetType = UNSET
    closes_at: datetime | None | UnsetType = UNSET
    timer_ends_at: datetime | None | UnsetType = UNSET
    joining_locked: bool | UnsetType = UNSET
    label: str | UnsetType = UNSET
    minutes: dict[str, int] | UnsetType = UNSET
    question: str | UnsetType = UNSET
    prompts: tuple[str, ...] | UnsetType = UNSET
    timer_on: Where | UnsetType = UNSET
    chime: bool | UnsetType = UNSET
    approve_first: bool | UnsetType = UNSET
    spotlight: str | None | UnsetType = UNSET
    blank: bool | UnsetType = UNSET
    evidence: Evidence | None | UnsetType = UNSET
    earlier: Earlier | UnsetType = UNSET
    contributions: tuple[ContributionSeen, ...] | UnsetType = UNSET
    themes: tuple[Theme, ...] | UnsetType = UNSET
    votes: Votes | UnsetType = UNSET
    steps: tuple[Step, ...] | UnsetType = UNSET
    people: People | UnsetType = UNSET
    undo: Undo | UnsetType = UNSET
    me: Me | UnsetType = UNSET


class Changes(msgspec.Struct, frozen=True, rename={"since": "from"}):
    """What differs between two revisions for one view; without `from`, what is one seat's alone.

    `gone` are ids this view could see and cannot any more; `erased` those that were removed for good, which a phone
    forgets whoever wrote them; `recounted` the targets whose open tally changed.
    """

    epoch: str
    since: int | UnsetType
    to: int
    turn: int
    now: datetime
    entities: Entities
    gone: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    recounted: tuple[str, ...] = ()


class Snapshot(msgspec.Struct, frozen=True):
    """Everything one view may hold at one revision."""

    protocol: int
    epoch: str
    rev: int
    turn: int
    entities: Entities

    def data(self) -> dict[str, object]:
        """Return the snapshot as the contract's one flat object."""
        flat = msgspec.to_builtins(self.entities)
        return {"protocol": self.protocol, "epoch": self.epoch, "rev": self.rev, "turn": self.turn, **flat}
