"""Passphrases: which are good enough, what is kept of one, and whose they are.

An organisation's facilitators share one; each member of the project team has their own (`members`).
"""

import hashlib
import hmac

from sqlalchemy import Connection, select, update

from sessions import people, text, world
from sessions.commands import Mistaken
from sessions.models import Facilitator, Organisation
from sessions.permissions import Visitor

SHORTEST = 12
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 2**26}  # OWASP's password storage sheet; about 100 ms
_SAFELY_UNGUESSABLE = 3  # of zxcvbn's 4: more than a hundred million guesses, which take days at our door
_LOOKED_AT = 72  # characters: looking at more takes long, and tells nothing new
_OURS = ("evidence", "café", "cafe", "hospice", "palliative")


def one_form(passphrase: str) -> str:
    """Return a passphrase so that the same words always compare equal: one kind of space, one kind of accent."""
    return text.one_line(passphrase)


def sound(passphrase: str, name: str) -> str:
    """Return a passphrase in its one form; raises Mistaken for one that is short or can be guessed from a name."""
    passphrase = one_form(passphrase)
    if len(passphrase) < SHORTEST:
        raise Mistaken({"passphrase": "Use at least 12 characters: three unrelated words work well."})
    if _guessed_soon(passphrase, text.one_line(name)):
        raise Mistaken({"passphrase": "That is too easy to guess. Three unrelated words work well."})
    return passphrase


def _guessed_soon(passphrase: str, name: str) -> bool:
    """Say whether someone would guess it: it is common, a date, keys in a row, a repeat, or made of our own words."""
    from zxcvbn import zxcvbn  # its lists take a while to read, and most processes never need them

    known = [name, *name.split(), *_OURS]
    ways = (passphrase, passphrase.replace(" ", ""))  # whoever guesses leaves the spaces out
    return min(int(zxcvbn(each[:_LOOKED_AT], user_inputs=known)["score"]) for each in ways) < _SAFELY_UNGUESSABLE


def founding(organisation: str, passphrase: str) -> tuple[str, str]:
    """Return an organisation's name and its passphrase as they will be kept; raises Mistaken with what to change."""
    organisation = text.one_line(organisation)
    mistakes = {}
    if not text.visible(organisation) or len(organisation) > text.LONGEST_LINE:
        mistakes["organisation"] = "Give your organisation's name, in at most 200 characters."
    try:
        passphrase = sound(passphrase, organisation)
    except Mistaken as no:
        mistakes |= no.fields
    if mistakes:
        raise Mistaken(mistakes)
    return organisation, passphrase


def hashed(passphrase: str) -> str:
    """Return a salted scrypt hash to keep; takes about 100 ms of processor, so call it away from the event loop."""
    salt = world.key()
    return f"{salt}${hashlib.scrypt(passphrase.encode(), salt=salt.encode(), dklen=32, **_SCRYPT).hex()}"


def matches(passphrase: str, kept: str) -> bool:
    """Say whether a passphrase is the one that was kept; as slow as `hashed`."""
    salt, _, digest = kept.partition("$")
    given = hashlib.scrypt(one_form(passphrase).encode(), salt=salt.encode(), dklen=32, **_SCRYPT).hex()
    return hmac.compare_digest(given, digest)


def only_organisation(db: Connection) -> str | None:
    """Return the name of the organisation people sign in to, when there is just one."""
    names = db.execute(
        select(Organisation.name).join(Facilitator).where(Facilitator.passphrase.is_not(None)).distinct().limit(2)
    )
    found = list(names.scalars())
    return found[0] if len(found) == 1 else None


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


def of_organisation(db: Connection, organisation_id: str) -> str | None:
    """Return the hash of the passphrase that an organisation's facilitators share, if there is one."""
    kept = select(Facilitator.passphrase).where(
        Facilitator.organisation_id == organisation_id, Facilitator.passphrase.is_not(None)
    )
    return db.execute(kept.limit(1)).scalar_one_or_none()


def replace(db: Connection, organisation_id: str, kept: str) -> tuple[str, Visitor]:
    """Give an organisation's facilitators a new passphrase, sign out everyone who came by the old one.

    Returns a token for whoever chose it, and whom it stands for. Those who came by a link stay.
    """
    old = select(Facilitator.id).where(
        Facilitator.organisation_id == organisation_id, Facilitator.passphrase.is_not(None)
    )
    facilitator_id = db.execute(old.limit(1)).scalar_one_or_none()
    if facilitator_id is None:
        facilitator_id = people.add_facilitator(db, organisation_id, kept)
    else:
        people.send_out(db, facilitator_id)
        db.execute(update(Facilitator).where(Facilitator.id == facilitator_id).values(passphrase=kept))
    visitor = Visitor("facilitator", organisation_id, facilitator_id=facilitator_id)
    return people.give_credential(db, visitor), visitor
