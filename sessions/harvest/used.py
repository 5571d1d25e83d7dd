"""What the project team made of one café's words, for its host: shortlisted, picked, published and where, taken back.

The only look a facilitator has at the desk, and of their own café alone; that it is theirs is for the page to see to.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection, Row, and_, select

from sessions import framework
from sessions.harvest.models import Entry, HarvestWording, Published, Source

Became = Literal["published", "picked", "shortlisted", "at_the_desk", "gone"]


_Row = Row[int, str, str, str, str | None, str, str, bool, bool, str, datetime | None]


class Released(msgspec.Struct, frozen=True):
    """A café as it is at the desk: its edition, what it was released for and under which credit, if it went again."""

    edition: int
    handed_out: date
    purposes: list[str]
    credit: str
    removed_at: datetime | None


class Edition(msgspec.Struct, frozen=True):
    """An edition that was published; `guide` and `data` say in which of the two something of the café stands."""

    number: int
    title: str
    day: date
    guide: bool
    data: bool


class Used(msgspec.Struct, frozen=True):
    """One entry: its words, the team's own for publication if there are any, what became of it, in which editions."""

    id: int
    foundation: str
    kind: str
    text: str
    worded: str
    share: str
    for_guide: bool
    for_research: bool
    became: Became
    editions: tuple[Edition, ...]
    gone_at: datetime | None


def released(db: Connection, cafe_id: str) -> Released | None:
    """Return how a café of this installation was released, or None."""
    columns = (Source.edition, Source.handed_out, Source.purposes, Source.credit, Source.removed_at)
    row = db.execute(select(*columns).where(Source.id == cafe_id, Source.here)).one_or_none()
    return None if row is None else Released(**row._mapping)


def used(db: Connection, cafe_id: str) -> tuple[Used, ...]:
    """Return everything of a café that is or was at the desk, in the order of the foundations."""
    held = select(Published.number, Published.title, Published.at, Published.holds, Published.shows)
    editions = db.execute(held.order_by(Published.number)).all()
    rows = db.execute(
        select(*_COLUMNS)
        .outerjoin(HarvestWording, and_(HarvestWording.entry_id == Entry.id, HarvestWording.used))
        .where(Entry.source_id == cafe_id)
        .order_by(Entry.id)
    )
    order = {each.id: each.number for each in framework.load().foundations}
    found = [_used(row, [_edition(each, str(row.id)) for each in editions]) for row in rows]
    return tuple(sorted(found, key=lambda each: order.get(each.foundation, 0)))


_COLUMNS = (
    Entry.id,
    Entry.foundation,
    Entry.kind,
    Entry.text,
    HarvestWording.words.label("worded"),
    Entry.share,
    Entry.state,
    Entry.for_guide,
    Entry.for_research,
    Entry.gone,
    Entry.gone_at,
)


def _used(row: _Row, editions: Sequence[Edition]) -> Used:
    stands_in = tuple(each for each in editions if each.guide or each.data)
    return Used(
        id=row.id,
        foundation=row.foundation,
        kind=row.kind,
        text=row.text,
        worded=row.worded or "",
        share=row.share,
        for_guide=row.for_guide,
        for_research=row.for_research,
        became=_became(row.gone, row.state, row.for_guide or row.for_research, bool(stands_in)),
        editions=stands_in,
        gone_at=row.gone_at,
    )


def _became(gone: str, state: str, picked: bool, published: bool) -> Became:
    if gone:
        return "gone"
    if published:
        return "published"
    if picked:
        return "picked"
    return "shortlisted" if state == "shortlisted" else "at_the_desk"


def _edition(row: Row[int, str, datetime, dict[str, str], dict[str, str]], entry: str) -> Edition:
    return Edition(row.number, row.title, row.at.date(), entry in row.holds, entry in row.shows)
