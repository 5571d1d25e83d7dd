"""What those who look after a database ask of it: when it last changed, and where its open sessions stand."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from sessions.models import Cafe, DeletedCafe, LiveSession, LogEntry


class Pulse(NamedTuple):
    """When anything last changed or a café was deleted, and the turn of each session of the cafés that are open."""

    changed: datetime | None
    turns: frozenset[tuple[str, int]]

    @property
    def any_open(self) -> bool:
        """Whether a café is open."""
        return bool(self.turns)


def pulse(db: Connection) -> Pulse:
    """Return how a database stands at this moment."""
    logged = db.execute(select(LogEntry.at).order_by(LogEntry.id.desc()).limit(1)).scalar_one_or_none()
    deleted = db.execute(select(func.max(DeletedCafe.at))).scalar_one_or_none()
    changed = max((at for at in (logged, deleted) if at is not None), default=None)
    turns = select(LiveSession.code, LiveSession.turn).join(Cafe, Cafe.id == LiveSession.cafe_id)
    return Pulse(changed, frozenset((code, turn) for code, turn in db.execute(turns.where(Cafe.state == "open"))))


def moved_on(before: Pulse, now: Pulse) -> bool:
    """Say whether a session has gone to another stage since, or its café has closed."""
    return bool(before.turns - now.turns)
