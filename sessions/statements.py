"""What `changes` asks of the database: statements built once, with the session, revision and seat to be filled in.

Building a statement takes ten times as long as running it, and every flush asks all of them. What the answers mean is
not decided here.
"""

from sqlalchemy import BindParameter, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from sessions import tally
from sessions.models import CheckIn, Contribution, Evidence, Seat, Step, Vote, Wording

_Original = aliased(Wording)
_COLUMNS = tuple(column for column in Contribution.__table__.c if column.name != "session_id")

_SESSION: BindParameter[int] = bindparam("session")
_SINCE: BindParameter[int] = bindparam("since")
_SEAT: BindParameter[int] = bindparam("seat")

_CARDS = (
    select(
        *_COLUMNS,
        Wording.text,
        _Original.text.label("original"),
        func.coalesce(Contribution.published_rev, Contribution.created_rev).label("order"),
    )
    .outerjoin(
        Wording,
        (Wording.session_id == Contribution.session_id)
        & (Wording.contribution_id == Contribution.id)
        & Wording.current,
    )
    .outerjoin(
        _Original,
        (_Original.session_id == Contribution.session_id)
        & (_Original.contribution_id == Contribution.id)
        & (_Original.by == "author")
        & ~_Original.current,
    )
    .where(Contribution.session_id == _SESSION)
    .order_by("order")
)
NAMED = _CARDS.where(Contribution.id.in_(bindparam("which", expanding=True)))
CHANGED = _CARDS.where(Contribution.rev > _SINCE)
OWN_CHANGED = CHANGED.where(Contribution.seat_id == _SEAT)
_AUTHORS = select(Contribution.seat_id).where(
    Contribution.session_id == _SESSION, Contribution.rev > _SINCE, Contribution.seat_id.is_not(None)
)
_VOTERS = (
    select(Vote.seat_id)
    .outerjoin(Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
    .where(Vote.session_id == _SESSION, or_(Vote.rev > _SINCE, (Contribution.rev > _SINCE) & (Vote.dots > 0)))
)
TOUCHED = _AUTHORS.union(_VOTERS)
BALLOT = (
    select(Contribution.id)
    .where(Contribution.session_id == _SESSION, Contribution.state == "shown", Contribution.kind == "action")
    .order_by(Contribution.published_rev)
)
MINE = tally.COUNTED.where(Vote.session_id == _SESSION, Vote.seat_id == _SEAT).order_by(Vote.target)
VOTES_SINCE = select(Vote.seat_id, Vote.target).where(Vote.session_id == _SESSION, Vote.rev > _SINCE)
SEAT_SINCE = select(Seat.id).where(Seat.session_id == _SESSION, Seat.rev > _SINCE).limit(1)
_TURN: BindParameter[int] = bindparam("turn")
_VOTED = Seat.id.in_(tally.COUNTED.with_only_columns(Vote.seat_id).where(Vote.session_id == _SESSION))
PEOPLE = select(
    func.count(),
    func.count().filter(Seat.ready_turn == _TURN),
    func.count().filter(_VOTED),
    func.count().filter(or_(_VOTED, Seat.passed_turn == _TURN)),
    func.count().filter(Seat.pretend),
).where(Seat.session_id == _SESSION, ~Seat.left)
STEPS = select(*Step.__table__.c).where(Step.session_id == _SESSION, Step.rev > _SINCE).order_by(Step.created_rev)
CHECK_INS = (
    select(CheckIn.step_id, CheckIn.at, CheckIn.status, CheckIn.note)
    .where(CheckIn.session_id == _SESSION)
    .order_by(CheckIn.rev)
)
EVIDENCE = select(
    Evidence.rev, Evidence.kind, Evidence.title, Evidence.text, Evidence.link, Evidence.alt, Evidence.example
).where(Evidence.session_id == _SESSION)
