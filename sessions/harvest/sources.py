"""The cafés at the desk: how each was released, and taking one out whole.

What people said at them is found by `finding`; how a café gets here is `importing` and `arriving`.
"""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, func, select, update

from sessions import world
from sessions.harvest import curating, leaving
from sessions.harvest.models import Entry, Source
from sessions.permissions import Visitor

# What of a café was words: its id, days, editions and counts stay, so that nothing earlier comes in again.
_WORDS = {"title": "", "host": "", "place": "", "organisation": "", "credit": ""}
_WORK = {"state": "new", "for_guide": False, "for_research": False, "picked_by": None, "tags": [], "untagged": []}


class SourceRow(msgspec.Struct, frozen=True):
    """A café at the desk; `said` counts what is there in words, `gone` what is not any more."""

    id: str
    here: bool
    invented: bool
    edition: int
    handed_out: date | None
    organisation: str
    title: str
    host: str
    place: str
    held_on: date
    purpose: str
    setting: str
    framework_edition: str
    consents: Mapping[str, str]
    purposes: tuple[str, ...]
    credit: str
    arrived_at: datetime
    changed_at: datetime
    removed_at: datetime | None
    said: int
    gone: int

    @property
    def asked(self) -> tuple[tuple[str, date], ...]:
        """Return the versions of the words people were asked in, each with its day."""
        return tuple((version, date.fromisoformat(since)) for version, since in sorted(self.consents.items()))


_COUNTED = (
    select(
        Entry.source_id,
        func.count().filter(Entry.gone == "").label("said"),
        func.count().filter(Entry.gone != "").label("gone"),
    )
    .group_by(Entry.source_id)
    .subquery()
)
_COLUMNS = tuple(getattr(Source, name) for name in SourceRow.__struct_fields__ if name not in {"said", "gone"})
_SOURCES = (
    select(*_COLUMNS, func.coalesce(_COUNTED.c.said, 0).label("said"), func.coalesce(_COUNTED.c.gone, 0).label("gone"))
    .outerjoin(_COUNTED, _COUNTED.c.source_id == Source.id)
    .order_by(Source.held_on.desc(), Source.id)
)


def every(db: Connection) -> tuple[SourceRow, ...]:
    """Return the cafés at the desk and those taken out, the latest first."""
    return tuple(msgspec.convert(dict(row._mapping), SourceRow) for row in db.execute(_SOURCES))


def one(db: Connection, source_id: str) -> SourceRow | None:
    """Return a café at the desk, or None."""
    row = db.execute(_SOURCES.where(Source.id == source_id)).first()
    return None if row is None else msgspec.convert(dict(row._mapping), SourceRow)


def remove(db: Connection, visitor: Visitor, source_id: str) -> bool:
    """Take a café out whole, with the team's own work on it; what of it was published stays known as withdrawn.

    It comes back by its file or its host's release, with none of that work. Says whether there was anything to take.
    """
    there = db.execute(
        select(Source.edition).where(Source.id == source_id, Source.removed_at.is_(None))
    ).scalar_one_or_none()
    if there is None:
        return False
    entries = db.execute(select(Entry.id).where(Entry.source_id == source_id, Entry.gone == "")).scalars().all()
    leaving.empty(db, entries, "removed")
    db.execute(update(Entry).where(Entry.source_id == source_id).values(_WORK))
    now = world.now()
    db.execute(update(Source).where(Source.id == source_id).values(_WORDS | {"removed_at": now, "changed_at": now}))
    curating.note(db, visitor, "removed", source=source_id, before={"edition": str(there)})
    return True
