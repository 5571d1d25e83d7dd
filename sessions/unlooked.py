"""What may say who someone is and no facilitator has looked at: it keeps every export back.

Whatever else people write into a guide is added here: one more statement of words, and where it is looked at.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, bindparam, select

from sessions import privacy
from sessions.bundle import Bundle
from sessions.models import Contribution, Reflection, Seat, Wording
from sessions.store import SessionRow

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
_ANSWERS = (
    select(Reflection.differently, Reflection.first)
    .join(Seat, Seat.id == Reflection.seat_id)
    .where(Reflection.session_id == bindparam("session"), ~Reflection.looked, ~Seat.pretend)
)


class ToLookAt(msgspec.Struct, frozen=True):
    """How many ideas and answers of a session may say who someone is, which nobody has looked at yet."""

    code: str
    label: str
    ideas: int
    answers: int


def to_look_at(db: Connection, sessions: Sequence[SessionRow]) -> list[ToLookAt]:
    """Return the sessions in which something must be looked at first."""
    counted = [
        ToLookAt(each.code, each.label, len(unlooked(db, each.id)), unlooked_answers(db, each.id)) for each in sessions
    ]
    return [each for each in counted if each.ideas or each.answers]


def unlooked_answers(db: Connection, session_id: int) -> int:
    """Return how many answers to the closing questions a facilitator must look at first, by the patterns of today."""
    rows = db.execute(_ANSWERS, {"session": session_id})
    return sum(bool(privacy.flags(f"{differently}\n{first}")) for differently, first in rows)


def unlooked(db: Connection, session_id: int) -> tuple[str, ...]:
    """Return the contributions meant for a guide that a facilitator must look at first, by the patterns of today."""
    rows = db.execute(_NOT_LOOKED_AT, {"session": session_id})
    return tuple(contribution for contribution, words in rows if privacy.flags(words))


def facilitators_words(bundle: Bundle) -> tuple[str, ...]:
    """Return what facilitators wrote that leaves and may say who someone is: titles, steps, checks, the credit line.

    They wrote it themselves, so nothing is held; whoever makes the bundle has a look and says so.
    """
    cafe = bundle.cafe
    said = [cafe.title, cafe.host, cafe.place, bundle.credit]
    for held in bundle.sessions:
        said += [held.sitting.label, held.sitting.question]
        said += [line.text for line in held.lines if not line.verbatim]
        for step in held.steps:
            said += [step.what, step.first_step, step.lead, step.partners, step.by_when, step.how_we_know, step.support]
            said += [words for told in step.told for words in (told.note, told.measure)]
    return tuple(words for words in dict.fromkeys(said) if privacy.flags(words))
