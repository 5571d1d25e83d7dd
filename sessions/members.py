"""The project team's members: invited, signed in by two steps, helped when they lost one, and gone.

What their app holds and which code it shows is the web face's (`cafe.second_step`): here a code is the half minute it
belongs to. Nothing here knows a passphrase, a code or what the app holds.
"""

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from sessions import people, text, world
from sessions.commands import Mistaken
from sessions.models import Credential, Link, Member, SpareCode
from sessions.permissions import Visitor

LONGEST_NAME = 80
SPARE_CODES = 5
TRIES = 5  # codes that may be wrong in a row before the first pause
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
_MOST_DOUBLINGS = 5  # of the first pause, which is more than the longest


class MemberRow(msgspec.Struct, frozen=True):
    """A member as their row says."""

    id: str
    organisation_id: str
    name: str
    passphrase: str | None
    seed: str
    mark: str | None
    step: int
    missed: int
    waits_until: datetime | None

    @property
    def visitor(self) -> Visitor:
        """Who this member is before the second step."""
        return Visitor("unproved", self.organisation_id, member_id=self.id)

    @property
    def proved(self) -> Visitor:
        """Who this member is after the second step."""
        return Visitor("team", self.organisation_id, member_id=self.id)


_MEMBER = select(*(getattr(Member, name) for name in MemberRow.__struct_fields__)).where(Member.left_at.is_(None))


def invite(db: Connection, organisation_id: str) -> str:
    """Add someone who has not said anything about themselves yet, and return the id."""
    member_id = world.new_id()
    db.execute(
        insert(Member).values(id=member_id, organisation_id=organisation_id, seed=world.key(), created_at=world.now())
    )
    return member_id


def member_of(db: Connection, visitor: Visitor) -> MemberRow:
    """Return the member a visitor is; raises LookupError when they have left, or when a program asks."""
    row = db.execute(_MEMBER.where(Member.id == visitor.member_id)).one_or_none()
    if row is None:
        raise LookupError("member")
    return MemberRow(**row._mapping)


def known_as(db: Connection, name: str) -> MemberRow | None:
    """Return the member of this name, if there is one; without a mark they cannot sign in yet."""
    row = db.execute(_MEMBER.where(Member.known_as == _key(name))).one_or_none()
    return None if row is None else MemberRow(**row._mapping)


def everyone(db: Connection) -> tuple[MemberRow, ...]:
    """Return all who sign in, or were asked to set up their second step again, by name."""
    rows = db.execute(_MEMBER.where(Member.known_as.is_not(None)).order_by(Member.known_as))
    return tuple(MemberRow(**row._mapping) for row in rows)


def good_name(name: str) -> str:
    """Return a name as it will be kept; raises Mistaken for one that says nothing or is too long."""
    name = text.one_line(name)
    if not text.visible(name) or len(name) > LONGEST_NAME:
        raise Mistaken({"name": "Give the name you want to sign in with, in at most 80 characters."})
    return name


def introduce(db: Connection, visitor: Visitor, name: str, kept_passphrase: str) -> None:
    """Keep the name and the passphrase someone chose; raises Mistaken when the name is another member's."""
    taken = select(Member.id).where(Member.known_as == _key(name), Member.id != visitor.member_id)
    if db.execute(taken).first() is not None:
        raise Mistaken({"name": "Someone signs in with this name already. Please add something to yours."})
    chosen = {"name": name, "known_as": _key(name), "passphrase": kept_passphrase}
    db.execute(update(Member).where(Member.id == visitor.member_id, Member.left_at.is_(None)).values(chosen))


def enrol(db: Connection, visitor: Visitor, seed: str, mark: str, step: int) -> tuple[str, tuple[str, ...]]:
    """Have the second step be what an app made of `seed` shows from now on, and nothing that was before.

    Returns a token that opens the team's pages, the only one there is then, and new spare codes.
    """
    member = member_of(db, visitor)
    holds = {"seed": seed, "mark": mark, "step": step, "missed": 0, "waits_until": None}
    db.execute(update(Member).where(Member.id == member.id).values(holds))
    _send_out(db, member.id)
    return people.give_credential(db, member.proved), spare_codes(db, member.id)


def spare_codes(db: Connection, member_id: str) -> tuple[str, ...]:
    """Return new spare codes; those before are worthless now."""
    codes = tuple(world.typed_token() for _ in range(SPARE_CODES))
    db.execute(delete(SpareCode).where(SpareCode.member_id == member_id))
    rows = [{"fingerprint": people.fingerprint(code), "member_id": member_id} for code in codes]
    db.execute(insert(SpareCode), rows)
    return codes


def spare_codes_left(db: Connection, member_id: str) -> int:
    """Return how many spare codes have not been used."""
    left = select(SpareCode.fingerprint).where(SpareCode.member_id == member_id, SpareCode.spent_at.is_(None))
    return len(db.execute(left).all())


def prove(db: Connection, visitor: Visitor, step: int | None) -> str | None:
    """Return a token that opens the team's pages to whoever showed the code of this half minute, or None.

    No code is taken twice, nor one older than the latest taken. `step` is None for a code that is none.
    """
    member = member_of(db, visitor)
    if not _counted(db, member, right=step is not None and step > member.step):
        return None
    db.execute(update(Member).where(Member.id == member.id).values(step=step))
    return people.give_credential(db, member.proved)


def prove_by_spare_code(db: Connection, visitor: Visitor, code: str) -> str | None:
    """Return a token as `prove` does to whoever has a spare code, which is spent then, or None."""
    member = member_of(db, visitor)
    its_row = (SpareCode.member_id == member.id, SpareCode.fingerprint == people.fingerprint(code))
    unspent = db.execute(select(SpareCode.fingerprint).where(*its_row, SpareCode.spent_at.is_(None))).first()
    if not _counted(db, member, right=unspent is not None):
        return None
    db.execute(update(SpareCode).where(*its_row).values(spent_at=world.now()))
    return people.give_credential(db, member.proved)


def begin_again(db: Connection, member: MemberRow) -> None:
    """Make a member's second step, spare codes and credentials worthless, so that they set it up with a new link."""
    afresh = {"seed": world.key(), "mark": None, "step": 0, "missed": 0, "waits_until": None, "passphrase": None}
    db.execute(update(Member).where(Member.id == member.id).values(afresh))
    db.execute(delete(SpareCode).where(SpareCode.member_id == member.id))
    _send_out(db, member.id)


def remove(db: Connection, member: MemberRow) -> None:
    """Let a member in no more; that they were there stays known, and their name is free again."""
    begin_again(db, member)
    now = world.now()
    db.execute(update(Member).where(Member.id == member.id).values(left_at=now, known_as=None))
    db.execute(update(Link).where(Link.member_id == member.id, Link.spent_at.is_(None)).values(spent_at=now))


def change_passphrase(db: Connection, visitor: Visitor, kept: str) -> str:
    """Give a member a new passphrase; return the only token that is good from then on."""
    member = member_of(db, visitor)
    db.execute(update(Member).where(Member.id == member.id).values(passphrase=kept))
    _send_out(db, member.id)
    return people.give_credential(db, member.proved)


def _counted(db: Connection, member: MemberRow, *, right: bool) -> bool:
    """Say whether a code is taken, and count it when it was wrong; during a pause none is even looked at."""
    now = world.now()
    if member.waits_until is not None and now < member.waits_until:
        return False
    missed = 0 if right else member.missed + 1
    counted = {"missed": missed, "waits_until": now + _pause(missed) if missed >= TRIES else None}
    db.execute(update(Member).where(Member.id == member.id).values(counted))
    return right


def _pause(missed: int) -> timedelta:
    """Return how long to wait after so many wrong codes: longer each time, and never for ever."""
    doubled: int = 2 ** min(missed - TRIES, _MOST_DOUBLINGS)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def _send_out(db: Connection, member_id: str) -> None:
    theirs = (Credential.member_id == member_id, Credential.revoked_at.is_(None))
    db.execute(update(Credential).where(*theirs).values(revoked_at=world.now()))


def _key(name: str) -> str:
    return text.one_line(name).casefold()
