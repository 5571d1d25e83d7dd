"""What came of a session, as facts of the guide: its small steps, and what people said at the close.

What people said before is `lines`.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Row, or_, select

from sessions.entities import Snapshot
from sessions.guide import FEWEST_VOICES, WIDENING, Learned, Share, SmallStep, Told, Voices
from sessions.models import Reflection, Seat
from sessions.refs import Ref
from sessions.store import SessionRow


def small_steps(
    snapshot: Snapshot, ref: Ref, people: Mapping[str, int], audience: Share = "local"
) -> tuple[SmallStep, ...]:
    """Return the small steps that may go to an audience, in the order they were agreed.

    `people` says how many chose each target.
    """
    return tuple(
        SmallStep(
            ref=ref(step.id),
            what=step.what,
            first_step=step.first_step,
            lead=step.lead,
            partners=step.partners,
            by_when=step.by_when,
            how_we_know=step.how_we_know,
            support=step.support,
            ambitions=step.ambitions,
            share=step.share,
            status=step.status,
            chosen_by=people.get(step.target or ""),
            review_on=step.review_on,
            told=tuple(
                Told(day=each.at.date(), status=each.status, note=each.note, measure=each.measure)
                for each in step.check_ins
            ),
        )
        for step in snapshot.entities.steps or ()
        if step.share in WIDENING[WIDENING.index(audience) :]
    )


def learned(db: Connection, session: SessionRow) -> Learned:
    """Return what real people said at the close, sorted by the words, so that the order tells nothing of who.

    What may say who someone is stays out until a facilitator has looked and said that it may be quoted (`answers`).
    """
    answers = db.execute(
        select(Reflection.differently, Reflection.first, Reflection.room, Reflection.flags)
        .join(Seat, Seat.id == Reflection.seat_id)
        .where(Reflection.session_id == session.id, ~Seat.pretend)
        .where(or_(Reflection.differently != "", Reflection.first != "", Reflection.room.is_not(None)))
    ).all()
    told = [row for row in answers if not row.flags]
    return Learned(
        differently=tuple(sorted(row.differently for row in told if row.differently)),
        first=tuple(sorted(row.first for row in told if row.first)),
        voices=_voices(answers),
    )


def _voices(answers: Sequence[Row[str, str, int | None, str]]) -> Voices | None:
    given = [row.room for row in answers if row.room is not None]
    if len(given) < FEWEST_VOICES:
        return None
    average = round(sum(given) / len(given), 1)
    return Voices(answered=len(given), average=average, lowest=min(given), highest=max(given))
