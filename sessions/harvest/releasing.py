"""A host's release: what the project team may use a café's words for, how it may be credited, and the release itself.

What leaves the desk again by itself, since it was taken back in the café, is `leaving`; what became of the rest `used`.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

import msgspec
from sqlalchemy import Connection, select, update

from sessions import bundle, text
from sessions.bundle import Bundle, Purpose
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.harvest import arriving
from sessions.harvest.arriving import Arrived
from sessions.models import Cafe, Credential, Member
from sessions.store import SessionRow


def on_terms(cafe: CafeRow, form: Mapping[str, str]) -> CafeRow:
    """Return a café with what a form says it is released for; one that says nothing leaves that. Raises Mistaken."""
    if "credit" not in form:
        return cafe
    credit = text.one_line(form["credit"])
    if len(credit) > text.LONGEST_LINE:
        raise Mistaken({"credit": "This is too long: 200 characters at most."})
    purposes = [purpose for purpose in get_args(Purpose) if f"for_{purpose}" in form]
    return msgspec.structs.replace(cafe, released_for=purposes, credit=credit)


def hand_over(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Bundle:
    """Keep a café's terms, and hand its bundle over on these."""
    terms = {"released_for": cafe.released_for, "credit": cafe.credit}
    db.execute(update(Cafe).where(Cafe.id == cafe.id).values(terms))
    return bundle.hand_over(db, cafe, sessions)


def release(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Arrived:
    """Hand a café's bundle over to the project team of this installation, at whose desk it arrives."""
    return arriving.take_in(db, hand_over(db, cafe, sessions), here=True)


def has_team(db: Connection) -> bool:
    """Say whether this installation has a project team that could see anything: people who sign in, or a program."""
    members = select(Member.id).where(Member.mark.is_not(None), Member.left_at.is_(None))
    let_in = select(Credential.fingerprint).where(Credential.role == "team", Credential.revoked_at.is_(None))
    return any(db.execute(each.limit(1)).first() is not None for each in (members, let_in))
