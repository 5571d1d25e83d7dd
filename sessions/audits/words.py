"""Audits of what people wrote: that it is there where it should be, and gone where it should be gone."""

from collections.abc import Iterable
from typing import get_args

from sqlalchemy import Connection, Select, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from sessions import agenda, erasures
from sessions.audits.telling import ITS_SESSION, Kept, Wrong, told
from sessions.commands import Kind, Share
from sessions.erasures import GONE
from sessions.models import Cafe, Contribution, LiveSession, LogEntry, Wording

Column = InstrumentedAttribute[str]

_STATES = ("draft", "held", "shown", "hidden", *GONE)
_ITS_WORDS = (
    Wording,
    (Wording.session_id == Contribution.session_id) & (Wording.contribution_id == Contribution.id),
)


def states(db: Connection, _kept: Kept) -> Wrong:
    """Find values of columns that only take certain ones."""
    yield from _unknown(db, Contribution.id, Contribution.state, _STATES)
    yield from _unknown(db, Contribution.id, Contribution.kind, get_args(Kind))
    yield from _unknown(db, Contribution.id, Contribution.share, get_args(Share))
    yield from _unknown(db, Cafe.id, Cafe.state, ("prepared", "open", "closed"))
    yield from _unknown(db, LogEntry.command_id, LogEntry.status, ("applied", "held"))
    known = [(each, stage.id) for each, stages in agenda.AGENDAS.items() for stage in stages]
    where = tuple_(LiveSession.agenda, LiveSession.stage).not_in(known)
    yield from told(db, select(LiveSession.code, LiveSession.stage).where(where), "stage")


def words(db: Connection, _kept: Kept) -> Wrong:
    """Find contributions with no current wording, or with several."""
    rows = (
        select(LiveSession.code, Contribution.id)
        .join(*ITS_SESSION)
        .outerjoin(_ITS_WORDS[0], _ITS_WORDS[1] & Wording.current)
        .where(Contribution.state.not_in(GONE))
        .group_by(Contribution.session_id, Contribution.id)
        .having(func.count(Wording.id) != 1)
    )
    return told(db, rows, "contribution")


def erased_words(db: Connection, _kept: Kept) -> Wrong:
    """Find words of what was taken back or removed."""
    rows = _gone().join(*_ITS_WORDS)
    return told(db, rows.distinct(), "contribution")


def digests(db: Connection, _kept: Kept) -> Wrong:
    """Find digests of commands that carried words which were taken back or removed."""
    carried = (LogEntry.session_id == Contribution.session_id) & (LogEntry.target == Contribution.id)
    rows = _gone().join(LogEntry, carried)
    rows = rows.where(LogEntry.kind.in_(("contribute", "reword")), LogEntry.digest.is_not(None))
    return told(db, rows.distinct(), "contribution")


def authors(db: Connection, _kept: Kept) -> Wrong:
    """Find authors of what was removed for good."""
    rows = _gone().where(Contribution.state == "erased", Contribution.seat_id.is_not(None))
    return told(db, rows, "contribution")


def unkept(db: Connection, kept: Kept) -> Wrong:
    """Find what is gone in the database and not in the file beside it."""
    return (f"{code} contribution {each}" for code, each in sorted(erasures.gone(db) - kept))


def unlooked(db: Connection, _kept: Kept) -> Wrong:
    """Find words of participants that may say who someone is and are on the board though nobody has looked."""
    rows = select(LiveSession.code, Contribution.id).join(*ITS_SESSION)
    rows = rows.where(Contribution.state == "shown", Contribution.flags != "", ~Contribution.looked)
    return told(db, rows.where(Contribution.seat_id.is_not(None)), "contribution")


def drafts(db: Connection, _kept: Kept) -> Wrong:
    """Find drafts in cafés that have closed."""
    rows = select(LiveSession.code, Contribution.id).join(*ITS_SESSION).join(Cafe, Cafe.id == LiveSession.cafe_id)
    return told(db, rows.where(Cafe.state == "closed", Contribution.state == "draft"), "contribution")


def _gone() -> Select[str, str]:
    return select(LiveSession.code, Contribution.id).join(*ITS_SESSION).where(Contribution.state.in_(GONE))


def _unknown(db: Connection, key: Column, column: Column, known: Iterable[str]) -> Wrong:
    for row, _value in db.execute(select(key, column).where(column.not_in(tuple(known)))):
        yield f"{column.key} of {row}"
