"""What was done at the desk, by whom and when; and taking an act back: exactly, or not at all with the reason.

What brought cafés here or took words away for good, and an edition that went out, are not taken back here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select, update

from sessions import refs, world
from sessions.commands import Refused
from sessions.harvest import curating
from sessions.harvest.curating import GIVEN, kept
from sessions.harvest.entries import EntryRow, NotThere, entry_of
from sessions.harvest.grouping import move
from sessions.harvest.models import Deed, Entry, HarvestWording, Source
from sessions.models import Member
from sessions.permissions import Visitor

MOST = 100  # at once


class DeedRow(msgspec.Struct, frozen=True):
    """One act: when, what, by which member (nobody: a program, or whoever sits at the machine), and about what."""

    id: int
    at: datetime
    kind: str
    member: str | None
    entry_id: int | None
    source_id: str | None
    cafe: str | None
    alike: str | None
    before: dict[str, str]
    after: dict[str, str]
    undone_at: datetime | None

    @property
    def about(self) -> int | None:
        """The entry it is about, or of several that were put together one."""
        grouped = next(iter(self.after), None) if self.kind == "grouped" else None
        return self.entry_id or (int(grouped) if grouped else None)

    @property
    def undoable(self) -> bool:
        """Whether it is of a kind that can be taken back, and was not; whether more has happened is seen then."""
        return self.kind in _BACK and self.undone_at is None


def listed(db: Connection, *, entry: int | None = None, before: int | None = None) -> tuple[DeedRow, ...]:
    """Return what was done, the latest first: to one entry alone, or what came before a deed."""
    query = _DEEDS.order_by(Deed.id.desc()).limit(MOST)
    if entry is not None:
        its_group = select(Entry.alike).where(Entry.id == entry).scalar_subquery()
        query = query.where((Deed.entry_id == entry) | (Deed.alike == its_group))
    if before is not None:
        query = query.where(Deed.id < before)
    return tuple(DeedRow(**row) for row in db.execute(query).mappings())


def undo(db: Connection, visitor: Visitor, number: int) -> DeedRow:
    """Take an act back as if it had not been; raises NotThere, or Refused when it cannot be, or more has happened."""
    curating.someone(visitor)
    row = db.execute(_DEEDS.where(Deed.id == number)).mappings().one_or_none()
    if row is None:
        raise NotThere(number)
    deed = DeedRow(**row)
    if deed.kind not in _BACK:
        raise Refused("not_allowed", "This cannot be taken back here.")
    if deed.undone_at is not None:
        raise Refused("stale", "This was taken back already.")
    _BACK[deed.kind](db, deed)
    db.execute(update(Deed).where(Deed.id == number).values(undone_at=world.now()))
    after = {"deed": str(number), "kind": deed.kind}
    curating.note(db, visitor, "undone", entry=deed.entry_id, source=deed.source_id, alike=deed.alike, after=after)
    return deed


def _its_entry(db: Connection, deed: DeedRow) -> EntryRow:
    if deed.entry_id is None:
        raise NotThere(deed.id)
    entry = entry_of(db, deed.entry_id)
    if entry.gone:
        raise Refused("no_such_target", "These words are not here any more, so nothing can be done with them.")
    return entry


def _as_before(db: Connection, deed: DeedRow) -> None:
    """Give fields of an entry back what they held."""
    entry = _its_entry(db, deed)
    if any(kept(getattr(entry, name)) != value for name, value in deed.after.items()):
        raise _more()
    curating.stamp(db, entry.id, {name: GIVEN[name](value) for name, value in deed.before.items()})


def _other_words(db: Connection, deed: DeedRow) -> None:
    """Have an entry say in print what it said before, while those words are here."""
    entry = _its_entry(db, deed)
    if str(entry.wording or "") != deed.after["wording"] or entry.sent_back != deed.after["sent_back"]:
        raise _more()
    before = int(deed.before["wording"]) if deed.before["wording"] else None
    its = select(HarvestWording.id).where(HarvestWording.id == before, HarvestWording.entry_id == entry.id)
    if before is not None and db.execute(its).first() is None:
        raise Refused("no_such_target", "The words it had before are not here any more.")
    curating.switch(db, entry.id, before)
    curating.stamp(db, entry.id, {"sent_back": deed.before["sent_back"]})


def _tag(db: Connection, deed: DeedRow) -> None:
    """Take a tag off again, or give it back."""
    entry, sealed = _its_entry(db, deed), refs.sealed(db)
    there = entry.tags if deed.kind == "tagged" else entry.untagged
    tag = next((each for each in there if sealed(each) == deed.after["tag"]), None)
    if tag is None:
        raise _more()
    curating.move_tag(db, entry, tag, on=deed.kind == "untagged")


def _unchecked(db: Connection, deed: DeedRow) -> None:
    """Have an entry wait for a second person again."""
    entry = _its_entry(db, deed)
    its = Deed.entry_id == entry.id, Deed.kind == "checked", Deed.undone_at.is_(None)
    if not entry.checked or db.execute(select(func.max(Deed.id)).where(*its)).scalar() != deed.id:
        raise _more()
    values = {"checked": "", "checked_by": None, "checked_at": None, "sent_back": deed.before["sent_back"]}
    curating.stamp(db, entry.id, values)


def _regrouped(db: Connection, deed: DeedRow) -> None:
    """Have every entry stand in the group it stood in, or in none."""
    stands = select(Entry.id, Entry.alike).where(Entry.id.in_(int(each) for each in deed.after))
    if {str(row.id): row.alike or "" for row in db.execute(stands)} != deed.after:
        raise _more()
    move(db, {int(each): alike or None for each, alike in deed.before.items()})


def _more() -> Refused:
    return Refused("stale", "More has happened since, so this cannot be taken back. Have another look.")


_BACK: Mapping[str, Callable[[Connection, DeedRow], None]] = {
    "shortlisted": _as_before,
    "put_aside": _as_before,
    "put_back": _as_before,
    "picked": _as_before,
    "sent_back": _as_before,
    "worded": _other_words,
    "tagged": _tag,
    "untagged": _tag,
    "checked": _unchecked,
    "grouped": _regrouped,
}
_DEEDS = (
    select(Deed.id, Deed.at, Deed.kind, Member.name.label("member"), Deed.entry_id, Deed.source_id)
    .add_columns(Source.title.label("cafe"), Deed.alike, Deed.before, Deed.after, Deed.undone_at)
    .outerjoin(Member, Member.id == Deed.member_id)
    .outerjoin(Entry, Entry.id == Deed.entry_id)
    .outerjoin(Source, Source.id == func.coalesce(Deed.source_id, Entry.source_id))
)
