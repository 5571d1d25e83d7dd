"""What the project team does at the desk, and that each act is noted without a word of what people said."""

from sqlalchemy import select

from sessions.harvest import curating
from sessions.harvest.models import Deed
from sessions.permissions import Visitor


def test_what_a_program_or_the_machine_did_is_noted_as_nobodys(room):
    with room.writing() as db:
        first = curating.note(db, Visitor("team", room.cafe.organisation_id), "arrived", after={"new": "3"})
        second = curating.note(db, None, "updated")
        rows = db.execute(select(Deed.id, Deed.member_id, Deed.kind, Deed.after).order_by(Deed.id)).all()
    assert [tuple(row) for row in rows] == [(first, None, "arrived", {"new": "3"}), (second, None, "updated", {})]
