"""The audits of what goes when its day has come: that nothing is left of it."""

from sqlalchemy import Connection, or_, select, true

from sessions.audits.telling import Kept, Wrong, told
from sessions.models import (
    Cafe,
    Contribution,
    Credential,
    DeletedCafe,
    Evidence,
    Hands,
    HeldVote,
    LiveSession,
    LogEntry,
    Reflection,
    Seat,
    Theme,
    Vote,
    Wording,
)

_SESSIONS = select(LiveSession.code).join(Cafe, Cafe.id == LiveSession.cafe_id)


def unlinked(db: Connection, _kept: Kept) -> Wrong:
    """Find what still says who wrote something in a café where that is to be unknown, or lets a seat in."""
    past = _SESSIONS.where(Cafe.unlinked_at.is_not(None)).distinct()
    for what, table, left in (
        ("an author", Contribution, Contribution.seat_id.is_not(None)),
        ("an actor", LogEntry, LogEntry.actor.startswith("seat:")),
        ("a seat by name", LogEntry, LogEntry.kind.in_(("join", "reflect")) & LogEntry.target.is_not(None)),
        ("a way in", Credential, Credential.seat_id.is_not(None) & Credential.revoked_at.is_(None)),
    ):
        rows = past.join(table, table.session_id == LiveSession.id).where(left)
        yield from (f"{code} has {what}" for code in db.execute(rows).scalars())


def ended(db: Connection, _kept: Kept) -> Wrong:
    """Find words, dots and answers in a café whose words have gone."""
    past = _SESSIONS.where(Cafe.words_gone_at.is_not(None)).distinct()
    told_of_themselves = or_(*(each.is_not(None) for each in (Seat.language, Seat.here_as, Seat.setting)))
    for what, table, left in (
        ("words", Wording, true()),
        ("a title", Theme, (Theme.title != "") | (Theme.before != "")),
        ("answers", Reflection, (Reflection.differently != "") | (Reflection.first != "")),
        ("what its talk began with", Evidence, true()),
        ("dots", Vote, Vote.dots > 0),
        ("dots that waited", HeldVote, HeldVote.dots > 0),
        ("hands", Hands, Hands.dots > 0),
        ("what people were here as", Seat, told_of_themselves),
    ):
        rows = past.join(table, table.session_id == LiveSession.id).where(left)
        yield from (f"{code} has {what}" for code in db.execute(rows).scalars())
    naming = or_(*(each != "" for each in (Cafe.contact, Cafe.support, Cafe.wifi_name, Cafe.wifi_password)))
    yield from told(db, select(Cafe.code, Cafe.id).where(Cafe.words_gone_at.is_not(None), naming), "particulars of")


def deleted(db: Connection, _kept: Kept) -> Wrong:
    """Find cafés that are there although they were deleted."""
    return told(db, select(Cafe.code, Cafe.id).join(DeletedCafe, DeletedCafe.id == Cafe.id), "café")
