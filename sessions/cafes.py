"""Prepare, open and close a café and its sessions: acts of the facilitator that are not commands inside a session."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from sessions import agenda, door, framework, openings, rehearsal, text, world
from sessions.commands import Mistaken
from sessions.framework import Foundation
from sessions.models import Cafe, Contribution, LiveSession, Organisation
from sessions.permissions import Visitor
from sessions.rules import contributions
from sessions.rules.act import Act
from sessions.store import SessionRow, sessions_of

LONGEST_PARTNERS = 2000  # characters
MOST_DOTS = 10
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199  # a year of two figures is a slip, not the first century


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a facilitator says about a café beforehand; all but the title may be left out."""

    title: str
    host: str = ""
    place: str = ""
    held_on: date | None = None
    purpose: str = ""
    setting: str = ""
    partners: str = ""


class Dots(msgspec.Struct, frozen=True):
    """How many dots each person has, and how many of them may go on one idea (domain.md §4: three, one or two)."""

    budget: int = 3
    most_per_target: int = 1


class Course(msgspec.Struct, frozen=True):
    """How a session will run: on which foundation, by which agenda, with how many dots."""

    foundation: str
    agenda: str
    dots: Dots


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


def plan(form: Mapping[str, str]) -> Plan:
    """Return the plan that a form describes; raises Mistaken with a sentence for each field that needs changing."""
    mistakes: dict[str, str] = {}
    lines = {name: text.one_line(form.get(name, "")) for name in ("title", "host", "place")}
    if not text.visible(lines["title"]):
        mistakes["title"] = "Give the café a title, for example “Evidence Café”."
    for name, line in lines.items():
        if len(line) > text.LONGEST_LINE:
            mistakes[name] = "This is too long: 200 characters at most."
    partners = text.normal(form.get("partners", ""))
    if len(partners) > LONGEST_PARTNERS:
        mistakes["partners"] = "This is too long: 2,000 characters at most."
    kit = framework.load()
    choices = {"purpose": {each.id for each in kit.purposes}, "setting": {each.id for each in kit.settings}}
    for name, allowed in choices.items():
        if form.get(name, "") not in {"", *allowed}:
            mistakes[name] = "Choose one of the list, or leave it open."
    held_on = _day(form, mistakes)
    if mistakes:
        raise Mistaken(mistakes)
    return Plan(
        title=lines["title"],
        host=lines["host"],
        place=lines["place"],
        held_on=held_on,
        purpose=form.get("purpose", ""),
        setting=form.get("setting", ""),
        partners=partners,
    )


def prepare(db: Connection, organisation_id: str, planned: Plan) -> str:
    """Create a café, not open yet, and return its id."""
    cafe_id = world.new_id()
    db.execute(
        insert(Cafe).values(
            id=cafe_id,
            organisation_id=organisation_id,
            code=_free_code(db, Cafe.code),
            state="prepared",
            created_at=world.now(),
            **msgspec.structs.asdict(planned),
        )
    )
    return cafe_id


def course(form: Mapping[str, str]) -> Course:
    """Return what a form says of a session; raises Mistaken for an unknown foundation or agenda, or odd dots."""
    foundation, agenda_id = form.get("foundation", ""), form.get("agenda", "cafe")
    _known(foundation, agenda_id)
    return Course(foundation, agenda_id, dots(form))


def dots(form: Mapping[str, str]) -> Dots:
    """Return how many dots a form gives each person; raises Mistaken unless it is 1 to 10, and no more on one idea."""
    try:
        each = int(form.get("budget") or Dots().budget)
        on_one = int(form.get("most_per_target") or Dots().most_per_target)
    except ValueError:
        each = on_one = 0
    if not 1 <= each <= MOST_DOTS:
        raise Mistaken({"budget": "Give each person 1 to 10 dots; three is usual."})
    if not 1 <= on_one <= each:
        raise Mistaken({"most_per_target": "Allow at least one dot on an idea, and no more than each person has."})
    return Dots(each, on_one)


def add_session(
    db: Connection, cafe: CafeRow, foundation: str, agenda_id: str = "cafe", given: Dots | None = None
) -> str:
    """Add a session to a café and return its join code; raises Mistaken when foundation or agenda are unknown."""
    if cafe.state == "closed":
        raise Mistaken({"main": "This café has closed, so nothing can be added to it."})
    kit = _known(foundation, agenda_id)
    given = given or Dots()
    code, stage, now = _free_code(db, LiveSession.code), agenda.stages(agenda_id)[0].id, world.now()
    made = db.execute(
        insert(LiveSession)
        .values(
            cafe_id=cafe.id,
            code=code,
            foundation=foundation,
            kit_edition=kit.edition,
            agenda=agenda_id,
            stage=stage,
            turn=1,
            rev=0,
            changed_rev=0,
            joining_locked=False,
            minutes=agenda.plan(agenda_id),
            prompts=[],
            budget=given.budget,
            most_per_target=given.most_per_target,
            created_at=now,
        )
        .returning(LiveSession.id)
    )
    openings.start(db, made.scalar_one(), turn=1, stage=stage, rev=0, now=now)
    return code


def open_cafe(db: Connection, cafe: CafeRow, by: Visitor) -> None:
    """Open a prepared café: from now on people may join its sessions. What was rehearsed in them is cleared away."""
    if cafe.state == "prepared":
        for session in sessions_of(db, cafe.id):
            rehearsal.clear(db, session, by)
        db.execute(update(Cafe).where(Cafe.id == cafe.id).values(state="open", opened_at=world.now()))
        _mark_sessions(db, cafe, by, "open_cafe")


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
).join(Organisation, Organisation.id == Cafe.organisation_id)
_CAFE = _CAFES.where(Cafe.id == bindparam("cafe"), Cafe.organisation_id == bindparam("organisation"))  # built once


def _known(foundation: str, agenda_id: str) -> Foundation:
    kits = {each.id: each for each in framework.load().foundations}
    if foundation not in kits:
        raise Mistaken({"foundation": "Choose the foundation to work on."})
    if agenda_id not in agenda.AGENDAS:
        raise Mistaken({"agenda": "Choose one of the list."})
    return kits[foundation]


def _mark_sessions(db: Connection, cafe: CafeRow, by: Visitor, kind: str) -> list[tuple[SessionRow, int]]:
    """Give every session of the café a revision for what happened to all of them, so that every screen hears of it."""
    marked = []
    for session in sessions_of(db, cafe.id):
        rev = door.record(db, session, by.actor, kind)
        db.execute(update(LiveSession).where(LiveSession.id == session.id).values(changed_rev=rev))
        marked.append((session, rev))
    return marked


def _free_code(db: Connection, column: InstrumentedAttribute[str]) -> str:
    while True:
        code = world.join_code()
        if db.execute(select(column).where(column == code)).first() is None:
            return code


def _day(form: Mapping[str, str], mistakes: dict[str, str]) -> date | None:
    """Return the day a form gives as day, month and year, or none when all three are left out."""
    parts = [text.one_line(form.get(f"held_on-{part}", "")) for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        year, month, day = (int(part) for part in parts)
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise ValueError(year)
        return date(year, month, day)
    except (ValueError, OverflowError):
        mistakes["held_on"] = "Give the date as day, month and year, for example 27 3 2027."
        return None
