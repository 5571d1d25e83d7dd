"""The audit of the guide desk: what editors wrote goes with the words it was made of."""

from sqlalchemy import Connection, select

from sessions import refs
from sessions.audits.telling import Kept, Wrong
from sessions.edits import TEXT
from sessions.erasures import DROPPED, GONE
from sessions.models import Contribution, Edit, Step


def made_of_gone(db: Connection, _kept: Kept) -> Wrong:
    """Find versions with words that were made of those of an idea or small step which has none left."""
    gone: set[str] = set()
    for table, states in ((Contribution, GONE), (Step, DROPPED)):
        things = db.execute(select(table.session_id, table.id).where(table.state.in_(states))).all()
        ref_in = {session: refs.of_session(db, session) for session in {session for session, _id in things}}
        gone |= {ref_in[session](thing) for session, thing in things}
    versions = select(Edit.id, Edit.ref, Edit.made_of).where(Edit.field == TEXT, Edit.words != "").order_by(Edit.id)
    return [f"version {number}" for number, ref, made_of in db.execute(versions) if gone & {ref, *made_of}]
