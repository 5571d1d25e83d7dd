"""A café to test in, without the web: people come through the door and look at views."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import Connection, insert

from sessions import cafes, changes, commands, door, people, plans
from sessions.assemble import guide_of
from sessions.cafes import CafeRow
from sessions.commands import Result
from sessions.entities import Changes, Snapshot
from sessions.guide import Guide
from sessions.models import Contribution, Wording
from sessions.permissions import View, Visitor
from sessions.store import SessionRow, Store, find_session, sessions_of

NOBODYS = "00000000-0000-4000-8000-000000000000"  # an id that no contribution has


def fresh_id() -> str:
    """A command id as a phone makes it."""
    return str(uuid.uuid4())


def plain(value: object) -> object:
    """A value as a program gets it over the wire."""
    return json.loads(msgspec.json.encode(value))


@dataclass
class Room:
    """One open session, its facilitator, and whoever joins; with `db`, everything happens in that one transaction."""

    store: Store
    facilitator: Visitor
    cafe: CafeRow
    code: str
    seats: list[Visitor] = field(default_factory=list)
    db: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection to change things with, committed at the end."""
        if self.db is not None:
            yield self.db
            return
        with self.store.unit_of_work() as db:
            yield db

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to look at one moment with."""
        if self.db is not None:
            yield self.db
            return
        with self.store.reading() as db:
            yield db

    # What people do

    def send(self, visitor: Visitor, do: str, command_id: str | None = None, **fields: object) -> Result:
        """Send one command and commit it."""
        return self.pass_on(visitor, {"id": command_id or fresh_id(), "do": do, **fields})

    def pass_on(self, visitor: Visitor, message: dict[str, object], *, from_form: bool = False) -> Result:
        """Send one message exactly as it is, and commit it."""
        with self.writing() as db:
            return door.apply(db, visitor, self.code, message, from_form=from_form)

    def done(self, visitor: Visitor, do: str, **fields: object) -> Result:
        """Send one command that must be applied."""
        result = self.send(visitor, do, **fields)
        assert result.status == "applied", result
        return result

    def refused(self, visitor: Visitor, do: str, **fields: object) -> str | None:
        """Send one command that must be refused, changing nothing, and return the code."""
        before = self.session()
        result = self.send(visitor, do, **fields)
        assert result.status == "refused", result
        assert self.session() == before
        return result.code

    def join(self, **answers: object) -> Visitor:
        """Take a seat."""
        result = self.done(Visitor("newcomer"), "join", **answers)
        session = self.session()
        [(seat,)] = self.sql("SELECT target FROM command WHERE session_id = ? AND rev = ?", session.id, result.rev)
        visitor = Visitor("seat", session.organisation_id, session.id, int(seat))
        self.seats.append(visitor)
        return visitor

    def post(self, visitor: Visitor, text: str = "Ring every new carer in the first week.", **fields: object) -> str:
        """Post an action and return its id."""
        return self.done(visitor, "contribute", text=text, **{"kind": "action", **fields}).id

    def vote(self, visitor: Visitor, target: str, dots: int = 1) -> Result:
        """Set one's dots on a target."""
        return self.send(visitor, "vote", target=target, dots=dots)

    def go(self, stage: str) -> None:
        """Have the facilitator move the room to a stage."""
        self.done(self.facilitator, "go_to_stage", stage=stage)

    def close(self) -> None:
        """Have the facilitator close the café."""
        with self.writing() as db:
            cafes.close_cafe(db, cafes.cafe_of(db, self.cafe.organisation_id, self.cafe.id), self.facilitator)

    def put(self, state: str, text: str = "Left to itself", author: Visitor | None = None, **values: object) -> str:
        """Put in a contribution of any state by SQL, as the command that leads to it would have left it."""
        contribution = fresh_id()
        with self.writing() as db:
            session = find_session(db, self.code)
            rev = door.record(db, session, "facilitator:test", "put")
            row = {
                "seat_id": author and author.seat_id,
                "kind": "action",
                "ambitions": [],
                "share": "local",
                "late": False,
                "on_behalf": False,
                "published_rev": None if state == "draft" else rev,
                "shown_rev": rev if state in {"shown", "hidden", "withdrawn", "erased"} else None,
                **values,
            }
            db.execute(
                insert(Contribution).values(
                    session_id=session.id, id=contribution, state=state, created_rev=rev, rev=rev, **row
                )
            )
            if state not in {"withdrawn", "erased"}:
                words = {"text": text, "by": "author", "current": True, "rev": rev}
                db.execute(insert(Wording).values(session_id=session.id, contribution_id=contribution, **words))
        return contribution

    # What can be seen

    def session(self) -> SessionRow:
        """The session's row as it is now."""
        with self.reading() as db:
            return find_session(db, self.code)

    def snapshot(self, view: View, seat: Visitor | None = None) -> Snapshot:
        """Everything a view holds now."""
        with self.reading() as db:
            return changes.snapshot(db, find_session(db, self.code), view, seat and seat.seat_id)

    def changes(self, view: View, since: int, seat: Visitor | None = None) -> Changes:
        """What changed for a view since a revision."""
        with self.reading() as db:
            return changes.changes(db, find_session(db, self.code), view, since, seat and seat.seat_id)

    def own(self, seat: Visitor, since: int) -> Changes:
        """What is one seat's alone and changed since a revision."""
        with self.reading() as db:
            return changes.own(db, find_session(db, self.code), seat.seat_id, since)

    def data(self, view: View, seat: Visitor | None = None) -> dict:
        """Everything a view holds now, as a program gets it."""
        return plain(self.snapshot(view, seat).data())

    def cards(self, view: View, seat: Visitor | None = None) -> dict[str, dict]:
        """The contributions a view holds, by id."""
        return {card["id"]: card for card in self.data(view, seat)["contributions"]}

    def texts(self, view: View, seat: Visitor | None = None) -> list[str | None]:
        """The words a view holds, in the order of the view."""
        return [card["text"] for card in self.data(view, seat)["contributions"]]

    def guide(self) -> Guide:
        """The draft guide of the café, a chapter for each session."""
        with self.reading() as db:
            cafe = cafes.cafe_of(db, self.cafe.organisation_id, self.cafe.id)
            return guide_of(db, [cafe], sessions_of(db, cafe.id))

    def sql(self, statement: str, *values: object) -> list[tuple]:
        """Look into the tables themselves, or change them behind everybody's back."""
        with self.writing() as db:
            found = db.exec_driver_sql(statement, tuple(values))
            return [tuple(row) for row in found] if found.returns_rows else []


def open_room(store: Store, agenda: str = "together", foundation: str = "co-design", **planned: object) -> Room:
    """Open a café with one session."""
    with store.unit_of_work() as db:
        return open_room_in(db, store, agenda, foundation, **planned)


def open_room_in(
    db: Connection, store: Store, agenda: str = "together", foundation: str = "co-design", **planned: object
) -> Room:
    """Open a café with one session, in a transaction that is under way."""
    room = prepare_room_in(db, store, agenda, foundation, **planned)
    cafes.open_cafe(db, room.cafe, room.facilitator)
    room.cafe = cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id)
    return room


def prepare_room_in(
    db: Connection, store: Store, agenda: str = "together", foundation: str = "co-design", **planned: object
) -> Room:
    """Prepare a café with one session, without opening it."""
    facilitator = people.found(db, "Northvale Hospice", None)
    plan = plans.Plan(**{"title": "Evidence Café", **planned})
    cafe_id = cafes.prepare(db, facilitator.organisation_id, plan)
    cafe = cafes.cafe_of(db, facilitator.organisation_id, cafe_id)
    return Room(store, facilitator, cafe, cafes.add_session(db, cafe, foundation, agenda))


@contextmanager
def passing_room(store: Store, agenda: str = "together") -> Iterator[Room]:
    """Open a room in a transaction that is rolled back in the end: quick, and it leaves nothing behind."""
    with store.unit_of_work() as db:
        room = open_room_in(db, store, agenda)
        room.db = db
        yield room
        db.rollback()


def sentence(result: Result) -> str:
    """What a result says to the person."""
    return str(commands.dump(result)["say"])
