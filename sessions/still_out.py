"""What a restored backup must not bring back of how people sign in: old passphrases, and members as they were.

An older copy knows passphrases that were replaced since, members who have left, apps that were lost, spare codes that
were used. So what the database it replaces says of all these is put into the copy.
"""

from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from sessions import schema
from sessions.models import Facilitator, Member, Organisation, SpareCode


class SignIns(NamedTuple):
    """How people sign in: the hash of each facilitator's passphrase, the members, and their spare codes."""

    passphrases: tuple[tuple[str, str], ...] = ()
    members: tuple[RowMapping, ...] = ()
    spare_codes: tuple[RowMapping, ...] = ()


def read(db: Connection) -> SignIns:
    """Return how people sign in now; nothing of a database that an older version of the program left."""
    if schema.version(db) != schema.known_versions()[0]:
        return SignIns()
    kept = select(Facilitator.id, Facilitator.passphrase).where(Facilitator.passphrase.is_not(None))
    return SignIns(
        tuple((row.id, row.passphrase) for row in db.execute(kept)),
        tuple(db.execute(select(*Member.__table__.columns)).mappings()),
        tuple(db.execute(select(*SpareCode.__table__.columns)).mappings()),
    )


def keep(db: Connection, signs: SignIns) -> None:
    """Have people sign in to this database as they did to the one it replaces; whom that knew not stays."""
    for facilitator, passphrase in signs.passphrases:
        db.execute(update(Facilitator).where(Facilitator.id == facilitator).values(passphrase=passphrase))
    known = set(db.execute(select(Organisation.id)).scalars())
    members = [dict(member) for member in signs.members if member["organisation_id"] in known]
    ids = [member["id"] for member in members]
    db.execute(delete(SpareCode).where(SpareCode.member_id.in_(ids)))
    db.execute(delete(Member).where(Member.id.in_(ids)))
    if members:
        db.execute(insert(Member), members)
    codes = [dict(code) for code in signs.spare_codes if code["member_id"] in ids]
    if codes:
        db.execute(insert(SpareCode), codes)
