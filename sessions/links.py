"""One-time links: making one, looking at it without spending it, and what spending it lets someone be.

A link lets in once: a facilitator, a screen, a table host… Its token is known only to whoever holds it. Who may make
which is the web face's pages'.
"""

from datetime import timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from sessions import members, people, world
from sessions.commands import Refused
from sessions.models import Cafe, Link, LiveSession
from sessions.permissions import Role, Visitor
from sessions.store import session_code

Opens = Literal["setup", "facilitator", "screen", "team", "recovery", "table_host", "pretend", "passphrase"]

SETUP_MINUTES = 30  # reliability.md S16
RESET_MINUTES = 30
LINK_DAYS = 14
# A recovery code is printed with everything else, and good for as long as the guide may need putting in order.
RECOVERY_DAYS, RECOVERY_HOURS_AFTER_CLOSING = 400, 36
PRETEND_HOURS = 12
MEMBER_HOURS = 24  # a link to set up a member's sign-in again
_LASTS: dict[Opens, timedelta] = {
    "setup": timedelta(minutes=SETUP_MINUTES),
    "passphrase": timedelta(minutes=RESET_MINUTES),
    "recovery": timedelta(days=RECOVERY_DAYS),
    "pretend": timedelta(hours=PRETEND_HOURS),
}
_ONE_AT_A_TIME: frozenset[Opens] = frozenset({"setup", "recovery", "passphrase"})
_SEATS: frozenset[Opens] = frozenset({"table_host", "pretend"})


class LinkFound(msgspec.Struct, frozen=True):
    """A one-time link that is still good: what it opens and for whom."""

    id: int
    opens: Opens
    organisation_id: str | None
    facilitator_id: str | None
    session_id: int | None
    member_id: str | None


def make(db: Connection, opens: Opens, visitor: Visitor | None = None) -> str:
    """Return the token of a new one-time link; what is made one at a time makes the earlier one worthless."""
    token, now = world.typed_token() if opens == "recovery" else world.token(), world.now()
    whose = {
        "organisation_id": visitor.organisation_id if visitor else None,
        "facilitator_id": visitor.facilitator_id if visitor else None,
        "session_id": visitor.session_id if visitor else None,
        "member_id": visitor.member_id if visitor else None,
    }
    if opens in _ONE_AT_A_TIME or whose["member_id"]:
        same = (getattr(Link, name).is_not_distinct_from(value) for name, value in whose.items())
        db.execute(update(Link).where(Link.opens == opens, Link.spent_at.is_(None), *same).values(spent_at=now))
    lasts = timedelta(hours=MEMBER_HOURS) if whose["member_id"] else _LASTS.get(opens, timedelta(days=LINK_DAYS))
    db.execute(insert(Link).values(fingerprint=people.fingerprint(token), opens=opens, good_until=now + lasts, **whose))
    return token


def look_at(db: Connection, token: str) -> LinkFound | None:
    """Return what a link would open, without spending it; None when it is unknown, spent or too old."""
    now = world.now()
    a_while_after = Cafe.closed_at > now - timedelta(hours=RECOVERY_HOURS_AFTER_CLOSING)
    row = db.execute(
        select(Link.id, Link.opens, Link.organisation_id, Link.facilitator_id, Link.session_id, Link.member_id)
        .outerjoin(LiveSession, LiveSession.id == Link.session_id)
        .outerjoin(Cafe, Cafe.id == LiveSession.cafe_id)
        .where(Link.fingerprint == people.fingerprint(token), Link.spent_at.is_(None), Link.good_until > now)
        .where(
            or_(
                Cafe.closed_at.is_(None),
                Link.opens.not_in(("recovery", *_SEATS)),
                (Link.opens == "recovery") & a_while_after,
            )
        )
    ).one_or_none()
    return None if row is None else msgspec.convert(row._mapping, LinkFound)


def spend(db: Connection, token: str) -> LinkFound | None:
    """Return what a link opens and spend it; None when it no longer opens anything."""
    link = look_at(db, token)
    if link is not None:
        db.execute(update(Link).where(Link.id == link.id).values(spent_at=world.now()))
    return link


def let_in(db: Connection, token: str, seat: Visitor | None = None) -> tuple[Visitor, str] | None:
    """Spend a link and return whom it lets in with a credential, or None when it opens nothing any more.

    Whoever is to host a table stays on the `seat` they hold there already. A recovery code sends out whoever printed
    it. Raises Refused where nobody may take a seat now; the link must then be left unspent.
    """
    link = spend(db, token)
    if link is None:
        return None
    if link.opens in _SEATS:
        return _seated(db, link, seat)
    visitor = _staff(db, link)
    return visitor, people.give_credential(db, visitor)


def drop(db: Connection, opens: Opens, session_id: int) -> None:
    """Make every unspent link of a kind to a session worthless."""
    db.execute(
        update(Link)
        .where(Link.opens == opens, Link.session_id == session_id, Link.spent_at.is_(None))
        .values(spent_at=world.now())
    )


def _staff(db: Connection, link: LinkFound) -> Visitor:
    """Return whoever is let in as staff: with an invitation or a recovery code, a facilitator of their own.

    Whoever comes to the project team still has their second step before them.
    """
    if link.opens == "team":
        member = link.member_id or members.invite(db, link.organisation_id or "")
        return Visitor("unproved", link.organisation_id, member_id=member)
    role: Role = "screen" if link.opens == "screen" else "facilitator"
    facilitator = link.facilitator_id
    if link.opens == "recovery" and facilitator is not None:
        people.send_out(db, facilitator)
        facilitator = None
    if role == "facilitator" and facilitator is None:
        facilitator = people.add_facilitator(db, link.organisation_id or "")
    return Visitor(role, link.organisation_id, link.session_id, facilitator_id=facilitator)


def _seated(db: Connection, link: LinkFound, seat: Visitor | None) -> tuple[Visitor, str]:
    """Return the seat a link gives: for a table's host, or for a pretend phone."""
    if seat is not None and seat.seat_id is not None and link.opens == "table_host":
        people.make_host(db, seat.seat_id)
        return seat, people.give_credential(db, seat)
    newcomer = Visitor("newcomer", host=link.opens == "table_host", pretend=link.opens == "pretend")
    code = session_code(db, link.session_id or 0)
    result, token = people.take_seat(db, code, {"id": world.new_id(), "do": "join"}, newcomer)
    taken = people.who_holds(db, token) if token else None
    if token is None or taken is None:
        raise Refused(result.code or "not_allowed", result.say or "")
    return taken, token
