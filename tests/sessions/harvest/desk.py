"""A harvest desk to test with: what cafés shared put on it without bundles, and members of the team who work at it."""

from dataclasses import dataclass, field
from datetime import date
from itertools import count

from sqlalchemy import Connection, select

from sessions import members, people, world
from sessions.harvest.entries import EntryRow, entry_of
from sessions.harvest.models import Deed
from sessions.permissions import Visitor
from sessions.store import Store
from tests.sessions.harvest import stock

_numbers = count(1)


def source(db: Connection, **told: object) -> str:
    """Put a café on the desk and return its id."""
    came = dict.fromkeys(("arrived_at", "changed_at"), world.now())
    own = {"title": f"Café {next(_numbers)}", "handed_out": date(2026, 10, 1), "held_on": date(2026, 9, 1)}
    return stock.cafe(db, **came | own | told)


def entry(db: Connection, at: str, words: str, **told: object) -> int:
    """Put what somebody said on the desk and return its id."""
    [number] = stock.said(db, at, **{"text": words, "foundation": "access-24-7", "arrived_at": world.now()} | told)
    return number


@dataclass
class Desk:
    """The desk of one installation; `ann` and `ben` work at it, `program` only looks."""

    store: Store
    ann: Visitor = field(init=False)
    ben: Visitor = field(init=False)
    cleo: Visitor = field(init=False)
    program: Visitor = field(init=False)

    def __post_init__(self):
        with self.store.unit_of_work() as db:
            organisation = people.found(db, "Northvale Hospice", None).organisation_id
        self.program = Visitor("team", organisation)
        self.ann, self.ben, self.cleo = (self._member(organisation, name) for name in ("Ann", "Ben", "Cleo"))

    def _member(self, organisation: str, name: str) -> Visitor:
        with self.store.unit_of_work() as db:
            visitor = Visitor("team", organisation, member_id=members.invite(db, organisation))
            members.introduce(db, visitor, name, "nobody's")
        return visitor

    def cafe(self, place: str = "Northvale", **values: object) -> str:
        """Put a café at the desk and return its id."""
        told = {
            "title": f"Evidence Café in {place}",
            "host": f"{place} Hospice",
            "place": place,
            "held_on": date(2026, 10, 1),
            "consents": {"2": "2026-11-24"},
            "purposes": ["guide", "research"],
            "credit": f"{place} Hospice and its partners",
        }
        with self.store.unit_of_work() as db:
            return source(db, **told | values)

    def said(self, words: str = "Ring back within a day", cafe: str | None = None, **values: object) -> int:
        """Put something people said at the desk and return its number."""
        at = cafe or self.cafe()
        with self.store.unit_of_work() as db:
            return entry(db, at, words, **{"ambitions": [2], "consent": "2"} | values)

    def entry(self, number: int) -> EntryRow:
        """An entry as it is now."""
        with self.store.reading() as db:
            return entry_of(db, number)

    def do(self, act, visitor: Visitor, number: int, *asked, rev: int | None = None, **more):
        """Do something with an entry as it is now, or as it was at a revision, and commit it."""
        seen = self.entry(number).rev if rev is None else rev
        with self.store.unit_of_work() as db:
            return act(db, visitor, number, seen, *asked, **more)

    def deeds(self) -> list[tuple[int, str]]:
        """What was done so far: number and kind, the first first."""
        with self.store.reading() as db:
            return [tuple(row) for row in db.execute(select(Deed.id, Deed.kind).order_by(Deed.id))]
