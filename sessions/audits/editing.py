"""The audits of guides: what editors wrote, and what editions could tell of words, goes with these words."""

from sqlalchemy import Connection, select

from sessions import refs, since
from sessions.audits.telling import Kept, Wrong
from sessions.edits import TEXT
from sessions.erasures import DROPPED, GONE
from sessions.models import Contribution, Edit, Edition, Step


def made_of_gone(db: Connection, _kept: Kept) -> Wrong:
    """Find versions with words that were made of those of an idea or small step which has none left."""
    gone = _gone(db)
    versions = select(Edit.id, Edit.ref, Edit.made_of).where(Edit.field == TEXT, Edit.words != "").order_by(Edit.id)
    return [f"version {number}" for number, ref, made_of in db.execute(versions) if gone & {ref, *made_of}]


def editions(db: Connection, _kept: Kept) -> Wrong:
    """Find editions that follow none, and those with a digest by which words that are gone could be guessed."""
    gone, last = _gone(db), ("", "", 0)
    order = (Edition.guide_id, Edition.audience, Edition.number)
    for guide, audience, number, holds in db.execute(select(*order, Edition.holds).order_by(*order)):
        follows = number == (last[2] + 1 if last[:2] == (guide, audience) else 1)
        if not follows or any(since.without(holds, ref) != holds for ref in gone & holds.keys()):
            yield f"{audience} edition {number} of {guide}"
        last = (guide, audience, number)


def _gone(db: Connection) -> set[str]:
    """Return the refs of ideas and small steps that have no words left."""
    gone: set[str] = set()
    for table, states in ((Contribution, GONE), (Step, DROPPED)):
        things = db.execute(select(table.session_id, table.id).where(table.state.in_(states))).all()
        ref_in = {session: refs.of_session(db, session) for session in {session for session, _id in things}}
        gone |= {ref_in[session](thing) for session, thing in things}
    return gone
