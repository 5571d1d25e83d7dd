"""Prepare, change, open and close a café and its sessions: acts of the facilitator that are not commands inside one.

What forms say of them is read in `plans` and `courses`; how one session runs is changed in `arranging`.
"""

from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, String, bindparam, cast, exists, insert, literal, or_, select, update

from sessions import agenda, carried, consent, courses, door, openings, rehearsal, world
from sessions.commands import Mistaken
from sessions.courses import Course, Dots
from sessions.models import Cafe, Contribution, DeletedCafe, LiveSession, Organisation
from sessions.permissions import Visitor
from sessions.plans import Plan
from sessions.rules import contributions
from sessions.rules.act import Act
from sessions.store import SessionRow, find_session, sessions_of


class CafeRow(msgspec.Struct, frozen=True):
    """A café as its row says, with its organisation's name; `code` stands in its one link to all sessions."""

    id: str
    organisation_id: str
    organisation: str
    title: str
    host: str
    place: str
    held_on: date | None
    purpose: str
    setting: str
    partners: str
    code: str
    invitation: str
    contact: str
    support: str
    wifi_name: str
    wifi_password: str
    state: str
    created_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    keep_until: date | None
    unlinked_at: datetime | None
    words_gone_at: datetime | None
    released_for: list[str]
    credit: str | None


def prepare(db: Connection, organisation_id: str, planned: Plan) -> str:
    """Create a café, not open yet, and return its id."""
    cafe_id = world.new_id()
    db.execute(
        insert(Cafe).values(
            id=cafe_id,
            organisation_id=organisation_id,
            code=_free_code(db),
            state="prepared",
            created_at=world.now(),
            **msgspec.structs.asdict(planned),
        )
    )
    return cafe_id


def revise(db: Connection, cafe: CafeRow, planned: Plan, by: Visitor) -> None:
    """Change what was said of a café beforehand, and tell every screen of its sessions."""
    _still_open(cafe)
    db.execute(update(Cafe).where(Cafe.id == cafe.id).values(**msgspec.structs.asdict(planned)))
    for session, _rev in _mark_sessions(db, cafe, by, "revise_cafe"):
        carried.follow(db, session, world.now().date())
        door.tell_followers(db, session, by.actor)


def word_invitation(db: Connection, cafe: CafeRow, invitation: str) -> None:
    """Keep the invitation in the host's own words, or with none go back to the one we suggest."""
    db.execute(update(Cafe).where(Cafe.id == cafe.id).values(invitation=invitation))


def add_session(
    db: Connection,
    cafe: CafeRow,
    foundation: str,
    agenda_id: str = "cafe",
    given: Dots | None = None,
    *,
    label: str = "",
    length: int = 90,
) -> str:
    """Add a session to a café and return its join code; raises Mistaken when foundation or agenda are unknown."""
    _still_open(cafe)
    kit = courses.known(foundation, agenda_id)
    given = given or Dots()
    code, stage, now = _free_code(db), agenda.stages(agenda_id)[0].id, world.now()
    made = db.execute(
        insert(LiveSession)
        .values(
            cafe_id=cafe.id,
            code=code,
            foundation=foundation,
            kit_edition=kit.edition,
            consent=consent.NOW.version,
            agenda=agenda_id,
            stage=stage,
            turn=1,
            rev=0,
            changed_rev=0,
            joining_locked=False,
            label=label,
            minutes=agenda.plan(agenda_id, length),
            prompts=[],
            budget=given.budget,
            most_per_target=given.most_per_target,
            created_at=now,
        )
        .returning(LiveSession.id)
    )
    openings.start(db, made.scalar_one(), turn=1, stage=stage, rev=0, now=now)
    if (session := find_session(db, code)) is not None:
        carried.follow(db, session, now.date())
    return code


def add_course(db: Connection, cafe: CafeRow, course: Course) -> str:
    """Add a session as a form described it, and return its join code."""
    return add_session(
        db, cafe, course.foundation, course.agenda, course.dots, label=course.label, length=course.length
    )


def open_cafe(db: Connection, cafe: CafeRow, by: Visitor) -> None:
    """Open a prepared café: from now on people may join its sessions. What was rehearsed in them is cleared away."""
    if cafe.state == "prepared":
        for session in sessions_of(db, cafe.id):
            rehearsal.clear(db, session, by)
        asked = update(LiveSession).where(LiveSession.cafe_id == cafe.id).values(consent=consent.NOW.version)
        db.execute(asked)  # phones have asked nobody before now
        db.execute(update(Cafe).where(Cafe.id == cafe.id).values(state="open", opened_at=world.now()))
        for session, _rev in _mark_sessions(db, cafe, by, "open_cafe"):
            carried.follow(db, session, world.now().date())


def close_cafe(db: Connection, cafe: CafeRow, by: Visitor) -> None:
    """Close an open café: nobody joins or adds any more, and drafts that were never sent are erased."""
    if cafe.state == "open":
        db.execute(update(Cafe).where(Cafe.id == cafe.id).values(state="closed", closed_at=world.now()))
        for session, rev in _mark_sessions(db, cafe, by, "close_cafe"):
            act = Act(db, session, by, rev, world.now())
            for draft in drafts(db, session):
                contributions.take_back(act, draft)


def drafts(db: Connection, session: SessionRow) -> tuple[str, ...]:
    """Return the ids of a session's drafts, which closing the café erases."""
    rows = db.execute(
        select(Contribution.id).where(Contribution.session_id == session.id, Contribution.state == "draft")
    )
    return tuple(rows.scalars())


def cafe_of(db: Connection, organisation_id: str, cafe_id: str) -> CafeRow | None:
    """Return an organisation's café, or None: another organisation's do not exist."""
    row = db.execute(_CAFE, {"cafe": cafe_id, "organisation": organisation_id}).one_or_none()
    return None if row is None else CafeRow(**row._mapping)


def every(db: Connection) -> tuple[CafeRow, ...]:
    """Return the cafés of all organisations, oldest first."""
    return tuple(msgspec.convert(row._mapping, CafeRow) for row in db.execute(_CAFES.order_by(Cafe.created_at)))


def cafes_of(db: Connection, organisation_id: str) -> tuple[CafeRow, ...]:
    """Return an organisation's cafés, newest first."""
    rows = db.execute(_CAFES.where(Cafe.organisation_id == organisation_id).order_by(Cafe.created_at.desc()))
    return tuple(msgspec.convert(row._mapping, CafeRow) for row in rows)


_CAFES = select(
    Cafe.id,
    Cafe.organisation_id,
    Organisation.name.label("organisation"),
    Cafe.title,
    Cafe.host,
    Cafe.place,
    Cafe.held_on,
    Cafe.purpose,
    Cafe.setting,
    Cafe.partners,
    Cafe.code,
    Cafe.invitation,
    Cafe.contact,
    Cafe.support,
    Cafe.wifi_name,
    Cafe.wifi_password,
    Cafe.state,
    Cafe.created_at,
    Cafe.opened_at,
    Cafe.closed_at,
    Cafe.keep_until,
    Cafe.unlinked_at,
    Cafe.words_gone_at,
    Cafe.released_for,
    Cafe.credit,
).join(Organisation, Organisation.id == Cafe.organisation_id)
_CAFE = _CAFES.where(Cafe.id == bindparam("cafe"), Cafe.organisation_id == bindparam("organisation"))  # built once


def _still_open(cafe: CafeRow) -> None:
    if cafe.state == "closed":
        raise Mistaken({"main": "This café has closed, so nothing in it can be changed any more."})


def _mark_sessions(db: Connection, cafe: CafeRow, by: Visitor, kind: str) -> list[tuple[SessionRow, int]]:
    """Give every session of the café a revision for what happened to all of them, so that every screen hears of it."""
    marked = []
    for session in sessions_of(db, cafe.id):
        rev = door.record(db, session, by.actor, kind)
        db.execute(update(LiveSession).where(LiveSession.id == session.id).values(changed_rev=rev))
        marked.append((session, rev))
    return marked


def _free_code(db: Connection) -> str:
    """Return a code that no session or café has or had: at the front door both are typed into the same box.

    A code that led somewhere else would lead people who kept an old poster into a strange room (reliability.md S1).
    """
    while True:
        code = world.join_code()
        had = or_(DeletedCafe.code == code, cast(DeletedCafe.codes, String).contains(code))
        leads = (LiveSession.code == code, Cafe.code == code, had)
        if not any(db.execute(select(literal(1)).where(exists().where(each))).first() for each in leads):
            return code
