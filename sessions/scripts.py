"""Rehearsed cafés as they are written down: the types of a script, and reading and checking `samples/*.toml`.

Playing them through the door is `replaying`.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from importlib import resources
from typing import Annotated, Literal, TypeVar

import msgspec

from sessions import framework, privacy
from sessions.commands import Answers, Kind, Progress, RestsOn, Share

BUDGET = 3  # dots each, one on an idea
PLACE = "northvale"

Ambitions = tuple[Annotated[int, msgspec.Meta(ge=1, le=framework.AMBITIONS)], ...]
T = TypeVar("T")


class ScriptError(ValueError):
    """A script cannot be played as it stands; the message says which file and why."""


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Evidence(_Part, frozen=True, kw_only=True):
    """What the talk began with: words of its own, or one of the kit's examples by its number from 0."""

    title: str = ""
    text: str = ""
    kit: int | None = None


class Event(_Part, frozen=True, kw_only=True):
    """The café: where and when, on which foundation, and how many of those with a phone set dots."""

    foundation: framework.Key
    title: str
    host: str
    place: str
    begins: datetime
    purpose: str
    setting: str
    partners: tuple[str, ...]
    voted: int
    evidence: Evidence | None = None


class People(_Part, frozen=True, kw_only=True):
    """So many people with a phone who were there as this, from there."""

    count: int
    here_as: str | None = None
    setting: str | None = None
    language: str | None = None


class Said(_Part, frozen=True, kw_only=True):
    """Something somebody posts, and by how many people it is chosen; `hands` are dots on paper.

    What is said in `think` is a draft first; `reworded` is what the facilitator makes of words that say who someone is;
    what is `parked` cannot be chosen.
    """

    text: str
    id: framework.Key | None = None
    kind: Kind = "action"
    ambitions: Ambitions = ()
    rests_on: RestsOn | None = None
    share: Share = "local"
    stage: Literal["think", "post"] = "post"
    late: bool = False
    on_behalf: bool = False
    withdrawn: bool = False
    reworded: str = ""
    parked: bool = False
    chosen: int = 0
    hands: int = 0

    @property
    def key(self) -> str:
        """What the rest of the script, or only the player, knows it by."""
        return self.id or self.text


class Theme(_Part, frozen=True, kw_only=True):
    """What is grouped because it says the same, and by how many people it is chosen."""

    id: framework.Key
    title: str
    holds: Annotated[tuple[framework.Key, ...], msgspec.Meta(min_length=2)]
    share: Share = "local"
    chosen: int = 0
    hands: int = 0

    @property
    def key(self) -> str:
        """What the rest of the script knows it by."""
        return self.id


class Told(_Part, frozen=True, kw_only=True):
    """What is told of a small step on a day."""

    on: date
    status: Progress
    note: str = ""
    measure: str = ""


class Step(_Part, frozen=True, kw_only=True):
    """A small step, what it came from, and what is told of it later."""

    on: framework.Key
    what: str
    first_step: str = ""
    lead: str = ""
    partners: str = ""
    by_when: str = ""
    how_we_know: str = ""
    support: str = ""
    ambitions: Ambitions = ()
    share: Share = "local"
    review_on: date
    told: tuple[Told, ...] = ()


class Script(_Part, frozen=True, kw_only=True):
    """One café from the first cup of tea to what became of its small steps."""

    cafe: Event
    people: tuple[People, ...]
    said: tuple[Said, ...]
    step: tuple[Step, ...]
    theme: tuple[Theme, ...] = ()
    closing: tuple[Answers, ...] = ()

    @property
    def phones(self) -> int:
        """How many people have a phone."""
        return sum(people.count for people in self.people)

    @property
    def targets(self) -> tuple[Said | Theme, ...]:
        """What may have dots: themes, and what is in none."""
        grouped = {key for theme in self.theme for key in theme.holds}
        return *self.theme, *(said for said in self.said if said.id not in grouped)

    @property
    def ballot(self) -> tuple[Said | Theme, ...]:
        """What may be chosen."""
        return tuple(
            target
            for target in self.targets
            if isinstance(target, Theme) or (target.kind == "action" and not target.parked)
        )


class Introduced(_Part, frozen=True, kw_only=True):
    """What editors say at the head of a chapter."""

    foundation: framework.Key
    introduction: str


class Reworded(_Part, frozen=True, kw_only=True):
    """What editors made of something people said."""

    said: str
    words: str


class Added(_Part, frozen=True, kw_only=True):
    """A line that editors added to one of a chapter's lists."""

    foundation: framework.Key
    to: str
    words: str


class LeftOut(_Part, frozen=True, kw_only=True):
    """A line that editors left out."""

    said: str


class Place(_Part, frozen=True, kw_only=True):
    """A place: its cafés in the order they were held, and what its guide's editors made of them, edition by edition."""

    organisation: str
    cafes: tuple[framework.Key, ...]
    editions: Annotated[tuple[datetime, ...], msgspec.Meta(min_length=1)]
    guide: dict[str, str | tuple[str, ...]]
    chapter: tuple[Introduced, ...] = ()
    reworded: tuple[Reworded, ...] = ()
    added: tuple[Added, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def scripts(self) -> tuple[Script, ...]:
        """The cafés as they are written down; raises ScriptError."""
        return tuple(_script(name) for name in self.cafes)


def load() -> Place:
    """Return the place that comes with this package; raises ScriptError."""
    return _read(PLACE, Place)


def _script(name: str) -> Script:
    script = _read(name, Script)
    for fault in _faults(script):
        raise ScriptError(f"{name}.toml: {fault}")
    return script


def _read(name: str, shape: type[T]) -> T:
    file = resources.files("sessions").joinpath("samples", f"{name}.toml")
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), shape)
    except ValueError as error:  # not readable as TOML, or not of this shape
        raise ScriptError(f"{name}.toml: {error}") from error


def _faults(script: Script) -> Iterator[str]:
    """Tell what the door would refuse, or nobody could have done."""
    said, targets = {each.id for each in script.said}, {each.id for each in script.targets}
    for key in (key for theme in script.theme for key in theme.holds):
        if key not in said:
            yield f"“{key}” is grouped, but nobody says it"
    yield from (f"a step comes from “{step.on}”, which is not there" for step in script.step if step.on not in targets)
    chosen = {each.key: each.chosen for each in script.ballot}
    yield from (f"“{key}” is chosen by more people than vote" for key, n in chosen.items() if n > script.cafe.voted)
    if sum(each.chosen for each in script.said) + sum(each.chosen for each in script.theme) != sum(chosen.values()):
        yield "what is grouped, parked or no action has no dots of its own"
    if sum(chosen.values()) > BUDGET * script.cafe.voted or script.cafe.voted > script.phones:
        yield "there are more dots than people have"
    for each in script.said:
        if bool(privacy.flags(each.text)) is not bool(each.reworded) or privacy.flags(each.reworded):
            yield f"this may say who someone is, or is reworded without need: {each.text}"
