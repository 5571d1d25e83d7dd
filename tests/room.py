"""A café to test in, without the web: people come through the door and look at views."""

import uuid
from dataclasses import dataclass, field

from sessions import cafes, changes, door, people
from sessions.cafes import CafeRow
from sessions.commands import Result
from sessions.entities import Changes, Snapshot
from sessions.permissions import View, Visitor
from sessions.store import SessionRow, Store, find_session


def fresh_id() -> str:
    """A command id as a phone makes it."""
    return str(uuid.uuid4())


@dataclass
class Room:
    """One open session, its facilitator, and whoever joins."""

    store: Store
    facilitator: Visitor
    cafe: CafeRow
    code: str
    seats: list[Visitor] = field(default_factory=list)

    def send(self, visitor: Visitor, do: str, id: str | None = None, **fields: object) -> Result:
        """Send one command and commit it."""
        with self.store.unit_of_work() as db:
            return door.apply(db, visitor, self.code, {"id": id or fresh_id(), "do": do, **fields})

    def join(self) -> Visitor:
        """Take a seat."""
        result = self.send(Visitor("newcomer"), "join")
        assert result.status == "applied", result
        with self.store.unit_of_work() as db:
            session = find_session(db, self.code)
            seat = db.exec_driver_sql("SELECT max(id) FROM seat").scalar_one()
        visitor = Visitor("seat", session.organisation_id, session.id, seat)
        self.seats.append(visitor)
        return visitor

    def post(self, visitor: Visitor, text: str = "Ring every new carer in the first week.", **fields: object) -> str:
        """Post an action and return its id."""
        result = self.send(visitor, "contribute", text=text, **{"kind": "action", **fields})
        assert result.status == "applied", result
        return result.id

    def session(self) -> SessionRow:
        """The session's row as it is now."""
        with self.store.reading() as db:
            return find_session(db, self.code)

    def snapshot(self, view: View, seat: Visitor | None = None) -> Snapshot:
        """Everything a view holds now."""
        with self.store.reading() as db:
            return changes.snapshot(db, find_session(db, self.code), view, seat and seat.seat_id)

    def changes(self, view: View, since: int, seat: Visitor | None = None) -> Changes:
        """What changed for a view since a revision."""
        with self.store.reading() as db:
            return changes.changes(db, find_session(db, self.code), view, since, seat and seat.seat_id)


def open_room(store: Store, agenda: str = "together", foundation: str = "co-design") -> Room:
    """Open a café with one session."""
    with store.unit_of_work() as db:
        facilitator = people.found(db, "Northvale Hospice", None)
        cafe_id = cafes.prepare(db, facilitator.organisation_id, cafes.Plan(title="Evidence Café"))
        cafe = cafes.cafe_of(db, facilitator.organisation_id, cafe_id)
        code = cafes.add_session(db, cafe, foundation, agenda)
        cafes.open_cafe(db, cafe, facilitator)
        cafe = cafes.cafe_of(db, facilitator.organisation_id, cafe_id)
    return Room(store, facilitator, cafe, code)
