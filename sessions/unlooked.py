"""What may say who someone is and no facilitator has looked at: it keeps every export back.

Whatever else people write into a guide is added here: one more statement of ids and words, and how it is looked at.
"""

from sqlalchemy import Connection, bindparam, select

from sessions import privacy
from sessions.models import Contribution, Wording

_NOT_LOOKED_AT = (
    select(Contribution.id, Wording.text)
    .join(
        Wording,
        (Wording.session_id == Contribution.session_id)
        & (Wording.contribution_id == Contribution.id)
        & Wording.current,
    )
    .where(
        Contribution.session_id == bindparam("session"),
        Contribution.state.in_(("held", "shown")),
        Contribution.share != "room",
        ~Contribution.looked,
        ~Contribution.pretend,
    )
    .order_by(Contribution.published_rev)
)


def unlooked(db: Connection, session_id: int) -> tuple[str, ...]:
    """Return the contributions meant for a guide that a facilitator must look at first, by the patterns of today."""
    rows = db.execute(_NOT_LOOKED_AT, {"session": session_id})
    return tuple(contribution for contribution, words in rows if privacy.flags(words))
