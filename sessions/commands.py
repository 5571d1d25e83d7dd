"""Every command and every result as a type; parse and dump. What a command does lives in `rules`.

The wire name of a command (`do`) is its class name in lower case with underscores, derived, never typed.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, NoReturn

import msgspec

from sessions import text

MOST_IN_A_BATCH = 20
MOST_BYTES = 64 * 1024
DEEPEST = 8  # lists and objects inside each other, in a body
LONGEST_NUMBER = 100  # digits

_UUID4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
Id = Annotated[str, msgspec.Meta(pattern=rf"\A{_UUID4}\Z", description="UUID v4, lower case")]
Word = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9_-]{1,40}\Z", description="a short word: a-z, 0-9, - and _")]
Day = Annotated[
    str, msgspec.Meta(pattern=r"\A(\d{4}-\d{2}-\d{2})?\Z", description="a day as in 2027-03-01, or an empty text")
]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Ambition = Annotated[int, msgspec.Meta(ge=1, le=6)]
Kind = Literal["action", "example", "question", "concern"]
Share = Literal["room", "local", "team", "open"]
RestsOn = Literal["research", "practice", "experience"]
Progress = Literal["done", "under_way", "stopped", "changed"]
Where = Literal["none", "screen", "phones"]
Title = Annotated[str, msgspec.Meta(max_length=200)]
Words = Annotated[str, msgspec.Meta(max_length=2000)]
Code = Literal[
    "unknown_command", "bad_field", "empty", "too_long", "wrong_stage", "not_allowed", "no_such_target",
    "over_budget", "id_reused", "erased", "stale", "session_closed", "votes_since",
]  # fmt: skip

_IS_ID = re.compile(f"{_UUID4}")


class Refused(Exception):  # noqa: N818  # a polite no, not an error
    """A no, with its code and a kind sentence; `say` is a template in English that `values` fill in."""

    def __init__(self, code: Code, say: str, **values: str | int) -> None:
        super().__init__(code)
        self.code: Code = code
        self.say = say
        self.values = values


class Mistaken(Refused):
    """A form that needs a small change: the sentence to show beside each field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("bad_field", next(iter(fields.values())))
        self.fields = dict(fields)


def wire_name(class_name: str) -> str:
    """Return the name a command has on the wire: `GoToStage` is `go_to_stage`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class Command(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
    tag_field="do", tag=wire_name,
):  # fmt: skip
    """What every command carries: its id, made by the sender, and what the sender had in view."""

    id: Id
    turn: Count | None = None
    base: Count | None = None


class Join(Command, frozen=True, kw_only=True):
    """Take a seat; both optional answers are only ever reported as counts."""

    language: Word | None = None
    here_as: Word | None = None
    setting: Word | None = None


class Leave(Command, frozen=True, kw_only=True):
    """Give the seat up; words and dots stay."""


class Contribute(Command, frozen=True, kw_only=True):
    """Post an idea under the command's own id; a draft stays private until it is published."""

    kind: Kind = "action"
    text: str
    prompt: Annotated[int, msgspec.Meta(ge=1, le=99)] | None = None
    ambitions: Annotated[tuple[Ambition, ...], msgspec.Meta(max_length=6)] = ()
    rests_on: RestsOn | None = None
    share: Share = "local"
    draft: bool = False
    on_behalf: bool = False
    consent: bool = False


class Publish(Command, frozen=True, kw_only=True):
    """Show a draft to the room."""

    contribution: Id


class Reword(Command, frozen=True, kw_only=True):
    """Give a contribution new words: its author's replace the old ones, a facilitator's stand beside them."""

    contribution: Id
    text: str


class Withdraw(Command, frozen=True, kw_only=True):
    """Take one's own words back: they are erased."""

    contribution: Id


class SetSharing(Command, frozen=True, kw_only=True):
    """Change how far one's own words may travel."""

    contribution: Id
    share: Share


class Vote(Command, frozen=True, kw_only=True):
    """Set this seat's dots on a target to exactly `dots`; `on_behalf`, those of people without a phone."""

    target: Id
    dots: Annotated[int, msgspec.Meta(ge=0, le=999)]
    on_behalf: bool = False


class Pass(Command, frozen=True, kw_only=True):
    """Say "I pass", or take it back: in this turn it counts as done."""

    ready: bool = True


class Ready(Command, frozen=True, kw_only=True):
    """Say "I'm done" with what the room is doing in this turn, or take it back."""

    ready: bool = True


class Reflect(Command, frozen=True, kw_only=True):
    """Answer the closing questions; what is sent again replaces what was said before."""

    answers: "Answers"


class Answers(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one sees differently now, what one will do first, and from 1 to 5 whether there was room for one's voice."""

    differently: Words = ""
    first: Words = ""
    room: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None


class Merge(Command, frozen=True, kw_only=True):
    """Group ideas that say the same under the command's own id; a theme's id stands for all in it.

    `share` is how far the title may travel; the ideas in it go as far as their authors chose.
    """

    contributions: Annotated[tuple[Id, ...], msgspec.Meta(min_length=2, max_length=200)]
    title: Title = ""
    share: Share = "local"


class Split(Command, frozen=True, kw_only=True):
    """Take ideas out of their themes; a theme with one idea left is none any more."""

    contributions: Annotated[tuple[Id, ...], msgspec.Meta(min_length=1, max_length=200)]


class RenameTheme(Command, frozen=True, kw_only=True):
    """Give a theme another title; without one it is called by its oldest idea's words.

    `share` is how far this title may travel; left out, no farther than the local guide and than the one before.
    """

    theme: Id
    title: Title
    share: Share | None = None


class SetBallot(Command, frozen=True, kw_only=True):
    """Say what may be voted on, the rest is shown as also said; without targets, every action is again."""

    targets: Annotated[tuple[Id, ...], msgspec.Meta(max_length=200)] | None = None


class AgreeStep(Command, frozen=True, kw_only=True):
    """Note a small step the room agreed on, under the command's own id; all but what it is may be filled in later.

    Without a `review_on` it is looked at again eight weeks after the café.
    """

    target: Id | None = None
    what: Words
    first_step: Words = ""
    lead: Title = ""
    partners: Annotated[str, msgspec.Meta(max_length=500)] = ""
    by_when: Annotated[str, msgspec.Meta(max_length=100)] = ""
    how_we_know: Words = ""
    support: Words = ""
    review_on: Day = ""
    ambitions: Annotated[tuple[Ambition, ...], msgspec.Meta(max_length=6)] = ()
    share: Share = "local"


class ReviseStep(Command, frozen=True, kw_only=True):
    """Change a small step in the fields that are given, or drop it."""

    step: Id
    what: Words | None = None
    first_step: Words | None = None
    lead: Title | None = None
    partners: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    by_when: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    how_we_know: Words | None = None
    support: Words | None = None
    review_on: Day | None = None
    ambitions: Annotated[tuple[Ambition, ...], msgspec.Meta(max_length=6)] | None = None
    share: Share | None = None
    dropped: bool | None = None


class CheckIn(Command, frozen=True, kw_only=True):
    """Tell how a small step stands, later on, and what is seen of how it was to be known; what was due and goes on is
    looked at again eight weeks later.
    """

    step: Id
    status: Progress
    note: Words = ""
    measure: Annotated[str, msgspec.Meta(max_length=500)] = ""


class ReissueLink(Command, frozen=True, kw_only=True):
    """Make a small step's review link anew: the old one opens nothing any more."""

    step: Id


class Hide(Command, frozen=True, kw_only=True):
    """Take a contribution off the board; reversible."""

    contribution: Id


class Show(Command, frozen=True, kw_only=True):
    """Put a hidden contribution back on the board."""

    contribution: Id


class Approve(Command, frozen=True, kw_only=True):
    """Put a contribution that was waiting for the facilitator on the board."""

    contribution: Id


class Erase(Command, frozen=True, kw_only=True):
    """Remove a contribution's words for good, with whatever could tell whose they were; this cannot be undone."""

    contribution: Id


class Undo(Command, frozen=True, kw_only=True):
    """Reverse an earlier act of a facilitator exactly: hide, show, approve, reword, go_to_stage, merge, split…"""

    command: Id


class GoToStage(Command, frozen=True, kw_only=True):
    """Move the room to any stage of its agenda, forwards or back."""

    stage: Word


class CloseStage(Command, frozen=True, kw_only=True):
    """Begin a visible countdown, after which the stage takes nothing more."""

    seconds: Annotated[int, msgspec.Meta(ge=0, le=600)] = 15


class ReopenStage(Command, frozen=True, kw_only=True):
    """Take a closing back: the stage takes what it took before."""


class SetTimer(Command, frozen=True, kw_only=True):
    """Show the room a time, so many seconds from now or `add`ed to what is left; 0 takes it away; ends nothing."""

    seconds: Annotated[int, msgspec.Meta(ge=0, le=4 * 60 * 60)]
    add: bool = False


class ShowTimer(Command, frozen=True, kw_only=True):
    """Say where the time is shown, and whether the screen chimes quietly when it is up."""

    where: Where
    chime: bool = False


class Moderate(Command, frozen=True, kw_only=True):
    """Have ideas wait for a facilitator before they are shown, or show them at once."""

    approve_first: bool


class Mute(Command, frozen=True, kw_only=True):
    """Have whatever the author of a contribution posts from now on wait for a facilitator, or no longer."""

    contribution: Id
    muted: bool = True


class Remove(Command, frozen=True, kw_only=True):
    """Take the seat of a contribution's author away; words and dots stay."""

    contribution: Id


class Spotlight(Command, frozen=True, kw_only=True):
    """Show one idea, theme or small step large on the screen, or none any more."""

    target: Id | None = None


class Blank(Command, frozen=True, kw_only=True):
    """Have the screen show nothing, or what it showed before."""

    blank: bool = True


class LockJoining(Command, frozen=True, kw_only=True):
    """Let nobody new join, or let people join again."""

    locked: bool = True


COMMANDS: dict[str, type[Command]] = {wire_name(each.__name__): each for each in Command.__subclasses__()}


class Result(msgspec.Struct, frozen=True):
    """What came of a command; `say` is a template in English that `values` fill in."""

    id: str
    status: Literal["applied", "repeated", "held", "refused", "retry"]
    rev: int | None = None
    code: Code | None = None
    say: str | None = None
    values: dict[str, str | int] = msgspec.field(default_factory=dict)
    retry_after_ms: int | None = None


def is_id(value: object) -> bool:
    """Say whether a value is a UUID v4 in lower case, the only form an id may have."""
    return isinstance(value, str) and _IS_ID.fullmatch(value) is not None


def parse(raw: Mapping[str, object], *, from_form: bool = False) -> Command:
    """Return the command a message means; raises Refused. Forms carry numbers and truth values as text."""
    do = raw.get("do")
    kind = COMMANDS.get(do) if isinstance(do, str) else None
    if kind is None:
        raise Refused("unknown_command", "This page asked for something we do not know. Please reload it.")
    try:
        command = msgspec.convert(raw, kind, strict=not from_form)
    except (msgspec.ValidationError, UnicodeError) as error:
        field = re.search(r"\$\.(\w{1,40})", str(error)) or re.search(r"field `(\w{1,40})`", str(error))
        named = field.group(1) if field else "message"
        raise Refused("bad_field", "Something in “%(field)s” could not be read.", field=named) from None
    if isinstance(command, Contribute | Reword):
        return msgspec.structs.replace(command, text=_words(command.text))
    return command


def list_fields(do: str) -> frozenset[str]:
    """Return which fields of a command are lists, so that a form may send them as several values."""
    kind = COMMANDS.get(do)
    return frozenset() if kind is None else _lists(kind)


def decode(body: bytes | str, deepest: int = DEEPEST) -> object:
    """Return the value of some JSON; raises ValueError for what is not, and for what nobody means.

    That is NaN and infinities, numbers beyond reason, a key twice in one object, and nesting deeper than `deepest`.
    A lone surrogate is let in: phones can cut an emoji in half, and `text` cleans what is left of it.
    """
    try:
        value = json.loads(
            body if isinstance(body, str) else body.decode(),
            parse_constant=_no_constant,
            parse_int=_number,
            parse_float=_finite,
            object_pairs_hook=_each_once,
        )
    except RecursionError:
        raise ValueError("nested beyond reason") from None
    _no_deeper(value, deepest)
    return value


def batch(body: object) -> list[dict[str, object]]:
    """Return the messages of a request's body; raises ValueError unless it is 1 to 20 objects, each with a good id."""
    messages = body.get("commands") if isinstance(body, dict) and set(body) == {"commands"} else None
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_IN_A_BATCH:
        raise ValueError("not a batch")
    if not all(isinstance(each, dict) and is_id(each.get("id")) for each in messages):
        raise ValueError("a message without an id")
    return messages


def refusal(command_id: str, no: Refused) -> Result:
    """Return the result that tells of a refusal."""
    return Result(command_id, "refused", code=no.code, say=no.say, values=no.values)


def dump(result: Result, translate: Callable[[str], str] = str) -> dict[str, str | int]:
    """Return a result as it goes over the wire, its sentence translated and filled in."""
    wire: dict[str, str | int] = {"id": result.id, "status": result.status}
    if result.rev is not None:
        wire["rev"] = result.rev
    if result.code is not None:
        wire["code"] = result.code
    if result.say is not None:
        wire["say"] = translate(result.say) % result.values
    if result.retry_after_ms is not None:
        wire["retry_after_ms"] = result.retry_after_ms
    return wire


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError("a number beyond reason")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond reason")
    return number


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _no_deeper(value: object, left: int) -> None:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inside is None:
        return
    if not left:
        raise ValueError("nested beyond reason")
    for each in inside:
        _no_deeper(each, left - 1)


def _words(typed: str) -> str:
    try:
        return text.words(typed)
    except text.NotAllowed as no:
        if no.code == "empty":
            raise Refused("empty", "There are no words here yet. Write your idea, then send it.") from None
        raise Refused(
            "too_long",
            "This has %(length)s characters; there is room for %(limit)s. Could it be two ideas?",
            length=no.length,
            limit=no.limit,
        ) from None


def _lists(kind: type[Command]) -> frozenset[str]:
    fields = msgspec.structs.fields(kind)
    return frozenset(each.name for each in fields if "tuple" in str(each.type))
