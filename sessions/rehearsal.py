"""A rehearsal: pretend phones' way into a session, and clearing away everything they did.

What pretend phones do is `cafe.rehearse`'s: they come by the protocol like any other. Their seats and words are marked
from the start, and only a link made here gives such a seat.
"""

from sqlalchemy import Connection, bindparam, func, select, update

from sessions import agenda, door, links, world
from sessions.commands import Refused
from sessions.models import Contribution, Credential, HeldVote, LiveSession, Reflection, Seat, Step, Theme, Vote
from sessions.permissions import Visitor
from sessions.rules import contributions, stages
from sessions.rules.act import Act
from sessions.store import SessionRow, again

MOST_PHONES = 60
_PRETEND = select(Seat.id).where(Seat.session_id == bindparam("session"), Seat.pretend, ~Seat.left)
_SPARE = 4  # links for those who leave and come again, a quarter of all


def invite(db: Connection, session: SessionRow, phones: int) -> tuple[str, ...]:
    """Return one-time links for pretend phones, with some to spare; raises Refused when the café has closed."""
    if session.cafe_state == "closed":
        raise Refused("session_closed", "This café has closed, so there is nothing left to rehearse.")
    visitor = Visitor("newcomer", session.organisation_id, session.id)
    return tuple(links.make(db, "pretend", visitor) for _ in range(phones + max(1, phones // _SPARE)))


def seats(db: Connection, session_id: int) -> int:
    """Return how many pretend phones hold a seat now."""
    return db.execute(select(func.count()).select_from(_PRETEND.subquery()), {"session": session_id}).scalar_one()


def clear(db: Connection, session: SessionRow, by: Visitor) -> bool:
    """End a rehearsal and take away all that it left: words, dots, seats and steps; the room goes back to its start.

    What real people wrote stays. Without a rehearsal nothing is done, and False returned.
    """
    links.drop(db, "pretend", session.id)
    everyone = tuple(db.execute(select(Seat.id).where(Seat.session_id == session.id, Seat.pretend)).scalars())
    words = _words(db, session)
    if not seats(db, session.id) and not words:
        return False
    rev = door.record(db, session, by.actor, "clear_rehearsal")
    act = Act(db, again(db, session), by, rev, world.now())
    for contribution in words:
        contributions.take_back(act, contribution)
    _zero(act, everyone)
    _dissolve(act)
    _see_out(act, everyone)
    _start_again(act)
    return True


def _words(db: Connection, session: SessionRow) -> tuple[str, ...]:
    rows = db.execute(
        select(Contribution.id).where(
            Contribution.session_id == session.id,
            Contribution.pretend,
            Contribution.state.not_in(("withdrawn", "erased")),
        )
    )
    return tuple(rows.scalars())


def _zero(act: Act, everyone: tuple[int, ...]) -> None:
    """Take the dots and answers of pretend phones away; their rows stay, as no row goes that a view could show."""
    for table in (Vote, HeldVote):
        theirs = (table.session_id == act.session.id, table.seat_id.in_(everyone), table.dots > 0)
        act.db.execute(update(table).where(*theirs).values(dots=0, rev=act.rev))
    act.db.execute(
        update(Reflection)
        .where(Reflection.session_id == act.session.id, Reflection.seat_id.in_(everyone))
        .values(differently="", first="", room=None, flags="", rev=act.rev)
    )


def _dissolve(act: Act) -> None:
    """Dissolve the themes that held nothing else, and drop the steps that came from what has gone."""
    its = Contribution.session_id == act.session.id
    gone = set(act.db.execute(select(Contribution.id).where(its, Contribution.pretend)).scalars())
    real = select(Contribution.theme).where(its, ~Contribution.pretend, Contribution.theme.is_not(None))
    themes = act.db.execute(
        update(Theme)
        .where(Theme.session_id == act.session.id, Theme.state == "shown", Theme.id.not_in(real))
        .values(state="dissolved", rev=act.rev)
        .returning(Theme.id)
    )
    gone |= set(themes.scalars())
    act.db.execute(
        update(Step)
        .where(Step.session_id == act.session.id, Step.state == "agreed", Step.target.in_(gone))
        .values(state="dropped", rev=act.rev)
    )


def _see_out(act: Act, everyone: tuple[int, ...]) -> None:
    act.db.execute(update(Seat).where(Seat.id.in_(everyone), ~Seat.left).values(left=True, rev=act.rev))
    act.db.execute(
        update(Credential)
        .where(Credential.seat_id.in_(everyone), Credential.revoked_at.is_(None))
        .values(revoked_at=act.now)
    )


def _start_again(act: Act) -> None:
    """Put the room at its first stage, with nothing on the screen, no clock running and no list to choose from."""
    first = agenda.stages(act.session.agenda, agenda.course(act.session))[0].id
    settings = {"closes_at": None, "timer_ends_at": None, "spotlight": None, "blank": False}
    act.db.execute(update(LiveSession).where(LiveSession.id == act.session.id).values(ballot=None))
    stages.open_stage(act, first, {}, **settings)
