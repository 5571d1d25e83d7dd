"""The end of what a café holds: its words, when their day has come; and all of it, when its host deletes it.

When words go, agreed small steps and what editions hold of them stay, and so does the record of what happened, without
words. What is deleted by its host leaves nothing but the café's id, so that no older copy brings it back. The words of
a single idea go in `rules/words`.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from sessions import carried, door, editions, edits, erasures, unlinking
from sessions.cafes import CafeRow
from sessions.harvest import leaving
from sessions.models import (
    Cafe,
    Contribution,
    Credential,
    DeletedCafe,
    Edit,
    Edition,
    Evidence,
    GuideCafe,
    GuideRow,
    Hands,
    HeldVote,
    LiveSession,
    LogEntry,
    Reflection,
    Seat,
    Step,
    Table,
    Theme,
    Vote,
    Wording,
)
from sessions.store import SessionRow, sessions_of

NAMING = ("contact", "support", "wifi_name", "wifi_password", "invitation")  # particulars that name people, or let in
_OF_STEPS = ("agree_step", "revise_step", "check_in")  # commands whose words stay


def end_words(db: Connection, cafe: CafeRow, now: datetime) -> tuple[str, ...]:
    """Delete the words of a café, closing it if it was left open; return the codes of its sessions."""
    sessions = sessions_of(db, cafe.id)
    if cafe.unlinked_at is None:
        unlinking.unlink(db, cafe, now)
    for session in sessions:
        _end_words(db, session, now)
    closed = {"state": "closed", "closed_at": cafe.closed_at or now, "words_gone_at": now}
    db.execute(update(Cafe).where(Cafe.id == cafe.id).values(**closed, **dict.fromkeys(NAMING, "")))
    erasures.note_cafe(db, cafe.id)
    return tuple(session.code for session in sessions)


def delete_cafe(db: Connection, cafe: CafeRow, now: datetime) -> tuple[str, ...]:
    """Delete a café with everything in it; return the codes of its sessions and of those that began with its steps."""
    sessions = sessions_of(db, cafe.id)
    followers = [each for session in sessions for each in _leave_followers(db, session)]
    for session in sessions:
        _forget_in_guides(db, session, [*_ids(db, Contribution, session), *_ids(db, Theme, session)])
        editions.forget(db, session.id, *_ids(db, Contribution, session), *_ids(db, Step, session))
    leaving.cafe(db, cafe.id, deleted=True)
    _delete_rows(db, cafe.id, [session.id for session in sessions])
    codes = [session.code for session in sessions]
    db.execute(insert(DeletedCafe).values(id=cafe.id, code=cafe.code, codes=codes, at=now))
    erasures.note_cafe(db, cafe.id)
    return tuple(dict.fromkeys([*codes, *followers]))


def _end_words(db: Connection, session: SessionRow, now: datetime) -> None:
    rev = door.record(db, session, unlinking.ACTOR, "end_words")
    said, standing = _ids(db, Contribution, session), Contribution.state.not_in(erasures.GONE)
    for contribution in said:
        erasures.note(db, session.id, contribution)
    _forget_in_guides(db, session, [*said, *_ids(db, Theme, session)])
    editions.forget(db, session.id, *said)
    db.execute(delete(Wording).where(Wording.session_id == session.id))
    gone = {"state": "erased", "seat_id": None, "flags": "", "looked": True, "rev": rev}
    db.execute(update(Contribution).where(Contribution.session_id == session.id, standing).values(**gone))
    untitled = {"title": "", "before": "", "state": "dissolved", "rev": rev}
    db.execute(update(Theme).where(Theme.session_id == session.id).values(**untitled))
    for table in (Vote, HeldVote, Hands):
        db.execute(update(table).where(table.session_id == session.id, table.dots > 0).values(dots=0, rev=rev))
    unsaid = {"differently": "", "first": "", "room": None, "flags": "", "rev": rev}
    db.execute(update(Reflection).where(Reflection.session_id == session.id).values(**unsaid))
    db.execute(delete(Evidence).where(Evidence.session_id == session.id))
    logged = LogEntry.session_id == session.id, LogEntry.kind.not_in(_OF_STEPS)
    db.execute(update(LogEntry).where(*logged).values(digest=None))
    _empty_seats(db, session, rev, now)
    settings = {"changed_rev": rev, "ballot": None, "spotlight": None}
    db.execute(update(LiveSession).where(LiveSession.id == session.id).values(**settings))


def _empty_seats(db: Connection, session: SessionRow, rev: int, now: datetime) -> None:
    """Keep nothing of seats but that they were taken, and let nobody in as anything but the facilitator."""
    nothing = dict.fromkeys(("language", "here_as", "setting", "ready_turn", "passed_turn"))
    db.execute(update(Seat).where(Seat.session_id == session.id).values(rev=rev, **nothing))
    others = Credential.session_id == session.id, Credential.role != "facilitator", Credential.revoked_at.is_(None)
    db.execute(update(Credential).where(*others).values(revoked_at=now))


def _forget_in_guides(db: Connection, session: SessionRow, things: Sequence[str]) -> None:
    """Delete what editors made of these things, and everything in guides of cafés whose words have all gone."""
    edits.forget_all(db, session.cafe_id, session.id, things)
    still = select(GuideCafe.guide_id).join(Cafe, Cafe.id == GuideCafe.cafe_id)
    still = still.where(Cafe.words_gone_at.is_(None), Cafe.id != session.cafe_id)
    done = select(GuideCafe.guide_id).where(GuideCafe.cafe_id == session.cafe_id, GuideCafe.guide_id.not_in(still))
    gone: dict[str, object] = {"words": "", "state": "gone", "original": "", "made_of": []}
    db.execute(update(Edit).where(Edit.guide_id.in_(done), Edit.state != "gone").values(**gone))


def _leave_followers(db: Connection, session: SessionRow) -> list[str]:
    """Let the sessions that begin with what this one agreed begin with nothing, and tell their screens."""
    codes = []
    for follower in carried.followers(db, session.cafe_id, session.foundation):
        if follower.cafe_id != session.cafe_id:
            rev = door.record(db, follower, unlinking.ACTOR, "hear_of_steps")
            alone = {"changed_rev": rev, "follows": None}
            db.execute(update(LiveSession).where(LiveSession.id == follower.id).values(**alone))
            codes.append(follower.code)
    return codes


def _delete_rows(db: Connection, cafe_id: str, sessions: Sequence[int]) -> None:
    """Delete every row that belongs to a café, in whatever table, those that point to others first."""
    shared = set(db.execute(select(GuideCafe.guide_id).where(GuideCafe.cafe_id == cafe_id)).scalars())
    for table in reversed(Table.metadata.sorted_tables):
        for column, which in (("session_id", sessions), ("cafe_id", [cafe_id]), ("guide_id", [cafe_id])):
            if column in table.c:
                db.execute(delete(table).where(table.c[column].in_(which)))
    left = select(GuideCafe.guide_id)
    for guide in shared - set(db.execute(left).scalars()):
        for its in (Edit.guide_id == guide, Edition.guide_id == guide, GuideRow.id == guide):
            db.execute(delete(its.left.table).where(its))
    db.execute(delete(GuideRow).where(GuideRow.id == cafe_id))
    db.execute(delete(Cafe).where(Cafe.id == cafe_id))


def _ids(db: Connection, table: type[Contribution] | type[Theme] | type[Step], session: SessionRow) -> list[str]:
    return list(db.execute(select(table.id).where(table.session_id == session.id)).scalars())
