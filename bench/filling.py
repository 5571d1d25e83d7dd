"""Puts thousands of contributions into a session, through the door as phones do, before the server starts."""

import uuid
from collections.abc import Iterator

from sqlalchemy import Connection

from sessions import door
from sessions.permissions import Visitor
from sessions.store import Store, find_session

KINDS = ("action", "action", "action", "example", "concern", "question")


def fill(database: str, code: str, texts: Iterator[str]) -> int:
    """Post every text to a session from one seat, put what waits on the board, and return how many were taken."""
    store = Store(database)
    try:
        with store.unit_of_work() as db:
            session = find_session(db, code)
            assert session is not None, code
            staff = Visitor("facilitator", session.organisation_id, session.id)
            door.apply(db, Visitor("newcomer"), code, {"id": str(uuid.uuid4()), "do": "join"})
            (seat,) = db.exec_driver_sql("SELECT id FROM seat WHERE session_id = ?", (session.id,)).one()
            author = Visitor("seat", session.organisation_id, session.id, seat)
            return sum(_post(db, code, author, staff, number, text) for number, text in enumerate(texts))
    finally:
        store.close()


def _post(db: Connection, code: str, author: Visitor, staff: Visitor, number: int, text: str) -> bool:
    idea = str(uuid.uuid4())
    post = {"id": idea, "do": "contribute", "kind": KINDS[number % len(KINDS)], "text": text, "share": "team"}
    status = door.apply(db, author, code, post).status
    if status == "held":
        status = door.apply(db, staff, code, {"id": str(uuid.uuid4()), "do": "approve", "contribution": idea}).status
    return status == "applied"
