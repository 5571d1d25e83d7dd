"""Organisations, their facilitators and their passphrase, seats, and the credentials that stand for someone.

A token is known only to whoever holds it: here there are fingerprints. One-time links are in `links`; who may do what
with a role is decided in `permissions`.
"""

import hashlib
import hmac
from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, false, func, insert, select, update

from sessions import door, text, world
from sessions.commands import Mistaken, Result
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
SHORTEST_PASSPHRASE = 12
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}  # OWASP's password storage sheet; about 100 ms
_TOO_COMMON = frozenset(
    {"passwordpassword", "password1234", "123456789012", "qwertyuiopas", "evidencecafe", "letmeinletmein"}
)
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
        func.coalesce(Seat.host, false()).label("host"),
        func.coalesce(Seat.pretend, false()).label("pretend"),
    )
    .outerjoin(Seat, Seat.id == Credential.seat_id)
    .where(Credential.fingerprint == bindparam("fingerprint"), Credential.revoked_at.is_(None))
)


def is_set_up(db: Connection) -> bool:
    """Say whether this installation has been set up."""
    return db.execute(_SET_UP).scalar_one() is not None


def only_organisation(db: Connection) -> str | None:
    """Return the name of the organisation people sign in to, when there is just one."""
    names = db.execute(
        select(Organisation.name).join(Facilitator).where(Facilitator.passphrase.is_not(None)).distinct().limit(2)
    )
    found = list(names.scalars())
    return found[0] if len(found) == 1 else None


def hashed(passphrase: str) -> str:
    """Return a salted scrypt hash to keep; takes about 100 ms of processor, so call it away from the event loop."""
    salt = world.key()
    return f"{salt}${hashlib.scrypt(passphrase.encode(), salt=salt.encode(), dklen=32, **_SCRYPT).hex()}"


def matches(passphrase: str, kept: str) -> bool:
    """Say whether a passphrase is the one that was kept; as slow as `hashed`."""
    salt, _, digest = kept.partition("$")
    given = hashlib.scrypt(passphrase.encode(), salt=salt.encode(), dklen=32, **_SCRYPT).hex()
    return hmac.compare_digest(given, digest)


def founding(organisation: str, passphrase: str) -> tuple[str, str]:
    """Return an organisation's name and its passphrase as they will be kept; raises Mistaken with what to change."""
    organisation, passphrase = text.one_line(organisation), one_form(passphrase)
    plain = passphrase.casefold().replace(" ", "")
    mistakes = {}
    if not text.visible(organisation) or len(organisation) > text.LONGEST_LINE:
        mistakes["organisation"] = "Give your organisation's name, in at most 200 characters."
    if len(passphrase) < SHORTEST_PASSPHRASE:
        mistakes["passphrase"] = "Use at least 12 characters: three unrelated words work well."  # noqa: S105
    elif plain in _TOO_COMMON or len(set(plain)) < 5 or plain == organisation.casefold().replace(" ", ""):
        mistakes["passphrase"] = "That is too easy to guess. Three unrelated words work well."  # noqa: S105
    if mistakes:
        raise Mistaken(mistakes)
    return organisation, passphrase


def one_form(passphrase: str) -> str:
    """Return a passphrase so that the same words always compare equal: one kind of space, one kind of accent."""
    return text.one_line(passphrase)


def found(db: Connection, organisation: str, kept_passphrase: str | None) -> Visitor:
    """Create an organisation and its facilitator, count the installation as set up, and return the facilitator."""
    organisation_id, now = world.new_id(), world.now()
    db.execute(insert(Organisation).values(id=organisation_id, name=organisation, created_at=now))
    facilitator_id = add_facilitator(db, organisation_id, kept_passphrase)
    db.execute(update(Installation).where(Installation.set_up_at.is_(None)).values(set_up_at=now))
    return Visitor("facilitator", organisation_id, facilitator_id=facilitator_id)


def add_facilitator(db: Connection, organisation_id: str, kept_passphrase: str | None = None) -> str:
    """Add a facilitator to an organisation and return the id; one without a passphrase is let in by a link alone."""
    facilitator_id = world.new_id()
    db.execute(
        insert(Facilitator).values(
            id=facilitator_id, organisation_id=organisation_id, passphrase=kept_passphrase, created_at=world.now()
        )
    )
    return facilitator_id


def facilitators_of(db: Connection, organisation: str) -> tuple[tuple[Visitor, str], ...]:
    """Return the facilitators with a passphrase in the organisations of that name, each with the passphrase's hash."""
    rows = db.execute(
        select(Organisation.name, Facilitator.id, Facilitator.organisation_id, Facilitator.passphrase)
        .join(Organisation, Organisation.id == Facilitator.organisation_id)
        .where(Facilitator.passphrase.is_not(None))
    )
    wanted = text.one_line(organisation).casefold()
    return tuple(
        (Visitor("facilitator", row.organisation_id, facilitator_id=row.id), row.passphrase)
        for row in rows
        if row.name.casefold() == wanted
    )


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
            "created_at": world.now(),
        },
    )
    return token


def who_holds(db: Connection, token: str) -> Visitor | None:
    """Return whom a token stands for, or None when it is unknown or was revoked."""
    row = db.execute(_HOLDER, {"fingerprint": fingerprint(token)}).one_or_none()
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
