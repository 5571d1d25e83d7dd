"""The kit update: the file by which every installation gets a published edition's examples. What it is, and reading it.

Nothing in a file is believed: it is small, plain JSON of exactly these fields, and says nothing that the framework here
does not know. Taking one in, and which examples are in use, is `kit_examples`.
"""

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from sessions import commands, framework, text
from sessions.guide import Status
from sessions.harvest.catalogue import LICENCE, Catalogue, Kind, Part

SCHEMA: Final = 1
KIND: Final = "evidence-cafe kit update"
MOST_BYTES: Final = 4_000_000
MOST_EXAMPLES: Final = 2_000
DEEPEST: Final = 8
IN_ACTION: Final = frozenset({"action", "example", "step"})  # what a room could do too
NOT_ONE = "This is not a kit update that can be read here. Ask whoever sent it for the file as it was made."
ANOTHER_VERSION = (
    "This kit update was made for a newer Evidence Café. Ask whoever looks after this one to bring it up to date."
)
TOO_LARGE = "This file is too large to be a kit update. Nothing was taken in."

Line = Annotated[str, Meta(min_length=1, max_length=text.LONGEST_LINE)]
Words = Annotated[str, Meta(min_length=1, max_length=text.LONGEST_TEXT)]
Number = Annotated[str, Meta(pattern=r"^[1-9]\d{0,2}\.[1-9]\d{0,4}\Z")]
Count = Annotated[int, Meta(ge=0, le=100_000)]


class Unreadable(ValueError):  # noqa: N818  # a polite no
    """This is no kit update that can be taken in; `say` says why, in one sentence or two."""

    def __init__(self, say: str) -> None:
        super().__init__(say)
        self.say = say


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One example: its number in its edition, its words, and what is known of it; `credits` as the hosts approved."""

    number: Number
    text: Words
    kind: Kind
    ambitions: tuple[Annotated[int, Meta(ge=1, le=framework.AMBITIONS)], ...] = ()
    setting: Annotated[str, Meta(max_length=40)] = ""
    credits: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=300)], ...], Meta(max_length=50)] = ()
    cafes: Count = 0
    places: Count = 0
    status: Status = "not_started"
    invented: bool = False


class Update(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file: which edition, when it was published and when this copy was made, examples by foundation.

    `withdrawn` are the numbers of what the edition held and may not give any more.
    """

    kind: Literal["evidence-cafe kit update"] = KIND
    schema: int = SCHEMA
    edition: Annotated[int, Meta(ge=1, le=100_000)]
    title: Line
    day: datetime.date
    made_on: datetime.date
    by: Annotated[str, Meta(max_length=text.LONGEST_LINE)]
    framework_edition: Annotated[str, Meta(max_length=20)]
    licence: Line = LICENCE
    examples: Mapping[str, tuple[Example, ...]]
    withdrawn: Annotated[tuple[Number, ...], Meta(max_length=10 * MOST_EXAMPLES)] = ()

    @property
    def count(self) -> int:
        """How many examples it brings."""
        return sum(map(len, self.examples.values()))

    @property
    def invented(self) -> bool:
        """Whether any of it was invented, to try things out."""
        return any(each.invented for its in self.examples.values() for each in its)


def of(catalogue: Catalogue) -> Update:
    """Return the kit update of an edition as it may be given today."""
    return Update(
        edition=catalogue.number,
        title=catalogue.title,
        day=catalogue.day,
        made_on=catalogue.made_on,
        by=catalogue.by,
        framework_edition=catalogue.framework_edition,
        examples={part.foundation: tuple(_examples(part)) for part in catalogue.parts},
        withdrawn=tuple(dict.fromkeys(each.number for each in catalogue.withdrawn)),
    )


def dump(update: Update) -> bytes:
    """Return a kit update as a file: JSON that people can read, the same bytes for the same contents."""
    return msgspec.json.format(msgspec.json.encode(update), indent=1) + b"\n"


def looks_like_one(data: bytes) -> bool:
    """Say whether a file means to be a kit update, whether or not it is a good one."""
    return re.match(rb"\s*\{", data) is not None and f'"{KIND}"'.encode() in data


def read(data: bytes) -> Update:
    """Return the kit update that a file is; raises Unreadable with a sentence for whoever brought it."""
    if len(data) > MOST_BYTES:
        raise Unreadable(TOO_LARGE)
    try:
        told = commands.decode(data, DEEPEST)
        if isinstance(told, dict) and told.get("kind") == KIND and told.get("schema") != SCHEMA:
            raise Unreadable(ANOTHER_VERSION)
        found = msgspec.convert(told, Update)
    except (ValueError, msgspec.ValidationError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable(NOT_ONE) from None
    if any(_faults(found)):
        raise Unreadable(NOT_ONE)
    return found


def _examples(part: Part) -> Iterator[Example]:
    for example in part.examples:
        if example.kind in IN_ACTION:
            yield Example(**{name: getattr(example, name) for name in Example.__struct_fields__})


def _faults(update: Update) -> Iterator[bool]:
    """Yield whether something is wrong that no type says."""
    kit = framework.load()
    examples = [each for its in update.examples.values() for each in its]
    said = [update.title, update.by, update.framework_edition, update.licence]
    said += [credit for each in examples for credit in each.credits]
    yield not update.examples.keys() <= {each.id for each in kit.foundations}
    yield len(examples) > MOST_EXAMPLES or len({each.number for each in examples}) < len(examples)
    yield not {each.setting for each in examples} <= {"", *(each.id for each in kit.settings)}
    yield any(each.text != text.normal(each.text) or not text.visible(each.text) for each in examples)
    yield any(line != text.one_line(line) for line in said)
    yield update.made_on < update.day
