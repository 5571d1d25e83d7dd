"""The audits of the harvest desk: what left it is gone from every place, and nobody checked what they picked."""

from sqlalchemy import Connection, String, cast, or_, select, text

from sessions.audits.telling import Kept, Wrong
from sessions.harvest.models import Entry, HarvestWording

_FOUND = {
    "sqlite": text("SELECT rowid FROM harvest_words"),
    "postgresql": text("SELECT entry_id FROM harvest_words"),
}


def gone(db: Connection, _kept: Kept) -> Wrong:
    """Find entries that left the desk and still have words, the team's own, or what they could be compared with."""
    worded = select(HarvestWording.entry_id)
    left = or_(Entry.text != "", cast(Entry.wordings, String) != "[]", Entry.checked != "", Entry.id.in_(worded))
    rows = db.execute(select(Entry.id).where(Entry.gone != "", left))
    yield from (f"entry {number}" for number in rows.scalars())


def found(db: Connection, _kept: Kept) -> Wrong:
    """Find entries that are at the desk and cannot be found by their words, or left it and can."""
    index = set(db.execute(_FOUND[db.dialect.name]).scalars())
    there = set(db.execute(select(Entry.id).where(Entry.gone == "")).scalars())
    yield from (f"entry {number}" for number in sorted(index ^ there))


def checked(db: Connection, _kept: Kept) -> Wrong:
    """Find entries that were checked by whoever picked them, or by nobody."""
    alone = or_(Entry.checked_by == Entry.picked_by, Entry.checked_by.is_(None))
    rows = db.execute(select(Entry.id).where(Entry.checked != "", alone))
    yield from (f"entry {number}" for number in rows.scalars())
