"""A desk with entries on it, without bundles: what finding needs of them and no more."""

from datetime import date
from itertools import count

from sqlalchemy import Connection, insert

from sessions import world
from sessions.harvest import arriving, searching
from sessions.harvest.models import Entry, Source

_numbers = count(1)


def source(db: Connection, **told: object) -> str:
    """Put a café on the desk and return its id."""
    number = next(_numbers)
    row = {
        "id": f"{number:08d}-0000-4000-8000-000000000000",
        "installation": world.new_id(),
        "edition": 1,
        "handed_out": date(2026, 10, 1),
        "organisation": "Northvale Hospice",
        "title": f"Café {number}",
        "host": "Northvale Hospice",
        "place": "Northvale",
        "held_on": date(2026, 9, 1),
        "purpose": "strategic",
        "setting": "hospice",
        "framework_edition": "2021",
        "kits_edition": "1",
        "consents": {"1": "2026-01-01"},
        "purposes": ["guide"],
        "credit": "",
        "took_part": 12,
        "arrived_at": world.now(),
        "changed_at": world.now(),
    }
    db.execute(insert(Source).values(row | told))
    return str((row | told)["id"])


def entry(db: Connection, at: str, words: str, **told: object) -> int:
    """Put what somebody said on the desk and return its id."""
    row = {
        "source_id": at,
        "ref": f"r{next(_numbers)}",
        "session": "s1",
        "foundation": "access-24-7",
        "kind": "action",
        "text": words,
        "wordings": [],
        "holds": [],
        "detail": {},
        "ambitions": [],
        "rests_on": [],
        "share": "open",
        "consent": "1",
        "tags": [],
        "arrived_at": world.now(),
    } | told
    number = db.execute(insert(Entry).values(row).returning(Entry.id)).scalar_one()
    if not row.get("gone"):
        place = db.execute(Source.__table__.select().where(Source.id == at)).one()
        searching.keep(db, [(number, arriving.spoken(row), f"{place.title}\n{place.host}\n{place.place}")])
    return number
