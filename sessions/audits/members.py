"""The audits of the project team: nobody is in it by halves, and what was ended is worth nothing."""

from sqlalchemy import Connection, func, or_, select

from sessions.audits.telling import Kept, Wrong
from sessions.members import SPARE_CODES
from sessions.models import Credential, Member, SpareCode


def whole(db: Connection, _kept: Kept) -> Wrong:
    """Find members whose app is set up without a name and a passphrase, or who have left and could sign in."""
    incomplete = or_(Member.known_as.is_(None), Member.passphrase.is_(None))
    left = Member.left_at.is_not(None) & or_(Member.passphrase.is_not(None), Member.known_as.is_not(None))
    rows = db.execute(select(Member.id).where(or_(Member.mark.is_not(None) & incomplete, left)))
    yield from (f"member {member}" for member in rows.scalars())


def credentials(db: Connection, _kept: Kept) -> Wrong:
    """Find credentials of members who have left or are not there, and members' among those of other roles."""
    theirs = select(Credential.id).outerjoin(Member, Member.id == Credential.member_id)
    theirs = theirs.where(Credential.member_id.is_not(None), Credential.revoked_at.is_(None))
    gone = or_(Member.id.is_(None), Member.left_at.is_not(None))
    unset = (Credential.role == "team") & Member.mark.is_(None)
    rows = db.execute(theirs.where(or_(gone, unset, Credential.role.not_in(("team", "unproved")))))
    yield from (f"credential {number}" for number in rows.scalars())


def spare_codes(db: Connection, _kept: Kept) -> Wrong:
    """Find members with more spare codes than are ever made, or with some before their app is set up."""
    of_each = select(Member.id).join(SpareCode, SpareCode.member_id == Member.id).group_by(Member.id, Member.mark)
    rows = db.execute(of_each.having(or_(func.count() > SPARE_CODES, Member.mark.is_(None))))
    yield from (f"member {member}" for member in rows.scalars())
