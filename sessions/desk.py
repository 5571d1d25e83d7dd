"""What lies on the guide desk: everything in a guide with its versions, what was left out included.

Nothing here reads or writes: `edits` keeps the versions, `laying` lays them upon the guide.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

import msgspec

from sessions import refs
from sessions.edits import ADDED, NO_PIECE, Key, Piece
from sessions.guide import (
    Chapter,
    Guide,
    Kind,
    KitExample,
    Language,
    Line,
    Provenance,
    Reader,
    SmallStep,
    Standing,
)

Name = Literal["local_examples", "examples_elsewhere", "actions", "also_said", "concerns", "questions", "steps"]
Thing = Line | SmallStep | KitExample

LISTS: tuple[Name, ...] = get_args(Name)
ADDABLE: dict[Name, Kind] = {
    "local_examples": "example", "also_said": "action", "concerns": "concern", "questions": "question",
}  # fmt: skip
INTRODUCTION = "introduction"
FIRST = "first"  # where a line stands that stands after none
WORDED = ("title", "aim", "introduction", "absent", "asked", "contact", "checked_by", "agreed_by")
LISTED = ("partners", "missing")  # one to a line
CHOSEN: dict[str, tuple[str, ...]] = {
    "status": get_args(Standing),
    "reader": get_args(Reader),
    "provenance": get_args(Provenance),
    "language": get_args(Language),
}
OWN = (*WORDED, *LISTED, *CHOSEN)


class Own(msgspec.Struct, frozen=True):
    """Something the editors say of the guide or a chapter: as it is without them, as it is now, its versions."""

    said: str
    words: str
    piece: Piece


class Entry(msgspec.Struct, frozen=True):
    """One thing in a list of the guide: as the guide has it, what people said, and its versions.

    An entry that `waits` was worded anew by an editor, but people's words have changed since: these are shown.
    """

    thing: Thing
    said: str
    out: bool
    wording: Piece
    leaving: Piece
    waits: bool = False

    @property
    def ref(self) -> str:
        """How it is spoken of."""
        return self.thing.ref

    @property
    def words(self) -> str:
        """What the guide says."""
        return self.thing.what if isinstance(self.thing, SmallStep) else self.thing.text

    @property
    def added(self) -> bool:
        """Whether nobody at the café said it."""
        return isinstance(self.thing, Line) and self.thing.added

    @property
    def choice_due(self) -> bool:
        """Whether two editors wrote at the same time, or people's words changed under an editor's."""
        return bool(self.wording.beside) or self.waits


class Section(msgspec.Struct, frozen=True):
    """A chapter at the desk: with everything left out in its place, too."""

    chapter: Chapter
    out: bool
    leaving: Piece
    introduction: Own
    lists: Mapping[Name, tuple[Entry, ...]]

    def entries(self) -> Iterator[Entry]:
        """Go through everything in the chapter."""
        for name in LISTS:
            yield from self.lists[name]

    @property
    def choices_due(self) -> int:
        """How many things in the chapter an editor has to choose between."""
        return sum(entry.choice_due for entry in self.entries()) + bool(self.introduction.piece.beside)


class Desk(msgspec.Struct, frozen=True):
    """A guide with all that can be done with it; `guide` is as people's words alone would make it."""

    guide: Guide
    own: Mapping[str, Own]
    sections: tuple[Section, ...]

    def find(self, ref: str) -> Entry | None:
        """Return the entry that is spoken of so, if it is there."""
        return next((entry for section in self.sections for entry in section.entries() if entry.ref == ref), None)

    def section(self, foundation: str) -> Section | None:
        """Return the chapter on a foundation, if there is one."""
        return next((each for each in self.sections if each.chapter.foundation == foundation), None)


class Pieces(msgspec.Struct, frozen=True):
    """The versions of a guide: its own, and where it has none for a line, those of its cafés' own guides."""

    own: Mapping[Key, Piece]
    taken: Mapping[Key, Piece] = {}

    def of_line(self, ref: str, field: str) -> Piece:
        """Return the versions of a field of something people said."""
        mine = self.own.get((ref, field), NO_PIECE)
        return mine if mine.used or mine.beside else self.taken.get((ref, field), mine)

    def of(self, ref: str, field: str) -> Piece:
        """Return the versions of anything else."""
        return self.own.get((ref, field), NO_PIECE)

    def added(self, chapter: str, name: Name) -> Iterator[str]:
        """Go through the refs of what was added to a list, in that order."""
        every = {**self.taken, **self.own}
        here = f"{chapter} {name}"
        placed = [
            (piece.used.id, ref)
            for (ref, field), piece in every.items()
            if field == ADDED and piece.used and piece.used.words == here
        ]
        return (ref for _id, ref in sorted(placed))


def spoken(thing: Thing) -> tuple[str, ...]:
    """Return the words that people said for something in a guide, whether or not an editor worded it anew."""
    first = thing.what if isinstance(thing, SmallStep) else thing.text
    return (first if thing.original is None else thing.original, *(thing.wordings if isinstance(thing, Line) else ()))


def digest(thing: Thing) -> str:
    """Return what tells later whether people's words are still those that an editor had before them."""
    return refs.digest(*spoken(thing))


def made_of(thing: Thing) -> tuple[str, ...]:
    """Return the refs of what must keep its words for an editor's to be kept."""
    return (*(thing.holds if isinstance(thing, Line) else ()), thing.ref)
