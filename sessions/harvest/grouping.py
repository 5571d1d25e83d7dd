"""Entries of several cafés that say the same: found by their words, put together under a title, told as one.

Each keeps its own words. Another title makes another group of the same entries, so that taking it back is exact.
"""

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import Connection, insert, select

from sessions import alike, text, world
from sessions.commands import Mistaken, Refused
from sessions.harvest.curating import at_hand, note, someone, stamp
from sessions.harvest.entries import EntryRow, NotThere, entries_where
from sessions.harvest.models import Alike, Entry, Source
from sessions.permissions import Visitor


class Said(msgspec.Struct, frozen=True):
    """At how many cafés, and in how many places, the same was said."""

    cafes: int
    places: int


ONCE = Said(1, 1)


def near(db: Connection, entry: EntryRow) -> tuple[EntryRow, ...]:
    """Return entries on the same foundation, not in its group, whose words are near its own, likeliest first."""
    said = select(Entry.id, Entry.text, Entry.wordings).where(
        Entry.foundation == entry.foundation, Entry.gone == "", Entry.id != entry.id
    )
    said = said.where(Entry.alike.is_distinct_from(entry.alike) | Entry.alike.is_(None))
    others = {str(row.id): (row.text, *row.wordings) for row in db.execute(said)}
    numbers = [int(each) for each in alike.nearest((entry.text, *entry.wordings), others)]
    found = {each.id: each for each in entries_where(db, Entry.id.in_(numbers))}
    return tuple(found[number] for number in numbers)


def group(db: Connection, visitor: Visitor, number: int, rev: int, others: Collection[int], title: str = "") -> str:
    """Put entries together with one that a member has before them, their groups with them, and return the group's id.

    Without a title it keeps one that a group among them had. Raises NotThere, Mistaken or Refused.
    """
    entry = at_hand(db, visitor, number, rev)
    found = entries_where(db, Entry.id.in_(others), Entry.gone == "")
    if len(found) < len(set(others)):
        raise Refused("stale", "Some of these words are not here any more. Have another look.")
    groups = {each.alike for each in (entry, *found) if each.alike}
    together = {entry.id, *(each.id for each in found), *_in_groups(db, groups)}
    if len(together) < 2:  # one alone is no group
        raise Mistaken({"others": "Tick at least one that says the same."})
    named = next((each for each in (entry, *found) if each.title), None)
    if named is not None and named.title and not text.visible(title):
        return _put(db, visitor, together, named.title, named.titled_by)
    return _put(db, visitor, together, title)


def retitle(db: Connection, visitor: Visitor, number: int, rev: int, title: str) -> str:
    """Give the group an entry stands in another title, or none; returns the id of the group it makes."""
    entry = at_hand(db, visitor, number, rev)
    if entry.alike is None:
        raise NotThere(number)
    if text.one_line(title) == entry.title:
        return entry.alike
    return _put(db, visitor, _in_groups(db, {entry.alike}), title)


def leave(db: Connection, visitor: Visitor, number: int, rev: int) -> None:
    """Take an entry out of its group; the last but one leaves the last alone, which is none."""
    entry = at_hand(db, visitor, number, rev)
    if entry.alike is None:
        return
    left = _in_groups(db, {entry.alike}) - {entry.id}
    _moved(db, visitor, {entry.id: None, **(dict.fromkeys(left) if len(left) == 1 else {})}, entry.alike)


def together(db: Connection, group_id: str) -> tuple[EntryRow, ...]:
    """Return the entries of a group that have their words."""
    return entries_where(db, Entry.alike == group_id, Entry.gone == "")


def counted(db: Connection, groups: Collection[str] | None = None) -> Mapping[str, Said]:
    """Return for each group (or those named) at how many cafés, in how many places, the same was said."""
    rows = select(Entry.alike, Entry.source_id, Source.place).join(Source, Source.id == Entry.source_id)
    rows = rows.where(Entry.alike.is_not(None), Entry.gone == "", Source.removed_at.is_(None))
    if groups is not None:
        rows = rows.where(Entry.alike.in_(groups))
    cafes: dict[str, set[str]] = {}
    places: dict[str, set[str]] = {}
    for row in db.execute(rows):
        cafes.setdefault(row.alike, set()).add(row.source_id)
        places.setdefault(row.alike, set()).add(text.one_line(row.place).casefold())
    return {each: Said(len(cafes[each]), len(places[each])) for each in cafes}


def move(db: Connection, groups: Mapping[int, str | None]) -> None:
    """Have entries stand in a group each, or in none."""
    for number, group_id in groups.items():
        stamp(db, number, {"alike": group_id})


def _put(db: Connection, visitor: Visitor, entries: Collection[int], title: str, titled_by: str | None = None) -> str:
    title = text.one_line(title)
    if len(title) > text.LONGEST_LINE:
        raise Mistaken({"title": "That is longer than a title can be. Please make it shorter."})
    group_id = world.new_id()
    row = {"id": group_id, "title": title, "made_of": sorted(entries), "created_at": world.now()}
    db.execute(insert(Alike).values(row | {"member_id": titled_by or someone(visitor)}))
    _moved(db, visitor, dict.fromkeys(sorted(entries), group_id), group_id)
    return group_id


def _moved(db: Connection, visitor: Visitor, groups: Mapping[int, str | None], about: str) -> None:
    rows = db.execute(select(Entry.id, Entry.alike).where(Entry.id.in_(groups)))
    stood = {row.id: row.alike for row in rows}
    move(db, groups)
    before, after = ({str(each): there[each] or "" for each in groups} for there in (stood, groups))
    note(db, visitor, "grouped", alike=about, before=before, after=after)


def _in_groups(db: Connection, groups: Collection[str]) -> set[int]:
    return set(db.execute(select(Entry.id).where(Entry.alike.in_(groups))).scalars())
