"""What of people's words may not go to an audience any more, by ref: taken back, removed, or kept closer by its author.

Ids are all that is known of it; which editions hold such words is `editions`.
"""

from typing import Literal

from sqlalchemy import ColumnElement, Connection, Select, or_, select

from sessions import refs
from sessions.erasures import DROPPED, GONE
from sessions.guide import WIDENING
from sessions.models import Contribution, GuideCafe, LiveSession, LogEntry, Reflection, Seat, Step

Audience = Literal["local", "team"]


def ideas(db: Connection, guide_id: str, audience: Audience) -> frozenset[str]:
    """Return the refs of ideas whose authors took them back or kept them closer, or that were removed for good."""
    return _refs(db, guide_id, Contribution, or_(Contribution.state.in_(GONE), ~_travels(Contribution, audience)))


def steps(db: Connection, guide_id: str, audience: Audience) -> frozenset[str]:
    """Return the refs of small steps that were dropped, or are not for this audience any more."""
    return _refs(db, guide_id, Step, or_(Step.state.in_(DROPPED), ~_travels(Step, audience)))


def before_words_went(db: Connection, guide_id: str) -> frozenset[str]:
    """Return the refs of ideas that may not go to the team and had lost their words before a café's day for that."""
    ended = select(LogEntry.rev).where(LogEntry.session_id == Contribution.session_id, LogEntry.kind == "end_words")
    earlier = Contribution.state.in_(GONE) & Contribution.rev.not_in(ended.correlate(Contribution))
    return _refs(db, guide_id, Contribution, or_(earlier, ~_travels(Contribution, "team")))


def answers(db: Connection, guide_id: str) -> dict[str, int]:
    """Return by ref at which revision each answer from the close that may be quoted was given."""
    rows = db.execute(
        select(Reflection.session_id, Reflection.seat_id, Reflection.rev)
        .join(Seat, Seat.id == Reflection.seat_id)
        .where(Reflection.session_id.in_(_sessions(guide_id)), ~Seat.pretend, Reflection.flags == "")
        .where(or_(Reflection.differently != "", Reflection.first != ""))
    )
    return {refs.of_session(db, row.session_id)(f"answer:{row.seat_id}"): row.rev for row in rows}


def _travels(table: type[Contribution] | type[Step], audience: Audience) -> ColumnElement[bool]:
    return table.share.in_(WIDENING[WIDENING.index(audience) :])


def _refs(
    db: Connection, guide_id: str, table: type[Contribution] | type[Step], which: ColumnElement[bool]
) -> frozenset[str]:
    rows = select(table.session_id, table.id).where(table.session_id.in_(_sessions(guide_id)), which)
    found: dict[int, list[str]] = {}
    for session, thing in db.execute(rows):
        found.setdefault(session, []).append(thing)
    return frozenset(
        ref(thing) for session, things in found.items() for ref in [refs.of_session(db, session)] for thing in things
    )


def _sessions(guide_id: str) -> Select[int]:
    """The sessions of a guide: of the café with its id, or of the cafés it is made of."""
    cafes = select(GuideCafe.cafe_id).where(GuideCafe.guide_id == guide_id)
    return select(LiveSession.id).where(or_(LiveSession.cafe_id == guide_id, LiveSession.cafe_id.in_(cafes)))
