"""Editions that were published: what each may still give, and what was withdrawn since; making one is `publishing`.

What stands in an edition is given while its words are still those it was published with, and may still be quoted.
Numbers stay: whoever has an older copy can strike out what the newest list of withdrawals names.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, func, select

from sessions import framework, people, refs, world
from sessions.guide import Ambition
from sessions.harvest.catalogue import Catalogue, Example, Part, WhyOut, Withdrawn
from sessions.harvest.entries import EntryRow, entries_where
from sessions.harvest.models import Alike, Entry, Published
from sessions.harvest.publishable import Purpose, Reason, kept_back
from sessions.models import Member

_WHY: Mapping[Reason, WhyOut] = {
    "not_open": "closer",
    "host": "closer",
    "asked": "closer",
    "not_picked": "taken_out",
    "sent_back": "taken_out",
}


class Listed(msgspec.Struct, frozen=True):
    """An edition in a list: its number, title and day, how many examples it may still give, how many it may not."""

    number: int
    title: str
    day: date
    examples: int
    withdrawn: int


class _Edition(msgspec.Struct, frozen=True):
    """An edition as it is kept."""

    number: int
    title: str
    at: datetime
    member_id: str | None
    holds: dict[str, str]
    laid: dict[str, str]


_EDITIONS = select(
    Published.number, Published.title, Published.at, Published.member_id, Published.holds, Published.laid
).order_by(Published.number.desc())


def every(db: Connection) -> list[Listed]:
    """Return the editions as they are listed, the latest first."""
    return [_listed(_catalogue(db, _Edition(**row._mapping))) for row in db.execute(_EDITIONS).all()]


def find(db: Connection, number: int) -> Catalogue | None:
    """Return an edition as it may be given today, if it was published."""
    row = db.execute(_EDITIONS.where(Published.number == number)).one_or_none()
    return None if row is None else _catalogue(db, _Edition(**row._mapping))


def latest(db: Connection) -> int | None:
    """Return the number of the latest edition, if there is any."""
    return db.execute(select(func.max(Published.number))).scalar_one_or_none()


def still(
    db: Connection, held: Mapping[str, str], purpose: Purpose = "guide"
) -> tuple[dict[int, EntryRow], dict[int, EntryRow]]:
    """Return of what an edition held, by entry, what may still be given as it was, and what may not."""
    seal = refs.sealed(db)
    stands: dict[int, EntryRow] = {}
    gone: dict[int, EntryRow] = {}
    for entry in entries_where(db, Entry.id.in_([int(each) for each in held])):
        same = seal(entry.words) == held[str(entry.id)]
        (stands if same and why_out(entry, purpose) is None else gone)[entry.id] = entry
    return stands, gone


def why_out(entry: EntryRow, purpose: Purpose = "guide") -> WhyOut | None:
    """Return why an entry may not be quoted any more, whatever its words are; a check that is due anew does not."""
    if entry.gone:
        return entry.gone  # type: ignore[return-value]  # one of them
    if entry.cafe.removed_at is not None:
        return "removed"
    return next((_WHY[reason] for reason in kept_back(entry, purpose) if reason in _WHY), None)


def _listed(told: Catalogue) -> Listed:
    return Listed(told.number, told.title, told.day, len(told.examples), len(told.withdrawn))


class _Standing(msgspec.Struct):
    """What stands under one number of an edition: counts, group, and the entries that were published together."""

    cafes: int
    places: int
    group: str
    entries: list[int]


def _catalogue(db: Connection, row: _Edition) -> Catalogue:
    kit = framework.load()
    stands, gone = still(db, row.holds)
    examples: dict[str, list[Example]] = defaultdict(list)
    withdrawn: list[Withdrawn] = []
    for number, standing in _laid(row.laid):
        kept = [stands[each] for each in standing.entries if each in stands]
        went = [gone[each] for each in standing.entries if each in gone]
        if kept:
            whole = None if went else standing
            examples[kept[0].foundation].append(_example(db, number, kept, whole))
        for each in went:
            withdrawn.append(Withdrawn(number=number, foundation=each.foundation, why=why_out(each) or "reworded"))
    parts = (
        Part(foundation=each.id, number=each.number, name=each.name, examples=tuple(examples[each.id]))
        for each in kit.foundations
    )
    return Catalogue(
        number=row.number,
        title=row.title,
        day=row.at.date(),
        made_on=world.now().date(),
        by=_by(db, row.member_id),
        framework=kit.title,
        framework_edition=kit.edition,
        parts=tuple(part for part in parts if part.examples),
        withdrawn=tuple(withdrawn),
        ambitions=tuple(Ambition(number=each.number, name=each.name) for each in kit.ambitions),
        cafes=len({each.cafe.id for each in stands.values()}),
    )


def _laid(laid: Mapping[str, str]) -> list[tuple[str, _Standing]]:
    """Return what stands in an edition by its numbers, in order (`publishing` writes it)."""
    numbered: dict[str, _Standing] = {}
    for entry, told in laid.items():
        number, cafes, places, *group = told.split()
        standing = numbered.setdefault(number, _Standing(int(cafes), int(places), "".join(group), []))
        standing.entries.append(int(entry))
        standing.entries.sort()
    return sorted(numbered.items(), key=lambda each: _in_order(each[0]))


def _in_order(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))


def _example(db: Connection, number: str, said: Sequence[EntryRow], whole: _Standing | None) -> Example:
    """Return an example; once one of those that stood together went, neither their title nor their counts are told."""
    first, kit = said[0], framework.load()
    settings = {each.cafe.setting for each in said if each.cafe.setting}
    setting = settings.pop() if len(settings) == 1 else ""
    words = tuple(dict.fromkeys((*_title(db, whole), *(each.words for each in said))))
    return Example(
        number=number,
        text=words[0],
        kind=first.kind,  # type: ignore[arg-type]  # one of them, as it was when it arrived
        wordings=words[1:],
        ambitions=tuple(sorted({ambition for each in said for ambition in each.ambitions})),
        setting=setting,
        setting_name=kit.setting(setting).label if setting else "",
        credits=tuple(dict.fromkeys(each.cafe.credit for each in said if each.cafe.credit)),
        cafes=whole.cafes if whole else 0,
        places=whole.places if whole else 0,
        status=first.status or "not_started",  # type: ignore[arg-type]
        edited=words[0] != first.text,
        invented=any(each.cafe.invented for each in said),
    )


def _title(db: Connection, whole: _Standing | None) -> tuple[str, ...]:
    """Return the title that the team gave to what says the same, if it did."""
    if whole is None or len(whole.entries) < 2:
        return ()
    title = db.execute(select(Alike.title).where(Alike.id == whole.group)).scalar_one_or_none()
    return (title,) if title else ()


def _by(db: Connection, member: str | None) -> str:
    organisation = db.execute(select(Member.organisation_id).where(Member.id == member)).scalar_one_or_none()
    return people.organisation_name(db, organisation) if organisation else ""
