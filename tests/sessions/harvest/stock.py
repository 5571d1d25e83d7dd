"""Cafés and entries put at the desk row by row, for tests to which it matters only that they are there."""

from datetime import UTC, date, datetime

from sqlalchemy import insert, select

from sessions import refs, world
from sessions.harvest import arriving, searching
from sessions.harvest.models import Entry, Source

LONG_AGO = datetime(2026, 5, 1, tzinfo=UTC)


def cafe(db, **told) -> str:
    """A café at the desk."""
    row = {
        "id": world.new_id(),
        "installation": "elsewhere",
        "here": False,
        "invented": False,
        "edition": 1,
        "handed_out": date(2026, 5, 1),
        "organisation": "Northvale Hospice",
        "title": "Evidence Café",
        "host": "Northvale Hospice",
        "place": "Northvale",
        "held_on": date(2026, 4, 1),
        "purpose": "strategic",
        "setting": "hospice",
        "framework_edition": "2021-2026",
        "kits_edition": "2026.1",
        "consents": {"1": "2026-11-23"},
        "purposes": ["guide"],
        "credit": "",
        "took_part": 20,
        "arrived_at": LONG_AGO,
        "changed_at": LONG_AGO,
        "removed_at": None,
    } | told
    db.execute(insert(Source).values(row))
    return row["id"]


def said(db, source: str, times: int = 1, **told) -> list[int]:
    """Entries of a café, all alike, and their ids."""
    row = {
        "source_id": source,
        "session": "session",
        "foundation": "co-design",
        "kind": "action",
        "text": "Ring back within a day",
        "wordings": [],
        "holds": [],
        "detail": {},
        "ambitions": [],
        "rests_on": [],
        "share": "open",
        "consent": "1",
        "tags": [],
        "arrived_at": LONG_AGO,
    } | told
    one = insert(Entry).returning(Entry.id)
    numbers = [db.execute(one.values(row | {"ref": refs.new()})).scalar_one() for _ in range(times)]
    if not row.get("gone"):
        place = db.execute(select(Source.title, Source.host, Source.place).where(Source.id == source)).one()
        searching.keep(db, [(number, arriving.spoken(row), "\n".join(place)) for number in numbers])
    return numbers
