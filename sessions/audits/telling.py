"""What the audits share: what they are given, what they yield, and how a row is told of without any words."""

from collections.abc import Iterable

from sqlalchemy import Connection, Executable

from sessions.erasures import Erased
from sessions.models import Contribution, LiveSession

Kept = frozenset[Erased]  # what the file beside the database holds
Wrong = Iterable[str]

ITS_SESSION = (LiveSession, LiveSession.id == Contribution.session_id)


def told(db: Connection, rows: Executable, what: str) -> Wrong:
    """Tell of each row which session it is in, by its code, and which it is."""
    return (f"{code} {what} {which}" for code, which in db.execute(rows))
