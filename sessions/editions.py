"""Editions: a guide, or what was shared with the project team, as it was handed out, and which hold words taken back.

An edition keeps no words, only what `since` compares: so what is taken back later is gone from here too. Handing out is
a facilitator's act; looking at a guide, or taking a copy to look at, is not.
"""

from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy import Connection, bindparam, insert, or_, select, update

from sessions import edits, refs, since, taken_back, world
from sessions.guide import Guide, Since, Standing
from sessions.models import Edition, GuideCafe, LiveSession
from sessions.taken_back import Audience

_CAFE = select(LiveSession.cafe_id).where(LiveSession.id == bindparam("session"))
_OF_SESSION = select(Edition.guide_id, Edition.audience, Edition.number, Edition.holds).where(
    or_(
        Edition.guide_id.in_(_CAFE),
        Edition.guide_id.in_(select(GuideCafe.guide_id).where(GuideCafe.cafe_id.in_(_CAFE))),
    )
)


class Handed(msgspec.Struct, frozen=True):
    """One edition that was handed out: its number, the day, its status, and what it held (`since.contents`)."""

    number: int
    day: date
    status: Standing
    holds: Mapping[str, str]


class Listed(msgspec.Struct, frozen=True):
    """An edition in a list: its number, the day, its status, and how much in it was taken back since."""

    number: int
    day: date
    status: Standing
    taken_back: int


def handed_out(
    db: Connection, guide_id: str, audience: Audience = "local", latest: int | None = None
) -> tuple[Handed, ...]:
    """Return a guide's editions for an audience, the first one first; or only so many of the latest."""
    rows = db.execute(
        select(Edition.number, Edition.at.label("day"), Edition.status, Edition.holds)
        .where(Edition.guide_id == guide_id, Edition.audience == audience)
        .order_by(Edition.number.desc())
        .limit(latest)
    ).all()
    return tuple(msgspec.convert({**row._mapping, "day": row.day.date()}, Handed) for row in reversed(rows))


def hand_out(
    db: Connection, guide_id: str, guide: Guide, audience: Audience = "local", whole: bytes | None = None
) -> int:
    """Note that a guide goes out, and return the edition's number: the last one's when it is the same as that.

    `whole` is what decides whether it is the same, where that is not the guide as JSON.
    """
    before, now = handed_out(db, guide_id, audience, latest=1), _contents(db, guide_id, guide, audience, whole)
    if before and before[-1].holds == now:
        return before[-1].number
    edits.start(db, guide_id)
    number = before[-1].number + 1 if before else 1
    row = {"guide_id": guide_id, "audience": audience, "number": number, "status": guide.status}
    db.execute(insert(Edition).values(**row, holds=now, at=world.now()))
    return number


def numbered(
    db: Connection, guide_id: str, guide: Guide, audience: Audience = "local", whole: bytes | None = None
) -> Guide:
    """Return a guide with its number and what changed: the last edition's while it is the same, else the next one's.

    `handed_out` is the day on which it was, if it was; a guide that is not the same as any edition is a look at one.
    """
    before = handed_out(db, guide_id, audience, latest=2)
    if not before:
        return msgspec.structs.replace(guide, edition=1)
    now = _contents(db, guide_id, guide, audience, whole)
    last = before[-1] if before[-1].holds == now else None
    earlier = before[:-1] if last else before
    return msgspec.structs.replace(
        guide,
        edition=last.number if last else before[-1].number + 1,
        handed_out=last.day if last else None,
        since=_since(db, guide_id, guide, audience, earlier[-1], now) if earlier else None,
    )


def part(db: Connection, guide_id: str, guide: Guide, audience: Audience = "local") -> Guide:
    """Return a guide that is a part of the one handed out, of which only the number of the next edition is told."""
    before = handed_out(db, guide_id, audience, latest=1)
    return msgspec.structs.replace(guide, edition=before[-1].number + 1 if before else 1)


def holding(db: Connection, guide_id: str, audience: Audience = "local") -> dict[int, int]:
    """Return which editions hold words that were taken back or kept closer since, and how many things people said.

    A small step that was dropped counts too, and an answer from the close that is not given any more.
    """
    handed = handed_out(db, guide_id, audience)
    if not handed:
        return {}
    gone = taken_back.ideas(db, guide_id, audience) | taken_back.steps(db, guide_id, audience)
    given = _answers(db, guide_id)
    held = {
        each.number: sum(
            ref in gone or (what.startswith(since.ANSWER) and given.get(ref) != what)
            for ref, what in each.holds.items()
        )
        for each in handed
    }
    return {number: words for number, words in held.items() if words}


def listed(db: Connection, guide_id: str, audience: Audience = "local") -> tuple[Listed, ...]:
    """Return a guide's editions as they are listed, the latest first."""
    back = holding(db, guide_id, audience)
    handed = handed_out(db, guide_id, audience)
    return tuple(Listed(each.number, each.day, each.status, back.get(each.number, 0)) for each in reversed(handed))


def forget(db: Connection, session_id: int, *things: str) -> None:
    """Delete from every edition what the words of ideas or small steps could be found by; that it held them stays."""
    rows = db.execute(_OF_SESSION, {"session": session_id}).all()
    ref_of = refs.of_session(db, session_id) if rows else str
    gone = {ref_of(thing) for thing in things} if rows else set()
    for guide_id, audience, number, holds in rows:
        if its := gone & holds.keys():
            edition = (Edition.guide_id == guide_id, Edition.audience == audience, Edition.number == number)
            db.execute(update(Edition).where(*edition).values(holds=since.without(holds, *its)))


def _contents(db: Connection, guide_id: str, guide: Guide, audience: Audience, whole: bytes | None) -> dict[str, str]:
    return since.contents(db, guide, whole) | (_answers(db, guide_id) if audience == "local" else {})


def _answers(db: Connection, guide_id: str) -> dict[str, str]:
    return {ref: f"{since.ANSWER}{rev}" for ref, rev in taken_back.answers(db, guide_id).items()}


def _since(
    db: Connection, guide_id: str, guide: Guide, audience: Audience, before: Handed, now: Mapping[str, str]
) -> Since:
    told = since.since(before.holds, guide, now, taken_back.ideas(db, guide_id, audience))
    return msgspec.structs.replace(told, edition=before.number, day=before.day)
