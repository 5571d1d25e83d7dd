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
from sessions.harvest.models import Entry, Published
from sessions.harvest.publishing import Pick, picks
from sessions.models import Member

_GONE: Mapping[str, WhyOut] = {
    "withdrawn": "withdrawn",
    "reworded": "reworded",
    "not_in_latest": "not_in_latest",
    "removed": "removed",
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


def still(db: Connection, held: Mapping[str, str]) -> tuple[dict[int, Pick], dict[int, Pick]]:
    """Return of what an edition held, by entry, what may still be given as it was, and what may not."""
    seal = refs.sealed(db)
    stands: dict[int, Pick] = {}
    gone: dict[int, Pick] = {}
    for pick in picks(db, Entry.id.in_([int(each) for each in held])):
        same = seal(pick.words) == held[str(pick.id)]
        (stands if same and why_out(pick) is None else gone)[pick.id] = pick
    return stands, gone


def why_out(pick: Pick) -> WhyOut | None:
    """Return why an entry may not be quoted any more, whatever its words are."""
    if pick.gone:
        return _GONE.get(pick.gone, "withdrawn")
    if pick.removed:
        return "removed"
    if pick.share != "open" or "guide" not in pick.purposes:
        return "closer"
    return "taken_out" if pick.state == "aside" or not (pick.for_guide or pick.for_research) else None


def _listed(told: Catalogue) -> Listed:
    return Listed(told.number, told.title, told.day, len(told.examples), len(told.withdrawn))


def _catalogue(db: Connection, row: _Edition) -> Catalogue:
    kit = framework.load()
    stands, gone = still(db, row.holds)
    examples: dict[str, list[tuple[str, Example]]] = defaultdict(list)
    withdrawn: list[Withdrawn] = []
    for number, counts, members in _laid(row.laid):
        kept = [stands[each] for each in members if each in stands]
        went = [gone[each] for each in members if each in gone]
        if kept:
            examples[kept[0].foundation].append((number, _example(number, kept, "0 0" if went else counts)))
        withdrawn += [
            Withdrawn(number=number, foundation=each.foundation, why=why_out(each) or "reworded") for each in went
        ]
    return Catalogue(
        number=row.number,
        title=row.title,
        day=row.at.date(),
        made_on=world.now().date(),
        by=_by(db, row.member_id),
        framework=kit.title,
        framework_edition=kit.edition,
        parts=tuple(
            Part(
                foundation=each.id,
                number=each.number,
                name=each.name,
                examples=tuple(example for _number, example in examples[each.id]),
            )
            for each in kit.foundations
            if examples[each.id]
        ),
        withdrawn=tuple(withdrawn),
        ambitions=tuple(Ambition(number=each.number, name=each.name) for each in kit.ambitions),
        cafes=len({each.source_id for each in stands.values()}),
    )


def _laid(laid: Mapping[str, str]) -> list[tuple[str, str, list[int]]]:
    """Return what stands in an edition, in order: number, counts, and the entries that stand there together."""
    members: dict[str, list[int]] = defaultdict(list)
    counts: dict[str, str] = {}
    for entry, told in laid.items():
        number, _space, counted = told.partition(" ")
        members[number].append(int(entry))
        counts[number] = counted
    return [(number, counts[number], sorted(members[number])) for number in sorted(members, key=_in_order)]


def _in_order(number: str) -> tuple[int, ...]:
    return tuple(map(int, number.split(".")))


def _example(number: str, said: Sequence[Pick], counts: str) -> Example:
    first, kit = said[0], framework.load()
    cafes, places = map(int, counts.split())
    settings = {each.setting for each in said if each.setting}
    setting = settings.pop() if len(settings) == 1 else ""
    return Example(
        number=number,
        text=first.words,
        kind=first.kind,  # type: ignore[arg-type]  # one of them, as it was when it arrived
        wordings=tuple(dict.fromkeys(each.words for each in said[1:] if each.words != first.words)),
        ambitions=tuple(sorted({ambition for each in said for ambition in each.ambitions})),
        setting=setting,
        setting_name=kit.setting(setting).label if setting else "",
        credits=tuple(dict.fromkeys(each.credit for each in said if each.credit)),
        cafes=cafes,
        places=places,
        status=first.status or "not_started",  # type: ignore[arg-type]
        edited=any(each.worded is not None for each in said),
        invented=any(each.invented for each in said),
    )


def _by(db: Connection, member: str | None) -> str:
    organisation = db.execute(select(Member.organisation_id).where(Member.id == member)).scalar_one_or_none()
    return people.organisation_name(db, organisation) if organisation else ""
