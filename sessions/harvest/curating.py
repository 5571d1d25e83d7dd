"""What a member of the project team does with an entry at the desk, and the one note that is made of every act there.

People's own words are never changed: the team's stand beside them. The log of the notes, and taking an act back, is
`deeds`; saying that entries say the same is `grouping`, the look of a second person `checking`.
"""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from sqlalchemy import Connection, String, cast, insert, select, update

from sessions import refs, text, world
from sessions.commands import Mistaken, Refused
from sessions.harvest.entries import EntryRow, NotThere, entry_of
from sessions.harvest.models import Deed, Entry, HarvestWording
from sessions.harvest.publishable import PURPOSES, Reason, kept_back
from sessions.permissions import Visitor

DeedKind = Literal[
    "arrived", "updated", "removed", "withdrawn", "shortlisted", "put_aside", "put_back", "picked", "tagged",
    "untagged", "worded", "grouped", "checked", "sent_back", "undone", "published",
]  # fmt: skip
State = Literal["new", "shortlisted", "aside"]

LONGEST_TAG, MOST_TAGS = 40, 12
STATES: Mapping[str, State] = {state: state for state in get_args(State)}
_NEVER: Mapping[Reason, str] = {
    "not_open": "This was shared with the project team and not with anyone, so it is counted and never printed.",
    "host": "Its host did not release the café for this.",
    "asked": "People were asked in words that do not speak of data for research.",
}
_ACT: Mapping[State, DeedKind] = {"new": "put_back", "shortlisted": "shortlisted", "aside": "put_aside"}
_YES = "yes"


def note(
    db: Connection,
    visitor: Visitor | None,
    kind: DeedKind,
    *,
    entry: int | None = None,
    source: str | None = None,
    alike: str | None = None,
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
) -> int:
    """Note that something was done at the desk, and return the deed's id; nobody did it who is no visitor.

    `before` and `after` hold ids, states and numbers, and never any words.
    """
    row = {
        "at": world.now(),
        "member_id": visitor.member_id if visitor else None,
        "kind": kind,
        "source_id": source,
        "entry_id": entry,
        "alike": alike,
        "before": dict(before or {}),
        "after": dict(after or {}),
    }
    return db.execute(insert(Deed).values(row).returning(Deed.id)).scalar_one()


def someone(visitor: Visitor) -> str:
    """Return the member who is asking; raises Refused for a program, which is nobody and may only look."""
    if visitor.member_id is None:
        raise Refused("not_allowed", "Only a member of the project team can do this, signed in by name.")
    return visitor.member_id


def at_hand(db: Connection, visitor: Visitor, number: int, rev: int) -> EntryRow:
    """Return an entry for a member to act on as they saw it; raises NotThere, or Refused when it is another by now."""
    someone(visitor)
    entry = entry_of(db, number)
    if entry.gone:
        raise Refused("no_such_target", "These words are not here any more, so nothing can be done with them.")
    if entry.rev != rev:
        raise Refused("stale", "Something changed here meanwhile. Have another look, then do it again.")
    return entry


def sort(db: Connection, visitor: Visitor, number: int, rev: int, state: State) -> None:
    """Put an entry on the shortlist, aside, or back among the new ones; what is aside is picked for nothing."""
    entry = at_hand(db, visitor, number, rev)
    if state == entry.state:
        return
    values: dict[str, str | bool | None] = {"state": state}
    if state != "shortlisted":
        values |= {"for_guide": False, "for_research": False, "picked_by": None}
    change(db, visitor, entry, _ACT[state], values)


def shortlist(db: Connection, visitor: Visitor, number: int) -> None:
    """Put an entry on the shortlist from where many are listed, unless someone has sorted it meanwhile."""
    someone(visitor)
    entry = entry_of(db, number)
    if entry.state == "new" and not entry.gone:
        change(db, visitor, entry, "shortlisted", {"state": "shortlisted"})


def pick(db: Connection, visitor: Visitor, number: int, rev: int, *, guide: bool, research: bool) -> None:
    """Pick an entry for the next edition, for the data for research, for both or neither, in this member's name."""
    entry = at_hand(db, visitor, number, rev)
    if (guide, research) == (entry.for_guide, entry.for_research):
        return
    _only_what_may_be(entry, guide and not entry.for_guide, research and not entry.for_research)
    by = someone(visitor) if guide or research else None
    state = "shortlisted" if guide or research else entry.state
    picked = {"for_guide": guide, "for_research": research, "picked_by": by, "state": state, "sent_back": ""}
    change(db, visitor, entry, "picked", picked)


def word(db: Connection, visitor: Visitor, number: int, rev: int, words: str) -> None:
    """Have an entry say something in print in the team's words; empty ones, or people's own, go back to these."""
    entry = at_hand(db, visitor, number, rev)
    words = text.normal(words)
    if len(words) > text.LONGEST_TEXT:
        raise Mistaken({"words": "That is longer than can be kept. Please make it shorter."})
    if words == entry.words or (not words and not entry.edited):
        return
    made = None
    if text.visible(words) and words != entry.text:
        row = {"entry_id": number, "words": words, "used": False, "member_id": someone(visitor), "at": world.now()}
        made = db.execute(insert(HarvestWording).values(row).returning(HarvestWording.id)).scalar_one()
    _use(db, visitor, entry, made)


def use(db: Connection, visitor: Visitor, number: int, rev: int, wording: int) -> None:
    """Use one of the team's earlier wordings of an entry again; raises NotThere."""
    entry = at_hand(db, visitor, number, rev)
    its = select(HarvestWording.id).where(HarvestWording.entry_id == number, HarvestWording.id == wording)
    if db.execute(its).first() is None:
        raise NotThere(wording)
    if wording != entry.wording:
        _use(db, visitor, entry, wording)


def tag(db: Connection, visitor: Visitor, number: int, rev: int, given: str) -> None:
    """Give an entry a tag, in small letters."""
    entry = at_hand(db, visitor, number, rev)
    tag = text.one_line(given).lower()
    if not text.visible(tag) or len(tag) > LONGEST_TAG:
        raise Mistaken({"tag": "A tag is a word or a few, at most 40 characters."})
    if len(entry.tags) >= MOST_TAGS:
        raise Mistaken({"tag": "There are twelve tags on this already. Take one off first."})
    if tag not in entry.tags:
        move_tag(db, entry, tag, on=True)
        note(db, visitor, "tagged", entry=number, after={"tag": refs.sealed(db)(tag)})


def untag(db: Connection, visitor: Visitor, number: int, rev: int, tag: str) -> None:
    """Take a tag off an entry."""
    entry = at_hand(db, visitor, number, rev)
    if tag in entry.tags:
        move_tag(db, entry, tag, on=False)
        note(db, visitor, "untagged", entry=number, after={"tag": refs.sealed(db)(tag)})


def tags(db: Connection) -> tuple[str, ...]:
    """Return the tags that are in use, in the order of the alphabet."""
    tagged = select(Entry.tags).where(cast(Entry.tags, String) != "[]")
    return tuple(sorted({tag for row in db.execute(tagged) for tag in row.tags}))


def change(
    db: Connection, visitor: Visitor, entry: EntryRow, kind: DeedKind, values: Mapping[str, str | bool | None]
) -> None:
    """Change what the team says of an entry, and note what it was before."""
    before = {name: kept(getattr(entry, name)) for name in values}
    stamp(db, entry.id, values)
    note(db, visitor, kind, entry=entry.id, before=before, after={name: kept(value) for name, value in values.items()})


def stamp(db: Connection, number: int, values: Mapping[str, object]) -> None:
    """Set fields of an entry, which is another from then on to whoever has its page open; voids what does not hold."""
    db.execute(update(Entry).where(Entry.id == number).values({**values, "rev": Entry.rev + 1}))
    entry = entry_of(db, number)
    if entry.checked and not entry.checked_as_it_is:
        unchecked = {"checked": "", "checked_by": None, "checked_at": None}
        db.execute(update(Entry).where(Entry.id == number).values(unchecked))


def kept(value: str | bool | None) -> str:
    """Return a field as a deed keeps it."""
    return _YES if value is True else value or ""


GIVEN: Mapping[str, Callable[[str], str | bool | None]] = {
    "state": str,
    "sent_back": str,
    "picked_by": lambda value: value or None,
    "for_guide": _YES.__eq__,
    "for_research": _YES.__eq__,
}


def move_tag(db: Connection, entry: EntryRow, tag: str, *, on: bool) -> None:
    """Have a tag stand on an entry, or among those that were taken off it."""
    tags, untagged = ([each for each in there if each != tag] for there in (entry.tags, entry.untagged))
    there = {"tags": [*tags, tag], "untagged": untagged} if on else {"tags": tags, "untagged": [*untagged, tag]}
    stamp(db, entry.id, there)


def switch(db: Connection, number: int, wording: int | None) -> None:
    """Have an entry say one of the team's wordings, or with none what people said."""
    db.execute(update(HarvestWording).where(HarvestWording.entry_id == number).values(used=False))
    if wording is not None:
        db.execute(update(HarvestWording).where(HarvestWording.id == wording).values(used=True))


def _only_what_may_be(entry: EntryRow, guide: bool, research: bool) -> None:
    """Raise Mistaken where an entry could not be published for what it would be picked for, whatever the team did."""
    wanted = {"guide": guide, "research": research}
    never: dict[str, str] = {
        purpose: say
        for purpose in PURPOSES
        if wanted[purpose] and (say := next((_NEVER[why] for why in kept_back(entry, purpose) if why in _NEVER), None))
    }
    if never:
        raise Mistaken(never)


def _use(db: Connection, visitor: Visitor, entry: EntryRow, wording: int | None) -> None:
    switch(db, entry.id, wording)
    stamp(db, entry.id, {"sent_back": ""})
    before = {"wording": str(entry.wording or ""), "sent_back": entry.sent_back}
    note(db, visitor, "worded", entry=entry.id, before=before, after={"wording": str(wording or ""), "sent_back": ""})
