"""Organisations, their facilitators, seats, and the credentials that stand for someone.

A token is known only to whoever holds it: here there are fingerprints. One-time links are in `links`, passphrases in
`passphrases`, the project team in `members`; who may do what with a role is decided in `permissions`.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, bindparam, false, func, insert, or_, select, update

from sessions import door, text, world
from sessions.commands import Result
from sessions.models import (
    Cafe,
    Credential,
    Facilitator,
    Installation,
    LiveSession,
    LogEntry,
    Organisation,
    Seat,
)
from sessions.permissions import Visitor

NEWCOMER = Visitor("newcomer")
TEAM_HOURS = 12  # a member of the project team signs in again on another day
# Built once: building a statement takes ten times as long as running it, and every request asks these.
_SET_UP = select(Installation.set_up_at)
_LEFT = select(Seat.left).where(Seat.id == bindparam("seat"))
_CREDENTIAL = insert(Credential)
_SEAT_TAKEN = (
    select(LogEntry.target, LogEntry.session_id, Cafe.organisation_id)
    .join(LiveSession, LiveSession.id == LogEntry.session_id)
    .join(Cafe, Cafe.id == LiveSession.cafe_id)
    .where(LiveSession.code == bindparam("code"), LogEntry.rev == bindparam("rev"))
)
_UNLINKED = (
    select(Credential.id)
    .join(LiveSession, LiveSession.id == Credential.session_id)
    .join(Cafe, Cafe.id == LiveSession.cafe_id)
    .where(Credential.fingerprint == bindparam("fingerprint"), Credential.seat_id.is_not(None))
    .where(Cafe.unlinked_at.is_not(None))
)
_HOLDER = (
    select(
        Credential.role,
        Credential.organisation_id,
        Credential.session_id,
        Credential.seat_id,
        Credential.facilitator_id,
        Credential.member_id,
        func.coalesce(Seat.host, false()).label("host"),
        func.coalesce(Seat.pretend, false()).label("pretend"),
    )
    .outerjoin(Seat, Seat.id == Credential.seat_id)
    .where(
        Credential.fingerprint == bindparam("fingerprint"),
        Credential.revoked_at.is_(None),
        or_(Credential.member_id.is_(None), Credential.created_at > bindparam("members_since")),
    )
)


def is_set_up(db: Connection) -> bool:
    """Say whether this installation has been set up."""
    return db.execute(_SET_UP).scalar_one() is not None


def found(db: Connection, organisation: str, kept_passphrase: str | None) -> Visitor:
    """Create an organisation and its facilitator, count the installation as set up, and return the facilitator."""
    organisation_id, now = world.new_id(), world.now()
    db.execute(insert(Organisation).values(id=organisation_id, name=organisation, created_at=now))
    facilitator_id = add_facilitator(db, organisation_id, kept_passphrase)
    db.execute(update(Installation).where(Installation.set_up_at.is_(None)).values(set_up_at=now))
    return Visitor("facilitator", organisation_id, facilitator_id=facilitator_id)


def organisation_name(db: Connection, organisation_id: str) -> str:
    """Return the name of an organisation."""
    return db.execute(select(Organisation.name).where(Organisation.id == organisation_id)).scalar_one()


def organisations(db: Connection, named: str | None = None) -> tuple[tuple[str, str], ...]:
    """Return the id and name of every organisation, or of those with this name or id."""
    rows = db.execute(select(Organisation.id, Organisation.name).order_by(Organisation.created_at)).all()
    wanted = None if named is None else text.one_line(named).casefold()
    return tuple((row.id, row.name) for row in rows if wanted in {None, row.id, row.name.casefold()})


def add_facilitator(db: Connection, organisation_id: str, kept_passphrase: str | None = None) -> str:
    """Add a facilitator to an organisation and return the id; one without a passphrase is let in by a link alone."""
    facilitator_id = world.new_id()
    db.execute(
        insert(Facilitator).values(
            id=facilitator_id, organisation_id=organisation_id, passphrase=kept_passphrase, created_at=world.now()
        )
    )
    return facilitator_id


def give_credential(db: Connection, visitor: Visitor) -> str:
    """Return a new token that stands for this visitor; only its fingerprint is kept."""
    token = world.token()
    db.execute(
        _CREDENTIAL,
        {
            "fingerprint": fingerprint(token),
            "role": visitor.role,
            "organisation_id": visitor.organisation_id,
            "facilitator_id": visitor.facilitator_id,
            "session_id": visitor.session_id,
            "seat_id": visitor.seat_id,
            "member_id": visitor.member_id,
            "created_at": world.now(),
        },
    )
    return token


def who_holds(db: Connection, token: str) -> Visitor | None:
    """Return whom a token stands for, or None when it is unknown, was revoked, or has had its day."""
    asked = {"fingerprint": fingerprint(token), "members_since": world.now() - timedelta(hours=TEAM_HOURS)}
    row = db.execute(_HOLDER, asked).one_or_none()
    return None if row is None else Visitor(**row._mapping)


def was_unlinked(db: Connection, token: str) -> bool:
    """Say whether a token let a seat in, in a café where it is not known any more who wrote what."""
    return db.execute(_UNLINKED, {"fingerprint": fingerprint(token)}).first() is not None


def take_seat(
    db: Connection, code: str, message: Mapping[str, object], newcomer: Visitor = NEWCOMER
) -> tuple[Result, str | None]:
    """Join a session as a newcomer; return the result and, when a seat was taken, a token that stands for it.

    The same message sent again gives a token for the same seat. Raises LookupError when there is no such session.
    """
    result = door.apply(db, newcomer, code, message, from_form=True)
    if result.rev is None:
        return result, None
    seat = db.execute(_SEAT_TAKEN, {"code": code, "rev": result.rev}).one()
    return result, give_credential(db, Visitor("seat", seat.organisation_id, seat.session_id, int(seat.target)))


def make_host(db: Connection, seat_id: int) -> None:
    """Let a seat add for others at its table from now on; nobody is told, since nobody else's view changes."""
    db.execute(update(Seat).where(Seat.id == seat_id).values(host=True))


def has_left(db: Connection, seat_id: int) -> bool:
    """Say whether a seat has been given up."""
    return db.execute(_LEFT, {"seat": seat_id}).scalar_one()


def revoke(db: Connection, token: str) -> None:
    """Make a token worth nothing from now on."""
    db.execute(
        update(Credential)
        .where(Credential.fingerprint == fingerprint(token), Credential.revoked_at.is_(None))
        .values(revoked_at=world.now())
    )


def send_out(db: Connection, facilitator_id: str) -> None:
    """Make every token of a facilitator worth nothing from now on, wherever it is held."""
    db.execute(
        update(Credential)
        .where(Credential.facilitator_id == facilitator_id, Credential.revoked_at.is_(None))
        .values(revoked_at=world.now())
    )


def fingerprint(token: str) -> str:
    """Return what is kept of a token: enough to know it again, useless to whoever reads the database."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
