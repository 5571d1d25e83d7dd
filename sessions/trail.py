"""The trail: who read what people wrote, or took it away; when, as whom and in which form, never the words.

People have no names here: a facilitator is told by when they signed in, whoever looks after the installation by having
used the command line. Looks of the same kind within an hour are one row. A row goes a year after its last look, like
other traces of who came in (`retention`), or with its café.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from sessions import world
from sessions.models import Access, Cafe, Credential, LiveSession
from sessions.permissions import Visitor

What = Literal[
    "console", "answers", "log", "data", "desk", "guide", "poster", "remarks", "returned", "preview", "bundle", "print",
    "backup", "used",
]  # fmt: skip
AS_ONE = timedelta(hours=1)
COMMAND_LINE = "command line"


class Reader(msgspec.Struct, frozen=True):
    """Who reads: a role, and the facilitator or member and the credential it goes by, as far as there is one."""

    role: str
    facilitator_id: str | None = None
    member_id: str | None = None
    credential: str = ""


BY_COMMAND = Reader(COMMAND_LINE)


class Look(msgspec.Struct, frozen=True):
    """A row of the trail, with the code of its session and the moment its reader signed in."""

    what: What
    form: str
    role: str
    facilitator_id: str | None
    credential: str
    signed_in: datetime | None
    code: str | None
    several: bool
    first_at: datetime
    last_at: datetime
    times: int


def reader(visitor: Visitor, credential: str) -> Reader:
    """Return the reader that a visitor is, by the fingerprint of their credential."""
    return Reader(visitor.role, visitor.facilitator_id, visitor.member_id, credential)


def note(
    db: Connection,
    who: Reader,
    what: What,
    form: str,
    cafes: Iterable[str | None],
    session_id: int | None = None,
    guide_id: str | None = None,
) -> None:
    """Note one look at each of some cafés; None stands for all there are, as in a backup."""
    now = world.now()
    for cafe_id in cafes:
        same = {
            "cafe_id": cafe_id,
            "session_id": session_id,
            "guide_id": guide_id,
            "what": what,
            "form": form,
            **msgspec.structs.asdict(who),
        }
        alike = [getattr(Access, name).is_not_distinct_from(value) for name, value in same.items()]
        again = db.execute(
            update(Access).where(*alike, Access.last_at > now - AS_ONE).values(last_at=now, times=Access.times + 1)
        )
        if not again.rowcount:
            db.execute(insert(Access).values(**same, first_at=now, last_at=now, times=1))


def of_cafe(db: Connection, cafe_id: str, skipped: int, most: int) -> tuple[Look, ...]:
    """Return who looked at a café's words, the latest first, without those already shown; backups hold every café's."""
    began = select(Cafe.created_at).where(Cafe.id == cafe_id).scalar_subquery()
    rows = db.execute(
        select(
            Access.what,
            Access.form,
            Access.role,
            Access.facilitator_id,
            Access.credential,
            Credential.created_at.label("signed_in"),
            LiveSession.code,
            Access.guide_id.is_not(None).label("several"),
            Access.first_at,
            Access.last_at,
            Access.times,
        )
        .outerjoin(Credential, Credential.fingerprint == Access.credential)
        .outerjoin(LiveSession, LiveSession.id == Access.session_id)
        .where(or_(Access.cafe_id == cafe_id, Access.cafe_id.is_(None) & (Access.last_at >= began)))
        .order_by(Access.last_at.desc(), Access.id.desc())
        .offset(skipped)
        .limit(most)
    )
    return tuple(msgspec.convert(row._mapping, Look) for row in rows)
